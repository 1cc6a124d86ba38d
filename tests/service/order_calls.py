"""Calls of order-select and order-sign for the tests of the service."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.builders import ordered
from tests.fhir_codes import Resource
from tests.fhir_stub import FhirStub
from tests.service.calls import AUTHORIZATION, graded, request

SELECT, SIGN = HOOKS = ("order-select", "order-sign")
WHO = {"userId": "Practitioner/nurse-1", "patientId": "patient-a"}


def draft(drug: str, name: str = "d1", **elements: Any) -> Resource:
    """A draft MedicationRequest for a medicine in words."""
    return ordered(f"text|{drug}", **{"id": name, "status": "draft"} | elements)


def referring(reference: Resource, name: str = "d1", **elements: Any) -> Resource:
    """A draft whose medicine stands behind a reference."""
    elements |= {"medicationCodeableConcept": None, "medicationReference": reference}
    return draft("-", name, **elements)


def bundle_of(*resources: Any) -> Resource:
    """A Bundle of drafts; what has a `resource` is an entry already."""
    entries = [each if "resource" in each else {"resource": each} for each in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def ordering(hook: str, *drafts: Resource, context: Mapping[str, Any] = WHO, **members: Any) -> Any:
    """A call with all prefetch, and all drafts selected unless `context` says otherwise.

    A member of the context or of the call is left out where it is `...`.
    """
    whole: dict[str, Any] = {**WHO, "draftOrders": bundle_of(*drafts)}
    if hook == SELECT:
        orders = [each for each in drafts if "resource" not in each]
        whole["selections"] = [f"{each['resourceType']}/{each['id']}" for each in orders]
    told = {name: value for name, value in (whole | context).items() if value is not ...}
    instance = str(uuid.uuid5(uuid.NAMESPACE_URL, hook))
    return request(**{"hook": hook, "hookInstance": instance, "context": told} | members)


def reading_orders(stub: FhirStub, hook: str, *drafts: Resource, **members: Any) -> Any:
    """A call with the stub as FHIR server, and no prefetch unless given."""
    told = {"prefetch": ..., "fhirServer": stub.url, "fhirAuthorization": AUTHORIZATION}
    return ordering(hook, *drafts, **told | members)


def fire(app: Flask, body: Any, hook: str = "") -> TestResponse:
    """POST to the service of the body's own hook, or of another."""
    path = f"/cds-services/cart-toxicity-{hook or body['hook']}"
    return app.test_client().post(path, data=json.dumps(body), content_type="application/json")


def rows(response: TestResponse) -> list[Resource]:
    """What was checked."""
    return list(graded(response).get("orders", ()))


def summaries(response: TestResponse) -> list[str]:
    """The cards of a 200, by summary."""
    assert response.status_code == 200, response.text
    return [card["summary"] for card in response.get_json()["cards"]]


HAZARD = draft("filgrastim", "hazard", route="sc")
HARMLESS = draft("ondansetron", "harmless")


def ids(found: list[Resource]) -> list[str]:
    return [row["order"].rpartition("/")[2] for row in found]
