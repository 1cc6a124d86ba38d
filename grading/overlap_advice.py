"""What follows from a possible IEC-HS: consult, labs, what other rules say of it (IECHS-5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grading.claims import Fired
from grading.dedup import orders_of
from grading.knowledge import KNOWLEDGE
from grading.model import (
    HOUR,
    Advice,
    Offer,
    Order,
    Recommendation,
    Rule,
    StudyKind,
    TestPlan,
    Urgency,
)
from grading.recommend_iechs import reasons_to_check
from grading.rulebook import words_of
from grading.situation import Situation

_TOPICS = frozenset({"iec-hs", "iec-hs-check", "hlh-2004"})
_POSSIBLE = KNOWLEDGE.rules["IECHS-5"]
_CHECK = "IECHS-4"
_LABS_TOPIC = "iec-hs-labs"
_LABS = (
    StudyKind.FERRITIN,
    StudyKind.FIBRINOGEN,
    StudyKind.TRIGLYCERIDES,
    StudyKind.LDH,
    StudyKind.METABOLIC_PANEL,
    StudyKind.CBC,
)
_ORDERED_H = 24
"""A daily laboratory order this old (inclusive) still stands (GEN-DEDUP)."""


def overlap_remark(s: Situation) -> tuple[str, ...]:
    """What the check says, for a rule of CRS that asks to look for IEC-HS."""
    match s.overlap.possible:
        case True:
            return (Advice.IECHS_POSSIBLE,)
        case False:
            return (Advice.IECHS_NOT_MET,)
        case None:
            return (f"{Advice.IECHS_OPEN}:{', '.join(s.overlap.missing)}",)


def overlap_advice(s: Situation, fired: Sequence[Fired]) -> tuple[Recommendation, ...]:
    """The sentence of every rule of section 4 that fired, then the labs of a possible IEC-HS."""
    rules = [item.rule for item in fired if item.rule.topic in _TOPICS]
    labs = tuple(_labs(s)) if _POSSIBLE in rules else ()
    return (*(_sentence(s, rule) for rule in rules), *labs)


def _sentence(s: Situation, rule: Rule) -> Recommendation:
    is_severe = rule is _POSSIBLE and bool(s.overlap.severe)
    return Recommendation(
        rules=(rule.id,),
        topic=rule.topic,
        strength=rule.strength,
        indicator=Urgency.CRITICAL if is_severe else rule.indicator,
        offer=Offer.TEXT,
        says=words_of(rule),
        cites=rule.cites,
        detail=_detail(s, rule),
    )


def _detail(s: Situation, rule: Rule) -> tuple[str, ...]:
    if rule is _POSSIBLE:
        return (Advice.IECHS_THRESHOLDS, *reasons_to_check(s))
    return reasons_to_check(s) if rule.id == _CHECK else ()


def _labs(s: Situation) -> Iterator[Recommendation]:
    """Every test of the work-up, also where it is ordered."""
    since = s.now - _ORDERED_H * HOUR
    unread = () if s.course.snapshot.reach.test_orders <= since else (Advice.TESTS_NOT_READ,)
    for study in _LABS:
        order = _ordered(s, study)
        yield Recommendation(
            rules=(_POSSIBLE.id,),
            topic=_LABS_TOPIC,
            strength=_POSSIBLE.strength,
            indicator=Urgency.INFO,
            offer=Offer.SUGGEST if order is None else Offer.ALREADY,
            says=_POSSIBLE.says,
            cites=_POSSIBLE.cites,
            test=TestPlan(study),
            already=order,
            already_at=order.t if order else None,
            detail=() if order else unread,
        )


def _ordered(s: Situation, study: StudyKind) -> Order | None:
    """The newest order of a test that still stands; an undated one counts."""
    since = s.now - _ORDERED_H * HOUR
    orders = orders_of(s, {study})
    return next((item for item in orders if item.t is None or item.t >= since), None)
