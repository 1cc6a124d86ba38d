"""Where a running methylprednisolone taper stands (DOSE-MP-CRS4, DOSE-MP-ICANS4, GEN-DEDUP)."""

from __future__ import annotations

from decimal import Decimal

from grading.model import DAY, HOUR, Assessment, Instant, Regimen
from grading.regimen import METHYLPREDNISOLONE, first_mg
from grading.situation import Situation


def taper_day(s: Situation, regimen: Regimen, *, crs: bool) -> int:
    """Day of the taper of `regimen`, 0 on its first day and where none runs; `crs`: it is for CRS.

    It begins with the first dose of the running course, in the present CRS episode or bout of
    ICANS, that is as much as the first step: a weaker course, or one whose amounts are not charted,
    is no step of a taper. Amounts are compared in adults only (PED-1).
    """
    since = _bout(s, s.verdict.crs if crs else s.verdict.icans)
    least = first_mg(regimen) if s.prints_flat_dose else Decimal(0)
    doses = s.steroid_course.doses if s.steroid_course else ()
    begun = (
        dose.start
        for dose in doses
        if dose.drug == METHYLPREDNISOLONE and dose.start >= since and (dose.mg or 0) >= least
    )
    return (s.now - next(begun, s.now)) // DAY


def _bout(s: Situation, found: Assessment) -> Instant:
    """Start of the present bout (READ-12); of the course where it may be older (READ-14)."""
    quiet = s.policy.episode_close_h * HOUR
    bout, read_from = found.bout, found.history_from
    if bout is None or (read_from is not None and read_from > bout - quiet):
        return s.start
    return bout
