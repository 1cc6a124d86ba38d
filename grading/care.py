"""Recommendations that are sentences: care by grade, intensive care, seizures, what could be."""

from __future__ import annotations

from collections.abc import Sequence

from grading.care_orders import care_orders
from grading.claims import Fired, capped
from grading.dedup import are_orders_read, are_tests_read, orders_of
from grading.knowledge import KNOWLEDGE
from grading.model import (
    Advice,
    CareOrder,
    Offer,
    Recommendation,
    Rule,
    State,
    Strength,
    Urgency,
)
from grading.overlap_advice import overlap_remark
from grading.remarks import remarks
from grading.rulebook import words_of
from grading.situation import Situation
from grading.stops import sedating_orders, stops

_TOPICS = ("icu", "seizure", "crs-care", "icans-care", "taper")
_SEDATIVES = KNOWLEDGE.drugs["sedative-infusion"]
_ANTIMICROBIALS = "MGMT-CRS-02"
_OVERLAP = "MGMT-CRS-10"
_NEUROLOGY = "MGMT-ICANS-1"
_SEDATING_MEDICINES = "MGMT-ICANS-2"
_NEUROLOGY_WARNS_FROM = 2
_BY_GRADE = {
    "crs": {2: "MGMT-CRS-2", 3: "MGMT-CRS-3", 4: "MGMT-CRS-4"},
    "icans": {2: "MGMT-ICANS-G2", 3: "MGMT-ICANS-G3", 4: "MGMT-ICANS-G4"},
}


def care(s: Situation, fired: Sequence[Fired]) -> tuple[Recommendation, ...]:
    """The sentence of every rule that has one, by topic."""
    rules = [item.rule for item in fired if item.rule.topic in _TOPICS]
    ordered = sorted(rules, key=lambda rule: _TOPICS.index(rule.topic))
    orders = care_orders(s, fired)
    return tuple(_sentence(s, rule, orders.get(rule.id, ())) for rule in ordered)


def _sentence(s: Situation, rule: Rule, orders: Sequence[CareOrder]) -> Recommendation:
    antimicrobials = rule.id == _ANTIMICROBIALS and s.is_neutropenic
    asked = Strength.RECOMMENDED if antimicrobials else rule.strength
    strength = capped(s, rule, asked)
    raised = antimicrobials or _is_raised(s, rule)
    return Recommendation(
        rules=(rule.id,),
        topic=rule.topic,
        strength=strength,
        indicator=Urgency.WARNING if raised else rule.indicator,
        offer=Offer.TEXT,
        says=words_of(rule),
        cites=rule.cites,
        detail=(
            *remarks(s, rule.id),
            *(() if strength is asked else (Advice.LATE_ONSET_CAP,)),
            *_unread(s, orders),
            *(overlap_remark(s) if rule.id == _OVERLAP else ()),
        ),
        orders=tuple(orders),
        stops=stops(s) if rule.id == _SEDATING_MEDICINES and s.has_icans(1) else (),
    )


def _unread(s: Situation, orders: Sequence[CareOrder]) -> tuple[str, ...]:
    """What was not read of that which may be there already."""
    if not orders:
        return ()
    offered = [item for item in orders if item.offer is Offer.SUGGEST]
    rows = [KNOWLEDGE.care_orders[item.item] for item in offered]
    tests = [row.covers_h for row in rows if not row.drug]
    said = {
        Advice.TESTS_NOT_READ: bool(tests) and not are_tests_read(s, max(tests, default=0)),
        Advice.ORDERS_NOT_READ: len(tests) < len(rows) and not are_orders_read(s),
    }
    return tuple(str(key) for key, holds in said.items() if holds)


def _is_raised(s: Situation, rule: Rule) -> bool:
    """Whether a rule of indicator info is a warning here (6.1)."""
    if rule.id == _NEUROLOGY:
        return s.has_icans(_NEUROLOGY_WARNS_FROM)
    if rule.id != _SEDATING_MEDICINES or not s.has_icans(1):
        return False
    ordered = sedating_orders(s) or orders_of(s, _SEDATIVES)
    return bool(ordered or s.course.chart.sedation.at(s.now))


def possible(s: Situation) -> tuple[Recommendation, ...]:
    """What each higher grade would change that missing data leave open (0.3).

    Only beside a grade, or while an episode resolves; for the rest the gaps speak.
    """
    return tuple(
        _possible(s, KNOWLEDGE.rules[rule], grade)
        for found in (s.verdict.crs, s.verdict.icans)
        if found.state in {State.ACTIVE, State.RESOLVING}
        for grade, rule in _BY_GRADE[found.syndrome].items()
        if found.grade.lo < grade <= found.grade.hi
    )


def _possible(s: Situation, rule: Rule, grade: int) -> Recommendation:
    late = capped(s, rule, Strength.RECOMMENDED) is not Strength.RECOMMENDED
    return Recommendation(
        rules=(rule.id,),
        topic="could-be",
        strength=Strength.CONSIDER,
        indicator=Urgency.INFO,
        offer=Offer.TEXT,
        says=rule.higher_late if late and rule.higher_late else rule.higher,
        cites=rule.cites,
        detail=(f"{Advice.COULD_BE}:{grade}", *((Advice.LATE_ONSET_CAP,) if late else ())),
    )
