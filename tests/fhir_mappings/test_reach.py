"""From when on a key is complete: both sides of every edge (design.md section 7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from fhir_mappings.keys import KEYS, KeySpec
from fhir_mappings.pages import KeyRead, Page
from fhir_mappings.reach import core_reach, key_reaches, reach_of
from fhir_mappings.times import UTC_ZONE, to_instant
from grading.model import ALWAYS, DAY, NEVER, Instant, Reach
from tests.fhir_basics import PATIENT_ID
from tests.fhir_mappings.pages import entry, outcome, page_of, searchset

SORTED = replace(KEYS["bedside"], count=2)
UNSORTED = replace(KEYS["conditions"], count=2)
NEXT = {"link": [{"relation": "next", "url": "http://ehr/next"}]}


def at(day: int, hour: int = 0) -> Instant:
    return to_instant(datetime(2026, 11, day, hour, tzinfo=UTC))


def temperature(written: str, **elements: Any) -> dict[str, Any]:
    return {"resourceType": "Observation", "effectiveDateTime": written} | elements


def page(*days: int, **elements: Any) -> Page:
    """A page of readings, each at noon of a day of November."""
    readings = [entry(temperature(f"2026-11-{day:02}T12:00:00Z")) for day in days]
    return page_of(searchset(*readings, **elements))


def with_outcome(told: dict[str, Any]) -> Page:
    reading = entry(temperature("2026-11-20T12:00:00Z"))
    return page_of(searchset(reading, entry(told, "outcome")))


@pytest.mark.parametrize(
    ("pages", "newest_first", "any_order"),
    [
        ((), ALWAYS, ALWAYS),
        ((page(),), ALWAYS, ALWAYS),
        ((page(20),), ALWAYS, ALWAYS),  # one less than _count
        ((page(20, 19),), at(19, 12), NEVER),  # full
        ((page(20, 19, 18),), at(18, 12), NEVER),  # more than asked for
        ((page(20, total=1),), ALWAYS, ALWAYS),
        ((page(20, total=0),), ALWAYS, ALWAYS),
        ((page(20, total=2),), at(20, 12), NEVER),  # a larger total
        ((page(20, 19, total=2),), at(19, 12), NEVER),  # full, though the total agrees
        ((page(20, **NEXT),), at(20, 12), NEVER),
        ((page(**NEXT),), NEVER, NEVER),  # nothing but a promise
        ((page(20, 19, **NEXT), page(18)), ALWAYS, ALWAYS),  # followed to the end
        ((page(20, 19, **NEXT), page(18, 17)), ALWAYS, ALWAYS),  # the last one may be full
        ((page(20, 19, **NEXT), page(18, 17, **NEXT)), at(17, 12), NEVER),
        ((page(20, 19, total=3, **NEXT), page(18, total=3)), ALWAYS, ALWAYS),
        ((page(20, 19, total=4, **NEXT), page(18, total=3)), at(18, 12), NEVER),
        ((page(18, 20),), at(18, 12), NEVER),  # the oldest, wherever it lies
    ],
)
def test_complete_or_back_to_the_oldest_entry(
    pages: tuple[Page, ...], newest_first: Instant, any_order: Instant
) -> None:
    assert reach_of(SORTED, KeyRead(pages), PATIENT_ID, UTC_ZONE) == newest_first
    assert reach_of(UNSORTED, KeyRead(pages), PATIENT_ID, UTC_ZONE) == any_order


@pytest.mark.parametrize("fault", [{}, {"link": [None, *NEXT["link"]]}], ids=["whole", "by entry"])
@pytest.mark.parametrize(
    ("old", "reach"),
    [
        (entry(temperature("2026-11-01T12:00:00Z")), at(1, 12)),
        (entry(temperature("2026-11-01T12:00:00Z"), "match"), at(1, 12)),
        (entry(temperature("2026-11-01T12:00:00Z"), "include"), at(19, 12)),
        (
            entry(temperature("2026-11-01T12:00:00Z", subject={"reference": "Patient/other"})),
            at(19, 12),
        ),
    ],
)
def test_only_what_was_asked_for_tells_how_far_a_page_goes_back(
    old: dict[str, Any], reach: Instant, fault: dict[str, Any]
) -> None:
    readings = [entry(temperature(f"2026-11-{day}T12:00:00Z")) for day in (20, 19)]
    cut_off = page_of(searchset(*readings, old, **NEXT | fault))

    assert reach_of(SORTED, KeyRead((cut_off,)), PATIENT_ID, UTC_ZONE) == reach


@pytest.mark.parametrize("spec", [s for s in KEYS.values() if s.count], ids=lambda s: s.name)
def test_a_page_is_full_at_the_count_of_its_key(spec: KeySpec) -> None:
    count = spec.count or 0
    reaches = [
        reach_of(spec, KeyRead((Page(entries=n),)), PATIENT_ID, UTC_ZONE)
        for n in (count - 1, count)
    ]
    assert reaches == [ALWAYS, NEVER]


def test_the_patient_has_no_count() -> None:
    assert reach_of(KEYS["patient"], KeyRead((Page(entries=1),)), PATIENT_ID, UTC_ZONE) == ALWAYS


@pytest.mark.parametrize(
    ("name", "newest_first"),
    [
        ("procedures", True),
        ("infusions", False),
        ("given", True),
        ("medicationOrders", False),
        ("testOrders", True),
        ("bedside", True),
        ("trends", True),
        ("conditions", False),
        ("reports", True),
        ("questionnaires", True),
    ],
)
def test_only_what_is_sorted_newest_first_speaks_when_it_is_cut_off(
    name: str, newest_first: bool
) -> None:
    read = KeyRead((page(20, **NEXT),))
    assert reach_of(KEYS[name], read, PATIENT_ID, UTC_ZONE) == (
        at(20, 12) if newest_first else NEVER
    )


@pytest.mark.parametrize(
    ("told", "reach"),
    [
        (outcome("information"), ALWAYS),
        (outcome("warning"), ALWAYS),
        (outcome("warning", "not-supported"), ALWAYS),
        (outcome("warning", "processing", "4101"), ALWAYS),
        (outcome("warning", "processing", "59204"), NEVER),
        (outcome("warning", "suppressed"), NEVER),
        (outcome("information", "security"), NEVER),
        (outcome("error"), NEVER),
        (outcome("fatal"), NEVER),
    ],
)
def test_an_outcome_among_the_entries(told: dict[str, Any], reach: Instant) -> None:
    assert reach_of(SORTED, KeyRead((with_outcome(told),)), PATIENT_ID, UTC_ZONE) == reach


def test_an_outcome_on_any_page_counts() -> None:
    pages = (page(20, 19, **NEXT), with_outcome(outcome("error")))
    assert reach_of(SORTED, KeyRead(pages), PATIENT_ID, UTC_ZONE) == NEVER


@pytest.mark.parametrize(
    "value", [{"resourceType": "Encounter"}, {"resourceType": "Bundle", "entry": 5}]
)
def test_what_is_no_answer_reaches_nowhere(value: Any) -> None:
    assert reach_of(SORTED, KeyRead((page_of(value),)), PATIENT_ID, UTC_ZONE) == NEVER


def test_entries_that_were_only_included_do_not_fill_a_page() -> None:
    entries = [entry(temperature("2026-11-20T12:00:00Z"), mode) for mode in ("match", "include")]
    assert (
        reach_of(SORTED, KeyRead((page_of(searchset(*entries)),)), PATIENT_ID, UTC_ZONE) == ALWAYS
    )


def test_broken_entries_do() -> None:
    read = KeyRead((page_of(searchset(entry({"resourceType": "Observation", "id": 5}), None)),))
    assert reach_of(SORTED, read, PATIENT_ID, UTC_ZONE) == NEVER


@pytest.mark.parametrize("why", ["absent", "outcome", "failed"])
def test_what_was_not_read_reaches_nowhere(why: str) -> None:
    assert reach_of(SORTED, KeyRead(not_read=why), PATIENT_ID, UTC_ZONE) == NEVER


@pytest.mark.parametrize(
    ("own", "further", "reach"),
    [
        ((page(20),), (KeyRead((page(20),)),), ALWAYS),
        ((page(20),), (KeyRead((page(20, 19),)),), at(19, 12)),
        ((page(20, 15),), (KeyRead((page(20, 19),)),), at(19, 12)),
        ((page(20, 19),), (KeyRead((page(20, 15),)),), at(19, 12)),
        ((page(20),), (KeyRead(not_read="failed"),), NEVER),
        ((page(20),), (KeyRead(also=(KeyRead((page(20, 19),)),)),), at(19, 12)),
    ],
)
def test_of_several_searches_the_shallowest_counts(
    own: tuple[Page, ...], further: tuple[KeyRead, ...], reach: Instant
) -> None:
    assert reach_of(SORTED, KeyRead(own, also=further), PATIENT_ID, UTC_ZONE) == reach


@pytest.mark.parametrize(
    ("pages", "reach"),
    [
        ((), at(10)),
        ((page(20),), at(10)),
        ((page(20, 19),), at(19, 12)),
        ((page(20, 5),), at(10)),  # older entries than were asked for prove nothing
    ],
)
def test_a_read_reaches_no_further_than_it_asked(pages: tuple[Page, ...], reach: Instant) -> None:
    assert reach_of(SORTED, KeyRead(pages, asked_from=at(10)), PATIENT_ID, UTC_ZONE) == reach


def test_an_unsorted_read_with_a_window_is_complete_or_nothing() -> None:
    reads = [KeyRead((page(*days),), asked_from=at(10)) for days in ((20,), (20, 19))]
    assert [reach_of(UNSORTED, read, PATIENT_ID, UTC_ZONE) for read in reads] == [at(10), NEVER]


# --- the time of an entry ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resource", "reach"),
    [
        (temperature("2026-11-20T12:00:00Z"), at(20, 12)),
        (temperature("2026-11-20"), at(21) - 1),  # sorted by its first or its last instant
        (temperature("2026-10"), at(1) - 1),
        (temperature("yesterday"), NEVER),
        (temperature("yesterday", effectiveInstant="2026-11-20T12:00:00Z"), at(20, 12)),
        ({"resourceType": "Observation"}, NEVER),
        ({"resourceType": "Observation", "issued": "2026-11-01T12:00:00Z"}, NEVER),
        ({"resourceType": "Observation", "effectiveInstant": "2026-11-20T12:00:00Z"}, at(20, 12)),
        (
            {
                "resourceType": "Procedure",
                "performedPeriod": {"start": "2026-11-01T12:00:00Z", "end": "2026-11-20T12:00:00Z"},
            },
            at(20, 12),
        ),
        (  # running since long: may come first, and says nothing of what is cut off
            {"resourceType": "Procedure", "performedPeriod": {"start": "2026-11-01T12:00:00Z"}},
            NEVER,
        ),
        ({"resourceType": "Procedure", "performedDateTime": "2026-11-20T12:00:00Z"}, at(20, 12)),
        (
            {
                "resourceType": "MedicationAdministration",
                "effectivePeriod": {"end": "2026-11-20T12:00:00Z"},
            },
            at(20, 12),
        ),
        ({"resourceType": "ServiceRequest", "authoredOn": "2026-11-20T12:00:00Z"}, at(20, 12)),
        (
            {"resourceType": "QuestionnaireResponse", "authored": "2026-11-20T12:00:00Z"},
            at(20, 12),
        ),
    ],
)
def test_how_far_back_one_entry_speaks(resource: dict[str, Any], reach: Instant) -> None:
    read = KeyRead((page_of(searchset(entry(resource), **NEXT)),))
    assert reach_of(SORTED, read, PATIENT_ID, UTC_ZONE) == reach


def test_entries_without_a_time_are_passed_over() -> None:
    readings = [temperature("2026-11-20T12:00:00Z"), {"resourceType": "Observation"}]
    read = KeyRead((page_of(searchset(*map(entry, readings), **NEXT)),))
    assert reach_of(SORTED, read, PATIENT_ID, UTC_ZONE) == at(20, 12)


def test_a_day_is_of_the_zone() -> None:
    read = KeyRead((page_of(searchset(entry(temperature("2026-11-20")), **NEXT)),))
    assert reach_of(SORTED, read, PATIENT_ID, ZoneInfo("America/New_York")) == at(21, 5) - 1


# --- all keys together ---------------------------------------------------------------------------


def test_a_key_that_was_not_delivered_reaches_nowhere() -> None:
    reads = {"bedside": KeyRead((page(20),)), "conditions": KeyRead(), "unheard-of": KeyRead()}
    reaches = key_reaches(reads, PATIENT_ID, UTC_ZONE)
    assert list(reaches) == list(KEYS)
    assert {name for name, reach in reaches.items() if reach == ALWAYS} == {"bedside", "conditions"}
    assert set(reaches.values()) == {ALWAYS, NEVER}


DAYS = {name: n * DAY for n, name in enumerate(KEYS, start=1)}


def test_each_key_in_the_words_of_the_core() -> None:
    assert core_reach(DAYS) == Reach(
        patient=1 * DAY,
        procedures=2 * DAY,
        infusion=3 * DAY,  # of procedures 2, infusions 3, given 4
        doses=4 * DAY,
        medication_orders=5 * DAY,
        test_orders=6 * DAY,
        bedside=7 * DAY,
        temperature=7 * DAY,  # of bedside 7 and trends 8
        labs=8 * DAY,
        conditions=9 * DAY,
        reports=10 * DAY,
        forms=11 * DAY,
    )


@pytest.mark.parametrize(
    ("procedures", "infusions", "given", "infusion"),
    [
        (ALWAYS, ALWAYS, ALWAYS, ALWAYS),
        (ALWAYS, ALWAYS, NEVER, ALWAYS),
        (ALWAYS, NEVER, ALWAYS, ALWAYS),
        (ALWAYS, NEVER, NEVER, NEVER),
        (NEVER, ALWAYS, ALWAYS, NEVER),
        (at(1), ALWAYS, NEVER, at(1)),
        (at(1), at(3), at(2), at(2)),
        (at(1), at(2), at(3), at(2)),
        (at(4), at(3), at(2), at(4)),
    ],
)
def test_no_infusion_needs_the_procedures_and_either_administrations(
    procedures: Instant, infusions: Instant, given: Instant, infusion: Instant
) -> None:
    keys = DAYS | {"procedures": procedures, "infusions": infusions, "given": given}
    assert core_reach(keys).infusion == infusion


@pytest.mark.parametrize(
    ("bedside", "trends", "temperature"),
    [
        (ALWAYS, NEVER, ALWAYS),
        (NEVER, ALWAYS, ALWAYS),
        (at(2), at(1), at(1)),
        (NEVER, NEVER, NEVER),
    ],
)
def test_temperatures_come_with_two_keys(
    bedside: Instant, trends: Instant, temperature: Instant
) -> None:
    keys = DAYS | {"bedside": bedside, "trends": trends}
    assert core_reach(keys).temperature == temperature
