"""The options of a card: how strongly, what is already there, when a next dose is possible."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from cards.options import options_text, ranked
from cards.references import References
from grading.model import DrugPlan, Measured, Offer, Order, Recommendation, Strength, Urgency
from tests.cards.patients import (
    CONTEXT,
    CRS_3,
    WEIGHT,
    WORDS,
    cards_of,
    drug,
    recommended,
    tocilizumab,
)
from tests.grading.snapshots import NOW, at

TOCI = tocilizumab()
ORDERED = Order("tocilizumab", at(-2), "MedicationRequest/1", text="Actemra_IV")
TIMELESS = ORDERED._replace(t=None)
SECOND = Measured(at(-30), Decimal("80.5"), "Observation/w2", ("date-only",))
TWO_WEIGHTS = DrugPlan("tocilizumab", "toci", Decimal(560), (WEIGHT, SECOND))


def line(item: Recommendation) -> str:
    options = options_text([item], WORDS, References(CONTEXT))
    return options.decisions or options.care


@pytest.mark.parametrize(
    ("changes", "start"),
    [
        ({}, "- **Recommended, draft below:** Tocilizumab 560 mg IV over 60 min, one dose"),
        ({"strength": Strength.CONSIDER}, "- **Consider, draft below:**"),
        ({"offer": Offer.TEXT}, "- **Recommended:**"),
        ({"offer": Offer.TEXT, "strength": Strength.AVOID}, "- **Caution:**"),
        ({"offer": Offer.WAIT}, "- **Recommended, not now:**"),
        (
            {"offer": Offer.WAIT, "next_at": at(3)},
            "- **Recommended, possible from 2026-11-22 17:00 UTC:**",
        ),
        ({"offer": Offer.ALREADY}, "- **Recommended, already given:**"),
        (
            {"offer": Offer.ALREADY, "already_at": NOW},
            "- **Recommended, already given 2026-11-22 14:00 UTC:**",
        ),
        (
            {"offer": Offer.ALREADY, "already": ORDERED},
            "- **Recommended, already ordered 2026-11-22 12:00 UTC (Actemra\\_IV):**",
        ),
        (
            {"offer": Offer.ALREADY, "already": TIMELESS._replace(draft=True, text="")},
            "- **Recommended, already drafted:**",
        ),
        (
            {"offer": Offer.ALREADY, "already": TIMELESS, "already_at": NOW},
            "- **Recommended, already ordered 2026-11-22 14:00 UTC (Actemra\\_IV):**",
        ),
        ({"topic": "could-be"}, "- **If the grade is higher:**"),
    ],
)
def test_an_option_leads_with_its_strength_and_state(changes: dict[str, Any], start: str) -> None:
    assert line(replace(TOCI, **changes)).startswith(start)


def test_a_dose_shows_every_weight_with_its_date() -> None:
    text = line(replace(TOCI, drug=TWO_WEIGHTS))
    assert "(weight 70 kg, 2026-11-22 08:00 UTC; weight 80.5 kg, 2026-11-21)." in text


def test_an_option_ends_with_its_advice_and_its_sources() -> None:
    assert line(TOCI).endswith("Reassessment after 8 h. (sources 1, 2, 3)")


def test_without_a_dose_the_rule_is_said_and_why() -> None:
    item = drug("MGMT-CRS-3", "dex-10-q6h", None, says="Dexamethasone IV", detail=("age-unknown",))
    text = line(item)
    assert "Dexamethasone IV. The age is not known, so no dose is shown." in text


def test_care_without_urgency_is_a_list_of_its_own() -> None:
    options = options_text([TOCI, recommended("MGMT-CRS-01")], WORDS, References(CONTEXT))
    assert "infection" in options.care
    assert "infection" not in options.decisions


def test_urgent_care_stands_with_the_decisions() -> None:
    item = recommended("MGMT-CRS-3")
    assert "ICU care" in options_text([item], WORDS, References(CONTEXT)).decisions


def test_options_are_ordered_by_strength_then_urgency_then_offer() -> None:
    could_be = replace(TOCI, topic="could-be")
    consider = replace(TOCI, strength=Strength.CONSIDER)
    avoid = replace(TOCI, strength=Strength.AVOID)
    info = replace(TOCI, indicator=Urgency.INFO)
    text = replace(TOCI, offer=Offer.TEXT)
    mixed = [could_be, consider, avoid, info, text, TOCI]
    assert ranked(mixed) == (TOCI, text, info, avoid, consider, could_be)


def test_sources_are_numbered_once_in_the_order_of_use() -> None:
    references = References(CONTEXT)
    assert references.mark(["asco-2021"]) == " (source 1)"
    assert references.mark(["s20", "asco-2021", "s20"]) == " (sources 1, 2)"
    assert references.mark([]) == ""
    assert references.section().count("\n") == 3
    urls = [link.url for link in references.links()]
    assert urls[-1] == "https://cds.example.org/rules"
    assert all(url.startswith("https://") for url in urls)
    assert len(urls) == 2


OURS = "https://cds.example.org/rules"


@pytest.mark.parametrize(
    ("cite", "base_url", "linked", "links"),
    [
        ("asco-2021", None, "](https://eguideline", 1),
        ("s20", None, "1. EHA/EBMT ICAHT guidance 2023 (Rejeski et al.)", 0),
        ("s20", "https://cds.example.org", "1. EHA/EBMT ICAHT guidance 2023 (Rejeski et al.)", 1),
        ("design", None, "1. Project decision 2026", 0),
        ("design", "https://cds.example.org/", "1. [Project decision 2026](" + OURS + ")", 1),
        ("design", "http://127.0.0.1:8042", "(http://127.0.0.1:8042/rules)", 1),
    ],
)
def test_only_secure_pages_and_our_own_are_linked(
    cite: str, base_url: str | None, linked: str, links: int
) -> None:
    references = References(replace(CONTEXT, base_url=base_url))
    references.mark([cite])
    assert linked in references.section()
    assert len(references.links()) == links


def test_a_draft_says_what_it_replaces() -> None:
    running = Order("dexamethasone", at(-5), "MedicationRequest/9")
    plan = DrugPlan("dexamethasone", "dex-10-q6h", Decimal(10), replaces=running)
    [card] = cards_of(CRS_3, [drug("MGMT-CRS-3", "dex-10-q6h", 10, drug=plan)])
    action = card["suggestions"][0]["actions"][0]
    said = "Replaces the running order of 2026-11-22 09:00 UTC, not in addition to it."
    assert action["description"].endswith(said)
    assert action["resource"]["note"][-1] == {"text": said}


def test_a_running_order_without_a_time_is_replaced_as_well() -> None:
    running = Order("dexamethasone", None, "MedicationRequest/9")
    plan = DrugPlan("dexamethasone", "dex-10-q6h", Decimal(10), replaces=running)
    [card] = cards_of(CRS_3, [drug("MGMT-CRS-3", "dex-10-q6h", 10, drug=plan)])
    assert "Replaces the running order, not" in card["suggestions"][0]["actions"][0]["description"]
