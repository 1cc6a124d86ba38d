"""Feedback under load with a kill in the middle: `python -m tests.service.load` is the long run.

Who sends it does as an EHR should: what was not acknowledged is sent again, to another address.
"""

from __future__ import annotations

import http.client
import itertools
import json
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import func, select

from service.store import make_engine
from service.tables import FEEDBACK
from tests.service.calls import PATH
from tests.service.databases import postgres_server
from tests.service.fleet import fleet, in_demo

CONNECTIONS = 32
_HEADERS = {"Content-Type": "application/json"}
_PATIENCE_S = 60.0


@dataclass
class Sent:
    """What became of the posts: cards that were acknowledged, tries that failed, times in ms."""

    acknowledged: list[str] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def told(self) -> str:
        """One line for people."""
        cuts = statistics.quantiles(self.times, n=100)
        return (
            f"{len(self.acknowledged)} acknowledged in {self.seconds:.1f} s "
            f"({len(self.acknowledged) / self.seconds:.0f}/s), p50 {cuts[49]:.0f} ms, "
            f"p99 {cuts[98]:.0f} ms, failed tries: {dict(self.failed)}"
        )


class _Sender:
    """One connection at a time, to one address after the other."""

    def __init__(self, urls: Sequence[str], sent: Sent, first: int) -> None:
        self._hosts = itertools.cycle([urlsplit(url).netloc for url in urls])
        for _ in range(first % len(urls)):
            next(self._hosts)
        self._connection = self._another()
        self._sent = sent

    def _another(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(next(self._hosts), timeout=30)

    def keep(self, card: str) -> None:
        """Send until it is acknowledged."""
        until = time.monotonic() + _PATIENCE_S
        while not self._send(card):
            self._connection.close()
            self._connection = self._another()
            if time.monotonic() > until:
                raise AssertionError(f"{card} was never acknowledged: {self._sent.failed}")
            time.sleep(0.05)

    def _send(self, card: str) -> bool:
        began = time.perf_counter()
        try:
            self._connection.request("POST", f"{PATH}/feedback", body_of(card), _HEADERS)
            answer = self._connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._sent.failed[type(error).__name__] += 1
            return False
        if answer.status != http.client.OK:
            self._sent.failed[str(answer.status)] += 1
            return False
        self._sent.times.append(1000 * (time.perf_counter() - began))
        self._sent.acknowledged.append(card)
        return True

    def close(self) -> None:
        self._connection.close()


def body_of(card: str) -> bytes:
    """A report of one card."""
    entry = {
        "card": card,
        "outcome": "overridden",
        "outcomeTimestamp": "2026-11-22T14:00:00Z",
        "overrideReason": {"userComment": f"on {card}"},
    }
    return json.dumps({"feedback": [entry]}).encode()


def send(
    urls: Sequence[str], posts: int, halfway: Callable[[], None], connections: int = CONNECTIONS
) -> Sent:
    """Send so many reports from so many connections; `halfway` is called once in the middle."""
    sent, numbers, lock = Sent(), iter(range(posts)), threading.Lock()

    def work(first: int) -> None:
        sender = _Sender(urls, sent, first)
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                break
            if number == posts // 2:
                halfway()
            sender.keep(f"card-{number}")
        sender.close()

    began = time.monotonic()
    with ThreadPoolExecutor(connections) as pool:
        for done in [pool.submit(work, number) for number in range(connections)]:
            done.result()
    sent.seconds = time.monotonic() - began
    return sent


def kept(database_url: str) -> dict[str, int]:
    """How often each card is in the store."""
    engine = make_engine(database_url)
    with engine.connect() as connection:
        rows = connection.execute(
            select(FEEDBACK.c.card, func.count()).group_by(FEEDBACK.c.card)
        ).all()
    engine.dispose()
    return {card: number for card, number in rows}  # noqa: C416 - rows are no tuples


def main(posts: int = 10_000) -> None:
    """The long run on PostgreSQL; exit status 1 where a report was lost or kept twice."""
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres_server() as new_database,
        fleet(in_demo(url := new_database()), 2, f"--worker-tmp-dir={Path(folder)}") as members,
    ):
        sent = send([each.url for each in members], posts, members[0].kill_a_worker)
        found = kept(url)
    wrong = {card: found.get(card, 0) for card in sent.acknowledged if found.get(card) != 1}
    sys.stdout.write(f"{sent.told()}\nnot in the store exactly once: {wrong or 'none'}\n")
    sys.exit(bool(wrong) or len(found) != posts)


if __name__ == "__main__":
    main()
