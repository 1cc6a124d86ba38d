"""The plot as a SMART app: launched by an EHR, signed in with PKCE, and only then a chart."""

from __future__ import annotations

import base64
import json
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from sandbox import smart
from sandbox.bedside import create_smart_app
from sandbox.smart import Kept, Login, Pending, Registration
from sandbox.story import Story
from tests.sandbox.conftest import clock
from tests.sandbox.smart_ehr import CLIENT_ID, Ehr, application, running
from tests.sandbox.walking import PATIENCE_MS, opened

Launch = Callable[..., TestResponse]


@pytest.fixture
def ehr(walk_fhir: str, walk_patients: tuple[Story, ...]) -> Iterator[Ehr]:
    with running(walk_fhir) as found:
        found.redirect_uri = "http://localhost/smart/callback"
        yield found


@pytest.fixture
def plot(ehr: Ehr, address: str) -> Flask:
    registration = Registration(CLIENT_ID, (ehr.base,), "http://localhost")
    return create_smart_app(registration, address, clock)


@pytest.fixture
def browser_of(plot: Flask) -> FlaskClient:
    return plot.test_client()


def signed_in(client: FlaskClient, ehr: Ehr, **launch: str) -> TestResponse:
    """Goes from the launch through the EHR's sign-in and back."""
    begun = client.get("/smart/launch", query_string={"iss": ehr.base, **launch})
    assert begun.status_code == 302, begun.text
    query = urlsplit(begun.location).query
    with application(ehr).test_client() as sign_in:
        back = sign_in.get(f"/authorize?{query}").location
    parts = urlsplit(back)
    return client.get(f"{parts.path}?{parts.query}")


def asked_of(answer: TestResponse) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(answer.location).query))


def test_the_ehr_launches_it_and_the_chart_is_read_with_the_token(
    browser_of: FlaskClient, ehr: Ehr
) -> None:
    back = signed_in(browser_of, ehr, launch="l-1")
    assert (back.status_code, back.location) == (302, "/smart/chart")
    chart = browser_of.get("/smart/api/chart").json
    grades = browser_of.get("/smart/api/grades").json

    assert chart["patient"]["id"] == "both-3-2"
    assert "T" in chart["series"]
    newest = grades["points"][-1]
    assert (newest["crs"]["lo"], newest["icans"]["lo"]) == (3, 2)
    begins = datetime.fromisoformat(newest["infusion"]["time"]) - timedelta(days=1)
    assert datetime.fromisoformat(grades["from"]) == begins


def test_the_sign_in_is_that_of_a_public_client_with_pkce(
    browser_of: FlaskClient, ehr: Ehr
) -> None:
    first, second = (
        asked_of(browser_of.get("/smart/launch", query_string={"iss": ehr.base, "launch": "l-1"}))
        for _ in range(2)
    )

    assert {name: first[name] for name in first.keys() - {"state", "code_challenge"}} == {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": ehr.redirect_uri,
        "scope": "launch openid fhirUser patient/*.rs",
        "aud": ehr.base,
        "launch": "l-1",
        "code_challenge_method": "S256",
    }
    assert first["state"] != second["state"]
    assert first["code_challenge"] != second["code_challenge"]


@pytest.mark.parametrize(
    ("launch", "capabilities", "scope"),
    [
        ("l-1", ["permission-v2"], "launch openid fhirUser patient/*.rs"),
        ("l-1", [], "launch openid fhirUser patient/*.read"),
        ("", ["permission-v2"], "launch/patient openid fhirUser patient/*.rs"),
        ("", [], "launch/patient openid fhirUser patient/*.read"),
    ],
)
def test_scopes_are_those_of_the_launch_and_of_the_version(
    browser_of: FlaskClient, ehr: Ehr, launch: str, capabilities: list[str], scope: str
) -> None:
    ehr.discovery = {"capabilities": capabilities}
    query = {"iss": ehr.base} | ({"launch": launch} if launch else {})
    asked = asked_of(browser_of.get("/smart/launch", query_string=query))

    assert asked["scope"] == scope
    assert ("launch" in asked) == bool(launch)


