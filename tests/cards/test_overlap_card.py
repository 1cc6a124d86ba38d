"""The IEC-HS card: its words, its drafts, and what it says of what is not known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from cards.overlap_card import overlap_card
from grading.model import Urgency
from tests.cards.patients import (
    OVERLAP,
    cards_of,
    case_of,
    overlap_advice,
    recommended,
    verdict_of,
)

LABS: Mapping[str, Any] = OVERLAP["labs"]
DUE: Mapping[str, Any] = {"cells": [{"h": -294, "product": "cilta-cel"}]}


def card(rows: Mapping[str, Any]) -> dict[str, Any]:
    [found] = [
        each
        for each in cards_of(rows, overlap_advice(rows))
        if each["source"]["topic"]["code"] == "IECHSOverlap"
    ]
    return found


def test_the_summary_has_no_number_of_the_patient() -> None:
    summary = card(OVERLAP)["summary"]

    assert summary == "Possible IEC-HS (HLH-like) overlap: hematology consult is an option"
    assert len(summary) <= 139


@pytest.mark.parametrize(
    "said",
    [
        "3 of 5 supporting features (2 make it possible). Day 12 after axi-cel",
        "Thresholds restated from secondary sources; confirm with hematology.",
        "ferritin 14000 ng/mL, 2026-11-22 08:00 UTC (normal range 15 to 300)",
        "platelets 32 x 10^9/L, 2026-11-22 08:00 UTC (normal range from 150)",
        "IECHS-1 (source 1)",
        "IECHS-2 (source 2)",
        "not charted |",
        "**Consider, drafts below:** ferritin, fibrinogen, fasting triglycerides",
        "**Already ordered:** LDH.",
        "**Weaker features:** LDH above the upper limit (LDH 900 U/L",
        "Not known: PT, aPTT and creatinine missing.",
        "**HLH-2004:** 2 of 8 criteria met",
        "v2.2026, secondary restatement",
    ],
)
def test_the_detail_says(said: str) -> None:
    assert said in card(OVERLAP)["detail"]


def test_the_detail_can_be_read_in_20_seconds_down_to_the_options() -> None:
    """About 100 words at reading speed; the table and what follows are for looking up."""
    lead = card(OVERLAP)["detail"].partition("**Basis**")[0]

    assert len(lead.split()) <= 100


def test_the_work_up_is_drafted_for_review() -> None:
    drafts = [action for each in card(OVERLAP)["suggestions"] for action in each["actions"]]

    assert [draft["resource"]["status"] for draft in drafts] == ["draft"] * 5
    assert {draft["resource"]["reasonCode"][0]["text"] for draft in drafts} == {
        "Possible IEC-HS overlap"
    }


def test_a_due_check_says_what_is_missing_and_why_it_is_due() -> None:
    found = card(DUE)

    assert found["indicator"] == "info"
    assert found["summary"].startswith("IEC-HS check is due and not settled: ferritin, ALT, AST")
    assert "After cilta-cel IEC-HS is looked for." in found["detail"]
    assert "ferritin screen not known, 0 to 3 of 5 supporting features" in found["detail"]
    assert "Weaker features" not in found["detail"]
    assert "suggestions" not in found


def test_what_is_critical_says_why() -> None:
    rows = {**OVERLAP, "overlap": [{"h": -3, "is": "bleeding", "text": "Bleeding"}]}
    found = card(rows)

    assert found["indicator"] == "critical"
    assert "Critical because of: charted Bleeding, 2026-11-22 11:00 UTC" in found["detail"]


def test_a_mention_in_words_is_said_and_not_counted() -> None:
    rows = {**OVERLAP, "overlap": [{"h": -3, "is": "hemophagocytosis", "flags": ["by-text"]}]}

    assert "Hemophagocytosis is named in words" in card(rows)["detail"]


def test_test_orders_that_were_not_read_are_said() -> None:
    detail = card({**OVERLAP, "reach": {"test_orders": "never"}})["detail"]
    [line] = [each for each in detail.splitlines() if "drafts below" in each]

    assert "not read" in line


def test_no_draft_is_left_where_everything_is_ordered() -> None:
    names = ("ferritin", "fibrinogen", "triglycerides", "ldh", "metabolic-panel", "cbc")
    found = card({**OVERLAP, "order": [{"test": f"lab-{name}"} for name in names]})

    assert "suggestions" not in found
    assert "drafts below" not in found["detail"]


@pytest.mark.parametrize("missing", [("pt",), ()])
def test_weaker_features_that_are_known_name_nothing_missing(missing: tuple[str, ...]) -> None:
    names = {"ldh", "pt", "aptt", "creatinine", "triglycerides"} - {*missing}
    known = {name: [{"h": -6, "value": 1, "high": 10}] for name in names}
    detail = card({**OVERLAP, "labs": {**LABS, **known}})["detail"]

    assert ("Not known: PT missing." in detail) is bool(missing)
    assert "**Weaker features:** none." in detail


def test_without_a_criterion_of_hlh_2004_none_is_named() -> None:
    labs = {**LABS, "ferritin": [{"h": -300, "value": 100}, {"h": -6, "value": 400, "high": 100}]}
    rows = {
        **OVERLAP,
        "labs": {**labs, "triglycerides": [], "fibrinogen": [{"h": -6, "value": 151, "low": 200}]},
    }

    assert "0 of 8 criteria met by what is charted (5 define it). Not known" in card(rows)["detail"]


def test_a_verdict_without_a_screen_has_no_basis() -> None:
    case = case_of({"cells": []})
    found = overlap_card(case, [recommended("IECHS-4")])

    assert verdict_of({"cells": []}).overlap is None
    assert found.indicator.value == Urgency.INFO
    assert found.summary == "IEC-HS check is due"
