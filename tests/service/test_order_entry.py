"""Contexts of order-select and order-sign: what is refused, what is checked, what is ignored."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask

from service.log import Fields
from tests.builders import order_test, patient
from tests.fhir_codes import Resource
from tests.fhir_stub import running
from tests.service.calls import FEBRILE, graded, post, request, told, whole
from tests.service.order_calls import (
    HOOKS,
    SELECT,
    SIGN,
    WHO,
    bundle_of,
    draft,
    fire,
    ordering,
    reading_orders,
    referring,
    rows,
    summaries,
)
from tests.service.ward import FEVER, chart

HAZARD = draft("filgrastim", "hazard", route="sc")
HARMLESS = draft("ondansetron", "harmless")
LONG = "e" + "fT4.x-" * 33 + "z"
BASE = "http://ehr.example.org/fhir"
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


def ids(found: list[Resource]) -> list[str]:
    return [row["order"].rpartition("/")[2] for row in found]


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


# --- which drafts are checked (CTX-7, CTX-8, CTX-10) ---------------------------------------------


def test_order_select_warns_of_the_selected_draft_only(app: Flask) -> None:
    chosen = {"selections": ["MedicationRequest/harmless"]}
    quiet = fire(app, ordering(SELECT, HAZARD, HARMLESS, context=chosen))
    warned = fire(app, ordering(SELECT, HAZARD, HARMLESS))

    assert (summaries(quiet), ids(rows(quiet))) == ([], ["harmless"])
    assert len(summaries(warned)) == 1


def test_order_sign_warns_of_every_draft(app: Flask) -> None:
    response = fire(app, ordering(SIGN, HAZARD, HARMLESS))

    assert len(summaries(response)) == 1
    assert sorted(ids(rows(response))) == ["harmless", "hazard"]
    assert rows(response)[1]["rules"] == ["OT-GCSF-1"]


@pytest.mark.parametrize(
    "selections",
    [
        ["MedicationRequest/nowhere", "MedicationRequest/hazard"],
        ["", "x", "ServiceRequest/hazard", "MedicationRequest/hazard"],
        ["MedicationRequest/hazard"] * 2,
        [f"{BASE}/MedicationRequest/hazard"],
        ["MedicationRequest/hazard/_history/2"],
    ],
)
def test_a_selection_of_nothing_is_passed_over(app: Flask, selections: list[str]) -> None:
    response = fire(app, ordering(SELECT, HAZARD, HARMLESS, context={"selections": selections}))

    assert ids(rows(response)) == ["hazard"]
    assert len(summaries(response)) == 1


def test_no_selection_leaves_nothing_to_check(app: Flask) -> None:
    response = fire(app, ordering(SELECT, HAZARD, context={"selections": []}))

    assert (summaries(response), rows(response)) == ([], [])


@pytest.mark.parametrize("selections", [["MedicationRequest/nowhere"], ["", "#hazard"]])
def test_where_no_selection_leads_anywhere_all_drafts_are_checked(
    app: Flask, selections: list[str]
) -> None:
    response = fire(app, ordering(SELECT, HAZARD, HARMLESS, context={"selections": selections}))

    assert len(summaries(response)) == 1
    assert sorted(ids(rows(response))) == ["harmless", "hazard"]


@pytest.mark.parametrize("status", ["draft", "active", "on-hold", "unknown", None])
def test_a_signed_order_may_be_signed_again(app: Flask, status: str | None) -> None:
    response = fire(app, ordering(SIGN, HAZARD | {"status": status}))

    assert rows(response)[0]["rules"] == ["OT-GCSF-1"]


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error"])
def test_an_order_that_is_none_is_not_checked(app: Flask, status: str) -> None:
    assert rows(fire(app, ordering(SIGN, HAZARD | {"status": status}))) == []


# --- what a draft may look like (CTX-9, CTX-11 to CTX-13) ----------------------------------------


@pytest.mark.parametrize("hook", HOOKS)
def test_a_draft_may_hold_hardly_anything(app: Flask, hook: str) -> None:
    bare = {"resourceType": "MedicationRequest", "id": "d1"}
    named = bare | {"id": "d2", "medicationCodeableConcept": {"text": "filgrastim"}}
    found = rows(fire(app, ordering(hook, bare, named)))

    assert found == [
        {"order": "MedicationRequest/d1"},
        {"order": "MedicationRequest/d2", "ingredients": ["filgrastim"], "rules": ["OT-GCSF-1"]},
    ]


@pytest.mark.parametrize("hook", HOOKS)
def test_drafts_of_other_types_are_ignored(app: Flask, hook: str) -> None:
    kinds = ["NutritionOrder", "DeviceRequest", "VisionPrescription", "MedicationOrder", "Odd"]
    others = [{"resourceType": kind, "id": kind.lower()} for kind in kinds]
    found = rows(fire(app, ordering(hook, *others, HAZARD, order_test("mri-brain", id="t1"))))

    assert sorted(ids(found)) == ["hazard", "t1"]


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize(
    "orders",
    [
        [referring({"reference": "Medication/m1"}), {"resource": {"id": "m1"}}],
        [
            referring({"reference": f"{BASE}/Medication/m1"}),
            {"resource": {"id": "m1"}, "fullUrl": f"{BASE}/Medication/m1"},
        ],
        [referring({"reference": "urn:uuid:1"}), {"resource": {}, "fullUrl": "urn:uuid:1"}],
        [
            referring(
                {"reference": "#m"},
                contained=[
                    {"resourceType": "Medication", "id": "m", "code": {"text": "filgrastim"}}
                ],
            )
        ],
        [referring({"display": "filgrastim 300 mcg"})],
        [referring({"reference": "Medication/elsewhere", "display": "Filgrastim"})],
        [draft("Neupogen 300 mcg")],
    ],
)
def test_a_medicine_is_known_however_it_is_named(app: Flask, hook: str, orders: list[Any]) -> None:
    supporting = {"resourceType": "Medication", "code": {"text": "filgrastim"}}
    entries = [
        each | {"resource": supporting | each["resource"]} if "resource" in each else each
        for each in orders
    ]
    response = fire(app, ordering(hook, *entries))

    (row,) = rows(response)
    assert (row["ingredients"], row["rules"]) == (["filgrastim"], ["OT-GCSF-1"])
    assert len(summaries(response)) == 1


@pytest.mark.parametrize("hook", HOOKS)
def test_ids_may_be_far_longer_than_fhir_allows(app: Flask, hook: str) -> None:
    response = fire(app, ordering(hook, HAZARD | {"id": LONG}))

    assert len(LONG) == 200
    assert ids(rows(response)) == [LONG]
    assert len(summaries(response)) == 1


# --- whose orders (CTX-17, PREF-17) --------------------------------------------------------------


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("reference", ["Patient/patient-b", f"{BASE}/Patient/patient-b"])
def test_an_order_for_another_patient_is_422_before_any_read(
    app: Flask, hook: str, reference: str
) -> None:
    other = HARMLESS | {"subject": {"reference": reference}}
    with running(FEBRILE) as stub:
        response = fire(app, reading_orders(stub, hook, HAZARD, other))

    assert response.status_code == 422
    assert told(response) == "context.draftOrders: an order is not of the patient of the context"
    assert stub.calls == []


@pytest.mark.parametrize("subject", [None, {}, {"reference": f"{BASE}/Patient/patient-a"}])
def test_an_order_of_this_patient_or_of_no_one_is_checked(app: Flask, subject: Any) -> None:
    assert len(rows(fire(app, ordering(SIGN, HAZARD | {"subject": subject})))) == 1


@pytest.mark.parametrize(
    ("reference", "status"),
    [
        (f"{BASE}/Patient/patient-a", 200),
        ("https://other.example.org/fhir/Patient/patient-a", 422),
        ("Group/x/Patient/patient-a", 422),
    ],
)
def test_an_order_is_of_the_patient_of_the_server_of_the_call(
    app: Flask, reference: str, status: int
) -> None:
    order = HAZARD | {"subject": {"reference": reference}}

    assert fire(app, ordering(SIGN, order, fhirServer=BASE)).status_code == status


def test_a_patient_who_is_another_one_is_422(app: Flask) -> None:
    body = ordering(SIGN, HAZARD, prefetch=whole() | {"patient": patient(id="patient-b")})

    assert fire(app, body).status_code == 422


# --- what is answered ----------------------------------------------------------------------------


@pytest.mark.parametrize("hook", HOOKS)
def test_the_grades_are_those_of_patient_view(app: Flask, hook: str) -> None:
    found = dict(graded(fire(app, ordering(hook, HAZARD))))

    assert found.pop("orders")
    assert found == graded(post(app, request()))


def test_orders_that_were_not_checked_have_no_row(app: Flask) -> None:
    assert "orders" not in graded(fire(app, ordering(SIGN)))


def test_a_draft_that_the_chart_holds_too_counts_once(app: Flask) -> None:
    running_order = draft("levetiracetam", "lev-1", status="active")
    prefetch = whole() | {"medicationOrders": bundle_of(running_order)}
    once = fire(app, ordering(SIGN, running_order, prefetch=prefetch))
    twice = fire(app, ordering(SIGN, draft("levetiracetam", "lev-2"), prefetch=prefetch))

    assert "rules" not in rows(once)[0]
    assert rows(twice)[0]["rules"] == ["OT-LEV-1"]


def test_a_draft_that_is_context_only_wins_over_the_chart_too(app: Flask) -> None:
    charted = draft("levetiracetam", "lev-1", status="active")
    stopped = charted | {"status": "stopped"}
    prefetch = whole() | {"medicationOrders": bundle_of(charted)}
    chosen = {"selections": ["MedicationRequest/lev-2"]}
    new = draft("levetiracetam", "lev-2")
    found = rows(fire(app, ordering(SELECT, stopped, new, context=chosen, prefetch=prefetch)))

    assert found == [{"order": "MedicationRequest/lev-2", "ingredients": ["levetiracetam"]}]


DOSE = {"route": {"text": "IV"}, "doseAndRate": [{"doseQuantity": {"value": 300, "unit": "mg"}}]}


@pytest.mark.parametrize(
    ("other", "offered"), [("d2", ["MedicationRequest/d1"]), ("d1", [])], ids=["own", "shared"]
)
def test_a_dose_is_set_only_where_the_id_tells_the_order_from_every_other(
    app: Flask, other: str, offered: list[str]
) -> None:
    low = draft("tocilizumab", "d1", dosageInstruction=[DOSE])
    vincristine = draft("vincristine", other, dosageInstruction=[DOSE])
    prefetch = chart(**FEVER, pressure=[{"sbp": 84, "dbp": 50}])
    response = fire(app, ordering(SIGN, low, vincristine, prefetch=prefetch))
    (card,) = response.get_json()["cards"]
    acts = [act for each in card.get("suggestions", ()) for act in each["actions"]]

    assert card["summary"] == "Tocilizumab: dose below the one by weight (CRS grade 2)"
    assert [f"MedicationRequest/{act['resource']['id']}" for act in acts] == offered


def test_a_dose_beside_dose_and_rate_is_checked_and_not_set(app: Flask) -> None:
    """As drafts of STU3 are written."""
    old = {"route": {"text": "IV"}, "doseQuantity": {"value": 900, "unit": "mg"}}
    order = draft("tocilizumab", "d1", dosageInstruction=[old])
    prefetch = chart(**FEVER, pressure=[{"sbp": 84, "dbp": 50}])
    (card,) = fire(app, ordering(SIGN, order, prefetch=prefetch)).get_json()["cards"]

    assert card["summary"] == "Tocilizumab: above the highest single dose (CRS grade 2)"
    assert "suggestions" not in card


@pytest.mark.parametrize(
    ("status", "rule"),
    [
        ("active", None),
        ("draft", None),
        ("stopped", "OT-TOCI-2"),
        ("cancelled", "OT-TOCI-2"),
        ("entered-in-error", "OT-TOCI-2"),
        ("completed", "OT-TOCI-2"),
        ("on-hold", "OT-TOCI-2"),
    ],
)
def test_a_steroid_that_the_call_ends_is_no_companion(
    app: Flask, status: str, rule: str | None
) -> None:
    """Dexamethasone runs by the chart, CRS 2 and ICANS 3; tocilizumab is signed."""
    running = draft("dexamethasone", "dex-1", status="active", authoredOn="2026-11-22T08:00:00Z")
    both = {"ice": [{"total": 1}], "pressure": [{"sbp": 84, "dbp": 50}]}
    prefetch = {**chart(**FEVER, **both), "medicationOrders": bundle_of(running)}
    orders = draft("tocilizumab", "toci"), running | {"status": status}
    found = rows(fire(app, ordering(SIGN, *orders, prefetch=prefetch)))
    rules = next(row.get("rules", []) for row in found if row["order"].endswith("toci"))

    assert ("OT-TOCI-2" in rules) is (rule is not None)


def test_out_of_scope_orders_are_checked_and_nothing_is_said(app: Flask) -> None:
    nobody = {"procedures": None, "infusions": None}
    response = fire(app, ordering(SIGN, HAZARD, prefetch=nobody))

    assert summaries(response) == []
    assert rows(response) == [{"order": "MedicationRequest/hazard", "ingredients": ["filgrastim"]}]


# --- the log -------------------------------------------------------------------------------------


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_an_answer_is_one_line_with_counts_and_rules(
    app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    fire(app, ordering(SIGN, HAZARD, HARMLESS, draft("house cocktail", "odd")))
    (line,) = lines(capsys)

    assert (line["event"], line["service"]) == ("hook_answered", "cart-toxicity-order-sign")
    assert (line["orders"], line["unrecognized"], line["cards"]) == (3, 1, 1)
    assert {"CRS-F2", "OT-GCSF-1"} <= set(line["rules"])


def test_selections_of_nothing_are_counted_in_the_log(
    app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = {"selections": ["MedicationRequest/canary", "canary", "MedicationRequest/hazard"]}
    fire(app, ordering(SELECT, HAZARD, context=chosen))
    ignored, answered = lines(capsys)

    assert (ignored["event"], ignored["level"]) == ("selections_ignored", "warning")
    assert ignored["selections"] == 2
    assert ignored["request_id"] == answered["request_id"]


@pytest.mark.parametrize("hook", HOOKS)
def test_nothing_of_an_order_is_logged(
    app: Flask, capsys: pytest.CaptureFixture[str], hook: str
) -> None:
    marked = {
        "note": [{"text": "canary-note"}],
        "reasonCode": [{"text": "canary-reason"}],
        "requester": {"reference": "Practitioner/canary-user"},
    }
    one = draft("filgrastim canary-drug", "canary-id", **marked)
    other = one | {"subject": {"reference": "Patient/canary-patient"}}
    fire(app, ordering(hook, one, context={"encounterId": "canary-visit"}))
    fire(app, ordering(hook, one, other))
    fire(app, ordering(hook, one, context={"draftOrders": "canary"}))
    fire(app, ordering(hook, one, context={"selections": "canary"}))
    logged = capsys.readouterr().err

    allowed = {"time", "level", "event", *Fields.__annotations__}
    assert all(set(json.loads(line)) <= allowed for line in logged.splitlines())
    assert [m for m in ("canary", "nurse-1", *WHO.values(), "filgrastim") if m in logged] == []


# --- anything anywhere ---------------------------------------------------------------------------

VARIED = [
    draft("tocilizumab", "d1", mg=560, reasonCode=[{"text": "CRS"}]),
    referring({"reference": "Medication/m1"}, "d2", every_h=6),
    referring({"reference": "#m"}, "d3", contained=[{"resourceType": "Medication", "id": "m"}]),
    draft("MMR vaccine", "d4", doNotPerform=False, reasonReference=[{"reference": "x"}]),
    order_test("eeg", id="d5"),
]


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
