"""Every key of the core has its words; numbers, times and arguments are read as they should be."""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from cards.advice import ADVICE
from cards.basis import basis_table
from cards.issues import KINDS, issue_text
from cards.names import LABELS, MISSING, REMARKS, STRENGTHS, WORDS
from cards.sentences import NOTES
from cards.summaries import syndrome_summary, ungraded_summary
from cards.wording import drug_name, grade_text, held_text, missing_name, number_text, time_text
from fhir_mappings.issues import DataIssue, IssueKind
from grading.model import (
    Advice,
    Assessment,
    Device,
    Evidence,
    GradeRange,
    Label,
    Missing,
    Note,
    Remark,
    SeizureKind,
    SignKind,
    State,
    Strength,
)
from tests.cards.patients import WORDS as SAY
from tests.cards.patients import graded
from tests.grading.snapshots import NOW

INSTANT = str(NOW)
NOW_TEXT = "2026-11-22 14:00 UTC"


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (Missing, MISSING),
        (Label, LABELS),
        (Remark, REMARKS),
        (Note, NOTES),
        (Advice, ADVICE),
        (IssueKind, KINDS),
        (Strength, STRENGTHS),
    ],
)
def test_every_member_has_words_and_nothing_else_does(
    keys: type[Missing], words: dict[str, str]
) -> None:
    assert set(words) == set(keys)
    assert all(words.values())


@pytest.mark.parametrize("key", [*Device, *SeizureKind, *SignKind])
def test_every_charted_kind_has_words(key: str) -> None:
    assert WORDS[key]


@pytest.mark.parametrize("key", [*Note, *Advice])
def test_every_sentence_stands_alone(key: str) -> None:
    sentence = SAY.say(key)
    assert sentence.endswith((".", "?"))
    assert "{" not in sentence
    assert sentence != key


@pytest.mark.parametrize(
    "key", [key for key, one in {**NOTES, **ADVICE}.items() if one.with_argument]
)
def test_every_sentence_with_an_argument_takes_it(key: str) -> None:
    sentence = SAY.say(f"{key}:{INSTANT}")
    assert INSTANT in sentence or NOW_TEXT in sentence
    assert sentence[0] == sentence[0].upper()
    assert "{" not in sentence


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("late-crs:17", "Late for CRS (onset on day 17): look for another cause."),
        ("reassess:6-12", "Reassessment after 6 to 12 h."),
        ("reassess:8", "Reassessment after 8 h."),
        ("other-steroid:hydrocortisone", "Hydrocortisone is active as well;"),
        ("vasopressor-not-counted:angiotensin_ii, milrinone", "Angiotensin II and milrinone was"),
        (f"weight-stale:{INSTANT}", f"The weight is of {NOW_TEXT}: older"),
        ("sedated:2", "the last grade before it (grade 2) is carried on"),
        ("device-text-unknown:", "The charted oxygen device is not in the code map"),
        ("device-text-unknown:12345678901234567890", '"12345678901234567890" is not in the code'),
        ("device-text-unknown:<b>*x*", '"&lt;b&gt;\\*x\\*" is not in the code map'),
        ("at-threshold:7", "Fever at threshold: the temperature is exactly 38.0 °C."),
        ("a-new_key:1", "a-new\\_key:1"),
        ("weight-missing", "in the last 30 days"),
    ],
)
def test_a_key_is_said_with_its_argument(key: str, text: str) -> None:
    assert text in SAY.say(key)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        ("38", "Cel", "38.0 °C"),
        ("38.00", "Cel", "38.0 °C"),
        ("39.25", "Cel", "39.25 °C"),
        ("100", "mm[Hg]", "100 mmHg"),
        ("10", "{score}", "10"),
        ("0.40", "ug/kg/min", "0.4 ug/kg/min"),
        ("1", "<x>", "1 &lt;x&gt;"),
    ],
)
def test_a_number_keeps_its_unit(value: str, unit: str, text: str) -> None:
    assert number_text(Decimal(value), unit) == text


def test_a_time_names_its_zone() -> None:
    assert time_text(NOW, UTC) == NOW_TEXT
    assert time_text(NOW, ZoneInfo("Europe/Berlin")) == "2026-11-22 15:00 CET"


@pytest.mark.parametrize(
    ("lo", "hi", "text"),
    [
        (2, 2, "grade 2"),
        (0, 0, "grade 0"),
        (2, 3, "at least grade 2, could be 3"),
        (0, 4, "grade 0 to 4"),
    ],
)
def test_a_grade_is_said_with_both_bounds(lo: int, hi: int, text: str) -> None:
    assert grade_text(GradeRange(lo, hi)) == text


def test_a_grade_without_a_basis_has_no_table() -> None:
    assert basis_table(graded("crs", 0, 4), SAY) == ""


def test_names_of_the_core_that_have_no_words_are_shown_plainly() -> None:
    assert drug_name("mycophenolate_mofetil") == "mycophenolate mofetil"
    assert missing_name("c-reactive-protein") == "c reactive protein"


