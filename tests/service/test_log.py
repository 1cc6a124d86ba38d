"""The log tells what happened, never about whom."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from flask import Flask

from service import create_app, demo_settings
from service.log import Event, Fields, write
from service.settings import ScopeUnknown
from tests.builders import temperature
from tests.charts import EVALUATE_AT
from tests.fhir_stub import Fault, refused, running
from tests.service.calls import FEBRILE, TOKEN, post, reading, request, without

MARKS = (
    TOKEN,
    "patient-a",
    "nurse-1",
    "canary-enc",
    "canary-note",
    "canary-id",
    "1966-04-10",
    "38.6",
    "127.0.0.1",
)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def marked(**members: Any) -> dict[str, Any]:
    context = {"userId": "Practitioner/nurse-1", "patientId": "patient-a"}
    return request(context=context | {"encounterId": "canary-enc"}, **members)


def test_an_answer_is_one_line(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    post(app, request(prefetch=without("reports")))
    (line,) = lines(capsys)

    assert line["event"] == "hook_answered"
    assert line["level"] == "info"
    assert line["status"] == 200
    assert line["service"] == "cart-toxicity-patient-view"
    assert line["keys"] == ["reports"]
    assert "CRS-F2" in line["rules"]
    assert line["total_ms"] >= line["reads_ms"] >= 0


def test_lines_hold_the_listed_fields_only(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    with running(FEBRILE, [refused("/Condition", 500)]) as stub:
        post(app, reading(stub))
    post(app, request(hookInstance="odd"))
    post(app, b"{")

    allowed = {"time", "level", "event", *Fields.__annotations__}
    assert all(set(line) <= allowed for line in lines(capsys))


@pytest.mark.parametrize("scope_unknown", ScopeUnknown)
def test_nothing_of_the_patient_the_user_or_the_token_is_logged(
    capsys: pytest.CaptureFixture[str], scope_unknown: ScopeUnknown
) -> None:
    app = create_app(demo_settings(scope_unknown=scope_unknown, deadline_ms=1000))
    logging.getLogger("urllib3").debug("canary-note")
    noted = temperature(38.6, id="canary-id", note=[{"text": "canary-note"}])
    broken = {"resourceType": "Observation", "id": "canary-id", "status": ["canary-note"]}
    with running([*FEBRILE, noted, broken], [refused("/Procedure", 403), Fault("/Group")]) as stub:
        body = reading(stub)
        post(app, marked(**{k: body[k] for k in ("fhirServer", "fhirAuthorization")}))
        post(app, body)
        post(app, body | {"prefetch": {"patient": {"resourceType": "Patient", "id": "canary-id"}}})
        stub.faults = [refused("", 401)]
        post(app, body)
    post(app, marked(fhirServer="http://canary-id.example.org", prefetch=...))
    post(app, marked(extension={EVALUATE_AT: "canary-note"}))
    post(app, marked(hook="canary-note"))
    app.test_client().get("/canary-note?patient=patient-a")

    logged = capsys.readouterr().err
    assert len(logged.splitlines()) > 8
    assert [mark for mark in MARKS if mark in logged] == []


def test_a_bug_is_logged_without_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    def broken() -> int:
        try:
            return int("canary-note")
        except ValueError as error:
            raise KeyError("canary-id") from error

    app = create_app(demo_settings(), clock=broken)
    post(app, request(extension=...))
    (line,) = [each for each in lines(capsys) if each["event"] == "call_failed"]

    assert line["level"] == "critical"
    assert line["status"] == 500
    assert line["error"] == ["KeyError", "ValueError"]
    assert line["frames"][-1].endswith(" broken")
    assert "canary" not in json.dumps(line)


def test_a_412_leaves_the_reason_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    app = create_app(demo_settings(scope_unknown=ScopeUnknown.STATUS_412))
    capsys.readouterr()
    with running(FEBRILE, [refused("", 401)]) as stub:
        post(app, reading(stub))
    failed, answered = lines(capsys)

    assert failed["event"] == "read_failed"
    assert set(failed["failures"].values()) == {"http-401"}
    assert answered["event"] == "call_refused"
    assert answered["status"] == 412
    assert failed["request_id"] == answered["request_id"]


def test_a_server_that_may_not_be_read_is_logged_by_kind(
    app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    post(app, request(fhirServer="http://10.0.0.1/fhir"))
    refusal, _ = lines(capsys)

    assert refusal["event"] == "fhir_access_refused"
    assert refusal["reason"] == "server-not-allowed"


def test_a_hook_instance_that_is_no_uuid_is_not_logged(
    app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    post(app, request(hookInstance="Patient A, 1966"))
    accepted, answered = lines(capsys)

    assert accepted["event"] == "hook_instance_accepted"
    assert "hook_instance" not in answered


def test_a_uuid_is_logged_in_one_form(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    post(app, request(hookInstance="D1577C69-DFBE-11EC-9D64-0242AC120002"))
    (line,) = lines(capsys)

    assert line["hook_instance"] == "d1577c69-dfbe-11ec-9d64-0242ac120002"


def test_refusals_before_a_call_is_known_are_logged_too(
    app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    app.test_client().get("/nope")
    (line,) = lines(capsys)

    assert (line["event"], line["status"], line["codes"]) == ("call_refused", 404, ["not-found"])


def test_empty_fields_are_left_out(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    write(Event.HOOK_ANSWERED, rules=(), issues={}, reason="", cards=0)
    (line,) = lines(capsys)

    assert set(line) == {"time", "level", "event", "cards"}
    assert app is not None
