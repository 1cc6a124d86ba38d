"""What is printed can be read by a nurse."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rich.console import Console

from sandbox.client import Answer
from sandbox.show import Opened, as_json, chosen, grade, report
from sandbox.story import Story, read_story
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
GRADES = {"crs": {"lo": 2, "hi": 2, "state": "active"}, "icans": {"lo": 0, "hi": 0}}


def opened(status: int, body: dict[str, Any]) -> Opened:
    return Opened(read_story(HEAD), Answer(status, body))


def graded(*cards: dict[str, Any]) -> Opened:
    extension = {"org.cart-toxicity-cds.assessment": GRADES}
    return opened(200, {"cards": list(cards), "extension": extension})


def printed(row: Opened, *, in_full: bool = True) -> str:
    console = Console(width=120, force_terminal=False)
    with console.capture() as capture:
        console.print(report([row], in_full=in_full))
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
    assert json.loads(as_json([graded(CARD)])) == [
        {"patient": "p", "status": 200, "assessment": GRADES, "cards": [CARD]}
    ]


@pytest.mark.parametrize(("patient_id", "count"), [("", 22), ("all", 22), ("crs-2", 1)])
def test_one_patient_or_all_are_chosen(
    everyone: tuple[Story, ...], patient_id: str, count: int
) -> None:
    assert len(chosen(everyone, patient_id)) == count
