"""Sixteen calls at once, measured in a process of their own: `python -m tests.sixteen_calls`.

Reads one line of JSON, `{"body": a call, "tries": n, "limit_s": seconds}`, and prints one: the
slowest call and the processor time of each try, in seconds, and the assessments of the last one. It
stops trying once all calls of a try were within the limit.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from typing import Any

from flask import Flask

from service import create_app, demo_settings
from tests.service.calls import ASSESSMENT, post

CALLS = 16


def at_once(app: Flask, body: Any) -> tuple[float, list[Any]]:
    """How long the slowest of the calls took in seconds, and their assessments."""
    seconds: list[float] = [0.0] * CALLS
    found: list[Any] = [None] * CALLS
    ready = threading.Barrier(CALLS)

    def ask(number: int) -> None:
        ready.wait()
        started = time.monotonic()
        answer = post(app, body)
        seconds[number] = time.monotonic() - started
        found[number] = answer.get_json()["extension"][ASSESSMENT]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(CALLS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return max(seconds), found


def main() -> None:
    """Measure, and print what was seen."""
    told = json.loads(sys.stdin.readline())
    app = create_app(demo_settings(deadline_ms=10_000))
    wall: list[float] = []
    processor: list[float] = []
    found: list[Any] = []
    while len(wall) < told["tries"] and min(wall, default=told["limit_s"] + 1) > told["limit_s"]:
        used = time.process_time()
        slowest, found = at_once(app, told["body"])
        processor.append(time.process_time() - used)
        wall.append(slowest)
    print(json.dumps({"wall": wall, "processor": processor, "found": found}))  # noqa: T201


if __name__ == "__main__":
    main()
