"""Medicines as given, and the infusion: what, when, how much (READ-2, READ-7)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from grading.model import DoseStatus, Remark
from tests.builders import cells, given, infused, ordered
from tests.fhir_codes import SYSTEMS, Resource
from tests.fhir_mappings.reading import ago, only, problems, record_of

RXNORM = SYSTEMS["rxnorm"]


# --- as given ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "read"),
    [
        ("completed", DoseStatus.GIVEN),
        ("stopped", DoseStatus.GIVEN),
        ("in-progress", DoseStatus.RUNNING),
        ("on-hold", DoseStatus.HELD),
        ("unknown", DoseStatus.UNCERTAIN),
    ],
)
def test_a_status_that_counts(status: str, read: DoseStatus) -> None:
    assert only("doses", given("tocilizumab", status=status)).status is read


@pytest.mark.parametrize(
    ("resource", "kinds"),
    [
        (given("tocilizumab", status="not-done"), []),
        (given("tocilizumab", status="entered-in-error"), []),
        (given("tocilizumab", status="done"), ["refused-status"]),
        (given("tocilizumab", effectiveDateTime=None), ["no-time"]),
        (given("tocilizumab", effectiveDateTime=None, effectivePeriod={}), ["no-time"]),
        (given("tocilizumab", effectiveDateTime="noon"), ["unreadable-time"]),
        (given("text|a drug of no list"), []),
        (given("tocilizumab", medicationCodeableConcept=None), ["unclassified-drug"]),
        (
            given("tocilizumab", medicationCodeableConcept={"coding": [{"system": RXNORM}]}),
            ["unclassified-drug"],
        ),
    ],
)
def test_what_is_no_dose(resource: Resource, kinds: list[str]) -> None:
    record = record_of(resource)

    assert record.facts["doses"] == ()
    assert [kind for kind, _ in problems(record)] == kinds


def test_an_unclassified_drug_without_time_is_said_to_be_so() -> None:
    record = record_of(given("tocilizumab", medicationCodeableConcept=None))

    assert problems(record) == [("unclassified-drug", "MedicationAdministration")]


@pytest.mark.parametrize(
    ("resource", "start", "end", "has_period"),
    [
        (given("norepinephrine", at="3h"), "3h", None, False),
        (infused("norepinephrine", "3h", "1h"), "3h", "1h", True),
        (infused("norepinephrine", "3h"), "3h", None, True),
        (
            given(
                "norepinephrine",
                effectiveDateTime=None,
                effectivePeriod={"end": "2026-11-22T13:00:00Z"},
            ),
            "1h",
            "1h",
            True,
        ),
    ],
)
def test_start_and_end(resource: Resource, start: str, end: str | None, has_period: bool) -> None:
    dose = only("doses", resource)

    assert dose.start == ago(start)
    assert dose.end == (None if end is None else ago(end))
    assert dose.has_period is has_period


@pytest.mark.parametrize(
    ("dosage", "mg", "ml"),
    [
        ({"dose": {"value": 560, "unit": "mg"}}, Decimal(560), None),
        ({"dose": {"value": 0.5, "unit": "g"}}, Decimal(500), None),
        ({"dose": {"value": 500, "code": "ug", "unit": "micrograms"}}, Decimal("0.5"), None),
        ({"dose": {"value": 500, "unit": "mL"}}, None, Decimal(500)),
        ({"dose": {"value": 1, "unit": "tablet"}}, None, None),
        ({"dose": {"value": 560, "unit": "mg", "comparator": "<"}}, None, None),
        ({"dose": {"unit": "mg"}}, None, None),
        ([{"dose": {"value": 8, "unit": "mg"}}], Decimal(8), None),
        ("8 mg", None, None),
        (None, None, None),
    ],
)
def test_how_much(dosage: Any, mg: Decimal | None, ml: Decimal | None) -> None:
    dose = only("doses", given("dexamethasone", dosage=dosage))

    assert (dose.mg, dose.ml) == (mg, ml)


@pytest.mark.parametrize(
    ("dosage", "rate", "systemic", "intravenous"),
    [
        ({"rateQuantity": {"value": 5, "unit": "ug/min"}}, Decimal(5), True, True),
        ({"rateRatio": {"numerator": {"value": 5, "unit": "ug"}}}, Decimal(5), True, True),
        ({"rateQuantity": {"value": 0, "unit": "ug/min"}}, Decimal(0), True, None),
        ({"rateRatio": {}}, None, True, None),
        ({"route": {"text": "IV"}}, None, True, True),
        ({"route": {"text": "PO"}}, None, True, False),
        ({"route": {"text": "Eye drops"}}, None, False, False),
    ],
)
def test_the_rate_and_the_route_gate(
    dosage: Any,
    rate: Decimal | None,
    systemic: bool,
    intravenous: bool | None,
) -> None:
    dose = only("doses", given("dexamethasone", dosage=dosage))

    assert (dose.rate, dose.systemic, dose.intravenous) == (rate, systemic, intravenous)


def test_a_combination_is_a_dose_of_each_ingredient() -> None:
    both = record_of(given("text|acetaminophen / aspirin tablet")).facts["doses"]

    assert sorted(dose.drug for dose in both) == ["acetaminophen", "aspirin"]


TABLET = "text|aspirin 81 mg tablet"


GIVEN, OPEN = [DoseStatus.GIVEN], [DoseStatus.UNCERTAIN]


@pytest.mark.parametrize(
    ("drug", "dosage", "statuses"),
    [
        ("aspirin", {"dose": {"value": 81, "unit": "mg"}}, []),
        ("aspirin", {"dose": {"value": 299, "unit": "mg"}}, []),
        ("aspirin", {"dose": {"value": 300, "unit": "mg"}}, GIVEN),
        ("aspirin", {"text": "81 mg PO daily"}, []),
        ("aspirin", {"text": "Give 325 mg by mouth"}, GIVEN),
        (TABLET, {"dose": {"value": 1, "unit": "tablet"}}, []),
        (TABLET, {"dose": {"value": 3, "unit": "tablet"}}, []),
        (TABLET, {"dose": {"value": 4, "unit": "tablets"}}, GIVEN),
        (TABLET, {"dose": {"value": 4}}, GIVEN),
        (TABLET, {"text": "Chew 4 tablets"}, GIVEN),
        (TABLET, {}, []),
        (TABLET, {"dose": {"value": 1, "unit": "mL"}}, OPEN),
        ("text|aspirin 325 mg EC tablet", {"dose": {"value": 1, "unit": "tablet"}}, GIVEN),
        ("text|aspirin 325 mg EC tablet", {}, GIVEN),
        ("text|aspirin 25 mg / dipyridamole 200 mg capsule", {}, OPEN),
        ("text|aspirin", {"dose": {"value": 1, "unit": "tablet"}}, OPEN),
        ("text|aspirin", {}, OPEN),
    ],
)
def test_aspirin_lowers_fever_from_300_mg_on(
    drug: str, dosage: dict[str, Any], statuses: list[DoseStatus]
) -> None:
    """CRS-F3; of what is not told it is not certain, which raises the upper bound alone."""
    found = record_of(given(drug, dosage=dosage)).facts["doses"]

    assert [dose.status for dose in found] == statuses


@pytest.mark.parametrize(
    ("drug", "dosage", "rates"),
    [
        ("norepinephrine", {"dose": {"value": 5, "unit": "mcg/min"}}, [5]),
        ("norepinephrine", {"dose": {"value": 0, "unit": "mcg/min"}}, [0]),
        ("norepinephrine", {"dose": {"value": 0, "unit": "mcg"}}, [0]),
        ("propofol", {"dose": {"value": 30, "unit": "mcg/kg/min"}}, [30]),
        ("propofol", {"dose": {"value": 30, "code": "ug/kg/min"}}, [30]),
        ("phenylephrine", {"text": "50 mcg/min continuous infusion"}, [50]),
        ("phenylephrine", {"text": "50 mcg/min"}, [None]),
        ("phenylephrine", {"dose": {"value": 100, "unit": "mcg"}}, [None]),
        ("norepinephrine", {"rateQuantity": {"value": 4}, "dose": {"value": 0, "unit": "mg"}}, [4]),
        (
            "text|fentanyl 25 mcg/h transdermal patch",
            {"dose": {"value": 25, "unit": "mcg/h"}},
            [None],
        ),
        ("acetaminophen", {"dose": {"value": 0, "unit": "mg"}}, []),
        ("tocilizumab", {"dose": {"value": 0, "unit": "mg"}}, []),
    ],
)
def test_a_rate_in_place_of_a_dose_and_a_dose_of_0(
    drug: str, dosage: dict[str, Any], rates: list[int | None]
) -> None:
    """A dose of 0 was none; of what runs it is the stop."""
    assert [dose.rate for dose in record_of(given(drug, dosage=dosage)).facts["doses"]] == rates


def test_an_order_with_a_rate_in_place_of_its_dose_is_of_an_infusion() -> None:
    instruction = {"doseAndRate": [{"doseQuantity": {"value": 50, "unit": "mcg/min"}}]}
    resource = ordered("text|phenylephrine", dosageInstruction=[instruction])
    (order,) = record_of(resource).facts["orders"]

    assert order.intravenous is True


def test_a_dose_of_which_only_the_day_is_charted_is_marked() -> None:
    dose = only("doses", given("tocilizumab", at="2026-11-22"))

    assert (dose.date_only, dose.flags) == (True, (Remark.DATE_ONLY,))


# --- the infusion --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resource", "product"),
    [
        (cells("axi-cel"), "axi-cel"),
        (given("text|CAR-T cell infusion"), None),
        (given("text|Kymriah suspension"), "tisa-cel"),
    ],
)
def test_a_product_given_is_an_infusion(resource: Resource, product: str | None) -> None:
    assert only("infusions", resource).product == product


@pytest.mark.parametrize("status", ["stopped", "on-hold", "unknown", "not-done"])
def test_an_infusion_counts_when_completed_or_running(status: str) -> None:
    assert record_of(cells("axi-cel", status=status)).facts["infusions"] == ()
