"""Resources that do not mean what they seem to: with a modifier, or of a donor or a relative."""

from __future__ import annotations

from typing import Any

import pytest

from grading.model import DoseStatus
from tests.builders import (
    cells,
    condition,
    given,
    grade,
    ice,
    infused,
    ongoing,
    ordered,
    procedure,
    report,
    temperature,
)
from tests.fhir_codes import Resource
from tests.fhir_mappings.reading import only, problems, record_of

MODIFIER = [{"url": "https://ehr.example.org/negated", "valueBoolean": True}]


def turned(resource: Resource) -> Resource:
    return resource | {"modifierExtension": MODIFIER}


@pytest.mark.parametrize(
    "resource",
    [
        temperature(39),
        grade("crs", 2),
        *ice(3),
        *ice(3, shape="form"),
        condition("icd10|G40.909", "1d"),
        report("eeg", ["local|seizure"]),
        ordered("dexamethasone", mg=10),
        procedure("intubation"),
        ongoing("ventilation"),
    ],
    ids=lambda each: each["id"],
)
def test_a_resource_with_a_modifier_is_told_and_not_used(resource: Resource) -> None:
    record = record_of(turned(resource))

    assert problems(record) == [("refused-value", resource["resourceType"])]
    assert not any(record.facts.values())


@pytest.mark.parametrize("written", [None, []])
def test_no_modifier_in_the_element_is_none(written: Any) -> None:
    record = record_of(temperature(39, id="t") | {"modifierExtension": written})

    assert len(record.facts["temperatures"]) == 1
    assert record.issues == ()


@pytest.mark.parametrize("resource", [infused("norepinephrine", rate=5), given("tocilizumab")])
def test_what_was_given_with_a_modifier_may_have_been_given(resource: Resource) -> None:
    dose = only("doses", turned(resource))

    assert dose.status is DoseStatus.UNCERTAIN
    assert problems(record_of(turned(resource))) == [("refused-value", "MedicationAdministration")]


@pytest.mark.parametrize(
    ("resource", "is_unsure"),
    [
        (procedure("cart-infusion"), True),
        (procedure("cart-infusion", status="not-done"), False),
        (procedure("intubation"), False),
    ],
)
def test_an_infusion_with_a_modifier_may_have_been(resource: Resource, is_unsure: bool) -> None:
    record = record_of(turned(resource), key="procedures")

    assert (record.unsure_keys == ("procedures",)) is is_unsure
    assert record.facts["infusions"] == ()


@pytest.mark.parametrize("status", ["completed", "in-progress"])
def test_a_product_with_a_modifier_may_have_been_infused(status: str) -> None:
    record = record_of(turned(cells(status=status)), key="given")

    assert (record.unsure_keys, record.facts["infusions"]) == (("given",), ())


@pytest.mark.parametrize(
    ("focus", "is_own"),
    [
        ([{"reference": "Patient/patient-a"}], True),
        ([{"reference": "https://ehr.example.org/fhir/Patient/patient-a"}], True),
        ([{"reference": "Device/ventilator"}], True),
        ([{"reference": "BodyStructure/arm/_history/2"}], True),
        ([], True),
        ([{"reference": "Patient/donor"}], False),
        ([{"reference": "RelatedPerson/mother"}], False),
        ([{"reference": "Patient/patient-a"}, {"reference": "Patient/donor"}], False),
        ([{"reference": "#donor"}], False),
        ([{"display": "Donor"}], False),
        ([{"reference": "Patient/patient-a"}, 5], False),
    ],
)
def test_an_observation_of_another_person_is_not_of_the_patient(
    focus: list[Any], is_own: bool
) -> None:
    record = record_of(temperature(39, focus=focus))

    assert len(record.facts["temperatures"]) == is_own
    assert problems(record) == ([] if is_own else [("foreign", "Observation")])
