"""One patient at one instant, as the cards see it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cards.model import CardContext
from cards.wording import Words, grade_text, listed
from grading.knowledge import KNOWLEDGE
from grading.model import Assessment, Infusion, Recommendation, Snapshot, Verdict

MATRIX_RULE = "MGMT-MATRIX"
"""The one rule that belongs to both syndromes; its card is that of CRS."""
NAMES = {"crs": "CRS", "icans": "ICANS"}
IEC_HS = "iec-hs"
"""Whose card the recommendations of section 4 stand on."""


@dataclass(frozen=True, slots=True)
class Case:
    """What was decided, what is known, whom it is for, and how to say it."""

    verdict: Verdict
    snapshot: Snapshot
    context: CardContext
    words: Words

    def assessment(self, syndrome: str) -> Assessment:
        """The assessment of `crs` or `icans`."""
        return self.verdict.crs if syndrome == "crs" else self.verdict.icans

    def reason(self, recommendation: Recommendation) -> str:
        """The grades that a recommendation rests on, in plain text; IEC-HS has no grade."""
        if home_of(recommendation) == IEC_HS:
            return "Possible IEC-HS overlap"
        grades = [
            f"{NAMES[name]} {grade_text(self.assessment(name).grade)}"
            for name in syndromes_of(recommendation)
        ]
        return f"{listed(grades)} (ASTCT 2019)"

    def infusion_text(self) -> str:
        """Day and product: "Day 3 after axi-cel (2026-11-19 10:00 UTC)."; empty without one."""
        infusion = self.verdict.infusion
        return "" if infusion is None else self._infusion(infusion)

    def _infusion(self, infusion: Infusion) -> str:
        product = infusion.product or "CAR-T, product not known"
        when = self.words.date if infusion.date_only else self.words.time
        return f"Day {infusion.day} after {product} ({when(infusion.t0)})."


def home_of(recommendation: Recommendation) -> str:
    """The syndrome on whose card a recommendation stands: that of its deciding rule."""
    return KNOWLEDGE.rules[recommendation.rules[0]].syndrome


def syndromes_of(recommendation: Recommendation) -> tuple[str, ...]:
    """Every syndrome that led to a recommendation, that of its card first."""
    return tuple(dict.fromkeys(_syndromes(recommendation.rules)))


def _syndromes(rules: Iterable[str]) -> Iterable[str]:
    for rule in rules:
        yield KNOWLEDGE.rules[rule].syndrome
        if rule == MATRIX_RULE:
            yield "icans"
