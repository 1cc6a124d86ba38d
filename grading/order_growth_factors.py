"""Conditions of the growth factor rules (clinical-rules.md 7.1), bound by id."""

from __future__ import annotations

from grading.knowledge import KNOWLEDGE
from grading.model import State, Urgency
from grading.order_case import OrderCase
from grading.order_model import Act, ActKind, OrderNote
from grading.order_rulebook import Hit, checks

_GCSF_STEM = "grastim"
_GMCSF_STEM = "gramostim"
_LONG_ACTING = KNOWLEDGE.drugs["gcsf-long-acting"]
_REMOVE = (Act(ActKind.REMOVE),)
_EVIDENCE = (str(OrderNote.GCSF_EVIDENCE),)
_LEAST_SEVERE = 3


def _is_gcsf(case: OrderCase) -> bool:
    return any(_GCSF_STEM in name for name in case.draft.ingredients)


def _is_gmcsf(case: OrderCase) -> bool:
    return any(_GMCSF_STEM in name for name in case.draft.ingredients)


def _in_window(case: OrderCase) -> bool:
    return case.s.day <= case.s.policy.crs_late_max_day


def _graded(case: OrderCase) -> Hit:
    severity = case.s.policy.gcsf_severity[str(case.crs)]
    return Hit(Urgency(severity), _EVIDENCE, acts=_REMOVE)


@checks("OT-GCSF-1")
def _mild(case: OrderCase) -> Hit | None:
    return _graded(case) if _is_gcsf(case) and 1 <= case.crs < _LEAST_SEVERE else None


@checks("OT-GCSF-2")
def _severe(case: OrderCase) -> Hit | None:
    return _graded(case) if _is_gcsf(case) and case.crs >= _LEAST_SEVERE else None


@checks("OT-GCSF-3")
def _resolving(case: OrderCase) -> Hit | None:
    resolving = case.s.verdict.crs.state is State.RESOLVING
    return Hit(notes=_EVIDENCE) if _is_gcsf(case) and resolving else None


@checks("OT-GCSF-4")
def _not_excluded(case: OrderCase) -> Hit | None:
    s = case.s
    if not _is_gcsf(case) or s.crs_lo >= 1 or s.crs_hi == 0:
        return None
    notes = (OrderNote.CRS_UNCERTAIN, *_EVIDENCE)
    return Hit(notes=notes, missing=s.verdict.crs.missing, acts=_REMOVE)


@checks("OT-GCSF-5")
def _without_crs(case: OrderCase) -> Hit | None:
    s = case.s
    if not s.policy.gcsf_info_without_crs or not _is_gcsf(case) or not _in_window(case):
        return None
    none = s.crs_hi == 0 and s.verdict.crs.state is not State.RESOLVING
    return Hit(notes=_EVIDENCE) if none else None


@checks("OT-GCSF-6", "OT-GCSF-1", "OT-GCSF-2")
def _long_acting(case: OrderCase) -> Hit | None:
    return Hit(notes=(OrderNote.LONG_ACTING,)) if case.names(_LONG_ACTING) else None


@checks("OT-GMCSF-1")
def _gmcsf(case: OrderCase) -> Hit | None:
    if not _is_gmcsf(case) or case.crs < 1:
        return None
    return Hit(Urgency(case.s.policy.gmcsf_severity), acts=_REMOVE)


@checks("OT-GMCSF-2")
def _gmcsf_without_crs(case: OrderCase) -> Hit | None:
    none = case.s.crs_hi == 0 and _in_window(case)
    return Hit(acts=_REMOVE) if _is_gmcsf(case) and none else None
