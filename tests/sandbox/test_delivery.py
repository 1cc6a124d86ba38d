"""Every synthetic patient, asked for in every way that an EHR may deliver a chart."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
import requests
from fhir.resources.R4B import get_fhir_model_class

from sandbox.client import Mode, Peers, discover, hook_request
from sandbox.story import Story, stories
from tests.cards.shape import shape_faults

NOW = "2026-11-22T14:00:30Z"
STORIES = stories()
ASSESSMENT = "org.cart-toxicity-cds.assessment"
Ask = Callable[[str, Mode], bytes]
WAYS = [Mode.PREFETCH, Mode.FHIR_SERVER, Mode.MIXED]


@pytest.fixture(scope="module")
def answer(session: requests.Session, fhir: str, address: str) -> Callable[[str, Mode], bytes]:
    """What the service answers for a patient, asked for once in each way."""
    peers = Peers(session, fhir, address)
    service = discover(peers)

    @cache
    def fired(patient_id: str, mode: Mode) -> bytes:
        request = hook_request(peers, service, patient_id, mode) | {
            "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
            "extension": {"org.cart-toxicity-cds.evaluate-at": NOW},
        }
        found = session.post(service.url, json=request, timeout=30)
        assert found.status_code == 200, found.text
        return found.content

    return fired


@pytest.mark.parametrize("story", STORIES, ids=[story.id for story in STORIES])
def test_every_way_of_delivery_gives_the_same_bytes(story: Story, answer: Ask) -> None:
    answers = {mode: answer(story.id, mode) for mode in WAYS}

    assert answers == dict.fromkeys(WAYS, answers[Mode.FHIR_SERVER])


@pytest.mark.parametrize("story", STORIES, ids=[story.id for story in STORIES])
def test_the_grades_are_those_of_the_story(story: Story, answer: Ask) -> None:
    found = json.loads(answer(story.id, Mode.FHIR_SERVER))["extension"][ASSESSMENT]

    for syndrome, grade in (("crs", story.expect.crs), ("icans", story.expect.icans)):
        bounds = (found[syndrome].get("lo"), found[syndrome].get("hi"))
        assert bounds == (grade if grade is not None else (None, None))


@pytest.mark.parametrize("story", STORIES, ids=[story.id for story in STORIES])
def test_the_cards_are_what_cds_hooks_allows_and_each_draft_is_valid_fhir(
    story: Story, answer: Ask
) -> None:
    body: dict[str, Any] = json.loads(answer(story.id, Mode.FHIR_SERVER))
    suggestions = [s for card in body["cards"] for s in card.get("suggestions", ())]
    drafts = [action["resource"] for s in suggestions for action in s["actions"]]

    assert shape_faults(body) == []
    for draft in drafts:
        get_fhir_model_class(draft["resourceType"]).model_validate(draft)
        assert draft["subject"] == {"reference": f"Patient/{story.id}"}
        assert draft["intent"] == "proposal"
