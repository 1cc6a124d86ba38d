"""Recommendations of the core, case by case: `cases/recommend*.toml`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from grading import KNOWLEDGE, assess, prepare, recommend
from grading.rulebook import PREDICATES, bind_rules
from tests.grading.advice import line, observed, of_topic, recommended
from tests.grading.snapshots import cases, snapshot

FILES = (
    "recommend_worked",
    "recommend_tocilizumab",
    "recommend_steroid",
    "recommend_steroid_running",
    "recommend_icans",
    "recommend_refractory",
    "recommend_supportive",
    "recommend_site",
    "recommend_iechs",
)
ALL = [
    pytest.param(case, id=f"{name.removeprefix('recommend_')}: {case['name']}")
    for name in FILES
    for case in cases(name)
]

CRS: dict[int, dict[str, Any]] = {
    0: {},
    1: {"temp": [{"h": -1, "value": 38.6}]},
    2: {"temp": [{"h": -1, "value": 38.6}], "bp": [{"h": -1, "sbp": 84}]},
    3: {"temp": [{"h": -1, "value": 38.6}], "device": [{"h": -1, "is": "mask"}]},
    4: {"temp": [{"h": -1, "value": 38.6}], "device": [{"h": -1, "is": "cpap"}]},
}
ICANS: dict[int, dict[str, Any]] = {
    0: {},
    1: {"ice": [{"h": -1, "score": 8}]},
    2: {"ice": [{"h": -1, "score": 5}]},
    3: {"ice": [{"h": -1, "score": 2}]},
    4: {"ice": [{"h": -1, "score": 0}], "arousal": [{"h": -1, "level": "unarousable"}]},
}
CELLS = [
    pytest.param(row, id=f"crs-{row['crs']}-icans-{row['icans']}")
    for row in cases("recommend_matrix")
]


@pytest.mark.parametrize("case", ALL)
def test_case(case: dict[str, Any]) -> None:
    expected = case["expect"]
    assert observed(recommended(case), expected) == expected


@pytest.mark.parametrize("cell", CELLS)
def test_cell_of_the_matrix(cell: dict[str, Any]) -> None:
    """5.5 for a product and an onset that no other row names."""
    chart = {
        **CRS[cell["crs"]],
        **ICANS[cell["icans"]],
        "cells": [{"h": -80, "product": "tisa-cel"}],
    }
    expected = cell["expect"]
    assert observed(recommended(chart), expected) == expected


def test_the_matrix_is_whole() -> None:
    cells = {(row["crs"], row["icans"]) for row in cases("recommend_matrix")}
    assert cells == {(crs, icans) for crs in range(5) for icans in range(5)}


def test_a_rule_without_a_condition_stops_the_process() -> None:
    without = {key: value for key, value in PREDICATES.items() if key != "SZ-1"}
    with pytest.raises(ValueError, match="SZ-1"):
        bind_rules(KNOWLEDGE.rules, without)


def test_a_switch_that_the_policy_lacks_stops_the_process() -> None:
    rules = {**KNOWLEDGE.rules}
    rules["LABEL-TISA"] = replace(rules["LABEL-TISA"], switch="product_override")
    with pytest.raises(ValueError, match="no such switch of the policy"):
        bind_rules(rules, PREDICATES)


def test_what_a_site_turned_on_says_so() -> None:
    found = recommended(
        {
            **CRS[1],
            "cells": [{"h": -80, "product": "tisa-cel"}],
            "policy": {"product_overrides": True},
        }
    )
    label = next(item for item in found if item.rules == ("LABEL-TISA",))
    assert label.says.startswith("Unverified, turned on by this site: Label:")


@pytest.mark.parametrize(
    ("weight", "dose"),
    [
        (30.0, 240),
        (29.9, 359),
        (70, 560),
        (99.9, 799),
        (100, 800),
        (110, 800),
        (25, 300),
        (8.9, 107),
    ],
)
def test_the_dose_by_weight(weight: float, dose: int) -> None:
    """W40 to W42 and the cap; an adult and a child are dosed alike."""
    found = recommended(
        {**CRS[2], "weight": [{"h": -6, "value": weight}], "age": 8, "bp": [{"h": -1, "sbp": 70}]}
    )
    toci = of_topic(found, "tocilizumab")
    assert toci is not None
    assert line(toci) == f"recommended suggest toci {dose} mg"


def test_the_verdict_may_come_without_a_ledger() -> None:
    course = prepare(snapshot({**CRS[2], "weight": [{"h": -6, "value": 70}]}), KNOWLEDGE.policy)
    verdict = assess(course)
    assert recommend(course, replace(verdict, ledger=None)) == recommend(course, verdict)
