"""Production: only clients of the list are answered, and each gets what it may have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from service import create_app, demo_settings
from service.store import make_engine
from service.tables import FEEDBACK, TOKEN_ID
from tests.service.calls import PATH, request, told
from tests.service.identities import (
    BASE,
    NOW,
    NOW_S,
    SERVICE,
    bearer,
    ec,
    key_server,
    public,
    token,
)
from tests.service.listed import FEEDBACK_PATH, app_for, ask, settings_for

ENTRY = {
    "card": "c-1",
    "outcome": "overridden",
    "outcomeTimestamp": "2026-03-11T10:05:31Z",
}


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return app_for(tmp_path, {})


def test_a_client_of_the_list_is_answered(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    response = ask(app)

    assert response.status_code == 200
    assert response.get_json()["cards"]
    assert '"client":"sandbox"' in capsys.readouterr().err


@pytest.mark.parametrize(
    "service",
    ["cart-toxicity-patient-view", "cart-toxicity-order-select", "cart-toxicity-order-sign"],
)
@pytest.mark.parametrize("feedback", ["", "/feedback"])
def test_no_post_is_answered_without_a_token(app: Flask, service: str, feedback: str) -> None:
    response = app.test_client().post(f"/cds-services/{service}{feedback}", json=request())

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("path", ["/cds-services", "/healthz", "/readyz"])
def test_discovery_and_health_need_no_token(app: Flask, path: str) -> None:
    assert app.test_client().get(path).status_code == 200


@pytest.mark.parametrize(
    ("path", "content_type", "status"),
    [
        ("/cds-services/nope", "text/plain", 404),
        ("/cds-services/nope/feedback", "text/plain", 404),
        (PATH, "text/plain", 401),
        (PATH, "application/json", 401),
        (FEEDBACK_PATH, "text/plain", 401),
        ("/timeline", "application/json", 404),
    ],
)
def test_the_token_is_checked_after_the_route_and_before_the_body(
    tmp_path: Path, path: str, content_type: str, status: int
) -> None:
    app = app_for(tmp_path, {}, max_body_mb=1)
    for body in (b"{", b"x" * 2**21):
        response = app.test_client().post(path, data=body, content_type=content_type)

        assert response.status_code == status
        assert told(response)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_wrong_verb_comes_before_the_token(app: Flask, method: str) -> None:
    assert app.test_client().open(PATH, method=method).status_code == 405


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "text/plain", 415),
        (b"x" * 2**21, "application/json", 413),
        (b"{", "application/json", 400),
    ],
)
def test_with_a_token_the_other_checks_follow(
    tmp_path: Path, body: bytes, content_type: str, status: int
) -> None:
    app = app_for(tmp_path, {}, max_body_mb=1)
    response = app.test_client().post(
        PATH, data=body, content_type=content_type, headers=bearer(token())
    )

    assert response.status_code == status


def test_a_known_client_without_right_to_the_service_is_403(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = app_for(tmp_path, {"services": ["cart-toxicity-order-sign"]})
    response = ask(app)

    assert response.status_code == 403
    assert told(response) == "this client may not use this service"
    assert "WWW-Authenticate" not in response.headers
    assert '"client":"sandbox"' in capsys.readouterr().err
    assert ask(app, {"feedback": [ENTRY]}, FEEDBACK_PATH).status_code == 403


def test_a_token_is_refused_where_replays_cannot_be_seen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = settings_for(tmp_path, {})
    app = create_app(settings, clock=lambda: NOW)
    engine = make_engine(settings.database_url)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE token_id"))
    response = ask(app)

    assert response.status_code == 503
    assert told(response) == "the client could not be authenticated; try again"
    assert '"event":"store_failed"' in capsys.readouterr().err
    engine.dispose()


def test_an_id_is_kept_as_a_hash_until_the_token_expires(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, {})
    ask(create_app(settings, clock=lambda: NOW), jti="canary-jti")
    engine = make_engine(settings.database_url)
    with engine.connect() as connection:
        (row,) = connection.execute(select(TOKEN_ID))
    engine.dispose()

    assert len(row.digest) == 32
    assert row.expires == NOW + 360_000


def test_a_new_key_of_a_client_is_taken_without_a_restart(tmp_path: Path) -> None:
    with key_server() as server:
        server.keys = [public(ec())]
        app = app_for(tmp_path, {"keys": [], "jku": [server.jku]})
        first = ask(app)
        gate = app.view_functions["cart-toxicity-patient-view"].args[1].gate  # type: ignore[attr-defined]
        gate._key_sets._kept[server.jku].tried -= 10  # the pause between two fetches is over
        server.keys = [public(ec("new"))]
        head = bearer(token(ec("new")))
        rotated = app.test_client().post(PATH, json=request(), headers=head)
        old = ask(app)

    assert [first.status_code, rotated.status_code, old.status_code] == [200, 200, 401]
    assert len(server.calls) == 2


# --- feedback ------------------------------------------------------------------------------------


@pytest.mark.parametrize("aud", [SERVICE, f"{SERVICE}/feedback"])
def test_feedback_names_the_service_or_its_feedback(app: Flask, aud: str) -> None:
    assert ask(app, {"feedback": [ENTRY]}, FEEDBACK_PATH, aud=aud).status_code == 200


def test_feedback_of_another_service_is_401(app: Flask) -> None:
    aud = f"{BASE}/cds-services/cart-toxicity-order-sign/feedback"

    assert ask(app, {"feedback": [ENTRY]}, FEEDBACK_PATH, aud=aud).status_code == 401


def test_feedback_is_kept_with_client_and_tenant(tmp_path: Path, database_url: str) -> None:
    settings = settings_for(tmp_path, {"tenants": ["ward-a", "ward-b"]}, database_url=database_url)
    create_app(demo_settings(database_url=database_url))  # makes the tables
    app = create_app(settings, clock=lambda: NOW)
    answers = [
        ask(app, {"feedback": [ENTRY]}, FEEDBACK_PATH, tenant=tenant).get_json()["stored"]
        for tenant in ("ward-a", "ward-b", "ward-a")
    ]
    engine = make_engine(database_url)
    with engine.connect() as connection:
        rows = list(connection.execute(select(FEEDBACK).order_by(FEEDBACK.c.id)))
    engine.dispose()

    assert answers == [1, 1, 0]
    assert [(row.client, row.tenant) for row in rows] == [
        ("sandbox", "ward-a"),
        ("sandbox", "ward-b"),
    ]


@pytest.mark.parametrize(
    ("base", "aud", "status"),
    [
        ("https://CDS.example.org", "https://CDS.example.org{path}", 200),
        ("https://CDS.example.org", "https://cds.example.org{path}", 200),
        ("https://cds.example.org", "HTTPS://CDS.EXAMPLE.ORG:443{path}/", 200),
        (
            "https://cds.example.org",
            ["https://other.example.org", "https://CDS.example.org{path}"],
            200,
        ),
        ("https://cds.example.org/Base", "https://cds.example.org/Base{path}", 200),
        ("https://cds.example.org/Base", "https://cds.example.org/base{path}", 401),
        ("https://cds.example.org", "https://cds.example.org.evil.example.com{path}", 401),
        ("https://cds.example.org", [["https://cds.example.org{path}"]], 401),
    ],
)
def test_scheme_and_host_of_an_audience_may_be_in_any_case(
    tmp_path: Path, base: str, aud: Any, status: int
) -> None:
    app = app_for(tmp_path, {}, base_url=base)
    named = json.loads(json.dumps(aud).replace("{path}", PATH))

    assert ask(app, aud=named).status_code == status


def test_a_token_holds_for_a_minute_more_than_it_says(app: Flask) -> None:
    assert ask(app, iat=NOW_S - 400, exp=NOW_S - 59).status_code == 200
    assert ask(app, iat=NOW_S - 400, exp=NOW_S - 60).status_code == 401
