"""Medicines behind a reference, and what names one (OT-0, READ-7)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import given, ordered
from tests.fhir_codes import SYSTEMS, Resource
from tests.fhir_mappings.reading import only, problems, record_of

RXNORM = SYSTEMS["rxnorm"]

ATC = SYSTEMS["atc"]


def _coded(code: str, system: str = RXNORM) -> Resource:
    return {"coding": [{"system": system, "code": code}]}


def _medication(name: str = "m1", **elements: Any) -> Resource:
    return {"resourceType": "Medication", "id": name, **elements}


def _by_reference(target: str, **elements: Any) -> Resource:
    return given(
        "tocilizumab",
        medicationCodeableConcept=None,
        medicationReference={"reference": target},
        **elements,
    )


@pytest.mark.parametrize(
    ("target", "others"),
    [
        ("Medication/m1", [_medication(code=_coded("612865"))]),
        ("Medication/m1/_history/2", [_medication(code=_coded("612865"))]),
        ("http://ehr.example.org/fhir/Medication/m1", [_medication(code=_coded("612865"))]),
        (
            "Medication/m1",
            [_medication(ingredient=[{"itemCodeableConcept": _coded("612865")}])],
        ),
        (
            "Medication/m1",
            [
                _medication(ingredient=[{"itemReference": {"reference": "Medication/m2"}}]),
                _medication("m2", code=_coded("612865")),
            ],
        ),
    ],
)
def test_a_medication_behind_a_reference(target: str, others: list[Resource]) -> None:
    record = record_of(_by_reference(target), *others)

    assert [dose.drug for dose in record.facts["doses"]] == ["tocilizumab"]
    assert record.unresolved_medications == ()


def test_a_contained_medication() -> None:
    inner = {"resourceType": "Medication", "id": "in", "code": _coded("612865")}
    record = record_of(_by_reference("#in", contained=[inner]))

    assert only("doses", _by_reference("#in", contained=[inner])).drug == "tocilizumab"
    assert record.unresolved_medications == ()


def test_an_ingredient_that_leads_nowhere_is_passed_over() -> None:
    lost = _medication(ingredient=[{"itemReference": {"reference": "Medication/gone"}}, {}])
    record = record_of(_by_reference("Medication/m1"), lost)

    assert record.facts["doses"] == ()
    assert problems(record) == [("unclassified-drug", "MedicationAdministration")]


@pytest.mark.parametrize(
    ("reference", "unresolved", "drugs", "kinds"),
    [
        ({"reference": "Medication/m9"}, ("Medication/m9",), [], ["unclassified-drug"]),
        (
            {"reference": "Medication/m9", "display": "Tocilizumab 400 mg"},
            ("Medication/m9",),
            ["tocilizumab"],
            [],
        ),
        ({"reference": "#gone"}, (), [], ["unclassified-drug"]),
        ({"display": "Tocilizumab"}, (), ["tocilizumab"], []),
        ({}, (), [], ["unclassified-drug"]),
    ],
)
def test_a_reference_that_nothing_answers(
    reference: Resource, unresolved: tuple[str, ...], drugs: list[str], kinds: list[str]
) -> None:
    resource = given("tocilizumab", medicationCodeableConcept=None, medicationReference=reference)
    record = record_of(resource)

    assert record.unresolved_medications == unresolved
    assert [dose.drug for dose in record.facts["doses"]] == drugs
    assert [kind for kind, _ in problems(record)] == kinds


@pytest.mark.parametrize(
    ("display", "is_told"),
    [
        ("Premix infusion 250 mL", True),
        ("Infusion, see MAR comments", True),
        ("Infusion, see pharmacy comments", True),
        ("Continuous infusion", True),
        ("IV fluids", False),
        ("IV fluid bolus", False),
        ("Pharmacy to dose", False),
        ("250 mL", True),
        ("Premix 4mg/250mL at 5 ml/h", True),
        ("D5W 250 mL", False),
        ("Ondansetron 4 mg", False),
        ("Norepinephrine 8 mg in 250 mL", False),
    ],
)
def test_words_that_name_no_medicine_are_told_as_not_classified(
    display: str, is_told: bool
) -> None:
    """As a reference that leads nowhere, or as the whole concept (terminology.md 6.2, item 7)."""
    lost = {"reference": "Medication/77", "display": display}
    behind = given("tocilizumab", medicationCodeableConcept=None, medicationReference=lost)
    kinds = [("unclassified-drug", "MedicationAdministration")] if is_told else []

    assert problems(record_of(behind)) == kinds
    assert problems(record_of(given(f"text|{display}"))) == kinds


@pytest.mark.parametrize(
    ("code", "system", "is_told"),
    [("1", "urn:oid:1.2.3", True), ("4", RXNORM, False), ("C01CA09", ATC, True)],
)
def test_a_code_that_nobody_can_look_up_or_of_a_class_alone_is_told(
    code: str, system: str, is_told: bool
) -> None:
    """A code of RxNorm that is none of ours is an ordinary medicine; metaraminol a vasopressor."""
    for resource in (given("tocilizumab"), ordered("tocilizumab")):
        written = resource | {"medicationCodeableConcept": _coded(code, system)}

        assert [kind for kind, _ in problems(record_of(written))] == (
            ["unclassified-drug"] if is_told else []
        )


@pytest.mark.parametrize(
    ("display", "drugs", "kinds"),
    [
        (None, ["propofol"], ["unclassified-drug"]),
        ("Premix", ["propofol"], ["unclassified-drug"]),
        ("Norepinephrine", ["norepinephrine", "propofol"], []),
    ],
)
def test_an_ingredient_behind_a_reference_that_leads_nowhere(
    display: str | None, drugs: list[str], kinds: list[str]
) -> None:
    """Its display stands for it; without one it is told, for it may be a vasopressor."""
    lost = {"reference": "#gone"} | ({"display": display} if display else {})
    parts = [{"itemCodeableConcept": _coded("8782")}, {"itemReference": lost}]
    record = record_of(_by_reference("Medication/m1"), _medication(ingredient=parts))

    assert sorted(dose.drug for dose in record.facts["doses"]) == drugs
    assert [kind for kind, _ in problems(record)] == kinds


def test_an_antiseizure_drug_known_only_by_its_class_is_one() -> None:
    """Perampanel, N03AX22: SZ-6 asks for any maintenance antiseizure drug."""
    concept = _coded("N03AX22", ATC)
    order = only("orders", ordered("tocilizumab", medicationCodeableConcept=concept))
    dose = only("doses", given("tocilizumab", medicationCodeableConcept=concept))

    assert (order.key, dose.drug) == ("class:antiseizure", "class:antiseizure")


@pytest.mark.parametrize(
    ("resource", "text"),
    [
        (given("tocilizumab"), "tocilizumab"),
        (
            given(
                "tocilizumab", medicationCodeableConcept={"coding": [{"display": "Actemra 400"}]}
            ),
            "Actemra 400",
        ),
        (given("tocilizumab", medicationCodeableConcept=_coded("612865")), "tocilizumab"),
        (
            given(
                "tocilizumab",
                medicationCodeableConcept=None,
                medicationReference={"display": "Tocilizumab IV"},
            ),
            "Tocilizumab IV",
        ),
    ],
)
def test_a_medicine_is_shown_by_its_words(resource: Resource, text: str) -> None:
    assert only("doses", resource).text == text
