"""The IEC-HS check of a case, in the words of `cases/iechs.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grading.model import Overlap, OverlapCheck
from tests.grading.advice import assessed

CELLS = [{"h": -294, "product": "axi-cel"}]
NORMAL: Mapping[str, Any] = {
    "ferritin": [
        {"h": -300, "value": 500, "high": 300},
        {"h": -50, "value": 500, "high": 300},
        {"h": -6, "value": 450, "low": 15, "high": 300},
    ],
    "fibrinogen": [{"h": -6, "value": 320, "low": 200, "high": 400}],
    "alt": [{"h": -6, "value": 30, "high": 40}],
    "ast": [{"h": -6, "value": 30, "high": 40}],
    "anc": [{"h": -60, "value": 1500}, {"h": -6, "value": 1200}],
    "platelets": [{"h": -60, "value": 120_000}, {"h": -6, "value": 110_000}],
    "hemoglobin": [{"h": -60, "value": 10}, {"h": -6, "value": 9.8}],
}
SCREEN = [
    {"h": -300, "value": 500, "high": 300},
    {"h": -50, "value": 4600, "high": 300},
    {"h": -6, "value": 14_000, "low": 15, "high": 300},
]
_WORDS = {True: "yes", False: "no", None: "open"}


def chart(case: Mapping[str, Any]) -> dict[str, Any]:
    """The rows of a case with the results that it does not replace."""
    screen = {"ferritin": SCREEN} if case.get("screen") else {}
    labs = {**NORMAL, **screen, **case.get("labs", {})}
    return {"cells": CELLS, **case, "labs": labs}


def screened(case: Mapping[str, Any]) -> Overlap:
    found = assessed(chart(case))[0].overlap
    assert found is not None
    return found


def _named(checks: tuple[OverlapCheck, ...], met: bool | None, *axes: str) -> list[str]:
    return [item.row.key for item in checks if item.met is met and item.row.axis in axes]


def observed(case: Mapping[str, Any], expected: Mapping[str, Any]) -> dict[str, Any]:
    """What the case asks about, in its own words."""
    verdict, advice = assessed(chart(case))
    found = verdict.overlap
    assert found is not None
    main = ("trigger", "feature")
    facts = {
        "possible": _WORDS[found.possible],
        "trigger": _WORDS[found.trigger],
        "features": [found.least, found.most],
        "met": _named(found.checks, True, *main),
        "open": _named(found.checks, None, *main),
        "weaker": _named(found.checks, True, "weaker"),
        "weaker_open": _named(found.checks, None, "weaker"),
        "hlh": _named(found.hlh_2004, True, "HLH-2004"),
        "hlh_open": _named(found.hlh_2004, None, "HLH-2004"),
        "missing": list(found.missing),
        "severe": [str(fact.value) for fact in found.severe],
        "by_text": found.by_text,
        "indicator": next((str(i.indicator) for i in advice if i.rules == ("IECHS-5",)), "none"),
    }
    return {key: facts[key] for key in expected}
