"""Real resources of five sources, in `../shared/ehr_samples` beside the repository.

What to read of each vital sign is in their `index.json`, which is not ours; the rest is spelled
out here. A second reader that is not ours, `fhir.resources`, says what is well-formed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from fhir_mappings.bundle import read_page
from fhir_mappings.record import PatientRecord
from fhir_mappings.resources import TYPES
from grading.model import Device, Level, RiskKind
from tests import builders as b
from tests.fhir_mappings.pages import page_of, record_of

SAMPLES = Path(__file__).parents[2].parent / "shared" / "ehr_samples"
PRESENT = (SAMPLES / "index.json").exists()
INDEX = json.loads((SAMPLES / "index.json").read_text())["items"] if PRESENT else []
EXPECTED = {item["file"]: item["expect"] for item in INDEX}
FILES = sorted(EXPECTED)
NOT_SYSTEMIC = "must_not_be_read_as_systemic_bp"
VITALS = [name for name in FILES if EXPECTED[name] and NOT_SYSTEMIC not in EXPECTED[name]]
NO_PRESSURE = [name for name in FILES if NOT_SYSTEMIC in (EXPECTED[name] or {})]
LOOKS_SYSTEMIC = "mii_icu/16-muv-sonstige-pulsatile-druecke-generisch.json"
"""Coded as any blood pressure would be: SNOMED 75367002 with LOINC 8480-6, 8478-0, 8462-4."""

pytestmark = pytest.mark.skipif(not PRESENT, reason="no ../shared/ehr_samples")


def record_of_sample(name: str) -> PatientRecord:
    """The record of the sample's own patient; a `urn:uuid` is what a server would have resolved."""
    raw = (SAMPLES / name).read_bytes().replace(b'"urn:uuid:', b'"Patient/')
    resource = json.loads(raw)
    own = resource.get("subject", {}).get("reference", "").removeprefix("Patient/")
    return record_of(read_page(raw), patient_id=own or resource.get("id", ""))


def vitals(record: PatientRecord) -> dict[str, float]:
    """The vital signs of a record in the words of the index."""
    written = {"temperatures": "temp_c", "spo2": "spo2", "flows": "o2_flow_lpm", "fio2": "fio2"}
    found = {word: f.value for kind, word in written.items() for f in record.facts[kind]}
    for each in record.facts["pressures"]:
        found |= {"sbp": each.sbp, "map": each.mean, "dbp": each.dbp}
    return {word: float(value) for word, value in found.items() if value is not None}


@pytest.mark.parametrize("name", VITALS)
def test_vital_signs_as_the_index_has_them_and_no_others(name: str) -> None:
    record = record_of_sample(name)
    expected = {word: value for word, value in EXPECTED[name].items() if value is not None}
    assert vitals(record) == pytest.approx(expected, rel=1e-12)
    assert record.issues == ()


@pytest.mark.parametrize("name", [name for name in NO_PRESSURE if name != LOOKS_SYSTEMIC])
def test_pressures_elsewhere_are_not_the_blood_pressure(name: str) -> None:
    assert vitals(record_of_sample(name)) == {}


def test_a_high_pressure_elsewhere_is_not_a_low_blood_pressure() -> None:
    """The sample's 18 and 10 mmHg are refused by the range of a blood pressure; these are not."""
    text = (SAMPLES / "mii_icu/15-muv-pulmonalarterieller-blutdruck.json").read_text()
    panel = json.loads(text)
    for component in panel["component"]:
        component["valueQuantity"]["value"] = 60
    assert vitals(record_of(page_of(panel), patient_id="111")) == {}


def test_a_pressure_without_a_place_is_the_blood_pressure() -> None:
    """The index wants none, but only the profile's name tells; a systemic one looks the same."""
    assert vitals(record_of_sample(LOOKS_SYSTEMIC)) == {"sbp": 120, "map": 90, "dbp": 80}


# --- everything else in the index ----------------------------------------------------------------

FACTS = {
    "mii_icu/12-muv-o2saettigung-im-arteriell-blut-durch-pulsoxymet.json": {"spo2": [98]},
    "mii_icu/17-score-rass.json": {"arousal": [(Level.SPONTANEOUS, "rass")]},
    "mii_icu/18-vent-beatmung.json": {"supports": [Device.CPAP]},
    "mii_icu/20-vent-inspiratorische-sauerstofffraktion-eingestellt.json": {"fio2": [30]},  # 0.3 %
    "mii_icu/21-vent-inspiratorische-sauerstofffraktion-gemessen.json": {"fio2": [30]},
    "mii_icu/24-ecmo.json": {"supports": [Device.ECMO]},
    "synthea_r4/03-obs-weight.json": {"weights": [52.541416716434625]},
    "synthea_r4/04-medicationrequest.json": {"orders": ["clonazepam"]},
    "synthea_r4/05-medicationrequest.json": {"orders": ["carbamazepine"]},
    "synthea_r4/08-condition.json": {"risks": [RiskKind.SEIZURE_HISTORY]},
    "us_core/14-medicationrequest-self-tylenol.json": {"orders": ["acetaminophen"]},
    "us_core/21-observation-cbc-platelets.json": {"platelets": [200_000]},
    "us_core/23-weight.json": {"weights": [20.09414]},
}
"""Per file what is read of it; of every other file without a vital sign: nothing."""
ISSUES = {
    "hapi/02-batch-conditional-inline-reference.json": [("foreign", "Observation")],
}
AVERAGE = "us_core/02-observation-average-blood-pressure.json"
OTHERS = [name for name in FILES if name not in {*VITALS, *NO_PRESSURE, AVERAGE}]


