"""Medicines as given and as ordered: what, when, how, and by which reference (READ-2, READ-7)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from fhir_mappings.medicines import Medications
from fhir_mappings.resources import Medication
from grading.model import DoseStatus, Remark
from tests.builders import cells, given, infused, ordered
from tests.fhir_codes import Resource
from tests.fhir_mappings.reading import ago, only, problems, record_of

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ATC = "http://www.whocc.no/atc"


def _coded(code: str, system: str = RXNORM) -> Resource:
    return {"coding": [{"system": system, "code": code}]}


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


# --- references ----------------------------------------------------------------------------------


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


# --- as ordered ----------------------------------------------------------------------------------


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
