"""Fired cards, the feedback that belongs to them, and cards that are quiet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and tie feedback to the first of them."""
    op.create_table(
        "fired_card",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("card", sa.String, nullable=False),
        sa.Column("fired", sa.BigInteger, nullable=False),
        sa.Column("hook_instance", sa.String),
        sa.Column("client", sa.String, nullable=False),
        sa.Column("tenant", sa.String),
        sa.Column("service", sa.String, nullable=False),
        sa.Column("topic", sa.String, nullable=False),
        sa.Column("rules", sa.String, nullable=False),
        sa.Column("indicator", sa.String, nullable=False),
        sa.Column("crs_lo", sa.Integer),
        sa.Column("crs_hi", sa.Integer),
        sa.Column("icans_lo", sa.Integer),
        sa.Column("icans_hi", sa.Integer),
        sa.Column("content_edition", sa.String, nullable=False),
        sa.Column("site_edition", sa.String),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("reads_ms", sa.Float, nullable=False),
        sa.Column("total_ms", sa.Float, nullable=False),
        sa.Column("subject", sa.LargeBinary),
        sa.Column("signature", sa.LargeBinary),
    )
    op.create_index("fired_card_card", "fired_card", ["card"])
    op.create_index("fired_card_fired", "fired_card", ["fired"])
    op.create_table(
        "quiet_card",
        sa.Column("subject", sa.LargeBinary, primary_key=True),
        sa.Column("signature", sa.LargeBinary, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("held", sa.Integer, nullable=False),
    )
    op.add_column("feedback", sa.Column("fired_card", sa.Integer))
    op.create_index("feedback_fired_card", "feedback", ["fired_card"])
