"""The record at an instant: what is left out, and what is lacking."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fhir_mappings import KeyRead, build_record, build_snapshot, keys_short_of
from fhir_mappings.issues import DataIssue, IssueKind
from fhir_mappings.keys import KEYS
from fhir_mappings.times import UTC_ZONE
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
    report,
    spo2,
    temperature,
)
from tests.fhir_basics import PATIENT_ID
from tests.fhir_codes import Resource
from tests.fhir_mappings.reading import NOW_AT, ago, record_of

POLICY = KNOWLEDGE.policy


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


CHARTED = [temperature(37), pressure(118), spo2(97), *ice(10)]


# --- what is lacking -----------------------------------------------------------------------------


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
