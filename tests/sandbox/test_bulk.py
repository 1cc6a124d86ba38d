"""Prefetch in bulk: the same answers as one query each, and nothing where that is not sure."""

from __future__ import annotations

from typing import Any

import pytest
import requests
import responses

from sandbox.bulk import read_ahead
from sandbox.client import Hook, Peers, discover, fill, opened, prefetch
from sandbox.fhir import Fhir
from sandbox.story import stories

BASE = "http://ehr.example.org/fhir"
PATIENT = "{{context.patientId}}"
LABS = f"Observation?patient={PATIENT}&code=1988-5,718-7&_sort=-date&_count=2"
IDS = [story.id for story in stories()]


def lab(name: str, when: str, code: str = "1988-5", patient: str = "a") -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "subject": {"reference": f"Patient/{patient}"},
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "effectiveDateTime": when,
    }


def page(*resources: dict[str, Any], **links: str) -> dict[str, Any]:
    told = [{"relation": name, "url": url} for name, url in links.items()]
    return {"entry": [{"resource": each} for each in resources], "link": told}


def answers(template: str, *pages: dict[str, Any], status: int = 200) -> dict[str, Any]:
    """What is found out for patients a and b from these pages of the server."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        for each in pages:
            mocked.get(f"{BASE}/Observation", json=each, status=status)
        return dict(read_ahead(Fhir(requests.Session(), BASE), [template], ["a", "b"]))


def names(found: dict[str, Any], patient: str, template: str = LABS) -> list[str]:
    bundle = found[patient][template.replace(PATIENT, patient)]
    return [each["resource"]["id"] for each in bundle.get("entry", ())]


def test_each_patient_gets_its_own_newest_first_cut_at_the_count() -> None:
    first = page(
        lab("old", "2026-11-20T08:00:00Z"),
        lab("new", "2026-11-22T08:00:00+02:00"),
        lab("day", "2026-11-21"),
        next=f"{BASE}/Observation?page=2",
    )
    found = answers(LABS, first, page(lab("of-b", "2026-11-22", patient="b"), lab("x", "", "1-1")))

    assert names(found, "a") == ["new", "day"]
    assert found["a"][LABS.replace(PATIENT, "a")]["total"] == 3
    assert names(found, "b") == ["of-b"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("category=exam", ["e"]),
        ("category=exam,survey", ["e"]),
        ("category=survey", []),
        ("status=final", ["e", "plain"]),
        ("status=registered", []),
    ],
)
def test_category_and_status_are_looked_at(asked: str, found: list[str]) -> None:
    exam = lab("e", "2026-11-22") | {"category": [{"coding": [{"code": "exam"}]}]}
    template = f"Observation?patient={PATIENT}&{asked}"

    assert names(answers(template, page(exam, lab("plain", ""))), "a", template) == found


@pytest.mark.parametrize(
    "template",
    [
        f"Patient/{PATIENT}",
        f"Observation?patient={PATIENT}&date=ge2026-11-01",
        f"Observation?subject={PATIENT}",
        "Observation?patient=a",
    ],
)
def test_a_template_that_asks_for_more_is_left_to_itself(template: str) -> None:
    assert answers(template, page()) == {"a": {}, "b": {}}


@pytest.mark.parametrize(
    "pages",
    [
        [page(lab("o", "2026-11-22"), self=f"{BASE}/Observation?_count=1000")],
        [page({"resourceType": "OperationOutcome", "issue": []})],
        [page(lab("o", "2026-11-22"), next="http://elsewhere.example.org/Observation?page=2")],
    ],
    ids=["of everyone", "with a problem", "with more elsewhere"],
)
def test_what_may_not_be_whole_is_left_to_itself(pages: list[dict[str, Any]]) -> None:
    assert answers(LABS, *pages) == {"a": {}, "b": {}}


def test_one_patient_alone_is_read_from_one_page_or_by_each_query() -> None:
    more = page(lab("o", "2026-11-22"), next=f"{BASE}/Observation?page=2")
    with responses.RequestsMock() as mocked:
        mocked.get(f"{BASE}/Observation", json=more)
        mocked.get(f"{BASE}/Observation", json=page(lab("o", "2026-11-22")))
        asked = [read_ahead(Fhir(requests.Session(), BASE), [LABS], ["a"]) for _ in range(2)]

    assert asked[0] == {"a": {}}
    assert names(asked[1], "a") == ["o"]


def test_a_type_that_is_refused_is_left_to_itself() -> None:
    assert answers(LABS, page(), status=403) == {"a": {}, "b": {}}


def test_on_a_real_server_the_answers_are_those_of_each_query(
    fhir: str, address: str, session: requests.Session
) -> None:
    peers = Peers(session, fhir, address)
    templates = discover(peers, Hook.PATIENT_VIEW).prefetch
    ahead = read_ahead(Fhir(session, fhir), templates.values(), IDS)
    some = ("both-3", "crs-2", "fahrenheit")
    compared = 0
    for patient_id in some:
        one_by_one = prefetch(peers, templates, opened(patient_id))
        for key, template in templates.items():
            query = fill(template, opened(patient_id)) or ""
            if query in ahead[patient_id]:
                compared += 1
                assert _told(ahead[patient_id][query]) == _told(one_by_one[key]), key

    assert compared == len(some) * 9  # not the Patient, nor forms, which this server cannot search


def _told(bundle: dict[str, Any]) -> tuple[int, list[str]]:
    """Total and the resources; those of one instant in any order."""
    found = [each["resource"] for each in bundle.get("entry", ())]
    return bundle["total"], sorted(each["id"] for each in found)