def told(fact: Any) -> Any:
    """The one thing of a fact that the table shows."""
    if hasattr(fact, "level"):
        return (fact.level, fact.scale)
    shown = next((n for n in ("value", "device", "key", "kind") if hasattr(fact, n)), None)
    value = fact if shown is None else getattr(fact, shown)
    return float(value) if shown == "value" else value


@pytest.mark.parametrize("name", OTHERS)
def test_the_other_samples_say_what_is_in_the_table_and_nothing_more(name: str) -> None:
    record = record_of_sample(name)
    everything = {**record.facts, **record.labs}
    found = {kind: [told(fact) for fact in facts] for kind, facts in everything.items() if facts}
    assert found == FACTS.get(name, {})
    assert [(i.kind, i.label) for i in record.issues] == ISSUES.get(name, [])


def test_an_average_of_days_is_no_blood_pressure() -> None:
    assert vitals(record_of_sample(AVERAGE)) == {}


def test_a_medication_that_was_not_sent_is_asked_for() -> None:
    record = record_of_sample("us_core/13-medicationrequest-referenced-oral-axid.json")
    assert record.unresolved_medications == ("Medication/uscore-med2",)


def test_a_patient_has_a_birth_date() -> None:
    assert record_of_sample("synthea_r4/09-patient.json").birth is not None


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("mii_icu/0")])
def test_an_interval_stands_at_its_end(name: str) -> None:
    resource = json.loads((SAMPLES / name).read_text())
    written = resource.get("effectiveDateTime") or resource["effectivePeriod"]["end"]
    facts = record_of_sample(name).facts
    stands = {fact.t for kind in ("temperatures", "pressures") for fact in facts[kind]}
    assert stands == {{"09": 1577089810000, "10": 1577093410000}[written[11:13]]}


# --- another reader ------------------------------------------------------------------------------

BUILT: Mapping[str, Any] = {
    "patient": b.patient(),
    "temperature": b.temperature(39.1),
    "temperature by unit": b.temperature(102.2, unit="[degF]"),
    "pressure": b.pressure(88, 50, 62),
    "mean pressure": b.mean_pressure(61),
    "spo2": b.spo2(91),
    "flow": b.flow(4),
    "fio2": b.fio2(40),
    "device": b.device("venturi-mask"),
    "weight": b.weight(70),
    "lab": b.lab("ferritin", 900),
    "ice": b.ice(items=b.full_ice())[0],
    "capd": b.capd(9)[0],
    "form": b.ice(8, shape="form")[0],
    "consciousness": b.consciousness("voice"),
    "grade": b.grade("crs", 2),
    "given": b.given("tocilizumab", mg=640),
    "infused": b.infused("norepinephrine", rate=5),
    "cells": b.cells(),
    "ordered": b.ordered("dexamethasone", mg=10, every_h=6),
    "ordered test": b.order_test("eeg"),
    "procedure": b.procedure("cart-infusion"),
    "ongoing": b.ongoing("ventilation"),
    "condition": b.condition("icd10|G40.909", "2d", abated="1d"),
    "report": b.report("eeg", ["local|seizure"]),
    "partial date": b.condition("icd10|G40.909", "2026-11"),
    "medication": {
        "resourceType": "Medication",
        "id": "m",
        "code": b.medication("propofol"),
        "ingredient": [{"itemCodeableConcept": b.medication("propofol")}],
    },
    "grouped form": {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "item": [{"linkId": "group", "item": b.ice(8, shape="form")[0]["item"]}],
    },
    "outcome": {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "warning", "code": "suppressed", "details": {"text": "left out"}}],
    },
}


def accept(resource: dict[str, Any]) -> None:
    """Raise unless `fhir.resources` takes the resource for R4B."""
    get_fhir_model_class(resource["resourceType"]).model_validate(resource)


@pytest.mark.parametrize("resource", BUILT.values(), ids=BUILT)
def test_what_another_reader_accepts_is_not_broken(resource: dict[str, Any]) -> None:
    accept(resource)
    page = page_of({"resourceType": "Bundle", "link": [None], "entry": [{"resource": resource}]})
    assert page.issues == ()
    assert len(page.resources) == (resource["resourceType"] != "OperationOutcome")


def test_every_type_that_is_read_is_cross_checked() -> None:
    assert {resource["resourceType"] for resource in BUILT.values()} == TYPES


@pytest.mark.parametrize("name", FILES)
def test_what_another_reader_accepts_of_the_samples_is_not_broken(name: str) -> None:
    resource = json.loads((SAMPLES / name).read_text())
    accept(resource)
    page = page_of(resource)
    entries = [each["resource"] for each in resource.get("entry", [{"resource": resource}])]
    kinds = [each["resourceType"] for each in entries if each["resourceType"] in TYPES]
    assert page.issues == ()
    assert [type(read).__name__ for read in page.resources] == kinds
