"""The patient-view service: from a call to its cards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cards import CardContext, compose_cards
from fhir_mappings.delivered import delivered_orders
from grading.dosing import weigh
from grading.model import Missing
from service import metrics
from service.call import Answer, Call
from service.fired import Fired, chart_cards
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
def _cards(call: Call, graded: Graded) -> tuple[Fired, ...]:
    verdict, recommendations, issues = graded.verdict, graded.recommendations, graded.issues
    if graded.chart.is_unsure:
        return chart_cards([scope_gap_card(call, graded.chart)], verdict, ())
    context = _context(call, graded)
    snapshot = graded.chart.course.snapshot
    cards = compose_cards(verdict, recommendations, issues, snapshot, context)
    return chart_cards(cards, verdict, recommendations, tuple(_gaps(graded, context)))


def _gaps(graded: Graded, context: CardContext) -> Iterator[str]:
    """What the data-gap card may name beside what the grades lack."""
    yield from (f"unread:{key}" for key, _ in context.unread)
    yield from (f"issue:{issue.kind}" for issue in graded.issues)
    if graded.verdict.age_y is None:
        yield Missing.AGE
    if weigh(graded.chart.course.snapshot, context.policy).used is None:
        yield Missing.WEIGHT


def _context(call: Call, graded: Graded) -> CardContext:
    """The context of the cards: what was not read, and the orders whose stop may be offered."""
    refs = {order.ref for item in graded.recommendations for order in item.stops}
    orders = delivered_orders(graded.chart.reads.values(), refs)
    return replace(call.card_context(), orders=orders, unread=unread_of(graded.chart))
