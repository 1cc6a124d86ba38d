"""Contexts of order-select and order-sign: what a member may be, what is refused (CTX-1 to 6)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask

from tests.builders import order_test, patient
from tests.service.calls import told
from tests.service.order_calls import (
    HAZARD,
    HOOKS,
    SELECT,
    SIGN,
    bundle_of,
    draft,
    fire,
    ids,
    ordering,
    referring,
    rows,
    summaries,
)

NO_BUNDLES = [
    ...,
    None,
    [],
    "Bundle",
    1,
    {},
    patient(),
    {"resourceType": "bundle"},
    {"resourceType": None},
    {"resourceType": ["Bundle"]},
    [bundle_of()],
]


# --- what a context must have (CTX-1 to CTX-6) ---------------------------------------------------


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("name", ["userId", "patientId", "draftOrders"])
def test_a_required_member_that_is_left_out_is_400(app: Flask, hook: str, name: str) -> None:
    response = fire(app, ordering(hook, HAZARD, context={name: ...}))

    assert response.status_code == 400
    assert told(response) == f"context.{name}: Missing data for required field."


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("value", NO_BUNDLES, ids=repr)
def test_draft_orders_that_are_no_bundle_are_400(app: Flask, hook: str, value: Any) -> None:
    response = fire(app, ordering(hook, HAZARD, context={"draftOrders": value}))

    assert response.status_code == 400
    assert told(response).startswith("context.draftOrders: ")


@pytest.mark.parametrize(
    "value", [..., None, "MedicationRequest/hazard", {}, 1, [1], [None], [[]], [{"reference": "x"}]]
)
def test_selections_that_are_no_list_of_references_are_400(app: Flask, value: Any) -> None:
    response = fire(app, ordering(SELECT, HAZARD, context={"selections": value}))

    assert response.status_code == 400
    assert told(response).startswith("context.selections")


@pytest.mark.parametrize("value", [None, [], "x", 1])
def test_a_context_that_is_no_object_is_400(app: Flask, value: Any) -> None:
    response = fire(app, ordering(SIGN) | {"context": value})

    assert response.status_code == 400
    assert told(response).startswith("context: ")


@pytest.mark.parametrize("value", ['{"a": 1e999}', '"\\ud800"', "1e999"])
def test_a_context_with_what_cannot_be_represented_is_400(app: Flask, value: str) -> None:
    text = json.dumps(ordering(SIGN, context={"encounterId": "@"})).replace('"@"', value)
    response = app.test_client().post(
        "/cds-services/cart-toxicity-order-sign", data=text, content_type="application/json"
    )

    assert response.status_code == 400


@pytest.mark.parametrize(
    ("of", "to"), [(SIGN, SELECT), (SELECT, SIGN), (SIGN, "patient-view"), ("patient-view", SIGN)]
)
def test_a_call_of_another_hook_is_400_and_says_so(app: Flask, of: str, to: str) -> None:
    response = fire(app, ordering(of, HAZARD), to)

    assert response.status_code == 400
    assert told(response) == f"hook: this service answers {to}"


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize(
    "more",
    [
        {"encounterId": "enc-1"},
        {"encounterId": None},
        {"encounterId": ""},
        {"locationId": "x", "other": {"deep": [1, None]}},
        {"userId": "PractitionerRole/e-QokEGU"},
        {"userId": "odd"},
    ],
)
def test_what_is_optional_or_unknown_changes_nothing(
    app: Flask, hook: str, more: dict[str, Any]
) -> None:
    plain = fire(app, ordering(hook, HAZARD))

    assert rows(fire(app, ordering(hook, HAZARD, context=more))) == rows(plain)


@pytest.mark.parametrize("value", [[], "x", None, ["MedicationRequest/other"]])
def test_order_sign_knows_no_selections(app: Flask, value: Any) -> None:
    response = fire(app, ordering(SIGN, HAZARD, context={"selections": value}))

    assert ids(rows(response)) == ["hazard"]


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize(
    "bundle",
    [
        {"resourceType": "Bundle"},
        {"resourceType": "Bundle", "entry": []},
        {"resourceType": "Bundle", "entry": None},
        {"resourceType": "Bundle", "entry": "x"},
        {"resourceType": "Bundle", "entry": [None, 1, {}, {"resource": None}, {"fullUrl": "x"}]},
        {"resourceType": "Bundle", "type": "searchset", "total": 0},
    ],
)
def test_without_a_draft_there_is_nothing_to_check(app: Flask, hook: str, bundle: Any) -> None:
    response = fire(app, ordering(hook, context={"draftOrders": bundle}))

    assert (summaries(response), rows(response)) == ([], [])


VARIED = [
    draft("tocilizumab", "d1", mg=560, reasonCode=[{"text": "CRS"}]),
    referring({"reference": "Medication/m1"}, "d2", every_h=6),
    referring({"reference": "#m"}, "d3", contained=[{"resourceType": "Medication", "id": "m"}]),
    draft("MMR vaccine", "d4", doNotPerform=False, reasonReference=[{"reference": "x"}]),
    order_test("eeg", id="d5"),
]


# --- anything anywhere ---------------------------------------------------------------------------


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("value", [None, "", [], {}, 0, "x", [None], {"x": 1}, True], ids=repr)
def test_no_value_in_any_place_of_the_context_is_a_crash(app: Flask, hook: str, value: Any) -> None:
    supporting = {"resource": {"resourceType": "Medication", "id": "m1", "code": {"text": "x"}}}
    body = ordering(hook, *VARIED, supporting, prefetch={"procedures": None, "infusions": None})
    for place in places(body["context"]):
        changed = json.loads(json.dumps(body))
        at = changed["context"]
        for name in place[:-1]:
            at = at[name]
        at[place[-1]] = value
        response = fire(app, changed)

        assert response.status_code in (200, 400, 422), place


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for name, item in members:
        found.append((*path, name))
        if isinstance(item, dict | list):
            found += places(item, (*path, name))
    return found
