"""The page's own server: its policy, whom it answers, and what it passes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import responses
from flask.testing import FlaskClient

from sandbox.bases import Bases
from sandbox.bedside import create_app
from sandbox.client import Answer
from sandbox.desk import shown

FHIR = "http://ehr.example.org/fhir"
CDS = "http://cds.example.org"
NOW = datetime(2026, 11, 22, 14, 0, 30, tzinfo=UTC)
ASSESSMENT = "org.cart-toxicity-cds.assessment"
SERVICES = [
    {"hook": hook, "id": hook, "description": "-", "prefetch": {"patient": "Patient/p"}}
    for hook in ("patient-view", "order-select", "order-sign")
]


@pytest.fixture
def page() -> FlaskClient:
    return create_app(Bases(FHIR, CDS), lambda: NOW).test_client()


@pytest.fixture
def servers() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        mocked.get(f"{CDS}/cds-services", json={"services": SERVICES})
        mocked.get(f"{FHIR}/Patient/p", json={"resourceType": "Patient", "id": "p"})
        for each in SERVICES:
            mocked.post(f"{CDS}/cds-services/{each['id']}", json={"cards": []})
        yield mocked


def sent(servers: responses.RequestsMock) -> dict[str, Any]:
    """The body of the last call."""
    found: dict[str, Any] = json.loads(servers.calls[-1].request.body or "{}")
    return found


@pytest.mark.parametrize("path", ["/", "/chart/p", "/static/chart.js", "/plotly.js", "/api/pad"])
def test_every_answer_carries_the_policy(page: FlaskClient, path: str) -> None:
    with page.get(path) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert answer.status_code == 200
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/", "/chart/p"])
def test_a_page_has_no_script_or_style_of_its_own(page: FlaskClient, path: str) -> None:
    html = page.get(path).text

    assert "<style" not in html
    assert " style=" not in html
    assert "http://" not in html
    assert "https://" not in html
    assert html.count("<script") == html.count('<script type="module" src="/static/')


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://localhost"}, 200),
        ({"Origin": "http://elsewhere.example.org"}, 403),
        ({"Host": "elsewhere.example.org"}, 421),
    ],
)
def test_only_a_page_of_our_own_may_call(
    page: FlaskClient, servers: responses.RequestsMock, headers: dict[str, str], status: int
) -> None:
    answer = page.post("/api/hooks/patient-view", json={"patient": "p"}, headers=headers)

    assert answer.status_code == status


def test_a_form_of_another_site_is_refused(page: FlaskClient) -> None:
    assert page.post("/api/settings", data="{}").status_code == 403


def test_a_hook_is_fired_with_prefetch_and_told_with_its_times(
    page: FlaskClient, servers: responses.RequestsMock
) -> None:
    told = page.post("/api/hooks/patient-view", json={"patient": "p"}).json
    request = sent(servers)

    assert request["context"]["patientId"] == "p"
    assert request["fhirServer"] == FHIR
    assert told["request"] == request
    assert told["keys"] == [{"key": "patient", "template": "Patient/p", "sent": 1}]
    assert told["response"] == {"cards": []}
    assert {"prefetchMs", "serviceMs"} <= set(told)


def test_in_the_past_the_instant_is_sent_and_no_prefetch(
    page: FlaskClient, servers: responses.RequestsMock
) -> None:
    body = {"patient": "p", "at": "2026-11-21T14:00:00+02:00"}
    told = page.post("/api/hooks/patient-view", json=body).json

    extension = {"org.cart-toxicity-cds.evaluate-at": "2026-11-21T12:00:00Z"}
    assert sent(servers)["extension"] == extension
    assert "prefetch" not in sent(servers)
    assert told["keys"][0]["sent"] is None


def test_the_chosen_draft_is_selected(page: FlaskClient, servers: responses.RequestsMock) -> None:
    order = {"drug": "tocilizumab", "dose": "560 mg"}
    drafts = [page.post("/api/charts/p/drafts", json=order).json for _ in range(2)]
    chosen = f"MedicationRequest/{drafts[1]['id']}"
    body = {"patient": "p", "drafts": drafts, "selected": [chosen]}
    page.post("/api/hooks/order-select", json=body)

    context = sent(servers)["context"]
    assert context["selections"] == [chosen]
    assert [each["resource"] for each in context["draftOrders"]["entry"]] == drafts
    page.post("/api/hooks/order-sign", json=body)
    assert "selections" not in sent(servers)["context"]


def test_a_draft_is_written_anew_and_an_order_of_the_chart_in_its_place(
    page: FlaskClient, servers: responses.RequestsMock
) -> None:
    draft = page.post("/api/charts/p/drafts", json={"drug": "tocilizumab", "dose": "560 mg"}).json
    order = {"resourceType": "MedicationRequest", "id": "o1", "subject": draft["subject"]}
    url = f"{FHIR}/MedicationRequest"
    servers.get(f"{url}/o1", json=order | {"status": "active"})
    servers.post(url, json={"resourceType": "MedicationRequest", "id": "new"})
    servers.put(f"{url}/o1", json=order)
    change = order | {"status": "stopped"}
    told = page.post("/api/charts/p/orders", json={"drafts": [draft], "changes": [change]}).json

    assert told == {"written": ["MedicationRequest/new", "MedicationRequest/o1"]}
    assert sent(servers) == change


def test_what_was_read_serves_until_something_is_written(
    page: FlaskClient, servers: responses.RequestsMock
) -> None:
    def reads() -> int:
        return sum(call.request.url == f"{FHIR}/Patient/p" for call in servers.calls)

    servers.post(f"{FHIR}/Observation", json={"resourceType": "Observation", "id": "o1"})
    order = {"patient": "p", "drafts": []}
    page.post("/api/hooks/patient-view", json={"patient": "p"})
    page.post("/api/hooks/order-sign", json=order)
    assert reads() == 1
    entry = {"section": "vitals", "fields": {"T": 38.5}}
    assert page.post("/api/charts/p/entries", json=entry).json == {"written": ["Observation/o1"]}
    page.post("/api/hooks/order-sign", json=order)
    assert reads() == 2


@pytest.mark.parametrize(
    ("status", "problem"), [(200, ""), (400, "feedback[0].card: missing"), (404, "no such service")]
)
def test_feedback_is_posted_and_its_answer_told(
    page: FlaskClient, servers: responses.RequestsMock, status: int, problem: str
) -> None:
    issue = [{"code": "not-found", "diagnostics": problem}] if problem else []
    url = f"{CDS}/cds-services/patient-view/feedback"
    answer = {"issue": issue} if problem else {"received": 1, "stored": 1}
    servers.post(url, json=answer, status=status)
    outcome = {"card": "c1", "outcome": "accepted", "acceptedSuggestions": [{"id": "s1"}]}
    told = page.post("/api/feedback", json={"service": "patient-view", "feedback": outcome}).json

    assert sent(servers) == {"feedback": [outcome]}
    assert told == {"status": status, "problem": problem, "sent": outcome, "answer": answer}


def test_the_timeline_ends_now_and_is_asked_in_halves_where_the_deadline_is_too_short(
    page: FlaskClient, servers: responses.RequestsMock
) -> None:
    servers.post(f"{CDS}/timeline", json={}, status=503)
    servers.post(f"{CDS}/timeline", json={"points": [{}]})
    servers.post(f"{CDS}/timeline", json={"points": [{}]})
    told = page.get("/api/charts/p/grades?from=2026-11-12T14:00:00Z").json
    bodies = [json.loads(c.request.body) for c in servers.calls if c.request.url.endswith("line")]

    assert len(told["points"]) == 2
    assert [(each["from"][8:16], each["to"][8:16]) for each in bodies] == [
        ("12T14:00", "22T14:00"),
        ("12T14:00", "17T13:00"),
        ("17T14:00", "22T14:00"),
    ]
    assert {each["stepMinutes"] for each in bodies} == {60}


def test_a_timeline_of_a_few_hours_that_fails_is_told(
    page: FlaskClient, servers: responses.RequestsMock
) -> None:
    servers.post(f"{CDS}/timeline", json={}, status=503)
    answer = page.get("/api/charts/p/grades?from=2026-11-22T12:00:00Z")

    assert answer.status_code == 502
    assert "503" in answer.json["error"]


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("/api/hooks/patient-discharge", {"patient": "p"}, (400, "not a valid Hook")),
        ("/api/hooks/patient-view", {}, (400, "patient is missing")),
        ("/api/hooks/patient-view", {"patient": "p", "mode": "x"}, (400, "not a valid Mode")),
        ("/api/hooks/patient-view", {"patient": "p", "at": "noon"}, (400, "is no time")),
        ("/api/hooks/order-sign", {"patient": "p", "drafts": {}}, (400, "must be a list")),
        ("/api/hooks/order-sign", [], (400, "must be a JSON object")),
        ("/api/settings", {"fhir": "x", "cds": "y"}, (400, "write an address")),
        ("/api/charts/p/orders", {"drafts": ["x"]}, (400, "only drugs and tests")),
        ("/api/charts/p/orders", {"changes": ["x"]}, (400, "only drugs and tests")),
        ("/api/charts/p/ice", {}, (502, "does not answer")),
    ],
)
def test_what_cannot_be_done_says_why(
    page: FlaskClient, servers: responses.RequestsMock, path: str, body: Any, told: tuple[int, str]
) -> None:
    answer = page.post(path, json=body)

    status, error = told
    assert answer.status_code == status
    assert error in answer.json["error"]


@pytest.mark.parametrize("patient_id", ["a b", "a%2Fb", 65 * "x", "a?b=1", "<b>"])
def test_what_is_no_id_has_no_chart(page: FlaskClient, patient_id: str) -> None:
    assert page.get(f"/chart/{patient_id}".replace("?", "%3F")).status_code == 404
    assert page.get(f"/api/charts/{patient_id}".replace("?", "%3F")).status_code == 404


def test_the_settings_are_told_and_changed(page: FlaskClient) -> None:
    new = {"fhir": "http://127.0.0.1:8043/fhir", "cds": "http://127.0.0.1:8042"}

    assert page.get("/api/settings").json == {"fhir": FHIR, "cds": CDS}
    assert page.post("/api/settings", json=new).json == new
    assert page.get("/api/settings").json == new


def test_everything_on_the_pad_can_be_drafted(page: FlaskClient) -> None:
    for each in page.get("/api/pad").json["order"]:
        fields = {key: value for key, value in each.items() if key != "label"}
        answer = page.post("/api/charts/p/drafts", json=fields)
        assert answer.status_code == 200, each


def test_cards_are_sorted_and_an_unknown_indicator_comes_last() -> None:
    words = ["info", "loud", "critical", "warning"]
    cards = [{"indicator": each, "summary": each, "detail": f"**{each}**"} for each in words]
    found = shown(Answer(200, {"cards": cards}))

    assert [card["indicator"] for card in found] == ["critical", "warning", "info", "loud"]
    assert found[0]["html"] == "<p><strong>critical</strong></p>\n"
