"""Conditions of the IEC-HS rules (clinical-rules.md section 4), by id; why a check is due."""

from __future__ import annotations

from grading.iechs import earlier_count
from grading.model import Advice
from grading.rulebook import PREDICATES, applies
from grading.situation import Situation

_PRODUCTS = frozenset({"cilta-cel", "ide-cel"})
_COUNTS = ("anc", "platelets", "hemoglobin")


def reasons_to_check(s: Situation) -> tuple[str, ...]:
    """Why IEC-HS is to be checked whatever the labs say (IECHS-4); empty: no reason."""
    is_product = s.product in _PRODUCTS and s.day <= s.policy.soften_max_day
    reasons = {
        Advice.IECHS_AFTER_CRS: bool(PREDICATES["MGMT-CRS-10"](s)),
        Advice.IECHS_AFTER_FEVER: _is_fever_back(s) and _is_count_falling(s),
        f"{Advice.IECHS_AFTER_PRODUCT}:{s.product}": is_product,
    }
    return tuple(str(key) for key, holds in reasons.items() if holds)


def _is_fever_back(s: Situation) -> bool:
    """Whether there is a fever now, and one before it that had been gone for a day."""
    run = s.fever_run
    return bool(run) and s.course.fevers[0] != run[0]


def _is_count_falling(s: Situation) -> bool:
    chart = s.course.chart
    for name in _COUNTS:
        latest = chart.labs.latest(name)
        earlier = None if latest is None else earlier_count(chart, name, latest)
        if latest is not None and earlier is not None and latest.value < earlier.value:
            return True
    return False


@applies("IECHS-4")
def _unsettled(s: Situation) -> bool:
    return s.overlap.possible is None and bool(reasons_to_check(s))


@applies("IECHS-5")
def _possible(s: Situation) -> bool:
    return s.is_overlap_possible


@applies("IECHS-6")
def _severity(s: Situation) -> bool:
    return s.is_overlap_possible


@applies("IECHS-7")
def _hlh_2004(s: Situation) -> bool:
    return s.is_overlap_possible
