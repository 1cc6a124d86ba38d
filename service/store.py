"""What the service keeps: feedback, fired cards, and the ids of tokens that were used.

A SQLite file or a PostgreSQL database; the processes and replicas that share it see each other's
rows at once.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Dialect,
    Engine,
    Table,
    create_engine,
    delete,
    event,
    make_url,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from grading.model import MINUTE, Instant
from service import metrics, migrate
from service.feedback_store import FeedbackEntry, keep
from service.log import Event, write
from service.manner import HURRY_MS, LIMITS_S, STATEMENTS, WAIT_S, Manner
from service.metrics import StoreUse
from service.migrate import Revision
from service.postgres import connected, waits_end_after
from service.settings import Mode, Settings, SettingsError
from service.tables import TOKEN_ID

_SILENCE_MS: Final = 3000
"""How long a database may acknowledge nothing, before its connection counts as broken."""
_CONNECTIONS: Final = 16
KEEP_EXPIRED: Final = 10 * MINUTE
"""What clocks of replicas may differ by before an expired id is deleted."""
_CLEAN_EVERY_S: Final = 60.0
_NO_DIGEST: Final = b""
"""Of no token id: to delete it is to write nothing, which only a store that takes writes does."""
_INSERT: Final[Mapping[str, Callable[[Table], Any]]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


class StoreError(RuntimeError):
    """The store cannot be read or written; the text holds no data."""


class Store:
    """The store of one process; safe to use from many threads."""

    def __init__(self, engine: Engine) -> None:
        """Use `engine`, whose tables exist."""
        self._engine = engine
        self._insert = _INSERT[engine.dialect.name]
        self._cleaned = time.monotonic()

    def use_token(self, digest: bytes, expires: Instant, now: Instant) -> bool:
        """Whether this id was not used before; from now on it is, until it `expires`.

        Raises:
            StoreError: the store failed; nothing is known then.
        """
        new = self._insert(TOKEN_ID).values(digest=digest, expires=expires)
        added = new.on_conflict_do_nothing().returning(TOKEN_ID.c.digest)
        try:
            with self._begin(Manner.HURRIED) as connection:
                first = connection.execute(added).first() is not None
        except SQLAlchemyError as error:
            raise StoreError("a token id could not be kept") from error
        self._clean(now)
        return first

    def keep_feedback(self, entries: Sequence[FeedbackEntry]) -> int:
        """Keep them all, and count those that were not there yet.

        Raises:
            StoreError: the store failed; none of them was kept.
        """
        with self.transaction("feedback could not be kept") as connection:
            return sum(keep(connection, self._insert, entry) for entry in entries)

    def has_revision(self, revision: str) -> bool:
        """Whether the store answers, within a short time, can be written, and is at `revision`.

        Raises:
            StoreError: it does not answer, or takes nothing.
        """
        asked = "SELECT version_num FROM alembic_version"
        try:
            with self._begin(Manner.HURRIED) as connection:
                found = connection.exec_driver_sql(asked).scalars().all() == [revision]
                connection.execute(delete(TOKEN_ID).where(TOKEN_ID.c.digest == _NO_DIGEST))
                return found
        except SQLAlchemyError as error:
            raise StoreError("the store does not answer") from error

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @property
    def dialect(self) -> Dialect:
        """The engine's own words."""
        return self._engine.dialect

    @contextmanager
    def transaction(self, what: str, manner: Manner = Manner.DURABLE) -> Iterator[Connection]:
        """A durable transaction that is committed at its end; `what` names it in the error.

        Raises:
            StoreError: the store failed; nothing was done.
        """
        try:
            with self._begin(manner) as connection:
                yield connection
        except SQLAlchemyError as error:
            raise StoreError(what) from error

    @contextmanager
    def brief(self, what: str) -> Iterator[Any]:
        """A cursor of the driver, for what a call is not worth waiting for; committed at its end.

        Raises:
            StoreError: the store failed, or was busy; nothing was done.
        """
        dialect = self._engine.dialect
        try:
            with waits_end_after(LIMITS_S[Manner.BRIEF]), self._connected() as connection:
                cursor = connection.cursor()
                for statement in STATEMENTS[Manner.BRIEF][dialect.name]:
                    cursor.execute(statement)
                yield cursor
                connection.commit()
        except (SQLAlchemyError, dialect.loaded_dbapi.Error) as error:
            raise StoreError(what) from error

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        """A connection of the driver, which goes back to the pool unless it broke."""
        connection = self._engine.raw_connection()
        try:
            yield connection
        finally:
            if getattr(connection.driver_connection, "closed", False):
                connection.invalidate()
            connection.close()

    @contextmanager
    def _begin(self, manner: Manner) -> Iterator[Connection]:
        with waits_end_after(LIMITS_S[manner]), self._engine.begin() as connection:
            for statement in STATEMENTS[manner][self._engine.dialect.name]:
                connection.exec_driver_sql(statement)
            yield connection

    def _clean(self, now: Instant) -> None:
        """Delete ids that expired, now and then; where it fails the next time will do."""
        if time.monotonic() - self._cleaned < _CLEAN_EVERY_S:
            return
        self._cleaned = time.monotonic()
        try:
            with self._begin(Manner.HURRIED) as connection:
                old = TOKEN_ID.c.expires < now - KEEP_EXPIRED
                connection.execute(delete(TOKEN_ID).where(old))
        except SQLAlchemyError:
            metrics.store_failed(StoreUse.CLEAN)
            write(Event.STORE_FAILED, logging.ERROR, reason="expired token ids not deleted")


