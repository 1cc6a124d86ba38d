"""A FHIR server that is down, slow, refuses or talks nonsense: said, in time, and never silent."""

from __future__ import annotations

import gzip
import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
import responses
from flask import Flask

from service import create_app, demo_settings
from service.access import Access, ReadError
from service.errors import Unavailable
from service.fhir_client import FhirClient
from service.reads import Reader, Search
from service.settings import ScopeUnknown
from tests.builders import cells, patient
from tests.fhir_stub import Fault, html, refused, running
from tests.service.calls import FEBRILE, detail, graded, post, reading, request, told, without

CARRIERS = ("/Procedure", "/MedicationAdministration")
ILLS: dict[str, tuple[dict[str, Any], str]] = {
    "401": ({"status": 401, "body": "{}"}, "answered with status 401"),
    "403": ({"status": 403, "body": "{}"}, "answered with status 403"),
    "404": ({"status": 404, "body": "{}"}, "answered with status 404"),
    "429": ({"status": 429, "body": "{}"}, "answered with status 429"),
    "500": ({"status": 500, "body": "<h1>Oops</h1>"}, "answered with status 500"),
    "503": ({"status": 503, "body": ""}, "answered with status 503"),
    "204": ({"status": 204, "body": ""}, "answered with status 204"),
    "html": ({"body": "<html>Please sign in</html>"}, "something else than JSON"),
    "empty": ({"body": ""}, "something else than JSON"),
    "text": ({"body": '"x"'}, "something else than JSON"),
    "list": ({"body": "[]"}, "something else than JSON"),
    "no-fhir": ({"body": '{"resourceType": "Nonsense"}'}, "something else than FHIR"),
    "no-type": ({"body": '{"message": "quota exceeded"}'}, "something else than FHIR"),
    "outcome": (
        {"body": '{"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]}'},
        "the server answered with an error",
    ),
    "cut": ({"cut": 10}, "answer broke off"),
    "redirect-nowhere": ({"status": 302, "body": ""}, "answered with status 302"),
    "redirect": (
        {"status": 307, "body": "", "location": "?again"},
        "redirects, which is not followed",
    ),
    "redirect-away": (
        {"status": 302, "body": "", "location": "http://127.0.0.1:9/"},
        "leads to another server",
    ),
}
SLOW = demo_settings(deadline_ms=800)


@pytest.fixture(scope="module")
def strict_app() -> Flask:
    return create_app(demo_settings(scope_unknown=ScopeUnknown.STATUS_412, deadline_ms=10_000))


@pytest.fixture(scope="module")
def hasty_app() -> Flask:
    return create_app(SLOW)


@pytest.mark.parametrize(("fault", "words"), ILLS.values(), ids=ILLS)
def test_an_infusion_record_that_cannot_be_read_is_412_and_says_why(
    strict_app: Flask, fault: dict[str, Any], words: str
) -> None:
    with running(FEBRILE, [Fault(where, **fault) for where in CARRIERS]) as stub:
        answer = post(strict_app, reading(stub))

    assert answer.status_code == 412
    assert told(answer).count(words) == 3


@pytest.mark.parametrize(("fault", "words"), ILLS.values(), ids=ILLS)
def test_in_the_demo_it_is_a_card_that_says_why(
    app: Flask, fault: dict[str, Any], words: str
) -> None:
    with running(FEBRILE, [Fault(where, **fault) for where in CARRIERS]) as stub:
        answer = post(app, reading(stub))

    assert graded(answer)["crs"]["state"] == "not-assessable"
    assert "not graded" in detail(answer)
    assert words in detail(answer)


@pytest.mark.parametrize(("fault", "words"), ILLS.values(), ids=ILLS)
def test_bedside_values_that_cannot_be_read_are_missing_on_the_card(
    app: Flask, fault: dict[str, Any], words: str
) -> None:
    with running(FEBRILE, [Fault("/Observation", **fault)]) as stub:
        answer = post(app, reading(stub))

    assert {"temperature", "blood-pressure"} <= set(graded(answer)["crs"]["missing"])
    assert "temperature (not read)" in detail(answer)
    assert words in detail(answer)


