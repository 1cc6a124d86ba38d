"""Conditions of the ICANS and seizure rules (clinical-rules.md 6, MON-4, ICU-3 to 5, consults)."""

from __future__ import annotations

from grading.bcma import findings, is_bcma, is_late_icans
from grading.dedup import antiseizure_drug, is_tocilizumab_there
from grading.improvement import Change
from grading.model import Note, RiskKind
from grading.rulebook import applies
from grading.situation import Situation
from grading.stops import sedating_orders

_SEIZURE_RISKS = frozenset(
    {
        RiskKind.SEIZURE_HISTORY,
        RiskKind.CNS_DISEASE,
        RiskKind.BRAIN_LESION,
        RiskKind.EPILEPTIFORM_EEG,
    }
)
_FOCAL_EDEMA = "ICANS-I3"
_RAISED_PRESSURE = "ICANS-I4"
_PROLONGED_SEIZURE = "ICANS-S4"
_PRESSURE_AXIS = "icp"
_AXI_CEL = "axi-cel"
_BREXU_CEL = "brexu-cel"
_OTHER_PRODUCTS = "_other"
_NEVER = 5
"""Above every grade: the product has no threshold."""


def _reaches_levetiracetam_grade(s: Situation, product: str | None) -> bool:
    grades = s.policy.lev_min_icans
    least = grades.get(product or _OTHER_PRODUCTS, grades.get(_OTHER_PRODUCTS, _NEVER))
    return s.has_icans(least) and not s.has_recent_seizure


# --- 6.1 all grades ----------------------------------------------------------------------------


@applies("MGMT-ICANS-1")
def _neurology(s: Situation) -> bool:
    return s.has_icans(1)


@applies("MGMT-ICANS-2")
def _sedating_medicines(s: Situation) -> bool:
    """After a seizure of any cause too, where such an order is active (7.4)."""
    return s.has_icans(1) or (s.has_recent_seizure and bool(sedating_orders(s)))


@applies("MGMT-ICANS-3")
def _fever_control(s: Situation) -> bool:
    return s.has_icans(1)


@applies("MGMT-ICANS-4")
def _thiamine(s: Situation) -> bool:
    return s.has_icans(1)


@applies("MGMT-ICANS-5")
def _aspiration(s: Situation) -> bool:
    return s.has_icans(1)


@applies("MGMT-ICANS-6")
def _electrolytes(s: Situation) -> bool:
    return s.has_icans(1)


@applies("MGMT-ICANS-7")
def _isolated(s: Situation) -> bool:
    return s.has_icans(1) and not s.has_crs(1)


@applies("MGMT-ICANS-8")
def _checks(s: Situation) -> bool:
    return s.has_icans(1)


# --- 6.2 by grade ------------------------------------------------------------------------------


@applies("MGMT-ICANS-G1")
def _grade_1(s: Situation) -> bool:
    """Not while a steroid runs since a higher grade: then the taper speaks (MGMT-ICANS-T)."""
    if not s.is_icans(1) or s.has_crs(1) or _taper(s):
        return False
    return _grade_1_early(s) is not True


@applies("MGMT-ICANS-G1L")
def _grade_1_early(s: Situation) -> bool | None:
    if not s.is_icans(1) or s.product not in s.policy.icans1_early_products:
        return False
    return s.icans_early


@applies("MGMT-ICANS-G1C")
def _grade_1_with_tocilizumab(s: Situation) -> bool:
    return s.is_icans(1) and s.has_crs(1) and is_tocilizumab_there(s)


@applies("MGMT-ICANS-G2")
def _grade_2(s: Situation) -> bool:
    return s.is_icans(2)


@applies("MGMT-ICANS-G3")
def _grade_3(s: Situation) -> bool:
    return s.is_icans(3)


@applies("MGMT-ICANS-G4")
def _grade_4(s: Situation) -> bool:
    return s.is_icans(4)


@applies("MGMT-ICANS-R")
def _refractory(s: Situation) -> bool:
    since = s.intensive_since
    if not s.has_icans(3) or since is None:
        return False
    return s.icans_change(since, s.policy.refractory_h) is Change.NOT_IMPROVED


@applies("MGMT-ICANS-T")
def _taper(s: Situation) -> bool:
    """Not while CRS itself asks for a steroid, from grade 2 on (5.5: the stronger need)."""
    course = s.steroid_course
    if course is None or s.icans_hi > 1 or s.has_crs(2):
        return False
    return s.had_icans(2, course.start)


