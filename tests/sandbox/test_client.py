"""The client does with the advertised templates what an EHR does."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
import responses

from sandbox.client import (
    Answer,
    ClientError,
    Mode,
    Peers,
    Service,
    discover,
    fill,
    hook_request,
    patient_view,
)

FHIR = "http://ehr.example.org/fhir"
CDS = "http://cds.example.org"
URL = f"{CDS}/cds-services/view"
PEERS = Peers(requests.Session(), FHIR, CDS)
TEMPLATES = {
    "patient": "Patient/{{context.patientId}}",
    "conditions": "Condition?patient={{context.patientId}}&_count=200",
    "visit": "Encounter/{{context.encounterId}}",
}
SERVICE = Service(URL, TEMPLATES)
OFFERED = {
    "services": [
        {"hook": "order-sign", "id": "sign", "description": "-"},
        {"hook": "patient-view", "id": "view", "description": "-", "prefetch": TEMPLATES},
    ]
}


@pytest.fixture
def ehr() -> Any:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        mocked.get(f"{FHIR}/Patient/p", json={"resourceType": "Patient", "id": "p"})
        mocked.get(
            f"{FHIR}/Condition?patient=p&_count=200",
            json={
                "resourceType": "Bundle",
                "link": [{"relation": "next", "url": f"{FHIR}/never"}],
            },
        )
        yield mocked


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("Patient/{{context.patientId}}", "Patient/p"),
        ("Patient/{{ context.patientId }}", "Patient/p"),
        ("Practitioner/{{userPractitionerId}}", "Practitioner/u"),
        ("Encounter/{{context.encounterId}}", None),
        ("Observation?date=ge{{today() - 3 days}}", None),
    ],
)
def test_a_template_with_an_unknown_token_is_skipped(template: str, expected: str | None) -> None:
    context = {"patientId": "p", "userId": "Practitioner/u"}

    assert fill(template, context) == expected


def test_it_finds_the_patient_view_service_by_its_hook(ehr: responses.RequestsMock) -> None:
    ehr.get(f"{CDS}/cds-services", json=OFFERED)

    assert discover(PEERS) == SERVICE


@pytest.mark.parametrize(
    ("status", "body"), [(200, {"services": []}), (500, {"resourceType": "OperationOutcome"})]
)
def test_no_patient_view_service_is_an_error(
    ehr: responses.RequestsMock, status: int, body: Any
) -> None:
    ehr.get(f"{CDS}/cds-services", status=status, json=body)

    with pytest.raises(ClientError, match=f"answered {status} and offers no patient-view"):
        discover(PEERS)


def test_a_service_that_cannot_be_reached_is_an_error(ehr: responses.RequestsMock) -> None:
    with pytest.raises(ClientError, match="does not answer"):
        discover(PEERS)
    with pytest.raises(ClientError, match="does not answer"):
        patient_view(PEERS, SERVICE, "p", Mode.PREFETCH)


@pytest.mark.parametrize(
    ("mode", "keys", "server"),
    [
        (Mode.BOTH, ["patient", "conditions"], FHIR),
        (Mode.PREFETCH, ["patient", "conditions"], None),
        (Mode.MIXED, ["patient"], FHIR),
    ],
)
def test_a_mode_says_what_is_sent(
    ehr: responses.RequestsMock, mode: Mode, keys: list[str], server: str | None
) -> None:
    request = hook_request(PEERS, SERVICE, "p", mode)

    assert list(request["prefetch"]) == keys
    assert request.get("fhirServer") == server


def test_with_the_fhir_server_alone_there_is_no_prefetch(ehr: responses.RequestsMock) -> None:
    request = hook_request(PEERS, SERVICE, "p", Mode.FHIR_SERVER)

    assert "prefetch" not in request
    assert request["fhirServer"] == FHIR


def test_no_further_page_is_followed(ehr: responses.RequestsMock) -> None:
    hook_request(PEERS, SERVICE, "p", Mode.PREFETCH)

    assert [call.request.url for call in ehr.calls] == [
        f"{FHIR}/Patient/p",
        f"{FHIR}/Condition?patient=p&_count=200",
    ]


def test_a_read_that_fails_leaves_its_key_out(ehr: responses.RequestsMock) -> None:
    ehr.replace("GET", f"{FHIR}/Patient/p", status=404)
    ehr.remove("GET", f"{FHIR}/Condition?patient=p&_count=200")

    assert hook_request(PEERS, SERVICE, "p", Mode.PREFETCH)["prefetch"] == {}


def test_every_call_is_its_own(ehr: responses.RequestsMock) -> None:
    first = hook_request(PEERS, SERVICE, "p", Mode.BOTH)
    second = hook_request(PEERS, SERVICE, "p", Mode.BOTH)

    assert first["hookInstance"] != second["hookInstance"]
    assert first["context"] == {"userId": "Practitioner/sandbox-user", "patientId": "p"}


def test_the_answer_is_kept_whatever_its_status(ehr: responses.RequestsMock) -> None:
    ehr.post(URL, status=412, json={"issue": [{"code": "required", "diagnostics": "no key"}]})

    answer = patient_view(PEERS, SERVICE, "p", Mode.FHIR_SERVER)

    assert (answer.status, answer.cards, answer.problem) == (412, [], "no key")
    assert json.loads(ehr.calls[0].request.body or "")["hook"] == "patient-view"


@pytest.mark.parametrize("body", ["<html>", "[]"])
def test_a_body_that_is_no_object_is_empty(ehr: responses.RequestsMock, body: str) -> None:
    ehr.post(URL, status=502, body=body)

    assert patient_view(PEERS, SERVICE, "p", Mode.FHIR_SERVER) == Answer(502, {})


def test_an_answer_gives_its_cards_and_grades() -> None:
    grades = {"crs": {"lo": 2, "hi": 2}}
    body = {"cards": [{}], "extension": {"org.cart-toxicity-cds.assessment": grades}}

    assert (Answer(200, body).cards, Answer(200, body).assessment) == ([{}], grades)
