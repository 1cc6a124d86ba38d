"""Draft orders as a client sends them, and how they are read; for the tests of drafts."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from fhir_mappings import DraftOrders, read_drafts
from fhir_mappings.times import UTC_ZONE
from grading.order_model import Draft
from tests.fhir_basics import PATIENT_ID, concept, filled, subject
from tests.fhir_codes import ROUTES, Resource


def draft_order(drug: str | None = "text|tocilizumab", **elements: Any) -> Resource:
    """A draft MedicationRequest `d1`; `drug` as in `concept`."""
    return filled(
        {
            "resourceType": "MedicationRequest",
            "id": "d1",
            "status": "draft",
            "intent": "order",
            "subject": subject(),
            "medicationCodeableConcept": concept(drug) if drug else None,
        }
        | elements
    )


def dosed(route: str | None = None, text: str | None = None, **amount: Any) -> Resource:
    """One instruction with a route of `ROUTES` or in words, and the elements of one amount."""
    code, words = ROUTES.get(route or "", (f"text|{route}", ""))
    return filled(
        {
            "text": text,
            "route": concept(f"{code} text|{words}" if words else code) if route else None,
            "doseAndRate": [amount] if amount else None,
        }
    )


def bundled(*resources: Any) -> bytes:
    """A collection Bundle; a pair is (fullUrl, resource)."""
    entries = [
        {"fullUrl": each[0], "resource": each[1]} if isinstance(each, tuple) else {"resource": each}
        for each in resources
    ]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


def drafts_of(*resources: Any, focus: Collection[str] | None = None) -> DraftOrders:
    """What the drafts of Patient A are read as; zone UTC."""
    return read_drafts(bundled(*resources), PATIENT_ID, UTC_ZONE, focus)


def the_draft(*resources: Any) -> Draft:
    """The one draft."""
    (draft,) = drafts_of(*resources).drafts
    return draft


def study(code: str, **elements: Any) -> Resource:
    """A test or consultation as drafted."""
    return {
        "resourceType": "ServiceRequest",
        "id": "s1",
        "status": "draft",
        "intent": "order",
        "subject": subject(),
        "code": concept(code),
    } | elements
