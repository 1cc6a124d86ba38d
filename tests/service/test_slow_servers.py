"""A server that is slow, or drips, ends with the time for it, and takes nobody else's threads."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from threading import Event
from typing import Any

import pytest
import requests
import urllib3

from service import create_app, demo_settings
from service.access import Access, ReadError
from service.ending import EndingSocket, ending_at, step_s
from service.fhir_client import FhirClient
from service.key_sets import TIMEOUT_S, KeysError, KeySets
from service.outgoing import DEMO_REACH, guarded_session
from service.reads import Progress, Reader, Search
from service.shares import Shares
from tests.fhir_stub import running
from tests.service.calls import FEBRILE, detail, post, reading
from tests.service.hostile import dripping


def access(base: str, seconds: float) -> Access:
    return Access(base, "canary-token", time.monotonic() + seconds)


class SlowNames:
    """A resolver that needs `seconds` for a name, and then gives loopback, `times` over."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
        self._real, self._seconds = socket.getaddrinfo, seconds
        monkeypatch.setattr(socket, "getaddrinfo", self)

    def __call__(self, host: str, *args: Any, **kwargs: Any) -> Any:
        time.sleep(self._seconds)
        return self._real(host, *args, **kwargs)


# --- one end for an exchange ---------------------------------------------------------------------


def test_a_step_gets_what_is_left_and_after_the_end_nothing() -> None:
    assert step_s(7) == 7
    with ending_at(time.monotonic() + 5):
        assert 4 < step_s(7) <= 5
        with ending_at(time.monotonic()), pytest.raises(TimeoutError):
            step_s(7)
    assert step_s(None) is None


def test_nothing_is_sent_after_the_end() -> None:
    ours, theirs = socket.socketpair()
    with EndingSocket(fileno=ours.detach()) as ending, theirs:
        with ending_at(time.monotonic()), pytest.raises(TimeoutError):
            ending.sendall(b"late")
        ending.sendall(b"in time")

        assert theirs.recv(100) == b"in time"


def test_headers_that_drip_end_with_the_time_for_reads() -> None:
    started = time.monotonic()
    with dripping() as base, pytest.raises(ReadError, match="timeout"):
        FhirClient(1000).get(access(base, 0.5), f"{base}/Procedure")

    assert 0.4 < time.monotonic() - started < 5


def test_without_an_end_a_session_waits_as_its_timeout_says() -> None:
    with running() as stub, guarded_session(DEMO_REACH) as session:
        assert session.get(f"{stub.url}/Procedure", timeout=5).status_code == 200


# --- threads -------------------------------------------------------------------------------------


def reads_of(reader: Reader, base: str, count: int, seconds: float = 1) -> tuple[Progress, ...]:
    search = Search("procedures", "Procedure", f"{base}/Procedure")
    return reader.read(access(base, seconds), [search] * count)


def test_a_server_that_drips_takes_nothing_from_another_one() -> None:
    """Reads of the healthy one would wait until those of the other give up, after four seconds."""
    reader = Reader(FhirClient(1000))
    with running() as healthy, dripping() as base, ThreadPoolExecutor(8) as calls:
        slow = [calls.submit(reads_of, reader, base, 30, 4) for _ in range(8)]
        time.sleep(0.3)
        found = reads_of(reader, healthy.url, 10, 3)
        still_reading = not any(each.done() for each in slow)

    assert [each.failure for each in found] == [None] * 10
    assert still_reading


def test_once_the_time_is_over_no_thread_is_busy_with_it() -> None:
    reader = Reader(FhirClient(1000))
    with dripping() as base:
        assert {each.failure for each in reads_of(reader, base, 200)} == {"timeout"}
        time.sleep(0.5)

        assert reader._shares._held.total() == 0


def test_what_waits_for_a_thread_of_its_server_is_read_in_turn() -> None:
    shares, gate = Shares(8, most=2), Event()
    order: list[int] = []

    def work(number: int) -> None:
        gate.wait(30)
        order.append(number)

    slow = [shares.submit("a", partial(work, number)) for number in range(6)]
    slow[3].cancel()
    other = shares.submit("b", partial(order.append, 7))
    other.result(30)
    assert shares._held["a"] == 2
    gate.set()
    wait(slow, 30)

    assert order[0] == 7
    assert sorted(order[1:]) == [0, 1, 2, 4, 5]


def test_a_bug_in_a_read_reaches_who_asked_and_the_next_one_runs() -> None:
    def fail() -> None:
        raise ZeroDivisionError

    shares = Shares(8, most=1)
    with pytest.raises(ZeroDivisionError):
        shares.submit("a", fail).result(30)
    assert shares.submit("a", lambda: None).result(30) is None


# --- tokens --------------------------------------------------------------------------------------


def test_a_name_that_is_found_too_late_gets_no_request(monkeypatch: pytest.MonkeyPatch) -> None:
    SlowNames(monkeypatch, 0.4)
    with running(FEBRILE) as stub, pytest.raises(ReadError, match="timeout"):
        FhirClient(1000).get(access(stub.url, 0.2), f"{stub.url}/Procedure")

    assert stub.calls == []


@pytest.mark.parametrize(
    ("deadline_ms", "expires_in"), [(300, 300), (10_000, 1)], ids=["the call", "the token"]
)
def test_nothing_is_asked_once_the_call_is_answered_or_the_token_is_over(
    monkeypatch: pytest.MonkeyPatch, deadline_ms: int, expires_in: int
) -> None:
    app = create_app(demo_settings(deadline_ms=deadline_ms))
    with running(FEBRILE) as stub:
        body = reading(stub)
        body["fhirAuthorization"] = body["fhirAuthorization"] | {"expires_in": expires_in}
        SlowNames(monkeypatch, 1.2)
        answer = post(app, body)
        time.sleep(1.4)

    assert "did not answer in time" in detail(answer)
    assert stub.calls == []


def test_the_addresses_of_a_name_share_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float] = []

    def late(_: Any, timeout: float, **__: Any) -> socket.socket:
        given.append(timeout)
        time.sleep(0.2)
        raise TimeoutError

    monkeypatch.setattr(urllib3.util.connection, "create_connection", late)
    entry = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
    found = [(*entry, (f"127.0.0.{number}", 80)) for number in range(1, 9)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with (
        ending_at(time.monotonic() + 0.5),
        guarded_session(DEMO_REACH) as session,
        pytest.raises(requests.ConnectTimeout),
    ):
        session.get("http://localhost/fhir", timeout=0.5)

    assert len(given) == 3
    assert given == sorted(given, reverse=True)


# --- keys ----------------------------------------------------------------------------------------


def test_key_sets_that_drip_hold_no_call_longer_than_a_fetch() -> None:
    def ask(sets: KeySets, url: str) -> float:
        started = time.monotonic()
        with pytest.raises(KeysError):
            sets.find(url, "ec-1")
        return time.monotonic() - started

    with dripping() as base, ThreadPoolExecutor(4) as pool:
        sets = KeySets([base])
        taken = list(pool.map(lambda _: ask(sets, base), range(4)))

    assert max(taken) < 2 * TIMEOUT_S


def test_a_call_does_not_wait_for_the_fetch_of_another_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("service.key_sets.TIMEOUT_S", 0.1)
    sets = KeySets(["https://ehr.example.org/jwks.json"])
    (kept,) = sets._kept.values()

    with kept.lock, pytest.raises(KeysError):
        sets.find("https://ehr.example.org/jwks.json", "ec-1")
