"""Prefetch in every shape: a key is read, read and empty, or not read, and never mistaken."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from flask import Flask

from fhir_mappings.keys import KEYS
from service import create_app, demo_settings
from service.prefetch import read_prefetch
from tests.service.calls import graded, only, post, request, without

ERROR = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "security"}],
}
NO_RESULTS = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "warning", "code": "informational"}],
}
INFUSION_KEYS = ("procedures", "infusions", "given")


def not_read(value: Any) -> str | None:
    """Why a value of `procedures` counts as not read; "absent" where it was not even delivered."""
    raw = msgspec.Raw(value if isinstance(value, bytes) else msgspec.json.encode(value))
    found = read_prefetch({"procedures": raw})
    return found["procedures"].not_read if "procedures" in found else "absent"


@pytest.mark.parametrize(
    "value",
    [
        None,
        {"resourceType": "Bundle", "type": "searchset"},
        {"resourceType": "Bundle", "type": "searchset", "entry": []},
        {"resourceType": "Bundle", "type": "searchset", "total": 0, "entry": None},
        {
            "resourceType": "Bundle",
            "entry": [{"search": {"mode": "outcome"}, "resource": NO_RESULTS}],
        },
        {"resourceType": "Bundle", "link": [{"relation": "self", "url": "http://[::1"}]},
        {"resourceType": "Bundle", "link": [{"relation": "self", "url": "http://a/Procedure"}]},
        {
            "resourceType": "Bundle",
            "link": [{"relation": "self", "url": "http://a/Procedure?subject=Patient/a"}],
        },
        {"resourceType": "Procedure", "id": "p1"},
        {"resourceType": "Procedure", "id": "p1", "status": 7},
    ],
)
def test_these_are_answers(value: Any) -> None:
    assert not_read(value) is None


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("x", "absent"),
        (1, "absent"),
        (True, "absent"),
        ([], "absent"),
        ({}, "absent"),
        ({"resourceType": "Bundle", "entry": "x"}, "absent"),
        (ERROR, "outcome"),
        ({"resourceType": "Bundle", "entry": [{"resource": ERROR}]}, "outcome"),
        (
            {
                "resourceType": "Bundle",
                "link": [{"relation": "self", "url": "http://a/Procedure?_sort=-date"}],
            },
            "everyone",
        ),
    ],
)
def test_these_are_not(value: Any, why: str) -> None:
    assert not_read(value) == why


def test_keys_of_others_are_ignored() -> None:
    assert read_prefetch({"-user": msgspec.Raw(b"{}")}) == {}


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("value", [None, ERROR, "x", 1, [], {}, {"resourceType": "Bundle"}])
def test_no_value_of_any_key_is_a_failure_or_hides_the_patient(
    app: Flask, key: str, value: Any
) -> None:
    found = graded(post(app, request(prefetch=without(key) | {key: value})))

    assert "lo" in found["crs"]


@pytest.mark.parametrize("value", [ERROR, "x", 1, [], {}])
def test_infusion_keys_without_an_answer_leave_the_scope_unknown(app: Flask, value: Any) -> None:
    found = graded(post(app, request(prefetch=dict.fromkeys(KEYS, value))))

    assert found["crs"]["state"] == "not-assessable"
    assert found["crs"]["missing"] == ["car-t-infusion"]


def test_everything_asked_for_and_found_empty_is_out_of_scope(app: Flask) -> None:
    response = post(app, request(prefetch=dict.fromkeys(KEYS)))

    assert graded(response)["crs"] == {"state": "out-of-scope"}
    assert response.get_json()["cards"] == []


def test_a_truncated_infusion_record_is_not_no_infusion(app: Flask) -> None:
    cut = {"resourceType": "Bundle", "link": [{"relation": "next", "url": "http://a/?page=2"}]}
    response = post(app, request(prefetch=dict.fromkeys(INFUSION_KEYS, cut)))

    assert graded(response)["crs"]["state"] == "not-assessable"
    assert "does not reach back" in response.get_json()["cards"][0]["detail"]


def test_a_temperature_that_was_not_read_is_missing(app: Flask) -> None:
    found = graded(post(app, request(prefetch=only("patient", *INFUSION_KEYS))))

    assert "temperature" in found["crs"]["missing"]


def test_date_windows_are_advertised_and_bound_what_was_read() -> None:
    app = create_app(demo_settings(prefetch_dates=True))
    services = app.test_client().get("/cds-services").get_json()["services"]

    assert all("{{today() - 92 days}}" in each["prefetch"]["given"] for each in services)
    assert "lo" in graded(post(app, request()))["crs"]


def test_an_id_of_200_characters_is_taken(app: Flask) -> None:
    patient_id = "a" * 200
    context = {"userId": "Practitioner/nurse-1", "patientId": patient_id}
    patient = {"resourceType": "Patient", "id": patient_id}
    response = post(app, request(context=context, prefetch={"patient": patient}))

    assert response.status_code == 200
