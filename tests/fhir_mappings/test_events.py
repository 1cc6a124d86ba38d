"""Conditions to facts: risks, events, signs, charted grades, and what is due to another cause."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from grading.model import Remark, RiskKind, SeizureKind, SignKind
from tests.builders import condition, infused, procedure, report
from tests.fhir_basics import concept
from tests.fhir_codes import EDEMA, SEIZURE, Resource
from tests.fhir_mappings.reading import ago, only, problems, record_of

# --- conditions ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "kinds"),
    [
        (EDEMA, [SignKind.EDEMA_EXTENT_UNKNOWN]),
        (f"{EDEMA} text|Diffuse cerebral edema", [SignKind.DIFFUSE_EDEMA]),
        (f"{EDEMA} text|Focal cerebral edema", [SignKind.FOCAL_EDEMA]),
        ("snomed|423341008", [SignKind.PAPILLEDEMA]),
        ("text|Left hemiparesis", [SignKind.MOTOR_WEAKNESS]),
        ("text|Papilledema", [SignKind.PAPILLEDEMA]),
        ("text|Cerebral edema, no herniation", [SignKind.EDEMA_EXTENT_UNKNOWN]),
        ("text|No cerebral edema", []),
        ("text|Rule out cerebral edema", []),
        ("text|Cerebral edema not seen", []),
        ("text|Normal; no cerebral edema", []),
        ("text|MRI negative, no cerebral edema", []),
        ("text|No cerebral edema; papilledema", [SignKind.PAPILLEDEMA]),
        ("text|History of cerebral edema", []),
        ("text|Family history of hemiparesis", []),
        ("text|Hypertension", []),
    ],
)
def test_a_sign_by_code_or_in_words(code: str, kinds: list[SignKind]) -> None:
    signs = record_of(condition(code, onset="5h")).facts["signs"]

    assert [sign.kind for sign in signs] == kinds


def test_a_sign_found_by_its_words_is_marked() -> None:
    assert only("signs", condition("text|Papilledema", onset="5h")).flags == (Remark.BY_TEXT,)


@pytest.mark.parametrize("verified", ["refuted", "entered-in-error"])
def test_a_refuted_condition_says_nothing(verified: str) -> None:
    assert record_of(condition(SEIZURE, onset="2h", verified=verified)).facts["seizures"] == ()


def test_a_condition_without_code_says_nothing() -> None:
    assert not any(record_of(condition(SEIZURE, onset="2h") | {"code": None}).facts.values())


@pytest.mark.parametrize(
    "words",
    [
        "Absence of seizures",
        "Seizure ruled-out",
        "Seizure free",
        "Seizures - none",
        "No seizures",
        "Non-epileptic seizures",
        "Psychogenic seizure",
        "Family hx of seizures",
        "Seizure ppx",
        "Encephalopathy without seizures",
        "Encephalopathy with no seizures",
    ],
)
def test_a_seizure_that_is_denied_is_no_event(words: str) -> None:
    assert record_of(condition(f"text|{words}", onset="2h")).facts["seizures"] == ()


@pytest.mark.parametrize(
    ("verified", "certain"),
    [("confirmed", True), ("unconfirmed", False), ("provisional", False), ("differential", False)],
)
@pytest.mark.parametrize(
    ("code", "kind"), [("snomed|230456007", "seizures"), ("snomed|423341008", "signs")]
)
def test_a_condition_that_is_not_confirmed_is_only_supposed(
    verified: str, certain: bool, code: str, kind: str
) -> None:
    assert only(kind, condition(code, onset="2h", verified=verified)).is_certain is certain


@pytest.mark.parametrize("words", ["Possible seizure", "Seizure?", "Suspected convulsion"])
def test_a_condition_of_doubtful_words_is_only_supposed(words: str) -> None:
    fact = only("seizures", condition(f"text|{words}", onset="2h"))

    assert fact.flags == (Remark.BY_TEXT, Remark.UNCONFIRMED)


_RESOLVED = {"clinicalStatus": concept("resolved|resolved")}


@pytest.mark.parametrize(
    "over",
    [
        _RESOLVED,
        {"clinicalStatus": concept("inactive|inactive")},
        {"abatementString": "last week"},
        {"abatementAge": {"value": 60}},
        {"abatementRange": {"low": {"value": 60}}},
    ],
)
def test_a_sign_that_is_over_since_an_unknown_time_is_gone_when_it_was_recorded(
    over: dict[str, Any],
) -> None:
    record = record_of(condition("text|Hemiparesis", onset="5h", recorded="2h", **over))
    undated = record_of(condition("text|Hemiparesis", onset="5h", **over))

    assert [(sign.t, sign.kind) for sign in record.facts["signs"]] == [
        (ago("5h"), SignKind.MOTOR_WEAKNESS),
        (ago("2h"), SignKind.MOTOR_NONE),
    ]
    assert (undated.facts["signs"], problems(undated)) == ((), [("no-time", "Condition")])


@pytest.mark.parametrize(
    ("elements", "signs"),
    [
        ({"recorded": "2h"}, 0),
        ({"onset": "2h", "recorded": "2h"}, 0),
        ({"onset": "3h", "recorded": "2h"}, 2),
    ],
)
def test_a_sign_that_is_over_when_it_began_is_none(elements: dict[str, Any], signs: int) -> None:
    record = record_of(condition("text|Hemiparesis", **_RESOLVED, **elements))

    assert len(record.facts["signs"]) == signs


def test_a_sign_whose_words_say_that_it_resolved_is_over() -> None:
    kept = "text|Cerebral edema not yet resolved"

    assert record_of(condition("text|Cerebral edema resolved", onset="5h")).facts["signs"] == ()
    assert len(record_of(condition(kept, onset="5h")).facts["signs"]) == 1


def test_a_seizure_that_resolved_is_still_an_event() -> None:
    assert only("seizures", condition(SEIZURE, onset="2h", **_RESOLVED)).t == ago("2h")


@pytest.mark.parametrize(("over", "risks"), [({}, 1), (_RESOLVED, 0)])
@pytest.mark.parametrize("words", ["Home oxygen", "Parkinsonism"])
def test_home_oxygen_that_is_over_is_no_baseline(
    over: dict[str, Any], risks: int, words: str
) -> None:
    record = record_of(condition(f"text|{words}", onset="900h", **over))

    assert len(record.facts["risks"]) == risks


@pytest.mark.parametrize(
    ("elements", "at"),
    [
        ({"onset": "5h"}, "5h"),
        ({"onset": "5h", "recorded": "1h"}, "5h"),
        ({"recorded": "1h"}, "1h"),
        ({"onsetPeriod": {"start": "2026-11-22T09:00:00Z"}}, "5h"),
        ({"onsetAge": {"value": 40}, "recorded": "1h"}, None),
        ({"onsetRange": {"low": {"value": 40}}, "recorded": "1h"}, None),
        ({}, None),
        ({"onset": "2026-02-30"}, None),
    ],
)
def test_when_a_condition_began(elements: dict[str, Any], at: str | None) -> None:
    signs = record_of(condition("snomed|423341008", **elements)).facts["signs"]

    assert [sign.t for sign in signs] == ([] if at is None else [ago(at)])


@pytest.mark.parametrize(
    ("code", "left"),
    [
        ("text|Hemiparesis", SignKind.MOTOR_NONE),
        ("snomed|423341008", SignKind.ICP_NONE),
        ("snomed|1386000", None),
    ],
)
@pytest.mark.parametrize(
    "ended",
    [
        {"abated": "1h"},
        {"abatementPeriod": {"end": "2026-11-22T13:00:00Z"}},
        {"abatementPeriod": {"start": "2026-11-22T13:00:00Z"}},
    ],
)
def test_a_sign_that_abated_is_gone_from_then_on(
    code: str, left: SignKind | None, ended: dict[str, Any]
) -> None:
    signs = record_of(condition(code, onset="5h", **ended)).facts["signs"]

    assert [(sign.t, sign.kind) for sign in signs[1:]] == (
        [] if left is None else [(ago("1h"), left)]
    )


def test_an_abatement_that_cannot_be_read_is_named() -> None:
    record = record_of(condition("snomed|423341008", onset="5h", abatementDateTime="soon"))

    assert len(record.facts["signs"]) == 1
    assert problems(record) == [("unreadable-time", "Condition")]


@pytest.mark.parametrize(
    ("code", "elements", "kind", "minutes"),
    [
        (SEIZURE, {"onset": "2h"}, SeizureKind.UNSPECIFIED, None),
        (SEIZURE, {"onset": "2h", "abated": "1h54m"}, SeizureKind.UNSPECIFIED, 6),
        (SEIZURE, {"onset": "2h", "abated": "1h54m59s"}, SeizureKind.UNSPECIFIED, None),
        (SEIZURE, {"onset": "2026-11-21", "abated": "1h"}, SeizureKind.UNSPECIFIED, None),
        (SEIZURE, {"onset": "2h", "abated": "3h"}, SeizureKind.UNSPECIFIED, None),
        ("text|Status epilepticus", {"onset": "2h"}, SeizureKind.PROLONGED, None),
        ("text|Two seizures overnight", {"onset": "2h"}, SeizureKind.UNSPECIFIED, None),
    ],
)
def test_a_seizure_lasts_from_onset_to_abatement(
    code: str, elements: dict[str, Any], kind: SeizureKind, minutes: int | None
) -> None:
    fact = only("seizures", condition(code, **elements))

    assert fact.kind is kind
    if "54m59s" in str(elements):
        assert fact.minutes == Decimal(301) / 60
    else:
        assert fact.minutes == minutes


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("icd10|G40.909", RiskKind.SEIZURE_HISTORY),
        ("text|History of seizures", RiskKind.SEIZURE_HISTORY),
        ("text|Seizure disorder", RiskKind.SEIZURE_HISTORY),
        ("text|CNS lymphoma", RiskKind.CNS_DISEASE),
        ("text|Brain metastasis", RiskKind.BRAIN_LESION),
        ("icd10|Z99.81", RiskKind.HOME_OXYGEN),
        ("text|Home oxygen 2 L", RiskKind.HOME_OXYGEN),
        ("text|Home CPAP", RiskKind.HOME_CPAP),
        ("text|Home BiPAP", RiskKind.HOME_BIPAP),
        ("text|Non-verbal", RiskKind.NON_VERBAL),
        ("icd10|K57.32", RiskKind.GI_PERFORATION),
        ("icd10|K63.1", RiskKind.GI_PERFORATION),
        ("icd10|K26.5", RiskKind.GI_PERFORATION),
        ("text|Diverticular disease", RiskKind.GI_PERFORATION),
        ("text|History of diverticulitis", RiskKind.GI_PERFORATION),
        ("text|Hx of bowel perforation, repaired", RiskKind.GI_PERFORATION),
        ("text|Perforated gastric ulcer", RiskKind.GI_PERFORATION),
    ],
)
@pytest.mark.parametrize(("recorded", "at"), [("40d", "40d"), (None, None)])
def test_a_risk_needs_no_date(
    code: str, kind: RiskKind, recorded: str | None, at: str | None
) -> None:
    record = record_of(condition(code, recorded=recorded))
    (risk,) = record.facts["risks"]

    assert (risk.kind, risk.t) == (kind, None if at is None else ago(at))
    assert record.facts["seizures"] == ()


@pytest.mark.parametrize(
    "code",
    [
        "icd10|K57.30",
        "text|Diverticulosis of large intestine without perforation or abscess",
        "text|Tympanic membrane perforation",
        "text|No diverticulitis",
        "text|Family history of diverticulitis",
        "text|History of brain lesion",
    ],
)
def test_what_is_no_risk(code: str) -> None:
    assert record_of(condition(code, recorded="40d")).facts["risks"] == ()


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("icd10|D89.832", ("crs", 2)),
        ("icd10|D89832", ("crs", 2)),
        ("icd10|G92.04", ("icans", 4)),
        ("icd10|D89.839", ("crs", None)),
        ("text|Cytokine release syndrome", ("crs", None)),
        ("text|ICANS", ("icans", None)),
    ],
)
def test_a_grade_of_a_condition(code: str, found: tuple[str, int | None]) -> None:
    fact = only("charted_grades", condition(code, onset="5h"))

    assert (fact.syndrome, fact.grade) == found


def test_a_condition_with_and_without_a_grade() -> None:
    """Both codings stand at one time; which one is shown is for the grading to say."""
    both = condition("icd10|D89.839 icd10|D89.832", onset="5h")
    found = record_of(both).facts["charted_grades"]

    assert {item.grade for item in found} == {None, 2}


# --- neurotoxicity of another kind (MGMT-ICANS-11) ------------------------------------------------


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        ("Parkinsonism", [RiskKind.PARKINSONISM]),
        ("Bradykinesia and shuffling gait", [RiskKind.PARKINSONISM]),
        ("Right facial nerve palsy", [RiskKind.CRANIAL_NERVE_PALSY]),
        ("Bell's palsy", [RiskKind.CRANIAL_NERVE_PALSY]),
        ("Cranial nerve III palsy", [RiskKind.CRANIAL_NERVE_PALSY]),
        ("Sixth cranial nerve palsy", []),
        ("Guillain-Barre syndrome", [RiskKind.POLYRADICULONEURITIS]),
        ("Polyradiculoneuritis", [RiskKind.POLYRADICULONEURITIS]),
        ("Tremor", []),
        ("No facial palsy", []),
        ("History of Bell's palsy", []),
    ],
)
def test_a_finding_of_other_neurotoxicity(words: str, kinds: list[RiskKind]) -> None:
    record = record_of(condition(f"text|{words}", onset="2h"))
    assert [risk.kind for risk in record.facts["risks"]] == kinds
    assert all(risk.t == ago("2h") for risk in record.facts["risks"])


def test_a_finding_that_abated_is_over() -> None:
    ended = {"abatementDateTime": "2026-11-22T13:00:00Z"}
    assert record_of(condition("text|Parkinsonism", onset="9h", **ended)).facts["risks"] == ()


def test_a_sixth_nerve_palsy_stays_a_sign_of_raised_pressure() -> None:
    sign = only("signs", condition("text|Sixth cranial nerve palsy", onset="2h"))
    assert sign.kind is SignKind.CN6_PALSY


# --- attribution ---------------------------------------------------------------------------------

_OTHER = {"extension": [{"url": "http://x/attribution", "valueCode": "other"}]}


@pytest.mark.parametrize(("extension", "is_other"), [(_OTHER, True), ({}, False)])
@pytest.mark.parametrize(
    ("resource", "kind"),
    [
        (condition(SEIZURE, onset="2h"), "seizures"),
        (condition("snomed|423341008", onset="2h"), "signs"),
        (report("eeg", ["local|prolonged"]), "seizures"),
        (report("mri-brain", ["local|diffuse-edema"]), "signs"),
        (procedure("intubation"), "supports"),
        (infused("norepinephrine", rate=5), "doses"),
    ],
)
def test_what_is_charted_as_due_to_another_cause(
    resource: Resource, kind: str, extension: dict[str, Any], is_other: bool
) -> None:
    assert only(kind, resource | extension).other_cause is is_other
