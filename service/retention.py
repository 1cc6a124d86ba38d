"""`cart-cds purge`: what is deleted from the store, and after how long (docs/operations.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Table, delete, false, func, or_, select, update

from grading.model import DAY, Instant
from service.manner import Manner
from service.settings import LINK_DAYS, Settings
from service.store import KEEP_EXPIRED, Store
from service.tables import FEEDBACK, FIRED_CARD, QUIET_CARD, TOKEN_ID

BATCH: Final = 1000
"""Rows of one transaction: a hook's call waits for no more than that."""
_SPAN: Final = 10_000
"""Ids that are looked through in one transaction."""
_WHAT: Final = "the store could not be purged"


def purge(store: Store, settings: Settings, now: Instant) -> dict[str, int]:
    """Delete what is kept no longer; how many rows were changed, by what was done.

    Safe to repeat and to stop; what is served meanwhile waits for one batch at most.

    Raises:
        StoreError: the store failed; what was deleted before stays deleted.
    """
    links = now - LINK_DAYS * DAY
    comments = now - settings.keep_comments_days * DAY
    fired, feedback = FIRED_CARD.c, FEEDBACK.c
    linked = or_(fired.subject.is_not(None), fired.signature.is_not(None))
    sealed = or_(feedback.comment.is_not(None), feedback.raw != b"")
    old_cards = fired.fired < now - settings.keep_fired_days * DAY
    old_feedback = feedback.received < now - settings.keep_feedback_days * DAY
    empty_links: dict[str, Any] = {"subject": None, "signature": None}
    parted = _Parted(store)
    return {
        "token ids deleted": _all(store, TOKEN_ID, TOKEN_ID.c.expires < now - KEEP_EXPIRED),
        "quiet cards deleted": _all(store, QUIET_CARD, QUIET_CARD.c.since < links),
        "fired cards deleted": _all(store, FIRED_CARD, old_cards, before=parted.part),
        "fired cards without a subject from now on": _all(
            store, FIRED_CARD, linked & (fired.fired < links), empty_links
        ),
        "feedback deleted": _all(store, FEEDBACK, old_feedback),
        "feedback without comment and body from now on": _all(
            store, FEEDBACK, sealed & (feedback.received < comments), {"comment": None, "raw": b""}
        ),
        "feedback without its card from now on": parted.count + parted.part_rest(),
    }


def _all(
    store: Store,
    table: Table,
    which: ColumnElement[bool],
    changes: Mapping[str, Any] | None = None,
    before: Callable[[Connection, Sequence[int]], None] | None = None,
) -> int:
    """Delete the rows that `which` holds for, or make `changes` to them, in batches.

    `before` is called with the ids of a batch, within its transaction.
    """
    (key,) = table.primary_key.columns
    some = select(key).where(which).limit(BATCH)
    statement = delete(table) if changes is None else update(table).values(**changes)
    total = 0
    while True:
        with store.transaction(_WHAT, Manner.UNHURRIED) as connection:
            found = list(connection.execute(some).scalars())
            if before is not None:
                before(connection, found)
            connection.execute(statement.where(key.in_(found) if found else false()))
        total += len(found)
        if len(found) < BATCH:
            return total


class _Parted:
    """Feedback whose card is deleted: it is tied to none from then on.

    At once with the card, or the row of another card could get the same id later.
    """

    def __init__(self, store: Store) -> None:
        self.count = 0
        self._store = store

    def part(self, connection: Connection, cards: Sequence[int]) -> None:
        """Tie the feedback on these cards to none."""
        tied = FEEDBACK.c.fired_card.in_(cards)
        self._part(connection, tied)

    def part_rest(self) -> int:
        """The same where the card is not there any more: how many that were, in batches by id."""
        before = self.count
        fired = select(FIRED_CARD.c.id).where(FIRED_CARD.c.id == FEEDBACK.c.fired_card)
        lost = FEEDBACK.c.fired_card.is_not(None) & ~fired.exists()
        with self._store.transaction(_WHAT, Manner.UNHURRIED) as connection:
            last = connection.execute(select(func.max(FEEDBACK.c.id))).scalar_one() or 0
        for start in range(0, last + 1, _SPAN):
            with self._store.transaction(_WHAT, Manner.UNHURRIED) as connection:
                self._part(connection, lost & FEEDBACK.c.id.between(start, start + _SPAN - 1))
        return self.count - before

    def _part(self, connection: Connection, which: ColumnElement[bool]) -> None:
        done = connection.execute(update(FEEDBACK).where(which).values(fired_card=None))
        self.count += done.rowcount


def lines(done: Mapping[str, int]) -> Iterable[str]:
    """What was done, a line each."""
    return (f"{count} {what}" for what, count in done.items())
