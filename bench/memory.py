"""Whether a worker keeps its size: its resident memory after 1,000 calls, and after many more.

Every call is of another patient, so that what is kept between calls would add up.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from bench.chart import order_body, reference_chart, request_body
from bench.servers import Peer, server, templates

ORDER_PATH = "/cds-services/cart-toxicity-order-select"
FIRST, LAST = 1_000, 50_000
MOST_GROWTH = 0.05
_EVERY = 5
"""One call in so many is an order-select."""
_SECOND_MARK = 5_000


def resident_kb(master: int) -> int:
    """The memory that the workers of a gunicorn hold."""
    workers = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    told = (Path(f"/proc/{worker}/status").read_text() for worker in workers)
    return sum(int(held) for text in told for held in re.findall(r"VmRSS:\s+(\d+) kB", text))


def main() -> None:
    """Run, print the sizes, and fail where the worker grew by more than 5 %."""
    chart, sizes = reference_chart(), {}
    with server("service:create_app()", "/cds-services/cart-toxicity-patient-view") as (ours, pid):
        body = request_body(chart, templates(ours))
        order = order_body(body, chart)
        for number in range(1, LAST + 1):
            _call(ours, body, order, (chart.patient_id, number))
            if number in (FIRST, LAST) or number % _SECOND_MARK == 0:
                sizes[number] = resident_kb(pid)
                sys.stdout.write(f"{number:6} calls: {sizes[number] / 1024:6.1f} MiB\n")
                sys.stdout.flush()
    growth = sizes[LAST] / sizes[FIRST] - 1
    sys.stdout.write(f"growth from {FIRST} to {LAST} calls: {100 * growth:+.1f} %\n")
    sys.exit(growth > MOST_GROWTH)


def _call(ours: Peer, body: bytes, order: bytes, patient: tuple[str, int]) -> None:
    name, number = patient
    other = f"patient-{number}".encode()
    if number % _EVERY:
        ours.post(body.replace(name.encode(), other))
    else:
        ours.post(order.replace(name.encode(), other), ORDER_PATH)


if __name__ == "__main__":
    main()
