"""Conditions of the vaccine rules (clinical-rules.md 7.5), bound by id."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from functools import cache

from grading.knowledge import KNOWLEDGE, Policy
from grading.model import DAY, Instant, Urgency
from grading.order_case import OrderCase
from grading.order_model import Act, ActKind, OrderNote, Vaccine
from grading.order_rulebook import Hit, checks

_IMMUNOSUPPRESSANTS = KNOWLEDGE.drugs["immunosuppressant"]
_READ = KNOWLEDGE.drugs["live-vaccine-read"]
_CRITICAL_MONTHS = 6
_DUE_MONTHS = 6
_EARLY_MONTHS = 3
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR_MONTHS = 12
_LEAP_CYCLE_MONTHS = 48


def infusion_days(vaccine: Vaccine, policy: Policy) -> int:
    """How long ago, in days, an infusion may be that a rule on `vaccine` asks for."""
    return longest_days(policy.live_vaccine_months if vaccine.live else _DUE_MONTHS)


@cache
def longest_days(months: int) -> int:
    """The most days that `months` calendar months can have: 12 are 366, 6 are 184."""
    starts = (months_after(0, offset) for offset in range(_LEAP_CYCLE_MONTHS))
    return max((months_after(start, months) - start) // DAY for start in starts)


def months_after(t: Instant, months: int) -> Instant:
    """The same day and time `months` calendar months later (UTC), or the last day of that month."""
    at = _EPOCH + timedelta(milliseconds=t)
    years, month = divmod(at.month - 1 + months, _YEAR_MONTHS)
    year = at.year + years
    day = min(at.day, monthrange(year, month + 1)[1])
    later = at.replace(year=year, month=month + 1, day=day)
    return (later - _EPOCH) // timedelta(milliseconds=1)


def _is_within(case: OrderCase, months: int) -> bool:
    """Whether less than `months` have passed since the latest infusion."""
    infusion = case.s.course.infusion
    return infusion is not None and case.s.now < months_after(infusion.t0, months)


@checks("OT-VAC-1")
def _live(case: OrderCase) -> Hit | None:
    vaccine = case.draft.vaccine
    if vaccine is None or not vaccine.live:
        return None
    if not _is_within(case, case.s.policy.live_vaccine_months):
        return None
    suppressed = bool(case.active(_IMMUNOSUPPRESSANTS)) or case.is_given(_IMMUNOSUPPRESSANTS)
    critical = suppressed or _is_within(case, _CRITICAL_MONTHS)
    unverified = () if _is_read(vaccine) else (OrderNote.UNVERIFIED_CLASS,)
    return Hit(
        Urgency.CRITICAL if critical else Urgency.WARNING,
        (OrderNote.LIVE_TIMING, *unverified),
        acts=(Act(ActKind.REMOVE),),
    )


def _is_read(vaccine: Vaccine) -> bool:
    return any(word in vaccine.name.lower() for word in _READ)


@checks("OT-VAC-2")
def _not_live(case: OrderCase) -> Hit | None:
    vaccine = case.draft.vaccine
    if vaccine is None or vaccine.live:
        return None
    months = _EARLY_MONTHS if vaccine.early else _DUE_MONTHS
    return Hit(notes=(f"{OrderNote.VACCINE_DUE}:{months}",)) if _is_within(case, months) else None
