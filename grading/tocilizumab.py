"""Tocilizumab: whether, how much and when (DOSE-TOCI, 5.3, 5.5, MGMT-ICANS-7)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from grading.claims import Claim, Standing, cites_of, most_urgent, strongest
from grading.dedup import are_orders_read, on_hold, tocilizumab_order
from grading.dosing import is_capped, tocilizumab_mg, weigh
from grading.improvement import Change
from grading.knowledge import KNOWLEDGE
from grading.ledger import TOCILIZUMAB, doses_with_uncertain, is_allowed
from grading.model import (
    HOUR,
    Advice,
    DrugPlan,
    Instant,
    Measured,
    Offer,
    Recommendation,
    Strength,
)
from grading.situation import Situation

_REGIMEN = KNOWLEDGE.regimens["toci"]
_LEAST_GRADE_TO_REPEAT = 2
_CHANGES = {
    Change.NOT_IMPROVED: Advice.TOCI_NO_IMPROVEMENT,
    Change.IMPROVED: Advice.TOCI_IMPROVED,
    Change.CANNOT_TELL: Advice.TOCI_CANNOT_TELL,
}


def tocilizumab(s: Situation, claims: Sequence[Claim]) -> Recommendation | None:
    """The tocilizumab column; None where no rule asks for it or forbids it."""
    if not claims:
        return None
    strength = strongest(claim.strength for claim in claims)
    if strength is Strength.AVOID:
        return _avoided(s, claims[0])
    rules = [claim.rule for claim in claims]
    standing = _standing(s)
    if standing.offer is Offer.SUGGEST:
        plan, standing = _dose(s, standing, certain=claims[0].certain)
    else:
        plan = DrugPlan(_REGIMEN.drug, _REGIMEN.id)
    return Recommendation(
        rules=tuple(rule.id for rule in rules),
        topic="tocilizumab",
        strength=strength,
        indicator=most_urgent(rules),
        offer=standing.offer,
        says=f"{_REGIMEN.text}.",
        cites=cites_of(rules, *_REGIMEN.cites),
        drug=plan,
        already=standing.already,
        already_at=standing.already_at,
        next_at=standing.next_at,
        detail=(
            *_always(s),
            *standing.detail,
            *on_hold(s, {TOCILIZUMAB}),
            *_late(claims, strength),
        ),
    )


def _avoided(s: Situation, claim: Claim) -> Recommendation:
    """No CRS: tocilizumab is to be avoided in ICANS; worded softer where CRS may be (0.3)."""
    return Recommendation(
        rules=(claim.rule.id,),
        topic="tocilizumab",
        strength=Strength.AVOID,
        indicator=claim.rule.indicator,
        offer=Offer.TEXT,
        says=claim.rule.says,
        cites=claim.rule.cites,
        detail=(Advice.CRS_NOT_ESTABLISHED,) if s.crs_hi >= 1 else (),
    )


def _late(claims: Sequence[Claim], strength: Strength) -> tuple[str, ...]:
    lowered = strength is Strength.CONSIDER and any(claim.lowered for claim in claims)
    return (Advice.LATE_ONSET_CAP,) if lowered else ()


def _always(s: Situation) -> tuple[str, ...]:
    """What is said of the drug whether or not it is due."""
    ledger = s.ledger
    said = {
        Advice.TOCI_NOT_ALONE: s.has_icans(1),
        f"{Advice.DOSES_UNCERTAIN}:{ledger.uncertain}": ledger.uncertain > 0,
        f"{Advice.DOSES_AT_LEAST}:{len(ledger.doses)}": ledger.at_least and bool(ledger.doses),
        Advice.TOCI_SHORTAGE: s.policy.toci_shortage,
        Advice.ORDERS_NOT_READ: not are_orders_read(s),
    }
    return tuple(str(key) for key, holds in said.items() if holds)


# --- is it due? ----------------------------------------------------------------------------------


def _standing(s: Situation) -> Standing:
    """Whether a dose is due by what was ordered and given; a repeat only without improvement."""
    order, due = tocilizumab_order(s), _due(s)
    if order is not None:
        return Standing(Offer.ALREADY, _limit(s, due), due, order, order.t)
    if not s.ledger.doses:
        return Standing(Offer.SUGGEST)
    return _repeat(s, s.ledger.doses[-1].start, due)


def _repeat(s: Situation, last: Instant, due: Instant | None) -> Standing:
    change = s.tocilizumab_change
    judged = tuple(f"{key}:{last}" for found, key in _CHANGES.items() if found is change)
    if s.ledger.remaining == 0:
        return Standing(Offer.WAIT, (Advice.NO_FURTHER_DOSE, *judged), None, None, last)
    if min(s.crs_lo, s.crs_untrailed_lo) < _LEAST_GRADE_TO_REPEAT:
        return Standing(Offer.WAIT, (Advice.TOCI_GRADE_1,), None, None, last)
    if change in {Change.IMPROVED, Change.CANNOT_TELL}:
        return Standing(Offer.WAIT, judged, None, None, last)
    if due is not None:
        return Standing(Offer.WAIT, (*_limit(s, due), *judged), due, None, last)
    return Standing(Offer.SUGGEST, judged)


def _due(s: Situation) -> Instant | None:
    """When the next dose is allowed and can be judged; None: now, or never."""
    found = s.ledger.next_at
    if found is None:
        return None
    due = max(found, s.ledger.doses[-1].start + s.policy.toci_response_h * HOUR)
    return due if due > s.now else None


def _limit(s: Situation, due: Instant | None) -> tuple[str, ...]:
    """Which limit stands against a dose now."""
    if s.ledger.doses and s.ledger.remaining == 0:
        return (Advice.NO_FURTHER_DOSE,)
    if due is None:
        return ()
    interval = s.ledger.doses[-1].start + s.policy.toci_min_interval_h * HOUR
    by_count = s.ledger.next_at is not None and s.ledger.next_at > interval
    return (Advice.TOCI_COUNT_24H if by_count else Advice.TOCI_INTERVAL,)


# --- the dose ------------------------------------------------------------------------------------


def _dose(s: Situation, standing: Standing, *, certain: bool) -> tuple[DrugPlan, Standing]:
    """The dose by weight, or the offer as a text with all reasons why none is printed."""
    weighing = weigh(s.course.snapshot, s.policy)
    reasons = _reasons(s, weighing.used, certain=certain)
    reassess = f"{Advice.REASSESS}:{_REGIMEN.reassess}"
    if weighing.used is None or reasons:
        plan = DrugPlan(_REGIMEN.drug, _REGIMEN.id, why_no_dose=reasons[0])
        detail = (*reasons, *standing.detail, reassess)
        return plan, standing._replace(offer=Offer.TEXT, detail=detail)
    used, other = weighing.used, weighing.other
    said = {
        Advice.DOSE_CAPPED: is_capped(used.value, s.policy),
        Advice.WEIGHTS_DISAGREE: other is not None,
        f"{Advice.WEIGHT_STALE}:{used.t}": weighing.stale,
        reassess: True,
    }
    detail = tuple(str(key) for key, holds in said.items() if holds)
    plan = DrugPlan(
        _REGIMEN.drug, _REGIMEN.id, _mg(s, used), (used,) if other is None else (used, other)
    )
    return plan, standing._replace(detail=(*standing.detail, *detail))


def _mg(s: Situation, weight: Measured) -> Decimal:
    return tocilizumab_mg(weight.value, s.policy)


def _reasons(s: Situation, weight: Measured | None, *, certain: bool) -> tuple[str, ...]:
    """Why no dose is printed, the weightiest first; a child is dosed by weight too (PED-1)."""
    reasons = {
        Advice.AGE_UNKNOWN: not s.is_age_known,
        Advice.TOCI_DOSES_NOT_READ: s.ledger.at_least,
        Advice.TOCI_DOSES_UNCERTAIN: not _is_allowed_with_uncertain(s),
        Advice.WEIGHT_MISSING: weight is None,
        Advice.ONSET_NOT_CERTAIN: not certain,
    }
    return tuple(str(key) for key, holds in reasons.items() if holds)


def _is_allowed_with_uncertain(s: Situation) -> bool:
    """Whether a dose may be given now even if every uncertain one was given."""
    if not s.ledger.uncertain:
        return True
    return is_allowed(doses_with_uncertain(s.course), s.policy, s.now)
