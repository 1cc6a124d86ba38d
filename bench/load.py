"""Latency and throughput under load, own reads, size of the request, and the page about them."""

from __future__ import annotations

import json
import os
import platform
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import requests

from bench.aims import table
from bench.chart import Chart, many, reference_chart, request_body
from bench.memory import resident_kb
from bench.servers import Peer, connect, line, server, templates
from bench.slow_fhir import DELAY_S, slow_server
from sandbox import fhir_server

PATH = "/cds-services/cart-toxicity-patient-view"
_CALLS = 320
_OWN_READS = 40
_SIZES = (100, 1_000, 10_000)
_PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
_HEAD = """# Performance

Written by `make bench`, which measures everything in one run on the machine it is started on.
`parse only` is an endpoint of the same framework, server and JSON library that parses the body and
nothing else. Times are of the client, over loopback. Why grading takes longer than twice the
parse, and what was tried: [adr](adr/2026-11-26-grading-costs-more-than-parsing.md).

"""


def under_load(chart: Chart) -> Iterator[str]:
    """A line for each number of workers and of connections: times, calls a second, memory."""
    for workers in (1, 2):
        with server("service:create_app()", PATH, workers) as (peer, pid):
            body = request_body(chart, templates(peer))
            for _ in range(40 * workers):
                peer.post(body)
            for connections in (1, 16):
                times, seconds = _together(peer, body, connections)
                name = f"{workers} worker{'s' * (workers > 1)}, {connections} at once"
                yield f"{line(name, times)}   {len(times) / seconds:6.1f}/s"
            held = resident_kb(pid) / 1024
            yield f"resident memory, {workers} worker{'s' * (workers > 1)}: {held:.0f} MiB"


def _together(peer: Peer, body: bytes, connections: int) -> tuple[list[float], float]:
    """The times of all calls in ms, and the seconds that they took together."""
    times: list[float] = []
    port = peer.connection.port

    def work() -> None:
        own = Peer(connect(port), PATH)
        times.extend([own.post(body) for _ in range(_CALLS // connections)])

    threads = [threading.Thread(target=work) for _ in range(connections)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, time.perf_counter() - start


def own_reads(chart: Chart, peer: Peer, with_prefetch: float) -> Iterator[str]:
    """patient-view without prefetch, against a FHIR server that takes 50 ms for each search.

    For information, against sekmet-fhir too, which has the one patient and shares the processors.
    """
    with slow_server(chart) as base:
        times = _reading(chart, peer, base)
    yield line("no prefetch", times)
    more = statistics.median(times) - with_prefetch
    yield f"no prefetch, beyond patient-view: {more:.1f} ms of {1000 * DELAY_S:.0f} ms a search"
    with fhir_server.running(fhir_server.free_port()) as base:
        _load(chart, base)
        yield line("no prefetch, sekmet", _reading(chart, peer, base))


def _reading(chart: Chart, peer: Peer, base: str) -> list[float]:
    call = json.loads(request_body(chart, {}))
    body = json.dumps(call | {"prefetch": {}, "fhirServer": base}).encode()
    for _ in range(5):
        peer.post(body)
    return [peer.post(body) for _ in range(_OWN_READS)]


def _load(chart: Chart, base: str) -> None:
    with requests.Session() as session:
        session.trust_env = False
        for each in chart.resources:
            url = f"{base}/{each['resourceType']}/{each['id']}"
            session.put(url, json=each, timeout=30).raise_for_status()


def by_size(chart: Chart, peer: Peer) -> Iterator[str]:
    """How the time grows with the number of Observations; linear: the same time for each."""
    for size in _SIZES:
        body = request_body(many(chart, size), templates(peer), whole=True)
        peer.post(body)
        took = statistics.median([peer.post(body) for _ in range(5)])
        each = 1000 * took / size
        yield f"{size:6} Observations: {took:8.1f} ms, {each:6.1f} us each"


def write_page(lines: Sequence[str]) -> None:
    """Write `docs/performance.md`."""
    machine = f"{os.cpu_count()} processors, Python {platform.python_version()}"
    text = "\n".join(f"    {each}" for each in lines)
    aims = "\n".join(table(lines))
    _PAGE.write_text(f"{_HEAD}Machine: {machine}.\n\n{aims}\n\n{text}\n", "utf-8")


def more(with_prefetch: float) -> Iterator[str]:
    """Everything beyond the ratio, line by line."""
    chart = reference_chart()
    yield "under load:"
    yield from under_load(chart)
    with server("service:create_app()", PATH) as (peer, _):
        yield "own reads:"
        yield from own_reads(chart, peer, with_prefetch)
        yield "by size, in one call:"
        yield from by_size(chart, peer)
