"""Every row of the status matrix that exists so far, and the order of checks."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from service import Settings, create_app, demo_settings
from service.settings import ScopeUnknown
from tests.service.calls import PATH, post, request, told, without

SMALL = demo_settings(max_body_mb=1)
BIG = b'{"hook": "' + b"x" * 2**20 + b'"}'


@pytest.fixture(scope="module")
def strict_app() -> Flask:
    return create_app(demo_settings(scope_unknown=ScopeUnknown.STATUS_412, max_body_mb=1))


def test_guidance_is_200_with_cards(app: Flask) -> None:
    response = post(app, request())

    assert response.status_code == 200
    assert response.mimetype == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert set(response.get_json()) == {"cards", "extension"}
    assert response.get_json()["cards"]


def test_infusion_record_not_to_be_had_is_412_naming_the_keys(strict_app: Flask) -> None:
    response = post(strict_app, request(prefetch=...))

    assert response.status_code == 412
    assert told(response) == (
        "prefetch key procedures: not delivered, and no FHIR server to read from; "
        "prefetch key infusions: not delivered, and no FHIR server to read from; "
        "prefetch key given: not delivered, and no FHIR server to read from"
    )


def test_in_the_demo_it_is_a_card_that_says_so(app: Flask) -> None:
    response = post(app, request(prefetch=...))
    (card,) = response.get_json()["cards"]
    found = response.get_json()["extension"]["org.cart-toxicity-cds.assessment"]

    assert response.status_code == 200
    assert "not graded" in card["summary"]
    assert "not delivered" in card["detail"].replace("\\", "")
    assert found["crs"] == {
        "lo": 0,
        "hi": 4,
        "state": "not-assessable",
        "missing": ["car-t-infusion"],
    }


@pytest.mark.parametrize("key", ["procedures", "infusions", "given"])
def test_a_carrier_that_is_an_error_does_not_hide_an_infusion_seen_in_another(
    app: Flask, key: str
) -> None:
    response = post(app, request(prefetch=without(key)))

    assert response.status_code == 200


def test_another_patient_than_the_context_names_is_422(app: Flask) -> None:
    other = {"resourceType": "Patient", "id": "patient-b", "birthDate": "1960-01-01"}
    response = post(app, request(prefetch=without("patient") | {"patient": other}))

    assert response.status_code == 422
    assert "patient-b" not in response.text
    assert told(response) == "prefetch key patient: not the patient of the context"


@pytest.mark.parametrize(
    "path", ["/", "/cds-services/", "/cds-services/nope", f"{PATH}/nope", "/fhir/ValueSet/nope"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_path_is_404(app: Flask, path: str, method: str) -> None:
    response = app.test_client().open(path, method=method)

    assert response.status_code == 404
    assert told(response)


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_a_wrong_verb_is_405_with_allow(app: Flask, method: str) -> None:
    response = app.test_client().open(PATH, method=method)

    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}
    assert told(response)


@pytest.mark.parametrize(
    "how",
    [
        {"content_type": "text/plain"},
        {"content_type": "application/xml"},
        {"content_type": "application/fhir+json"},
        {"content_type": "application/x-www-form-urlencoded"},
        {"content_type": None},
        {"headers": {"Content-Encoding": "gzip"}},
    ],
)
def test_another_media_type_is_415(app: Flask, how: dict[str, Any]) -> None:
    response = post(app, request(), **how)

    assert response.status_code == 415
    assert told(response)


@pytest.mark.parametrize(
    "content_type",
    ["application/json; charset=utf-8", "Application/JSON", "application/json;profile=x"],
)
def test_json_with_parameters_and_in_any_case_is_taken(app: Flask, content_type: str) -> None:
    assert post(app, request(), content_type=content_type).status_code == 200


def test_too_large_a_body_is_413(strict_app: Flask) -> None:
    response = post(strict_app, BIG)

    assert response.status_code == 413
    assert told(response)


@pytest.mark.parametrize(
    ("path", "content_type", "body", "status"),
    [
        ("/cds-services/nope", "text/plain", BIG, 404),
        (PATH, "text/plain", BIG, 415),
        (PATH, "application/json", BIG, 413),
        (PATH, "application/json", b"{", 400),
        (PATH, "application/json", b'{"hook": "order-sign"}', 400),
    ],
)
def test_checks_come_in_a_fixed_order(
    strict_app: Flask, path: str, content_type: str, body: bytes, status: int
) -> None:
    response = strict_app.test_client().post(path, data=body, content_type=content_type)

    assert response.status_code == status
    assert told(response)


def test_a_bug_is_500_without_internals(capsys: pytest.CaptureFixture[str]) -> None:
    app = create_app(demo_settings(allow_evaluate_at=False), clock=lambda: 1 // 0)
    response = post(app, request())

    assert response.status_code == 500
    assert told(response) == "the service failed; no guidance was computed"
    assert "cards" not in response.get_json()
    logged = capsys.readouterr().err
    assert '"event":"call_failed"' in logged
    assert "ZeroDivisionError" in logged


def test_a_call_that_is_overdue_before_grading_is_503() -> None:
    response = post(create_app(demo_settings(deadline_ms=0)), request())

    assert response.status_code == 503
    assert told(response) == "the deadline passed before the chart was graded"


@pytest.mark.parametrize("path", ["/cds-services", PATH, "/timeline"])
def test_a_preflight_is_204_without_a_body(app: Flask, path: str) -> None:
    asked = {
        "Origin": "https://sandbox.example.org",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    response = app.test_client().options(path, headers=asked)
    allowed = response.headers

    assert response.status_code == 204
    assert response.data == b""
    assert allowed["Access-Control-Allow-Origin"] in ("*", "https://sandbox.example.org")
    assert {"GET", "POST", "OPTIONS"} <= set(allowed["Access-Control-Allow-Methods"].split(", "))
    assert allowed["Access-Control-Allow-Headers"].lower() == "authorization, content-type"
    assert "Access-Control-Allow-Credentials" not in allowed


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/cds-services", 200),
        ("GET", "/nope", 404),
        ("GET", PATH, 405),
        ("POST", PATH, 415),
    ],
)
def test_any_origin_may_read_every_answer_of_the_demo(
    app: Flask, method: str, path: str, status: int
) -> None:
    told_origin = {"Origin": "https://sandbox.example.org"}
    response = app.test_client().open(path, method=method, headers=told_origin)

    assert response.status_code == status
    assert response.headers["Access-Control-Allow-Origin"]


def test_an_origin_that_is_not_listed_is_not_allowed() -> None:
    app = create_app(demo_settings(cors_origins=("https://ehr.example.org",)))
    answers = {
        origin: app.test_client().options(PATH, headers={"Origin": origin})
        for origin in ("https://ehr.example.org", "https://evil.example.org")
    }

    found = {
        origin: answer.headers.get("Access-Control-Allow-Origin")
        for origin, answer in answers.items()
    }
    assert found == {
        "https://ehr.example.org": "https://ehr.example.org",
        "https://evil.example.org": None,
    }


def test_without_origins_there_is_no_cross_origin_access() -> None:
    app = create_app(demo_settings(cors_origins=()))
    response = app.test_client().get("/cds-services", headers={"Origin": "https://a.example.org"})

    assert "Access-Control-Allow-Origin" not in response.headers


def test_settings_that_are_none_are_named_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    create_app(demo_settings(ignored=("CART_CDS_NOPE",)))

    assert "CART_CDS_NOPE" in capsys.readouterr().err


def test_the_defaults_of_settings_are_closed() -> None:
    assert Settings().cors_origins == ()
