"""Grades of the core, case by case: `cases/crs.toml` and `cases/icans.toml`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from grading import KNOWLEDGE, assess, prepare
from grading.model import Assessment
from tests.grading.snapshots import at, cases, snapshot

FILES = ("crs", "oxygen", "pressure", "episode", "icans", "scope")
ALL = [pytest.param(case, id=case["name"]) for name in FILES for case in cases(name)]


def bounds(value: Any) -> tuple[int, int]:
    return (value[0], value[1]) if isinstance(value, list) else (value, value)


def note_keys(assessment: Assessment) -> set[str]:
    return {note.split(":")[0] for note in (*assessment.notes, *assessment.assumptions)}


def observed(assessment: Assessment, expected: dict[str, Any]) -> dict[str, Any]:
    """What the case asks about, in the words of the case."""
    facts: dict[str, Any] = {
        "grade": (assessment.grade.lo, assessment.grade.hi),
        "state": assessment.state.value,
        "missing": sorted(assessment.missing),
        "stale": sorted(assessment.stale),
        "peak": assessment.peak,
        "peak_at": assessment.peak_at,
        "peak_at_least": assessment.peak_at_least,
        "onset": assessment.onset,
        "onset_known": assessment.onset_known,
        "onset_hours": assessment.onset_hours,
        "rules": [rule for rule in expected.get("rules", ()) if rule in assessment.rules],
        "no_rules": [rule for rule in expected.get("no_rules", ()) if rule not in assessment.rules],
        "notes": [note for note in expected.get("notes", ()) if note in note_keys(assessment)],
        "no_notes": [n for n in expected.get("no_notes", ()) if n not in note_keys(assessment)],
        "charted": assessment.charted and assessment.charted.grade,
        "shows": [
            label
            for label in expected.get("shows", ())
            if any(label == row.label for line in assessment.basis for row in line.evidence)
        ],
        "remarks": [
            remark
            for remark in expected.get("remarks", ())
            if any(
                remark in row.notes or any(note.startswith(f"{remark}:") for note in row.notes)
                for line in assessment.basis
                for row in line.evidence
            )
        ],
    }
    return {key: facts[key] for key in expected}


def wanted(expected: dict[str, Any]) -> dict[str, Any]:
    """The expectation with grades as bounds and hours as instants."""
    result = dict(expected)
    if "grade" in result:
        result["grade"] = bounds(result["grade"])
    for key in ("onset", "peak_at"):
        if key in result:
            result[key] = at(result[key]) if result[key] != "none" else None
    return result


@pytest.mark.parametrize("case", ALL)
def test_case(case: dict[str, Any]) -> None:
    policy = replace(KNOWLEDGE.policy, **case.get("policy", {}))
    verdict = assess(prepare(snapshot(case), policy))

    for syndrome in ("crs", "icans"):
        expected = wanted(case.get(syndrome, {}))
        assert observed(getattr(verdict, syndrome), expected) == expected
    if "scope" in case:
        assert verdict.scope.value == case["scope"]


def test_every_row_that_can_raise_a_grade_is_reached_by_a_case() -> None:
    reached = set()
    for name in FILES:
        for case in cases(name):
            policy = replace(KNOWLEDGE.policy, **case.get("policy", {}))
            verdict = assess(prepare(snapshot(case), policy))
            for assessment in (verdict.crs, verdict.icans):
                reached |= {(line.axis, line.text) for line in assessment.basis}
    rows = {
        (row.axis, row.text)
        for table in (KNOWLEDGE.crs, KNOWLEDGE.icans)
        for axis in table.values()
        for row in axis.values()
        if row.hi > 0
    }
    assert rows - reached == set()
