"""The patient-view service: from a call to its cards."""

from __future__ import annotations

from dataclasses import replace

from cards import Card, CardContext, compose_cards
from fhir_mappings.delivered import delivered_orders
from service import metrics
from service.call import Answer, Call
from service.graded import Graded, grade
from service.metrics import Stage
from service.scope_gap import scope_gap_card
from service.unread import unread_of


def answer(call: Call) -> Answer:
    """The cards and the assessment they were made from.

    Raises:
        MissingData: whether the patient is in scope could not be read, and no card is wanted.
        Unprocessable: the Patient that was delivered is another one.
        Unavailable: the time was over before anything was graded.
    """
    graded = grade(call)
    return graded.answer(_cards(call, graded), {}, (), {})


@metrics.stage(Stage.COMPOSE)
def _cards(call: Call, graded: Graded) -> tuple[Card, ...]:
    if graded.chart.is_unsure:
        return (scope_gap_card(call, graded.chart),)
    return compose_cards(
        graded.verdict,
        graded.recommendations,
        graded.issues,
        graded.chart.course.snapshot,
        _context(call, graded),
    )


def _context(call: Call, graded: Graded) -> CardContext:
    """The context of the cards: what was not read, and the orders whose stop may be offered."""
    refs = {order.ref for item in graded.recommendations for order in item.stops}
    orders = delivered_orders(graded.chart.reads.values(), refs)
    return replace(call.card_context(), orders=orders, unread=unread_of(graded.chart))
