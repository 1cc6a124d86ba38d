"""What CDS Hooks asks of a service beyond single answers: verbs, headers, actions, concurrency."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.builders import infused, temperature
from tests.ehr import prefetch_for
from tests.fhir_stub import running
from tests.service.calls import ASSESSMENT, FEBRILE, PATH, TOKEN, graded, post, reading, request
from tests.service.order_calls import HOOKS, draft, fire, ordering

ADDRESSES = ["/cds-services", PATH, "/openapi.json", "/healthz", "/readyz", "/timeline", "/nope"]
SHOCK = prefetch_for([*FEBRILE, infused("norepinephrine", start="3h", rate=8)])


def answers(app: Flask) -> list[TestResponse]:
    """One of every kind."""
    client = app.test_client()
    return [
        post(app, request()),
        post(app, request(prefetch=SHOCK)),
        post(app, b"{"),
        post(app, request(), content_type="text/plain"),
        *(fire(app, ordering(hook, draft("filgrastim"))) for hook in HOOKS),
        *(client.get(path) for path in ADDRESSES),
        client.delete(PATH),
    ]


# --- addresses and headers -----------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/cds-services", "/openapi.json", "/healthz", "/readyz"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_what_is_only_read_is_405_for_every_other_verb(app: Flask, path: str, method: str) -> None:
    response = app.test_client().open(path, method=method)

    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
    assert response.get_json()["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "path",
    [
        "//cds-services",
        "/cds-services/",
        "/cds-services//cart-toxicity-patient-view",
        f"{PATH}/",
        f"/{PATH}",
        f"{PATH}//feedback",
        f"{PATH}/feedback/",
        "/rules//x",
        "/about/",
        "/analytics/",
        "/metrics/",
        "/timeline/",
    ],
)
def test_a_path_with_a_slash_too_many_is_404_and_leads_nowhere(
    app: Flask, path: str, method: str
) -> None:
    response = app.test_client().open(path, method=method, headers={"Host": "evil.example.com"})

    assert response.status_code == 404
    assert response.mimetype == "application/json"
    assert "Location" not in response.headers
    assert "evil" not in response.text


def test_every_answer_is_json_without_a_mark_and_is_not_kept_or_guessed(app: Flask) -> None:
    for response in answers(app):
        assert response.mimetype == "application/json"
        assert not response.data.startswith(b"\xef\xbb\xbf")
        json.loads(response.data.decode("utf-8"))
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("given", ["a", "A-1.b_2", "x" * 64])
def test_a_plain_request_id_comes_back_and_is_logged(
    app: Flask, capsys: pytest.CaptureFixture[str], given: str
) -> None:
    response = post(app, request(), headers={"X-Request-ID": given})

    assert response.headers["X-Request-ID"] == given
    assert json.loads(capsys.readouterr().err)["request_id"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a,b", "<x>", "\u00e9", 'a"', "a/../b"])
def test_any_other_request_id_is_replaced(
    app: Flask, capsys: pytest.CaptureFixture[str], given: str
) -> None:
    response = post(app, request(), headers={"X-Request-ID": given})
    made = response.headers["X-Request-ID"]

    assert made != given
    assert len(made) == 32
    assert json.loads(capsys.readouterr().err)["request_id"] == made


def test_every_answer_has_an_id_of_its_own(app: Flask) -> None:
    ids = [response.headers["X-Request-ID"] for response in answers(app)]

    assert len(ids) == len(set(ids))


def test_the_log_line_of_an_answer_names_its_cards(
    app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = post(app, request()).get_json()
    line = json.loads(capsys.readouterr().err)

    assert line["card_uuids"] == [card["uuid"] for card in answer["cards"]]
    assert line["hook_instance"] == request()["hookInstance"]


# --- requests ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["Practitioner", "PractitionerRole", "Patient", "RelatedPerson"])
def test_any_kind_of_user_may_call(app: Flask, kind: str) -> None:
    context = {"userId": f"{kind}/a-1.b", "patientId": "patient-a"}

    assert graded(post(app, request(context=context))) == graded(post(app, request()))


def test_a_combined_fault_is_told_as_the_first_of_the_order(app: Flask) -> None:
    path = "/cds-services/nope"
    client = app.test_client()

    assert client.post(path, data=b"{", content_type="text/plain").status_code == 404
    assert client.put(PATH, data=b"{", content_type="text/plain").status_code == 405
    assert client.post(PATH, data=b"{", content_type="text/plain").status_code == 415


# --- answers -------------------------------------------------------------------------------------


def actions(answer: TestResponse) -> list[dict[str, Any]]:
    cards = answer.get_json()["cards"]
    offered = [each for card in cards for each in card.get("suggestions", ())]
    return [action for each in offered for action in each["actions"]]


def test_what_is_offered_is_a_proposal_without_what_a_server_assigns(app: Flask) -> None:
    made = [each["resource"] for each in actions(post(app, request(prefetch=SHOCK)))]

    assert made
    for resource in made:
        assert {"id", "meta", "text", "contained"} & set(resource) == set()
        assert resource["status"] == "draft"
        assert resource["intent"] == "proposal"
        assert resource["subject"] == {"reference": "Patient/patient-a"}


@pytest.mark.parametrize(
    ("encounter", "reference"),
    [
        ("9", "Encounter/9"),
        ("Encounter/9", "Encounter/9"),
        ("https://ehr.example.org/fhir/Encounter/9", "Encounter/9"),
        ("http://ehr.example.org/fhir/Encounter/9/_history/2", "Encounter/9"),
        ("x" * 512, f"Encounter/{'x' * 512}"),
        ("", None),
        (" ", None),
        (None, None),
    ],
)
def test_what_is_offered_is_of_the_encounter_of_the_call(
    app: Flask, encounter: str | None, reference: str | None
) -> None:
    context = request()["context"] | {"encounterId": encounter}
    made = [
        each["resource"] for each in actions(post(app, request(prefetch=SHOCK, context=context)))
    ]

    assert made
    assert {each.get("encounter", {}).get("reference") for each in made} == {reference}


@pytest.mark.parametrize("hook", HOOKS)
def test_what_is_removed_or_changed_is_an_order_of_the_call(app: Flask, hook: str) -> None:
    drugs = ("filgrastim", "tocilizumab", "zolpidem")
    drafts = [draft(drug, f"d{number}") for number, drug in enumerate(drugs)]
    changes = [
        each for each in actions(fire(app, ordering(hook, *drafts))) if "resource" not in each
    ]

    assert changes
    assert {each["resourceId"] for each in changes} <= {
        f"MedicationRequest/{d['id']}" for d in drafts
    }


def test_extensions_have_names_of_their_own(app: Flask) -> None:
    extension = post(app, request()).get_json()["extension"]

    assert list(extension) == [ASSESSMENT]
    assert ASSESSMENT.count(".") >= 2


def test_extensions_of_a_request_change_no_card(app: Flask) -> None:
    epic = {"com.epic.cdshooks.request.bpa-trigger-action": "60", "a": {"b": [None, ""]}}
    plain = post(app, request()).get_json()["cards"]
    context = {**request()["context"], "extension": epic}
    extended = request(context=context, extension=request()["extension"] | epic)

    assert post(app, extended).get_json()["cards"] == plain


# --- many calls ----------------------------------------------------------------------------------


def test_twenty_calls_at_once_give_the_same_answer(app: Flask) -> None:
    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda _: post(app, request()).data, range(20)))

    assert len(set(found)) == 1


def test_nothing_that_was_read_for_one_call_is_told_to_another(app: Flask) -> None:
    """The same patient id and server, other data and another token: nothing is left over."""
    with running([*FEBRILE, temperature(40.1, at="30m")]) as stub:
        first = post(app, reading(stub))
        stub.resources = FEBRILE
        body = reading(stub)
        body["fhirAuthorization"] = body["fhirAuthorization"] | {"access_token": "another"}
        stub.calls.clear()
        second = post(app, body)
        tokens = {call.headers["Authorization"] for call in stub.calls}

    assert "40.1" in first.text
    assert "40.1" not in second.text
    assert tokens == {"Bearer another"}
    assert TOKEN not in second.text
