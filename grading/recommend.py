"""What follows from the grades: every rule that fired, as recommendations (sections 5, 6 and 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grading.care import care, possible
from grading.claims import Fired, fired_rules, steroid_claims, tocilizumab_claims
from grading.model import Offer, Recommendation, Scope, Strength, Verdict
from grading.other_drugs import levetiracetam, second_line
from grading.overlap_advice import overlap_advice
from grading.situation import Situation
from grading.steroid import EARLY_STEROID, steroid
from grading.tests_due import tests_due
from grading.tocilizumab import tocilizumab

if TYPE_CHECKING:
    from grading.course import Course


def recommend(course: Course, verdict: Verdict) -> tuple[Recommendation, ...]:
    """The recommendations for `verdict`, which must be that of `course`; drugs and tests first.

    Empty out of scope, and where no infusion is known. Drugs rest on the lower bounds of the grades
    only: with a lower bound of 0 none is offered.
    """
    if verdict.scope is not Scope.IN:
        return ()
    s = Situation(course, verdict)
    fired = fired_rules(s)
    return (
        *_drugs(s, fired),
        *tests_due(s, fired),
        *care(s, fired),
        *overlap_advice(s, fired),
        *possible(s),
    )


def _drugs(s: Situation, fired: tuple[Fired, ...]) -> tuple[Recommendation, ...]:
    anticytokine = tocilizumab(s, tocilizumab_claims(s, fired))
    claims = steroid_claims(s, fired, companion=_is_on_offer(anticytokine))
    early = any(item.rule is EARLY_STEROID for item in fired)
    columns = (
        anticytokine,
        steroid(s, claims, early=early),
        second_line(s, fired),
        levetiracetam(s, fired),
    )
    return tuple(item for item in columns if item is not None)


def _is_on_offer(anticytokine: Recommendation | None) -> bool:
    """Whether tocilizumab is offered, as a draft or a text; never where it is to be avoided."""
    if anticytokine is None or anticytokine.strength is Strength.AVOID:
        return False
    return anticytokine.offer in {Offer.SUGGEST, Offer.TEXT}
