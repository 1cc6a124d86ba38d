"""The card about orders of which it could not be read what they order: silence would be a claim."""

from __future__ import annotations

from typing import Final

from cards.case import NAMES, Case
from cards.model import Card, CardContext, Indicator
from cards.order_cards import not_checked
from cards.sections import CLOSING, joined
from cards.topics import UNKNOWN_ORDER, source_of, stable_uuid
from cards.wording import Words, grade_text
from grading.model import Scope, Snapshot, Verdict
from grading.order_model import OrderReview

WHY: Final = (
    "The medicine stands in a Medication resource that the order refers to, and that could not be "
    "read or names nothing. What it orders, and whether anything is against it after CAR-T, is not "
    "known here."
)


def unknown_order_card(
    review: OrderReview, verdict: Verdict, snapshot: Snapshot, context: CardContext
) -> Card | None:
    """The card for the checked drafts whose medicine could not be read; None: there is none.

    None too where the patient is not graded, for then hardly any order rule is asked.
    """
    count = sum(draft.unread for draft, _ in review.checked)
    if not count or verdict.scope is not Scope.IN:
        return None
    case = Case(verdict, snapshot, context, Words(context.zone, context.policy))
    noun, were = ("An order", "was") if count == 1 else ("Orders", "were")
    grades = ", ".join(f"{NAMES[each]} {_grade(case, each)}" for each in ("crs", "icans"))
    return Card(
        uuid=stable_uuid(context, UNKNOWN_ORDER.code),
        summary=f"{noun} could not be recognized and {were} not checked ({grades})",
        indicator=Indicator.INFO,
        source=source_of(UNKNOWN_ORDER, context),
        detail=joined((f"**{not_checked(count)}** {WHY} {case.infusion_text()}", CLOSING)),
    )


def _grade(case: Case, syndrome: str) -> str:
    return grade_text(case.assessment(syndrome).grade)
