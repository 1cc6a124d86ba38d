"""The only reader and writer of FHIR dates and times."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

from fhir_mappings.errors import TimeError
from grading.model import HOUR, Instant

UTC_ZONE: tzinfo = UTC

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", re.ASCII)
_TIMED = re.compile(
    r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})(?::(\d{2})(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII
)
_LONGEST_DAY = 25 * HOUR
"""A day on which clocks are put back."""
_MONTHS = 12
_LEAP_SECOND = 60
_MS_DIGITS = 3


class When(NamedTuple):
    """The first and last instant that a written time can mean; equal for a full time.

    `date_only`: a day, month or year, which lasts to its last millisecond.
    """

    first: Instant
    last: Instant
    date_only: bool

    @property
    def lacks_day(self) -> bool:
        """Whether it is a month or a year."""
        return self.last - self.first > _LONGEST_DAY


def to_instant(moment: datetime) -> Instant:
    """The instant of an aware datetime, in whole milliseconds."""
    return (moment - _EPOCH) // _MS


@lru_cache(maxsize=16_384)
def read_when(text: str, zone: tzinfo) -> When:
    """Read a FHIR date, dateTime or instant; `zone` holds where none is written.

    Minutes without seconds are accepted, a leap second is the last of its minute, digits beyond
    milliseconds are cut.

    Raises:
        TimeError: it is none of FHIR's forms, or no such day or time exists (24:00 too).
    """
    if timed := _TIMED.fullmatch(text):
        instant = _timed(timed, zone)
        return When(instant, instant, date_only=False)
    if partial := _PARTIAL.fullmatch(text):
        return _partial(partial, zone)
    raise TimeError("not a FHIR date or time")


def _timed(found: re.Match[str], zone: tzinfo) -> Instant:
    minute, second, fraction, offset = found.groups()
    seconds = min(int(second or 0), _LEAP_SECOND - 1 if second == "60" else 99)
    milliseconds = int((fraction or ".0")[1 : 1 + _MS_DIGITS].ljust(_MS_DIGITS, "0"))
    try:
        moment = datetime.fromisoformat(f"{minute}:{seconds:02}{offset or ''}")
        aware = moment if offset else moment.replace(tzinfo=zone)
        return to_instant(aware) + milliseconds
    except (ValueError, OverflowError) as error:
        raise TimeError("no such date or time") from error


def _partial(found: re.Match[str], zone: tzinfo) -> When:
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        first = datetime(year or 0, month or 1, day or 1, tzinfo=zone)
        after = _after(first, month, day)
        return When(to_instant(first), to_instant(after) - 1, date_only=True)
    except (ValueError, OverflowError) as error:
        raise TimeError("no such date") from error


def _after(first: datetime, month: int | None, day: int | None) -> datetime:
    """The first moment after the day, month or year."""
    if day is not None:
        return first + timedelta(days=1)
    if month is None or month == _MONTHS:
        return first.replace(year=first.year + 1, month=1)
    return first.replace(month=month + 1)


def iso(t: Instant) -> str:
    """RFC 3339 in UTC; milliseconds only where there are any."""
    moment = _EPOCH + timedelta(milliseconds=t)
    precision = "milliseconds" if t % 1_000 else "seconds"
    return moment.replace(tzinfo=None).isoformat(timespec=precision) + "Z"