def test_opened_without_an_ehr_it_asks_the_first_one_it_knows(
    browser_of: FlaskClient, ehr: Ehr
) -> None:
    assert asked_of(browser_of.get("/smart/launch"))["aud"] == ehr.base


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"code_challenge_methods_supported": ["plain"]}, "PKCE with S256"),
        ({"code_challenge_methods_supported": []}, "PKCE with S256"),
        ({"authorization_endpoint": "http://login.example.org/a"}, "no authorization_endpoint"),
        ({"authorization_endpoint": None}, "no authorization_endpoint"),
        ({"token_endpoint": "ftp://127.0.0.1/token"}, "no token_endpoint"),
    ],
)
def test_an_ehr_that_is_not_safe_to_sign_in_at_is_not_used(
    browser_of: FlaskClient, ehr: Ehr, changes: dict[str, Any], told: str
) -> None:
    ehr.discovery = changes
    answer = browser_of.get("/smart/launch", query_string={"iss": ehr.base, "launch": "l-1"})

    assert answer.status_code == 400
    assert told in answer.text


@pytest.mark.parametrize("issuer", ["http://evil.example.org/fhir", "http://127.0.0.1:9/fhir"])
def test_only_registered_ehrs_are_spoken_to(browser_of: FlaskClient, issuer: str) -> None:
    answer = browser_of.get("/smart/launch", query_string={"iss": issuer, "launch": "l-1"})

    assert answer.status_code == 400
    assert "not registered" in answer.text


@pytest.mark.parametrize("query", [{"code": "c", "state": "x"}, {"code": "c"}])
def test_an_answer_with_another_state_is_refused_and_ends_the_sign_in(
    browser_of: FlaskClient, ehr: Ehr, query: dict[str, str]
) -> None:
    state = asked_of(browser_of.get("/smart/launch", query_string={"iss": ehr.base}))["state"]

    assert "another sign-in" in browser_of.get("/smart/callback", query_string=query).text
    again = browser_of.get("/smart/callback", query_string={"code": "c", "state": state})
    assert "no sign-in was begun here" in again.text
    assert ehr.tokens == []


def test_another_browser_cannot_end_the_sign_in(
    plot: Flask, browser_of: FlaskClient, ehr: Ehr
) -> None:
    state = asked_of(browser_of.get("/smart/launch", query_string={"iss": ehr.base}))["state"]
    other = plot.test_client()
    answer = other.get("/smart/callback", query_string={"code": "c", "state": state})

    assert answer.status_code == 400
    assert "no sign-in was begun here" in answer.text


def test_a_code_is_taken_once(browser_of: FlaskClient, ehr: Ehr) -> None:
    signed_in(browser_of, ehr)
    again = browser_of.get("/smart/callback", query_string={"code": "c", "state": "s"})

    assert again.status_code == 400


def test_a_user_who_refuses_is_told_so(browser_of: FlaskClient, ehr: Ehr) -> None:
    ehr.refuses = True
    back = signed_in(browser_of, ehr)

    assert back.status_code == 400
    assert "access_denied" in back.text


@pytest.mark.parametrize(
    ("answer", "status", "told"),
    [
        ({"token_type": "mac"}, 200, "no bearer token"),
        ({"access_token": None}, 200, "no bearer token"),
        ({"patient": None}, 200, "did not say which patient"),
        ({"patient": "../x"}, 200, "did not say which patient"),
        ({"error": "invalid_client"}, 401, "answered 401: invalid_client"),
        ({"error": "<b>secret</b>"}, 400, "answered 400: no reason given"),
    ],
)
def test_a_token_that_cannot_be_used_signs_nobody_in(
    browser_of: FlaskClient, ehr: Ehr, answer: dict[str, Any], status: int, told: str
) -> None:
    ehr.token_answer, ehr.token_status = answer, status
    back = signed_in(browser_of, ehr)

    assert back.status_code == 400
    assert told in back.text
    assert "secret" not in back.text
    assert browser_of.get("/smart/api/chart").status_code == 401


