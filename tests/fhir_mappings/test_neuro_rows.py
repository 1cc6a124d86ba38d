"""Consciousness, seizures, motor and raised-pressure findings of Observations."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from grading.model import Level, SeizureKind, SignKind
from tests.builders import (
    consciousness,
    finding,
    observation,
    quantity,
)
from tests.fhir_basics import concept
from tests.fhir_codes import Resource
from tests.fhir_mappings.reading import only, problems, record_of

# --- consciousness -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resource", "level", "scale"),
    [
        (consciousness("voice"), Level.VOICE, ""),
        (consciousness("unarousable"), Level.UNAROUSABLE, ""),
        (consciousness("avpu:P"), Level.TOUCH_OR_VIGOROUS, "avpu"),
        (consciousness("rass:-4"), Level.TOUCH_OR_VIGOROUS, "rass"),
        (consciousness("rass:+1"), Level.SPONTANEOUS, "rass"),
        (consciousness("gcs:15"), Level.SPONTANEOUS, "gcs"),
        (consciousness("gcs:3"), Level.UNAROUSABLE, "gcs"),
        (consciousness("gcs:12"), None, ""),
        (consciousness("eye:3"), Level.VOICE, "gcs"),
        (consciousness("arousal:LA25175-3"), Level.TOUCH, ""),
        (consciousness("arousal:LA9347-1 loinc|LA9343-0"), Level.UNAROUSABLE, ""),
        (
            observation("snomed|1345050000", "1h", "exam", valueString="RASS -2"),
            Level.VOICE,
            "rass",
        ),
        (
            observation(
                "snomed|1345050000", "1h", "exam", valueCodeableConcept={"text": "-5 unarousable"}
            ),
            Level.UNAROUSABLE,
            "rass",
        ),
        (
            observation(
                "loinc|9267-6",
                "1h",
                "exam",
                valueCodeableConcept={
                    "coding": [{"system": "http://loinc.org", "code": "LA6555-2"}]
                },
            ),
            Level.VOICE,
            "gcs",
        ),
        (
            observation(
                "snomed|1345050000", "1h", "exam", valueCodeableConcept=concept("snomed|248234008")
            ),
            Level.SPONTANEOUS,
            "avpu",
        ),
        (observation("loinc|9270-0", "1h", "exam", valueInteger=5), None, ""),
        (observation("text|GCS Motor", "1h", "exam", valueInteger=3), None, ""),
        (observation("text|GCS", "1h", "exam", valueInteger=12), None, ""),
        (
            observation("text|Glasgow Coma Scale Score", "1h", "exam", valueInteger=3),
            Level.UNAROUSABLE,
            "gcs",
        ),
        (
            observation(
                "text|Glasgow Coma Scale Eye Opening", "1h", "exam", valueString="To voice"
            ),
            Level.VOICE,
            "gcs",
        ),
        (
            observation("loinc|9267-6", "1h", "exam", valueString="3 - To speech"),
            Level.VOICE,
            "gcs",
        ),
        (observation("text|ACVPU", "1h", "exam", valueString="V"), Level.VOICE, "avpu"),
        (observation("local|consciousness", "1h", "exam"), None, ""),
    ],
)
def test_every_scale_is_one_input(resource: Resource, level: Level | None, scale: str) -> None:
    found = [(fact.level, fact.scale) for fact in record_of(resource).facts["arousal"]]

    assert found == ([] if level is None else [(level, scale)])


@pytest.mark.parametrize(
    "resource",
    [
        finding("consciousness", "text|drowsy at times"),
        finding("consciousness", "snomed|1 local|voice"),
        consciousness("rass:5"),
        observation("snomed|1345050000", "1h", "exam", valueString="calm"),
        observation("loinc|80288-4", "1h", "exam", valueInteger=3),
        observation("loinc|9267-6", "1h", "exam", valueString="Swollen shut"),
    ],
)
def test_a_level_that_is_not_understood_is_named(resource: Resource) -> None:
    record = record_of(resource)

    assert record.facts["arousal"] == ()
    assert [label for _, label in problems(record)] == ["consciousness"]


# --- seizures ------------------------------------------------------------------------------------


def _seizure(**elements: Any) -> Resource:
    return observation("local|seizure", "2h", "exam", **elements)


def _lasted(value: float, unit: str) -> list[Resource]:
    return [{"code": {"text": "Duration"}, "valueQuantity": quantity(value, unit)}]


@pytest.mark.parametrize(
    ("resource", "kind", "minutes"),
    [
        (finding("seizure", "none"), SeizureKind.NONE, None),
        (finding("seizure", "resolved-rapidly"), SeizureKind.RESOLVED, None),
        (finding("seizure", "prolonged"), SeizureKind.PROLONGED, None),
        (finding("seizure", "text|Yes, generalized"), SeizureKind.UNSPECIFIED, None),
        (finding("seizure", "text|No"), SeizureKind.NONE, None),
        (_seizure(valueBoolean=False), SeizureKind.NONE, None),
        (_seizure(valueBoolean=True), SeizureKind.UNSPECIFIED, None),
        (_seizure(valueQuantity=quantity(6, "min")), SeizureKind.UNSPECIFIED, 6),
        (_seizure(valueQuantity=quantity(90, "s")), SeizureKind.UNSPECIFIED, Decimal("1.5")),
        (_seizure(component=_lasted(4, "min")), SeizureKind.UNSPECIFIED, 4),
        (_seizure(component=_lasted(4, "mm[Hg]")), SeizureKind.UNSPECIFIED, None),
        (_seizure(component=_lasted(2000, "min")), SeizureKind.UNSPECIFIED, None),
        (
            _seizure(
                effectiveDateTime=None,
                effectivePeriod={"start": "2026-11-22T12:00:00Z", "end": "2026-11-22T12:07:00Z"},
            ),
            SeizureKind.UNSPECIFIED,
            7,
        ),
        (
            _seizure(
                effectiveDateTime=None,
                effectivePeriod={"start": "2026-11-21", "end": "2026-11-22T12:07:00Z"},
            ),
            SeizureKind.UNSPECIFIED,
            None,
        ),
        (
            _seizure(
                effectiveDateTime=None,
                effectivePeriod={"start": "noon", "end": "2026-11-22T12:07:00Z"},
            ),
            SeizureKind.UNSPECIFIED,
            None,
        ),
        (observation("snomed|91175000", "2h", "exam"), SeizureKind.UNSPECIFIED, None),
        (observation("snomed|230456007", "2h", "exam"), SeizureKind.PROLONGED, None),
        (
            observation("snomed|230456007", "2h", "exam", valueBoolean=False),
            SeizureKind.NONE,
            None,
        ),
    ],
)
def test_a_seizure_and_how_long_it_lasted(
    resource: Resource, kind: SeizureKind, minutes: Decimal | None
) -> None:
    fact = only("seizures", resource)

    assert (fact.kind, fact.minutes) == (kind, minutes)


def test_a_seizure_answer_that_no_file_knows_is_named() -> None:
    record = record_of(finding("seizure", "snomed|404684003"))

    assert record.facts["seizures"] == ()
    assert problems(record) == [("refused-value", "seizure")]


# --- motor and raised pressure -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resource", "kinds"),
    [
        (finding("motor", "none"), [SignKind.MOTOR_NONE]),
        (finding("motor", "deep-focal-weakness"), [SignKind.MOTOR_WEAKNESS]),
        (finding("motor", "snomed|26079004"), [SignKind.MOTOR_OTHER]),
        (finding("motor", "text|Left hemiparesis"), [SignKind.MOTOR_WEAKNESS]),
        (finding("motor", "text|No focal deficit"), [SignKind.MOTOR_NONE]),
        (finding("icp-edema", "none"), [SignKind.ICP_NONE]),
        (finding("icp-edema", "diffuse-edema"), [SignKind.DIFFUSE_EDEMA]),
        (finding("icp-edema", "text|Papilledema"), [SignKind.PAPILLEDEMA]),
        (observation("local|motor", "2h", "exam", valueBoolean=False), [SignKind.MOTOR_NONE]),
        (observation("local|motor", "2h", "exam"), []),
        (observation("snomed|423341008", "2h", "exam"), [SignKind.PAPILLEDEMA]),
        (
            observation("snomed|423341008", "2h", "exam", valueString="No"),
            [SignKind.ICP_NONE],
        ),
        (
            observation("snomed|423341008", "2h", "exam", valueBoolean=False),
            [SignKind.ICP_NONE],
        ),
    ],
)
def test_signs_by_answer_by_words_and_as_the_finding_itself(
    resource: Resource, kinds: list[SignKind]
) -> None:
    assert [fact.kind for fact in record_of(resource).facts["signs"]] == kinds


def test_edema_counts_as_seen_on_imaging() -> None:
    assert only("signs", finding("icp-edema", "focal-edema")).imaging
    assert not only("signs", finding("icp-edema", "cn6-palsy")).imaging


def test_a_sign_that_is_not_understood_is_named() -> None:
    record = record_of(finding("motor", "text|Unsteady"))

    assert record.facts["signs"] == ()
    assert problems(record) == [("refused-value", "neuro-exam")]
