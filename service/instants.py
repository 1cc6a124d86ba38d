"""Instants as they are written in a call: RFC 3339 with an offset."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from grading.model import Instant
from service.errors import BadRequest

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_RFC_3339 = re.compile(
    r"(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:)(\d\d)(?:\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.A
)
_LEAP, _BEFORE_IT, _DAYS_LAST_MINUTE = "60", "59.999", (23, 59)


def read_instant(written: Any, where: str) -> Instant:
    """An RFC 3339 instant, a leap second as the end of the one before; `where` is for the error.

    Raises:
        BadRequest: it is none, has no offset, or lies outside the years that are evaluated.
    """
    found = _RFC_3339.fullmatch(written) if isinstance(written, str) else None
    if found is None:
        raise BadRequest(f"{where}: no RFC 3339 instant with an offset")
    leaps = found[2] == _LEAP
    text = f"{found[1]}{_BEFORE_IT}{found[3]}" if leaps else found[0]
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError as error:
        raise BadRequest(f"{where}: no such instant") from error
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise BadRequest(f"{where}: not between {_FIRST_YEAR} and {_LAST_YEAR}")
    if leaps and moment.astimezone(UTC).timetuple()[3:5] != _DAYS_LAST_MINUTE:
        raise BadRequest(f"{where}: no such instant")
    since = moment - _EPOCH
    return since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000
