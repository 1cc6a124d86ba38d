"""Writes a drug, or an order for a drug or a test, the way an EHR does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sandbox.catalog import CATALOG, Resource, amount, concept, entry, number
from sandbox.story import Ehr


class Written(NamedTuple):
    """Elements of a resource of that type; `medication`: what they refer to outside of it."""

    resource_type: str
    elements: Resource
    medication: Resource | None = None


def drug(ehr: Ehr, name: str, resource_type: str) -> Written:
    """The drug as a concept, as a reference to a Medication, or with a contained one."""
    row = entry("drug", name)
    code = concept(row["text"], *row.get("codings", ()))
    match ehr:
        case Ehr.EPIC:
            medication_id = f"medication-{name.replace(' ', '-')}"
            medication = {"resourceType": "Medication", "id": medication_id, "code": code}
            reference = {"reference": f"Medication/{medication_id}", "display": row["text"]}
            return Written(resource_type, {"medicationReference": reference}, medication)
        case Ehr.CERNER:
            ingredient = {"itemCodeableConcept": code}
            inside = {"resourceType": "Medication", "id": "med", "ingredient": [ingredient]}
            elements = {"contained": [inside], "medicationReference": {"reference": "#med"}}
            return Written(resource_type, elements)
        case Ehr.PLAIN:
            return Written(resource_type, {"medicationCodeableConcept": code})


def order(ehr: Ehr, fields: Mapping[str, Any]) -> Written:
    """What is ordered, without who, when and status; of a drug, only what the row says of it."""
    if "test" in fields:
        return Written("ServiceRequest", {"code": test(fields["test"])})
    written = drug(ehr, fields["drug"], "MedicationRequest")
    instruction: Resource = {}
    if "sig" in fields:
        instruction["text"] = fields["sig"]
    if "every_h" in fields:
        repeat = {"frequency": 1, "period": number(fields["every_h"]), "periodUnit": "h"}
        instruction["timing"] = {"repeat": repeat}
    if "route" in fields:
        instruction["route"] = route(fields["route"])
    if "dose" in fields:
        instruction["doseAndRate"] = [{"doseQuantity": amount(fields["dose"])}]
    more: Resource = {"dosageInstruction": [instruction]} if instruction else {}
    if "reason" in fields:
        more["reasonCode"] = [concept(fields["reason"])]
    return written._replace(elements=written.elements | more)


def route(name: str) -> Resource:
    """A route of administration."""
    return concept(name, CATALOG["routes"][name])


def test(name: str) -> Resource:
    """A test that is ordered or reported."""
    return concept(name, entry("test", name))
