"""The machine-readable assessment beside the cards; nothing on a card depends on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cards.case import home_of
from fhir_mappings.times import iso
from grading.knowledge import KNOWLEDGE
from grading.model import (
    Advice,
    Assessment,
    Infusion,
    Missing,
    Overlap,
    Recommendation,
    Scope,
    Snapshot,
    State,
    Verdict,
)

EXTENSION_NAME = "org.cart-toxicity-cds.assessment"


def assessment(
    verdict: Verdict, snapshot: Snapshot, recommendations: Sequence[Recommendation] = ()
) -> dict[str, Any]:
    """The value of the response extension: grades, states, gaps and rules, without empty members.

    Out of scope there are neither bounds nor an infusion. A weight that one of `recommendations`
    needs and lacks is missing beside what the grade lacks.
    """
    weightless = {
        home_of(item)
        for item in recommendations
        if item.drug is not None and item.drug.why_no_dose == Advice.WEIGHT_MISSING
    }
    found: dict[str, Any] = {
        "crs": _syndrome(verdict.crs, needs_weight="crs" in weightless),
        "icans": _syndrome(verdict.icans, needs_weight="icans" in weightless),
        "evaluatedAt": iso(snapshot.now),
        "contentEdition": KNOWLEDGE.edition,
    }
    if verdict.overlap is not None:
        found["iecHs"] = _overlap(verdict.overlap)
    if verdict.scope is Scope.IN and verdict.infusion is not None:
        found["infusion"] = _infusion(verdict.infusion)
    return found


def _syndrome(graded: Assessment, *, needs_weight: bool) -> dict[str, Any]:
    if graded.state is State.OUT_OF_SCOPE:
        return {"state": str(graded.state)}
    missing = (*graded.missing, Missing.WEIGHT) if needs_weight else graded.missing
    lists = {"missing": missing, "stale": graded.stale, "rules": graded.rules}
    return {
        "lo": graded.grade.lo,
        "hi": graded.grade.hi,
        "state": str(graded.state),
        **{name: [str(item) for item in items] for name, items in lists.items() if items},
    }


def _overlap(found: Overlap) -> dict[str, Any]:
    """Not assessable is not possible, with the names of what is missing."""
    missing = {"missing": [str(key) for key in found.missing]} if found.missing else {}
    return {"possible": found.possible is True, **missing}


def _infusion(infusion: Infusion) -> dict[str, Any]:
    product = {"product": infusion.product} if infusion.product else {}
    return {**product, "time": iso(infusion.t0), "day": infusion.day}
