"""POST /timeline: the same assessment as the hook's, at many instants."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from service import create_app, demo_settings
from tests.charts import EVALUATE_AT
from tests.fhir_stub import Fault, running
from tests.service.calls import FEBRILE, graded, post, reading, request, told

FROM, TO = "2026-11-22T08:00:00Z", "2026-11-22T14:00:00Z"


def ask(app: Flask, body: Any) -> TestResponse:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return app.test_client().post("/timeline", data=data, content_type="application/json")


def asked(**members: Any) -> dict[str, Any]:
    whole = {"request": request(), "from": FROM, "to": TO} | members
    return {name: value for name, value in whole.items() if value is not ...}


def points(response: TestResponse) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.get_json()["points"]
    return found


def test_every_point_is_what_the_hook_says_at_its_instant(app: Flask) -> None:
    found = points(ask(app, asked(stepMinutes=180)))
    instants = [FROM, "2026-11-22T11:00:00Z", TO]

    assert found == [
        graded(post(app, request(extension={EVALUATE_AT: instant}))) for instant in instants
    ]


def test_without_a_step_there_is_a_point_an_hour(app: Flask) -> None:
    assert [point["evaluatedAt"][11:13] for point in points(ask(app, asked()))] == [
        f"{hour:02}" for hour in range(8, 15)
    ]


def test_the_chart_is_read_once(app: Flask) -> None:
    with running(FEBRILE) as stub:
        found = points(ask(app, asked(request=reading(stub))))

    assert found[-1]["crs"]["lo"] == 1
    assert len(stub.calls) == 12


@pytest.mark.parametrize(
    ("members", "where"),
    [
        ({"request": ...}, "request: not a JSON object"),
        ({"request": []}, "request: not a JSON object"),
        ({"request": {}}, "hook"),
        ({"request": request(hook="order-sign")}, "this service answers patient-view"),
        ({"from": ...}, "from: no RFC 3339 instant"),
        ({"to": "2026-11-22"}, "to: no RFC 3339 instant"),
        ({"to": 1}, "to: no RFC 3339 instant"),
        ({"stepMinutes": 0}, "stepMinutes: must be"),
        ({"stepMinutes": 1.5}, "stepMinutes: must be"),
        ({"stepMinutes": True}, "stepMinutes: must be"),
        ({"stepMinutes": None}, "stepMinutes: must be"),
        ({"stepMinutes": "60"}, "stepMinutes: must be"),
        ({"from": TO, "to": FROM}, "must give 1 to 1000 points"),
        ({"from": "2026-01-01T00:00:00Z"}, "must give 1 to 1000 points"),
    ],
)
def test_a_broken_member_is_400_and_is_named(
    app: Flask, members: dict[str, Any], where: str
) -> None:
    response = ask(app, asked(**members))

    assert response.status_code == 400
    assert where in told(response)


@pytest.mark.parametrize(
    ("body", "where"), [(b"[]", "body: not a JSON object"), (b'{"from": 1e999}', "from: holds")]
)
def test_a_broken_body_is_400(app: Flask, body: bytes, where: str) -> None:
    response = ask(app, body)

    assert response.status_code == 400
    assert where in told(response)


def test_where_the_instant_may_not_be_chosen_there_is_no_timeline() -> None:
    response = ask(create_app(demo_settings(allow_evaluate_at=False)), asked())

    assert response.status_code == 404


def test_a_timeline_that_is_overdue_is_503() -> None:
    response = ask(create_app(demo_settings(deadline_ms=0)), asked())

    assert response.status_code == 503


def test_an_infusion_record_that_was_not_read_is_told_at_every_point(app: Flask) -> None:
    found = points(ask(app, asked(request=request(prefetch=...))))

    assert {point["crs"]["state"] for point in found} == {"not-assessable"}


@pytest.mark.parametrize("status", [404, 410])
def test_a_patient_that_the_server_does_not_know_is_not_out_of_scope(
    app: Flask, status: int
) -> None:
    with running([], [Fault("/Patient/", status=status)]) as stub:
        found = points(ask(app, asked(request=reading(stub))))

    assert {point["crs"]["state"] for point in found} == {"not-assessable"}
