"""What is missing: told once, told apart from not read, a warning only where it matters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from cards.gaps import gap_text, stale_text
from fhir_mappings.issues import DataIssue, IssueKind
from grading.model import DrugPlan, Missing
from tests.cards.patients import (
    CONTEXT,
    CRS_3,
    NOTHING_CHARTED,
    WORDS,
    cards_of,
    chart,
    drug,
)

FUTURE = DataIssue(IssueKind.FUTURE, "temperature", 1, ("Observation/t9",))
BROKEN = DataIssue(IssueKind.BROKEN, "Observation", 1, ("Observation/t8",))
NO_TEMPERATURE: Mapping[str, Any] = {"temp": []}
DAY_20 = [{"h": -20 * 24, "product": "axi-cel"}]
DAY_40 = [{"h": -40 * 24, "product": "axi-cel"}]
STALE: Mapping[str, Any] = {"temp": [{"h": -9, "value": 36.8}], "ice": [{"h": -13, "score": 10}]}


@pytest.mark.parametrize(
    ("rows", "summary", "indicator"),
    [
        (
            NO_TEMPERATURE,
            "CRS cannot be graded: temperature not charted for 24 h",
            "warning",
        ),
        (
            {"ice": [], "cells": DAY_40},
            "ICANS cannot be graded: ICE score not charted in full for 24 h",
            "info",
        ),
        (
            NOTHING_CHARTED,
            "CRS and ICANS cannot be graded: temperature, blood pressure, SpO2, oxygen device, "
            "ICE score and level of consciousness missing",
            "warning",
        ),
        (
            STALE,
            "New check is due by the monitoring interval: temperature and ICE score",
            "info",
        ),
        ({"age": -1}, "Missing for CRS and ICANS care: age", "info"),
        ({"weight": False}, "Missing for CRS and ICANS care: weight", "info"),
    ],
)
def test_one_card_tells_what_is_missing(
    rows: Mapping[str, Any], summary: str, indicator: str
) -> None:
    [card] = cards_of(rows)
    assert (card["summary"], card["indicator"]) == (summary, indicator)


@pytest.mark.parametrize(
    "rows", [{**STALE, "cells": DAY_20}, {"weight": False, "cells": DAY_40}, {}]
)
def test_what_is_not_due_any_more_is_not_asked_for(rows: Mapping[str, Any]) -> None:
    assert cards_of(rows) == []


def test_a_gap_of_a_syndrome_with_a_card_stands_on_that_card() -> None:
    [card] = cards_of({**CRS_3, "spo2": [], "device": []})
    assert card["source"]["topic"]["code"] == "CRSGrade"
    assert "**Missing:** SpO2 (not charted for 12 h)" in card["detail"]


def test_a_weight_that_a_recommendation_misses_is_told_once() -> None:
    plan = DrugPlan("tocilizumab", "toci", why_no_dose="weight-missing")
    advice = drug("MGMT-CRS-3", "toci", None, topic="tocilizumab", drug=plan)
    cards = cards_of({**CRS_3, "weight": False}, [advice])
    assert [card["source"]["topic"]["code"] for card in cards] == ["CRSGrade"]


def test_stale_checks_are_told_with_their_interval_and_last_time() -> None:
    [card] = cards_of(STALE)
    lines = card["detail"].splitlines()
    assert (
        "- **Older than 8 h:** temperature (last 2026-11-22 05:00 UTC); a new check is due."
        in lines
    )
    assert (
        "- **Older than 12 h:** ICE score (last 2026-11-22 01:00 UTC); a new check is due." in lines
    )


def test_data_that_could_not_be_used_is_a_card_of_information() -> None:
    [card] = cards_of({}, (), (BROKEN, FUTURE))
    assert card["indicator"] == "info"
    assert card["summary"] == "Some chart data could not be used for CRS and ICANS grading"
    assert "- Observation: 1 entry that cannot be read (Observation/t8)" in card["detail"]
    assert "- temperature: 1 entry dated after" in card["detail"]


def test_what_lies_after_a_chosen_instant_is_no_issue() -> None:
    assert cards_of({}, (), (FUTURE,), replace(CONTEXT, replay=True)) == []


@pytest.mark.parametrize(
    ("key", "reach", "text"),
    [
        (Missing.TEMPERATURE, {}, "temperature (not charted for 24 h)"),
        (Missing.TEMPERATURE, {"temperature": "never"}, "temperature (not read)"),
        (
            Missing.TEMPERATURE,
            {"temperature": -5},
            "temperature (read only back to 2026-11-22 09:00 UTC)",
        ),
        (Missing.TEMPERATURE, {"temperature": -24}, "temperature (not charted for 24 h)"),
        (Missing.BLOOD_PRESSURE, {"bedside": 1}, "blood pressure (not read)"),
        (Missing.O2_DEVICE, {}, "oxygen device (not charted in a known form for 12 h)"),
        (Missing.ICE, {}, "ICE score (not charted in full for 24 h)"),
        (Missing.AGE, {}, "age (no birth date)"),
        (Missing.AGE, {"patient": "never"}, "age (not read)"),
        (Missing.WEIGHT, {}, "weight (no accepted one in 30 days)"),
        (Missing.WEIGHT, {"labs": "never"}, "weight (not read)"),
        (Missing.ADMINISTRATIONS, {}, "medication administrations (not read)"),
        ("ferritin", {}, "ferritin"),
    ],
)
def test_not_charted_and_not_read_are_told_apart(
    key: str, reach: Mapping[str, Any], text: str
) -> None:
    assert gap_text(key, chart({"reach": reach}), WORDS) == text


@pytest.mark.parametrize("key", [*Missing])
def test_every_gap_has_a_reason(key: str) -> None:
    assert gap_text(key, chart({}), WORDS).endswith(")")


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("temperature", "temperature (last 2026-11-22 13:00 UTC)"),
        ("blood-pressure", "blood pressure (last 2026-11-22 13:00 UTC)"),
        ("capd", "CAPD score"),
        ("weight", "weight"),
    ],
)
def test_a_stale_value_is_told_with_its_last_time(key: str, text: str) -> None:
    assert stale_text(key, chart({}), WORDS) == text
