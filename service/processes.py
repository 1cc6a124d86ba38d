"""Starts programs beside this one, waits until they answer, and stops them whatever happens."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import IO, Final

import requests

HOST: Final = "127.0.0.1"
_STOP_S = 10.0
_POLL_S = 0.1
_SHOWN = 2000


class ProcessError(RuntimeError):
    """A program did not start, or ended while it was needed."""


@contextmanager
def running(command: Sequence[str], url: str, patience_s: float = 60.0) -> Iterator[Program]:
    """The program of `command`, once `url` answers; stopped on leaving.

    It is in a session of its own, so that Ctrl-C reaches this process alone, which then stops it.

    Raises:
        ProcessError: it ended early, or does not answer in time.
    """
    with tempfile.NamedTemporaryFile(prefix="cart-cds-", suffix=".log") as log:
        program = Program(command, log)
        try:
            program.wait_for(url, patience_s)
            yield program
        finally:
            program.stop()


class Program:
    """A child process; what it prints goes to `log`."""

    def __init__(self, command: Sequence[str], log: IO[bytes]) -> None:
        """Start it."""
        self._log = log
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
            command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
        )

    @property
    def log_name(self) -> str:
        """Where what it prints can be read."""
        return str(self._log.name)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def check(self) -> None:
        """Raises `ProcessError` with the end of its log where it has ended."""
        if self._process.poll() is not None:
            raise ProcessError(f"a process ended by itself: {self._said()}")

    def wait_for(self, url: str, patience_s: float) -> None:
        """Return once `url` answers; raises `ProcessError` where it does not in time."""
        deadline = time.monotonic() + patience_s
        with requests.Session() as session:
            session.trust_env = False
            while not _answers(session, url):
                self.check()
                if time.monotonic() > deadline:
                    raise ProcessError(f"{url} does not answer: {self._said()}")
                time.sleep(_POLL_S)

    def stop(self, patience_s: float = _STOP_S) -> None:
        """End it and what it started: politely, then for good."""
        self._process.terminate()
        try:
            self._process.wait(patience_s)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _said(self) -> str:
        self._log.seek(0)
        return self._log.read()[-_SHOWN:].decode(errors="replace").strip()


def _answers(session: requests.Session, url: str) -> bool:
    try:
        return session.get(url, timeout=2).ok
    except requests.RequestException:
        return False


def any_free_port() -> int:
    """A port of loopback that nobody listens on, another one each time."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def free_port(wanted: int) -> int:
    """The first port of loopback from `wanted` on that nobody listens on.

    Raises:
        ProcessError: there is none.
    """
    for port in range(wanted, min(wanted + 100, 1 << 16)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise ProcessError(f"no free port from {wanted} on")


def stay(programs: Sequence[Program]) -> None:
    """Return on Ctrl-C; raises `ProcessError` where a program ends first."""
    try:
        while True:
            for program in programs:
                program.check()
            time.sleep(_POLL_S)
    except KeyboardInterrupt:
        return


@contextmanager
def termination_as_interrupt() -> Iterator[None]:
    """Make SIGTERM what Ctrl-C is, so that everything is stopped on it too."""
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
