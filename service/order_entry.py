"""The order-select and order-sign services: from draft orders to the cards about them."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from flask import g

from cards import compose_order_cards, order_rows, unknown_order_card
from fhir_mappings import DraftOrders, read_drafts
from fhir_mappings.resources import Medication
from grading import review_orders
from grading.knowledge import Policy
from grading.order_model import Draft, OrderReview
from grading.order_vaccine import infusion_days
from service import metrics
from service.call import Answer, Call
from service.errors import Unprocessable
from service.fired import Fired, chart_cards, order_cards, unknown_order
from service.graded import Graded, grade
from service.log import Event, Fields, write
from service.metrics import Stage
from service.scope_gap import scope_gap_card
from service.wanted import Wanted


def answer(call: Call) -> Answer:
    """The cards about the drafts that are to be checked, and the assessment they were made from.

    Raises:
        MissingData: whether an infusion bears on the drafts could not be read, and no card is
            wanted.
        Unprocessable: a draft, or the Patient that was delivered, is of another patient.
        Unavailable: the time was over before anything was graded.
    """
    drafts = Drafts(call)
    graded = grade(call, drafts)
    with metrics.stage(Stage.GRADE):
        review = review_orders(graded.chart.course, graded.verdict, drafts.orders.drafts)
    cards = _cards(call, graded, drafts, review)
    rows = [] if graded.chart.is_unsure else order_rows(review)
    more: dict[str, Any] = {"orders": rows} if rows else {}
    rules = [rule for _, fired in review.checked for rule in fired]
    return graded.answer(cards, more, rules, drafts.facts())


class Drafts(Wanted):
    """The draft orders of a call, recognized as far as their Medications are known."""

    def __init__(self, call: Call) -> None:
        """Read the draft orders of `call`.

        Raises:
            Unprocessable: one is of another patient (CTX-17).
        """
        self._call = call
        self._take(())
        if self.orders.wrong_patient:
            raise Unprocessable(
                "context.draftOrders: an order is not of the patient of the context"
            )
        self._note_ignored()

    def learn(self, medications: Iterable[Medication]) -> None:
        """Recognize the drafts again, by the Medications that were read."""
        self._take(medications)

    def facts(self) -> Fields:
        """What is logged of the drafts: how many were checked, and how many of them not known."""
        checked = [draft for draft in self.orders.drafts if draft.is_focus]
        unknown = sum(not draft.is_recognized for draft in checked)
        return {"orders": len(checked), "unrecognized": unknown}

    def _take(self, medications: Iterable[Medication]) -> None:
        context, zone = self._call.request.context, self._call.runtime.zone
        codes, raw = self._call.runtime.codes, context.draft_orders
        self.orders: DraftOrders = read_drafts(
            raw,
            context.patient_id,
            zone,
            context.selections,
            medications,
            codes=codes,
            server=self._call.request.fhir_server,
        )
        self.medications = self.orders.unresolved
        self.superseded = self.orders.delivered
        policy = self._call.runtime.policy
        days = (_infusion_days(draft, policy) for draft in self.orders.drafts)
        self.infusion_days = max(days, default=0)

    def _note_ignored(self) -> None:
        """Log how many selections name no entry of the drafts (CTX-7)."""
        count = self.orders.ignored
        if count:
            write(Event.SELECTIONS_IGNORED, logging.WARNING, selections=count, **g.get("call", {}))


def _infusion_days(draft: Draft, policy: Policy) -> int:
    """How long ago an infusion may be that a rule on this draft asks for, beyond grading."""
    if draft.vaccine is None or draft.stops or not draft.is_focus:
        return 0
    return infusion_days(draft.vaccine, policy)


@metrics.stage(Stage.COMPOSE)
def _cards(call: Call, graded: Graded, drafts: Drafts, review: OrderReview) -> tuple[Fired, ...]:
    verdict = graded.verdict
    if graded.chart.is_unsure:
        return chart_cards([scope_gap_card(call, graded.chart)], verdict, ())
    snapshot, context = graded.chart.course.snapshot, call.card_context()
    cards = compose_order_cards(review, verdict, snapshot, context, drafts.orders.resources)
    found = order_cards(cards, review.alerts, verdict)
    unknown = unknown_order_card(review, verdict, snapshot, context)
    return (*found, unknown_order(unknown, verdict)) if unknown else found
