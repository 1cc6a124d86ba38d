"""A timeline says when in hours from now, and refuses what it does not know."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sandbox.story import Draft, Ehr, IceShape, Scale, StoryError, Style, read_story
from tests.sandbox.story_text import HEAD


def hours(rows: str) -> list[Decimal]:
    return [entry.start for entry in read_story(HEAD + rows).entries]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("vitals = [{ at = -3, T = 37 }]", [-3]),
        ("vitals = [{ at = [-3, -0.5], T = 37 }]", [-3, Decimal("-0.5")]),
        ("vitals = [{ from = -8, to = -2, every = 3, T = 37 }]", [-8, -5, -2]),
        ("vitals = [{ from = -8, to = -1, every = 4, T = 37 }]", [-8, -4]),
        ("vitals = [{ from = -4, every = 2, T = 37 }]", [-4, -2, 0]),
        ("given = [{ from = -4, to = -2, drug = 'propofol' }]", [-4]),
    ],
)
def test_a_row_stands_at_its_hours(rows: str, expected: list[Decimal]) -> None:
    assert hours(rows) == expected


def test_a_list_of_values_is_charted_in_turn() -> None:
    entries = read_story(HEAD + "vitals = [{ at = [-3, -2, -1], T = [37, 38], HR = 80 }]").entries

    assert [entry.fields for entry in entries] == [
        {"T": 37, "HR": 80},
        {"T": 38, "HR": 80},
        {"T": 37, "HR": 80},
    ]


@pytest.mark.parametrize(
    ("row", "lasting", "end"),
    [
        ("{ at = -4, drug = 'propofol' }", False, None),
        ("{ from = -4, to = -2, every = 1, drug = 'propofol' }", False, None),
        ("{ from = -4, to = -2, drug = 'propofol' }", True, -2),
        ("{ from = -4, drug = 'propofol' }", True, None),
    ],
)
def test_from_without_every_is_something_that_lasts(
    row: str, lasting: bool, end: int | None
) -> None:
    entry = read_story(f"{HEAD}given = [{row}]").entries[0]

    assert (entry.lasting, entry.end) == (lasting, end)


@pytest.mark.parametrize(
    ("grade", "expected"),
    [("2", (2, 2)), ("[0, 3]", (0, 3)), ("'out-of-scope'", None)],
)
def test_a_grade_is_a_number_a_range_or_out_of_scope(
    grade: str, expected: tuple[int, int] | None
) -> None:
    text = HEAD.replace("crs = 0", f"crs = {grade}")

    assert read_story(text).expect.crs == expected


def test_a_style_names_the_habits_of_a_chart() -> None:
    style = "style = { ehr = 'epic', temperature = '[degF]', ice = 'items', offset_h = -5 }"

    assert read_story(HEAD + style).style == Style(Ehr.EPIC, Scale.FAHRENHEIT, IceShape.ITEMS, -5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id = 'p'", "p: 'label' is missing"),
        ("vitals = []", "a patient without id: 'id' is missing"),
        (HEAD.replace("crs = 0", "crs = 'two'"), "'two' is no grade"),
        (HEAD + "moods = []", "p: no such section as moods"),
        (HEAD + "vitals = [{ at = 0, mood = 1 }]", "p: vitals has no column mood"),
        (HEAD + "vitals = [{ T = 37 }]", "p: vitals has a row without a time"),
        (HEAD + "style = { color = 1 }", "p: style has no color"),
        (HEAD + "style = { ehr = 'paper' }", "p: style: 'paper' is not a valid Ehr"),
    ],
)
def test_a_mistake_is_named_with_its_patient(text: str, message: str) -> None:
    with pytest.raises(StoryError, match=message):
        read_story(text)


def test_a_scenario_is_a_set_of_drafts_with_the_rules_to_expect() -> None:
    text = """
    [[scenarios]]
    title = "Sleep"
    drafts = [{ drug = "zolpidem", dose = "5 mg", rules = ["OT-CNS-1"] }, { test = "EEG" }]
    """
    (scenario,) = read_story(HEAD + text).scenarios

    assert scenario.title == "Sleep"
    assert scenario.drafts == (
        Draft({"drug": "zolpidem", "dose": "5 mg"}, ("OT-CNS-1",)),
        Draft({"test": "EEG"}, ()),
    )


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("title = 'x'", "p: 'drafts' is missing"),
        ("drafts = []", "p: 'title' is missing"),
        ("title = 'x'\ndrafts = [{ pill = 'x' }]", "p: a draft has no column pill"),
    ],
)
def test_a_scenario_that_cannot_be_read_is_refused(row: str, message: str) -> None:
    with pytest.raises(StoryError, match=message):
        read_story(f"{HEAD}\n[[scenarios]]\n{row}")
