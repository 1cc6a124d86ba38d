"""When a condition began and ended, where its Condition tells it by halves (READ-15)."""

from __future__ import annotations

from typing import Any

import pytest

from grading.model import Remark, SignKind
from tests.builders import condition
from tests.fhir_basics import concept
from tests.fhir_mappings.reading import ago, problems, record_of

RESOLVED = {"clinicalStatus": concept("resolved|resolved")}


@pytest.mark.parametrize(
    ("elements", "at"),
    [
        ({"recorded": "2h"}, "2h"),
        ({"recorded": "2h", "abated": "1h"}, "2h"),
        ({"recorded": "2h", "abated": "3h"}, "3h"),
        ({"abated": "3h"}, "3h"),
        ({"onset": "5h", "abated": "3h", "recorded": "2h"}, "5h"),
        ({"recorded": "2h", "abated": "100d"}, "100d"),
        ({"recorded": "2h", "abatementPeriod": {"end": "2026-11-22T11:00:00Z"}}, "3h"),
        ({"recorded": "2h", "onsetPeriod": {"end": "2026-11-22T11:00:00Z"}}, "3h"),
        ({"recorded": "2h", "onsetString": "this morning"}, "2h"),
        ({"recorded": "2h", "onsetString": "Nov 22, 2026"}, "2h"),
        ({"recorded": "2h", "abatementString": "an hour ago"}, "2h"),
        ({"recorded": "2h", "onsetString": "Yesterday at 1930"}, "2h"),
        ({"recorded": "2h", "onsetString": "at 2015"}, "2h"),
        ({"recorded": "2h", "onsetString": "Tonight 2015"}, "2h"),
        ({"recorded": "2h", "onsetString": "Nov 2026"}, "2h"),
        ({"recorded": "2h", "onsetString": "2026"}, "2h"),
        ({"recorded": "2h", "onsetString": "2025"}, None),
        ({"recorded": "2h", "onsetString": "1 month after"}, "2h"),
        ({"recorded": "2h", "onsetString": "2 months post CAR-T"}, "2h"),
        ({"recorded": "2h", "onsetString": "2 months"}, None),
        ({"recorded": "2h", "onsetString": "age 65 on day 5"}, "2h"),
        ({"recorded": "2h", "onsetString": "Acute on chronic"}, "2h"),
        ({"recorded": "2h", "onsetString": "Chronic"}, None),
        ({"recorded": "2h", "onsetString": "2015"}, None),
        ({"recorded": "2h", "onsetString": "March 2015"}, None),
        ({"recorded": "2h", "onsetString": "Childhood"}, None),
        ({"recorded": "2h", "onsetString": "age 6"}, None),
        ({"recorded": "2h", "onsetString": "2 years ago"}, None),
        ({"recorded": "2h", "abatementString": "2019"}, None),
        ({"recorded": "2h", "abatementAge": {"value": 6}}, None),
        ({"recorded": "2h", "abatementRange": {"low": {"value": 6}}}, None),
    ],
)
def test_when_a_seizure_was(elements: dict[str, Any], at: str | None) -> None:
    seizures = record_of(condition("text|Seizure", **elements)).facts["seizures"]

    assert [(each.t, each.is_certain) for each in seizures] == (
        [] if at is None else [(ago(at), True)]
    )


@pytest.mark.parametrize(
    ("elements", "certain"),
    [
        ({"recorded": "2h"}, False),
        ({"onset": "2h"}, True),
        ({"recorded": "2h", "abated": "3h"}, True),
    ],
)
def test_a_seizure_that_is_over_and_has_no_time_is_only_supposed(
    elements: dict[str, Any], certain: bool
) -> None:
    (seizure,) = record_of(condition("text|Seizure", **RESOLVED, **elements)).facts["seizures"]

    assert (Remark.UNCONFIRMED not in seizure.flags) is certain


@pytest.mark.parametrize(
    ("elements", "signs"),
    [
        ({"recorded": "2h", "abated": "100d"}, [("100d", SignKind.MOTOR_NONE)]),
        ({"recorded": "2h", "abated": "2h"}, [("2h", SignKind.MOTOR_NONE)]),
        (
            {"recorded": "2h", "abated": "1h"},
            [("2h", SignKind.MOTOR_WEAKNESS), ("1h", SignKind.MOTOR_NONE)],
        ),
        (
            {"onset": "5h", "abated": "3h", "recorded": "2h"},
            [("5h", SignKind.MOTOR_WEAKNESS), ("3h", SignKind.MOTOR_NONE)],
        ),
        ({"recorded": "2h", "onsetString": "2015"}, []),
        ({"recorded": "2h", "onsetString": "today"}, [("2h", SignKind.MOTOR_WEAKNESS)]),
    ],
)
def test_a_weakness_that_had_gone_when_it_was_recorded_is_none_of_now(
    elements: dict[str, Any], signs: list[tuple[str, SignKind]]
) -> None:
    found = record_of(condition("text|Left hemiparesis", **elements)).facts["signs"]

    assert [(sign.t, sign.kind) for sign in found] == [(ago(at), kind) for at, kind in signs]


def test_a_hemorrhage_that_had_gone_when_it_was_recorded_says_nothing() -> None:
    old = condition("text|Subdural hematoma", recorded="2h", abated="100d")

    assert record_of(old).facts["signs"] == ()


@pytest.mark.parametrize(
    ("words", "told", "noted"),
    [
        ("Seizure", "2 months", True),
        ("Left hemiparesis", "months", True),
        ("Cytokine release syndrome", "long course", True),
        ("Stroke", "2 months", False),
        ("Seizure", "2015", False),
        ("Seizure", "childhood, for months", False),
    ],
)
def test_what_is_graded_and_perhaps_of_old_is_noted(words: str, told: str, noted: bool) -> None:
    record = record_of(condition(f"text|{words}", recorded="2h", onsetString=told))

    assert (problems(record) == [("no-time", "Condition")]) is noted
