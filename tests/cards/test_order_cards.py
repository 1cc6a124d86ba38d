"""Alerts of order entry as cards: what they say, what they offer, what overrides them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from fhir.resources.R4B.medicationrequest import MedicationRequest

from cards import compose_order_cards, dump_cards, order_rows
from cards.order_acts import name_of
from cards.order_sentences import FAMILIES, HEADLINES, NOTES, note_text
from cards.override import REASONS
from grading.model import DrugPlan, Urgency
from grading.order_model import (
    Act,
    ActKind,
    Alert,
    AlertLine,
    Draft,
    Family,
    OrderNote,
    OrderReview,
    OrderRule,
    Vaccine,
)
from tests.cards.patients import CONTEXT, CRS_3, ICANS_2, WORDS, as_sent, chart, verdict_of
from tests.cards.shape import shape_faults
from tests.grading.snapshots import at

REF = "MedicationRequest/d1"
DRAFT = Draft(REF, "Filgrastim-aafi 300 ug SC daily", ingredients=("filgrastim",))
ORDER: Mapping[str, Any] = {
    "resourceType": "MedicationRequest",
    "id": "d1",
    "status": "draft",
    "intent": "order",
    "subject": {"reference": "Patient/crs-3"},
    "medicationCodeableConcept": {"text": "Tocilizumab"},
    "extension": [{"url": "http://ehr.example.org/x", "valueString": "kept"}],
    "dosageInstruction": [
        {
            "text": "800 mg IV",
            "route": {"text": "IV"},
            "doseAndRate": [{"doseQuantity": {"value": 800, "unit": "mg"}}],
        },
        {"text": "later"},
    ],
}


def rule(rule_id: str, family: Family = Family.GCSF, **changes: Any) -> OrderRule:
    found = OrderRule(
        rule_id, family, "as written", "Avoid during CRS.", Urgency.WARNING, ("seed",), "active"
    )
    return replace(found, **changes)


def alert(*notes: str, **changes: Any) -> Alert:
    """An alert of OT-GCSF-1 on the draft, with changes."""
    line = AlertLine(rule("OT-GCSF-1"), Urgency.WARNING, notes)
    found = Alert(DRAFT, Family.GCSF, (line,), syndromes=("crs",), acts=(Act(ActKind.REMOVE),))
    return replace(found, **changes)


def cards_of(
    *alerts: Alert, rows: Mapping[str, Any] = CRS_3, **review: Any
) -> list[dict[str, Any]]:
    found = OrderReview(alerts, **review)
    resources = {REF: json.dumps(ORDER).encode()}
    made = compose_order_cards(found, verdict_of(rows), chart(rows), CONTEXT, resources)
    cards = as_sent(dump_cards(made))
    assert shape_faults({"cards": cards}) == []
    return cards


def test_no_alert_is_no_card() -> None:
    assert cards_of() == []


def test_the_summary_names_drug_hazard_and_grade() -> None:
    (card,) = cards_of(alert())

    assert card["summary"] == "Filgrastim: G-CSF can make CRS worse (CRS grade 3)"
    assert card["indicator"] == "warning"


@pytest.mark.parametrize("ref", [REF, ""], ids=["the same id", "no id"])
def test_two_drafts_that_no_id_tells_apart_have_identifiers_of_their_own(ref: str) -> None:
    plan = DrugPlan("dexamethasone", "dex-10-q6h", Decimal(10))
    acts = (Act(ActKind.ADD, drug=plan), Act(ActKind.ADD, drug=plan))
    short, long = (
        alert(draft=Draft(ref, "As written", ingredients=(name,)), acts=acts)
        for name in ("filgrastim", "pegfilgrastim")
    )
    found = cards_of(short, long, short)
    uuids = [card["uuid"] for card in found]
    uuids += [suggestion["uuid"] for card in found for suggestion in card["suggestions"]]

    assert len(uuids) == 9
    assert len(set(uuids)) == 9


@pytest.mark.parametrize(
    ("changes", "summary"),
    [
        ({"syndromes": ()}, "Filgrastim: G-CSF can make CRS worse"),
        (
            {"draft": DRAFT._replace(ingredients=("piperacillin",) * 9), "syndromes": ()},
            "Piperacillin, piperacillin, piperacil...: G-CSF can make CRS worse",
        ),
        (
            {"lines": (AlertLine(rule("OT-GCSF-3"), Urgency.INFO),)},
            "Filgrastim: G-CSF while CRS is resolving (CRS grade 3)",
        ),
        (
            {"lines": (AlertLine(rule("OT-TOCI-7"), Urgency.WARNING),)},
            "Filgrastim: dose above the one by weight (CRS grade 3)",
        ),
        (
            {"lines": (AlertLine(rule("OT-TOCI-7"), Urgency.INFO),)},
            "Filgrastim: dose below the one by weight (CRS grade 3)",
        ),
    ],
)
def test_the_summary_by_what_decides(changes: Mapping[str, Any], summary: str) -> None:
    (card,) = cards_of(alert(**changes))

    assert card["summary"] == summary


def test_a_summary_that_would_be_too_long_leaves_the_grade_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(HEADLINES, "OT-GCSF-1", "x" * 120)
    (card,) = cards_of(alert())

    assert card["summary"] == f"Filgrastim: {'x' * 120}"


@pytest.mark.parametrize(
    ("draft", "name"),
    [
        (DRAFT, "filgrastim"),
        (Draft(REF, "", vaccine=Vaccine("MMR vaccine", live=True)), "MMR vaccine"),
        (Draft(REF, "", ingredients=("penicillin_g", "angiotensin_ii")), None),
        (Draft(REF, "Unknown"), "order"),
    ],
)
def test_an_order_is_named_by_what_it_was_recognized_as(draft: Draft, name: str | None) -> None:
    assert name_of(draft) == (name or "penicillin g and angiotensin II")


def test_the_detail_has_order_grade_reason_and_sources() -> None:
    (card,) = cards_of(alert(OrderNote.LONG_ACTING, missing=("o2-device",)))
    detail = card["detail"]

    assert detail.startswith("**Order: Filgrastim-aafi 300 ug SC daily.** CRS grade 3: ")
    assert "**Warning:** Avoid during CRS. A long-acting G-CSF cannot be withdrawn" in detail
    assert "**Missing**" in detail
    assert "oxygen device" in detail
    assert "**Sources**" in detail
    assert "A clinician confirms before acting." in detail
    assert card["source"]["topic"]["code"] == "OrderGCSF"


def test_an_order_without_words_is_shown_by_its_name() -> None:
    (card,) = cards_of(alert(draft=DRAFT._replace(text=""), syndromes=()))

    assert card["detail"].startswith("**Order: filgrastim.** Day ")


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ({"cells": [{"h": -2880}]}, "**Order: filgrastim.** CAR-T infusion on 2026-"),
        ({"cells": []}, "**Order: filgrastim.**\n"),
    ],
)
def test_beyond_the_grading_window_the_infusion_has_its_date(
    rows: Mapping[str, Any], told: str
) -> None:
    late = alert(draft=DRAFT._replace(text=""), syndromes=())
    (card,) = cards_of(late, rows=rows)

    assert card["detail"].startswith(told)


@pytest.mark.parametrize(
    ("indicator", "offered"),
    [(Urgency.INFO, 0), (Urgency.WARNING, 5), (Urgency.CRITICAL, 5)],
)
def test_every_warning_may_be_overridden(indicator: Urgency, offered: int) -> None:
    line = AlertLine(rule("OT-GCSF-1"), indicator)
    (card,) = cards_of(alert(lines=(line,)))

    assert len(card.get("overrideReasons", ())) == offered
    assert len({reason.code for reason in REASONS}) == 5


def test_orders_that_were_not_recognized_are_counted() -> None:
    unknown = (Draft("MedicationRequest/d2", "Drug X"), ())
    one = cards_of(alert(), checked=((DRAFT, ("OT-GCSF-1",)), unknown))
    two = cards_of(alert(), checked=(unknown, unknown))

    assert "1 order of this call could not be recognized and was not checked." in one[0]["detail"]
    assert "2 orders of this call could not be recognized and were not" in two[0]["detail"]


def test_the_ledger_stands_on_the_card_of_an_il6_blocker() -> None:
    rows = {**CRS_3, "dose": [*CRS_3["dose"], {"h": -9, "drug": "tocilizumab", "mg": 560}]}
    line = AlertLine(rule("OT-TOCI-3", Family.IL6), Urgency.CRITICAL)
    draft = Draft(REF, "Tocilizumab", ingredients=("tocilizumab",))
    (card,) = cards_of(alert(draft=draft, family=Family.IL6, lines=(line,)), rows=rows)

    assert "Tocilizumab since the infusion: 1 dose (" in card["detail"]
    assert " 560 mg), 1 of them in the last 24 h." in card["detail"]


# --- suggestions ---------------------------------------------------------------------------------


def test_a_draft_is_removed_by_its_reference() -> None:
    (card,) = cards_of(alert())
    (suggestion,) = card["suggestions"]

    assert suggestion["label"] == "Remove the order for filgrastim"
    assert suggestion["actions"] == [
        {
            "type": "delete",
            "description": "Remove the order for filgrastim.",
            "resourceId": REF,
        }
    ]


def test_a_companion_is_a_draft_of_its_own() -> None:
    plan = DrugPlan("dexamethasone", "dex-10-q6h", Decimal(10))
    added = alert(syndromes=("crs", "icans"), acts=(Act(ActKind.ADD, plan),))
    (card,) = cards_of(added, rows={**CRS_3, **ICANS_2})
    (suggestion,) = card["suggestions"]
    resource = suggestion["actions"][0]["resource"]

    MedicationRequest.model_validate(resource)
    assert suggestion["isRecommended"] is True
    assert suggestion["actions"][0]["type"] == "create"
    assert resource["reasonCode"][0]["text"].startswith("CRS grade 3 and ICANS grade 2")


def test_a_dose_is_corrected_in_the_order_as_it_was_delivered() -> None:
    (card,) = cards_of(alert(acts=(Act(ActKind.CORRECT_DOSE, mg=Decimal(560)),)))
    (action,) = card["suggestions"][0]["actions"]
    changed = action["resource"]

    assert action["type"] == "update"
    assert changed["id"] == "d1"
    assert changed["extension"] == ORDER["extension"]
    assert changed["dosageInstruction"][0]["text"] == "560 mg IV"
    assert changed["dosageInstruction"][0]["route"] == {"text": "IV"}
    assert changed["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]["value"] == 560
    assert changed["dosageInstruction"][1] == {"text": "later"}


def test_a_dose_of_an_order_that_was_not_delivered_is_left_alone() -> None:
    other = DRAFT._replace(ref="MedicationRequest/d9")
    (card,) = cards_of(alert(draft=other, acts=(Act(ActKind.CORRECT_DOSE, mg=Decimal(560)),)))

    assert "suggestions" not in card


@pytest.mark.parametrize(
    "act", [Act(ActKind.REMOVE), Act(ActKind.CORRECT_DOSE, mg=Decimal(560))], ids=["remove", "dose"]
)
def test_a_draft_that_cannot_be_named_is_neither_removed_nor_corrected(act: Act) -> None:
    (card,) = cards_of(alert(draft=DRAFT._replace(ref=""), acts=(act,)))

    assert "suggestions" not in card
    assert "selectionBehavior" not in card


# --- rows of the extension -----------------------------------------------------------------------


def test_every_checked_draft_has_a_row_without_empty_members() -> None:
    review = OrderReview(
        checked=(
            (DRAFT, ("OT-GCSF-1",)),
            (Draft("MedicationRequest/d2", "Drug X"), ()),
            (Draft("MedicationRequest/d3", "", vaccine=Vaccine("MMR vaccine", live=True)), ()),
            (Draft("", "Drug Y"), ()),
        )
    )

    assert order_rows(review) == [
        {"order": REF, "ingredients": ["filgrastim"], "rules": ["OT-GCSF-1"]},
        {"order": "MedicationRequest/d2"},
        {"order": "MedicationRequest/d3", "ingredients": ["MMR vaccine"]},
    ]


# --- sentences -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (f"{OrderNote.NEXT_DOSE}:{at(-2)}", "The next dose may be given from 2026-"),
        (f"{OrderNote.EXPECTED_DOSE}:560:70:{at(-6)}", "Expected: 560 mg (weight 70 kg, 2026-"),
        (
            f"{OrderNote.OTHER_WEIGHT}:560:70:{at(-6)}",
            "Two weights disagree, so no correction is offered; by the other one: 560 mg (weight",
        ),
        (f"{OrderNote.STEROID_DUE}:dex-10-q6h", "With this grade goes: Dexamethasone 10 mg IV"),
        (f"{OrderNote.EXPECTED_REGIMEN}:dex-10-q6h", "The grade asks for: Dexamethasone 10 mg"),
        (f"{OrderNote.VACCINE_DUE}:6", "Usual from 6 months after the infusion on."),
        (str(OrderNote.WEIGHT_NEEDED), "No accepted weight in the last 30 days"),
    ],
)
def test_a_note_says_its_arguments(key: str, text: str) -> None:
    assert note_text(key, WORDS).startswith(text)


def test_every_note_and_family_has_words() -> None:
    with_arguments = {
        OrderNote.NEXT_DOSE,
        OrderNote.EXPECTED_DOSE,
        OrderNote.OTHER_WEIGHT,
        OrderNote.STEROID_DUE,
        OrderNote.EXPECTED_REGIMEN,
        OrderNote.VACCINE_DUE,
    }

    assert set(OrderNote) == NOTES.keys() | with_arguments
    assert set(Family) == FAMILIES.keys()
