"""The record as a whole: whose it is, each resource once, and how it stands at an instant."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from typing import Any

import pytest

from fhir_mappings import KeyRead, build_record, build_snapshot, keys_short_of, read_page
from fhir_mappings.issues import DataIssue, IssueKind
from fhir_mappings.keys import KEYS
from fhir_mappings.times import UTC_ZONE, read_when
from grading.knowledge import KNOWLEDGE
from grading.model import ALWAYS, DAY, HOUR, MINUTE, NEVER
from tests.builders import (
    cells,
    condition,
    device,
    fio2,
    flow,
    given,
    ice,
    ordered,
    patient,
    pressure,
    procedure,
    report,
    spo2,
    temperature,
)
from tests.fhir_basics import PATIENT_ID
from tests.fhir_codes import Resource
from tests.fhir_mappings.reading import NOW_AT, ago, page, problems, record_of

POLICY = KNOWLEDGE.policy


# --- whose record --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "is_own"),
    [
        ({"reference": "Patient/patient-a"}, True),
        ({"reference": "http://ehr.example.org/fhir/Patient/patient-a"}, True),
        ({"reference": "Patient/patient-a/_history/3"}, True),
        ({"display": "A"}, True),
        (None, True),
        ({"reference": "Patient/patient-b"}, False),
        ({"reference": "Patient/patient-ab"}, False),
        ({"reference": "Group/patient-a"}, False),
    ],
)
def test_only_resources_of_the_patient_count(subject: Resource | None, is_own: bool) -> None:
    record = record_of(temperature(39, subject=subject))

    assert len(record.facts["temperatures"]) == is_own
    assert problems(record) == ([] if is_own else [("foreign", "Observation")])


@pytest.mark.parametrize(
    ("resource", "wrong"), [(patient(), False), (patient(id="patient-b"), True)]
)
def test_a_patient_with_another_id_is_the_wrong_one(resource: Resource, wrong: bool) -> None:
    assert record_of(resource).wrong_patient is wrong


@pytest.mark.parametrize(
    ("birth", "earliest", "latest"),
    [
        ("1966-04-10", "1966-04-10", "1966-04-10"),
        ("1966-04", "1966-04-01", "1966-04-30"),
        ("1966", "1966-01-01", "1966-12-31"),
    ],
)
def test_a_birth_date_may_lack_its_day(birth: str, earliest: str, latest: str) -> None:
    found = record_of(patient(birth)).birth

    assert found is not None
    assert found.earliest == read_when(earliest, UTC_ZONE).first
    assert found.latest == read_when(latest, UTC_ZONE).first


@pytest.mark.parametrize("birth", [None, "April"])
def test_a_birth_date_that_cannot_be_read_is_none(birth: str | None) -> None:
    assert record_of(patient(birth)).birth is None


@pytest.mark.parametrize(
    ("elements", "deceased"),
    [
        ({}, False),
        ({"deceasedBoolean": False}, False),
        ({"deceasedBoolean": True}, True),
        ({"deceasedDateTime": "2026-11-20"}, True),
        ({"deceasedDateTime": "2026-11-22"}, True),
        ({"deceasedDateTime": "2026-11-22T14:00:00Z"}, True),
        ({"deceasedDateTime": "2026-11-22T14:00:01Z"}, False),
        ({"deceasedDateTime": "2026-11-23"}, False),
        ({"deceasedDateTime": "2026"}, True),
        ({"deceasedDateTime": "yesterday"}, True),
    ],
)
def test_whether_the_patient_has_died(elements: dict[str, Any], deceased: bool) -> None:
    record = record_of(patient(**elements))

    assert build_snapshot(record, NOW_AT, POLICY).deceased is deceased


def test_a_death_after_the_instant_is_told() -> None:
    record = record_of(patient(deceasedDateTime="2026-11-22T15:00:00Z"))

    assert [(each.kind, each.label) for each in record.issues_at(NOW_AT)] == [
        (IssueKind.FUTURE, "Patient")
    ]
    assert record.issues_at(NOW_AT + HOUR) == ()


@pytest.mark.parametrize(
    ("birth", "is_known"),
    [
        ("2026-11-22", True),
        ("2026-11-23", False),
        ("2026", True),
        ("2030", False),
        ("1905-11-23", True),
        ("1905-11-22", False),
        ("1905", True),
        ("1904", False),
        ("1850", False),
    ],
)
def test_an_age_that_cannot_be_is_not_known(birth: str, is_known: bool) -> None:
    record = record_of(patient(birth))

    assert (build_snapshot(record, NOW_AT, POLICY).birth is not None) is is_known
    told = [(each.kind, each.label) for each in record.issues_at(NOW_AT)]
    assert told == ([] if is_known else [(IssueKind.REFUSED_RANGE, "age")])


# --- each resource once, in any order ------------------------------------------------------------


def _versions() -> list[Resource]:
    old = temperature(39.5, id="t1", meta={"versionId": "1", "lastUpdated": "2026-11-22T13:00:00Z"})
    new = temperature(37.5, id="t1", meta={"versionId": "2", "lastUpdated": "2026-11-22T13:30:00Z"})
    return [old, new]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_versions_the_newer_counts(order: tuple[int, int]) -> None:
    versions = _versions()
    facts = record_of(*(versions[index] for index in order)).facts["temperatures"]

    assert [fact.value for fact in facts] == [37.5]


def test_a_resource_under_two_keys_is_read_once() -> None:
    read = KeyRead((read_page(page(temperature(39))),))
    record = build_record({"bedside": read, "trends": read}, PATIENT_ID, UTC_ZONE)

    assert len(record.facts["temperatures"]) == 1


def test_resources_without_id_are_all_read() -> None:
    nameless = temperature(39) | {"id": None}
    nameless = {key: value for key, value in nameless.items() if value is not None}

    assert len(record_of(nameless, nameless).facts["temperatures"]) == 2


def test_the_order_of_delivery_does_not_matter() -> None:
    chart = [
        temperature(39),
        temperature(38.5, at="2h", meta={"versionId": "x"}),
        spo2(91, at="1h"),
        *ice(8),
        *_versions(),
    ]
    records = [record_of(*order) for order in itertools.permutations(chart, len(chart))][::60]

    assert all(record.facts == records[0].facts for record in records)


def test_what_is_odd_on_a_page_is_told() -> None:
    record = record_of({"resourceType": "Observation", "id": "o1", "code": 7})

    assert problems(record) == [("broken", "Observation")]


# --- at an instant -------------------------------------------------------------------------------


def test_a_fact_after_the_instant_is_left_out_and_told() -> None:
    record = record_of(temperature(39, at="+5m", id="later"), temperature(38, at="1h"))

    assert [fact.value for fact in build_snapshot(record, NOW_AT, POLICY).temperatures] == [38]
    assert record.issues_at(NOW_AT) == (
        DataIssue(IssueKind.FUTURE, "Observation", 1, ("Observation/later",)),
    )
    assert record.issues_at(NOW_AT + 5 * MINUTE) == ()


def test_an_order_after_the_instant_is_left_out_and_told() -> None:
    record = record_of(
        ordered("tocilizumab", at="+5m", id="later"),
        ordered("dexamethasone", at="0"),
        ordered("levetiracetam", authoredOn=None),
    )
    snapshot = build_snapshot(record, NOW_AT, POLICY)

    assert [order.key for order in snapshot.orders] == ["dexamethasone", "levetiracetam"]
    assert record.issues_at(NOW_AT) == (
        DataIssue(IssueKind.FUTURE, "MedicationRequest", 1, ("MedicationRequest/later",)),
    )
    assert len(build_snapshot(record, NOW_AT + 5 * MINUTE, POLICY).orders) == 3


def test_a_fact_at_the_instant_counts() -> None:
    record = record_of(temperature(39, at="0"), given("tocilizumab", at="0"))
    snapshot = build_snapshot(record, NOW_AT, POLICY)

    assert len(snapshot.temperatures) == 1
    assert len(snapshot.doses) == 1


def test_an_observation_over_an_open_period_stands_at_the_instant() -> None:
    running = temperature(
        39, effectiveDateTime=None, effectivePeriod={"start": "2026-11-22T10:00:00Z"}
    )
    snapshot = build_snapshot(record_of(running, temperature(37, at="2h")), NOW_AT, POLICY)

    assert sorted(fact.t for fact in snapshot.temperatures) == [ago("2h"), NOW_AT]


@pytest.mark.parametrize(
    ("given_on", "start"),
    [
        ("2026-11-22", NOW_AT),
        ("2026-11-21", ago("14h1m")),
        ("2026-11", NOW_AT),
        ("2026", NOW_AT),
        ("2026-10", ago("21d14h1m")),
    ],
    ids=["today", "yesterday", "this month", "this year", "last month"],
)
def test_a_dose_with_a_date_only_was_given_as_late_as_can_be(given_on: str, start: int) -> None:
    snapshot = build_snapshot(record_of(given("tocilizumab", at=given_on)), NOW_AT, POLICY)

    assert [dose.start for dose in snapshot.doses] == [start]


def test_a_risk_of_the_future_is_left_out_and_one_without_date_kept() -> None:
    record = record_of(condition("text|Home CPAP", onset="+1h"), condition("text|Home BiPAP"))

    assert [risk.kind.value for risk in build_snapshot(record, NOW_AT, POLICY).risks] == [
        "home-bipap"
    ]


@pytest.mark.parametrize("published", [True, False])
def test_a_site_without_administrations_has_none_read(published: bool) -> None:
    read = {"given": KeyRead()}
    record = build_record(read, PATIENT_ID, UTC_ZONE)
    policy = replace(POLICY, administrations_published=published)

    reach = build_snapshot(record, NOW_AT, policy).reach
    assert reach.doses == (ALWAYS if published else NEVER)


def test_every_kind_of_fact_reaches_the_snapshot() -> None:
    record = record_of(cells(), patient(), report("eeg", []), temperature(38))
    snapshot = build_snapshot(record, NOW_AT, POLICY)

    assert len(snapshot.infusions) == 1
    assert len(snapshot.studies) == 1
    assert snapshot.birth is not None


# --- what is lacking -----------------------------------------------------------------------------

CHARTED = [temperature(37), pressure(118), spo2(97), *ice(10)]


@pytest.mark.parametrize(
    ("chart", "is_missing"),
    [
        (CHARTED, False),
        ([*CHARTED[:2], device("room-air"), CHARTED[3]], False),
        (CHARTED[1:], True),
        ([CHARTED[0], *CHARTED[2:]], True),
        (CHARTED[:3], True),
        ([temperature(37, at="24h"), *CHARTED[1:]], False),
        ([temperature(37, at="24h1m"), *CHARTED[1:]], True),
        ([CHARTED[0], pressure(118, at="12h"), *CHARTED[2:]], False),
        ([CHARTED[0], pressure(118, at="12h1m"), *CHARTED[2:]], True),
        ([temperature(37, at="+1h"), *CHARTED[1:]], True),
    ],
)
def test_whether_a_main_input_is_lacking(chart: list[Resource], is_missing: bool) -> None:
    assert record_of(*chart).missing_bedside(NOW_AT, POLICY) is is_missing


@pytest.mark.parametrize(
    ("window", "kind", "charted"),
    [
        ("fever_window_h", 0, temperature(37, at="8h")),
        ("bp_window_h", 1, pressure(118, at="8h")),
        ("oxygen_window_h", 2, spo2(97, at="8h")),
        ("neuro_window_h", 3, ice(10, at="8h")[0]),
    ],
)
def test_a_main_input_is_lacking_where_it_is_older_than_the_window_of_the_site(
    window: str, kind: int, charted: Resource
) -> None:
    record = record_of(*CHARTED[:kind], charted, *CHARTED[kind + 1 :])

    assert not record.missing_bedside(NOW_AT, replace(POLICY, **{window: 8}))
    assert record.missing_bedside(NOW_AT, replace(POLICY, **{window: 7}))


@pytest.mark.parametrize(
    ("charted", "is_missing"),
    [
        ([], True),
        ([device("room-air", at="24h")], False),
        ([device("room-air", at="24h1m")], True),
        ([flow(2)], False),
        ([fio2(40)], False),
    ],
)
def test_whether_nothing_says_what_is_breathed(charted: list[Resource], is_missing: bool) -> None:
    assert record_of(*CHARTED, *charted).missing_oxygen(NOW_AT, POLICY) is is_missing


def test_keys_that_fall_short_come_in_advertised_order() -> None:
    reads = {key: KeyRead() for key in KEYS} | {
        "reports": KeyRead(not_read="failed"),
        "given": KeyRead(asked_from=NOW_AT - 92 * DAY),
    }
    record = build_record(reads, PATIENT_ID, UTC_ZONE)

    assert keys_short_of(record, NOW_AT - 92 * DAY) == ("reports",)
    assert keys_short_of(record, NOW_AT - 92 * DAY - HOUR) == ("given", "reports")
    assert keys_short_of(build_record({}, PATIENT_ID, UTC_ZONE), NOW_AT) == tuple(KEYS)


# --- an infusion that may have been --------------------------------------------------------------

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
