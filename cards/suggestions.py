"""Suggestions: the drafts that a recommendation offers to sign, one action each."""

from __future__ import annotations

from collections.abc import Iterable

from cards.case import Case
from cards.drafts import medication_request, service_request
from cards.model import Action, Suggestion
from cards.options import weights_text
from cards.orderables import STUDIES
from cards.regimens import plan_text, short_text
from cards.topics import stable_uuid
from grading.model import DrugPlan, Offer, Recommendation, Strength, TestPlan


def suggestions_of(case: Case, recommendations: Iterable[Recommendation]) -> tuple[Suggestion, ...]:
    """A suggestion for each drug with a dose and each test that is on offer, in the given order."""
    offered = [item for item in recommendations if item.offer is Offer.SUGGEST]
    drugs_and_tests = (
        _of_drug(case, item, item.drug)
        if item.drug is not None and item.drug.mg is not None
        else _of_test(case, item, item.test)
        for item in offered
    )
    return tuple(found for found in drugs_and_tests if found is not None)


def _of_drug(case: Case, item: Recommendation, plan: DrugPlan) -> Suggestion:
    weights = weights_text(plan, case.words)
    notes = [text for text in (_sentence(weights), _replaced(case, plan)) if text]
    resource = medication_request(plan, case.context, case.verdict.now, case.reason(item), notes)
    description = " ".join((f"Draft for review: {plan_text(plan)}.", *notes))
    return _suggestion(case, item, short_text(plan), Action(description, resource), plan.regimen)


def _of_test(case: Case, item: Recommendation, plan: TestPlan | None) -> Suggestion | None:
    if plan is None:
        return None
    text = STUDIES[plan.study].text
    resource = service_request(plan, case.context, case.verdict.now, case.reason(item))
    return _suggestion(case, item, text, Action(f"Draft for review: {text}.", resource), plan.study)


def _suggestion(
    case: Case, item: Recommendation, label: str, action: Action, what: str
) -> Suggestion:
    uuid = stable_uuid(case.context, item.topic, *item.rules, what)
    recommended = True if item.strength is Strength.RECOMMENDED else None
    return Suggestion(label, uuid, (action,), recommended)


def _replaced(case: Case, plan: DrugPlan) -> str:
    """What the draft stands in for (GEN-DEDUP); empty where there is no weaker running order."""
    order = plan.replaces
    if order is None:
        return ""
    when = "" if order.t is None else f" of {case.words.time(order.t)}"
    return f"Replaces the running order{when}, not in addition to it."


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""
