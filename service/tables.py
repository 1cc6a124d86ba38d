"""What the store keeps, table by table; `docs/operations.md` says why and for how long.

Instants are milliseconds since 1970 UTC. Ids, codes and times are plain; free text is sealed.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
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
    UniqueConstraint("fingerprint", name="feedback_fingerprint"),
    Index("feedback_card", "card"),
    Index("feedback_received", "received"),
)
"""One row per outcome of a card. `comment` and `raw` (the entry as it was sent) are sealed.

`fingerprint` is a keyed hash of what the row says, so that a repetition is known. `client` is the
name in the clients file, empty in demo.
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
