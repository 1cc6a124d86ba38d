"""Keys from listed addresses: kept a while, rotated without a restart, asked for seldom."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from service import key_sets
from service.key_sets import FRESH_S, KEEP_S, PAUSE_S, KeysError, KeySets
from tests.service.identities import KeyServer, ec, key_server, public


class Clock:
    """Seconds that pass when the test says so."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def server() -> Iterator[KeyServer]:
    with key_server(ec()) as found:
        yield found


def kids(found: key_sets.KeySet) -> set[str | None]:
    return {key.kid for key in found}


def test_a_key_set_is_fetched_when_it_is_first_needed_and_then_kept(server: KeyServer) -> None:
    clock = Clock()
    sets = KeySets([server.jku], tick=clock)
    assert server.calls == []

    for _ in range(3):
        assert kids(sets.find(server.jku, "ec-1")) == {"ec-1"}
        clock.now += FRESH_S / 3 - 1
    assert len(server.calls) == 1


def test_it_is_fetched_again_when_it_is_no_longer_fresh(server: KeyServer) -> None:
    clock = Clock()
    sets = KeySets([server.jku], tick=clock)
    sets.find(server.jku, "ec-1")
    server.keys = []
    clock.now += FRESH_S

    with pytest.raises(KeysError, match="unknown-key"):
        sets.find(server.jku, "ec-1")
    assert len(server.calls) == 2


def test_a_new_kid_is_fetched_at_once_but_not_again_and_again(server: KeyServer) -> None:
    clock = Clock()
    sets = KeySets([server.jku], tick=clock)
    sets.find(server.jku, "ec-1")
    server.keys.append(public(ec("new")))
    clock.now += PAUSE_S

    assert kids(sets.find(server.jku, "new")) == {"ec-1", "new"}
    for _ in range(5):
        with pytest.raises(KeysError, match="unknown-key"):
            sets.find(server.jku, "never")
    assert len(server.calls) == 2
    clock.now += PAUSE_S
    with pytest.raises(KeysError):
        sets.find(server.jku, "never")
    assert len(server.calls) == 3


def test_a_server_that_fails_is_left_alone_for_a_while(server: KeyServer) -> None:
    clock = Clock()
    sets = KeySets([server.jku], tick=clock)
    server.status = 500
    for _ in range(3):
        with pytest.raises(KeysError, match="key-server-500"):
            sets.find(server.jku, "ec-1")
    assert len(server.calls) == 1
    server.status = 200
    clock.now += PAUSE_S

    assert kids(sets.find(server.jku, "ec-1")) == {"ec-1"}


def test_keys_are_kept_while_their_server_is_down_but_not_for_ever(server: KeyServer) -> None:
    clock = Clock()
    sets = KeySets([server.jku], tick=clock)
    sets.find(server.jku, "ec-1")
    server.status = 503
    clock.now += KEEP_S - 1

    assert kids(sets.find(server.jku, "ec-1")) == {"ec-1"}
    clock.now += 1
    with pytest.raises(KeysError, match="key-server-503"):
        sets.find(server.jku, "ec-1")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<html>", "key-set-not-json"),
        (b"\xff", "key-set-not-json"),
        (b"[" * 100_000, "key-set-not-json"),
        (b"[]", "no-key-set"),
        (b"{}", "no-key-set"),
        (b'{"keys": {}}', "no-key-set"),
        (b'{"keys": [7, null, {}]}', "unknown-key"),
        (b" " * (key_sets.MAX_BYTES + 1), "key-set-too-large"),
    ],
)
def test_what_is_no_key_set_gives_no_key(server: KeyServer, body: bytes, kind: str) -> None:
    server.body = body

    with pytest.raises(KeysError, match=kind):
        KeySets([server.jku]).find(server.jku, "ec-1")


@pytest.mark.parametrize(
    ("operations", "usable"),
    [
        (None, True),
        ([], True),
        (["verify"], True),
        (["sign", "verify"], True),
        (["sign"], False),
        (5, False),
        ("verify", False),
        ({"verify": True}, False),
        (["verify", 5], False),
    ],
)
def test_a_key_is_used_where_its_operations_say_so_and_an_odd_one_costs_no_other(
    server: KeyServer, operations: object, usable: bool
) -> None:
    server.keys.append(public(ec("odd"), key_ops=operations))
    found = KeySets([server.jku]).find(server.jku, "ec-1")

    assert kids(found) == ({"ec-1", "odd"} if usable else {"ec-1"})


def test_a_fetch_that_failed_is_logged_and_one_that_worked_is_not(
    server: KeyServer, caplog: pytest.LogCaptureFixture
) -> None:
    KeySets([server.jku]).find(server.jku, "ec-1")
    assert caplog.messages == []
    server.status = 500
    with pytest.raises(KeysError):
        KeySets([server.jku]).find(server.jku, "ec-1")

    assert caplog.messages == ["key_fetch_failed"]


def test_a_redirect_is_not_followed(server: KeyServer) -> None:
    with key_server(ec()) as other:
        server.status, server.location = 307, other.jku
        with pytest.raises(KeysError, match="key-server-307"):
            KeySets([server.jku]).find(server.jku, "ec-1")

        assert other.calls == []


def test_a_server_that_is_slow_is_not_waited_for(
    server: KeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_sets, "TIMEOUT_S", 0.0001)
    started = time.monotonic()

    with pytest.raises(KeysError, match="key-server-down"):
        KeySets([server.jku]).find(server.jku, "ec-1")
    assert time.monotonic() - started < 5


def test_many_calls_at_once_fetch_once(server: KeyServer) -> None:
    sets = KeySets([server.jku])
    gate = threading.Barrier(8)

    def find(_: int) -> set[str | None]:
        gate.wait(30)
        return kids(sets.find(server.jku, "ec-1"))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(find, range(8))) == [{"ec-1"}] * 8
    assert len(server.calls) == 1


def test_while_another_call_fetches_keys_that_are_kept_are_used(server: KeyServer) -> None:
    clock = Clock()
    sets = KeySets([server.jku], tick=clock)
    sets.find(server.jku, "ec-1")
    clock.now += FRESH_S
    with sets._kept[server.jku].lock:
        assert kids(sets.find(server.jku, "ec-1")) == {"ec-1"}

    assert len(server.calls) == 1
