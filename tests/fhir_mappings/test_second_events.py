"""Every verified code of a drug, a cell product, a procedure and a condition of the terminology.

Skipped where `../shared/spec` is not beside the repository.
"""

from __future__ import annotations

import pytest

from tests.fhir_basics import at_text, concept, quantity, subject
from tests.fhir_codes import Resource
from tests.fhir_mappings import second_reading as second
from tests.fhir_mappings.reading import record_of

pytestmark = pytest.mark.skipif(
    not second.TERMINOLOGY.exists(), reason="no ../shared/spec/terminology.yaml"
)

PRODUCTS = ("axi", "brexu", "tisa", "liso", "ide", "cilta", "obe")
CONDITIONS = {
    "cond.seizure": {"seizures:unspecified"},
    "cond.status_epilepticus": {"seizures:prolonged"},
    "cond.cerebral_oedema": {"signs:edema-extent-unknown"},
    "cond.papilloedema": {"signs:papilledema"},
    "cond.intracranial_haemorrhage": {"signs:intracranial-hemorrhage"},
    "cond.epilepsy_baseline": {"risks:seizure-history"},
    "cond.supplemental_o2_dependence": {"risks:home-oxygen"},
    "cond.motor_findings": set(),
    "cond.encephalopathy_ams": set(),
    "cond.fever": set(),
    "cond.hypoxia": set(),
    "cond.hypotension_shock": set(),
}
"""What a condition that begins an hour ago is read as: kind of fact and kind of finding."""


def coded(kind: str, system: str, code: str, **elements: object) -> Resource:
    """A resource of Patient A whose one code is this one."""
    named = "medicationCodeableConcept" if kind == "MedicationAdministration" else "code"
    written = {"coding": [{"system": system, "code": code}]}
    return {"resourceType": kind, "id": "x", "subject": subject(), named: written} | elements


def drug_of(system: str, code: str) -> set[str]:
    dosage = {"route": concept("snomed|47625008"), "dose": quantity(650, "mg")}
    when = {"status": "completed", "effectiveDateTime": at_text("1h"), "dosage": dosage}
    record = record_of(coded("MedicationAdministration", system, code, **when), key="given")
    return {dose.drug.replace("-", "_") for dose in record.facts["doses"]}


def test_every_drug_code() -> None:
    keys = [key for key in second.tables() if key.startswith("drug.")]
    unread = [
        (key, row["code"])
        for key in keys
        for system, row in second.codes(key)
        if "lipegfilgrastim" not in row["display"].lower()
        and key.removeprefix("drug.") not in drug_of(system, row["code"])
    ]
    assert unread == []


@pytest.mark.parametrize("product", PRODUCTS)
def test_every_code_of_a_cell_product(product: str) -> None:
    when = {"status": "completed", "performedDateTime": at_text("1h")}
    for system, row in second.codes(f"cart.{product}_cel"):
        if system != second.systems()["hcpcs"]:
            record = record_of(coded("Procedure", system, row["code"], **when), key="procedures")
            assert [each.product for each in record.facts["infusions"]] == [f"{product}-cel"]


@pytest.mark.parametrize(
    ("key", "count"),
    [("proc.cart_infusion", 1), ("proc.cart_collection_prep", 0), ("proc.other_iec_infusion", 0)],
)
def test_every_code_of_an_infusion(key: str, count: int) -> None:
    when = {"status": "completed", "performedDateTime": at_text("1h")}
    for system, row in second.codes(key):
        record = record_of(coded("Procedure", system, row["code"], **when), key="procedures")
        assert len(record.facts["infusions"]) == count


@pytest.mark.parametrize("name", second.DEVICES)
def test_every_device_as_a_procedure(name: str) -> None:
    when = {"status": "completed", "performedDateTime": at_text("1h")}
    for system, row in second.codes(f"val.o2_device.{name}"):
        record = record_of(coded("Procedure", system, row["code"], **when), key="procedures")
        assert [each.device.value for each in record.facts["supports"]] == [second.DEVICES[name]]


@pytest.mark.parametrize("key", CONDITIONS)
def test_every_condition(key: str) -> None:
    for system, row in second.codes(key):
        one = coded("Condition", system, row["code"], onsetDateTime=at_text("1h"))
        facts = record_of(one, key="conditions").facts
        found = {f"{k}:{e.kind.value}" for k in ("seizures", "signs", "risks") for e in facts[k]}
        assert found == CONDITIONS[key], row