@applies("MGMT-ICANS-MRI")
def _imaging(s: Situation) -> bool:
    return s.has_icans(s.policy.neuroimaging_min_icans)


@applies("MGMT-ICANS-EEG")
def _eeg(s: Situation) -> bool:
    return s.has_icans(s.policy.eeg_min_icans) or s.has_recent_seizure


@applies("MGMT-ICANS-LP")
def _lumbar_puncture(s: Situation) -> bool:
    return s.has_icans(s.policy.lp_min_icans) and not _pressure_suspected(s)


@applies("MGMT-ICANS-11")
def _other_neurotoxicity(s: Situation) -> bool:
    return is_bcma(s) and (bool(findings(s)) or is_late_icans(s))


# --- 8 monitoring and intensive care -------------------------------------------------------------


@applies("MON-4")
def _neurological_checks(s: Situation) -> bool:
    return s.has_icans(1)


@applies("MON-6-ICANS")
def _graded_again(s: Situation) -> bool:
    return s.has_icans(1) and not s.has_crs(1)


@applies("CONSULT-1-ICANS")
def _cell_therapy(s: Situation) -> bool:
    return s.has_icans(1) and not s.has_crs(1)


@applies("CONSULT-4")
def _ophthalmology(s: Situation) -> bool:
    return s.has_icans(3)


@applies("ICU-3")
def _intensive_care(s: Situation) -> bool:
    return s.has_icans(3)


@applies("ICU-4")
def _intensive_care_of_both(s: Situation) -> bool:
    return s.is_icans(2) and s.has_crs(2)


@applies("ICU-5")
def _intensive_care_of_the_brain(s: Situation) -> bool:
    """The opening pressure alone is no ground: its threshold is unverified (ICANS-O1)."""
    grounds = {_FOCAL_EDEMA, _RAISED_PRESSURE, _PROLONGED_SEIZURE}
    return not grounds.isdisjoint(s.verdict.icans.rules)


# --- 6.4 raised intracranial pressure ----------------------------------------------------------


@applies("MGMT-ICP-0")
def _pressure_to_be_checked(s: Situation) -> bool:
    return not pressure_sign(s) and (s.is_icans(4) or _FOCAL_EDEMA in s.verdict.icans.rules)


@applies("MGMT-ICP-1")
def pressure_sign(s: Situation) -> bool:
    """Whether a sign of raised pressure stands in its window (ICANS-I4)."""
    return _RAISED_PRESSURE in s.verdict.icans.rules


@applies("MGMT-ICP-4")
def _pressure_suspected(s: Situation) -> bool:
    """A sign or edema, also one past its window and not charted as gone, or the opening pressure.

    A basis row of that axis is there only where something was found.
    """
    found = s.verdict.icans
    charted = any(basis.axis == _PRESSURE_AXIS for basis in found.basis)
    return charted or any(note.startswith(Note.OPENING_PRESSURE) for note in found.notes)


# --- 6.3 seizures ------------------------------------------------------------------------------


@applies("SZ-1")
def _axi_cel(s: Situation) -> bool:
    return s.product == _AXI_CEL and _reaches_levetiracetam_grade(s, _AXI_CEL)


@applies("SZ-2")
def _brexu_cel(s: Situation) -> bool:
    return s.product == _BREXU_CEL and _reaches_levetiracetam_grade(s, _BREXU_CEL)


@applies("SZ-3")
def _seizure_risk(s: Situation) -> bool:
    if s.has_recent_seizure or s.day > s.policy.icans_normal_max_day:
        return False
    risks = s.course.snapshot.risks
    return bool(s.seizures) or any(risk.kind in _SEIZURE_RISKS for risk in risks)


@applies("SZ-4")
def _product_with_crs(s: Situation) -> bool:
    listed = s.product in s.policy.lev_on_crs
    return listed and s.has_crs(1) and not s.has_recent_seizure


@applies("SZ-5")
def _other_product(s: Situation) -> bool:
    if s.product in {_AXI_CEL, _BREXU_CEL}:
        return False
    return _reaches_levetiracetam_grade(s, s.product)


@applies("SZ-6")
def _antiseizure_drug(s: Situation) -> bool:
    return antiseizure_drug(s) is not None


@applies("SZ-7")
def _seizure(s: Situation) -> bool:
    return s.has_recent_seizure
