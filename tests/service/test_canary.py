"""A marked token and a marked patient go through everything; neither is found where it must not."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from service.access import Access
from service.errors import BadRequest
from service.messages import members
from service.schemas import load_request
from tests.builders import temperature
from tests.fhir_stub import Fault, FhirStub, refused, running
from tests.service.calls import AUTHORIZATION, FEBRILE, PATH, reading, request
from tests.service.order_calls import HOOKS, draft, reading_orders
from tests.service.served import Served, served

TOKEN = "canary-token-77aa01"  # noqa: S105 - a mark to look for
BEARER = "canary-bearer-77aa02"
MARKS = {
    "note": "canary-note-77aa03",
    "user": "canary-user-77aa04",
    "encounter": "canary-encounter-77aa05",
    "birth": "1951-03-07",
    "value": "41.3077",
}
"""The value has more decimals than any time or duration of a line."""
MARKED = [
    *(each for each in FEBRILE if each["resourceType"] != "Patient"),
    {
        "resourceType": "Patient",
        "id": "patient-a",
        "birthDate": MARKS["birth"],
        "name": [{"family": MARKS["note"]}],
    },
    temperature(float(MARKS["value"]), at="30m", note=[{"text": MARKS["note"]}]),
    {"resourceType": "Observation", "id": MARKS["note"], "status": [MARKS["note"]]},
]
FAULTS = {
    "none": [],
    "401": [refused("", 401)],
    "500 with an echo": [Fault("", status=500, body=f"Bearer {TOKEN}")],
    "an outcome with an echo": [Fault("/Procedure", status=403, body=json.dumps({"x": TOKEN}))],
    "no JSON": [Fault("/Observation", body=TOKEN)],
    "a link with an echo": [
        Fault(
            "/Procedure",
            body=json.dumps(
                {
                    "resourceType": "Bundle",
                    "link": [{"relation": "next", "url": f"http://evil.example.org/{TOKEN}"}],
                }
            ),
        )
    ],
    "a redirect with an echo": [Fault("", status=302, body="", location=f"/{TOKEN}")],
    "cut": [Fault("", cut=5)],
}


@pytest.fixture(scope="module")
def service() -> Iterator[Served]:
    with served() as made:
        yield made


def marked(body: dict[str, Any]) -> dict[str, Any]:
    body["fhirAuthorization"] = body["fhirAuthorization"] | {"access_token": TOKEN}
    body["context"] |= {
        "userId": f"Practitioner/{MARKS['user']}",
        "encounterId": MARKS["encounter"],
    }
    return body


def bodies(stub: FhirStub) -> Iterator[tuple[str, Any]]:
    """Whole calls of every service, and calls that break in several places."""
    view = marked(reading(stub))
    yield PATH, view
    for hook in HOOKS:
        orders = marked(reading_orders(stub, hook, draft(f"filgrastim {MARKS['note']}")))
        yield f"/cds-services/cart-toxicity-{hook}", orders
    yield PATH, view | {"hook": TOKEN}
    yield PATH, view | {"context": {"patientId": TOKEN}}
    yield PATH, view | {"fhirServer": f"http://{TOKEN}.example.org/"}
    yield PATH, view | {"fhirServer": f"http://user:{TOKEN}@127.0.0.1/"}
    authorization = view["fhirAuthorization"]
    yield PATH, view | {"fhirAuthorization": authorization | {"token_type": TOKEN}}
    yield PATH, view | {"fhirAuthorization": authorization | {"expires_in": TOKEN}}
    yield PATH, view | {"fhirAuthorization": authorization | {"access_token": f"{TOKEN} x"}}
    yield PATH, view | {"prefetch": {"patient": {"resourceType": "Patient", "id": TOKEN}}}
    yield f"/cds-services/{TOKEN}", view


@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS)
def test_no_token_is_in_any_answer_or_line_and_no_patient_in_any_line(
    service: Served, http: requests.Session, faults: list[Fault]
) -> None:
    headers = {"Authorization": f"Bearer {BEARER}", "Cookie": f"session={BEARER}"}
    with running(MARKED, faults) as stub:
        found = [
            http.post(service.url + path, json=body, headers=headers, timeout=30)
            for path, body in bodies(stub)
        ]
        sent = {call.headers.get("Authorization") for call in stub.calls}
    said = "\n".join(f"{answer.headers}\n{answer.text}" for answer in found)
    logged = service.log()

    assert sent == {f"Bearer {TOKEN}"}
    assert len(logged.splitlines()) > len(found)
    assert [mark for mark in (TOKEN, BEARER) if mark in said] == []
    assert [mark for mark in (TOKEN, BEARER, *MARKS.values()) if mark in logged] == []


def test_an_answer_does_not_repeat_notes_and_names(service: Served, http: requests.Session) -> None:
    with running(MARKED) as stub:
        answer = http.post(service.url + PATH, json=marked(reading(stub)), timeout=30)

    assert "41.3" in answer.text
    assert MARKS["user"] not in answer.text


def test_no_text_of_our_objects_or_exceptions_holds_a_token() -> None:
    access = Access("http://127.0.0.1:9", TOKEN, 0.0)
    whole = request(fhirServer="http://127.0.0.1:9", fhirAuthorization=AUTHORIZATION)
    found = load_request(members(json.dumps(marked(whole)).encode()), "patient-view")
    whole["fhirAuthorization"] |= {"token_type": TOKEN}
    with pytest.raises(BadRequest) as refusal:
        load_request(members(json.dumps(whole).encode()), "patient-view")
    told = "".join(traceback.format_exception(refusal.value))

    assert found.fhir_authorization is not None
    assert found.fhir_authorization.access_token == TOKEN
    assert TOKEN not in told + repr([access, found, found.fhir_authorization, found.context])
    assert "patient-a" not in told + repr(found)
