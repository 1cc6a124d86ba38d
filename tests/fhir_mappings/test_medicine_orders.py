"""Medicines as ordered: which count, how much, how often (READ-2, READ-7)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from fhir_mappings.medicines import Medications
from fhir_mappings.resources import Medication
from tests.builders import ordered
from tests.fhir_codes import Resource
from tests.fhir_mappings.reading import ago, only, problems, record_of

FOUR_TIMES = ["06:00:00", "12:00:00", "18:00:00", "23:59:00"]


IN_WORDS = [
    ("2 (two) times daily", 12),
    ("3 (three) times a day", 8),
    ("every 6 (six) hours", 6),
    ("2 (two) tablets daily", 24),
    ("three times daily", 8),
    ("4 times daily", 6),
    ("four times a day", 6),
    ("2x daily", 12),
    ("3 x day", 8),
    ("4x/day", 6),
    ("thrice daily", 8),
    ("twice a day", 12),
    ("once per day", 24),
    ("BID", 12),
    ("b.i.d.", 12),
    ("TID", 8),
    ("tds", 8),
    ("QID", 6),
    ("q.i.d.", 6),
    ("qds", 6),
    ("6-hourly", 6),
    ("6 hourly", 6),
    ("daily", 24),
    ("every day", 24),
    ("daily x 3 days", 24),
    ("q6h for 2 days", 6),
    ("every other day", None),
    ("for 3 days", None),
]


@pytest.mark.parametrize(
    ("elements", "is_draft", "on_hold"),
    [
        ({}, False, False),
        ({"status": "on-hold"}, False, True),
        ({"status": "draft"}, True, False),
        ({"intent": "proposal"}, True, False),
        ({"intent": "plan"}, True, False),
    ],
)
def test_an_open_order(elements: dict[str, Any], is_draft: bool, on_hold: bool) -> None:
    order = only("orders", ordered("norepinephrine", **elements))

    assert (order.key, order.t) == ("norepinephrine", ago("2h"))
    assert (order.draft, order.on_hold) == (is_draft, on_hold)


@pytest.mark.parametrize(
    ("resource", "kinds"),
    [
        (ordered("dexamethasone", status="completed"), []),
        (ordered("dexamethasone", doNotPerform=True), []),
        (ordered("text|a drug of no list"), []),
        (ordered("tocilizumab", medicationCodeableConcept=None), ["unclassified-drug"]),
    ],
)
def test_what_is_no_order(resource: Resource, kinds: list[str]) -> None:
    record = record_of(resource)

    assert record.facts["orders"] == ()
    assert [kind for kind, _ in problems(record)] == kinds


def test_an_order_without_a_date_is_an_order() -> None:
    assert only("orders", ordered("dexamethasone", authoredOn=None)).t is None


@pytest.mark.parametrize(
    ("instruction", "every_h"),
    [
        ({"timing": {"repeat": {"frequency": 1, "period": 6, "periodUnit": "h"}}}, 6),
        ({"timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}}, 12),
        ({"timing": {"repeat": {"period": 90, "periodUnit": "min"}}}, Decimal("1.5")),
        ({"timing": {"repeat": {"period": 1, "periodUnit": "wk"}}}, None),
        ({"timing": {"code": {"coding": [{"code": "BID"}]}}}, 12),
        ({"timing": {"code": {"coding": [{"code": "Q6H"}]}}}, 6),
        ({"timing": {"code": {"coding": [{"code": "Q8"}]}}}, 8),
        ({"timing": {"code": {"coding": [{"code": "STAT"}], "text": "once"}}}, None),
        ({"timing": {"code": {"text": "every 12 hours"}}}, 12),
        ({"text": "10 mg IV q6h"}, 6),
        ({"text": "twice daily"}, 12),
        ({"text": "once a day"}, 24),
        ({"text": "now"}, None),
        *(({"text": f"dexamethasone 10 mg {words}"}, hours) for words, hours in IN_WORDS),
        ({"timing": {"code": {"coding": [{"code": "TDS"}]}}}, 8),
        ({"timing": {"code": {"text": "QID"}}}, 6),
        ({"timing": {"repeat": {"timeOfDay": FOUR_TIMES, "period": 1, "periodUnit": "d"}}}, 6),
        ({"timing": {"repeat": {"timeOfDay": FOUR_TIMES}}}, 6),
        (
            {
                "timing": {
                    "repeat": {
                        "frequency": 1,
                        "timeOfDay": FOUR_TIMES[:1],
                        "period": 1,
                        "periodUnit": "d",
                    }
                }
            },
            24,
        ),
        (
            {"timing": {"repeat": {"timeOfDay": FOUR_TIMES[:2], "period": 2, "periodUnit": "d"}}},
            24,
        ),
        ({"timing": {"repeat": {"timeOfDay": "08:00"}}}, 24),
        ({"timing": {"repeat": {"timeOfDay": FOUR_TIMES[:1], "count": 1}}}, None),
        ({"timing": {"repeat": {"timeOfDay": FOUR_TIMES[:1], "count": 6}}}, 24),
        ({"timing": {"repeat": {"timeOfDay": FOUR_TIMES[:1], "dayOfWeek": ["mon"]}}}, None),
        ({}, None),
    ],
)
def test_how_often(instruction: Resource, every_h: Decimal | None) -> None:
    order = only("orders", ordered("dexamethasone", dosageInstruction=[instruction]))

    assert order.every_h == every_h


def test_the_dose_and_the_route_of_an_order() -> None:
    order = only("orders", ordered("dexamethasone", mg=10, route="oral"))

    assert (order.mg, order.systemic, order.intravenous) == (10, True, False)


def test_a_rate_makes_an_order_intravenous() -> None:
    instruction = {"doseAndRate": [{"rateQuantity": {"value": 5, "unit": "ug/min"}}]}
    order = only("orders", ordered("norepinephrine", dosageInstruction=[instruction]))

    assert order.intravenous is True


@pytest.mark.parametrize(
    ("reference", "full_url", "is_found"),
    [
        ("Medication/m1", "https://ehr.example.org/fhir/Medication/m1", True),
        (
            "https://ehr.example.org/fhir/Medication/m1",
            "https://ehr.example.org/fhir/Medication/m1",
            True,
        ),
        (
            "http://EHR.example.org/fhir/Medication/m1/_history/2",
            "https://ehr.example.org/fhir/Medication/m1",
            True,
        ),
        ("https://ehr.example.org/fhir/Medication/m1", None, True),
        ("https://ehr.example.org/fhir/Medication/m1", "urn:uuid:1", True),
        (
            "https://other.example.org/fhir/Medication/m1",
            "https://ehr.example.org/fhir/Medication/m1",
            False,
        ),
        (
            "https://ehr.example.org/other/Medication/m1",
            "https://ehr.example.org/fhir/Medication/m1",
            False,
        ),
    ],
)
def test_a_medication_of_another_server_is_another_one(
    reference: str, full_url: str | None, is_found: bool
) -> None:
    known = Medications([Medication("m1", full_url=full_url)])

    assert (known.find(reference, {}) is not None) is is_found
