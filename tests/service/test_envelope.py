"""The request envelope: what is refused, what is ignored, what counts as absent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask

from service import create_app, demo_settings
from tests.service.calls import AUTHORIZATION, graded, post, request, told

EVALUATE_AT = "org.cart-toxicity-cds.evaluate-at"
CONTEXT = {"userId": "Practitioner/nurse-1", "patientId": "patient-a"}
SERVER = "http://127.0.0.1:9/fhir"
MILLISECONDS = 1_795_354_800_000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'{"hook":',
        b'{"hook":"patient-view",}',
        b'{"hook":"patient-view"} // comment',
        b'{"hook": NaN}',
        b'{"hook": Infinity}',
        b"{'hook': 'patient-view'}",
        b'"patient-view"',
        b"[]",
        b"null",
        b"1",
        b'{"hook": "\xff"}',
        b'\xef\xbb\xbf{"hook": "patient-view"}',
        b'{"hook": "\\ud800"}',
        b"[" * 3000,
        b'{"prefetch":' + b'{"a":' * 3000 + b"1" + b"}" * 3001,
        b'{"hook": "patient-view"}{}',
        b'{"hook": "patient-view", "extension": 1e999}',
        b'{"hook": "patient-view", "context": 1e999}',
    ],
)
def test_what_is_no_json_object_is_400(app: Flask, body: bytes) -> None:
    response = post(app, body)

    assert response.status_code == 400
    assert told(response)


@pytest.mark.parametrize(
    ("members", "where"),
    [
        ({"hook": ...}, "hook"),
        ({"hook": ""}, "hook"),
        ({"hook": 1}, "hook"),
        ({"hook": None}, "hook"),
        ({"hook": "order-sign"}, "hook: this service answers patient-view"),
        ({"hookInstance": ...}, "hookInstance"),
        ({"hookInstance": ""}, "hookInstance"),
        ({"hookInstance": " "}, "hookInstance"),
        ({"hookInstance": 7}, "hookInstance"),
        ({"context": ...}, "context"),
        ({"context": None}, "context"),
        ({"context": []}, "context"),
        ({"context": "x"}, "context"),
        ({"context": {}}, "context.userId"),
        ({"context": CONTEXT | {"userId": ""}}, "context.userId"),
        ({"context": CONTEXT | {"userId": 1}}, "context.userId"),
        ({"context": CONTEXT | {"patientId": None}}, "context.patientId"),
        ({"context": CONTEXT | {"patientId": ""}}, "context.patientId"),
        ({"context": CONTEXT | {"patientId": 1}}, "context.patientId"),
        ({"context": CONTEXT | {"patientId": "Patient/a"}}, "context.patientId"),
        ({"context": CONTEXT | {"patientId": "a,b"}}, "context.patientId"),
        ({"context": CONTEXT | {"patientId": "a&_count=1"}}, "context.patientId"),
        ({"context": CONTEXT | {"patientId": ".."}}, "context.patientId"),
        ({"context": CONTEXT | {"patientId": "a\n"}}, "context.patientId"),
        ({"context": CONTEXT | {"encounterId": 1}}, "context.encounterId"),
        ({"context": CONTEXT | {"encounterId": "a b"}}, "context.encounterId"),
        ({"context": CONTEXT | {"encounterId": "Patient/9"}}, "context.encounterId"),
        ({"context": CONTEXT | {"encounterId": "Encounter/"}}, "context.encounterId"),
        ({"context": CONTEXT | {"encounterId": "https://e/Patient/9"}}, "context.encounterId"),
        ({"context": CONTEXT | {"encounterId": "https://e/Encounter/.."}}, "context.encounterId"),
        ({"context": CONTEXT | {"encounterId": "../../Patient/other?x=<b>"}}, "context.enc"),
        ({"context": CONTEXT | {"encounterId": "x" * 513}}, "context.encounterId"),
        ({"prefetch": []}, "prefetch"),
        ({"prefetch": "x"}, "prefetch"),
        ({"prefetch": 1}, "prefetch"),
        ({"prefetch": True}, "prefetch"),
        ({"fhirServer": 1}, "fhirServer"),
        ({"fhirServer": ""}, "fhirServer"),
        ({"fhirServer": {}}, "fhirServer"),
        ({"fhirAuthorization": AUTHORIZATION}, "fhirServer: required with fhirAuthorization"),
    ],
)
def test_a_broken_member_is_400_and_is_named(
    app: Flask, members: dict[str, Any], where: str
) -> None:
    response = post(app, request(**members))

    assert response.status_code == 400
    assert where in told(response)


@pytest.mark.parametrize(
    "broken",
    [
        [],
        "Bearer x",
        1,
        {},
        *({k: v for k, v in AUTHORIZATION.items() if k != name} for name in AUTHORIZATION),
        AUTHORIZATION | {"access_token": ""},
        AUTHORIZATION | {"access_token": None},
        AUTHORIZATION | {"access_token": "two words"},
        AUTHORIZATION | {"access_token": "a\r\nX-Header: 1"},
        AUTHORIZATION | {"access_token": "\u00e9"},
        AUTHORIZATION | {"token_type": "Basic"},
        AUTHORIZATION | {"expires_in": "300"},
        AUTHORIZATION | {"expires_in": 300.5},
        AUTHORIZATION | {"expires_in": True},
        AUTHORIZATION | {"scope": 1},
        AUTHORIZATION | {"subject": []},
        AUTHORIZATION | {"patient": 1},
    ],
)
def test_a_malformed_authorization_is_400(app: Flask, broken: Any) -> None:
    response = post(app, request(fhirServer=SERVER, fhirAuthorization=broken))

    assert response.status_code == 400
    assert "fhirAuthorization" in told(response)
    assert AUTHORIZATION["access_token"] not in response.text


@pytest.mark.parametrize(
    "members",
    [
        {"fhirAuthorization": None},
        {"fhirServer": None},
        {"fhirAuthorization": None, "fhirServer": None},
        {"extension": {EVALUATE_AT: "2026-11-22T14:00:00Z", "com.example.x": {}}},
        {"unknown": {"deep": [1, None, {}]}, "another": None},
        {"context": CONTEXT | {"locationId": "x", "encounterId": None}},
        {"context": CONTEXT | {"encounterId": ""}},
        {"context": CONTEXT | {"encounterId": "  "}},
        {"context": CONTEXT | {"encounterId": "Encounter/9"}},
        {"context": CONTEXT | {"encounterId": "https://ehr.example.org/fhir/Encounter/9"}},
        {"context": CONTEXT | {"encounterId": "enc-1"}},
        {"context": CONTEXT | {"userId": "Patient/patient-a"}},
        {"context": CONTEXT | {"userId": "PractitionerRole/e-QokEGU"}},
        {"context": CONTEXT | {"userId": "odd"}},
        {"hookInstance": "D1577C69-DFBE-11EC-9D64-0242AC120002"},
        {"hookInstance": "not a uuid"},
    ],
)
def test_what_is_unknown_or_null_changes_nothing(app: Flask, members: dict[str, Any]) -> None:
    assert graded(post(app, request(**members))) == graded(post(app, request()))


@pytest.mark.parametrize("scope", ["user/Patient.read", "user/Patient.rs", "PATIENT.READ (R4)", ""])
def test_any_scope_is_taken(app: Flask, scope: str) -> None:
    given = AUTHORIZATION | {"scope": scope, "token_type": "bearer", "patient": "patient-a"}

    assert post(app, request(fhirServer=SERVER, fhirAuthorization=given)).status_code == 200


@pytest.mark.parametrize("extension", [..., None, [], "x", 1])
def test_an_extension_that_is_no_object_is_ignored(extension: Any) -> None:
    app = create_app(demo_settings(), clock=lambda: MILLISECONDS)
    body = request(extension=extension)

    assert graded(post(app, body))["evaluatedAt"] == "2026-11-22T13:40:00Z"


@pytest.mark.parametrize(
    ("written", "evaluated_at"),
    [
        ("2026-11-22T14:00:00Z", "2026-11-22T14:00:00Z"),
        ("2026-11-22t15:00:00+01:00", "2026-11-22T14:00:00Z"),
        ("2026-11-22T14:00:00.500Z", "2026-11-22T14:00:00.500Z"),
        ("2026-11-22T14:00:00.123456789Z", "2026-11-22T14:00:00.123Z"),
        ("1900-01-01T00:00:00Z", "1900-01-01T00:00:00Z"),
        ("2199-12-31T23:59:59Z", "2199-12-31T23:59:59Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999Z"),
        ("2016-12-31T18:59:60.5-05:00", "2016-12-31T23:59:59.999Z"),
    ],
)
def test_evaluate_at_moves_now(app: Flask, written: str, evaluated_at: str) -> None:
    response = post(app, request(extension={EVALUATE_AT: written}))

    assert graded(response)["evaluatedAt"] == evaluated_at


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-22T14:00:00",
        "2026-11-22",
        "2026-11-22T14:00Z",
        "2026-11-22 14:00:00Z",
        "20261122T140000Z",
        "2026-13-22T14:00:00Z",
        "2026-11-22T24:30:00Z",
        "2026-11-22T14:00:60Z",
        "2016-12-31T23:59:60+01:00",
        "2016-12-31T23:59:61Z",
        "2026-11-22T14:00:00+1:00",
        "1899-12-31T23:59:59Z",
        "2200-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "yesterday",
        "",
        None,
        1_795_356_000,
        {},
    ],
)
def test_an_evaluation_instant_that_cannot_be_read_is_400(app: Flask, written: Any) -> None:
    response = post(app, request(extension={EVALUATE_AT: written}))

    assert response.status_code == 400
    assert EVALUATE_AT in told(response)


@pytest.mark.parametrize("odd", ["1e400", "-1e400", '{"a": [1e400]}', "9" * 5000])
@pytest.mark.parametrize("name", [None, "context", "fhirAuthorization", "extension"])
def test_an_unknown_member_may_hold_anything(app: Flask, name: str | None, odd: str) -> None:
    whole = request(
        fhirServer=SERVER,
        fhirAuthorization=AUTHORIZATION,
        extension={EVALUATE_AT: "2026-11-22T14:00:00Z"},
    )
    body = {"locationId": "@"} | whole
    if name is not None:
        body = whole | {name: whole[name] | {"locationId": "@"}}
    response = post(app, json.dumps(body).replace('"@"', odd).encode())

    assert graded(response) == graded(post(app, whole))


def test_where_it_is_not_allowed_evaluate_at_is_ignored() -> None:
    app = create_app(demo_settings(allow_evaluate_at=False), clock=lambda: MILLISECONDS)

    assert graded(post(app, request(extension={EVALUATE_AT: "x"})))["evaluatedAt"] == (
        "2026-11-22T13:40:00Z"
    )


def test_the_clock_is_that_of_the_machine(app: Flask) -> None:
    found = graded(post(app, request(extension=...)))

    assert found["evaluatedAt"] > "2026-01-01"


def test_of_equal_names_the_last_counts(app: Flask) -> None:
    text = json.dumps(request()).replace(
        '"hook": "patient-view"', '"hook": 1, "hook": "patient-view"'
    )

    assert post(app, text.encode()).status_code == 200


def test_the_same_call_twice_gives_the_same_answer(app: Flask) -> None:
    assert post(app, request()).data == post(app, request()).data
