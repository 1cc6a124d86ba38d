"""Which of two versions of one resource counts, whichever was delivered first."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_mappings.elements import Item
from fhir_mappings.resources import QuestionnaireResponse
from fhir_mappings.times import UTC_ZONE
from fhir_mappings.versions import newer
from tests.builders import condition, temperature
from tests.fhir_mappings.reading import record_of

OLD, NEW = 39.5, 37.5


def stored(updated: str | None = None, version: str | None = None) -> dict[str, str]:
    found = {"lastUpdated": updated, "versionId": version}
    return {name: text for name, text in found.items() if text is not None}


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    ("older", "later"),
    [
        (stored("2026-11-22T13:00:00Z"), stored("2026-11-22T13:30:00Z")),
        (stored("2026-11-22T10:00:00Z"), stored("2026-11-22T10:00:00.500Z")),
        (stored("2026-11-22T12:00:00+02:00"), stored("2026-11-22T11:00:00Z")),
        (stored("2026-11-22T11:00:00", "9"), stored("2026-11-22T11:00:00Z", "10")),
        (stored("2026-11-22T13:00:00Z", "9"), stored("2026-11-22T13:00:00Z", "10")),
        (stored("2026-11-22T13:00:00Z", "10"), stored("2026-11-22T13:30:00Z", "9")),
        (stored("yesterday", "9"), stored("2026-11-22T13:00:00Z", "1")),
        (stored(None, "9"), stored(None, "10")),
        (stored(None, "b"), stored(None, "1")),
        (stored(None, "9" * 5_000), stored(None, "1")),
        (stored(None, "a"), stored(None, "b")),
        (stored(), stored(None, "1")),
    ],
)
def test_the_version_that_was_stored_last_counts(
    older: dict[str, str], later: dict[str, str], order: int
) -> None:
    versions = [temperature(OLD, id="t", meta=older), temperature(NEW, id="t", meta=later)]
    facts = record_of(*versions[::order]).facts["temperatures"]

    assert [float(fact.value) for fact in facts] == [NEW]


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("meta", [None, stored("2026-11-22T13:00:00Z", "1")])
def test_where_no_version_tells_the_one_entered_in_error_counts(meta: Any, order: int) -> None:
    readings = [
        temperature(39, id="t", meta=meta),
        temperature(39, id="t", meta=meta, status="entered-in-error"),
    ]
    status = {"coding": [{"code": "entered-in-error"}]}
    problems = [
        condition("icd10|G40.909", "1d", id="c", meta=meta),
        condition("icd10|G40.909", "1d", id="c", meta=meta, verificationStatus=status),
    ]
    record = record_of(*readings[::order], *problems[::order])

    assert not any(record.facts.values())


@pytest.mark.parametrize("meta", [None, stored(None, "1"), {"profile": ["https://ehr"]}])
def test_of_two_that_cannot_be_told_apart_always_the_same_one_counts(meta: Any) -> None:
    versions = [temperature(value, id="t", meta=meta) for value in (38.1, 38.2)]
    both_ways = [record_of(*each).facts["temperatures"] for each in (versions, versions[::-1])]

    assert both_ways[0] == both_ways[1]


def test_forms_too_deep_to_be_compared_are_no_error() -> None:
    item = Item()
    for _ in range(5000):
        item = Item(item=(item,))
    one, other = (QuestionnaireResponse(id="f1", item=(item,), status=name) for name in "ab")

    assert newer(one, other, UTC_ZONE) is one
