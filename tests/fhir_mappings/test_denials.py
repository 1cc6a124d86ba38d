"""Findings whose value denies them, leaves them open or only supposes them."""

from __future__ import annotations

from typing import Any

import pytest

from grading.model import Device, Remark, SeizureKind, SignKind
from tests.builders import finding, observation
from tests.fhir_basics import concept
from tests.fhir_mappings.reading import only, problems, record_of

BOTH_MOTOR = [SignKind.MOTOR_WEAKNESS, SignKind.MOTOR_NONE]


ABSENT = {"valueCodeableConcept": concept("snomed|2667000")}


ABSENT_NAMED = {"valueCodeableConcept": concept("snomed|2667000 text|Absent (qualifier value)")}


NO = {"valueString": "No (qualifier value)"}


NOT_DONE = {"dataAbsentReason": concept("text|Not performed")}


@pytest.mark.parametrize(
    ("value", "seizure"),
    [
        (ABSENT, SeizureKind.NONE),
        (ABSENT_NAMED, SeizureKind.NONE),
        (NO, SeizureKind.NONE),
        ({"valueCodeableConcept": concept("snomed|373067005")}, SeizureKind.NONE),
        ({"valueCodeableConcept": concept("snomed|260385009")}, SeizureKind.NONE),
        ({"valueCodeableConcept": concept("loinc|LA32-8")}, SeizureKind.NONE),
        (
            {"valueCodeableConcept": concept("http://terminology.hl7.org/CodeSystem/v2-0136|N")},
            SeizureKind.NONE,
        ),
        ({"valueInteger": 0}, SeizureKind.NONE),
        ({"valueInteger": 2}, SeizureKind.UNSPECIFIED),
        ({"valueString": "Seizure activity: No seizure activity"}, SeizureKind.NONE),
        ({"valueString": "None observed"}, SeizureKind.NONE),
        ({"valueString": "Denies"}, SeizureKind.NONE),
        ({"valueString": "N"}, SeizureKind.NONE),
        ({"valueString": "Nil"}, SeizureKind.NONE),
        ({"valueString": "0"}, SeizureKind.NONE),
        ({"valueString": "Seizures - none"}, SeizureKind.NONE),
        ({"valueString": "No seizures, vitals stable. Alert."}, SeizureKind.NONE),
        (
            {"valueString": "No seizure today; generalized seizure at night"},
            SeizureKind.UNSPECIFIED,
        ),
        ({"valueString": "Not controlled"}, SeizureKind.UNSPECIFIED),
        ({"valueString": "Absence seizure"}, SeizureKind.UNSPECIFIED),
        ({"valueString": "Generalized"}, SeizureKind.UNSPECIFIED),
        (NOT_DONE, None),
        ({"valueString": "Not assessed"}, None),
        ({"valueString": "Unknown"}, None),
        ({"valueCodeableConcept": concept("snomed|261665006")}, None),
    ],
)
def test_a_denial_of_seizures_is_none(value: dict[str, Any], seizure: SeizureKind | None) -> None:
    found = record_of(observation("snomed|91175000", "2h", "exam", **value)).facts["seizures"]

    assert [fact.kind for fact in found] == ([] if seizure is None else [seizure])


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({}, True),
        ({"valueBoolean": True}, True),
        ({"valueString": "Bilateral"}, True),
        ({"valueString": "Not resolved"}, True),
        (ABSENT, False),
        (ABSENT_NAMED, False),
        (NO, False),
        ({"valueString": "Not seen"}, False),
        (NOT_DONE, None),
        ({"valueString": "Unable to assess"}, None),
    ],
)
@pytest.mark.parametrize(
    ("code", "kind", "fact"),
    [
        ("snomed|230456007", "seizures", SeizureKind.PROLONGED),
        ("snomed|423341008", "signs", SignKind.PAPILLEDEMA),
        ("snomed|1258985005", "supports", Device.VENTILATOR),
        ("snomed|336623009", "supports", Device.NASAL_CANNULA),
    ],
)
def test_a_finding_is_there_unless_its_value_denies_it(
    value: dict[str, Any], said: bool | None, code: str, kind: str, fact: Any
) -> None:
    absent = {"seizures": [SeizureKind.NONE], "signs": [SignKind.ICP_NONE], "supports": []}
    found = record_of(observation(code, "2h", "exam", **value)).facts[kind]

    read = [each.device if kind == "supports" else each.kind for each in found]
    assert read == ([] if said is None else [fact] if said else absent[kind])


@pytest.mark.parametrize(
    ("value", "issues"),
    [(NOT_DONE, []), ({"valueString": "Unable to assess"}, ["refused-value"])],
)
@pytest.mark.parametrize("code", ["91175000", "230456007", "423341008", "1258985005"])
def test_what_was_not_examined_is_named_only_where_something_is_charted(
    value: dict[str, Any], issues: list[str], code: str
) -> None:
    record = record_of(observation(f"snomed|{code}", "2h", "exam", **value))

    assert [kind for kind, _ in problems(record)] == issues


@pytest.mark.parametrize(
    ("code", "words", "kinds"),
    [
        ("motor", "No hemiparesis", [SignKind.MOTOR_NONE]),
        ("motor", "Right arm: no weakness", []),
        ("motor", "No weakness", [SignKind.MOTOR_NONE]),
        ("motor", "No tremor", []),
        ("motor", "No change", []),
        ("motor", "Normal", [SignKind.MOTOR_NONE]),
        ("motor", "LLE: no hemiparesis; RUE: hemiparesis", BOTH_MOTOR),
        ("icp-edema", "No papilledema", [SignKind.ICP_NONE]),
        ("icp-edema", "Papilledema not seen", [SignKind.ICP_NONE]),
        ("icp-edema", "Papilledema resolved", [SignKind.ICP_NONE]),
        ("icp-edema", "Papilledema not yet resolved", [SignKind.PAPILLEDEMA]),
        ("icp-edema", "Normal; no cerebral edema", [SignKind.ICP_NONE, SignKind.ICP_NONE]),
        (
            "icp-edema",
            "No cerebral edema but papilledema",
            [SignKind.ICP_NONE, SignKind.PAPILLEDEMA],
        ),
        ("icp-edema", "Unable to assess for papilledema", []),
        ("icp-edema", "snomed|2667000", [SignKind.ICP_NONE]),
    ],
)
def test_a_denied_sign_is_not_there(code: str, words: str, kinds: list[SignKind]) -> None:
    answer = words if "|" in words else f"text|{words}"
    record = record_of(finding(code, answer))

    assert [fact.kind for fact in record.facts["signs"]] == kinds
    assert bool(record.issues) is (not kinds)


def test_a_denial_is_of_the_sign_that_it_names() -> None:
    assert only("signs", finding("icp-edema", "text|No papilledema")).denies is SignKind.PAPILLEDEMA
    assert only("signs", finding("icp-edema", "none")).denies is None


@pytest.mark.parametrize(
    ("words", "flags"),
    [
        ("Possible seizure", (Remark.UNCONFIRMED,)),
        ("Seizure?", (Remark.UNCONFIRMED,)),
        ("Generalized seizure", ()),
    ],
)
def test_a_seizure_that_is_only_supposed_is_marked(words: str, flags: tuple[str, ...]) -> None:
    assert only("seizures", finding("seizure", f"text|{words}")).flags == flags


def test_a_sign_that_is_only_supposed_is_marked() -> None:
    supposed = [
        finding("icp-edema", "text|Possible papilledema"),
        observation("snomed|423341008", "2h", "exam", valueString="Questionable"),
    ]
    assert all(not only("signs", each).is_certain for each in supposed)
