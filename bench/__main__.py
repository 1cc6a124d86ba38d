"""Drives service and baseline in turn over loopback and prints their latencies and the ratio.

One gunicorn worker each, the same configuration, interleaved requests on one connection each; then
what `bench.load` measures. All of it goes to `docs/performance.md`.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence

from bench.chart import Chart, order_body, reference_chart, request_body
from bench.load import more, write_page
from bench.servers import line, percentile, server, templates

WARM_UP = 60
REQUESTS = 400
_PATH = "/cds-services/cart-toxicity-patient-view"
ORDER_PATH = "/cds-services/cart-toxicity-order-select"


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
        f"{chart.name}: {len(chart.resources)} resources, {len(body) / 1e6:.2f} MB",
        line("service", mine),
        line("order-select", ordering),
        line("parse only", theirs),
        f"p50 ratio: {_ratio(mine, theirs):.2f}",
        f"p99 ratio: {percentile(mine, 0.99) / percentile(theirs, 0.99):.2f}",
        f"order-select to patient-view: {_ratio(ordering, mine):.2f}",
        "stages, in one process:",
        *_stages(chart, body),
    ]
    sys.stdout.write("\n".join(out) + "\n")
    sys.stdout.flush()
    for told in more(statistics.median(mine)):
        out.append(told)
        sys.stdout.write(f"{told}\n")
        sys.stdout.flush()
    write_page(out)


if __name__ == "__main__":
    main()
