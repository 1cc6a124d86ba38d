"""Seeding by identifier: what is written, and what is said where a server is odd or refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import fhirkit
import pytest
import requests
import responses
from click.testing import CliRunner
from responses import matchers

from sandbox.__main__ import main
from sandbox.loader import LoadError
from sandbox.seeding import SYSTEM, remove, seed, transaction
from sandbox.story import Story, stories
from sandbox.timeline import resources

BASE = "http://127.0.0.1:9/fhir"
STORIES = stories()
PLAIN = next(story for story in STORIES if story.id == "ordinary")
IDENTIFIED = {"identifier": f"{SYSTEM}|ordinary"}


def bundle(*found: dict[str, Any], next_url: str = "") -> dict[str, Any]:
    links = [{"relation": "next", "url": next_url}] if next_url else []
    return {"resourceType": "Bundle", "link": links, "entry": [{"resource": r} for r in found]}


def ours(kind: str, identifier: str) -> dict[str, Any]:
    owned = [{"system": SYSTEM, "value": "x"}]
    return {"resourceType": kind, "id": identifier, "identifier": owned}


@pytest.mark.parametrize("story", STORIES, ids=[story.id for story in STORIES])
def test_each_resource_is_updated_by_its_identifier_and_points_within_the_bundle(
    story: Story, now: datetime
) -> None:
    entries = transaction(resources(story, now))["entry"]
    full_urls = {entry["fullUrl"] for entry in entries}
    subjects = {
        entry["resource"]["subject"]["reference"]
        for entry in entries
        if "subject" in entry["resource"]
    }

    assert len(full_urls) == len(entries)
    assert subjects == {entries[0]["fullUrl"]}
    for entry in entries:
        (identifier,) = entry["resource"]["identifier"]
        assert "id" not in entry["resource"]
        assert entry["request"]["method"] == "PUT"
        assert entry["request"]["url"].endswith(f"%7C{identifier['value']}")


@pytest.mark.parametrize("story", STORIES, ids=[story.id for story in STORIES])
def test_a_second_validator_finds_no_fault_with_what_is_written(
    story: Story, now: datetime
) -> None:
    faults = {
        f"{entry['request']['url']}: {issue}"
        for entry in transaction(resources(story, now))["entry"]
        for issue in fhirkit.validate(entry["resource"])
    }

    assert faults == set()


@responses.activate
@pytest.mark.parametrize(
    ("location", "patient_id"),
    [
        ("Patient/17/_history/2", "17"),
        (f"{BASE}/Patient/17", "17"),
        ("", "found"),
        ("Patient", "found"),
    ],
)
def test_the_id_is_where_the_server_says_else_it_is_looked_for(
    now: datetime, location: str, patient_id: str
) -> None:
    entry = {"response": {"status": "201", "location": location}}
    responses.post(BASE, json={"resourceType": "Bundle", "entry": [entry]})
    responses.get(f"{BASE}/Patient", json=bundle(ours("Patient", "found")))
    (written,) = seed(requests.Session(), BASE, [PLAIN], now)

    assert written.patient_id == patient_id


@responses.activate
def test_a_patient_that_is_not_found_again_is_an_error(now: datetime) -> None:
    responses.post(BASE, json=[])
    responses.get(f"{BASE}/Patient", json=bundle({"resourceType": "Patient", "id": "other"}))

    with pytest.raises(LoadError, match="does not find it"):
        next(seed(requests.Session(), BASE, [PLAIN], now))


@responses.activate
def test_removing_follows_pages_and_takes_only_what_is_ours(now: datetime) -> None:
    other = {"resourceType": "Observation", "id": "theirs"}
    responses.get(
        f"{BASE}/Patient",
        json=bundle(ours("Patient", "17")),
        match=[matchers.query_param_matcher(IDENTIFIED)],
    )
    responses.get(
        f"{BASE}/Observation", json=bundle(ours("Observation", "1"), other, next_url=f"{BASE}/more")
    )
    responses.get(f"{BASE}/more", json=bundle(ours("Observation", "2")))
    for kind in {each["resourceType"] for each in resources(PLAIN, now)} - {"Observation"}:
        responses.get(f"{BASE}/{kind}", json=bundle())
    sent = responses.post(BASE, json={"resourceType": "Bundle"})
    (removed,) = remove(requests.Session(), BASE, [replace(PLAIN)], now)
    body = str(sent.calls[0].request.body)

    assert (removed.patient_id, removed.resources) == ("17", 3)
    assert "theirs" not in body
    assert body.index("Observation/2") < body.index("Patient/17")


@responses.activate
@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"json": {"issue": [{"diagnostics": "transactions are off"}]}}, "transactions are off"),
        ({"json": {"issue": [{"details": {"text": "read-only"}}]}}, "read-only"),
        ({"body": "<html>no"}, "<html>no"),
    ],
    ids=["diagnostics", "details", "a web page"],
)
@pytest.mark.parametrize("how", ["--by-identifier", "--remove"])
def test_what_the_server_refuses_is_told_without_a_traceback(
    answer: dict[str, Any], told: str, how: str
) -> None:
    responses.post(BASE, status=403, **answer)
    responses.get(f"{BASE}/Patient", status=403, **answer)
    done = CliRunner().invoke(main, ["seed", "--fhir", f"{BASE}/", how])

    assert done.exit_code == 1
    assert "answered 403" in done.output
    assert told in done.output
    assert "Traceback" not in done.output


@responses.activate
def test_a_line_for_each_patient_tells_its_id() -> None:
    entry = {"response": {"location": "Patient/17/_history/1"}}
    responses.post(BASE, json={"resourceType": "Bundle", "entry": [entry]})
    done = CliRunner().invoke(main, ["seed", "--fhir", BASE, "--by-identifier"])

    assert done.exit_code == 0
    assert len([line for line in done.output.splitlines() if "Patient/17" in line]) == len(STORIES)
    assert done.output.endswith(f"{len(STORIES)} patients\n")
