"""The plot app in production: its timeline, what it may read, who may call it, and its links."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from service import SettingsError, create_app, demo_settings
from tests.builders import NOW_TEXT
from tests.cards.shape import shape_faults
from tests.fhir_stub import FhirStub, refused, running
from tests.service.calls import AUTHORIZATION, FEBRILE, TOKEN, post, reading, request, told
from tests.service.identities import NOW, ec, production, public

APP = "https://plot.example.org/smart/launch"
ORIGIN = "https://plot.example.org"
EHR = "https://ehr.example.org"
FROM, TO = "2026-11-22T12:00:00Z", "2026-11-22T14:00:00Z"


def production_app(folder: Path, *servers: str, **more: Any) -> Flask:
    """Production with one client, who may read these servers, and with the plot app."""
    client = {
        "name": "ehr",
        "issuer": EHR,
        "keys": [public(ec())],
        "fhir_servers": [{"url": url} for url in servers],
    }
    return create_app(production(folder, client, **{"smart_url": APP} | more), lambda: NOW)


def asked(app: Flask, whole: dict[str, Any], **headers: str) -> TestResponse:
    body = {"request": whole, "from": FROM, "to": TO}
    return app.test_client().post("/timeline", json=body, headers=headers)


def with_token(stub: FhirStub, **members: Any) -> dict[str, Any]:
    return reading(stub, prefetch=..., **members)


@pytest.mark.parametrize("patient", ["", "  ", None, "patient-a", "Patient/patient-a"])
def test_the_token_may_name_the_patient_in_any_way_or_not_at_all(
    tmp_path: Path, patient: str | None
) -> None:
    with running(FEBRILE) as stub:
        given = {"fhirAuthorization": AUTHORIZATION | {"patient": patient}}
        answer = asked(production_app(tmp_path, stub.url), with_token(stub) | given)

    assert answer.status_code == 200, answer.text


def test_the_timeline_is_read_with_the_token_of_the_user(tmp_path: Path) -> None:
    with running(FEBRILE) as stub:
        answer = asked(production_app(tmp_path, stub.url), with_token(stub))

    assert answer.status_code == 200, answer.text
    assert [point["crs"]["lo"] for point in answer.get_json()["points"]] == [0, 1, 1]
    assert {call.headers["Authorization"] for call in stub.calls} == {f"Bearer {TOKEN}"}


@pytest.mark.parametrize(
    ("members", "status", "words"),
    [
        ({"prefetch": {"patient": None}}, 400, "request.prefetch: not taken here"),
        ({"fhirAuthorization": ...}, 400, "the user's own fhirAuthorization"),
        ({"fhirServer": ..., "fhirAuthorization": ...}, 400, "request: needs fhirServer"),
        ({"fhirServer": "http://127.0.0.1:9/other"}, 403, "may not use"),
        ({"fhirAuthorization": AUTHORIZATION | {"expires_in": 0}}, 412, "token-expired"),
        ({"fhirAuthorization": AUTHORIZATION | {"patient": "x"}}, 412, "token-of-other-patient"),
        (
            {"fhirAuthorization": AUTHORIZATION | {"patient": "Patient/x"}},
            412,
            "token-of-other-patient",
        ),
    ],
)
def test_nothing_is_read_without_a_listed_server_and_a_token_for_the_patient(
    tmp_path: Path, members: dict[str, Any], status: int, words: str
) -> None:
    with running(FEBRILE) as stub:
        whole = {**with_token(stub), **members}
        sent = {name: value for name, value in whole.items() if value is not ...}
        answer = asked(production_app(tmp_path, stub.url), sent)

    assert answer.status_code == status
    assert words in told(answer)
    assert stub.calls == []


def test_a_token_that_the_server_refuses_is_412_and_shows_nothing(tmp_path: Path) -> None:
    with running(FEBRILE, [refused("", 401, "login")]) as stub:
        answer = asked(production_app(tmp_path, stub.url), with_token(stub))

    assert answer.status_code == 412
    assert "http-401" in told(answer)


def test_a_server_that_is_open_to_its_clients_still_needs_the_token(tmp_path: Path) -> None:
    with running(FEBRILE) as stub:
        app = production_app(tmp_path, stub.url)
        answer = asked(app, with_token(stub, fhirAuthorization=...))

    assert answer.status_code == 400


def test_the_token_is_in_no_log_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(FEBRILE) as stub:
        asked(production_app(tmp_path, stub.url), with_token(stub))
    lines = capsys.readouterr().err

    assert "timeline_answered" in lines
    assert TOKEN not in lines


def test_without_the_app_there_is_no_timeline_in_production(tmp_path: Path) -> None:
    assert asked(production_app(tmp_path, smart_url=""), request()).status_code == 404


@pytest.mark.parametrize(
    ("path", "origin", "allowed"),
    [
        ("/timeline", ORIGIN, ORIGIN),
        ("/timeline", "https://sandbox.example.org", None),
        ("/timeline", "https://evil.example.org", None),
        ("/cds-services", "https://sandbox.example.org", "https://sandbox.example.org"),
        ("/cds-services", ORIGIN, None),
    ],
)
@pytest.mark.parametrize("method", ["OPTIONS", "POST"])
def test_browsers_let_the_page_of_the_app_in_to_the_timeline_alone(
    tmp_path: Path, method: str, path: str, origin: str, allowed: str | None
) -> None:
    app = production_app(tmp_path, cors_origins=("https://sandbox.example.org",))
    answer = app.test_client().open(path, method=method, headers={"Origin": origin})

    assert answer.headers.get("Access-Control-Allow-Origin") == allowed


def test_other_addresses_stay_closed_where_only_the_app_is_known(tmp_path: Path) -> None:
    client = production_app(tmp_path).test_client()
    answer = client.get("/cds-services", headers={"Origin": ORIGIN})

    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("url", ["http://plot.example.org/launch", "http://10.0.0.1/launch"])
def test_production_launches_no_app_without_https(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match=r"CART_CDS_SMART_URL is .*use https"):
        production_app(tmp_path, smart_url=url)


def test_every_card_launches_the_app_where_there_is_one() -> None:
    app = create_app(demo_settings(smart_url=APP))
    body = post(app, request()).get_json()
    (*_, link) = body["cards"][0]["links"]

    assert shape_faults(body) == []
    assert {name: link[name] for name in ("url", "type")} == {"url": APP, "type": "smart"}
    assert json.loads(link["appContext"]) == {"topic": "CRSGrade", "at": NOW_TEXT}
    assert all(card["links"][-1]["url"] == APP for card in body["cards"])


def test_without_the_app_no_card_launches_one() -> None:
    body = post(create_app(demo_settings()), request()).get_json()
    links = [link for card in body["cards"] for link in card["links"]]

    assert links
    assert not any(link["type"] == "smart" or "appContext" in link for link in links)
