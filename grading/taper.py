"""Where a running methylprednisolone taper stands (DOSE-MP-CRS4, DOSE-MP-ICANS4, GEN-DEDUP)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from grading.dosing import lowest_weight
from grading.knowledge import KNOWLEDGE
from grading.ledger import dose_groups
from grading.model import DAY, HOUR, Assessment, Dose, Instant, Regimen
from grading.regimen import LOWEST_TAPER_DAILY_MG, METHYLPREDNISOLONE, first_mg, running_course
from grading.situation import Situation

_TAPERS = ((KNOWLEDGE.regimens["mp-icans4"], False), (KNOWLEDGE.regimens["mp-crs4"], True))
"""Each taper, and whether it is for CRS."""
_ONLY = frozenset({METHYLPREDNISOLONE})
_MG_PER_KG_DAY = Decimal(2)
"""Methylprednisolone 1 mg/kg every 12 h, which ASCO has for ICANS grade 3."""


def taper_day(s: Situation, regimen: Regimen, *, crs: bool) -> int:
    """Day of the taper of `regimen`, 0 on its first day and where none runs; `crs`: it is for CRS.

    It begins with the first dose of the running course, in the present CRS episode or bout of
    ICANS or the day before it (a dose may be charted before the test), that is as much as the first
    step: a weaker course is no step of a taper. One whose amount is not charted may be as much,
    unless a weaker one was given before it. Amounts are compared in adults only (PED-1).
    """
    since = _since(s, s.verdict.crs if crs else s.verdict.icans)
    least = first_mg(regimen) if s.prints_flat_dose else Decimal(0)
    weaker = False
    for dose in _doses(s):
        enough = not weaker if dose.mg is None else dose.mg >= least
        if enough and dose.start >= since:
            return (s.now - dose.start) // DAY
        weaker = weaker or (dose.mg is not None and dose.mg < least)
    return 0


def high_dose_daily(s: Situation, since: Instant | None) -> Decimal:
    """Mg of methylprednisolone in 24 h that stand for dexamethasone every 6 h (OT-STER-4).

    1 mg/kg every 12 h, by the lowest weight that an order or dose of `since` may rest on (None: the
    latest). Where a taper runs its lowest step is enough, and where no weight is known.
    """
    weight = lowest_weight(s.course.snapshot, s.policy, since)
    if weight is None:
        return LOWEST_TAPER_DAILY_MG
    by_weight = _MG_PER_KG_DAY * weight
    return min(by_weight, LOWEST_TAPER_DAILY_MG) if _runs(s) else by_weight


def _runs(s: Situation) -> bool:
    """Whether a taper of either syndrome runs since a day or more."""
    return any(taper_day(s, regimen, crs=crs) for regimen, crs in _TAPERS)


def _doses(s: Situation) -> Iterator[Dose]:
    """Methylprednisolone that runs; records that start together are one dose, summed.

    A dose of another steroid keeps no taper running (READ-13: doses at most 36 h apart). Together:
    within `dose_merge_h` of the first (inclusive). Mg None: that of one is not charted.
    """
    course = running_course(s.course.given(_ONLY), s.now, s.policy)
    doses = course.doses if course else ()
    yield from map(_summed, dose_groups(doses, s.policy.dose_merge_h * HOUR))


def _summed(group: Sequence[Dose]) -> Dose:
    amounts = [dose.mg for dose in group if dose.mg is not None]
    whole = len(amounts) == len(group)
    return group[0]._replace(mg=sum(amounts, Decimal(0)) if whole else None)


def _since(s: Situation, found: Assessment) -> Instant:
    """A day before the present bout (READ-12); of the course where it may be older (READ-14)."""
    bout = s.start if found.bout is None else found.bout
    before, read_from = bout - s.policy.episode_close_h * HOUR, found.history_from
    return s.start if read_from is not None and read_from > before else before
