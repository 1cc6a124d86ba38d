"""Production: only clients of the list are answered, and each gets what it may have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from service import SettingsError, create_app, demo_settings
from service.auth import audiences
from service.settings import Settings
from service.store import make_engine
from service.tables import FEEDBACK, TOKEN_ID
from tests.fhir_stub import running
from tests.service.calls import AUTHORIZATION, FEBRILE, PATH, reading, request, told
from tests.service.identities import (
    BASE,
    NOW,
    NOW_S,
    SERVICE,
    bearer,
    ec,
    key_server,
    production,
    public,
    token,
)

FEEDBACK_PATH = f"{PATH}/feedback"
ENTRY = {
    "card": "c-1",
    "outcome": "overridden",
    "outcomeTimestamp": "2026-03-11T10:05:31Z",
}
CLIENT: dict[str, Any] = {
    "name": "sandbox",
    "issuer": "https://sandbox.example.org",
    "keys": [public(ec())],
}


def app_for(folder: Path, client: dict[str, Any], **more: Any) -> Flask:
    return create_app(settings_for(folder, client, **more), clock=lambda: NOW)


def settings_for(folder: Path, client: dict[str, Any], **more: Any) -> Settings:
    return production(folder, CLIENT | client, **{"allow_evaluate_at": True} | more)


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return app_for(tmp_path, {})


def ask(app: Flask, body: Any = None, path: str = PATH, **claims: Any) -> TestResponse:
    wanted = {"aud": BASE + path} | claims
    data = json.dumps(request() if body is None else body).encode()
    return app.test_client().post(
        path, data=data, content_type="application/json", headers=bearer(token(**wanted))
    )


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


# --- what a client may have ----------------------------------------------------------------------


def test_a_client_reads_its_own_servers_with_a_token(tmp_path: Path) -> None:
    with running(FEBRILE) as stub:
        app = app_for(tmp_path, {"fhir_servers": [{"url": stub.url}]})
        with_token = ask(app, reading(stub))
        without = ask(app, reading(stub, fhirAuthorization=...))

    assert with_token.status_code == 200
    assert with_token.get_json()["cards"]
    assert without.status_code == 412
    assert "the FHIR server may not be read" in told(without)


def test_a_server_that_is_open_is_read_without_a_token(tmp_path: Path) -> None:
    with running(FEBRILE) as stub:
        app = app_for(tmp_path, {"fhir_servers": [{"url": stub.url, "open": True}]})

        assert ask(app, reading(stub, fhirAuthorization=...)).get_json()["cards"]


@pytest.mark.parametrize("listed", ["https://fhir.example.org/r4", "http://127.0.0.1:9/fhir"])
def test_no_other_server_is_read_in_production_loopback_neither(
    tmp_path: Path, listed: str
) -> None:
    with running(FEBRILE) as stub:
        app = app_for(tmp_path, {"fhir_servers": [{"url": listed}]}, fhir_servers=(stub.url,))
        response = ask(app, reading(stub, fhirAuthorization=AUTHORIZATION))

    assert response.status_code == 412
    assert stub.calls == []


@pytest.mark.parametrize(("chosen", "status"), [("card", 200), ("412", 412)])
def test_a_client_chooses_what_it_gets_where_the_scope_is_unknown(
    tmp_path: Path, chosen: str, status: int
) -> None:
    app = app_for(tmp_path, {"scope_unknown": chosen})

    assert ask(app, request(prefetch=...)).status_code == status


def test_keys_under_the_names_of_the_client_give_the_same_answer(tmp_path: Path) -> None:
    """Some EHRs prefix or rename every prefetch key of an app."""
    ours = request()["prefetch"]
    aliases = {f"OPA-{number}": key for number, key in enumerate(ours)}
    theirs = {name: ours[key] for name, key in aliases.items()}
    plain, named = tmp_path / "plain", tmp_path / "named"
    plain.mkdir()
    named.mkdir()
    app, renaming = app_for(plain, {}), app_for(named, {"prefetch_aliases": aliases})

    usual = ask(app)
    assert usual.get_json()["cards"]
    assert ask(renaming, request(prefetch=theirs)).data == usual.data
    assert ask(app, request(prefetch=theirs)).status_code == 412


def test_a_client_in_shadow_is_computed_for_and_gets_no_cards(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    response = ask(app_for(tmp_path, {"shadow": True}))
    logged = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    (answered,) = [line for line in logged if line["event"] == "hook_answered"]

    assert (response.status_code, response.get_json()) == (200, {"cards": []})
    assert answered["shadow"] is True
    assert answered["cards"] > 0


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


# --- browsers ------------------------------------------------------------------------------------

ORIGIN = "https://sandbox.example.org"


@pytest.fixture
def for_browsers(tmp_path: Path) -> Flask:
    return app_for(tmp_path, {}, cors_origins=(ORIGIN,))


@pytest.mark.parametrize("path", ["/cds-services", PATH, FEEDBACK_PATH])
def test_a_preflight_needs_no_token(for_browsers: Flask, path: str) -> None:
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    response = for_browsers.test_client().options(path, headers=asked)
    allowed = response.headers

    assert (response.status_code, response.data) == (204, b"")
    assert allowed["Access-Control-Allow-Origin"] == ORIGIN
    assert {"GET", "POST", "OPTIONS"} <= set(allowed["Access-Control-Allow-Methods"].split(", "))
    assert allowed["Access-Control-Allow-Headers"].lower() == "authorization, content-type"
    assert "Origin" in allowed["Vary"]
    assert "Access-Control-Allow-Credentials" not in allowed


@pytest.mark.parametrize(
    "call",
    [
        ("GET", "/cds-services", 200),
        ("POST", PATH, 401),
        ("POST", FEEDBACK_PATH, 401),
        ("POST", "/nope", 404),
        ("GET", PATH, 405),
        ("POST", PATH, 415),
    ],
)
@pytest.mark.parametrize(
    ("origin", "allowed"), [(ORIGIN, ORIGIN), ("https://evil.example.org", None)]
)
def test_a_listed_origin_may_read_every_answer_and_another_none(
    for_browsers: Flask, call: tuple[str, str, int], origin: str, allowed: str | None
) -> None:
    method, path, status = call
    headers = {"Origin": origin, **(bearer(token()) if status == 415 else {})}
    response = for_browsers.test_client().open(path, method=method, headers=headers)

    assert response.status_code == status
    assert response.headers.get("Access-Control-Allow-Origin") == allowed
    assert "Access-Control-Allow-Credentials" not in response.headers


@pytest.mark.parametrize(
    ("listed", "origin", "allowed"),
    [
        ("http://[::1]:3000", "http://[::1]:3000", True),
        ("http://[::1]:3000", "http://1:3000", False),
        ("http://[::1]:3000", "http://1:3000.evil.example.com", False),
        ("https://ehr.example.org:443", "https://ehr.example.org", True),
        ("https://ehr.example.org:443", "https://ehr.example.org:443", False),
        ("http://ehr.example.org:80", "http://ehr.example.org", True),
        ("https://EHR.example.org", "https://ehr.example.org", True),
        ("https://ehr.example.org:8443", "https://ehr.example.org:8443", True),
        ("https://ehr.example.org:8443", "https://ehr.example.org", False),
        ("https://ehr.example.org", "https://ehr.example.org.evil.example.com", False),
        ("https://ehr.example.org", "https://ehr.example.org\n", False),
        ("https://ehr.example.org", "https://ehrxexample.org", False),
        ("https://ehr.example.org", "http://ehr.example.org", False),
    ],
)
def test_an_origin_is_let_in_as_browsers_write_it(
    tmp_path: Path, listed: str, origin: str, allowed: bool
) -> None:
    app = app_for(tmp_path, {}, cors_origins=(listed,))
    environ = {"HTTP_ORIGIN": origin}
    answer = app.test_client().get("/cds-services", environ_overrides=environ)

    found = answer.headers.get("Access-Control-Allow-Origin")
    assert found == (origin if allowed else None)


# --- start ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"clients": ""}, "CART_CDS_MODE is production, which needs CART_CDS_CLIENTS"),
        ({"base_url": ""}, "CART_CDS_MODE is production, which needs CART_CDS_BASE_URL"),
        ({"store_keys": ""}, "CART_CDS_MODE is production, which needs CART_CDS_STORE_KEYS"),
        ({"base_url": "http://cds.example.org"}, "CART_CDS_BASE_URL is 'http://cds.example.org'"),
        ({"cors_origins": ("*",)}, "CART_CDS_CORS_ORIGINS is '*': name the origins"),
        ({"clients": "/nowhere/clients.toml"}, "CART_CDS_CLIENTS is '/nowhere/clients.toml'"),
        ({"store_keys": "/nowhere/keys"}, "CART_CDS_STORE_KEYS is '/nowhere/keys'"),
    ],
)
def test_production_does_not_start_with_something_open_or_missing(
    tmp_path: Path, changes: dict[str, Any], told: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        create_app(production(tmp_path, CLIENT, **changes))

    assert told in str(caught.value)


def test_production_behind_a_proxy_of_this_machine_may_be_http(tmp_path: Path) -> None:
    assert create_app(production(tmp_path, CLIENT, base_url="http://127.0.0.1:8042"))


def test_the_start_of_production_is_not_alarming(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    create_app(production(tmp_path, CLIENT))
    (line,) = [json.loads(each) for each in capsys.readouterr().err.splitlines()]

    assert (line["level"], line["event"], line["mode"]) == ("info", "service_started", "production")
    assert "reason" not in line


def test_the_start_of_the_demo_is(capsys: pytest.CaptureFixture[str]) -> None:
    create_app(demo_settings(clients="clients.toml"))
    started, ignored = [json.loads(each) for each in capsys.readouterr().err.splitlines()]

    assert (started["level"], started["mode"]) == ("warning", "demo")
    assert "no client authentication" in started["reason"]
    assert ignored["settings"] == ["CART_CDS_CLIENTS"]


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("https://a.example.org", {"https://a.example.org/x", "https://a.example.org:443/x"}),
        ("https://a.example.org:443", {"https://a.example.org/x", "https://a.example.org:443/x"}),
        ("https://a.example.org:8443/y", {"https://a.example.org:8443/y/x"}),
        ("http://127.0.0.1:80", {"http://127.0.0.1/x", "http://127.0.0.1:80/x"}),
        ("http://[::1]:8042", {"http://[::1]:8042/x"}),
        ("HTTPS://A.Example.ORG", {"https://a.example.org/x", "https://a.example.org:443/x"}),
        ("https://a.example.org/Base", {f"https://a.example.org{p}/Base/x" for p in ("", ":443")}),
    ],
)
def test_an_endpoint_has_these_spellings(base: str, expected: set[str]) -> None:
    assert audiences(base, "/x") == {url + slash for url in expected for slash in ("", "/")}


def test_a_token_holds_for_a_minute_more_than_it_says(app: Flask) -> None:
    assert ask(app, iat=NOW_S - 400, exp=NOW_S - 59).status_code == 200
    assert ask(app, iat=NOW_S - 400, exp=NOW_S - 60).status_code == 401
