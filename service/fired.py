"""A card with what it rests on: for the record of fired cards, and to know when nothing changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from cards import Card
from cards.case import IEC_HS, home_of
from cards.model import Indicator
from cards.topics import CRS, DATA_GAP, ICANS, SCOPE
from cards.topics import IEC_HS as IEC_HS_TOPIC
from grading.model import Recommendation, State, Verdict
from grading.order_model import Alert, Draft

SCOPE_TOPIC: Final = "scope"
UNKNOWN_ORDER_TOPIC: Final = "order-unknown"
_ALWAYS_TOLD: Final = frozenset({SCOPE_TOPIC, UNKNOWN_ORDER_TOPIC})
"""What stands for something that is not known, and may be another thing at the next call."""
_GAP_TOPIC: Final = "data-gap"
_TOPICS: Final[Mapping[str, str]] = {
    CRS.code: "crs",
    ICANS.code: "icans",
    IEC_HS_TOPIC.code: IEC_HS,
    DATA_GAP.code: _GAP_TOPIC,
    SCOPE.code: SCOPE_TOPIC,
}

Bounds = tuple[int | None, int | None, int | None, int | None]


@dataclass(frozen=True, slots=True)
class Fired:
    """A card that a call came to.

    `topic`: what it is about, the same from call to call. `rules`: ids that it rests on. `bounds`:
    of the CRS and the ICANS grade, None out of scope. `offers`: ids of what is recommended.
    `missing`: inputs that are not known.
    """

    card: Card
    topic: str
    rules: tuple[str, ...]
    bounds: Bounds
    offers: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def may_be_quiet(self) -> bool:
        """Whether it may be held back: not if critical, or if scope or order are not known."""
        is_critical = self.card.indicator is Indicator.CRITICAL
        return not is_critical and self.topic not in _ALWAYS_TOLD

    def signature(self) -> bytes:
        """A hash of what a card says; equal if nothing changed.

        Grade bounds, recommendations, missing inputs, and how urgent it is: what was answered as a
        note does not answer the warning that the same rule gives on the other side of an edge.
        """
        urgency = self.card.indicator.value
        said = self.bounds, sorted(set(self.offers)), sorted(set(self.missing)), urgency
        return hashlib.sha256(msgspec.json.encode(said)).digest()


def chart_cards(
    cards: Sequence[Card],
    verdict: Verdict,
    recommendations: Sequence[Recommendation],
    gaps: Sequence[str] = (),
) -> tuple[Fired, ...]:
    """The cards of a chart, each with what it rests on.

    What is stale counts as missing. All cards of a chart rest on the same recommendations and
    missing inputs; `gaps` bear on the data-gap card alone.
    """
    offers = tuple(rule for item in recommendations for rule in item.rules)
    missing = _missing(verdict, recommendations)
    found = []
    for card in cards:
        topic = _topic(card)
        rules = _rules(topic, verdict, recommendations)
        lacks = (*missing, *gaps) if topic == _GAP_TOPIC else missing
        found.append(Fired(card, topic, rules, _bounds(verdict), offers, lacks))
    return tuple(found)


def order_cards(
    cards: Sequence[Card], alerts: Sequence[Alert], verdict: Verdict
) -> tuple[Fired, ...]:
    """The cards about draft orders, each with the alert that it was made from."""
    bounds = _bounds(verdict)
    return tuple(
        Fired(card, _order_topic(alert), alert.rules, bounds, alert.rules, alert.missing)
        for card, alert in zip(cards, alerts, strict=True)
    )


def unknown_order(card: Card, verdict: Verdict) -> Fired:
    """The card about draft orders that are not known; no rule was asked."""
    return Fired(card, UNKNOWN_ORDER_TOPIC, (), _bounds(verdict), (), ())


def _topic(card: Card) -> str:
    topic = card.source.topic
    return _TOPICS[topic.code] if topic else ""


def _order_topic(alert: Alert) -> str:
    """The deciding rule and what is ordered: the same in both order services."""
    return f"{alert.rules[0]}/{_ordered(alert.draft)}"


def _ordered(draft: Draft) -> str:
    names = [draft.vaccine.name] if draft.vaccine else sorted(draft.ingredients)
    return "+".join(names) or draft.study


def _bounds(verdict: Verdict) -> Bounds:
    crs, icans = (
        (None, None) if item.state is State.OUT_OF_SCOPE else (item.grade.lo, item.grade.hi)
        for item in (verdict.crs, verdict.icans)
    )
    return (*crs, *icans)


def _rules(
    topic: str, verdict: Verdict, recommendations: Iterable[Recommendation]
) -> tuple[str, ...]:
    """Ids by which a syndrome is graded and its recommendations given; none for other topics."""
    graded = {
        "crs": verdict.crs.rules,
        "icans": verdict.icans.rules,
        IEC_HS: verdict.overlap_rules,
    }
    offered = (rule for item in recommendations if home_of(item) == topic for rule in item.rules)
    return tuple(dict.fromkeys((*graded.get(topic, ()), *offered)))


def _missing(verdict: Verdict, recommendations: Iterable[Recommendation]) -> tuple[str, ...]:
    graded = (verdict.crs, verdict.icans)
    doses = (item.drug.why_no_dose for item in recommendations if item.drug)
    return (
        *(key for item in graded for key in item.missing),
        *(f"stale:{key}" for item in graded for key in item.stale),
        *(verdict.overlap.missing if verdict.overlap else ()),
        *(f"dose:{why}" for why in doses if why),
    )
