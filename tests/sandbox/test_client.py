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
    Hook,
    Mode,
    Peers,
    Service,
    discover,
    drafted,
    fill,
    fire,
    hook_request,
    opened,
)

FHIR = "http://ehr.example.org/fhir"
CDS = "http://cds.example.org"
URL = f"{CDS}/cds-services/view"
TEMPLATES = {
    "patient": "Patient/{{context.patientId}}",
    "conditions": "Condition?patient={{context.patientId}}&_count=200",
    "visit": "Encounter/{{context.encounterId}}",
}
SERVICE = Service(Hook.PATIENT_VIEW, URL, TEMPLATES)
CHART = opened("p")
OFFERED = {
    "services": [
        {"hook": "order-sign", "id": "sign", "description": "-"},
        {"hook": "patient-view", "id": "view", "description": "-", "prefetch": TEMPLATES},
    ]
}


def peers() -> Peers:
    return Peers(requests.Session(), FHIR, CDS)


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
        ("MedicationRequest/{{context.draftOrders}}", None),
    ],
)
def test_a_template_with_an_unknown_token_is_skipped(template: str, expected: str | None) -> None:
    context = {"patientId": "p", "userId": "Practitioner/u", "draftOrders": {}}

    assert fill(template, context) == expected


@pytest.mark.parametrize(
    ("hook", "expected"),
    [
        (Hook.PATIENT_VIEW, SERVICE),
        (Hook.ORDER_SIGN, Service(Hook.ORDER_SIGN, f"{CDS}/cds-services/sign", {})),
    ],
)
def test_it_finds_a_service_by_its_hook(
    ehr: responses.RequestsMock, hook: Hook, expected: Service
) -> None:
    ehr.get(f"{CDS}/cds-services", json=OFFERED)

    assert discover(peers(), hook) == expected


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"services": []}),
        (200, OFFERED),
        (500, {"resourceType": "OperationOutcome"}),
    ],
)
def test_no_service_for_a_hook_is_an_error(
    ehr: responses.RequestsMock, status: int, body: Any
) -> None:
    ehr.get(f"{CDS}/cds-services", status=status, json=body)

    with pytest.raises(ClientError, match=f"answered {status} and offers no order-select service"):
        discover(peers(), Hook.ORDER_SELECT)


def test_a_service_that_cannot_be_reached_is_an_error(ehr: responses.RequestsMock) -> None:
    with pytest.raises(ClientError, match="does not answer"):
        discover(peers(), Hook.PATIENT_VIEW)
    with pytest.raises(ClientError, match="does not answer"):
        fire(peers(), SERVICE, CHART, Mode.PREFETCH)


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
    request = hook_request(peers(), SERVICE, CHART, mode)

    assert list(request["prefetch"]) == keys
    assert request.get("fhirServer") == server


def test_with_the_fhir_server_alone_there_is_no_prefetch(ehr: responses.RequestsMock) -> None:
    request = hook_request(peers(), SERVICE, CHART, Mode.FHIR_SERVER)

    assert "prefetch" not in request
    assert request["fhirServer"] == FHIR


def test_no_further_page_is_followed(ehr: responses.RequestsMock) -> None:
    hook_request(peers(), SERVICE, CHART, Mode.PREFETCH)

    assert [call.request.url for call in ehr.calls] == [
        f"{FHIR}/Patient/p",
        f"{FHIR}/Condition?patient=p&_count=200",
    ]


def test_a_read_that_fails_leaves_its_key_out(ehr: responses.RequestsMock) -> None:
    ehr.replace("GET", f"{FHIR}/Patient/p", status=404)
    ehr.remove("GET", f"{FHIR}/Condition?patient=p&_count=200")

    assert hook_request(peers(), SERVICE, CHART, Mode.PREFETCH)["prefetch"] == {}


def test_a_chart_is_read_once_for_all_hooks(ehr: responses.RequestsMock) -> None:
    same = peers()
    hook_request(same, SERVICE, CHART, Mode.BOTH)
    hook_request(same, Service(Hook.ORDER_SIGN, URL, TEMPLATES), CHART, Mode.BOTH)

    assert len(ehr.calls) == 2


def test_every_call_is_its_own(ehr: responses.RequestsMock) -> None:
    first = hook_request(peers(), SERVICE, CHART, Mode.BOTH)
    second = hook_request(peers(), SERVICE, CHART, Mode.BOTH)

    assert first["hookInstance"] != second["hookInstance"]
    assert first["context"] == {"userId": "Practitioner/sandbox-user", "patientId": "p"}


@pytest.mark.parametrize(
    ("hook", "selections"), [(Hook.ORDER_SELECT, ["ServiceRequest/1"]), (Hook.ORDER_SIGN, None)]
)
def test_of_draft_orders_the_first_is_selected_and_all_are_signed(
    ehr: responses.RequestsMock, hook: Hook, selections: list[str] | None
) -> None:
    kinds = ("Medication", "ServiceRequest", "MedicationRequest")
    entries = [{"resource": {"resourceType": kind, "id": str(n)}} for n, kind in enumerate(kinds)]
    drafts = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    service = Service(hook, URL, TEMPLATES)
    request = hook_request(peers(), service, drafted("p", drafts, hook), Mode.BOTH)

    assert request["hook"] == hook
    assert request["context"].get("selections") == selections
    assert request["context"]["draftOrders"] == drafts
    assert list(request["prefetch"]) == ["patient", "conditions"]


def test_the_answer_is_kept_whatever_its_status(ehr: responses.RequestsMock) -> None:
    ehr.post(URL, status=412, json={"issue": [{"code": "required", "diagnostics": "no key"}]})

    answer = fire(peers(), SERVICE, CHART, Mode.FHIR_SERVER)

    assert (answer.status, answer.cards, answer.problem) == (412, [], "no key")
    assert json.loads(ehr.calls[0].request.body or "")["hook"] == "patient-view"


@pytest.mark.parametrize("body", ["<html>", "[]"])
def test_a_body_that_is_no_object_is_empty(ehr: responses.RequestsMock, body: str) -> None:
    ehr.post(URL, status=502, body=body)

    assert fire(peers(), SERVICE, CHART, Mode.FHIR_SERVER) == Answer(502, {})


def test_an_answer_gives_its_cards_and_grades() -> None:
    grades = {"crs": {"lo": 2, "hi": 2}}
    body = {"cards": [{}], "extension": {"org.cart-toxicity-cds.assessment": grades}}

    assert (Answer(200, body).cards, Answer(200, body).assessment) == ([{}], grades)
    assert Answer(200, body).orders == []
