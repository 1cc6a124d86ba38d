"""The probe of a FHIR server: what it finds of a patient's inputs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fhir_mappings.codes import SHIPPED
from fhir_mappings.keys import LABS
from fhir_mappings.units import KINDS
from tests.fhir_basics import PATIENT_ID, identified, quantity, subject
from tests.fhir_codes import Resource
from tests.fhir_stub import Fault, refused, running
from tests.observation_builders import ice, observation, temperature
from tests.record_builders import condition, given, patient, procedure
from tests.service.probing import LOCAL, found, plain, row

ROOM_AIR = "loinc|59410-1"


pytestmark = pytest.mark.usefixtures("probed_now")


@pytest.mark.parametrize(
    ("resources", "status", "crs_lacks", "icans_lacks"),
    [
        (plain(), 0, [], []),
        (plain("ice"), 1, [], ["ICE or CAPD"]),
        (plain("temperature"), 1, ["temperature"], []),
        (plain("spo2"), 0, [], []),
        (plain("spo2", "device"), 1, ["SpO2 or oxygen device"], []),
        (plain("cells"), 1, ["CAR-T infusion"], ["CAR-T infusion"]),
    ],
    ids=["all", "no ICE", "no temperature", "device alone", "no oxygen at all", "no infusion"],
)
def test_the_status_says_if_both_can_be_graded(
    resources: list[Resource], status: int, crs_lacks: list[str], icans_lacks: list[str]
) -> None:
    with running(resources) as stub:
        data = found(stub, status=status)

    assert (data["crs_lacks"], data["icans_lacks"]) == (crs_lacks, icans_lacks)


@pytest.mark.parametrize(
    ("resources", "how", "status"),
    [
        (plain(), "newest CAR-T product given", 0),
        (
            [
                *plain("cells"),
                procedure("snomed|1156961008"),
                procedure("icd10pcs|XW033C7", at="4h"),
            ],
            "newest CAR-T procedure",
            0,
        ),
        (plain("cells"), "newest body temperature", 1),
        (plain("cells", "temperature"), "newest vital sign", 1),
    ],
    ids=["product", "procedure", "temperature", "vital sign"],
)
def test_a_patient_is_found_by_itself(resources: list[Resource], how: str, status: int) -> None:
    with running(resources) as stub:
        chosen = found(stub, status=status)["patient"]

    assert chosen == {"patient_id": PATIENT_ID, "how": how}


def test_the_newest_of_the_infusions_chooses() -> None:
    old = given("axi-cel", at="30d") | {"id": "old", "subject": subject("other")}
    none = given("axi-cel", at="1h") | {"id": "none", "subject": {}}
    timeless = given("axi-cel") | {"id": "timeless", "subject": subject("third")}
    del timeless["effectiveDateTime"]
    with running([old, none, timeless, *plain()]) as stub:
        assert found(stub)["patient"]["patient_id"] == PATIENT_ID


def test_the_patient_that_was_asked_for_is_taken() -> None:
    with running(plain()) as stub:
        chosen = found(stub, "--patient", PATIENT_ID)["patient"]

    assert chosen == {"patient_id": PATIENT_ID, "how": "as asked for"}


def test_a_row_tells_code_unit_age_and_query() -> None:
    with running(plain()) as stub:
        told = row(found(stub), "temperature")

    assert told["count"] == 1
    assert told["coding"] == "loinc|8310-5"
    assert (told["unit"], told["age_h"]) == ("Cel", 1.0)
    assert told["query"] == ["bedside", "trends"]
    assert (told["by_text"], told["problem"]) == (False, "")


@pytest.mark.parametrize(
    ("extra", "name", "coding"),
    [
        (
            temperature(38.2, at="10m", code="text|Body temperature"),
            "temperature",
            "text only: Body temperature",
        ),
        (
            temperature(38.2, at="10m", code=f"{LOCAL}|6 text|Body temperature"),
            "temperature",
            f"text only: Body temperature ({LOCAL}|6)",
        ),
        (
            temperature(38.2, at="10m", code="x|1 x|2 loinc|8310-5 x|3 text|T"),
            "temperature",
            "x|1 x|2 loinc|8310-5 +1 (T)",
        ),
        (given("tocilizumab"), "tocilizumab, anticytokines", "rxnorm|612865 (tocilizumab)"),
    ],
    ids=["text", "text beside a code", "many codings", "medicine"],
)
def test_how_a_value_is_coded(extra: Resource, name: str, coding: str) -> None:
    with running([*plain(), extra]) as stub:
        assert row(found(stub), name)["coding"] == coding


def test_a_medicine_behind_a_reference_is_followed() -> None:
    medicine = {"resourceType": "Medication", "id": "m", "code": {"text": "tocilizumab"}}
    by_reference = given("tocilizumab") | {"medicationReference": {"reference": "Medication/m"}}
    del by_reference["medicationCodeableConcept"]
    with running([*plain(), by_reference, medicine]) as stub:
        told = row(found(stub), "tocilizumab, anticytokines")

    assert told["coding"] == "reference, text only: tocilizumab"


def test_a_contained_medicine_and_one_that_leads_nowhere_are_named_so() -> None:
    def referring(reference: str, **more: Any) -> Resource:
        built = given("tocilizumab") | {"medicationReference": {"reference": reference}} | more
        del built["medicationCodeableConcept"]
        return identified({key: value for key, value in built.items() if key != "id"})

    inner = {"resourceType": "Medication", "id": "c", "code": {"text": "tocilizumab"}}
    with running([*plain(), referring("#c", contained=[inner]), referring("Medication/x")]) as stub:
        data = found(stub)

    assert row(data, "tocilizumab, anticytokines")["coding"] == "contained medication"
    assert data["medicines"] == ["no code that can be read"]


@pytest.mark.parametrize(
    ("drug", "listed"),
    [
        (f"{LOCAL}|4711 text|Pump 3", [f"{LOCAL}|4711 (Pump 3)"]),
        ("text|Pump 3", ["text only: Pump 3"]),
        (f"{LOCAL}|4711 text|norepinephrine", []),
        ("rxnorm|26225 text|ondansetron", []),
    ],
    ids=["a code of the site", "words alone", "recognized by its words", "another drug"],
)
def test_medicines_that_no_drug_list_can_know_are_listed(drug: str, listed: list[str]) -> None:
    with running([*plain(), given(drug)]) as stub:
        assert found(stub)["medicines"] == listed


def test_a_seizure_from_a_condition_and_an_infusion_from_a_procedure_are_coded() -> None:
    fit = condition("snomed|91175000", onset="2h")
    cells = procedure("snomed|1156961008", at="75h")
    with running([*plain("cells"), fit, cells]) as stub:
        data = found(stub)

    assert row(data, "seizures")["coding"].startswith("snomed|91175000")
    assert row(data, "CAR-T infusion")["coding"].startswith("snomed|")


def test_a_form_is_named_by_its_type() -> None:
    with running([*plain("ice"), *ice(shape="form", total=10)]) as stub:
        assert row(found(stub), "ICE")["coding"] == "a QuestionnaireResponse"


def test_a_refused_unit_is_told() -> None:
    odd = temperature(38.0, at="2h", unit="furlong")
    with running([*plain(), odd]) as stub:
        told = row(found(stub), "temperature")

    assert (told["count"], told["problem"]) == (1, "1 x refused-unit")


def test_what_is_charted_where_no_query_looks_is_told() -> None:
    elsewhere = observation("loinc|3151-8", "1h", "therapy", valueInteger=2)
    with running([*plain(), elsewhere]) as stub:
        told = row(found(stub), "oxygen flow")

    assert (told["count"], told["problem"]) == (
        0,
        "1 charted that no query of the service delivers",
    )


def test_a_query_that_is_refused_is_the_reason() -> None:
    with running(plain(), [refused("category=vital-signs,survey", 403)]) as stub:
        data = found(stub, status=1)

    assert row(data, "ICE")["problem"] == (
        "bedside not read: the FHIR server answered with status 403, "
        "1 charted that no query of the service delivers"
    )
    assert row(data, "SpO2")["query"] == ["vitals"]
    assert {"key": "bedside", "resources": 0, "problem": "http-403"} in data["reads"]


def test_a_page_that_says_that_it_is_not_all_is_told() -> None:
    gap = {"severity": "warning", "code": "suppressed"}
    outcome = {"resourceType": "OperationOutcome", "issue": [gap]}
    body = {"resourceType": "Bundle", "type": "searchset"}
    entries = [{"resource": each} for each in plain() if each["resourceType"] == "Condition"]
    entries.append({"resource": outcome, "search": {"mode": "outcome"}})
    entries.append({"resource": identified({"resourceType": "Condition", "subject": subject()})})
    page = Fault("/Condition", status=200, body=json.dumps(body | {"entry": entries}))
    with running(plain(), [page]) as stub:
        reads = found(stub)["reads"]

    problems = {each["key"]: each["problem"] for each in reads}
    assert problems["conditions"] == "the server left something out"


def test_codes_without_a_meaning_are_listed_most_frequent_first() -> None:
    rows = [
        observation(f"{LOCAL}|77 text|Neuro handover", f"{n}h", "survey", valueInteger=n)
        for n in (1, 2)
    ]
    panel = observation(
        "loinc|85354-9", "3h", "vital-signs", component=[{"code": {"text": "Cuff"}}]
    )
    unitless = observation(f"{LOCAL}|9", "3h", "exam", valueQuantity={"value": 3})
    codeless = {key: value for key, value in unitless.items() if key not in ("code", "id")}
    with running([*plain(), *rows, panel, unitless, identified(codeless)]) as stub:
        listed = found(stub)["unmapped"]

    assert listed[0] == {"coding": f"{LOCAL}|77 (Neuro handover)", "unit": "", "times": 2}
    assert {"coding": f"{LOCAL}|9", "unit": "none", "times": 1} in listed


def test_laboratory_codes_are_listed_where_a_laboratory_input_is_missing() -> None:
    odd = observation(f"{LOCAL}|crp text|Inflammation", "3h", "laboratory", valueInteger=3)
    with running([*plain(), odd]) as stub:
        listed = found(stub)["unmapped"]

    assert [each["coding"] for each in listed] == [f"{LOCAL}|crp (Inflammation)"]


def result(concept: str) -> Resource:
    """A result of a laboratory concept in its canonical unit, small enough for each of them."""
    value = quantity(100 if concept == "lab.sodium" else 20, KINDS[SHIPPED.sets[concept].kind].unit)
    code = SHIPPED.codes(concept, "loinc")[0]
    return observation(f"loinc|{code}", "6h", "laboratory", valueQuantity=value)


def test_laboratory_codes_are_of_no_interest_where_no_input_is_missing() -> None:
    every = [result(concept) for concept in LABS.values()]
    odd = observation(f"{LOCAL}|glucose", "3h", "laboratory", valueInteger=3)
    site = observation(f"{LOCAL}|8", "3h", "therapy", valueInteger=3)
    with running([*plain(), *every, odd, site]) as stub:
        data = found(stub)

    assert [row(data, name)["count"] for name in LABS] == [1] * len(LABS)
    assert [each["coding"] for each in data["unmapped"]] == [f"{LOCAL}|8"]


def test_a_value_without_id_counts_but_cannot_be_traced() -> None:
    nameless = {k: v for k, v in temperature(38.1, at="5m").items() if k != "id"}
    with running([*plain(), nameless]) as stub:
        told = row(found(stub), "temperature")

    assert (told["age_h"], told["coding"]) == (0.1, "")


def test_a_device_that_another_value_implies_is_coded_as_that_value() -> None:
    on_air = observation(ROOM_AIR, "5m", "vital-signs", valueQuantity=quantity(97, "%"))
    with running([*plain("device"), on_air]) as stub:
        assert row(found(stub), "oxygen device")["coding"] == ROOM_AIR


def test_age_is_an_input_too() -> None:
    ageless = [each for each in plain() if each["resourceType"] != "Patient"] + [
        patient(birth=None)
    ]
    with running(ageless) as stub:
        assert row(found(stub), "age")["problem"] == "no birthDate"
