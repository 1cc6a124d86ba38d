"""What gunicorn's master does before it has workers: it checks all that they need, once.

A worker does not check the store again. One that starts in place of another while the database is
out starts nevertheless, and is not ready until the database is back: were it to fail at its start,
gunicorn would end every other worker too.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from service import held, log
from service.app import read_files
from service.log import Event
from service.settings import Settings, SettingsError, read_settings
from service.store import open_store

_FAILED: Final = 1


def check() -> None:
    """Check the settings, the store and the site's files, and hold the files for the workers.

    Raises:
        SystemExit: one of them cannot be used; a line of the log says which, and why.
    """
    log.configure()
    try:
        settings = read_settings()
        open_store(settings).close()
        _hold(settings)
    except SettingsError as error:
        log.tell(Event.START_REFUSED, logging.CRITICAL, reason=str(error))
        raise SystemExit(_FAILED) from None


def check_again() -> None:
    """Hold the site's files as they are now; where one cannot be used all stays as it was."""
    try:
        _hold(read_settings())
    except SettingsError as error:
        log.tell(Event.RELOAD_REFUSED, logging.ERROR, reason=str(error))


def _hold(settings: Settings) -> None:
    with held.refilled(_files(settings)):
        read_files(settings)


def _files(settings: Settings) -> Iterable[str | Path]:
    named = (
        *(settings.clients, settings.store_keys),
        *(settings.policy, settings.codes, settings.ca_file),
    )
    return (each for each in named if each)
