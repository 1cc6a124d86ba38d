"""Drives service and baseline in turn over loopback and prints their latencies and the ratio.

One gunicorn worker each, the same configuration, interleaved requests on one connection each.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from bench.chart import Chart, order_body, reference_chart, request_body

WARM_UP = 60
REQUESTS = 400
START_S = 30
_HEADERS = {"Content-Type": "application/json"}
_PATH = "/cds-services/cart-toxicity-patient-view"
ORDER_PATH = "/cds-services/cart-toxicity-order-select"


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


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def server(factory: str, path: str) -> Iterator[tuple[Peer, int]]:
    """A server of one worker that is never replaced, and its process id."""
    port = _free_port()
    command = [
        sys.executable, "-m", "gunicorn", factory, "--bind", f"127.0.0.1:{port}", "--workers", "1",
        "--config", "python:service.gunicorn_conf", "--log-level", "error", "--max-requests", "0",
    ]  # fmt: skip
    environment = {**os.environ, "CART_CDS_MODE": "demo"}  # noqa: TID251 - a server's environment
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        yield Peer(_connect(port), path), process.pid
    finally:
        process.terminate()
        process.wait(timeout=START_S)


def _connect(port: int) -> http.client.HTTPConnection:
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


def _percentile(times: Sequence[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


def _line(name: str, times: Sequence[float]) -> str:
    p50, p95, p99 = (_percentile(times, share) for share in (0.5, 0.95, 0.99))
    return f"{name:<22} p50 {p50:6.2f} ms   p95 {p95:6.2f} ms   p99 {p99:6.2f} ms"


def _ratio(times: Sequence[float], others: Sequence[float]) -> float:
    return statistics.median(times) / statistics.median(others)


def _stages(chart: Chart, body: bytes) -> Iterator[str]:
    """Milliseconds of each stage in this process, the median of many."""
    from bench.stages import stages  # noqa: PLC0415 - imports the product only when asked

    for name, work in stages(chart, body):
        yield f"  {name:<20} {_median(work):6.3f} ms"


def _median(work: Callable[[], object], times: int = 60) -> float:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken)


def main() -> None:
    """Run and print."""
    chart = reference_chart()
    with (
        server("service:create_app()", _PATH) as (ours, _),
        server("bench.baseline:create_app()", "/parse") as (baseline, _),
    ):
        body = request_body(chart, templates(ours))
        order = order_body(body, chart)
        for _ in range(WARM_UP):
            ours.post(body)
            ours.post(order, ORDER_PATH)
            baseline.post(body)
        rounds = [
            (ours.post(body), ours.post(order, ORDER_PATH), baseline.post(body))
            for _ in range(REQUESTS)
        ]
    mine, ordering, theirs = zip(*rounds, strict=True)
    out = [
        f"reference request: {len(chart.resources)} resources, {len(body) / 1e6:.2f} MB",
        _line("service", mine),
        _line("order-select", ordering),
        _line("parse only", theirs),
        f"p50 ratio: {_ratio(mine, theirs):.2f}",
        f"order-select to patient-view: {_ratio(ordering, mine):.2f}",
        "stages, in one process:",
        *_stages(chart, body),
    ]
    sys.stdout.write("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
