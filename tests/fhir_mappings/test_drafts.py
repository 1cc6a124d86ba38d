"""Draft orders: which there are, for whom, and why."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fhir_mappings import read_drafts
from fhir_mappings.times import UTC_ZONE
from grading.order_model import Draft, OrderReason
from tests.fhir_basics import PATIENT_ID, concept
from tests.fhir_codes import Resource
from tests.fhir_mappings.drafting import (
    bundled,
    draft_order,
    drafts_of,
    study,
    the_draft,
)

SEIZURE, AGITATION = frozenset({OrderReason.SEIZURE}), frozenset({OrderReason.AGITATION})
NO_REASON: frozenset[OrderReason] = frozenset()


# --- which drafts there are ----------------------------------------------------------------------


@pytest.mark.parametrize("status", ["draft", "active", "on-hold", "completed", "unknown", None])
def test_a_draft_of_any_status_that_is_not_void_counts(status: str | None) -> None:
    draft = the_draft(draft_order(status=status))

    assert (draft.ref, draft.ingredients, draft.stops) == (
        "MedicationRequest/d1",
        ("tocilizumab",),
        False,
    )
    assert draft.idle is (status in {"on-hold", "completed"})


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error"])
def test_a_void_draft_does_not_count(status: str) -> None:
    orders = drafts_of(draft_order(status=status), study("text|EEG", status=status))

    assert (orders.drafts, dict(orders.resources)) == ((), {})
    assert {"MedicationRequest/d1", "ServiceRequest/s1"} <= orders.delivered


@pytest.mark.parametrize(
    "resource",
    [
        draft_order(status="stopped"),
        draft_order(doNotPerform=True),
        study("text|EEG", status="stopped"),
        study("text|EEG", doNotPerform=True),
        draft_order(medicationCodeableConcept=7, status="stopped"),
    ],
)
def test_a_draft_that_stops_or_forbids(resource: Resource) -> None:
    assert the_draft(resource).stops is True


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"7",
        b"[]",
        b"{",
        b"\xff",
        b'{"entry": 7}',
        b'{"entry": [7, null, {}, {"resource": null}, {"resource": 7}, {"resource": {}}]}',
        b"[" * 10_000,
        b'{"entry": ' + b"[" * 100_000,
        bundled({"resourceType": "NutritionOrder", "id": "n1"}),
        bundled({"resourceType": ["MedicationRequest"], "id": "d1"}),
    ],
)
def test_what_holds_no_draft(raw: bytes) -> None:
    orders = read_drafts(raw, PATIENT_ID, UTC_ZONE, None)

    assert (orders.drafts, orders.wrong_patient, orders.unresolved) == ((), False, ())


@pytest.mark.parametrize(
    ("focus", "in_focus"),
    [
        (None, [True, True]),
        (["MedicationRequest/d2"], [False, True]),
        (["MedicationRequest/d2", "MedicationRequest/gone"], [False, True]),
        (["MedicationRequest/gone"], [True, True]),
        (["NutritionOrder/n1"], [False, False]),
        (["MedicationRequest/void"], [False, False]),
        ([], [False, False]),
    ],
)
def test_only_selected_drafts_are_in_focus(focus: list[str] | None, in_focus: list[bool]) -> None:
    meal = {"resourceType": "NutritionOrder", "id": "n1"}
    void = draft_order(id="void", status="cancelled")
    orders = drafts_of(draft_order(), draft_order(id="d2"), meal, void, focus=focus)

    assert [draft.is_focus for draft in orders.drafts] == in_focus


URN = "urn:uuid:33333333-1111-4111-8111-111111111111"
EHR = "https://ehr.example.org/fhir"


@pytest.mark.parametrize(
    ("full_url", "name", "selection", "is_named"),
    [
        (None, "d1", "MedicationRequest/d1", True),
        (None, "d1", "d1", True),
        (None, "d1", "/MedicationRequest/d1", True),
        (None, "d1", "MedicationRequest/d1/", True),
        (None, "d1", " MedicationRequest/d1 ", True),
        (None, "d1", "MedicationRequest/d1|1", True),
        (None, "d1", f"{EHR}/MedicationRequest/d1/_history/3", True),
        (None, "a|b", "MedicationRequest/a|b", True),
        (URN, "d1", URN, True),
        (URN, None, URN, True),
        (f"{EHR}/MedicationRequest/d1", None, "MedicationRequest/d1", True),
        (f"{EHR}/MedicationRequest/d1", None, f"{EHR}/MedicationRequest/d1", True),
        (None, "d1", "d", False),
        (None, "d1", "ServiceRequest/d1", False),
        (None, "d1", "MedicationRequest/d11", False),
        (None, None, "", False),
        (URN, "d1", URN.replace("3", "4"), False),
    ],
)
def test_a_selection_names_a_draft_in_any_way(
    full_url: str | None, name: str | None, selection: str, is_named: bool
) -> None:
    other = draft_order("text|filgrastim", id="other")
    named = (full_url, draft_order(id=name))
    orders = drafts_of(named, other, focus=[selection, "MedicationRequest/other"])

    assert [draft.is_focus for draft in orders.drafts] == [is_named, True]
    assert orders.ignored == (0 if is_named else 1)


def test_an_id_alone_names_every_draft_that_has_it() -> None:
    orders = drafts_of(
        draft_order(), study("text|EEG", id="d1"), draft_order(id="d2"), focus=["d1"]
    )

    assert [draft.is_focus for draft in orders.drafts] == [True, True, False]


def test_an_id_of_200_characters_is_legal() -> None:
    name = "e" * 200
    orders = drafts_of(draft_order(id=name))

    assert [draft.ref for draft in orders.drafts] == [f"MedicationRequest/{name}"]
    assert json.loads(orders.resources[f"MedicationRequest/{name}"])["id"] == name


def test_the_json_of_a_draft_is_kept_as_it_was_sent() -> None:
    sent = draft_order(note=[{"text": "1.10"}])

    assert json.loads(drafts_of(sent).resources["MedicationRequest/d1"]) == sent


@pytest.mark.parametrize(
    "second",
    [
        draft_order("text|vincristine"),
        draft_order(status="cancelled"),
        draft_order(medicationCodeableConcept=7),
    ],
    ids=["another drug", "void", "not readable"],
)
def test_of_two_drafts_of_one_id_neither_is_told_by_it(second: Resource) -> None:
    apart = draft_order(id="d2")
    orders = drafts_of(draft_order(), second, apart)

    assert list(orders.resources) == ["MedicationRequest/d2"]
    assert orders.drafts[0].ref == "MedicationRequest/d1"


def test_a_draft_without_id_has_no_reference() -> None:
    orders = drafts_of(draft_order(id=None))

    assert ([draft.ref for draft in orders.drafts], dict(orders.resources)) == ([""], {})


def test_a_draft_that_is_sent_twice_counts_once() -> None:
    assert len(drafts_of(draft_order(), draft_order()).drafts) == 1


# --- for whom ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("whom", "is_wrong"),
    [
        ({"reference": "Patient/patient-a"}, False),
        ({"reference": "https://ehr.example.org/fhir/Patient/patient-a"}, False),
        ({"reference": "Patient/patient-a/_history/2"}, False),
        ({"reference": "/Patient/patient-a"}, False),
        ({"reference": "Patient/patient-a", "identifier": {"value": "7"}}, False),
        ({"display": "A"}, False),
        ({"identifier": None}, False),
        ({}, False),
        (None, False),
        ("Patient/patient-a", False),
        ({"identifier": {"value": "7"}}, True),
        ({"identifier": {"value": "7"}, "display": "A"}, True),
        ({"reference": "Group/x/Patient/patient-a"}, True),
        ({"reference": "https://ehr.example.org/?x=/Patient/patient-a"}, True),
        ({"reference": "Patient/patient-a/Observation/1"}, True),
        ({"reference": "Patient/patient-b"}, True),
        ({"reference": "urn:uuid:1"}, True),
    ],
)
@pytest.mark.parametrize("broken", [False, True])
def test_an_order_of_another_patient_is_left_out(whom: Any, is_wrong: bool, broken: bool) -> None:
    orders = drafts_of(draft_order(subject=whom, intent=7 if broken else "order"))

    assert orders.wrong_patient is is_wrong
    assert len(orders.drafts) == (0 if is_wrong else 1)


@pytest.mark.parametrize(
    ("server", "reference", "is_wrong"),
    [
        ("https://ehr.example.org/fhir", "https://ehr.example.org/fhir/Patient/patient-a", False),
        (
            "https://ehr.example.org/fhir/",
            "https://EHR.example.org:443/fhir/Patient/patient-a",
            False,
        ),
        ("https://ehr.example.org/fhir", "http://ehr.example.org/fhir/Patient/patient-a", False),
        ("https://ehr.example.org/fhir", "Patient/patient-a", False),
        ("https://ehr.example.org/fhir", "https://other.example.org/fhir/Patient/patient-a", True),
        ("https://ehr.example.org/fhir", "https://ehr.example.org/other/Patient/patient-a", True),
        (
            "https://ehr.example.org/fhir",
            "https://ehr.example.org:8443/fhir/Patient/patient-a",
            True,
        ),
        ("https://ehr.example.org/fhir", "https://[/fhir/Patient/patient-a", True),
        (None, "https://other.example.org/fhir/Patient/patient-a", False),
        ("ehr", "https://other.example.org/fhir/Patient/patient-a", False),
        ("https://ehr.example.org:x", "https://other.example.org/fhir/Patient/patient-a", False),
    ],
)
def test_an_order_for_a_patient_of_another_server_is_left_out(
    server: str | None, reference: str, is_wrong: bool
) -> None:
    raw = bundled(draft_order(subject={"reference": reference}))
    orders = read_drafts(raw, PATIENT_ID, UTC_ZONE, None, server=server)

    assert orders.wrong_patient is is_wrong


# --- why -----------------------------------------------------------------------------------------

EPILEPSY = {"resourceType": "Condition", "id": "c1", "code": concept("icd10|G40.909")}


@pytest.mark.parametrize(
    ("elements", "has_reason", "reasons"),
    [
        ({"reasonCode": [concept("text|Seizure prophylaxis")]}, True, SEIZURE),
        ({"reasonCode": [concept("icd10|G40.909")]}, True, SEIZURE),
        ({"reasonCode": [concept("text|Delirium with agitation")]}, True, AGITATION),
        ({"reasonCode": concept("text|status epilepticus")}, True, SEIZURE),
        ({"reasonCode": [concept("text|pneumonia")]}, True, NO_REASON),
        ({"reasonCode": [concept("text|rule out seizure")]}, True, NO_REASON),
        ({"reasonCode": [concept("text|no agitation")]}, True, NO_REASON),
        ({"reasonCode": [{}, 7, None]}, False, NO_REASON),
        ({"reasonReference": [{"display": "Epilepsy"}]}, True, SEIZURE),
        ({"reasonReference": [{"reference": "Condition/c1"}]}, True, SEIZURE),
        ({"reasonReference": [{"reference": "Condition/c9"}]}, True, NO_REASON),
        ({"reasonReference": [{"reference": "Condition/c2"}]}, True, NO_REASON),
        ({"reasonReference": [{"reference": "#c1"}], "contained": [EPILEPSY]}, True, SEIZURE),
        (
            {
                "reasonReference": [{"reference": "#c1"}],
                "contained": [EPILEPSY | {"id": "#c1"}],
            },
            True,
            SEIZURE,
        ),
        ({"reasonReference": [{}]}, False, NO_REASON),
        ({}, False, NO_REASON),
    ],
)
def test_why(elements: Resource, has_reason: bool, reasons: frozenset[OrderReason]) -> None:
    (draft,) = drafts_of(
        draft_order(**elements), EPILEPSY, {"resourceType": "Condition", "id": "c2"}
    ).drafts

    assert (draft.has_reason, draft.reasons) == (has_reason, reasons)


@pytest.mark.parametrize(
    ("instruction", "has_reason", "reasons"),
    [
        ({"asNeededCodeableConcept": concept("text|agitation")}, True, AGITATION),
        ({"text": "2 mg IV PRN seizure lasting 5 minutes"}, False, SEIZURE),
        ({"text": "as needed for severe agitation"}, False, AGITATION),
        ({"text": "may lower the seizure threshold"}, False, NO_REASON),
        ({"text": "hold for seizures"}, False, NO_REASON),
    ],
)
def test_why_as_needed(
    instruction: Resource, has_reason: bool, reasons: frozenset[OrderReason]
) -> None:
    draft = the_draft(draft_order(dosageInstruction=[instruction]))

    assert (draft.has_reason, draft.reasons) == (has_reason, reasons)


def test_a_minimal_draft_is_read() -> None:
    assert the_draft(draft_order("text|filgrastim")) == Draft(
        "MedicationRequest/d1", "filgrastim", ingredients=("filgrastim",)
    )
