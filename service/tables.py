"""What the store keeps, table by table; `docs/operations.md` says why and for how long.

Instants are milliseconds since 1970 UTC. Ids, codes and times are plain; free text is sealed.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

METADATA: Final = MetaData()

TOKEN_ID: Final = Table(
    "token_id",
    METADATA,
    Column("digest", LargeBinary, primary_key=True),
    Column("expires", BigInteger, nullable=False),
    Index("token_id_expires", "expires"),
)
"""JWT ids that were used: SHA-256 of issuer and `jti`, and when it can be forgotten."""

FEEDBACK: Final = Table(
    "feedback",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("client", String, nullable=False),
    Column("tenant", String),
    Column("service", String, nullable=False),
    Column("card", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("outcome_at", BigInteger, nullable=False),
    Column("reason_system", String),
    Column("reason_code", String),
    Column("reason_display", String),
    Column("reason_category", String),
    Column("reason_title", String),
    Column("comment", LargeBinary),
    Column("raw", LargeBinary, nullable=False),
    Column("fired_card", Integer),
    UniqueConstraint("fingerprint", name="feedback_fingerprint"),
    Index("feedback_card", "card"),
    Index("feedback_received", "received"),
    Index("feedback_fired_card", "fired_card"),
)
"""One row per outcome of a card. `comment` and `raw` (the entry as it was sent) are sealed.

`fingerprint` is a keyed hash of what the row says, so that a repetition is known. `client` is the
name in the clients file, empty in demo. `fired_card` is the row of the card, where it is known; no
foreign key, as SQLite would have to copy the table for one.
"""

ACCEPTED_SUGGESTION: Final = Table(
    "accepted_suggestion",
    METADATA,
    Column("feedback", Integer, ForeignKey("feedback.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("suggestion", String, nullable=False),
    Index("accepted_suggestion_suggestion", "suggestion"),
)
"""The suggestions of a card that were accepted, in the order of the feedback."""

FIRED_CARD: Final = Table(
    "fired_card",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("card", String, nullable=False),
    Column("fired", BigInteger, nullable=False),
    Column("hook_instance", String),
    Column("client", String, nullable=False),
    Column("tenant", String),
    Column("service", String, nullable=False),
    Column("topic", String, nullable=False),
    Column("rules", String, nullable=False),
    Column("indicator", String, nullable=False),
    Column("crs_lo", Integer),
    Column("crs_hi", Integer),
    Column("icans_lo", Integer),
    Column("icans_hi", Integer),
    Column("content_edition", String, nullable=False),
    Column("site_edition", String),
    Column("state", String, nullable=False),
    Column("reads_ms", Float, nullable=False),
    Column("total_ms", Float, nullable=False),
    Column("subject", LargeBinary),
    Column("signature", LargeBinary),
    Index("fired_card_card", "card"),
    Index("fired_card_fired", "fired"),
)
"""One row per card that a call came to. `rules` are ids, a space between them.

`state`: `shown`, `suppressed`, or `shadow`. `subject` is a keyed hash of whom and what the card was
about, `signature` a hash of what it rested on; both are for suppression, and emptied after days.
"""

QUIET_CARD: Final = Table(
    "quiet_card",
    METADATA,
    Column("subject", LargeBinary, primary_key=True),
    Column("signature", LargeBinary, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("held", Integer, nullable=False),
)
"""Cards that were accepted or overridden, and how often each was held back since it was shown."""
