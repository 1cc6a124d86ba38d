"""The record as a whole: whose it is, and each resource once."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from fhir_mappings import KeyRead, build_record, build_snapshot, read_page
from fhir_mappings.issues import IssueKind
from fhir_mappings.times import UTC_ZONE, read_when
from grading.knowledge import KNOWLEDGE
from grading.model import HOUR
from tests.builders import ice, patient, spo2, temperature
from tests.fhir_basics import PATIENT_ID
from tests.fhir_codes import Resource
from tests.fhir_mappings.reading import NOW_AT, page, problems, record_of

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


def _versions() -> list[Resource]:
    old = temperature(39.5, id="t1", meta={"versionId": "1", "lastUpdated": "2026-11-22T13:00:00Z"})
    new = temperature(37.5, id="t1", meta={"versionId": "2", "lastUpdated": "2026-11-22T13:30:00Z"})
    return [old, new]


# --- each resource once, in any order ------------------------------------------------------------


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