@pytest.mark.parametrize("path", ["/smart/chart", "/smart/api/chart", "/smart/api/grades"])
def test_without_a_sign_in_nothing_is_shown(browser_of: FlaskClient, path: str) -> None:
    answer = browser_of.get(path)

    assert answer.status_code == 401
    assert "open the app from the chart again" in answer.text


@pytest.mark.parametrize("path", ["/", "/chart/both-3-2", "/api/settings", "/api/ward"])
def test_the_pages_without_a_login_are_not_there(browser_of: FlaskClient, path: str) -> None:
    assert browser_of.get(path).status_code == 404


@pytest.mark.parametrize(
    ("host", "status"), [("plot.example.org", 401), ("evil.example.org", 421), ("localhost", 401)]
)
def test_it_answers_under_its_public_name_alone(address: str, host: str, status: int) -> None:
    registration = Registration(CLIENT_ID, (), "https://plot.example.org")
    client = create_smart_app(registration, address, clock).test_client()

    assert client.get("/smart/chart", headers={"Host": host}).status_code == status


def test_the_token_is_nowhere_but_in_memory(
    browser_of: FlaskClient, ehr: Ehr, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    back = signed_in(browser_of, ehr, launch="l-1")
    paths = ("/smart/chart", "/smart/api/chart", "/smart/api/grades")
    answers = [back, *(browser_of.get(path) for path in paths)]
    (token,) = ehr.tokens
    told = [f"{each.headers} {each.text}" for each in answers]

    assert [each for each in (*told, caplog.text, *ehr.seen) if token in each] == []
    cookie = back.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/smart/" in cookie


def test_over_https_the_cookie_is_for_https_alone(ehr: Ehr, address: str) -> None:
    registration = Registration(CLIENT_ID, (ehr.base,), "https://plot.example.org")
    client = create_smart_app(registration, address, clock).test_client()
    answer = client.get("/smart/launch", headers={"Host": "plot.example.org"})

    assert "Secure" in answer.headers["Set-Cookie"]
    assert asked_of(answer)["redirect_uri"] == "https://plot.example.org/smart/callback"


def test_a_token_that_the_ehr_takes_back_is_told(browser_of: FlaskClient, ehr: Ehr) -> None:
    signed_in(browser_of, ehr)
    ehr.tokens.clear()

    assert browser_of.get("/smart/api/chart").status_code == 502


def test_a_patient_without_an_infusion_is_shown_for_three_days(
    browser_of: FlaskClient, ehr: Ehr
) -> None:
    ehr.patient = "nobody"
    signed_in(browser_of, ehr)
    answer = browser_of.get("/smart/api/grades").json

    assert clock() - datetime.fromisoformat(answer["from"]) < timedelta(days=3, minutes=1)
    assert {point["crs"]["state"] for point in answer["points"]} == {"out-of-scope"}


# --- what is kept --------------------------------------------------------------------------------


LOGIN = Login("http://ehr.example.org", "t", "", "p", "Practitioner/1", 1e12)
PENDING = Pending("http://ehr.example.org", "http://ehr.example.org/t", "s", "v", 1e12)


def test_a_login_is_no_sign_in_and_a_sign_in_no_login() -> None:
    kept = Kept()

    assert kept.login(kept.put(PENDING)) is None
    assert kept.take(kept.put(LOGIN)) is None


def test_what_is_over_is_gone() -> None:
    kept = Kept()

    assert kept.login(kept.put(replace(LOGIN, until=0))) is None
    assert kept.take(kept.put(replace(PENDING, until=0))) is None


def test_the_oldest_goes_where_all_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smart, "_MOST", 2)
    kept = Kept()
    names = [kept.put(LOGIN) for _ in range(3)]

    assert [kept.login(name) is not None for name in names] == [False, True, True]


