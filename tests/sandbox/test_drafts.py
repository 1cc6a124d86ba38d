"""Draft orders as each EHR hands them over."""

from __future__ import annotations

import pytest
from fhir.resources.R4B import get_fhir_model_class

from sandbox.catalog import Resource
from sandbox.drafts import draft_orders, references
from sandbox.story import StoryError, read_story, stories
from tests.sandbox.story_text import HEAD

SCENARIO = """
[[scenarios]]
title = "Two drafts"
drafts = [
  { drug = "cefepime", dose = "2 g", route = "IV", sig = "as told", every_h = 8, reason = "fever" },
  { test = "EEG" },
]
"""


def bundle(style: str = "plain", text: str = SCENARIO) -> Resource:
    story = read_story(f"{HEAD}style = {{ ehr = '{style}' }}\n{text}")
    return draft_orders(story, story.scenarios[0])


def drafts(style: str = "plain", text: str = SCENARIO) -> list[Resource]:
    return [entry["resource"] for entry in bundle(style, text)["entry"]]


def test_a_draft_has_what_the_row_says() -> None:
    order, test = drafts()

    assert (order["status"], order["intent"]) == ("draft", "order")
    assert order["subject"] == {"reference": "Patient/p"}
    assert order["medicationCodeableConcept"]["text"] == "cefepime 2 g injection"
    assert order["reasonCode"] == [{"text": "fever"}]
    (instruction,) = order["dosageInstruction"]
    assert instruction["text"] == "as told"
    assert instruction["timing"] == {"repeat": {"frequency": 1, "period": 8, "periodUnit": "h"}}
    assert instruction["route"]["text"] == "IV"
    assert instruction["doseAndRate"][0]["doseQuantity"]["value"] == 2
    assert (test["resourceType"], test["code"]["text"]) == ("ServiceRequest", "EEG")


def test_a_draft_may_be_a_name_alone() -> None:
    (order,) = drafts(text="[[scenarios]]\ntitle = 'x'\ndrafts = [{ drug = 'zolpidem' }]")

    assert set(order) == {
        *("resourceType", "id", "status", "intent", "subject", "medicationCodeableConcept"),
    }


def test_an_epic_like_ehr_puts_the_medication_beside_and_writes_long_ids() -> None:
    order, medication, test = drafts("epic")

    assert medication["resourceType"] == "Medication"
    assert order["medicationReference"]["reference"] == f"Medication/{medication['id']}"
    assert {len(order["id"]), len(test["id"])} == {193}
    assert order["id"] != test["id"]


def test_a_cerner_like_ehr_contains_the_medication() -> None:
    order, _ = drafts("cerner")

    assert order["medicationReference"] == {"reference": "#med"}


@pytest.mark.parametrize("style", ["plain", "epic", "cerner"])
def test_only_the_orders_are_referred_to(style: str) -> None:
    kinds = [each.partition("/")[0] for each in references(bundle(style))]

    assert kinds == ["MedicationRequest", "ServiceRequest"]


def test_a_drug_that_the_catalog_does_not_have_is_refused() -> None:
    text = "[[scenarios]]\ntitle = 'Odd'\ndrafts = [{ drug = 'elixir' }]"

    with pytest.raises(StoryError, match="p: Odd: no drug is called 'elixir'"):
        bundle(text=text)


def test_the_shipped_drafts_are_valid_and_their_ids_are_their_own() -> None:
    bundles = [draft_orders(story, each) for story in stories() for each in story.scenarios]
    refs = [ref for each in bundles for ref in references(each)]

    for each in bundles:
        for entry in each["entry"]:
            get_fhir_model_class(entry["resource"]["resourceType"]).model_validate(
                entry["resource"]
            )
    assert len(set(refs)) == len(refs)
    assert len(bundles) >= 20
