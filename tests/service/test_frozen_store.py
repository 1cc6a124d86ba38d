"""A PostgreSQL that is frozen: no call waits for it for long, and `/readyz` says so."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from service import create_app, demo_settings
from service.health import STORE_UNREACHABLE
from service.migrate import newest
from service.store import Store, StoreError, make_engine, open_store
from tests.service.ward import Ward

SOON_S = 6.0


def backends(url: str) -> list[int]:
    """The processes of the server that serve a database, but for the one that is asked."""
    asked = "SELECT pid, pg_backend_pid() AS own FROM pg_stat_activity WHERE datname = :name"
    engine = make_engine(url)
    with engine.connect() as connection:
        found = connection.execute(text(asked), {"name": engine.url.database}).all()
    engine.dispose()
    return [row.pid for row in found if row.pid != row.own]


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


@contextmanager
def frozen(*pids: int) -> Iterator[None]:
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@pytest.fixture
def url(postgres: Callable[[], str]) -> str:
    return postgres()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    made = open_store(demo_settings(database_url=url))
    yield made
    made.close()


def test_a_connection_that_is_frozen_is_replaced(url: str, store: Store) -> None:
    store.has_revision(newest())
    with frozen(*backends(url)):
        started = time.monotonic()
        assert store.has_revision(newest())
        assert time.monotonic() - started < SOON_S


def test_what_is_frozen_in_the_middle_is_an_error(url: str, store: Store) -> None:
    started = time.monotonic()
    with (
        pytest.raises(StoreError, match="why"),
        store.brief("why") as cursor,
        frozen(*backends(url)),
    ):
        cursor.execute("SELECT 1")
    assert time.monotonic() - started < SOON_S
    assert store.has_revision(newest())


def test_a_server_that_is_frozen_holds_up_no_hook_and_is_not_ready(url: str) -> None:
    ward = Ward(url)
    assert ward.view(2)
    workers = backends(url)
    with frozen(parent(workers[0]), *workers):
        started = time.monotonic()
        cards = ward.view(2)
        after_hook = time.monotonic()
        ready = ward.app.test_client().get("/readyz")
        after_ready = time.monotonic()

    assert len(cards) == 1
    assert (ready.status_code, ready.get_json()["issue"][0]["diagnostics"]) == (
        503,
        STORE_UNREACHABLE,
    )
    assert after_hook - started < SOON_S
    assert after_ready - after_hook < SOON_S


def test_a_server_that_is_frozen_stops_the_first_start(url: str, store: Store) -> None:
    store.has_revision(newest())
    workers = backends(url)
    with frozen(parent(workers[0]), *workers), pytest.raises(ValueError, match="cannot be opened"):
        create_app(demo_settings(database_url=url))
