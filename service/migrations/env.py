"""Run by Alembic: the revisions go through the connection that the caller gives.

The caller's transaction holds them all, so that a failure leaves the store as it was.
"""

from __future__ import annotations

from alembic import context

from service.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
