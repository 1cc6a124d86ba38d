"""What is printed can be read by a nurse."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rich.console import Console

from sandbox.client import Answer
from sandbox.show import Opened, Ordered, as_json, chosen, grade, order_text, report
from sandbox.story import Draft, Story, read_story
from tests.sandbox.story_text import HEAD

CARD = {
    "summary": "CRS grade 2: review the options",
    "indicator": "warning",
    "detail": "**Basis**\n\n- temperature 38.9\n- pressure 86",
    "source": {"label": "ASTCT 2019", "url": "https://example.org/astct"},
    "suggestions": [
        {
            "label": "Tocilizumab 560 mg",
            "isRecommended": True,
            "actions": [
                {
                    "type": "create",
                    "description": "Draft tocilizumab",
                    "resource": {"resourceType": "MedicationRequest"},
                }
            ],
        },
        {"label": "Nothing"},
    ],
    "links": [{"label": "Rules", "url": "https://example.org/rules", "type": "absolute"}],
}
BARE = {"summary": "Said once", "indicator": "info", "source": {"label": "ASTCT"}}
ORDERS = """
[[scenarios]]
title = "Growth factor"
drafts = [{ drug = "filgrastim", dose = "300 ug", route = "SC", sig = "daily" }]
"""
GRADES = {"crs": {"lo": 2, "hi": 2, "state": "active"}, "icans": {"lo": 0, "hi": 0}}


def opened(status: int, body: dict[str, Any]) -> Opened:
    return Opened(read_story(HEAD), Answer(status, body))


def graded(*cards: dict[str, Any]) -> Opened:
    extension = {"org.cart-toxicity-cds.assessment": GRADES}
    return opened(200, {"cards": list(cards), "extension": extension})


def printed(row: Opened, *, in_full: bool = True) -> str:
    console = Console(width=120, force_terminal=False)
    with console.capture() as capture:
        console.print(report([row], [], in_full=in_full))
    return capture.get()


def entered(selected: Answer, signed: Answer) -> Ordered:
    story = read_story(HEAD + ORDERS)
    return Ordered(story, story.scenarios[0], selected, signed)


def printed_orders(selected: Answer, signed: Answer, *, in_full: bool = False) -> str:
    console = Console(width=160, force_terminal=False)
    with console.capture() as capture:
        console.print(report([], [entered(selected, signed)], in_full=in_full))
    return capture.get()


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({"lo": 2, "hi": 2, "state": "active"}, "2"),
        ({"lo": 0, "hi": 4, "state": "not-assessable"}, "0 to 4, cannot grade"),
        ({"lo": 0, "hi": 0, "state": "resolving"}, "0, resolving"),
        ({"lo": 0, "hi": 2, "state": "possible-masked"}, "0 to 2, may be masked"),
        ({"lo": 0, "hi": 0}, "0"),
        ({"state": "out-of-scope"}, "-"),
    ],
)
def test_a_grade_is_said_in_words(found: dict[str, Any], expected: str) -> None:
    assert grade({"crs": found}, "crs") == expected


@pytest.mark.parametrize(
    "text",
    [
        "Patient Z (p): A title",
        "warning: CRS grade 2: review the options",
        "• temperature 38.9",
        "[ Tocilizumab 560 mg ] (recommended)",
        "create MedicationRequest: Draft tocilizumab",
        "Link: Rules https://example.org/rules",
        "Source: ASTCT 2019 https://example.org/astct",
    ],
)
def test_a_card_is_printed_with_all_it_says(text: str) -> None:
    assert text in printed(graded(CARD))


def test_a_card_without_detail_is_printed_too() -> None:
    assert "Source: ASTCT" in printed(graded(BARE))


def test_the_overview_has_summaries_and_no_details() -> None:
    text = printed(graded(CARD), in_full=False)

    assert "CRS grade 2" in text
    assert "temperature 38.9" not in text


def test_no_card_is_said() -> None:
    assert "no card" in printed(graded())


def test_an_error_does_not_look_like_no_card() -> None:
    text = printed(opened(412, {"issue": [{"code": "required"}]}))

    assert "no answer: HTTP 412 required" in text
    assert "no card" not in text


def test_json_has_status_grades_and_cards() -> None:
    assert json.loads(as_json([graded(CARD)], [])) == [
        {"patient": "p", "status": 200, "assessment": GRADES, "cards": [CARD], "orders": []}
    ]


def test_json_has_the_orders_of_a_patient() -> None:
    quiet, warned = Answer(200, {"cards": []}), Answer(200, {"cards": [CARD]})
    orders = entered(quiet, warned)
    mine, others = json.loads(as_json([Opened(orders.story, quiet), graded()], [orders]))

    assert others["orders"] == []
    assert mine["orders"] == [
        {
            "scenario": "Growth factor",
            "order-select": {"status": 200, "assessment": {}, "cards": []},
            "order-sign": {"status": 200, "assessment": {}, "cards": [CARD]},
        }
    ]


def test_the_order_table_has_the_drafts_and_both_answers() -> None:
    text = printed_orders(Answer(200, {"cards": []}), Answer(200, {"cards": [CARD]}))

    assert "Order entry" in text
    assert "filgrastim 300 ug SC, daily" in text
    assert text.index("no card") < text.index("warning: CRS grade 2")
    assert "temperature 38.9" not in text


def test_orders_in_full_have_the_cards_of_signing() -> None:
    bad = Answer(422, {"issue": [{"code": "business-rule"}]})
    text = printed_orders(bad, Answer(200, {"cards": [CARD]}), in_full=True)

    assert "Patient Z (p), order-sign: Growth factor" in text
    assert "no answer: HTTP 422 business-rule" in text
    assert "temperature 38.9" in text


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"drug": "zolpidem"}, "zolpidem"),
        ({"test": "EEG"}, "EEG"),
        (
            {"drug": "filgrastim", "dose": "300 ug", "route": "SC", "sig": "daily"},
            "filgrastim 300 ug SC, daily",
        ),
        (
            {"drug": "dexamethasone", "dose": "10 mg", "every_h": 6},
            "dexamethasone 10 mg, every 6 h",
        ),
    ],
)
def test_a_draft_is_one_line(fields: dict[str, Any], expected: str) -> None:
    assert order_text(Draft(fields, ())) == expected


@pytest.mark.parametrize(("patient_id", "count"), [("", 23), ("all", 23), ("crs-2", 1)])
def test_one_patient_or_all_are_chosen(
    everyone: tuple[Story, ...], patient_id: str, count: int
) -> None:
    assert len(chosen(everyone, patient_id)) == count
