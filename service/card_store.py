"""Fired cards and quiet cards in the store: read and written within a hook's call.

The call waits for it, so statements are compiled once and go to the driver as they are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import Dialect, bindparam, insert, literal_column, select, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.expression import ClauseElement

from service.store import Store
from service.tables import FIRED_CARD, QUIET_CARD

SUPPRESSED: Final = "suppressed"
SHADOW: Final = "shadow"
_OF: Final = QUIET_CARD.c.subject == bindparam("of")


class Quiet(NamedTuple):
    """A row of `QUIET_CARD`."""

    subject: bytes
    signature: bytes
    since: int
    held: int


class CardStore:
    """Where fired cards are recorded."""

    def __init__(self, store: Store) -> None:
        """Use the connections of `store`."""
        self._store = store
        self._sql = _Sql(store.dialect)

    @contextmanager
    def opened(self, what: str) -> Iterator[OpenCards]:
        """A transaction that is short and need not outlast a crash; `what` names it in the error.

        Raises:
            StoreError: the store failed, or was busy; nothing was done.
        """
        with self._store.brief(what) as cursor:
            yield OpenCards(cursor, self._sql)


class OpenCards:
    """The cards within one transaction."""

    def __init__(self, cursor: Any, sql: _Sql) -> None:
        """Use a cursor of the driver."""
        self._cursor = cursor
        self._sql = sql

    def quiet(self, subjects: Collection[bytes]) -> Mapping[bytes, Quiet]:
        """What is kept of those of the subjects that were answered, by subject."""
        named = {f"s{number}": subject for number, subject in enumerate(subjects)}
        self._cursor.execute(self._sql.quiet(len(named)), named)
        found = (Quiet(*row) for row in self._cursor.fetchall())
        return {row.subject: row for row in found}

    def record(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Keep fired cards: every column of `FIRED_CARD` but its `id`."""
        self._cursor.executemany(self._sql.record, rows)

    def count_held(self, held: Iterable[bytes], told: Iterable[bytes]) -> None:
        """Count one more for subjects that are held back, begin anew for those that are told."""
        for statement, subjects in ((self._sql.hold, held), (self._sql.tell, told)):
            for subject in subjects:
                self._cursor.execute(statement, {"of": subject})


class _Sql:
    """The statements in the words of one engine, with parameters by name."""

    def __init__(self, dialect: Dialect) -> None:
        named = sqlite.dialect(paramstyle="named")
        self._dialect: Dialect = named if dialect.name == "sqlite" else dialect
        rest = [column.name for column in FIRED_CARD.columns if column.name != "id"]
        self.record = self._text(
            insert(FIRED_CARD).values({name: bindparam(name) for name in rest})
        )
        hold = update(QUIET_CARD).where(_OF)
        self.hold = self._text(hold.values(held=QUIET_CARD.c.held + literal_column("1")))
        self.tell = self._text(hold.values(held=literal_column("0")))
        self.quiet = cache(self._quiet)

    def _quiet(self, count: int) -> str:
        """The SELECT for so many subjects."""
        names: list[Any] = [bindparam(f"s{number}") for number in range(count)]
        return self._text(select(QUIET_CARD).where(QUIET_CARD.c.subject.in_(names)))

    def _text(self, statement: ClauseElement) -> str:
        return str(statement.compile(dialect=self._dialect))
