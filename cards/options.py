"""Recommendations as lines of a card: what is on offer, how strongly, and why not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cards.care_names import care_name, labs_text
from cards.markdown import bullets, escape, own_text
from cards.names import STRENGTHS
from cards.orderables import STUDIES
from cards.references import References
from cards.regimens import plan_text
from cards.wording import Words, number_text
from grading.care_orders import items
from grading.model import (
    CareOrder,
    DrugPlan,
    Measured,
    Offer,
    Recommendation,
    Remark,
    Strength,
    Urgency,
)

_CARE_TOPICS = frozenset({"crs-care", "icans-care"})
_POSSIBLE = "could-be"
_STRENGTH_RANK = {Strength.RECOMMENDED: 0, Strength.AVOID: 1, Strength.CONSIDER: 2}
_URGENCY_RANK = {Urgency.CRITICAL: 0, Urgency.WARNING: 1, Urgency.INFO: 2}
_OFFER_RANK = {Offer.SUGGEST: 0, Offer.WAIT: 1, Offer.ALREADY: 2, Offer.TEXT: 3}


class Options(NamedTuple):
    """The two lists of a card: what calls for a decision, and the care that goes with the grade."""

    decisions: str
    care: str


def ranked(recommendations: Iterable[Recommendation]) -> tuple[Recommendation, ...]:
    """In the order of the card: strength, then urgency, then what can be drafted; stable."""
    return tuple(sorted(recommendations, key=_rank))


def options_text(
    recommendations: Sequence[Recommendation], words: Words, references: References
) -> Options:
    """Both lists for one card; a list without an entry is empty."""
    in_order = ranked(recommendations)
    care = [item for item in in_order if _is_care(item)]
    decisions = [item for item in in_order if not _is_care(item)]
    return Options(
        bullets(_line(item, words) + references.mark(item.cites) for item in decisions),
        bullets(_line(item, words) + references.mark(item.cites) for item in care),
    )


def weights_text(plan: DrugPlan, words: Words) -> str:
    """The weights behind a dose with their dates: "weight 70 kg, 2026-11-20 08:00 UTC"."""
    return "; ".join(_weight(item, words) for item in plan.weights)


def _rank(item: Recommendation) -> tuple[bool, int, int, int]:
    return (
        item.topic == _POSSIBLE,
        _STRENGTH_RANK[item.strength],
        _URGENCY_RANK[item.indicator],
        _OFFER_RANK[item.offer],
    )


def _is_care(item: Recommendation) -> bool:
    return item.topic in _CARE_TOPICS and item.indicator is Urgency.INFO


def _line(item: Recommendation, words: Words) -> str:
    parts = [f"**{_lead(item, words)}:** {_says(item, words)}"]
    parts += [words.say(key) for key in item.detail]
    parts += [_there(order, words) for order in items(item.orders, Offer.ALREADY)]
    parts += [_labs_there(order) for order in item.orders if order.labs_there]
    return " ".join(parts)


def _there(order: CareOrder, words: Words) -> str:
    """What is there already, with its time: "Blood cultures: already ordered 2026-11-22 ..."."""
    return own_text(f"{care_name(order)}: ") + f"{_already(order, words)}."


def _labs_there(order: CareOrder) -> str:
    """The tests that are left out of a set."""
    return f"Resulted or ordered lately, so not in the set: {labs_text(order.labs_there)}."


def _lead(item: Recommendation, words: Words) -> str:
    if item.topic == _POSSIBLE:
        return "If the grade is higher"
    strength = STRENGTHS[item.strength]
    match item.offer:
        case Offer.SUGGEST:
            return f"{strength}, draft below"
        case Offer.TEXT:
            return f"{strength}{_drafts(item)}"
        case Offer.ALREADY:
            return f"{strength}, {_already(item, words)}"
        case Offer.WAIT if item.next_at is not None:
            return f"{strength}, possible from {words.time(item.next_at)}"
        case Offer.WAIT:
            return f"{strength}, not now"


def _drafts(item: Recommendation) -> str:
    """How many drafts go with a sentence."""
    offered = len(items(item.orders, Offer.SUGGEST))
    return "" if not offered else ", draft below" if offered == 1 else ", drafts below"


def _already(item: Recommendation | CareOrder, words: Words) -> str:
    """Ordered, drafted, given or done, with its time where there is one."""
    order = item.already
    verb = _done(item) if order is None else "drafted" if order.draft else "ordered"
    at = item.already_at if order is None or order.t is None else order.t
    text = f" ({escape(order.text)})" if order is not None and order.text else ""
    when = f" {words.time(at)}" if at is not None else ""
    return f"already {verb}{when}{text}"


def _done(item: Recommendation | CareOrder) -> str:
    """What was done with a medicine, or with a test or consultation."""
    return "done" if isinstance(item, CareOrder) and item.item in STUDIES else "given"


def _says(item: Recommendation, words: Words) -> str:
    if item.drug is None or item.drug.mg is None:
        return _sentence(own_text(item.says))
    text = own_text(plan_text(item.drug))
    weights = weights_text(item.drug, words)
    return _sentence(f"{text} ({weights})" if weights else text)


def _weight(item: Measured, words: Words) -> str:
    dated = Remark.DATE_ONLY in item.flags
    when = words.date(item.t) if dated else words.time(item.t)
    return f"weight {number_text(item.value, 'kg')}, {when}"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?")) else f"{text}."