@pytest.mark.parametrize(
    "where",
    [
        "/Patient/",
        "/MedicationRequest",
        "/ServiceRequest",
        "/Condition",
        "/DiagnosticReport",
        "/QuestionnaireResponse",
    ],
)
def test_any_other_read_that_fails_is_logged_and_costs_no_grade(
    app: Flask, capsys: pytest.CaptureFixture[str], where: str
) -> None:
    with running(FEBRILE, [refused(where, 500)]) as stub:
        answer = post(app, reading(stub))

    assert graded(answer)["crs"]["lo"] == 1
    assert '"event":"read_failed"' in (logged := capsys.readouterr().err)
    assert '"http-500"' in logged


@pytest.mark.parametrize("where", ["/MedicationAdministration", "/Condition"])
def test_what_is_not_read_is_not_called_none(app: Flask, where: str) -> None:
    with running(FEBRILE, [html(where)]) as stub:
        answer = post(app, reading(stub))

    whole = post(app, request())
    assert answer.get_json() != whole.get_json()


def test_a_redirect_is_not_followed_even_within_the_origin(app: Flask) -> None:
    moved = Fault("/Procedure", status=302, body="", location="/r4/Procedure?patient=patient-a")
    page = Fault("/r4/Procedure", body='{"resourceType": "Bundle"}')
    with running([patient(), cells("axi-cel", at="75h")], [page, moved]) as stub:
        graded(post(app, reading(stub)))

    assert not any(call.url.startswith("/r4/Procedure") for call in stub.calls)


def test_a_redirect_to_another_server_takes_no_token_there(app: Flask) -> None:
    with running() as elsewhere, running(FEBRILE) as stub:
        away = f"{elsewhere.url}/Procedure"
        stub.faults = [Fault("", status=302, body="", location=away)]
        answer = post(app, reading(stub))

    assert elsewhere.calls == []
    assert "another server" in detail(answer)


def test_a_server_that_is_down_is_told(app: Flask) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        server = f"http://127.0.0.1:{unused.getsockname()[1]}"
        answer = post(app, request(prefetch=..., fhirServer=server))

    assert "the FHIR server cannot be reached" in detail(answer)


def test_a_server_that_hangs_does_not_hold_the_answer(hasty_app: Flask) -> None:
    with running(FEBRILE, [Fault("", delay_s=3)]) as stub:
        started = time.monotonic()
        answer = post(hasty_app, reading(stub))
        taken = time.monotonic() - started

    assert taken < 1.5
    assert "did not answer in time" in detail(answer)


def test_a_black_hole_is_412_in_time() -> None:
    app = create_app(demo_settings(scope_unknown=ScopeUnknown.STATUS_412, deadline_ms=300))
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        started = time.monotonic()
        server = f"http://127.0.0.1:{silent.getsockname()[1]}"
        answer = post(app, request(prefetch=..., fhirServer=server))

    assert answer.status_code == 412
    assert "did not answer in time" in told(answer)
    assert time.monotonic() - started < 1


def test_one_slow_search_costs_only_what_it_carries(hasty_app: Flask) -> None:
    with running(FEBRILE, [Fault("category=", delay_s=3)]) as stub:
        found = graded(post(hasty_app, reading(stub)))

    assert found["crs"]["lo"] == 1
    assert "blood-pressure" in found["crs"]["missing"]


def test_a_slow_second_page_leaves_what_the_first_said(hasty_app: Flask) -> None:
    with running(FEBRILE, [Fault("_offset", delay_s=3)], most=3) as stub:
        answer = post(hasty_app, reading(stub))

    assert graded(answer)["crs"]["hi"] >= 1
    assert any("_offset" in call.url for call in stub.calls)


def test_a_slow_second_round_leaves_what_the_first_said(hasty_app: Flask) -> None:
    chart = [patient(), cells("axi-cel", at="75h")]
    with running(chart, [Fault("code=8310-5,", delay_s=3)]) as stub:
        answer = post(hasty_app, reading(stub))

    assert "infusion" in graded(answer)


