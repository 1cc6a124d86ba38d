"""Every synthetic patient, asked for in every way that an EHR may deliver a chart."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
import requests
from fhir.resources.R4B import get_fhir_model_class

from sandbox.catalog import Resource
from sandbox.client import Hook, Mode, Peers, discover, drafted, hook_request, opened
from sandbox.drafts import draft_orders, references
from sandbox.story import Story, stories
from tests.cards.shape import shape_faults

NOW = "2026-11-22T14:00:30Z"
STORIES = stories()
ASSESSMENT = "org.cart-toxicity-cds.assessment"
Ask = Callable[[str, Mode], bytes]
Order = Callable[[int, Hook, Mode], bytes]
WAYS = [Mode.PREFETCH, Mode.FHIR_SERVER, Mode.MIXED]
SCENARIOS = [(story, each) for story in STORIES for each in story.scenarios]
ORDERED = pytest.mark.parametrize(
    "number", range(len(SCENARIOS)), ids=[f"{story.id}: {each.title}" for story, each in SCENARIOS]
)


@pytest.fixture(scope="module")
def fired(session: requests.Session, fhir: str, address: str) -> Callable[..., bytes]:
    """What the service of a hook answers in a context, at `NOW`."""
    peers = Peers(session, fhir, address)
    services = {hook: discover(peers, hook) for hook in Hook}

    def answered(hook: Hook, context: Resource, mode: Mode) -> bytes:
        request = hook_request(peers, services[hook], context, mode) | {
            "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
            "extension": {"org.cart-toxicity-cds.evaluate-at": NOW},
        }
        found = session.post(services[hook].url, json=request, timeout=30)
        assert found.status_code == 200, found.text
        return found.content

    return answered


@pytest.fixture(scope="module")
def answer(fired: Callable[..., bytes]) -> Ask:
    """What the service answers for a patient, asked for once in each way."""

    @cache
    def asked(patient_id: str, mode: Mode) -> bytes:
        return fired(Hook.PATIENT_VIEW, opened(patient_id), mode)

    return asked


@pytest.fixture(scope="module")
def order(fired: Callable[..., bytes]) -> Order:
    """What the service answers to the scenario of a number, asked for once in each way."""

    @cache
    def asked(number: int, hook: Hook, mode: Mode) -> bytes:
        story, scenario = SCENARIOS[number]
        return fired(hook, drafted(story.id, draft_orders(story, scenario), hook), mode)

    return asked


LONG = "crs-3"
"""Its bedside rows fill more than a page, and prefetch alone cannot be read on."""
ON_A_PAGE = [story for story in STORIES if story.id != LONG]


@pytest.mark.parametrize("story", ON_A_PAGE, ids=[story.id for story in ON_A_PAGE])
def test_every_way_of_delivery_gives_the_same_bytes(story: Story, answer: Ask) -> None:
    answers = {mode: answer(story.id, mode) for mode in WAYS}

    assert answers == dict.fromkeys(WAYS, answers[Mode.FHIR_SERVER])


def test_a_page_that_is_cut_off_says_from_when_it_was_read_and_nothing_else_changes(
    answer: Ask,
) -> None:
    answers = {mode: answer(LONG, mode) for mode in WAYS}
    told = b"- History read only from 2026-11-20 13:00 UTC on.\\n\\n"
    prefetched = answers[Mode.PREFETCH]

    assert prefetched.count(told) == 1
    assert answers | {Mode.PREFETCH: prefetched.replace(told, b"")} == dict.fromkeys(
        WAYS, answers[Mode.FHIR_SERVER]
    )


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


@ORDERED
def test_every_way_of_delivery_gives_the_same_alerts(number: int, order: Order) -> None:
    answers = {mode: order(number, Hook.ORDER_SIGN, mode) for mode in WAYS}

    assert answers == dict.fromkeys(WAYS, answers[Mode.FHIR_SERVER])


@ORDERED
@pytest.mark.parametrize("hook", [Hook.ORDER_SELECT, Hook.ORDER_SIGN])
def test_the_rules_on_each_draft_are_those_of_the_scenario(
    number: int, hook: Hook, order: Order
) -> None:
    story, scenario = SCENARIOS[number]
    body: dict[str, Any] = json.loads(order(number, hook, Mode.PREFETCH))
    refs = references(draft_orders(story, scenario))
    checked = 1 if hook is Hook.ORDER_SELECT else len(refs)
    expected = {ref: list(draft.rules) for ref, draft in zip(refs, scenario.drafts, strict=True)}
    rows = body["extension"][ASSESSMENT]["orders"]
    found = {row["order"]: row.get("rules", []) for row in rows}

    assert found == dict(list(expected.items())[:checked])
    assert bool(body["cards"]) == any(found.values())
    assert shape_faults(body) == []


def test_order_scenarios_show_every_indicator_and_silence(order: Order) -> None:
    answers = [
        json.loads(order(number, Hook.ORDER_SIGN, Mode.PREFETCH))["cards"]
        for number in range(len(SCENARIOS))
    ]

    assert {card["indicator"] for cards in answers for card in cards} == {
        *("info", "warning", "critical")
    }
    assert [] in answers
