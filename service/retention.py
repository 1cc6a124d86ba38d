"""`cart-cds purge`: what is deleted from the store, and after how long (docs/operations.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, delete, false, or_, select, update

from grading.model import DAY, Instant
from service.settings import LINK_DAYS, Settings
from service.store import KEEP_EXPIRED, Store
from service.tables import FEEDBACK, FIRED_CARD, QUIET_CARD, TOKEN_ID

BATCH: Final = 1000
"""Rows of one transaction: a hook's call waits for no more than that."""


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
    gone = feedback.fired_card.not_in(select(fired.id))
    old_cards = fired.fired < now - settings.keep_fired_days * DAY
    old_feedback = feedback.received < now - settings.keep_feedback_days * DAY
    empty_links: dict[str, Any] = {"subject": None, "signature": None}
    return {
        "token ids deleted": _all(store, TOKEN_ID, TOKEN_ID.c.expires < now - KEEP_EXPIRED),
        "quiet cards deleted": _all(store, QUIET_CARD, QUIET_CARD.c.since < links),
        "fired cards deleted": _all(store, FIRED_CARD, old_cards),
        "fired cards without a subject from now on": _all(
            store, FIRED_CARD, linked & (fired.fired < links), empty_links
        ),
        "feedback deleted": _all(store, FEEDBACK, old_feedback),
        "feedback without comment and body from now on": _all(
            store, FEEDBACK, sealed & (feedback.received < comments), {"comment": None, "raw": b""}
        ),
        "feedback without its card from now on": _all(store, FEEDBACK, gone, {"fired_card": None}),
    }


def _all(
    store: Store,
    table: Table,
    which: ColumnElement[bool],
    changes: Mapping[str, Any] | None = None,
) -> int:
    """Delete the rows that `which` holds for, or make `changes` to them, in batches."""
    (key,) = table.primary_key.columns
    some = select(key).where(which).limit(BATCH)
    statement = delete(table) if changes is None else update(table).values(**changes)
    total = 0
    while True:
        with store.transaction("the store could not be purged") as connection:
            found = list(connection.execute(some).scalars())
            connection.execute(statement.where(key.in_(found) if found else false()))
        total += len(found)
        if len(found) < BATCH:
            return total


def lines(done: Mapping[str, int]) -> Iterable[str]:
    """What was done, a line each."""
    return (f"{count} {what}" for what, count in done.items())
