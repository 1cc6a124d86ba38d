"""The demo EHR's FHIR R4 server: sekmet-fhir on loopback, its database in a temporary folder."""

from __future__ import annotations

import logging
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final

import requests

HOST: Final = "127.0.0.1"
_START_S: Final = 30
_STOP_S: Final = 10


class ServerError(RuntimeError):
    """The FHIR server is not installed, or did not start."""


def base_url(port: int) -> str:
    """The FHIR base of the server on that port."""
    return f"http://{HOST}:{port}/fhir"


def serve(port: int) -> None:
    """Runs the server in this process until it is interrupted or terminated.

    Raises `ServerError` where sekmet-fhir is not installed (extra `sandbox`), `SystemExit` when
    told to stop: uvicorn hands its signal on, and the folder must be gone before the process is.
    """
    try:
        import uvicorn  # noqa: PLC0415 - comes with the optional sekmet-fhir
        from sekmet.main import create_app  # type: ignore[import-untyped]  # noqa: PLC0415
    except ImportError as error:
        raise ServerError("sekmet-fhir is not installed: pip install .[sandbox]") from error
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, _leave)
    logging.basicConfig(level=logging.WARNING)  # before sekmet, which would ask for more
    with tempfile.TemporaryDirectory(prefix="cart-cds-sandbox-") as folder:
        app = create_app(_settings(port, Path(folder)))
        uvicorn.run(app, host=HOST, port=port, log_level="warning", access_log=False)


@contextmanager
def running(port: int) -> Iterator[str]:
    """Runs the server as a process of its own and gives its base URL once it answers.

    Raises `ServerError` where it ends early or does not answer in time. It is stopped on leaving.
    """
    command = [sys.executable, "-m", "sandbox", "serve", "--port", str(port)]
    process = subprocess.Popen(command)  # noqa: S603 - our own interpreter and arguments
    try:
        _wait_until_ready(process, base_url(port))
        yield base_url(port)
    finally:
        _stop(process)


def free_port() -> int:
    """A port of loopback that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def _settings(port: int, folder: Path) -> Any:
    """Everything in `folder`; no simulator, or the server would carry out orders by itself."""
    from sekmet.config import Settings  # type: ignore[import-untyped]  # noqa: PLC0415

    return Settings.model_validate(
        {
            "base_url": base_url(port),
            "host": HOST,
            "port": port,
            "data_dir": str(folder),
            "own_private_key_path": str(folder / "key.pem"),
            "facility_name": "Demo hospital",
            "simulator": {"enabled": False},
            "log_inbound": False,
        }
    )


def _wait_until_ready(process: subprocess.Popen[bytes], base: str) -> None:
    deadline = time.monotonic() + _START_S
    with requests.Session() as session:
        session.trust_env = False
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise ServerError(f"the FHIR server ended with status {process.returncode}")
            if _answers(session, base):
                return
            time.sleep(0.05)
    raise ServerError(f"the FHIR server did not answer within {_START_S} s")


def _answers(session: requests.Session, base: str) -> bool:
    try:
        return session.get(f"{base}/metadata", timeout=2).ok
    except requests.RequestException:
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