@pytest.mark.parametrize("held", [LOGIN, PENDING])
def test_what_holds_a_secret_has_no_text(held: Login | Pending) -> None:
    assert "'" not in repr(held)


# --- what a token response tells -----------------------------------------------------------------


def id_token(claims: Any) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"e30.{payload}.x"


@pytest.mark.parametrize(
    ("written", "user"),
    [
        (id_token({"fhirUser": "https://ehr.example.org/r4/Practitioner/n-1"}), "Practitioner/n-1"),
        (id_token({"fhirUser": "Patient/p"}), "Patient/p"),
        (id_token({"fhirUser": "Device/d"}), "Practitioner/unknown"),
        (id_token({"fhirUser": 1}), "Practitioner/unknown"),
        (id_token({}), "Practitioner/unknown"),
        (id_token([]), "Practitioner/unknown"),
        ("a.b", "Practitioner/unknown"),
        ("a.!.c", "Practitioner/unknown"),
        (None, "Practitioner/unknown"),
    ],
)
def test_the_user_is_read_where_it_is_told(
    browser_of: FlaskClient, ehr: Ehr, written: Any, user: str
) -> None:
    ehr.token_answer = {"id_token": written}
    signed_in(browser_of, ehr)

    assert smart._user(written) == user


@pytest.mark.parametrize(
    ("told", "at"),
    [
        ('{"topic":"CRSGrade","at":"2026-11-22T14:00:00Z"}', "2026-11-22T14:00:00Z"),
        ('{"at":1}', ""),
        ("[]", ""),
        ("nonsense", ""),
        (None, ""),
    ],
)
def test_the_instant_of_the_card_is_passed_to_the_page(
    browser_of: FlaskClient, ehr: Ehr, told: Any, at: str
) -> None:
    ehr.token_answer = {"appContext": told}
    signed_in(browser_of, ehr)

    assert f'data-at="{at}"' in browser_of.get("/smart/chart").text


@pytest.mark.parametrize("expires", [None, "soon"])
def test_a_token_without_an_end_is_used_for_five_minutes(
    browser_of: FlaskClient, ehr: Ehr, expires: Any
) -> None:
    ehr.token_answer = {"expires_in": expires}
    signed_in(browser_of, ehr)

    assert browser_of.get("/smart/chart").status_code == 200


# --- in a browser --------------------------------------------------------------------------------


def test_launched_in_a_browser_it_shows_the_plot_with_grades_at_the_instant_of_the_card(
    browser: Browser, ehr: Ehr, address: str
) -> None:
    server = make_server("127.0.0.1", 0, Flask("placeholder"), threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    ehr.redirect_uri = f"{url}/smart/callback"
    hour_ago = datetime.now(UTC) - timedelta(hours=1)  # noqa: TID251 - an instant of today
    ehr.token_answer = {"appContext": json.dumps({"topic": "CRSGrade", "at": hour_ago.isoformat()})}
    server.app = create_smart_app(Registration(CLIENT_ID, (ehr.base,), url), address, clock)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        with opened(browser, url, elsewhere=(ehr.url,)) as page:
            page.goto(f"/smart/launch?iss={ehr.base}&launch=l-1")
            page.wait_for_selector("body[data-course]", timeout=PATIENCE_MS)
            assert urlsplit(page.url).path == "/smart/chart"
            assert not urlsplit(page.url).query
            expect(page.locator("#name")).to_contain_text("Patient")
            expect(page.locator("#seen")).to_contain_text("in the past")
            page.get_by_role("button", name="Now").click()
            expect(page.locator("#grades")).to_contain_text("CRS 3")
            expect(page.locator("#grades")).to_contain_text("ICANS 2")
            assert page.evaluate("JSON.stringify([localStorage.length, document.cookie])") == (
                '[0,""]'
            )
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
