"""Age of a patient at an instant, from a birth date that may be partial (READ-16, DEF-3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from grading.model import DAY, BirthDate, Instant

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _date(t: Instant) -> datetime:
    return _EPOCH + timedelta(milliseconds=t)


@lru_cache(maxsize=4096)
def full_years(born: Instant, at: Instant) -> int:
    """Completed years from `born` to `at`.

    A birthday counts from the time of day at which the birth day began: midnight in the zone of the
    site is another hour, and for many another day, in UTC (READ-1).
    """
    birth, now = _date(born), _date(at)
    before = (now.month, now.day, now.time()) < (birth.month, birth.day, birth.time())
    return now.year - birth.year - before


def age_years(birth: BirthDate | None, at: Instant) -> int | None:
    """Completed years at `at`, of a partial date the greatest possible; None: not known.

    The greatest possible age gives the higher pressure line (READ-16).
    """
    return None if birth is None else full_years(birth.earliest, at)


def could_be_younger(birth: BirthDate | None, years: int, at: Instant) -> bool:
    """Whether the patient could be younger than `years` at `at`; so too where age is not known."""
    return birth is None or full_years(birth.latest, at) < years


def age_days(birth: BirthDate, at: Instant) -> int:
    """Completed days since the earliest possible instant of birth."""
    return (at - birth.earliest) // DAY
