"""From a verdict to the cards of one answer: few, and the most urgent first."""

from __future__ import annotations

from collections.abc import Sequence

from cards.case import IEC_HS, Case, home_of, syndromes_of
from cards.gap_card import gap_card, gaps_of
from cards.markdown import own_text
from cards.model import Card, CardContext, Indicator
from cards.overlap_card import overlap_card
from cards.sections import CLOSING
from cards.syndrome_card import has_own_card, syndrome_card
from cards.topics import SCOPE, source_of, stable_uuid
from cards.wording import Words
from fhir_mappings.issues import DataIssue
from grading.model import Recommendation, Scope, Snapshot, Verdict

_ORDER = (Indicator.CRITICAL, Indicator.WARNING, Indicator.INFO)
_SYNDROMES = ("crs", "icans")


def compose_cards(
    verdict: Verdict,
    recommendations: Sequence[Recommendation],
    issues: tuple[DataIssue, ...],
    snapshot: Snapshot,
    context: CardContext,
) -> tuple[Card, ...]:
    """At most one card for each syndrome, for IEC-HS and for data gaps; none out of scope.

    A patient in scope with nothing found, missing or odd has no card either.
    """
    if verdict.scope is Scope.UNKNOWN:
        return (scope_unknown_card(context),)
    if verdict.scope is not Scope.IN:
        return ()
    words = Words(context.zone, context.policy, context.unmapped)
    case = Case(verdict, snapshot, context, words)
    homes = {
        syndrome: [item for item in recommendations if home_of(item) == syndrome]
        for syndrome in _SYNDROMES
    }
    carded = [name for name in _SYNDROMES if has_own_card(case.assessment(name), homes[name])]
    uncarded = [case.assessment(name) for name in _SYNDROMES if name not in carded]
    cards = [
        syndrome_card(case, case.assessment(name), homes[name], _elsewhere(name, recommendations))
        for name in carded
    ]
    if section_4 := [item for item in recommendations if home_of(item) == IEC_HS]:
        cards.append(overlap_card(case, section_4))
    if gaps := gaps_of(case, uncarded, recommendations, issues):
        cards.append(gap_card(case, gaps))
    return tuple(sorted(cards, key=lambda card: _ORDER.index(card.indicator)))


def scope_unknown_card(context: CardContext, reason: str = "") -> Card:
    """The card where the infusion record could not be read; `reason`: why, as the caller knows."""
    because = f" ({own_text(reason)})" if reason else ""
    return Card(
        uuid=stable_uuid(context, SCOPE.code),
        summary="CRS and ICANS not graded: CAR-T infusion record could not be read",
        indicator=Indicator.WARNING,
        source=source_of(SCOPE, context),
        detail=(
            "**CRS and ICANS are not graded.** The CAR-T infusion record could not be "
            f"read{because}. This says nothing about the patient: whether CAR-T was given, and "
            f"what is charted, is not known here.\n\n{CLOSING}"
        ),
    )


def _elsewhere(syndrome: str, recommendations: Sequence[Recommendation]) -> list[Recommendation]:
    """Recommendations of both syndromes that stand on the card of the other one."""
    return [
        item
        for item in recommendations
        if home_of(item) != syndrome and syndrome in syndromes_of(item)
    ]
