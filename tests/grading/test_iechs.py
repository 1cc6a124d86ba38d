"""The IEC-HS check, case by case, and what holds of it whatever is charted."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading import KNOWLEDGE, KnowledgeError
from grading.findings import OVERLAP_CRITERIA
from grading.knowledge.tables import read_overlap
from grading.labs import Labs
from grading.model import LabResult, Overlap
from tests.grading.advice import assessed
from tests.grading.overlapped import NORMAL, SCREEN, chart, observed, screened
from tests.grading.snapshots import NOW, cases
from tests.grading.test_knowledge import read

CASES = [pytest.param(case, id=case["name"]) for case in cases("iechs")]
W50: dict[str, Any] = {
    **NORMAL,
    "ferritin": SCREEN,
    "alt": [{"h": -6, "value": 280, "high": 40}],
    "fibrinogen": [{"h": -6, "value": 110, "low": 200}],
    "platelets": [{"h": -60, "value": 61_000}, {"h": -6, "value": 32_000}],
}


@pytest.mark.parametrize("case", CASES)
def test_case(case: dict[str, Any]) -> None:
    expected = case["expect"]
    assert observed(case, expected) == expected


# --- what holds of every chart -------------------------------------------------------------------


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.sets(st.sampled_from(sorted(W50))), st.sampled_from([W50, NORMAL]))
def test_missing_results_never_make_a_certain_no(gone: set[str], whole: dict[str, Any]) -> None:
    """What was possible stays so or becomes not assessable, with the names of what is missing."""
    before = screened({"labs": whole})
    after = screened({"labs": {**whole, **{name: [] for name in gone}}})

    assert after.possible in {before.possible, None}
    assert after.least <= before.least <= before.most <= after.most
    assert after.missing or after.possible is not None


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.sets(st.sampled_from(sorted(W50))))
def test_a_range_that_is_not_printed_never_makes_a_certain_no(bare: set[str]) -> None:
    labs = {
        name: [
            {key: row[key] for key in ("h", "value")} if name in bare else row for row in results
        ]
        for name, results in W50.items()
    }

    found = screened({"labs": labs})

    assert found.possible is not False
    assert found.possible or found.missing


def test_nothing_charted_names_what_is_missing() -> None:
    found = screened({"labs": {name: [] for name in NORMAL}})

    assert found.possible is None
    assert found.missing == (
        *("ferritin", "alt", "ast", "fibrinogen", "anc", "platelets", "hemoglobin"),
    )


def test_every_value_stands_with_its_unit_time_range_and_reference() -> None:
    [shown] = [item for item in screened({"labs": W50}).checks if item.row.key == "fibrinogen"]
    [fact] = shown.evidence

    assert (str(fact.value), fact.unit, fact.ref) == ("110", "mg/dL", "fibrinogen/0")
    assert fact.notes == ("range:200:",)


def test_a_result_older_than_a_day_is_marked_as_stale() -> None:
    late = {**W50, "fibrinogen": [{"h": -24.1, "value": 110}]}
    [shown] = [item for item in screened({"labs": late}).checks if item.row.key == "fibrinogen"]

    assert shown.evidence[0].notes == ("stale",)


def test_the_rules_by_which_it_is_possible_are_named() -> None:
    possible, _ = assessed(chart({"labs": W50}))
    normal, _ = assessed(chart({}))
    unseen, _ = assessed({"cells": []})

    assert possible.overlap_rules == ("IECHS-1", "IECHS-2", "IECHS-3")
    assert normal.overlap_rules == unseen.overlap_rules == ()


def test_without_an_infusion_record_the_infusion_is_missing() -> None:
    verdict, _ = assessed({"cells": [], "reach": {"infusion": "never"}})

    assert verdict.overlap == Overlap(None, missing=("car-t-infusion",))


@pytest.mark.parametrize(
    ("name", "values", "worse"),
    [
        ("ferritin", (900, 400), 900),
        ("fibrinogen", (110, 320), 110),
        ("platelets", (32_000, 61_000), 32_000),
        ("sodium", (128, 145), 128),
        ("sodium", (136, 150), 150),
    ],
)
def test_of_two_results_of_one_minute_the_worse_counts(
    name: str, values: tuple[int, int], worse: int
) -> None:
    """READ-4."""
    results = [LabResult(NOW, Decimal(value), str(value), "") for value in values]
    latest = Labs({name: results}, NOW).latest(name)

    assert latest is not None
    assert latest.value == worse


# --- content -------------------------------------------------------------------------------------


def test_every_criterion_has_its_row() -> None:
    assert tuple(KNOWLEDGE.overlap) == OVERLAP_CRITERIA
    assert all("{" not in row.text.format(p=KNOWLEDGE.policy) for row in KNOWLEDGE.overlap.values())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"color": "red"}, "ferritin-limit: unknown or missing keys ['color']"),
        ({"cites": ["asco-2012"]}, "ferritin-limit: no such source ['asco-2012']"),
        ({"key": "ferritin"}, "differ from those checked: ['ferritin', 'ferritin-limit']"),
    ],
)
def test_a_broken_row_is_refused(change: dict[str, Any], message: str) -> None:
    data = deepcopy(read("iechs.toml"))
    data["row"][0].update(change)
    with pytest.raises(KnowledgeError) as refused:
        read_overlap(data, OVERLAP_CRITERIA, KNOWLEDGE.sources)
    assert message in str(refused.value)


def test_a_row_without_a_key_is_refused() -> None:
    with pytest.raises(KnowledgeError, match="a row without key"):
        read_overlap({"row": [{"id": "IECHS-1"}]}, OVERLAP_CRITERIA, KNOWLEDGE.sources)
