"""The revision of the store: which one it has, and how it gets to the newest."""

from __future__ import annotations

from enum import Enum, auto
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

_SCRIPTS: Final = Path(__file__).with_name("migrations")
_POSTGRES_LOCK: Final = 0x43415254
"""Of advisory locks: whoever upgrades holds it."""


class Revision(Enum):
    """How a store stands to this release."""

    EMPTY = auto()
    OLD = auto()
    CURRENT = auto()
    UNKNOWN = auto()
    """Made by another, newer release."""


def revision(engine: Engine) -> Revision:
    """How the store stands.

    Raises:
        SQLAlchemyError: it cannot be read.
    """
    with engine.connect() as connection:
        return _revision(connection, ScriptDirectory.from_config(_config()))


def newest() -> str:
    """The name of the newest revision of this release."""
    (head,) = ScriptDirectory.from_config(_config()).get_heads()
    return head


def upgrade(engine: Engine) -> None:
    """Bring the store to the newest revision, all or nothing; others who try it meanwhile wait.

    Raises:
        SQLAlchemyError: the store cannot be read or written.
    """
    config = _config()
    with engine.connect() as connection:
        _lock(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _revision(connection: Connection, scripts: ScriptDirectory) -> Revision:
    found = MigrationContext.configure(connection).get_current_heads()
    if not found:
        return Revision.EMPTY
    if found == tuple(scripts.get_heads()):
        return Revision.CURRENT
    known = {script.revision for script in scripts.walk_revisions()}
    return Revision.OLD if known.issuperset(found) else Revision.UNKNOWN


def _lock(connection: Connection) -> None:
    """Begin a transaction that nobody else can be in."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_POSTGRES_LOCK})")
