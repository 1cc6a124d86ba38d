"""What is filled in at the bedside is what is written, or is refused with a reason."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from sandbox.catalog import CATALOG
from sandbox.entries import (
    EntryError,
    changed_order,
    chart_entry,
    draft_order,
    ice_form,
    order_path,
    signed_order,
    stopped,
)

NOW = datetime(2026, 11, 22, 14, 0, 30, tzinfo=UTC)
ITEMS = list(CATALOG["ice"]["items"].values())
FORM = "https://cart-toxicity-cds.example.org/fhir/Questionnaire/ice"


def entered(section: str, at: str | None = None, **fields: Any) -> list[dict[str, Any]]:
    return chart_entry("p", {"section": section, "fields": fields, "at": at}, NOW)


@pytest.mark.parametrize(
    ("section", "fields", "types"),
    [
        ("vitals", {"T": 38.5}, ["Observation"]),
        ("vitals", {"BP": "86/50"}, ["Observation"]),
        ("vitals", {"on": "nasal cannula", "flow": 2, "SpO2": 93}, ["Observation"] * 2),
        ("neuro", {"CAPD": 9}, ["Observation"]),
        ("neuro", {"awakens": "to touch"}, ["Observation"]),
        ("given", {"drug": "tocilizumab", "dose": "560 mg"}, ["MedicationAdministration"]),
        ("given", {"drug": "norepinephrine", "rate": "4 ug/min"}, ["MedicationAdministration"]),
    ],
)
def test_an_entry_is_valid_fhir_of_now_and_has_no_id(
    section: str, fields: dict[str, Any], types: list[str]
) -> None:
    found = entered(section, **fields)

    assert [each["resourceType"] for each in found] == types
    for each in found:
        get_fhir_model_class(each["resourceType"]).model_validate(each)
        assert "id" not in each
        assert each["subject"] == {"reference": "Patient/p"}
        when = each.get("effectiveDateTime") or each["effectivePeriod"]["start"]
        assert when == "2026-11-22T14:00:00Z"


@pytest.mark.parametrize(("scale", "code"), [("Cel", "Cel"), ("[degF]", "[degF]")])
def test_a_temperature_is_written_in_the_unit_that_it_was_read_in(scale: str, code: str) -> None:
    form = {"section": "vitals", "fields": {"T": 101.3}, "scale": scale}
    (found,) = chart_entry("p", form, NOW)

    assert (found["valueQuantity"]["value"], found["valueQuantity"]["code"]) == (101.3, code)


def test_a_temperature_in_another_unit_is_refused() -> None:
    with pytest.raises(EntryError, match="Cel or"):
        chart_entry("p", {"section": "vitals", "fields": {"T": 310}, "scale": "K"}, NOW)


RUNNING = {
    "resourceType": "MedicationAdministration",
    "id": "m",
    "status": "in-progress",
    "subject": {"reference": "Patient/p"},
    "effectivePeriod": {"start": "2026-11-22T12:00:00Z"},
}


@pytest.mark.parametrize(
    ("at", "end"),
    [(None, "2026-11-22T14:00:00Z"), ("2026-11-22T14:30:00+02:00", "2026-11-22T12:30:00Z")],
)
def test_an_infusion_is_ended_in_place(at: str | None, end: str) -> None:
    period = {"start": "2026-11-22T12:00:00Z", "end": end}

    assert stopped("p", RUNNING, at, NOW) == RUNNING | {
        "status": "completed",
        "effectivePeriod": period,
    }


@pytest.mark.parametrize(
    ("changes", "at", "message"),
    [
        ({"subject": {"reference": "Patient/q"}}, None, "of another patient"),
        ({"status": "completed"}, None, "not running"),
        ({"effectivePeriod": {"start": "2026-11-22T12:00:00Z", "end": "x"}}, None, "not running"),
        ({"effectivePeriod": {}}, None, "is no time"),
        ({}, "2026-11-22T11:59:00Z", "before it began"),
        ({}, "2026-11-23T12:00:00Z", "in the past"),
    ],
)
def test_what_cannot_be_stopped_is_refused(
    changes: dict[str, Any], at: str | None, message: str
) -> None:
    with pytest.raises(EntryError, match=message):
        stopped("p", RUNNING | changes, at, NOW)


def test_an_entry_may_lie_in_the_past() -> None:
    (found,) = entered("vitals", "2026-11-21T12:00:00Z", T=39)

    assert found["effectiveDateTime"] == "2026-11-21T12:00:00Z"


def test_a_running_infusion_has_no_end() -> None:
    (found,) = entered("given", drug="norepinephrine", rate="4 ug/min")

    assert found["status"] == "in-progress"
    assert "end" not in found["effectivePeriod"]


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"section": "labs", "fields": {"CRP": 1}}, "of vitals, neuro or given"),
        ({"section": "vitals"}, "nothing was filled in"),
        ({"section": "vitals", "fields": {}}, "nothing was filled in"),
        ({"section": "vitals", "fields": {"pulse": 1}}, "vitals has no pulse"),
        ({"section": "vitals", "fields": {"T": None}}, "no number"),
        ({"section": "vitals", "fields": {"BP": "86"}}, "BP: not as a chart"),
        ({"section": "neuro", "fields": {"awakens": "maybe"}}, "no answer to awakens"),
        ({"section": "given", "fields": {"drug": "water", "dose": "1 L"}}, "no drug is called"),
        ({"section": "vitals", "fields": {"T": 38}, "at": "noon"}, "is no time"),
        ({"section": "vitals", "fields": {"T": 38}, "at": "2026-11-22T13:00:00"}, "no offset"),
        ({"section": "vitals", "fields": {"T": 38}, "at": "2026-11-23T00:00:00Z"}, "in the past"),
        ({"section": "vitals", "fields": {"T": 38}, "at": "2020-11-23T00:00:00Z"}, "in the past"),
    ],
)
def test_what_cannot_be_charted_is_refused(form: dict[str, Any], message: str) -> None:
    with pytest.raises(EntryError, match=message):
        chart_entry("p", form, NOW)


def test_the_ice_form_is_written_as_a_form_and_as_an_observation() -> None:
    answers = dict.fromkeys(ITEMS, 1) | {"ice-writing": 0, "ice-naming-2": 0}
    answered, observed = ice_form("p", {"answers": answers}, FORM, NOW)

    for each in (answered, observed):
        get_fhir_model_class(each["resourceType"]).model_validate(each)
    assert observed["valueInteger"] == 8
    assert answered["questionnaire"] == FORM
    leaves = [leaf for item in answered["item"] for leaf in item.get("item", [item])]
    assert {leaf["linkId"]: leaf["answer"][0]["valueInteger"] for leaf in leaves} == answers


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({}, "0 were answered"),
        (dict.fromkeys(ITEMS[:9], 1), "9 were answered"),
        (dict.fromkeys(ITEMS, 2), "0 or 1"),
        (None, "0 were answered"),
    ],
)
def test_an_ice_form_with_gaps_is_refused(answers: Any, message: str) -> None:
    with pytest.raises(EntryError, match=message):
        ice_form("p", {"answers": answers}, FORM, NOW)


def test_a_draft_is_signed_as_an_active_order() -> None:
    draft = draft_order("p", "d1", {"drug": "tocilizumab", "dose": "560 mg", "route": "IV"})
    found = signed_order("p", draft, NOW, "Practitioner/u")

    assert (draft["status"], draft["id"]) == ("draft", "d1")
    get_fhir_model_class("MedicationRequest").model_validate(found)
    assert (found["status"], found["intent"]) == ("active", "order")
    assert found["authoredOn"] == "2026-11-22T14:00:30Z"
    assert "id" not in found


@pytest.mark.parametrize(
    ("draft", "message"),
    [
        ("tocilizumab", "only drugs and tests"),
        ({"resourceType": "Patient"}, "only drugs and tests"),
        (draft_order("q", "d1", {"test": "EEG"}), "another patient"),
    ],
)
def test_what_is_no_order_of_this_patient_is_not_signed(draft: Any, message: str) -> None:
    with pytest.raises(EntryError, match=message):
        signed_order("p", draft, NOW, "Practitioner/u")


TRAMADOL = {
    "resourceType": "MedicationRequest",
    "id": "o1",
    "status": "active",
    "subject": {"reference": "http://ehr.example.org/fhir/Patient/p"},
}


def test_an_order_of_the_chart_is_changed_as_it_is_sent() -> None:
    change = TRAMADOL | {"status": "stopped"}

    assert order_path(change) == "MedicationRequest/o1"
    assert changed_order("p", change, TRAMADOL) == change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("tramadol", "only drugs and tests"),
        ({"resourceType": "Patient", "id": "p"}, "only drugs and tests"),
        (TRAMADOL | {"id": "a/b"}, "no id of the chart"),
        ({"resourceType": "MedicationRequest"}, "no id of the chart"),
    ],
)
def test_what_is_no_order_of_the_chart_is_not_changed(change: Any, message: str) -> None:
    with pytest.raises(EntryError, match=message):
        order_path(change)


@pytest.mark.parametrize("subject", [{"reference": "Patient/q"}, {}, "Patient/p", None])
@pytest.mark.parametrize("is_charted", [True, False])
def test_an_order_of_another_patient_is_not_changed(subject: Any, is_charted: bool) -> None:
    other = TRAMADOL | {"subject": subject}
    orders = (TRAMADOL, other) if is_charted else (other, TRAMADOL)
    with pytest.raises(EntryError, match="another patient"):
        changed_order("p", *orders)


def test_what_the_catalog_does_not_have_is_not_drafted() -> None:
    with pytest.raises(EntryError, match="no drug is called"):
        draft_order("p", "d1", {"drug": "water"})