def open_store(settings: Settings) -> Store:
    """The store of the settings, at the newest revision.

    An empty SQLite file is made ready; in demo every store is brought to the newest revision.

    Raises:
        SettingsError: it cannot be opened, or has another revision.
    """
    engine = make_engine(settings.database_url)
    with _refused_start(engine):
        with waits_end_after(LIMITS_S[Manner.DURABLE]):
            found = migrate.revision(engine)
        fresh = found is Revision.EMPTY and engine.dialect.name == "sqlite"
        if found is not Revision.CURRENT:
            _check(found, allowed=fresh or settings.mode is Mode.DEMO)
            migrate.upgrade(engine)
    return Store(engine)


def later_store(settings: Settings) -> Store:
    """The store of the settings, which is not looked at before it is used.

    Raises:
        SettingsError: there is no URL of a database.
    """
    return Store(make_engine(settings.database_url))


def upgrade_store(settings: Settings) -> None:
    """Bring the store of the settings to the newest revision.

    Raises:
        SettingsError: it cannot be opened, or was made by a newer release.
    """
    engine = make_engine(settings.database_url)
    with _refused_start(engine):
        _check(migrate.revision(engine), allowed=True)
        migrate.upgrade(engine)
    engine.dispose()


@contextmanager
def _refused_start(engine: Engine) -> Iterator[None]:
    """What stops the start, as `SettingsError`; then nothing stays open."""
    try:
        yield
    except SettingsError:
        engine.dispose()
        raise
    except SQLAlchemyError as error:
        engine.dispose()
        raise _refusal(f"the store cannot be opened ({type(error).__name__})") from error


def make_engine(url: str) -> Engine:
    """An engine for a database URL; errors and logs of it hold no parameters.

    Raises:
        SettingsError: it is no URL of a database.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise _refusal("no URL of a database") from error
    if parsed.get_backend_name() == "postgresql":
        arguments = {
            "connect_timeout": 2,
            "tcp_user_timeout": _SILENCE_MS,
            "options": f"-c statement_timeout={WAIT_S}s",
        }
        parsed = parsed.set(drivername="postgresql+psycopg")
        engine = _engine(parsed, arguments, pool_pre_ping=True)
        event.listen(engine, "do_connect", _connect_postgres)
        return engine
    engine = _engine(parsed, {"timeout": WAIT_S})
    event.listen(engine, "connect", _set_up_sqlite)
    return engine


def _engine(url: Any, arguments: Mapping[str, Any], **more: Any) -> Engine:
    return create_engine(
        url,
        connect_args=dict(arguments),
        hide_parameters=True,
        pool_size=_CONNECTIONS,
        pool_timeout=HURRY_MS / 1000,
        **more,
    )


def _connect_postgres(_dialect: Any, _record: Any, arguments: Any, parameters: Any) -> Any:
    return connected(*arguments, **parameters)


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    """Readers beside one writer, and what is committed is on disk."""
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _check(found: Revision, allowed: bool) -> None:
    if found is Revision.UNKNOWN:
        raise _refusal("the store was made by a newer release")
    if not allowed:
        raise _refusal("the store does not have the revision of this release: cart-cds db upgrade")


def _refusal(why: str) -> SettingsError:
    """The address is not told: it may hold a password."""
    return SettingsError(f"CART_CDS_DATABASE_URL: {why}")
