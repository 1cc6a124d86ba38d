"""Conditions of the rules on second-line drugs, levetiracetam and imaging (7.5), bound by id."""

from __future__ import annotations

from grading.model import HOUR, StudyKind
from grading.order_case import OrderCase
from grading.order_rulebook import Hit, checks
from grading.rulebook import PREDICATES
from grading.situation import Situation

_ANAKINRA = "anakinra"
_RUXOLITINIB = "ruxolitinib"
_LEVETIRACETAM = frozenset({"levetiracetam"})
_REFRACTORY = ("MGMT-CRS-R", "MGMT-ICANS-R")
_BRAIN_IMAGING = frozenset({StudyKind.MRI_BRAIN, StudyKind.CT_HEAD})


def _is_refractory(s: Situation) -> bool:
    return any(PREDICATES[rule](s) for rule in _REFRACTORY)


def _is_new(case: OrderCase, drug: str) -> bool:
    """Whether the draft orders `drug`, which was not active before the first infusion."""
    return case.orders({drug}) and not case.was_active_before(drug)


@checks("OT-ANA-1")
def _anakinra(case: OrderCase) -> Hit | None:
    s, course = case.s, case.s.steroid_course
    if not _is_new(case, _ANAKINRA):
        return None
    treated = course is not None and s.now - course.start >= s.policy.refractory_h * HOUR
    if treated or s.tocilizumab_given or _is_refractory(s) or s.is_overlap_possible:
        return None
    return Hit(missing=case.unread_doses)


@checks("OT-RUX-1")
def _ruxolitinib(case: OrderCase) -> Hit | None:
    s = case.s
    if not _is_new(case, _RUXOLITINIB) or _is_refractory(s) or s.is_overlap_possible:
        return None
    return Hit(missing=case.unread_doses)


@checks("OT-LEV-1")
def _levetiracetam(case: OrderCase) -> Hit | None:
    second = case.orders(_LEVETIRACETAM) and case.active(_LEVETIRACETAM)
    return Hit() if second else None


@checks("OT-RENAL-1")
def _renal(case: OrderCase) -> Hit | None:
    """Kidney function is no input, and what is missing is not normal: said of every order."""
    return Hit() if case.orders(_LEVETIRACETAM) else None


@checks("OT-IMG-1", silent=True)
def _imaging(case: OrderCase) -> Hit | None:
    """Nothing suggests imaging here; at patient-view a drafted test counts as ordered."""
    return Hit() if case.draft.study in _BRAIN_IMAGING else None
