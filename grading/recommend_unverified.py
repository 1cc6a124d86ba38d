"""Conditions of the rules that are off until a site turns them on (clinical-rules.md 0.5)."""

from __future__ import annotations

from grading.improvement import Change
from grading.recommend_icans import pressure_sign
from grading.rulebook import applies
from grading.situation import Situation

_LABEL_EARLY = frozenset({"liso-cel", "ide-cel"})
_LABEL_GRADE_1 = frozenset({"axi-cel", "brexu-cel"})


@applies("LABEL-AXI-BREXU")
def _grade_1_for_a_day(s: Situation) -> bool:
    onset = s.verdict.crs.onset
    if not s.is_crs(1) or s.product not in _LABEL_GRADE_1 or onset is None:
        return False
    return s.crs_change(onset, s.policy.refractory_h) is Change.NOT_IMPROVED


@applies("LABEL-LISO-IDE")
def _early_onset(s: Situation) -> bool:
    return s.has_crs(1) and s.product in _LABEL_EARLY and s.crs_early is True


@applies("LABEL-CILTA")
def _cilta_cel(s: Situation) -> bool:
    return s.has_crs(3) and s.product == "cilta-cel"


@applies("LABEL-TISA")
def _tisa_cel(s: Situation) -> bool:
    return s.has_crs(1) and s.product == "tisa-cel"


@applies("MGMT-ICP-2")
def _pressure_numbers(s: Situation) -> bool | None:
    return pressure_sign(s)
