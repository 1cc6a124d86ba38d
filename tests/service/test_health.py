"""Whether the process runs, and whether it can answer: the store, its revision, its keys."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from grading.knowledge import EDITION
from service import create_app, demo_settings
from service.health import (
    KEYS_UNREADABLE,
    STORE_REVISION,
    STORE_UNREACHABLE,
    Readiness,
)
from service.migrate import newest
from service.settings import Settings
from service.store import Store, StoreError, make_engine, open_store
from tests.service.identities import ec, production, public


def made(folder: Path, database_url: str) -> tuple[Settings, Flask]:
    open_store(demo_settings(database_url=database_url)).close()
    client = {"name": "a", "issuer": "https://sandbox.example.org", "keys": [public(ec())]}
    settings = production(folder, client, database_url=database_url)
    return settings, create_app(settings)


def asked(app: Flask) -> tuple[int, list[str]]:
    answer = app.test_client().get("/readyz")
    issues = answer.get_json().get("issue", [])
    return answer.status_code, [issue["diagnostics"] for issue in issues]


def execute(database_url: str, statement: str) -> None:
    engine = make_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_a_process_that_runs_is_alive(app: Flask) -> None:
    response = app.test_client().get("/healthz")

    assert response.status_code == 200
    assert response.get_json() == {"status": "ok"}


def test_a_ready_process_tells_its_mode_and_edition(app: Flask) -> None:
    assert app.test_client().get("/readyz").get_json() == {
        "status": "ready",
        "mode": "demo",
        "contentEdition": EDITION,
    }


def test_a_store_of_this_revision_is_ready(tmp_path: Path, database_url: str) -> None:
    assert asked(made(tmp_path, database_url)[1]) == (200, [])


def test_a_store_that_another_release_upgraded_is_not(tmp_path: Path, database_url: str) -> None:
    _, app = made(tmp_path, database_url)
    execute(database_url, "UPDATE alembic_version SET version_num = 'another'")

    assert asked(app) == (503, [STORE_REVISION])


def test_a_store_without_its_tables_is_not(tmp_path: Path, database_url: str) -> None:
    _, app = made(tmp_path, database_url)
    execute(database_url, "DROP TABLE alembic_version")

    assert asked(app) == (503, [STORE_UNREACHABLE])


def test_a_database_that_is_gone_is_not_and_a_process_stays_alive(
    tmp_path: Path, postgres: Callable[[], str]
) -> None:
    url = postgres()
    _, app = made(tmp_path, url)
    name = url.partition("@/")[2].partition("?")[0]
    elsewhere = make_engine(url.replace(name, "postgres"))
    with elsewhere.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    elsewhere.dispose()

    assert asked(app) == (503, [STORE_UNREACHABLE])
    assert app.test_client().get("/healthz").status_code == 200


def test_keys_that_a_restart_could_not_read_are_told(tmp_path: Path) -> None:
    settings, app = made(tmp_path, f"sqlite:///{tmp_path / 'store.sqlite3'}")
    Path(settings.store_keys).unlink()

    assert asked(app) == (503, [KEYS_UNREADABLE])


def test_what_is_wanting_is_logged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings, app = made(tmp_path, f"sqlite:///{tmp_path / 'store.sqlite3'}")
    Path(settings.store_keys).unlink()
    asked(app)
    logged = capsys.readouterr().err

    assert '"event":"readiness_lost"' in logged
    assert f'"codes":["{KEYS_UNREADABLE}"]' in logged


class Answers(Store):
    """A store that answers as it is told, and counts how often it is asked."""

    def __init__(self, answers: Iterator[Any]) -> None:
        self.asked = 0
        self._answers = answers

    def has_revision(self, revision: str) -> bool:
        self.asked += 1
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            answer()
        return revision != ""


def test_the_store_is_asked_once_a_second_at_most() -> None:
    store = Answers(iter([None, StoreError("canary"), None]))
    instants = [0.0]
    readiness = Readiness(demo_settings(), store, lambda: instants[0])
    found = []
    for instant in (0.0, 0.9, 1.0, 1.5, 2.0):
        instants[0] = instant
        found.append(readiness.reasons())

    assert found == [(), (), (STORE_UNREACHABLE,), (STORE_UNREACHABLE,), ()]
    assert store.asked == 3


def test_a_check_that_takes_too_long_is_an_answer() -> None:
    entered, leave = threading.Event(), threading.Event()
    instants = [0.0]

    def slow() -> None:
        entered.set()
        leave.wait(10)

    readiness = Readiness(demo_settings(), Answers(iter([slow])), lambda: instants[0])
    waiting = threading.Thread(target=readiness.reasons)
    waiting.start()
    entered.wait(10)
    found = []
    for instant in (3.0, 3.1):
        instants[0] = instant
        found.append(readiness.reasons())
    leave.set()
    waiting.join()

    assert found == [(), (STORE_UNREACHABLE,)]


def test_a_database_that_takes_no_writes_is_not_ready(
    tmp_path: Path, postgres: Callable[[], str]
) -> None:
    url = postgres()
    _, app = made(tmp_path, url)
    name = url.partition("@/")[2].partition("?")[0]
    execute(url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    others = f"datname = '{name}' AND pid <> pg_backend_pid()"
    execute(url, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")  # noqa: S608

    assert asked(app) == (503, [STORE_UNREACHABLE])


def test_a_file_that_takes_no_writes_is_not_ready(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    open_store(demo_settings(database_url=f"sqlite:///{path}")).close()
    store = Store(make_engine(f"sqlite:///file:{path}?mode=ro&uri=true"))

    with pytest.raises(StoreError):
        store.has_revision(newest())
    store.close()


def test_while_a_store_is_slow_others_get_the_last_answer() -> None:
    entered, leave = threading.Event(), threading.Event()

    def slow() -> None:
        entered.set()
        leave.wait(10)

    store = Answers(iter([slow]))
    readiness = Readiness(demo_settings(), store)
    waiting = threading.Thread(target=readiness.reasons)
    waiting.start()
    entered.wait(10)

    assert readiness.reasons() == ()
    leave.set()
    waiting.join()
    assert store.asked == 1
