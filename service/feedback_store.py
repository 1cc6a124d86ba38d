"""Feedback in the store: kept once, tied to the card that it is about, which is quiet from then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, and_, insert, or_, select

from service.tables import ACCEPTED_SUGGESTION, FEEDBACK, FIRED_CARD, QUIET_CARD

SHOWN: Final = "shown"
"""The state of a fired card that was shown: only such a card can be answered."""


class FeedbackEntry(NamedTuple):
    """One outcome of a card, ready to be kept.

    `row` has the columns of `FEEDBACK` but for `id`, `fingerprint` and `fired_card`. `fingerprints`
    tell it from all others, one for each key of the vault, newest first.
    """

    row: Mapping[str, Any]
    suggestions: Sequence[str]
    fingerprints: Sequence[bytes]


def keep(connection: Connection, new: Any, entry: FeedbackEntry) -> bool:
    """Whether it was not kept yet; now it is. `new` makes an INSERT of the engine's own dialect.

    Raises:
        SQLAlchemyError: the store failed.
    """
    newest, *older = entry.fingerprints
    known = select(FEEDBACK.c.id).where(FEEDBACK.c.fingerprint.in_(older))
    if older and connection.execute(known).first():
        return False
    card = _card_of(connection, entry.row)
    told = {**entry.row, "fingerprint": newest, "fired_card": card.id if card else None}
    added = new(FEEDBACK).values(told).on_conflict_do_nothing().returning(FEEDBACK.c.id)
    row = connection.execute(added).first()
    if row is None:
        return False
    _keep_suggestions(connection, row.id, entry.suggestions)
    if card is not None and card.subject is not None and _is_one(connection, entry.row, card):
        since = min(entry.row["outcome_at"], entry.row["received"])
        _quieten(connection, new, card, since)
    return True


def _card_of(connection: Connection, feedback: Mapping[str, Any]) -> Row[Any, Any, Any] | None:
    """The card that it is about: the last that was shown to its client by this uuid (FB-15)."""
    fired = FIRED_CARD.c
    found = select(fired.id, fired.subject, fired.signature).where(_shown(feedback))
    return connection.execute(found.order_by(fired.id.desc()).limit(1)).first()


def _is_one(connection: Connection, feedback: Mapping[str, Any], card: Row[Any, Any, Any]) -> bool:
    """Whether all that was shown by this uuid was about the same, and said the same.

    Else it is not known what was answered, as where a client gives one hook instance to many calls.
    """
    fired = FIRED_CARD.c
    other = or_(fired.subject != card.subject, fired.signature != card.signature)
    found = select(fired.id).where(_shown(feedback), other).limit(1)
    return connection.execute(found).first() is None


def _shown(feedback: Mapping[str, Any]) -> ColumnElement[bool]:
    fired = FIRED_CARD.c
    return and_(
        fired.card == feedback["card"],
        fired.client == feedback["client"],
        fired.tenant.is_not_distinct_from(feedback.get("tenant")),
        fired.state == SHOWN,
    )


def _keep_suggestions(connection: Connection, feedback: int, suggestions: Sequence[str]) -> None:
    rows = [
        {"feedback": feedback, "position": position, "suggestion": suggestion}
        for position, suggestion in enumerate(suggestions)
    ]
    if rows:
        connection.execute(insert(ACCEPTED_SUGGESTION), rows)


def _quieten(connection: Connection, new: Any, card: Row[Any, Any, Any], since: int) -> None:
    """Make a card quiet from `since` on, unless it is by a later answer."""
    row = new(QUIET_CARD).values(
        subject=card.subject, signature=card.signature, since=since, held=0
    )
    changes = {name: row.excluded[name] for name in ("signature", "since", "held")}
    later = row.excluded.since >= QUIET_CARD.c.since
    connection.execute(
        row.on_conflict_do_update(index_elements=[QUIET_CARD.c.subject], set_=changes, where=later)
    )
