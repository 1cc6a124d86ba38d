"""The link that launches the plot app from a card."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from cards.model import Card, Link
from fhir_mappings.times import iso
from grading.model import Instant

_LABEL = "Course with grades over time"


def with_app_link(cards: Iterable[Card], url: str, now: Instant) -> tuple[Card, ...]:
    """The cards, each with a link to the app at `url`; as they are where there is none.

    The app is told the topic and the instant of evaluation, and nothing of the patient: whose chart
    it is comes from the launch (LINK-3 to LINK-5).
    """
    if not url:
        return tuple(cards)
    return tuple(replace(card, links=(*card.links, _link(card, url, now))) for card in cards)


def _link(card: Card, url: str, now: Instant) -> Link:
    topic = card.source.topic
    told = {"topic": topic.code if topic else "", "at": iso(now)}
    return Link(_LABEL, url, "smart", json.dumps(told, separators=(",", ":")))
