"""Suggestions: the drafts that a recommendation offers to sign, one action each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import msgspec

from cards.care_names import care_label, care_name
from cards.case import Case
from cards.drafts import care_request, medication_request, service_request
from cards.model import Action, Suggestion
from cards.options import weights_text
from cards.orderables import STUDIES
from cards.raw_orders import with_status
from cards.regimens import plan_text, short_text
from cards.topics import stable_uuid
from cards.wording import drug_name
from grading.care_orders import items
from grading.model import (
    CareOrder,
    DrugPlan,
    Offer,
    Order,
    Recommendation,
    Strength,
    TestPlan,
)

MOST = 8
"""Suggestions of one card: what a clinician can look through at the bedside."""


def within_limit(ranked: Iterable[Recommendation]) -> tuple[Recommendation, ...]:
    """The recommendations with at most `MOST` suggestions among them, the first ones.

    What is beyond the limit stays as a sentence: no line promises a draft that is not there.
    """
    left, kept = MOST, []
    for item in ranked:
        limited, left = _limited(item, left)
        kept.append(limited)
    return tuple(kept)


def _limited(item: Recommendation, left: int) -> tuple[Recommendation, int]:
    if item.offer is Offer.SUGGEST:
        return (item, left - 1) if left else (replace(item, offer=Offer.TEXT), left)
    asked = len(items(item.orders, Offer.SUGGEST)) + len(item.stops)
    if asked <= left:
        return item, left - asked
    orders = []
    for order in item.orders:
        offered = order.offer is Offer.SUGGEST
        orders.append(replace(order, offer=Offer.TEXT) if offered and not left else order)
        left -= offered and left > 0
    stops = item.stops[:left]
    return replace(item, orders=tuple(orders), stops=stops), left - len(stops)


def suggestions_of(case: Case, recommendations: Iterable[Recommendation]) -> tuple[Suggestion, ...]:
    """What is on offer, in the given order: a drug with a dose, a test, what goes with care.

    A stop is offered only where the order itself was delivered, since an update is the whole of it
    (ACT-4).
    """
    made = (found for item in recommendations for found in _of(case, item))
    return tuple(made)


def _of(case: Case, item: Recommendation) -> Iterator[Suggestion]:
    if item.offer is Offer.SUGGEST:
        if item.drug is not None and item.drug.mg is not None:
            yield _of_drug(case, item, item.drug)
        elif item.test is not None:
            yield _of_test(case, item, item.test)
    for order in items(item.orders, Offer.SUGGEST):
        yield _of_care(case, item, order)
    for stop in item.stops:
        raw = case.context.orders.get(stop.ref)
        resource = None if raw is None else with_status(raw, "stopped")
        if resource is not None:
            yield _of_stop(case, item, stop, resource)


def _of_care(case: Case, item: Recommendation, order: CareOrder) -> Suggestion:
    resource = care_request(order, case.context, case.verdict.now, case.reason(item))
    action = Action(f"Draft for review: {care_label(order)}.", resource)
    return _suggestion(case, item, care_name(order), action, order.item)


def _of_stop(case: Case, item: Recommendation, order: Order, resource: msgspec.Raw) -> Suggestion:
    """The order as it was delivered, with another status; offered without preference.

    It is named by drug and time, not by its own text: clients show descriptions as they are
    (SAFE-5).
    """
    name = drug_name(order.key)
    label = f"Order of {name}: status stopped"
    when = "" if order.t is None else f" from {case.words.time(order.t)}"
    description = f"For review: the active order of {name}{when} with the status stopped."
    uuid = stable_uuid(case.context, item.topic, *item.rules, "stop", order.ref)
    return Suggestion(label, uuid, (Action(description, resource, "update"),))


def _of_drug(case: Case, item: Recommendation, plan: DrugPlan) -> Suggestion:
    weights = weights_text(plan, case.words)
    notes = [text for text in (_sentence(weights), _replaced(case, plan)) if text]
    resource = medication_request(plan, case.context, case.verdict.now, case.reason(item), notes)
    description = " ".join((f"Draft for review: {plan_text(plan)}.", *notes))
    return _suggestion(case, item, short_text(plan), Action(description, resource), plan.regimen)


def _of_test(case: Case, item: Recommendation, plan: TestPlan) -> Suggestion:
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
