"""Fluids as given: which of them are read as a bolus, and with what volume (IN-9)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from grading.model import DoseStatus
from tests.builders import given, infused
from tests.fhir_mappings.reading import ago, only, problems, record_of

SALINE = "text|Sodium chloride 0.9 % infusion"


@pytest.mark.parametrize(
    ("name", "drug"),
    [
        ("Sodium chloride 0.9 % infusion", "crystalloid"),
        ("Normal saline 1,000 mL", "crystalloid"),
        ("Lactated Ringer's", "crystalloid"),
        ("Plasma-Lyte 148", "crystalloid"),
        ("0.9% NaCl", "crystalloid"),
        ("NS 0.9 %, NaCl 0.9", "crystalloid"),
        ("1000 ML sodium chloride 9 MG/ML Injection", "crystalloid"),
        ("Albumin human 5 %", "albumin"),
        ("Cefepime 2 g in sodium chloride 0.9 %", "cefepime"),
        ("midazolam 100 mg in normal saline", "midazolam"),
    ],
)
def test_a_fluid_is_one_only_by_itself(name: str, drug: str) -> None:
    """Saline that another medicine is dissolved in is no fluid bolus."""
    dose = only("doses", given(f"text|{name}", ml=500))
    assert (dose.drug, dose.ml, dose.bolus) == (drug, 500, None)


@pytest.mark.parametrize("words", ["flush", "irrigation", "maintenance", "with KCl 20 mEq", "KVO"])
def test_another_use_is_no_bolus(words: str) -> None:
    dose = only("doses", given(f"{SALINE} {words}", ml=500))
    assert (dose.ml, dose.bolus) == (None, False)


@pytest.mark.parametrize(
    ("more", "read"),
    [
        ({"ml": 49}, (49, None)),
        ({"ml": 50}, (50, None)),
        ({"ml": 5000}, (5000, None)),
        ({}, (None, None)),
        ({"dosage": {"dose": {"value": 1, "unit": "L"}}}, (1000, None)),
        ({"dosage": {"dose": {"value": 500, "unit": "mL"}, "text": "500 mL bolus"}}, (500, True)),
        ({"dosage": {"dose": {"value": 500, "unit": "mL"}, "text": "continuous"}}, (None, False)),
        ({"dosage": {"text": "Bolus, 20 mL/kg"}}, (None, True)),
        ({"dosage": {"method": {"text": "IV bolus"}}}, (None, True)),
    ],
)
def test_the_volume_and_whether_it_is_charted_as_a_bolus(
    more: dict[str, Any], read: tuple[Any, bool | None]
) -> None:
    record = record_of(given(SALINE, **more))
    [dose] = record.facts["doses"]
    assert (dose.ml, dose.bolus) == read
    assert problems(record) == []


@pytest.mark.parametrize(
    ("name", "dose", "kind"),
    [
        (SALINE, {"value": 5001, "unit": "mL"}, "refused-range"),
        (f"{SALINE} bolus", {"value": 49, "unit": "mL"}, "refused-range"),
        (f"{SALINE} bolus", {"value": 25, "unit": "g"}, "refused-unit"),
    ],
)
def test_a_volume_out_of_range_is_noted_and_no_bolus(
    name: str, dose: dict[str, Any], kind: str
) -> None:
    record = record_of(given(name, dosage={"dose": dose}))
    assert [(each.ml, each.bolus) for each in record.facts["doses"]] == [(None, False)]
    assert problems(record) == [(kind, "MedicationAdministration")]


def test_a_bolus_keeps_its_period_and_its_status() -> None:
    dose = only("doses", infused(SALINE, "3h", "2h", ml=500))
    assert (dose.start, dose.end, dose.status) == (ago("3h"), ago("2h"), DoseStatus.GIVEN)
    assert dose.has_period
    assert dose.ml == Decimal(500)
