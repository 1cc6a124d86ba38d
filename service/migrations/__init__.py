"""The revisions of the store, run by Alembic."""
