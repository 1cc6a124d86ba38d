"""Conditions and coded report conclusions: events, signs, charted grades, risks (READ-15)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from fhir_mappings.answers import SEIZURES, SIGNS
from fhir_mappings.codes import CodeableConcept
from fhir_mappings.facts import At, Facts
from fhir_mappings.naming import (
    diagnosed,
    is_affirmed,
    labs_named,
    pairs_of,
    study_named,
    wording,
)
from fhir_mappings.neuro import SIGNS_OF_CONDITIONS, absence_of, minutes_between
from fhir_mappings.overlap import DIAGNOSED, add_conclusion, add_diagnosis
from fhir_mappings.parts import CONCEPTS
from fhir_mappings.resources import Condition, DiagnosticReport, Period, ServiceRequest
from grading.model import (
    LAB,
    ChartedGrade,
    Order,
    Remark,
    Risk,
    RiskKind,
    Seizure,
    SeizureKind,
    Sign,
    SignKind,
    Study,
)

_REFUTED = frozenset({"refuted", "entered-in-error"})
_DIFFUSE = re.compile(r"diffuse|global", re.IGNORECASE)
_FOCAL = re.compile(r"focal|local", re.IGNORECASE)

_GRADES = {
    f"cond.{syndrome}_grade_{n}": (syndrome, n)
    for syndrome in ("crs", "icans")
    for n in range(1, 6)
}
_UNGRADED = {"cond.crs_any": "crs", "cond.icans_any": "icans"}
_RISKS: Mapping[str, RiskKind] = {
    "cond.epilepsy_baseline": RiskKind.SEIZURE_HISTORY,
    "cond.seizure_history": RiskKind.SEIZURE_HISTORY,
    "cond.cns_disease": RiskKind.CNS_DISEASE,
    "cond.brain_lesion": RiskKind.BRAIN_LESION,
    "cond.supplemental_o2_dependence": RiskKind.HOME_OXYGEN,
    "cond.home_oxygen_text": RiskKind.HOME_OXYGEN,
    "cond.home_cpap": RiskKind.HOME_CPAP,
    "cond.home_bipap": RiskKind.HOME_BIPAP,
    "cond.non_verbal": RiskKind.NON_VERBAL,
    "cond.gi_perforation": RiskKind.GI_PERFORATION,
    "cond.parkinsonism": RiskKind.PARKINSONISM,
    "cond.cranial_nerve_palsy": RiskKind.CRANIAL_NERVE_PALSY,
    "cond.polyradiculoneuritis": RiskKind.POLYRADICULONEURITIS,
}
_EVENTS = {
    "cond.seizure": SeizureKind.UNSPECIFIED,
    "cond.status_epilepticus": SeizureKind.PROLONGED,
}


_CONCLUDED = {
    pair: kind
    for pair, kind in SIGNS.items()
    if kind not in (SignKind.MOTOR_NONE, SignKind.ICP_NONE)
}
_CONVULSED = {pair: kind for pair, kind in SEIZURES.items() if kind is not SeizureKind.NONE}
"""Answers of our CodeSystem as conclusions; `none` alone does not tell what was looked for."""


def read_condition(condition: Condition, facts: Facts) -> None:
    """Add what one Condition says; refuted ones and negated texts say nothing."""
    concept = condition.code
    if concept is None or _REFUTED & _codes(condition.verification_status):
        return
    words = wording(concept)
    found = diagnosed(concept)
    known = [key for key in found.keys if key in _ALL and not _is_over(key, found.keys, condition)]
    if not known:
        return
    at = _onset(condition, facts)
    if at is not None and found.by_text:
        at = At(at.t, (*at.flags, Remark.BY_TEXT))
    for key in known:
        if key in _RISKS:
            facts.risks.append(Risk(at.t if at else None, _RISKS[key], condition.ref, words))
        elif key in _EVENTS and at is not None:
            minutes = minutes_between(facts, _lasted(condition))
            facts.seizures.append(Seizure(at.t, _EVENTS[key], minutes, condition.ref, at.flags))
        elif at is not None:
            _event(key, at, condition, facts)
    _gone(condition, known, facts)


_NEUROTOXICITY = frozenset(
    {"cond.parkinsonism", "cond.cranial_nerve_palsy", "cond.polyradiculoneuritis"}
)
_SIXTH = "cond.cn6_palsy"


def _is_over(key: str, keys: Iterable[str], condition: Condition) -> bool:
    """Whether a finding of MGMT-ICANS-11 has abated, or is a palsy of the sixth nerve instead."""
    if key not in _NEUROTOXICITY:
        return False
    return bool(_lasted(condition).end) or _SIXTH in keys


_ALL = {*_GRADES, *_UNGRADED, *_RISKS, *_EVENTS, *SIGNS_OF_CONDITIONS, DIAGNOSED}


def _codes(raw: msgspec.Raw) -> set[str | None]:
    return {coding.code for concept in CONCEPTS.all(raw) for coding in concept.coding}


def _onset(condition: Condition, facts: Facts) -> At | None:
    """Onset, else when it was recorded; an onset charted as an age or range is an old one."""
    if condition.onset_date_time:
        return facts.at(condition.onset_date_time, None, "Condition", condition.ref)
    if condition.onset_period and condition.onset_period.start:
        return facts.at(condition.onset_period.start, None, "Condition", condition.ref)
    if bytes(condition.onset_age) or bytes(condition.onset_range):
        return None
    if condition.recorded_date:
        return facts.at(condition.recorded_date, None, "Condition", condition.ref)
    return None


def _event(key: str, at: At, condition: Condition, facts: Facts) -> None:
    concept, ref = condition.code or CodeableConcept(), condition.ref
    if key in _GRADES:
        syndrome, grade = _GRADES[key]
        facts.charted_grades.append(ChartedGrade(at.t, syndrome, grade, ref))
    elif key in _UNGRADED:
        facts.charted_grades.append(ChartedGrade(at.t, _UNGRADED[key], None, ref))
    elif key == DIAGNOSED:
        add_diagnosis(concept, at, ref, facts)
    else:
        kind, imaging = SIGNS_OF_CONDITIONS[key]
        facts.signs.append(Sign(at.t, _extent(kind, wording(concept)), imaging, ref, at.flags))


def _lasted(condition: Condition) -> Period:
    """From onset to abatement, as far as both are charted."""
    onset, ended = condition.onset_period, condition.abatement_period
    return Period(
        condition.onset_date_time or (onset.start if onset else None),
        condition.abatement_date_time or (ended.end or ended.start if ended else None),
    )


def _extent(kind: SignKind, words: str) -> SignKind:
    """Edema as focal or diffuse, where the words tell it."""
    if kind is not SignKind.EDEMA_EXTENT_UNKNOWN:
        return kind
    if _DIFFUSE.search(words):
        return SignKind.DIFFUSE_EDEMA
    return SignKind.FOCAL_EDEMA if _FOCAL.search(words) else kind


def _gone(condition: Condition, keys: Iterable[str], facts: Facts) -> None:
    """A sign that is charted as abated is gone from then on (READ-15)."""
    ended = _lasted(condition).end
    signs = [key for key in keys if key in SIGNS_OF_CONDITIONS]
    if not ended or not signs:
        return
    at = facts.at(ended, None, "Condition", condition.ref)
    if at is None:
        return
    for key in signs:
        kind, imaging = SIGNS_OF_CONDITIONS[key]
        if kind is not SignKind.HEMORRHAGE:
            facts.signs.append(Sign(at.t, absence_of(kind), imaging, condition.ref, at.flags))


# --- reports and test orders ---------------------------------------------------------------------


def read_report(report: DiagnosticReport, facts: Facts) -> None:
    """A test that was resulted, and its coded conclusions as findings of imaging or EEG."""
    kind = None if report.code is None else study_named(report.code)
    conclusions = tuple(map(facts.codes.concept, CONCEPTS.all(report.conclusion_code)))
    if kind is None and not conclusions:
        return
    flags = facts.status_flags(report.status, "DiagnosticReport", report.ref)
    if flags is None:
        return
    at = facts.stands(
        report.effective_date_time,
        report.effective_period,
        report.issued,
        "DiagnosticReport",
        report.ref,
    )
    if at is None:
        return
    if kind is not None:
        facts.studies.append(Study(at.t, kind, report.ref))
    for concept in conclusions:
        _conclusion(concept, At(at.t, (*flags, *at.flags)), report.ref, facts)


def _conclusion(concept: CodeableConcept, at: At, ref: str, facts: Facts) -> None:
    """What a coded conclusion says: by an answer of our CodeSystem, else as a condition does."""
    words = wording(concept)
    found = diagnosed(concept)
    at = At(at.t, (*at.flags, Remark.BY_TEXT)) if found.by_text else at
    signs: list[SignKind] = [_CONCLUDED[pair] for pair in pairs_of(concept) if pair in _CONCLUDED]
    signs += [
        _extent(SIGNS_OF_CONDITIONS[key][0], words)
        for key in found.keys
        if key in SIGNS_OF_CONDITIONS
    ]
    facts.signs += [Sign(at.t, kind, imaging=True, ref=ref, flags=at.flags) for kind in signs]
    seizures: list[SeizureKind] = [
        _CONVULSED[pair] for pair in pairs_of(concept) if pair in _CONVULSED
    ]
    seizures += [_EVENTS[key] for key in found.keys if key in _EVENTS]
    facts.seizures += [Seizure(at.t, kind, None, ref, at.flags) for kind in seizures]
    risks = [_RISKS[key] for key in found.keys if key in _SEEN_RISKS]
    if is_affirmed(words, "epileptiform"):
        risks.append(RiskKind.EPILEPTIFORM_EEG)
    facts.risks += [Risk(at.t, kind, ref, words) for kind in risks]
    if DIAGNOSED in found.keys:
        add_diagnosis(concept, at, ref, facts)
    add_conclusion(concept, at, ref, facts)


_SEEN_RISKS = frozenset({"cond.cns_disease", "cond.brain_lesion", "cond.polyradiculoneuritis"})
_OPEN_ORDERS = frozenset({"active", "on-hold", "draft"})
_PLANNED = frozenset({"proposal", "plan"})


def read_test_order(request: ServiceRequest, facts: Facts) -> None:
    """An open order for tests that a rule may suggest; a completed one is a test that was done."""
    if request.code is None or request.do_not_perform:
        return
    kind = study_named(request.code)
    labs = labs_named(request.code) if kind is None else ()
    if kind is None and not labs:
        return
    found = None
    if request.authored_on:
        found = facts.at(request.authored_on, None, "ServiceRequest", request.ref)
    if kind is not None and request.status == "completed" and found is not None:
        facts.studies.append(Study(found.t, kind, request.ref))
    if request.status not in _OPEN_ORDERS:
        return
    draft = request.status == "draft" or request.intent in _PLANNED
    keys = [kind.value] if kind is not None else [f"{LAB}{name}" for name in labs]
    facts.orders += [
        Order(
            key,
            found.t if found else None,
            request.ref,
            draft=draft,
            text=wording(request.code),
            on_hold=request.status == "on-hold",
        )
        for key in keys
    ]
