"""Browsers: which origins may read an answer (CORS-1 to CORS-3)."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from tests.service.calls import PATH
from tests.service.identities import bearer, token
from tests.service.listed import FEEDBACK_PATH, app_for

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
