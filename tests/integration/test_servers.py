"""The synthetic patients on servers that are not ours: the same grades in every way of reading."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import pytest
import requests
from click.testing import CliRunner

from sandbox.catalog import Resource
from sandbox.client import Hook, Mode, Peers, Service, discover, hook_request, opened
from sandbox.fhir import Fhir
from sandbox.seeding import remove, seed
from sandbox.story import Ehr, Story, stories
from service.access import Access
from service.cli import main
from service.fhir_client import FhirClient
from tests.integration.conftest import NOW, Seeded

STORIES = stories()
ASSESSMENT = "org.cart-toxicity-cds.assessment"
EACH = pytest.mark.parametrize("story", STORIES, ids=[story.id for story in STORIES])


class Asked(NamedTuple):
    """A call, and the body of its answer."""

    request: Resource
    body: Resource

    @property
    def assessment(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.body["extension"][ASSESSMENT]
        return found


Ask = Callable[[Seeded, Story, Mode], Asked]


@pytest.fixture(scope="module")
def ask(session: requests.Session, service: str) -> Ask:
    """What patient-view answers for a patient at `NOW`, asked for once in each way."""
    offered = discover(Peers(session, "", service), Hook.PATIENT_VIEW)

    @cache
    def asked(base: str, patient_id: str, mode: Mode) -> Asked:
        return fired(session, base, offered, patient_id, mode)

    return lambda server, story, mode: asked(server.base, server.ids[story.id], mode)


def fired(
    session: requests.Session, base: str, offered: Service, patient_id: str, mode: Mode
) -> Asked:
    peers = Peers(session, base, "")
    request = hook_request(peers, offered, opened(patient_id), mode) | {
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "extension": {"org.cart-toxicity-cds.evaluate-at": NOW},
    }
    answer = session.post(offered.url, json=request, timeout=90)
    assert answer.status_code == 200, answer.text
    return Asked(request, answer.json())


_HISTORY = re.compile(r"- History read only from [^\n]+\n\n")


def without_history(body: Resource) -> Resource:
    """An answer without the note from when on a page that is cut off was read."""
    cards = [card | {"detail": _HISTORY.sub("", card["detail"])} for card in body["cards"]]
    return body | {"cards": cards}


@EACH
def test_reading_the_server_gives_what_prefetch_gives(
    server: Seeded, story: Story, ask: Ask
) -> None:
    read, prefetched = (ask(server, story, mode) for mode in (Mode.FHIR_SERVER, Mode.PREFETCH))

    assert "prefetch" not in read.request
    assert "fhirServer" not in prefetched.request
    assert without_history(read.body) == without_history(prefetched.body)


@EACH
def test_the_grades_are_those_of_the_story(server: Seeded, story: Story, ask: Ask) -> None:
    found = ask(server, story, Mode.FHIR_SERVER).assessment

    for syndrome, grade in (("crs", story.expect.crs), ("icans", story.expect.icans)):
        bounds = (found[syndrome].get("lo"), found[syndrome].get("hi"))
        assert bounds == (grade if grade is not None else (None, None))


@EACH
def test_servers_differ_in_their_ids_alone(
    on_sekmet: Seeded, on_hapi: Seeded, story: Story, ask: Ask
) -> None:
    found = [plain(each, ask, story) for each in (on_sekmet, on_hapi)]

    assert found[0] == found[1]


def plain(server: Seeded, ask: Ask, story: Story) -> Any:
    """The assessment with our identifier in place of each server's id, lists in sorted order."""
    prefetched = ask(server, story, Mode.PREFETCH)
    names = {
        f"{resource['resourceType']}/{resource['id']}": resource["identifier"][0]["value"]
        for value in prefetched.request["prefetch"].values()
        for resource in resources_of(value)
    }
    text = json.dumps(prefetched.assessment)
    renamed = re.sub(r"[A-Z]\w+/[\w-]+", lambda ref: names.get(ref[0], ref[0]), text)
    return in_order(json.loads(renamed))


def resources_of(value: Resource) -> list[Resource]:
    if value["resourceType"] != "Bundle":
        return [value]
    found = (entry["resource"] for entry in value.get("entry", ()))
    return [each for each in found if "identifier" in each]


def in_order(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: in_order(each) for key, each in value.items()}
    if isinstance(value, list):
        return sorted(map(in_order, value), key=json.dumps)
    return value


def total(session: requests.Session, query: str) -> int:
    answer = session.get(query, headers={"Cache-Control": "no-cache"}, timeout=60)
    found: int = answer.json()["total"]
    return found


def counts(session: requests.Session, server: Seeded) -> list[int]:
    kinds = ["Patient", "Observation", "MedicationAdministration", "Medication"]
    return [total(session, f"{server.base}/{kind}?_summary=count") for kind in kinds]


def test_seeding_again_leaves_the_same_number_and_ids(
    server: Seeded, session: requests.Session
) -> None:
    again = [story for story in STORIES if story.style.ehr is Ehr.EPIC][:2]
    before = counts(session, server)
    written = list(seed(session, server.base, again, datetime.fromisoformat(NOW)))

    assert [each.patient_id for each in written] == [server.ids[story.id] for story in again]
    assert counts(session, server) == before


def test_what_was_seeded_is_taken_out_and_nothing_else(
    server: Seeded, session: requests.Session
) -> None:
    guest = replace(STORIES[0], id="guest")
    now = datetime.fromisoformat(NOW)
    before = counts(session, server)
    (written,) = seed(session, server.base, [guest], now)
    during = counts(session, server)
    (removed,) = remove(session, server.base, [guest], now)

    assert during[0] == before[0] + 1
    assert (removed.patient_id, removed.resources) == (written.patient_id, written.resources)
    assert counts(session, server) == before
    assert list(remove(session, server.base, [guest], now)) == []


def test_what_was_charted_since_is_found_by_the_same_search(
    server: Seeded, session: requests.Session
) -> None:
    (story, *_) = STORIES
    patient_id = server.ids[story.id]
    query = (("patient", patient_id), ("code", "8310-5"), ("_sort", "-date"), ("_count", "200"))
    service, page = FhirClient(2**24), Fhir(session, server.base)

    def found() -> tuple[set[str], set[str]]:
        access = Access(server.base, None, time.monotonic() + 60)
        bundle = json.loads(service.get(access, f"{server.base}/Observation", query))
        entries = (entry["resource"] for entry in bundle.get("entry", ()))
        seen = page.search("Observation", dict(query))
        return {each["id"] for each in entries}, {each["id"] for each in seen}

    before = found()
    fever = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8310-5"}]},
        "subject": {"reference": f"Patient/{patient_id}"},
        "effectiveDateTime": NOW,
        "valueQuantity": {"value": 39.2, "system": "http://unitsofmeasure.org", "code": "Cel"},
    }
    written = page.create(fever)
    try:
        after = found()
    finally:
        session.delete(f"{server.base}/{written}", timeout=60)

    new = {written.removeprefix("Observation/")}
    assert tuple(late - early for early, late in zip(before, after, strict=True)) == (new, new)


def test_the_probe_finds_a_patient_and_that_both_can_be_graded(server: Seeded) -> None:
    done = CliRunner().invoke(main, ["probe", "--fhir-base", server.base, "--json"])
    found = json.loads(done.stdout)

    assert done.exit_code == 0
    assert found["patient"]["how"] == "newest CAR-T product given"
    assert found["patient"]["patient_id"] in server.ids.values()
    assert (found["crs_lacks"], found["icans_lacks"]) == ([], [])
