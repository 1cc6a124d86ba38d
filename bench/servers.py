"""The servers under test, each on loopback, and the times of calls to them."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import NamedTuple

from service.processes import any_free_port

START_S = 30
_HEADERS = {"Content-Type": "application/json"}


class Peer(NamedTuple):
    """A server under test: connection and path."""

    connection: http.client.HTTPConnection
    path: str

    def post(self, body: bytes, path: str = "") -> float:
        """Milliseconds of one call; anything but a 200 ends the run."""
        start = time.perf_counter()
        self.connection.request("POST", path or self.path, body, _HEADERS)
        response = self.connection.getresponse()
        response.read()
        elapsed = (time.perf_counter() - start) * 1000
        if response.status != http.client.OK:
            raise SystemExit(f"{path or self.path} answered {response.status}")
        return elapsed


@contextmanager
def server(factory: str, path: str, workers: int = 1) -> Iterator[tuple[Peer, int]]:
    """A server whose workers are never replaced, with a store of its own, and its process id."""
    port = any_free_port()
    command = [
        sys.executable, "-m", "gunicorn", factory, "--bind", f"127.0.0.1:{port}",
        "--workers", str(workers), "--config", "python:service.gunicorn_conf",
        "--log-level", "error", "--max-requests", "0",
    ]  # fmt: skip
    with TemporaryDirectory() as folder:
        environment = {
            **os.environ,  # noqa: TID251 - a server's environment
            "CART_CDS_MODE": "demo",
            "CART_CDS_DATABASE_URL": f"sqlite:///{folder}/store.sqlite3",
        }
        process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)  # noqa: S603
        try:
            yield Peer(connect(port), path), process.pid
        finally:
            process.terminate()
            process.wait(timeout=START_S)


def connect(port: int) -> http.client.HTTPConnection:
    """A connection to a server that may still be starting."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_S)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return connection
    raise SystemExit("a server did not start")


def templates(peer: Peer) -> dict[str, str]:
    """The prefetch templates of patient-view."""
    peer.connection.request("GET", "/cds-services")
    services = json.loads(peer.connection.getresponse().read())["services"]
    found: dict[str, str] = services[0]["prefetch"]
    return found


def percentile(times: Sequence[float], share: float) -> float:
    """The time that `share` of the calls do not exceed."""
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


def line(name: str, times: Sequence[float]) -> str:
    """The percentiles of some times in ms."""
    p50, p95, p99 = (percentile(times, share) for share in (0.5, 0.95, 0.99))
    return f"{name:<22} p50 {p50:6.2f} ms   p95 {p95:6.2f} ms   p99 {p99:6.2f} ms"
