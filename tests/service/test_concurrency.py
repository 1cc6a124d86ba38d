"""Sixteen calls at once against a slow FHIR server: reads do not queue (design.md 8)."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask

from fhir_mappings.keys import KEYS
from service.fhir_client import POOL
from service.processes import HOST
from tests.charts import patient_view
from tests.ehr import prefetch_for
from tests.service.calls import ASSESSMENT, AUTHORIZATION, FEBRILE, PATH, graded, post, request
from tests.service.fleet import fleet, in_demo
from tests.slow_server import SEEN

ROOT = Path(__file__).parents[2]
CALLS, DELAY_S = 16, 0.2
BEYOND_S = 0.1
"""What a call may take beyond its queries, and one more of them."""
TRIES, PAUSE_S = 20, 0.5


class Case(NamedTuple):
    """How a call reads: its rounds and queries, and what the FHIR server has, by part of a URL."""

    rounds: int
    queries: int
    answered: dict[str, str]


_ANSWERED = {
    "patient": "/Patient/",
    "infusions": "MedicationAdministration?patient=patient-a&code=",
    "bedside": "&category=",
    "trends": "code=8310-5",
} | {key: f"/{KEYS[key].resource_type}?" for key in ("procedures", "given", "conditions")}
ONE_ROUND = Case(1, 12, _ANSWERED)
TWO_ROUNDS = Case(2, 14, _ANSWERED | {"bedside": "code=19996-8"})
"""A server that has no categories: vital signs are asked for again, by their codes."""


class Try(NamedTuple):
    """Sixteen calls at once: the slowest of them and the slowest query, in seconds."""

    call_s: float
    query_s: float
    queries: int
    found: tuple[Any, ...]

    def limit_s(self, rounds: int) -> float:
        """By when each call has to have ended, if no read waits for another call's."""
        return (rounds + 1) * self.query_s + BEYOND_S

    def is_met(self, rounds: int) -> bool:
        """Whether each call had ended by then."""
        return self.call_s < self.limit_s(rounds)


@contextmanager
def slow(answered: dict[str, str]) -> Iterator[str]:
    """A FHIR server that takes 200 ms for a query, and what it has."""
    delivered = prefetch_for(FEBRILE)
    bodies = {where: json.dumps(delivered[key]) for key, where in answered.items()}
    command = [sys.executable, "-m", "tests.slow_server", str(int(1000 * DELAY_S))]
    pipe = subprocess.PIPE
    with subprocess.Popen(  # noqa: S603
        command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(bodies) + "\n")
        process.stdin.flush()
        yield f"http://{HOST}:{process.stdout.readline().strip()}"
        process.stdin.close()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The service as it is deployed, with two workers."""
    store = tmp_path_factory.mktemp("store") / "store.sqlite3"
    with fleet(in_demo(f"sqlite:///{store}"), size=1) as (only,):
        yield only.url


def at_once(service: str, server: str) -> Try:
    """Sixteen calls, each on a connection of its own that is open already."""
    to = urlsplit(service).netloc
    body = json.dumps(patient_view({}) | {"fhirServer": server, "fhirAuthorization": AUTHORIZATION})
    seconds: list[float] = [0.0] * CALLS
    found: list[Any] = [None] * CALLS
    ready = threading.Barrier(CALLS)

    def ask(number: int) -> None:
        connection = http.client.HTTPConnection(to, timeout=30)
        connection.connect()
        ready.wait()
        started = time.monotonic()
        connection.request("POST", PATH, body, {"Content-Type": "application/json"})
        answer = connection.getresponse().read()
        seconds[number] = time.monotonic() - started
        connection.close()
        found[number] = json.loads(answer)["extension"][ASSESSMENT]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(CALLS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seen = requests.get(server + SEEN, timeout=10).json()
    return Try(max(seconds), seen["slowest_s"], seen["queries"], tuple(found))


@pytest.mark.parametrize("case", [ONE_ROUND, TWO_ROUNDS], ids=["one-round", "two-rounds"])
def test_sixteen_calls_do_not_queue(
    case: Case, service: str, app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each ends in under two of the slowest queries and 100 ms, three where it reads in two rounds.

    A read that waits for another call's would add one more. The grade is that of prefetch.
    The first try opens the connections, and other work on the machine may spoil some more, so that
    the best of several is judged.
    """
    tries: list[Try] = []
    with slow(case.answered) as server:
        while len(tries) < TRIES and not any(each.is_met(case.rounds) for each in tries):
            tries.append(at_once(service, server))
            time.sleep(PAUSE_S)
    figures = ", ".join(f"{each.call_s:.2f} of {each.limit_s(case.rounds):.2f}" for each in tries)
    with capsys.disabled():
        print(f"\nslowest of {CALLS} calls of {case.queries} queries, in s: {figures}")  # noqa: T201 - figures to be seen
    assert any(each.is_met(case.rounds) for each in tries)
    assert {each.queries for each in tries} == {CALLS * case.queries}
    by_prefetch = graded(post(app, request()))
    assert all(each.found == (by_prefetch,) * CALLS for each in tries)


def test_the_pool_holds_every_read_of_sixteen_calls() -> None:
    reads_a_call = len(KEYS) + 1
    assert CALLS * reads_a_call <= POOL
