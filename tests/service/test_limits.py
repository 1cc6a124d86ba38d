"""Bodies made to hurt: each is refused or read in a defined way, and none harms the next call."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from service import create_app, demo_settings
from tests.fhir_stub import Fault, running
from tests.service.calls import (
    AUTHORIZATION,
    FEBRILE,
    detail,
    graded,
    post,
    reading,
    request,
    told,
    whole,
    without,
)
from tests.service.order_calls import HOOKS, draft, fire, ordering, rows
from tests.service.test_mutations import changed, places, shape

WHOLE = json.dumps(request())
WHO = {"userId": "Practitioner/nurse-1", "patientId": "patient-a"}
SERVER = {"fhirServer": "http://127.0.0.1:9/fhir", "prefetch": ...}
LONG = 10_000_000


def top(text: str) -> bytes:
    """A whole call with one more member, written as `text`."""
    return WHOLE.replace("{", "{" + text + ",", 1).encode()


def inside(name: str, text: str) -> bytes:
    """A whole call with one more member in an object of it."""
    return WHOLE.replace(f'"{name}": {{', f'"{name}": {{{text},', 1).encode()


def put(text: str, **members: Any) -> bytes:
    """A call with `text` where a member is "@"."""
    return json.dumps(request(**members)).replace('"@"', text).encode()


def temperature(text: str) -> bytes:
    """A whole call whose temperature of 38.6 is written as `text`."""
    assert '"value": 38.6' in WHOLE
    return WHOLE.replace('"value": 38.6', f'"value": {text}', 1).encode()


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


def keys(count: int) -> str:
    return ",".join(f'"k{number}":1' for number in range(count))


ACCEPTED: dict[str, Callable[[], bytes]] = {
    "nested 200 deep": lambda: top(f'"x":{nested(200)}'),
    "nested 200 deep in prefetch": lambda: inside("prefetch", f'"x":{nested(200)}'),
    "nested 200 deep in the context": lambda: inside("context", f'"x":{nested(200)}'),
    "900 unknown members": lambda: top(keys(900)),
    "100,000 unknown prefetch keys": lambda: inside("prefetch", keys(100_000)),
    "a number of 400 digits that is not read": lambda: top(f'"x":{"9" * 400}'),
    "a number of 5 million digits that is not read": lambda: top(f'"x":{"9" * 5_000_000}'),
    "an exponent without end that is not read": lambda: top('"x":1e5000000000'),
    "a text of 10 MB that is not read": lambda: top(f'"x":"{"x" * LONG}"'),
    "equal members: the last counts": lambda: top('"hook":"order-sign"'),
    "equal members of the context: the last counts": lambda: inside("context", '"patientId":"b"'),
    "equal prefetch keys: the last counts": lambda: inside("prefetch", '"patient":{"id":"b"}'),
    "a NUL in a text": lambda: put('"\\u0000"', hookInstance="@"),
}
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "nested 3,000 deep": (lambda: top(f'"x":{nested(3000)}'), "nested too deep"),
    "nested 5 million deep": (lambda: top(f'"x":{nested(5_000_000)}'), "nested too deep"),
    "nested in prefetch": (lambda: inside("prefetch", f'"x":{nested(3000)}'), "nested too deep"),
    "nested in the context": (lambda: inside("context", f'"x":{nested(3000)}'), "nested too deep"),
    "nested in an extension": (
        lambda: put('{"a":' * 3000 + "1" + "}" * 3000, extension="@"),
        "nested too deep",
    ),
    "1,001 members": (lambda: top(keys(1001)), "more than 1000 members"),
    "100,000 members": (lambda: top(keys(100_000)), "more than 1000 members"),
    "100,000 members of the context": (
        lambda: inside("context", keys(100_000)),
        "context: an object of more than 1000 members",
    ),
    "NaN": (lambda: temperature("NaN"), "malformed"),
    "Infinity": (lambda: temperature("Infinity"), "malformed"),
    "-Infinity": (lambda: temperature("-Infinity"), "malformed"),
    "a leading zero": (lambda: temperature("038.6"), "malformed"),
    "a hexadecimal number": (lambda: temperature("0x26"), "malformed"),
    "a lone surrogate": (lambda: put('"\\ud800"', hookInstance="@"), "malformed"),
    "a lone surrogate in a chart": (lambda: temperature('"\\udc00"'), "malformed"),
    "surrogates as UTF-8": (lambda: top('"x":"@"').replace(b"@", b"\xed\xa0\x80"), "not UTF-8"),
    "overlong UTF-8": (lambda: top('"x":"@"').replace(b"@", b"\xc0\xaf"), "not UTF-8"),
    "UTF-16": (lambda: WHOLE.encode("utf-16"), "not UTF-8"),
    "a number where a text belongs": (
        lambda: put("9" * 5000, hook="@"),
        "hook: holds a value that cannot be represented",
    ),
    "a life of 5,000 digits": (
        lambda: put("9" * 5000, **SERVER, fhirAuthorization=AUTHORIZATION | {"expires_in": "@"}),
        "fhirAuthorization: holds a value",
    ),
    "a hookInstance of 10 MB": (lambda: put(f'"{"x" * LONG}"', hookInstance="@"), "hookInstance"),
    "a userId of 10 MB": (
        lambda: put(f'"{"x" * LONG}"', context=WHO | {"userId": "@"}),
        "context.userId: must not be longer",
    ),
    "a patientId of 513 characters": (
        lambda: put(f'"{"x" * 513}"', context=WHO | {"patientId": "@"}),
        "context.patientId: must be the id",
    ),
    "a fhirServer of 10 MB": (lambda: put(f'"http://{"x" * LONG}"', fhirServer="@"), "fhirServer"),
    "a token of 10 MB": (
        lambda: put(
            f'"{"x" * LONG}"', **SERVER, fhirAuthorization=AUTHORIZATION | {"access_token": "@"}
        ),
        "access_token: must be a bearer token",
    ),
}
HELD: dict[str, Callable[[], bytes]] = {
    "30,000 resources": lambda: _bedside(
        '{"resource":{"resourceType":"Observation","status":"final"}}', 30_000
    ),
    "a million empty entries": lambda: _bedside("{}", 1_000_000),
    "100,000 selections": lambda: inside("context", f'"selections":{json.dumps(["x"] * 100_000)}'),
    "a temperature of 1e999": lambda: temperature("1e999"),
    "a temperature of 5,000 digits": lambda: temperature("9" * 5000),
    "a temperature of 1E-9999": lambda: temperature("1E-9999"),
    "a temperature that is a text": lambda: temperature('"38.6"'),
    "a life of 300 digits": lambda: put(
        "9" * 300, **SERVER, fhirAuthorization=AUTHORIZATION | {"expires_in": "@"}
    ),
    "a life of 400 digits": lambda: put(
        "9" * 400, **SERVER, fhirAuthorization=AUTHORIZATION | {"expires_in": "@"}
    ),
}


def _bedside(entry: str, count: int) -> bytes:
    page = f'{{"resourceType":"Bundle","entry":[{",".join([entry] * count)}]}}'
    return put(page, prefetch=without("bedside") | {"bedside": "@"})


@pytest.fixture(autouse=True)
def _the_next_call_is_answered(app: Flask) -> Any:
    yield
    assert graded(post(app, request()))["crs"]["lo"] == 1


@pytest.mark.parametrize("build", ACCEPTED.values(), ids=ACCEPTED)
def test_what_is_odd_but_legal_changes_nothing(app: Flask, build: Callable[[], bytes]) -> None:
    assert graded(post(app, build())) == graded(post(app, request()))


@pytest.mark.parametrize(("build", "why"), REFUSED.values(), ids=REFUSED)
def test_what_is_broken_or_beyond_bounds_is_400(
    app: Flask, build: Callable[[], bytes], why: str
) -> None:
    response = post(app, build())

    assert response.status_code == 400
    assert why in told(response)
    assert len(response.data) < 1000


@pytest.mark.parametrize("build", HELD.values(), ids=HELD)
def test_what_is_legal_and_huge_is_answered_or_given_up_in_time(
    app: Flask, build: Callable[[], bytes]
) -> None:
    response = post(app, build())

    assert response.status_code in (200, 503)
    assert len(response.data) < 100_000


@pytest.mark.parametrize(
    "body",
    [
        nested(100_000),
        '{"resourceType":"Bundle","entry":' + nested(3000) + "}",
        '{"resourceType":"Bundle","total":NaN}',
        '{"resourceType":"Bundle","id":"\\ud800"}',
    ],
)
def test_an_answer_of_a_server_that_is_made_to_hurt_is_no_answer(body: str) -> None:
    app = create_app(demo_settings(deadline_ms=10_000))  # a busy machine is not what is tested
    with running(FEBRILE, [Fault("/Procedure", body=body)]) as stub:
        answer = post(app, reading(stub))
        stub.faults = [Fault("", body=body)]
        none = post(app, reading(stub))

    assert graded(answer)["crs"]["lo"] == 1
    assert "not graded" in detail(none)


LONG_NAME = "x" + " y" * 500_000
NAMED = {
    "reports": {"resourceType": "DiagnosticReport", "status": "final", "conclusion": LONG_NAME},
    "medicationOrders": {"resourceType": "MedicationRequest", "status": "active"},
    "given": {"resourceType": "MedicationAdministration", "status": "completed"},
    "conditions": {"resourceType": "Condition"},
    "bedside": {"resourceType": "Observation", "status": "final"},
}


@pytest.mark.parametrize("key", NAMED)
def test_a_name_without_end_takes_no_time_and_is_told(app: Flask, key: str) -> None:
    concept = {"text": LONG_NAME, "coding": [{"display": LONG_NAME}]}
    long = NAMED[key] | {
        "id": "endless",
        "subject": {"reference": "Patient/patient-a"},
        "code": concept,
        "medicationCodeableConcept": concept,
    }
    prefetch = dict(whole())
    page = dict(prefetch[key])
    prefetch[key] = page | {"entry": [*page.get("entry", ()), {"resource": long}]}
    started = time.monotonic()
    answer = post(app, request(prefetch=prefetch))

    assert time.monotonic() - started < 2
    assert graded(answer)["crs"]["lo"] == 1
    assert f"{long['resourceType']}/endless" in detail(answer)


@pytest.mark.parametrize("hook", HOOKS)
def test_a_draft_without_end_takes_no_time_and_is_an_order_all_the_same(
    app: Flask, hook: str
) -> None:
    started = time.monotonic()
    answer = fire(app, ordering(hook, draft(LONG_NAME)))

    assert time.monotonic() - started < 2
    assert rows(answer) == [{"order": "MedicationRequest/d1"}]


@pytest.mark.parametrize(
    "text", ["x y " * 50_000, "1" * 200_000, "a-" * 100_000], ids=["words", "digits", "parts"]
)
def test_a_text_without_end_in_any_place_takes_no_time(app: Flask, text: str) -> None:
    sent = ordering(HOOKS[1], draft("tocilizumab"), draft("dexamethasone", "d2"))
    written = json.dumps(sent)
    for path in {shape(path): path for path in places(sent)}.values():
        started = time.monotonic()
        answer = fire(app, changed(written, path, text), HOOKS[1])

        assert answer.status_code in (200, 400, 412, 422), path
        assert time.monotonic() - started < 2, path
