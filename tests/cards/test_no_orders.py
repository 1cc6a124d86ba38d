"""No sentence of the service orders anything, and every recommendation names source and year."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from cards import dump_cards
from cards.advice import ADVICE
from cards.compose import compose_cards, scope_unknown_card
from cards.names import LABELS, MISSING, REMARKS, STRENGTHS, WORDS
from cards.order_sentences import FAMILIES, HEADLINES, NOTES, SIDES
from cards.orderables import CARE_MEDICINES, LABS, MEDICINES, STUDIES
from cards.override import REASONS
from cards.sections import CLOSING
from cards.sentences import NOTES as REMARKS_OF_GRADES
from cards.unknown_order_card import WHY
from grading import KNOWLEDGE
from grading.model import Recommendation
from tests.cards.patients import CONTEXT, chart
from tests.grading.advice import assessed
from tests.grading.snapshots import cases
from tests.orders_of_words import ALLOWED, commands

ROWS = [
    row
    for table in (KNOWLEDGE.crs, KNOWLEDGE.icans)
    for axis in table.values()
    for row in axis.values()
]
FILES = (
    "recommend_worked",
    "recommend_tocilizumab",
    "recommend_steroid",
    "recommend_steroid_running",
    "recommend_icans",
    "recommend_refractory",
    "recommend_supportive",
)
CASES = [(f"{name}: {case['name']}", case) for name in FILES for case in cases(name)]


RULES = [
    *KNOWLEDGE.rules.values(),
    *KNOWLEDGE.order_rules.values(),
]
SENTENCES = {**ADVICE, **REMARKS_OF_GRADES}
WORDINGS = (LABELS, MISSING, REMARKS, STRENGTHS, WORDS, HEADLINES, SIDES, FAMILIES, NOTES)
ORDERABLES = [
    *STUDIES.values(),
    *LABS.values(),
    *CARE_MEDICINES.values(),
    *(product for products in MEDICINES.values() for product in products.values()),
]
SAID = (
    *((rule.id, rule.says) for rule in RULES),
    *((rule.id, rule.higher) for rule in KNOWLEDGE.rules.values()),
    *((rule.id, rule.higher_late) for rule in KNOWLEDGE.rules.values()),
    *((rule.id, rule.says) for rule in KNOWLEDGE.order_principles.values()),
    *((each.id, each.text) for each in KNOWLEDGE.regimens.values()),
    *((each.id, each.without_dose) for each in KNOWLEDGE.regimens.values()),
    *((row.id, row.text) for row in ROWS),
    *((source.id, source.label) for source in KNOWLEDGE.sources.values()),
    *((str(key), each.plain) for key, each in SENTENCES.items()),
    *((str(key), each.with_argument) for key, each in SENTENCES.items()),
    *((str(name), word) for words in WORDINGS for name, word in words.items()),
    *((each.text, each.text) for each in ORDERABLES),
    *((reason.code, reason.display or "") for reason in REASONS),
    ("closing", CLOSING),
    ("scope", scope_unknown_card(CONTEXT).detail),
    ("unknown order", WHY),
)
"""Every sentence that a card can say, with where it stands."""
TEXTS = [pytest.param(text, id=f"{n}-{where}") for n, (where, text) in enumerate(SAID) if text]


@pytest.mark.parametrize("text", TEXTS)
def test_no_sentence_orders_anything(text: str) -> None:
    assert commands(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Give tocilizumab now.",
        "Start a vasopressor",
        "Options: stop zolpidem.",
        "Do not give tocilizumab alone.",
        "The dose must be given.",
        "- **Administer** dexamethasone",
        "Grade 3; transfer to the ICU",
        "Fever. Check ICE.",
        "1. Avoid G-CSF",
        "Treat immediately",
        "Order dexamethasone",
    ],
)
def test_an_order_is_found(text: str) -> None:
    assert commands(text)


@pytest.mark.parametrize(
    "text",
    [
        "Tocilizumab is not given alone.",
        "G-CSF is to be avoided during CRS; it can make CRS worse.",
        "**Recommended, draft below:** Dexamethasone 10 mg IV every 6 h until improvement.",
        "Consider: an early steroid is an option.",
        "Order: zolpidem 5 mg.",
        "Late for CRS: look for another cause.",
        "A stop of the steroid is offered.",
        "Starting dose; stopped at 14:00; added later.",
    ],
)
def test_a_statement_and_an_offer_are_none(text: str) -> None:
    assert commands(text) == []


def test_every_allowed_form_begins_in_lower_case() -> None:
    assert all(form == form.lower() for form in ALLOWED)


# --- whole cards ----------------------------------------------------------------------------------


def strings(value: Any) -> Iterator[str]:
    """Every string of a card that a person reads; no identifiers, no codes, no addresses."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            if name not in {"uuid", "url", "system", "code", "id", "reference", "status"}:
                yield from strings(item)


@pytest.mark.parametrize("case", [case for _, case in CASES], ids=[name for name, _ in CASES])
def test_no_card_of_any_case_orders_anything_and_every_line_is_cited(case: dict[str, Any]) -> None:
    verdict, found = assessed(case)
    policy = replace(KNOWLEDGE.policy, **case.get("policy", {}))
    context = replace(CONTEXT, policy=policy)
    cards = dump_cards(compose_cards(verdict, found, (), chart(case), context))
    assert [each for text in strings(cards) for each in commands(text)] == []
    assert all(_is_cited(item) for item in found)
    assert not found or all(_lists_sources(card["detail"]) for card in cards)


def _is_cited(item: Recommendation) -> bool:
    """Whether each of its sources has a year that its label names; an unverified one says so."""
    if not item.cites:
        return item.says.startswith("Unverified, turned on by this site:")
    sources = [KNOWLEDGE.sources[cite] for cite in item.cites]
    return all(str(source.year) in source.label for source in sources)


def _lists_sources(detail: str) -> bool:
    """Whether every number of a source is one of the list, each of whose lines names a year."""
    _, _, listed = detail.partition("**Sources**")
    lines = re.findall(r"^\d+\. .+$", listed, re.MULTILINE)
    marked = {
        int(n) for marks in re.findall(r"\(sources? ([\d, ]+)\)", detail) for n in marks.split(", ")
    }
    years = all(re.search(r"\b(?:19|20)\d\d\b", line.split("](")[0]) for line in lines)
    return bool(lines) and years and marked <= set(range(1, len(lines) + 1))


def test_every_rule_that_can_be_shown_names_a_source_with_its_year() -> None:
    active = [rule for rule in RULES if rule.status == "active"]
    cited = {cite for rule in active for cite in rule.cites}
    assert all(rule.cites for rule in active)
    assert all(str(KNOWLEDGE.sources[cite].year) in KNOWLEDGE.sources[cite].label for cite in cited)
