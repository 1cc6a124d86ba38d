"""An infusion that may have been: broken, vague or unread records leave the scope open."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fhir_mappings import KeyRead, build_record, build_snapshot, read_page
from fhir_mappings.times import UTC_ZONE
from grading.knowledge import KNOWLEDGE
from grading.model import ALWAYS, DAY, NEVER
from tests.builders import cells, given, procedure
from tests.fhir_basics import PATIENT_ID
from tests.fhir_codes import Resource
from tests.fhir_mappings.reading import NOW_AT, page, problems, record_of

POLICY = KNOWLEDGE.policy

NOTHING = {key: KeyRead() for key in ("procedures", "infusions", "given")}


def _unsure(key: str, *resources: Resource) -> tuple[tuple[str, ...], bool]:
    """Keys that are unsure, and whether "no infusion" can still be said."""
    read = KeyRead((read_page(page(*resources)),))
    record = build_record(NOTHING | {key: read}, PATIENT_ID, UTC_ZONE)
    return record.unsure_keys, record.reach.infusion == ALWAYS


@pytest.mark.parametrize(
    ("key", "resource", "is_unsure"),
    [
        ("procedures", procedure("cart-infusion", status="unknown"), True),
        ("procedures", procedure("cart-infusion", status="on-hold"), True),
        ("procedures", procedure("cart-infusion", status="stopped"), True),
        ("procedures", procedure("cart-infusion", at="2026-11-31"), True),
        ("procedures", procedure("cart-infusion", performedDateTime=None), True),
        ("procedures", procedure("cart-infusion", status="not-done"), False),
        ("procedures", procedure("cart-infusion", status="preparation"), False),
        ("procedures", procedure("intubation", status="unknown"), False),
        ("procedures", procedure("text|Appendectomy", at="2026-11-31"), False),
        ("procedures", {"resourceType": "Procedure", "id": "p1", "code": 7}, True),
        ("given", cells(status="stopped"), True),
        ("given", cells(status="done"), True),
        ("given", cells(at="2026-11-31"), True),
        ("given", cells(status="not-done"), False),
        ("given", given("tocilizumab", status="done"), False),
        ("infusions", cells(effectiveDateTime=None), True),
        ("infusions", {"resourceType": "MedicationAdministration", "id": "m1", "status": 7}, True),
        ("infusions", {"resourceType": "Observation", "id": "o1"}, False),
    ],
)
def test_a_record_that_may_be_the_infusion_leaves_it_unsure(
    key: str,
    resource: Resource,
    is_unsure: bool,
) -> None:
    assert _unsure(key, resource) == (((key,) if is_unsure else ()), not is_unsure)


def _infusion_reach(key: str, *resources: Resource) -> tuple[bool, tuple[str, ...]]:
    """Whether "no infusion in the last 91 days" can be said, and the keys that forbid it."""
    read = KeyRead((read_page(page(*resources)),))
    record = build_record(NOTHING | {key: read}, PATIENT_ID, UTC_ZONE)
    since = build_snapshot(record, NOW_AT, POLICY).reach.infusion
    return since <= NOW_AT - 91 * DAY, record.unsure_keys


@pytest.mark.parametrize(
    ("performed", "is_known"),
    [
        ("2026", False),
        ("2026-11", False),
        ("2026-09", False),
        ("2026-08", False),
        ("2026-07", True),
        ("2025", True),
        ("2027", True),
        ("2026-12", True),
    ],
)
@pytest.mark.parametrize("kind", ["procedures", "given"])
def test_an_infusion_without_its_day_may_have_been_until_the_end_of_its_month_or_year(
    kind: str, performed: str, is_known: bool
) -> None:
    of_kind = {
        "procedures": procedure("cart-infusion", at=performed, id="i"),
        "given": cells(at=performed, id="i"),
    }
    record = record_of(of_kind[kind])

    assert _infusion_reach(kind, of_kind[kind]) == (is_known, (kind,))
    assert record.facts["infusions"] == ()
    assert [name for name, _ in problems(record)] == ["no-time"]


@pytest.mark.parametrize(("at", "is_known"), [("3d", True), ("25d", False)])
def test_an_infusion_without_its_day_is_the_one_that_stands_in_its_month(
    at: str, is_known: bool
) -> None:
    vague, placed = procedure("cart-infusion", at="2026-11"), procedure("cart-infusion", at=at)

    assert _infusion_reach("procedures", vague, placed)[0] is is_known


@pytest.mark.parametrize(
    ("elements", "is_told"),
    [
        ({"entry": []}, True),
        ({"entry": [{"fullUrl": "https://ehr/Procedure/1", "search": {"mode": "match"}}]}, False),
        ({"entry": [{"response": {"status": "403 Forbidden"}}]}, False),
        ({"entry": [], "link": [{"relation": "next"}]}, False),
        ({"entry": [], "link": [{"relation": "next", "url": ""}]}, False),
        ({"entry": [], "link": [{"relation": "self", "url": "https://ehr"}]}, True),
    ],
)
@pytest.mark.parametrize("key", ["procedures", "infusions", "given"])
def test_an_answer_that_failed_does_not_say_that_there_was_no_infusion(
    key: str, elements: dict[str, Any], is_told: bool
) -> None:
    raw = json.dumps({"resourceType": "Bundle", "type": "searchset"} | elements).encode()
    failed = {"infusions": KeyRead((read_page(raw),)), "given": KeyRead((read_page(raw),))}
    reads = NOTHING | (failed if key != "procedures" else {key: KeyRead((read_page(raw),))})

    assert (build_record(reads, PATIENT_ID, UTC_ZONE).reach.infusion == ALWAYS) is is_told


def test_a_key_that_was_not_read_is_not_unsure_but_short() -> None:
    record = build_record({}, PATIENT_ID, UTC_ZONE)

    assert record.unsure_keys == ()
    assert record.reach.infusion == NEVER
