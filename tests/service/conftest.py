"""Stores for tests: a SQLite file, and a PostgreSQL server that listens on a Unix socket only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from service import cli, log
from tests.fhir_basics import NOW
from tests.service.databases import Postgres, postgres_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Gives the URL of an empty database; the server is gone when the session ends."""
    with postgres_server() as databases:
        yield databases


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty store, on either engine."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.sqlite3'}"
    else:
        databases: Postgres = request.getfixturevalue("postgres")
        url = databases()
        yield url
        databases.take_back(url)


@pytest.fixture
def probed_now(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The probe runs at `NOW`, and the lines that it silences are written again after it."""
    monkeypatch.setattr(cli, "system_clock", lambda: int(NOW.timestamp() * 1000))
    yield
    log.configure()
