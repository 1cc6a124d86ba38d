"""The walker finds what it is there to find."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from tests.cards.patients import CRS_3, GRADE_3_ADVICE, cards_of
from tests.cards.shape import shape_faults

CARDS = cards_of(CRS_3, GRADE_3_ADVICE)
SAME = CARDS[0]["uuid"]


def faults_with(path: tuple[str | int, ...], value: Any) -> list[str]:
    """Faults of a good answer after the value at `path` was replaced."""
    response: Any = {"cards": deepcopy(CARDS)}
    place = response
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return shape_faults(response)


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (("systemActions",), [], "$.systemActions: null or empty"),
        (("note",), "x", "$: unknown member note"),
        (("cards", 0, "detail"), None, "$.cards[0].detail: null or empty"),
        (("cards", 0, "detail"), "<b>x</b>", "$.cards[0]: HTML in detail"),
        (("cards", 0, "detail"), "![x]", "$.cards[0]: an image in detail"),
        (("cards", 0, "detail"), "[x](https://x.example)", "is in detail but not in links"),
        (("cards", 0, "summary"), "x" * 140, "summary is not one line"),
        (("cards", 0, "summary"), "a\nb", "summary is not one line"),
        (("cards", 0, "indicator"), "hard-stop", "indicator hard-stop"),
        (("cards", 0, "uuid"), "4", "uuid 4"),
        (("cards", 0, "selectionBehavior"), "at-most-one", "selectionBehavior at-most-one"),
        (("cards", 0, "overrideReasons"), [{"code": "a", "system": "b"}], "no display"),
        (("cards", 0, "source"), {"label": "x"}, "$.cards[0].source: no topic"),
        (("cards", 0, "source", "url"), "/x", "url is not absolute"),
        (("cards", 0, "source", "topic", "code"), "a-b", "code is not alphanumeric"),
        (("cards", 0, "suggestions", 0, "uuid"), SAME, "uuid used twice"),
        (("cards", 0, "suggestions", 0, "actions"), [{}, {}], "2 actions"),
        (("cards", 0, "suggestions", 0, "actions", 0, "type"), "Create", "type Create"),
        (("cards", 0, "suggestions", 0, "actions", 0, "resource"), {"a": 1}, "nothing to create"),
        (("cards", 0, "links", 0, "url"), "http://x.example", "url is not absolute https"),
        (("cards", 0, "links", 0, "type"), "page", "type page"),
        (("cards", 0, "links", 0, "appContext"), "x", "appContext without smart"),
    ],
)
def test_a_departure_is_found(path: tuple[str | int, ...], value: Any, fault: str) -> None:
    assert any(fault in found for found in faults_with(path, value))


def test_an_answer_without_cards_member_is_found() -> None:
    assert "$: no cards" in shape_faults({"extension": {"x": 1}})
    assert shape_faults({"cards": []}) == []
