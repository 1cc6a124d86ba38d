"""Drafts of order-select and order-sign: which are checked, what one may look like, whose it is."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.builders import order_test, patient
from tests.fhir_stub import running
from tests.service.calls import FEBRILE, told, whole
from tests.service.order_calls import (
    HARMLESS,
    HAZARD,
    HOOKS,
    SELECT,
    SIGN,
    draft,
    fire,
    ids,
    ordering,
    reading_orders,
    referring,
    rows,
    summaries,
)

LONG = "e" + "fT4.x-" * 33 + "z"


BASE = "http://ehr.example.org/fhir"


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
