"""Conditions of the CRS rules (clinical-rules.md 5.2, 5.3, 5.5, MON, ICU-1, ICU-2, consults)."""

from __future__ import annotations

from grading.dedup import first_found, is_started
from grading.fluids import is_low_after_boluses
from grading.improvement import Change
from grading.knowledge import KNOWLEDGE
from grading.model import DAY, HOUR
from grading.oxygen_need import is_oxygen_rising
from grading.rulebook import applies
from grading.situation import Situation

_REPEATED_DOSES = 2
_LEAST_REFRACTORY = 2
"""Refractory CRS begins at this grade; above it two doses are enough (MGMT-CRS-R)."""
_PROLONGED = 7 * DAY
"""CRS that lasts longer is prolonged (IECHS-4)."""
_STEROIDS = KNOWLEDGE.drugs["steroid"]
_ANTIFUNGALS = KNOWLEDGE.drugs["antifungal"]
_CILTA_CEL = "cilta-cel"


def is_refractory_grade_3(s: Situation) -> bool:
    """CRS 3 without improvement `refractory_h` after tocilizumab and a steroid (MGMT-CRS-3E).

    Counted from the later of the two starts: the first tocilizumab of the episode, the first dose
    of the running steroid course. A grade that only a trailing window holds up steps nothing up
    (READ-13).
    """
    if not s.is_crs(3) or s.first_in_episode is None or s.steroid_course is None:
        return False
    if s.crs_untrailed_lo < s.crs_lo:
        return False
    later = max(s.first_in_episode.start, s.steroid_course.start)
    return s.crs_change(later, s.policy.refractory_h) is Change.NOT_IMPROVED


def is_count_exhausted(s: Situation) -> bool:
    """Whether the count, in total or in 24 h, forbids a further tocilizumab now."""
    return s.ledger.remaining == 0 or s.ledger.in_24h >= s.policy.toci_max_24h


# --- 5.2 all grades ----------------------------------------------------------------------------


@applies("MGMT-CRS-01")
def _infection(s: Situation) -> bool:
    return s.has_crs(1)


@applies("MGMT-CRS-02")
def _antimicrobials(s: Situation) -> bool:
    return s.has_crs(1)


@applies("MGMT-CRS-03")
def _antipyretic(s: Situation) -> bool:
    return s.has_crs(1)


@applies("MGMT-CRS-04")
def _growth_factors(s: Situation) -> bool:
    return s.has_crs(1)


@applies("MGMT-CRS-05")
def _neurological_check(s: Situation) -> bool:
    return s.has_crs(1)


@applies("MGMT-CRS-06")
def _telemetry(s: Situation) -> bool:
    return s.has_crs(2)


@applies("MGMT-CRS-07")
def _antifungal(s: Situation) -> bool:
    recent_h = s.policy.steroid_companion_h
    if not s.has_crs(1) or not is_started(s, _STEROIDS, recent_h):
        return False
    return first_found(s, _ANTIFUNGALS, recent_h) is None


@applies("MGMT-CRS-08")
def _cilta_cel(s: Situation) -> bool:
    return s.product == _CILTA_CEL and s.has_crs(1) and not s.has_recent_seizure


@applies("MGMT-CRS-09")
def _electrolytes(s: Situation) -> bool:
    return s.has_crs(1)


# --- 5.3 by grade ------------------------------------------------------------------------------


@applies("MGMT-CRS-1A")
def _grade_1(s: Situation) -> bool:
    others = (_grade_1_persistent, _grade_1_early, _grade_1_product)
    return s.is_crs(1) and not s.has_icans(1) and not any(row(s) is not False for row in others)


@applies("MGMT-CRS-1B")
def _grade_1_persistent(s: Situation) -> bool:
    return s.is_crs(1) and s.is_fever_persistent


@applies("MGMT-CRS-1C")
def _grade_1_early(s: Situation) -> bool | None:
    return s.crs_early if s.is_crs(1) else False


@applies("MGMT-CRS-1D")
def _grade_1_product(s: Situation) -> bool:
    early_steroid = s.product in s.policy.early_steroid_products
    return s.is_crs(1) and not s.has_icans(1) and early_steroid


@applies("MGMT-CRS-2")
def _grade_2(s: Situation) -> bool:
    return s.is_crs(2)


@applies("MGMT-CRS-2E")
def _grade_2_escalated(s: Situation) -> bool:
    first = s.first_in_episode
    if not s.is_crs(2) or first is None:
        return False
    if s.now - first.start < s.policy.refractory_h * HOUR:
        return False
    if s.course.reference("crs", first.start) is None:
        return False
    return s.is_crs_at_least(2, first.start)


@applies("MGMT-CRS-3")
def _grade_3(s: Situation) -> bool:
    return s.is_crs(3)


@applies("MGMT-CRS-3E")
def _grade_3_escalated(s: Situation) -> bool:
    return is_refractory_grade_3(s)


@applies("MGMT-CRS-4")
def _grade_4(s: Situation) -> bool:
    return s.is_crs(4)


@applies("MGMT-CRS-R")
def _refractory(s: Situation) -> bool:
    course = s.steroid_course
    if course is None or s.now - course.start < s.policy.refractory_h * HOUR:
        return False
    grade = min(s.crs_lo, s.crs_untrailed_lo)
    if grade < _LEAST_REFRACTORY:
        return False
    if s.tocilizumab_change is not Change.NOT_IMPROVED:
        return False
    after_two = grade > _LEAST_REFRACTORY and len(s.ledger.doses) >= _REPEATED_DOSES
    return after_two or is_count_exhausted(s)


@applies("MGMT-CRS-10")
def _overlap(s: Situation) -> bool:
    onset = s.verdict.crs.onset
    if not s.has_crs(1) or onset is None:
        return False
    return s.now - onset > _PROLONGED or _refractory(s) or is_refractory_grade_3(s)


@applies("MGMT-MATRIX")
def _concurrent(s: Situation) -> bool:
    return s.has_crs(1) and s.has_icans(1)


# --- 8 monitoring and intensive care -------------------------------------------------------------


@applies("MON-3")
def _vital_signs_and_labs(s: Situation) -> bool:
    return s.has_crs(1)


@applies("MON-6")
def _graded_again(s: Situation) -> bool:
    return s.has_crs(1)


@applies("ICU-1")
def _intensive_care(s: Situation) -> bool:
    return s.has_crs(3)


@applies("ICU-2")
def _intensive_care_early(s: Situation) -> bool:
    if not s.is_crs(2):
        return False
    return is_oxygen_rising(s.course.chart, s.now) or is_low_after_boluses(s)


@applies("CONSULT-1")
def _cell_therapy(s: Situation) -> bool:
    return s.has_crs(1)


@applies("CONSULT-2")
def _infectious_diseases(s: Situation) -> bool:
    """By the fever alone: which antibiotics are given is not read in full, and the words say so."""
    run = s.fever_run
    return s.has_crs(1) and bool(run) and run[-1].t - run[0].t > DAY


@applies("CONSULT-3")
def _cardiology(s: Situation) -> bool:
    return s.has_crs(2)
