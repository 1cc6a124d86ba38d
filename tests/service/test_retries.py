"""What may succeed the next time is tried again while there is time; a long search is a POST."""

from __future__ import annotations

import time
from email.utils import formatdate

import pytest
from flask import Flask

from service.access import Access, ReadError
from service.fhir_client import LONGEST_URL, FhirClient
from tests.builders import given, patient
from tests.fhir_codes import Resource
from tests.fhir_stub import Fault, FhirStub, refused, running
from tests.service.calls import FEBRILE, detail, graded, post, reading

ONE = (("patient", "patient-a"),)
MANY = (*ONE, ("code", ",".join(str(number) for number in range(600))))


def access(stub: FhirStub, seconds: float = 5) -> Access:
    return Access(stub.url, "canary-token", time.monotonic() + seconds)


def failing(status: int, times: int | None, wait: str | None = None) -> Fault:
    headers = () if wait is None else (("Retry-After", wait),)
    return Fault("/Procedure", status=status, body="", times=times, headers=headers)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
@pytest.mark.parametrize("times", [1, 2])
def test_it_is_tried_again_with_the_token(status: int, times: int) -> None:
    with running(faults=[failing(status, times)]) as stub:
        body = FhirClient(1000).get(access(stub), f"{stub.url}/Procedure", ONE)

    assert b"Bundle" in body
    assert len(stub.calls) == times + 1
    assert {call.headers["Authorization"] for call in stub.calls} == {"Bearer canary-token"}


@pytest.mark.parametrize("status", [429, 503])
def test_three_tries_are_enough(status: int) -> None:
    with running(faults=[failing(status, None)]) as stub, pytest.raises(ReadError) as failed:
        FhirClient(1000).get(access(stub), f"{stub.url}/Procedure", ONE)

    assert failed.value.kind == f"http-{status}"
    assert len(stub.calls) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500])
def test_what_will_not_change_is_not_tried_again(status: int) -> None:
    with running(faults=[failing(status, 1)]) as stub, pytest.raises(ReadError):
        FhirClient(1000).get(access(stub), f"{stub.url}/Procedure", ONE)

    assert len(stub.calls) == 1


def soon(seconds: float) -> str:
    return formatdate(time.time() + seconds, usegmt=True)


@pytest.mark.parametrize(
    ("wait", "least"),
    [
        ("0", 0.05),
        ("1", 1.0),
        ("x", 0.05),
        (soon(-5), 0.05),
        ("-1", 0.05),
        ("9" * 5000, 0.05),
        ("Fri, 31 Dec 999999 23:59:59 GMT", 0.05),
        ("Fri, 31 Dec 99999999999999999999 23:59:59 GMT", 0.05),
    ],
    ids=["0", "1", "x", "a date that is over", "-1", "5000 digits", "year 999999", "year 1e20"],
)
def test_the_server_says_how_long_to_wait(wait: str, least: float) -> None:
    with running(faults=[failing(429, 1, wait)]) as stub:
        started = time.monotonic()
        FhirClient(1000).get(access(stub), f"{stub.url}/Procedure", ONE)

    assert least <= time.monotonic() - started < least + 1


@pytest.mark.parametrize("is_date", [False, True])
def test_longer_than_there_is_time_is_not_waited_for(is_date: bool) -> None:
    started = time.monotonic()
    wait = soon(60) if is_date else "60"
    with running(faults=[failing(429, 1, wait)]) as stub, pytest.raises(ReadError) as failed:
        FhirClient(1000).get(access(stub, 2), f"{stub.url}/Procedure", ONE)

    assert failed.value.kind == "http-429"
    assert time.monotonic() - started < 1
    assert len(stub.calls) == 1


def test_a_server_that_was_busy_costs_no_grade(app: Flask) -> None:
    with running(FEBRILE, [failing(503, 1)]) as stub:
        answer = post(app, reading(stub))

    assert graded(answer)["crs"]["lo"] == 1
    assert "Not read" not in detail(answer)


# --- long searches -------------------------------------------------------------------------------


def test_a_short_search_is_a_get_and_a_long_one_a_post() -> None:
    with running([patient()]) as stub:
        for query in (ONE, MANY):
            assert b"Bundle" in FhirClient(10_000).get(access(stub), f"{stub.url}/Patient", query)

    assert [call.method for call in stub.calls] == ["GET", "POST"]
    assert len(stub.calls[1].url) > LONGEST_URL
    assert stub.calls[1].headers["Content-Type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize("status", [403, 404, 405, 415, 501])
def test_a_server_that_takes_no_post_is_asked_by_get(status: int) -> None:
    no_post = Fault("", status=status, body="", method="POST")
    with running(faults=[no_post]) as stub:
        FhirClient(10_000).get(access(stub), f"{stub.url}/Patient", MANY)

    assert [call.method for call in stub.calls] == ["POST", "GET"]


def test_any_other_answer_to_a_post_counts() -> None:
    with running(faults=[refused("", 401)]) as stub, pytest.raises(ReadError, match="http-401"):
        FhirClient(10_000).get(access(stub), f"{stub.url}/Patient", MANY)

    assert len(stub.calls) == 1


def medicine(number: int) -> Resource:
    code = {"text": "norepinephrine"}
    return {"resourceType": "Medication", "id": f"{number}".zfill(64), "code": code}


def test_many_long_ids_go_by_post(app: Flask) -> None:
    known = [medicine(number) for number in range(1, 41)]
    used = []
    for number, each in enumerate(known, 1):
        reference = {"reference": f"Medication/{each['id']}"}
        used.append(given("text|x", at=f"{number}h", medicationReference=reference))
        del used[-1]["medicationCodeableConcept"]
    with running([*FEBRILE, *used, *known]) as stub:
        answer = post(app, reading(stub))

    assert [call.method for call in stub.calls if "/Medication?" in call.url] == ["POST"]
    assert "not recognized" not in detail(answer)