def test_no_round_begins_once_the_time_is_over(hasty_app: Flask) -> None:
    with running(FEBRILE, [Fault("/Condition", delay_s=3)], most=1) as stub:
        answer = post(hasty_app, reading(stub))

    assert graded(answer)["crs"]["hi"] >= 1
    assert not any("_offset" in call.url for call in stub.calls)


def test_a_token_is_not_used_longer_than_it_lives(app: Flask) -> None:
    with running(FEBRILE, [Fault("category=", delay_s=2)]) as stub:
        body = reading(stub)
        body["fhirAuthorization"] = body["fhirAuthorization"] | {"expires_in": 1}
        started = time.monotonic()
        answer = post(app, body)
        taken = time.monotonic() - started

    assert taken < 1.8
    assert "blood-pressure" in graded(answer)["crs"]["missing"]


def test_a_connection_that_broke_is_tried_once_more(app: Flask) -> None:
    with socket.socket() as flaky, ThreadPoolExecutor(1) as threads:
        flaky.bind(("127.0.0.1", 0))
        flaky.listen()
        access = Access(f"http://127.0.0.1:{flaky.getsockname()[1]}", None, time.monotonic() + 5)
        reader = Reader(FhirClient(2**20))
        asked = threads.submit(
            reader.read, access, [Search("procedures", "Procedure", access.base)]
        )
        flaky.accept()[0].close()
        connection, _ = flaky.accept()
        body = b'{"resourceType": "Bundle"}'
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
        connection.sendall(head + body)
        (progress,) = asked.result(5)
        connection.close()

    assert progress.failure is None


# --- the client alone ----------------------------------------------------------------------------


def access(seconds: float = 5) -> Access:
    return Access("http://127.0.0.1", None, time.monotonic() + seconds)


@responses.activate
def test_a_compressed_answer_is_read() -> None:
    packed = gzip.compress(b'{"resourceType": "Bundle"}')
    headers = {"Content-Encoding": "gzip"}
    responses.get("http://127.0.0.1/Procedure", body=packed, headers=headers)

    assert FhirClient(100).get(access(), "http://127.0.0.1/Procedure").startswith(b"{")


@responses.activate
def test_a_connection_that_is_not_made_in_time_is_not_tried_again() -> None:
    asked = responses.get("http://127.0.0.1/Procedure", body=requests.ConnectTimeout())

    with pytest.raises(ReadError, match="timeout"):
        FhirClient(100).get(access(), "http://127.0.0.1/Procedure")
    assert asked.call_count == 1


@responses.activate
def test_an_answer_beyond_the_limit_is_not_read_whole() -> None:
    packed = gzip.compress(b" " * 2**20)
    headers = {"Content-Encoding": "gzip"}
    responses.get("http://127.0.0.1/Procedure", body=packed, headers=headers)

    with pytest.raises(ReadError, match="too-large"):
        FhirClient(1000).get(access(), "http://127.0.0.1/Procedure")


def test_where_no_thread_can_be_had_it_is_503() -> None:
    reader = Reader(FhirClient(1000))
    reader._shares.close()

    with pytest.raises(Unavailable, match="no thread"):
        reader.read(access(), [Search("procedures", "Procedure", "http://127.0.0.1/Procedure")])


def test_a_bug_while_reading_is_500_and_no_gap(app: Flask) -> None:
    body = request(prefetch=without("conditions"), fhirServer="http://127.0.0.1:1")
    broken = create_app(demo_settings())

    def fail(_access: Access, _searches: Any) -> Any:
        raise ZeroDivisionError

    for view in broken.view_functions.values():
        for argument in getattr(view, "args", ()):
            if hasattr(argument, "reader"):
                object.__setattr__(argument, "reader", type("Broken", (), {"read": fail})())
    answer = post(broken, json.loads(json.dumps(body)))

    assert answer.status_code == 500
    assert "cards" not in answer.get_json()