@pytest.mark.parametrize(
    ("fact", "text"),
    [
        (
            Evidence(Label.TEMPERATURE, Decimal(38), "Cel", NOW, "o/1"),
            f"temperature 38.0 °C, {NOW_TEXT}",
        ),
        (Evidence(Label.O2_DEVICE, "mask", "", None, "o/1"), "oxygen device face mask"),
        (Evidence(Label.O2_DEVICE, "<i>Mask|", "", None, "o/1"), "oxygen device &lt;i&gt;Mask\\|"),
        (
            Evidence(Label.DRUG_GIVEN, "tocilizumab", "", NOW, "m/1", ("date-only",)),
            "given tocilizumab, 2026-11-22 (time of day not charted)",
        ),
        (
            Evidence(Label.VASOPRESSOR, "norepinephrine", "", None, "m/1", (f"stopped:{NOW}",)),
            f"vasopressor norepinephrine (stopped {NOW_TEXT})",
        ),
        (
            Evidence(Label.ICE, Decimal(7), "{score}", None, "o/1", ("stopped", "tied", "odd:1")),
            "ICE 7 (stopped, another value of that minute, odd:1)",
        ),
    ],
)
def test_a_charted_value_is_a_cell_of_the_basis(fact: Evidence, text: str) -> None:
    assert SAY.evidence(fact) == text


@pytest.mark.parametrize(
    ("issue", "text"),
    [
        (
            DataIssue(IssueKind.REFUSED_UNIT, "temperature", 1, ("Observation/t_1",)),
            "temperature: 1 entry with a unit that is missing or not accepted (Observation/t\\_1)",
        ),
        (
            DataIssue(IssueKind.BROKEN, "Observation", 3, ("o/1", "o/2", "o/3")),
            "Observation: 3 entries that cannot be read (o/1, o/2, ...)",
        ),
        (DataIssue(IssueKind.FUTURE, "ice", 2), "ICE score: 2 entries dated after the time"),
    ],
)
def test_an_issue_is_counted_and_named(issue: DataIssue, text: str) -> None:
    assert issue_text(issue).startswith(text)


@pytest.mark.parametrize("state", [*State])
def test_every_state_has_a_summary(state: State) -> None:
    assert syndrome_summary("CRS", graded("crs", 0, 0, state))
    assert syndrome_summary("CRS", graded("crs", 1, 3, state, missing=("spo2",)))


LATE = graded("crs", 2, 2, notes=("late-crs:17",))
LABS = tuple(f"laboratory-value-number-{n}" for n in range(9))


@pytest.mark.parametrize(
    ("assessment", "text"),
    [
        (graded("crs", 2, 2), "CRS grade 2 (ASTCT 2019)"),
        (LATE, "CRS grade 2 (ASTCT 2019), late: look for another cause"),
        (graded("crs", 2, 3), "CRS at least grade 2, could be 3 (ASTCT 2019)"),
        (
            graded("crs", 2, 3, missing=("o2-flow",)),
            "CRS at least grade 2, could be 3: oxygen flow missing",
        ),
        (
            graded("crs", 0, 4, missing=LABS),
            "CRS cannot be graded: several inputs missing",
        ),
        (
            graded("crs", 0, 3, State.POSSIBLE_MASKED),
            "Possible CRS, could be grade 3: fever may be masked",
        ),
        (
            graded("crs", 0, 0, State.RESOLVING),
            "CRS resolving: grade 0 now, episode open (ASTCT 2019)",
        ),
        (graded("crs", 0, 2, State.RESOLVING), "CRS resolving, could be grade 2"),
        (
            graded("icans", 0, 0, notes=("hemorrhage-excluded",)),
            "CRS grade 0 (ASTCT 2019): intracranial hemorrhage charted, not graded",
        ),
    ],
)
def test_a_summary_tells_the_grade_and_no_other_number(assessment: Assessment, text: str) -> None:
    assert syndrome_summary("CRS", assessment) == text


@pytest.mark.parametrize(
    ("missing", "reason", "text"),
    [
        (("ice",), "not read", "ICANS cannot be graded: ICE score not read"),
        (("ice",), "", "ICANS cannot be graded: ICE score missing"),
        ((), "", "ICANS cannot be graded from what is charted"),
        (("ice", "age"), "not read", "ICANS cannot be graded: ICE score and age missing"),
    ],
)
def test_a_single_gap_is_told_with_its_reason(
    missing: tuple[str, ...], reason: str, text: str
) -> None:
    assert ungraded_summary(["ICANS"], missing, reason) == text


@pytest.mark.parametrize(
    ("times", "topics", "text"),
    [
        (1, [], "this card once since it was last answered"),
        (2, [], "this card 2 times since it was last answered"),
        (0, ["CRS grade"], "now CRS grade, answered before"),
        (
            1,
            ["CRS grade", "ICANS grade"],
            "this card once since it was last answered; "
            "now CRS grade and ICANS grade, answered before",
        ),
    ],
)
def test_what_was_held_back_is_said_in_one_line(times: int, topics: list[str], text: str) -> None:
    assert held_text(times, topics) == f"*Held back while nothing changed: {text}.*"
