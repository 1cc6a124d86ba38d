"""Of two values of one minute the worse is graded and the other stands beside it (READ-4)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from grading import KNOWLEDGE, assess, prepare
from grading.model import (
    HOUR,
    MINUTE,
    Arousal,
    BirthDate,
    CapdScore,
    Device,
    IceTest,
    Label,
    Level,
    Measured,
    Pressure,
    Remark,
    Support,
)
from tests.snapshot_strategies import NOW, quiet

AT, SECONDS_LATER = NOW - HOUR, NOW - HOUR + MINUTE // 2
CHILD = BirthDate(NOW - 8 * 366 * 24 * HOUR, NOW - 8 * 366 * 24 * HOUR)
CANNULA = Support(AT, Device.NASAL_CANNULA, "cannula", "Observation/cannula")


def number(t: int, value: str, other_cause: bool = False) -> Measured:
    return Measured(t, Decimal(value), f"Observation/{value}", other_cause=other_cause)


def pressure(t: int, sbp: str | None, mean: str | None) -> Pressure:
    charted = [None if each is None else Decimal(each) for each in (sbp, mean)]
    return Pressure(t, *charted, None, f"Observation/{sbp}-{mean}")


@pytest.mark.parametrize(
    ("facts", "label", "used", "other"),
    [
        (
            {"temperatures": (number(AT, "38.6"), number(SECONDS_LATER, "37.0"))},
            Label.TEMPERATURE,
            "38.6",
            "37.0",
        ),
        ({"spo2": (number(AT, "97"), number(SECONDS_LATER, "85"))}, Label.SPO2, "85", "97"),
        (
            {"supports": (CANNULA,), "flows": (number(AT, "8"), number(SECONDS_LATER, "2"))},
            Label.O2_FLOW,
            "8",
            "2",
        ),
        (
            {"supports": (CANNULA,), "fio2": (number(AT, "30"), number(SECONDS_LATER, "45"))},
            Label.FIO2,
            "45",
            "30",
        ),
        (
            {"pressures": (pressure(AT, "118", None), pressure(SECONDS_LATER, "84", None))},
            Label.SBP,
            "84",
            "118",
        ),
        (
            {"pressures": (pressure(AT, None, "60"), pressure(SECONDS_LATER, None, "80"))},
            Label.MAP,
            "60",
            "80",
        ),
        (
            {"ice": (IceTest(AT, 9, 9, "Observation/1"), IceTest(AT, 3, 3, "Observation/2"))},
            Label.ICE,
            "3",
            "9",
        ),
        (
            {
                "birth": CHILD,
                "capd": (CapdScore(AT, 4, 4, "Observation/1"), CapdScore(AT, 12, 14, "")),
            },
            Label.CAPD,
            "12-14",
            "4",
        ),
        (
            {
                "arousal": (
                    Arousal(AT, Level.SPONTANEOUS, "awake", "Observation/1"),
                    Arousal(AT, Level.VOICE, "to voice", "Observation/2"),
                )
            },
            Label.CONSCIOUSNESS,
            "to voice",
            "awake",
        ),
    ],
)
def test_the_worse_value_is_used_and_the_other_shown(
    facts: dict[str, Any], label: Label, used: str, other: str
) -> None:
    fever = (number(AT, "38.6"),)
    chart = replace(quiet(), **({"temperatures": fever} | facts))
    verdict = assess(prepare(chart, KNOWLEDGE.policy))
    bases = (*verdict.crs.basis, *verdict.icans.basis)
    rows = [row for basis in bases for row in basis.evidence if row.label is label]

    assert [str(row.value) for row in rows] == [used, other]
    assert [Remark.TIED in row.notes for row in rows] == [False, True]


def test_equal_values_and_those_of_another_minute_are_not_repeated() -> None:
    readings = (number(AT, "38.6"), number(SECONDS_LATER, "38.6"), number(AT - MINUTE, "37.0"))
    chart = replace(quiet(), temperatures=readings)
    verdict = assess(prepare(chart, KNOWLEDGE.policy))

    assert [row.value for row in verdict.crs.basis[0].evidence] == [Decimal("38.6")]


def test_the_other_value_says_that_it_was_due_to_another_cause() -> None:
    readings = (number(AT, "38.2"), number(SECONDS_LATER, "39.5", other_cause=True))
    chart = replace(quiet(), temperatures=readings)
    verdict = assess(prepare(chart, KNOWLEDGE.policy))
    rows = {str(row.value): row.notes for row in verdict.crs.basis[0].evidence}

    assert rows == {"38.2": (), "39.5": (Remark.OTHER_CAUSE,)}
