"""Calls of patient-view for the tests of the service: one febrile chart, delivered in many ways."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests import charts
from tests.charts import USUAL, Case, patient_view
from tests.ehr import prefetch_for
from tests.fhir_codes import Resource
from tests.fhir_stub import FhirStub

PATH = "/cds-services/cart-toxicity-patient-view"
ASSESSMENT = "org.cart-toxicity-cds.assessment"
TOKEN = "canary-token-5f1d"  # noqa: S105 - a mark to look for in logs and answers
AUTHORIZATION = {
    "access_token": TOKEN,
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "user/*.rs",
    "subject": "cart-cds",
}
FEBRILE = charts.resources(
    Case("febrile", {**USUAL, "temperature": [{"value": 38.6}]}, (), (), (), {})
)


def whole() -> dict[str, Any]:
    """Every key as a client delivers it."""
    return dict(prefetch_for(FEBRILE))


def without(*keys: str) -> dict[str, Any]:
    """Every key but these."""
    return {key: value for key, value in whole().items() if key not in keys}


def only(*keys: str) -> dict[str, Any]:
    """These keys alone."""
    return {key: whole()[key] for key in keys}


def request(**members: Any) -> Resource:
    """A call with all prefetch; a member replaced, or left out where it is `...`."""
    envelope = patient_view(whole()) | members
    return {name: value for name, value in envelope.items() if value is not ...}


def reading(stub: FhirStub, prefetch: Any = ..., **members: Any) -> Resource:
    """A call with the stub as FHIR server, and no prefetch unless given."""
    told = {"prefetch": prefetch, "fhirServer": stub.url, "fhirAuthorization": AUTHORIZATION}
    return request(**told | members)


def searched(stub: FhirStub, resource_type: str) -> list[str]:
    """The queries of the searches of a type that the stub received, in order."""
    heads = [call.url.removeprefix("/").partition("?") for call in stub.calls]
    return [query for kind, _, query in heads if kind == resource_type]


def post(app: Flask, body: Any, **how: Any) -> TestResponse:
    """POST of a body (bytes as they are, else as JSON) to patient-view."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    told: dict[str, Any] = {"data": data, "content_type": "application/json"} | how
    return app.test_client().post(PATH, **told)


def graded(response: TestResponse) -> Mapping[str, Any]:
    """The assessment in a 200."""
    assert response.status_code == 200, response.text
    found: Mapping[str, Any] = response.get_json()["extension"][ASSESSMENT]
    return found


def told(response: TestResponse) -> str:
    """The diagnostics of an OperationOutcome."""
    body = response.get_json()
    assert body["resourceType"] == "OperationOutcome"
    assert all(issue["severity"] == "error" and issue["code"] for issue in body["issue"])
    return "; ".join(issue["diagnostics"] for issue in body["issue"])


def detail(response: TestResponse) -> str:
    """All that the cards of a 200 say, without Markdown escapes."""
    assert response.status_code == 200, response.text
    cards = response.get_json()["cards"]
    return "\n".join(f"{card['summary']}\n{card['detail']}" for card in cards).replace("\\", "")
