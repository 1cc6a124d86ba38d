"""Whole resources in the shapes of known EHRs, each written here from what is known of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from fhir_mappings.keys import EXTRA_KEYS, KEYS
from fhir_mappings.pages import KeyRead
from fhir_mappings.record import PatientRecord, build_record
from fhir_mappings.times import UTC_ZONE
from grading.model import DoseStatus, Remark
from tests.fhir_basics import PATIENT_ID, at_text
from tests.fhir_codes import Resource
from tests.fhir_mappings.pages import entry, page_of, searchset

EPIC = "https://ehr.example.org/interconnect/api/FHIR/R4"
FLOWSHEET = "urn:oid:1.2.840.114350.1.13.0.1.7.2.707679"
LOINC, RXNORM = "http://loinc.org", "http://www.nlm.nih.gov/research/umls/rxnorm"
UCUM = "http://unitsofmeasure.org"
UMBRELLA = {"system": LOINC, "code": "8716-3", "display": "Vital signs"}
EVENT = at_text("2h")


def concept(*pairs: tuple[str, str], text: str | None = None) -> Resource:
    coding = [{"system": system, "code": code} for system, code in pairs]
    return {"coding": coding} | ({"text": text} if text else {})


def number(value: float, unit: str, code: str | None = None) -> Resource:
    ucum = {"system": UCUM, "code": code} if code else {}
    return {"value": value, "unit": unit} | ucum


def resource(kind: str, **elements: Any) -> Resource:
    subject = {"reference": f"Patient/{PATIENT_ID}"}
    return {"resourceType": kind, "id": "x1", "subject": subject} | elements


def observation(code: Resource, **elements: Any) -> Resource:
    found = resource("Observation", status="final", effectiveDateTime=EVENT, code=code)
    return found | elements


def read(*resources: Resource) -> PatientRecord:
    page = page_of(searchset(*map(entry, resources)))
    return build_record({"bedside": KeyRead((page,))}, PATIENT_ID, UTC_ZONE)


def values(record: PatientRecord, kind: str) -> list[Decimal]:
    return [fact.value.normalize() for fact in record.facts[kind]]


# --- vital signs ---------------------------------------------------------------------------------


def test_epic_temperature_with_flowsheet_rows_and_the_umbrella_code() -> None:
    code = concept((FLOWSHEET, "6"), (LOINC, "8310-5"))
    code["coding"].insert(0, UMBRELLA)

    assert values(read(observation(code, valueQuantity=number(38.4, "Cel"))), "temperatures") == [
        Decimal("38.4")
    ]


def test_the_umbrella_code_alone_says_nothing() -> None:
    found = read(observation({"coding": [UMBRELLA]}, valueQuantity=number(39, "Cel")))

    assert not any(found.facts.values())


def test_epic_blood_pressure_with_three_codes_for_the_panel() -> None:
    panel = concept((LOINC, "55284-4"), (LOINC, "85354-9"), (LOINC, "8716-3"))
    parts = [
        {"code": concept((LOINC, "8480-6")), "valueQuantity": number(88, "mmHg", "mm[Hg]")},
        {"code": concept((LOINC, "8462-4")), "valueQuantity": number(52, "mmHg", "mm[Hg]")},
    ]
    (found,) = read(observation(panel, component=parts)).facts["pressures"]

    assert (found.sbp, found.dbp, found.mean) == (88, 52, None)


def test_a_panel_coded_as_systolic_at_the_top_is_one_reading() -> None:
    parts = [
        {"code": concept((LOINC, "8480-6")), "valueQuantity": number(88, "mm[Hg]")},
        {"code": concept((LOINC, "8462-4")), "valueQuantity": number(52, "mm[Hg]")},
    ]
    (found,) = read(observation(concept((LOINC, "8480-6")), component=parts)).facts["pressures"]

    assert (found.sbp, found.dbp) == (88, 52)


@pytest.mark.parametrize("unit", ["F", "degF", "°F", "[degF]"])
def test_a_temperature_in_words_with_a_unit_of_its_own(unit: str) -> None:
    (found,) = read(observation({"text": "Temp"}, valueQuantity=number(101.3, unit))).facts[
        "temperatures"
    ]

    assert found.value.normalize() == Decimal("38.5")
    assert found.flags == (Remark.BY_TEXT,)


def test_cerner_temperature_with_unit_degc_and_code_cel() -> None:
    code = concept(("https://fhir.cerner.com/x/codeSet/72", "4154123"), (LOINC, "8328-7"))
    found = read(observation(code, valueQuantity=number(38.1, "degC", "Cel")))

    assert values(found, "temperatures") == [Decimal("38.1")]


def test_cerner_saturation_with_flow_and_fraction_as_components() -> None:
    code = concept((LOINC, "59408-5"), (LOINC, "2708-6"))
    parts = [
        {"code": concept((LOINC, "3151-8")), "valueQuantity": number(3, "L/min", "L/min")},
        {"code": concept((LOINC, "3150-0")), "valueQuantity": number(32, "%", "%")},
    ]
    found = read(observation(code, valueQuantity=number(91, "%"), component=parts))

    assert (values(found, "spo2"), values(found, "flows"), values(found, "fio2")) == (
        [91],
        [3],
        [32],
    )


def test_a_day_without_a_time_is_taken_and_marked() -> None:
    day = observation(concept((LOINC, "8310-5")), effectiveDateTime=EVENT[:10])
    (found,) = read(day | {"valueQuantity": number(38.4, "Cel")}).facts["temperatures"]

    assert found.flags == (Remark.DATE_ONLY,)


def test_an_absolute_reference_to_the_patient_is_the_patient() -> None:
    absolute = {"reference": f"{EPIC}/Patient/{PATIENT_ID}", "display": "x"}
    stranger = {"reference": f"{EPIC}/Patient/other"}
    value = {"valueQuantity": number(38.4, "Cel")}
    code = concept((LOINC, "8310-5"))
    own = observation(code, subject=absolute) | value
    other = observation(code, subject=stranger, id="x2") | value

    assert values(read(own, other), "temperatures") == [Decimal("38.4")]


# --- medicines -----------------------------------------------------------------------------------

EPIC_ASPIRIN = {
    "resourceType": "Medication",
    "id": "med",
    "code": concept(
        ("urn:oid:2.16.840.1.113883.6.253", "3265"),
        ("urn:oid:2.16.840.1.113883.6.68", "64100010000310"),
        (RXNORM, "1191"),
        (RXNORM, "212033"),
        text="aspirin 325 mg tablet",
    ),
}


@pytest.mark.parametrize("target", ["Medication/med", f"{EPIC}/Medication/med"])
def test_epic_medication_by_reference_with_several_rxnorm_codes(target: str) -> None:
    order = resource("MedicationRequest", status="active", intent="order")
    order["medicationReference"] = {"reference": target, "display": "aspirin 325 mg"}

    assert [each.key for each in read(order, EPIC_ASPIRIN).facts["orders"]] == ["aspirin"]


def test_cerner_infusion_with_a_contained_medication_and_its_ingredients() -> None:
    inner = {
        "resourceType": "Medication",
        "id": "in",
        "ingredient": [
            {"itemCodeableConcept": concept((RXNORM, "1745276"))},
            {"itemCodeableConcept": {"text": "sodium chloride 0.9 %"}},
        ],
    }
    given = resource(
        "MedicationAdministration",
        status="in-progress",
        effectivePeriod={"start": EVENT},
        contained=[inner],
        medicationReference={"reference": "#in"},
    )

    (dose,) = read(given).facts["doses"]
    assert (dose.drug, dose.status) == ("norepinephrine", DoseStatus.RUNNING)


@pytest.mark.parametrize(
    ("code", "drug"),
    [
        ("1745276", "norepinephrine"),
        ("1660013", "epinephrine"),
        ("1666371", "phenylephrine"),
        ("2103181", "vasopressin"),
        ("1743862", "dopamine"),
    ],
)
def test_mimic_clinical_drug_forms(code: str, drug: str) -> None:
    given = resource(
        "MedicationAdministration",
        status="completed",
        effectivePeriod={"start": at_text("3h"), "end": EVENT},
        medicationCodeableConcept=concept((RXNORM, code)),
    )

    (dose,) = read(given).facts["doses"]
    assert (dose.drug, dose.systemic) == (drug, True)


@pytest.mark.parametrize(
    ("status", "read_as"),
    [
        ("completed", DoseStatus.GIVEN),
        ("in-progress", DoseStatus.RUNNING),
        ("stopped", DoseStatus.GIVEN),
        ("on-hold", DoseStatus.HELD),
        ("unknown", DoseStatus.UNCERTAIN),
        ("not-done", None),
        ("entered-in-error", None),
    ],
)
def test_every_status_of_an_administration(status: str, read_as: DoseStatus | None) -> None:
    given = resource(
        "MedicationAdministration",
        status=status,
        effectiveDateTime=EVENT,
        medicationCodeableConcept={"text": "tocilizumab"},
    )

    assert [dose.status for dose in read(given).facts["doses"]] == (
        [] if read_as is None else [read_as]
    )


# --- Synthea -------------------------------------------------------------------------------------


def test_a_synthea_bundle_refers_by_urn() -> None:
    order = resource(
        "MedicationRequest",
        status="active",
        intent="order",
        medicationReference={"reference": "urn:uuid:m-1"},
    )
    drug = {"resourceType": "Medication", "id": "m-1", "code": concept((RXNORM, "1191"))}
    collection = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"fullUrl": "urn:uuid:o-1", "resource": order, "request": {"method": "POST"}},
            {"fullUrl": "urn:uuid:m-1", "resource": drug},
            {"fullUrl": "urn:uuid:c-1", "resource": {"resourceType": "Claim", "id": "c-1"}},
        ],
    }
    reads = {"medicationOrders": KeyRead((page_of(collection),))}
    record = build_record(reads, PATIENT_ID, UTC_ZONE)

    assert [each.key for each in record.facts["orders"]] == ["aspirin"]
    assert record.issues == ()


def test_a_patient_by_urn_is_not_taken_for_ours() -> None:
    """A server resolves it; in a prefetch it may be anyone."""
    stranger = observation(concept((LOINC, "8310-5")), subject={"reference": "urn:uuid:p-1"})
    record = read(stranger | {"valueQuantity": number(39.5, "Cel")})

    assert record.facts["temperatures"] == ()
    assert [issue.kind for issue in record.issues] == ["foreign"]


# --- searches that servers can answer ------------------------------------------------------------


def test_every_observation_search_names_a_category_or_codes() -> None:
    specs = (*KEYS.values(), *EXTRA_KEYS.values())
    searches = [dict(each.query) for each in specs if each.resource_type == "Observation"]

    assert len(searches) == 3
    assert all({"category", "code"} & search.keys() for search in searches)


def test_the_search_for_bedside_codes_names_the_panel() -> None:
    assert "85354-9" in dict(EXTRA_KEYS["vitals"].query)["code"].split(",")


def test_medication_orders_are_asked_for_without_code_and_date() -> None:
    assert dict(KEYS["medicationOrders"].query).keys() == {"status", "_count"}
