"""Conditions and coded report conclusions: events, signs, charted grades, risks (READ-15)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fhir_mappings.answers import SEIZURES, SIGNS, grade_in_words
from fhir_mappings.codes import CodeableConcept
from fhir_mappings.courses import (
    has_abated,
    has_onset,
    is_closed,
    is_of_old,
    is_perhaps_of_old,
    lasted,
    onset_of,
)
from fhir_mappings.denial import is_gone, names_of
from fhir_mappings.diagnosed import diagnosed, is_affirmed, is_coded_and_planned
from fhir_mappings.facts import At, Facts, is_other_cause
from fhir_mappings.home_support import KEYS as SUPPORT_AT_HOME
from fhir_mappings.home_support import is_at_home, needs_date
from fhir_mappings.issues import IssueKind
from fhir_mappings.naming import Named, pairs_of, study_named, wording
from fhir_mappings.neuro import minutes_between
from fhir_mappings.overlap import DIAGNOSED, add_conclusion, add_diagnosis
from fhir_mappings.parts import CONCEPTS, codes_in
from fhir_mappings.resources import Condition, DiagnosticReport
from fhir_mappings.signs import SIGNS_OF_CONDITIONS, absence_of, doubt_of, extent_in
from grading.model import (
    ChartedGrade,
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
_SUPPOSED = frozenset({"unconfirmed", "provisional", "differential"})

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
_KEYS: Mapping[SignKind, str] = {
    **{kind: key for key, (kind, _) in SIGNS_OF_CONDITIONS.items()},
    SignKind.DIFFUSE_EDEMA: "cond.cerebral_edema",
    SignKind.FOCAL_EDEMA: "cond.cerebral_edema",
}
"""The concept whose words name a sign; of other motor findings there is none."""
_CONCLUDED: Mapping[tuple[str, str], tuple[SignKind, str]] = {
    pair: (kind, _KEYS.get(kind, ""))
    for pair, kind in SIGNS.items()
    if kind not in (SignKind.MOTOR_NONE, SignKind.ICP_NONE)
}
_CONVULSED: Mapping[tuple[str, str], tuple[SeizureKind, str]] = {
    pair: (kind, "cond.seizure") for pair, kind in SEIZURES.items() if kind is not SeizureKind.NONE
}
"""Answers of our CodeSystem as conclusions; `none` alone does not tell what was looked for."""


def read_condition(condition: Condition, facts: Facts) -> None:
    """Add what one Condition says; refuted ones and negated texts say nothing."""
    concept = condition.code
    verified = codes_in(condition.verification_status)
    if concept is None or _REFUTED & verified:
        return
    words, found = wording(concept), _found(concept, "Condition", condition.ref, facts)
    known = [key for key in found.keys if key in _ALL and not _is_over(key, found.keys, condition)]
    if not known:
        return
    onset = _onset(condition, known, facts)
    for key in known:
        supposed = bool(_SUPPOSED & verified) or (key in _EVENTS and _lacks_time(condition))
        at = None if onset is None else _flagged(onset, found, words, key, supposed=supposed)
        if key in _RISKS and at is None and _may_be_of_now(key, condition):
            continue
        if key in _RISKS:
            facts.risks.append(Risk(at.t if at else None, _RISKS[key], condition.ref, words))
        elif key in _EVENTS and at is not None:
            minutes, other = minutes_between(facts, lasted(condition)), is_other_cause(condition)
            facts.seizures.append(
                Seizure(at.t, _EVENTS[key], minutes, condition.ref, at.flags, other)
            )
        elif at is not None:
            _event(key, at, condition, facts)


def _found(concept: CodeableConcept, label: str, ref: str, facts: Facts) -> Named:
    """What it names; noted where a code is of what is graded, and its words of a plan."""
    if is_coded_and_planned(concept):
        facts.log.add(IssueKind.REFUSED_VALUE, label, ref)
    return diagnosed(concept)


def _onset(condition: Condition, known: Iterable[str], facts: Facts) -> At | None:
    """When it began; noted where what is graded is left out for words that are not plain."""
    onset = onset_of(condition, facts)
    if onset is None and is_perhaps_of_old(condition) and not _GRADED.isdisjoint(known):
        facts.log.add(IssueKind.NO_TIME, "Condition", condition.ref)
    return onset


def _lacks_time(condition: Condition) -> bool:
    """Whether an event is charted as over and by no time but when it was recorded (READ-15)."""
    return is_closed(condition) and not has_onset(condition) and not lasted(condition).end


def _flagged(at: At, found: Named, words: str, key: str, *, supposed: bool) -> At:
    """When it stands, with how a finding was recognized, and whether it is only supposed."""
    by_text = (Remark.BY_TEXT,) if found.by_text else ()
    doubt = (Remark.UNCONFIRMED,) if supposed else doubt_of(key, words)
    return At(at.t, (*at.flags, *by_text, *doubt))


_NEUROTOXICITY = frozenset(
    {"cond.parkinsonism", "cond.cranial_nerve_palsy", "cond.polyradiculoneuritis"}
)
_SIXTH = "cond.cn6_palsy"


def _is_over(key: str, keys: Iterable[str], condition: Condition) -> bool:
    """Whether a finding of MGMT-ICANS-11 or support at home (DEF-14) has abated.

    So too what is a palsy of the sixth nerve instead, or support that is not plainly of home.
    """
    if key not in _NEUROTOXICITY | SUPPORT_AT_HOME:
        return False
    if key in SUPPORT_AT_HOME and not is_at_home(condition.code or CodeableConcept(), key):
        return True
    ended = bool(lasted(condition).end) or has_abated(condition, key)
    return ended or (key in _NEUROTOXICITY and _SIXTH in keys)


def _may_be_of_now(key: str, condition: Condition) -> bool:
    """Whether an undated support may be that of now (DEF-14); one since an age is an old one."""
    code = condition.code or CodeableConcept()
    return key in SUPPORT_AT_HOME and needs_date(code) and not is_of_old(condition)


_GRADED = {*_GRADES, *_UNGRADED, *_EVENTS, *SIGNS_OF_CONDITIONS}
_ALL = {*_GRADED, *_RISKS, DIAGNOSED}


def _event(key: str, at: At, condition: Condition, facts: Facts) -> None:
    concept, ref = condition.code or CodeableConcept(), condition.ref
    if key in _GRADES:
        syndrome, grade = _GRADES[key]
        facts.charted_grades.append(ChartedGrade(at.t, syndrome, grade, ref))
    elif key in _UNGRADED and grade_in_words(wording(concept)) != 0:
        facts.charted_grades.append(ChartedGrade(at.t, _UNGRADED[key], None, ref))
    elif key == DIAGNOSED:
        add_diagnosis(concept, at, ref, facts)
    elif key in SIGNS_OF_CONDITIONS:
        _sign(key, at, condition, facts)


def _sign(key: str, at: At, condition: Condition, facts: Facts) -> None:
    """A sign from its onset on, and its absence from when it was charted as abated (READ-15).

    One that is over since a time that is not told is no sign of now, and noted. With no onset, one
    that had abated when it was recorded leaves its absence alone.
    """
    kind, imaging = SIGNS_OF_CONDITIONS[key]
    ended, ref = lasted(condition).end, condition.ref
    over = facts.at(ended, None, "Condition", ref)
    if not ended and has_abated(condition, key):
        over = facts.at(condition.recorded_date, None, "Condition", ref)
        if over is None or over.t <= at.t:
            facts.log.add(IssueKind.NO_TIME, "Condition", ref)
            return
    other, words = is_other_cause(condition), wording(condition.code or CodeableConcept())
    if over is None or over.t > at.t or has_onset(condition):
        facts.signs.append(Sign(at.t, extent_in(kind, words), imaging, ref, at.flags, other))
    if over is not None and kind is not SignKind.HEMORRHAGE:
        gone = absence_of(kind)
        facts.signs.append(Sign(over.t, gone, imaging, ref, over.flags, other, denies=kind))


# --- reports -------------------------------------------------------------------------------------


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
        taken = At(at.t, (*flags, *at.flags))
        _conclusion(concept, taken, report.ref, facts, other=is_other_cause(report))


def _conclusion(concept: CodeableConcept, at: At, ref: str, facts: Facts, *, other: bool) -> None:
    """What a coded conclusion says: by an answer of our CodeSystem, else as a condition does."""
    words, found = wording(concept), _found(concept, "DiagnosticReport", ref, facts)
    pairs = tuple(pairs_of(concept))

    def stands(key: str) -> At:
        return _flagged(at, found, words, key, supposed=False)

    signs = [_CONCLUDED[pair] for pair in pairs if pair in _CONCLUDED]
    signs += [
        (extent_in(SIGNS_OF_CONDITIONS[key][0], words), key)
        for key in found.keys
        if key in SIGNS_OF_CONDITIONS
    ]
    facts.signs += [
        _concluded(kind, is_gone(words, names_of(key)), stands(key), ref, other=other)
        for kind, key in signs
    ]
    seizures = [_CONVULSED[pair] for pair in pairs if pair in _CONVULSED]
    seizures += [(_EVENTS[key], key) for key in found.keys if key in _EVENTS]
    facts.seizures += [
        Seizure(at.t, kind, None, ref, stands(key).flags, other) for kind, key in seizures
    ]
    risks = [_RISKS[key] for key in found.keys if key in _SEEN_RISKS]
    if is_affirmed(words, "epileptiform"):
        risks.append(RiskKind.EPILEPTIFORM_EEG)
    facts.risks += [Risk(at.t, kind, ref, words) for kind in risks]
    if DIAGNOSED in found.keys:
        add_diagnosis(concept, stands(DIAGNOSED), ref, facts)
    add_conclusion(concept, stands(""), ref, facts)


def _concluded(kind: SignKind, gone: bool, at: At, ref: str, *, other: bool) -> Sign:
    """A sign of a report, or its absence where it is said to have resolved."""
    if gone:
        return Sign(at.t, absence_of(kind), True, ref, at.flags, other, denies=kind)
    return Sign(at.t, kind, True, ref, at.flags, other)


_SEEN_RISKS = frozenset({"cond.cns_disease", "cond.brain_lesion", "cond.polyradiculoneuritis"})
