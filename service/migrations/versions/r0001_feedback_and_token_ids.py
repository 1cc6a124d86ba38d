"""Feedback as received, and the ids of tokens that were used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "token_id",
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("expires", sa.BigInteger, nullable=False),
    )
    op.create_index("token_id_expires", "token_id", ["expires"])
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.Column("client", sa.String, nullable=False),
        sa.Column("tenant", sa.String),
        sa.Column("service", sa.String, nullable=False),
        sa.Column("card", sa.String, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("outcome_at", sa.BigInteger, nullable=False),
        sa.Column("reason_system", sa.String),
        sa.Column("reason_code", sa.String),
        sa.Column("reason_display", sa.String),
        sa.Column("reason_category", sa.String),
        sa.Column("reason_title", sa.String),
        sa.Column("comment", sa.LargeBinary),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("fingerprint", name="feedback_fingerprint"),
    )
    op.create_index("feedback_card", "feedback", ["card"])
    op.create_index("feedback_received", "feedback", ["received"])
    op.create_table(
        "accepted_suggestion",
        sa.Column(
            "feedback",
            sa.Integer,
            sa.ForeignKey("feedback.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("suggestion", sa.String, nullable=False),
    )
    op.create_index("accepted_suggestion_suggestion", "accepted_suggestion", ["suggestion"])
