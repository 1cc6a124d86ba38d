"""The steroid column: the stronger regimen of CRS and ICANS (5.3, 5.5, 6.2, PED-1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from grading.claims import Claim, Standing, cites_of, most_urgent, strongest
from grading.dedup import Found, are_orders_read, first_found, on_hold, orders_of
from grading.knowledge import KNOWLEDGE
from grading.model import (
    HOUR,
    Advice,
    DrugPlan,
    Offer,
    Recommendation,
    Regimen,
    Rule,
    Strength,
)
from grading.regimen import COMPANIONS, METHYLPREDNISOLONE, OTHER_STEROIDS
from grading.situation import Situation
from grading.steroid_running import standing_of

EARLY_STEROID = KNOWLEDGE.rules["MGMT-CRS-1D"]
_GRADE_3_ICANS = "MGMT-ICANS-G3"
_METHYLPREDNISOLONE = frozenset({"MGMT-CRS-3E", "MGMT-CRS-4", "MGMT-ICANS-G4"})
_COMPANION = "MGMT-MATRIX"


def steroid(s: Situation, claims: Sequence[Claim], *, early: bool) -> Recommendation | None:
    """The steroid column; `early`: the product asks for an early one (MGMT-CRS-1D)."""
    if not claims:
        return _early_only(s) if early else None
    head, standing = _due(s, claims)
    regimen = KNOWLEDGE.regimens[head.regimen]
    rules = [head.rule, *(claim.rule for claim in claims if claim is not head)]
    rules += [EARLY_STEROID] if early else []
    strength = strongest(claim.strength for claim in _answered(head, claims))
    return Recommendation(
        rules=tuple(rule.id for rule in rules),
        topic="steroid",
        strength=strength,
        indicator=most_urgent(rules),
        offer=standing.offer,
        says=f"{_says(s, regimen, standing)}.",
        cites=cites_of(rules, *regimen.cites),
        drug=_plan(regimen, standing),
        already=standing.already,
        already_at=standing.already_at,
        next_at=standing.next_at,
        detail=(
            *_reasons(head, early=early),
            *_capped(s, head, claims, strength),
            *standing.detail,
            *_options(s, rules, standing.offer),
            *_for_children(s, regimen),
            *_reassessment(regimen, standing.offer),
            *_other_steroids(s),
            *on_hold(s, COMPANIONS),
            *_unread(s),
        ),
    )


def _due(s: Situation, claims: Sequence[Claim]) -> tuple[Claim, Standing]:
    """The strongest regimen that is due or there; where all are to wait, the strongest.

    A regimen that waits for want of a lack of improvement leaves a weaker need as it is.
    """
    found = []
    for claim in claims:
        regimen = KNOWLEDGE.regimens[claim.regimen]
        standing = standing_of(s, regimen, crs=claim.rule.syndrome == "crs")
        found.append((claim, _printable(s, standing, claim)))
        if standing.offer is not Offer.WAIT:
            break
    (first, waiting), (last, standing) = found[0], found[-1]
    if standing.offer is Offer.WAIT:
        return first, waiting
    if first is last:
        return last, standing
    return last, standing._replace(detail=(*waiting.detail, *standing.detail))


def _early_only(s: Situation) -> Recommendation:
    """A text without a regimen: no other rule asks for a steroid."""
    found = first_found(s, COMPANIONS, s.policy.steroid_companion_h)
    order, at = found or Found(None, None)
    return Recommendation(
        rules=(EARLY_STEROID.id,),
        topic="steroid",
        strength=EARLY_STEROID.strength,
        indicator=EARLY_STEROID.indicator,
        offer=Offer.TEXT if found is None else Offer.ALREADY,
        says=EARLY_STEROID.says,
        cites=EARLY_STEROID.cites,
        already=order,
        already_at=at,
        detail=(*_other_steroids(s), *on_hold(s, COMPANIONS), *_unread(s)),
    )


def _plan(regimen: Regimen, standing: Standing) -> DrugPlan:
    mg = regimen.steps[0].mg if standing.offer is Offer.SUGGEST else None
    return DrugPlan(
        regimen.drug,
        regimen.id,
        mg,
        why_no_dose=standing.why_no_dose,
        replaces=standing.replaces,
    )


def _printable(s: Situation, standing: Standing, head: Claim) -> Standing:
    """`standing`, as a text where no dose may be printed or the rule is not certain."""
    if standing.offer is not Offer.SUGGEST:
        return standing
    reasons = [s.why_no_flat_dose] if s.why_no_flat_dose else []
    if not head.certain:
        reasons.append(Advice.ONSET_NOT_CERTAIN)
    if not reasons:
        return standing
    return standing._replace(
        offer=Offer.TEXT, detail=(*reasons, *standing.detail), why_no_dose=reasons[0]
    )


def _reasons(head: Claim, *, early: bool) -> tuple[str, ...]:
    """Why it is as strong as it is, by the deciding rule."""
    said = {
        Advice.COMPANION: head.rule.id == _COMPANION,
        Advice.EARLY_STEROID: early,
    }
    return (*head.because, *(key for key, holds in said.items() if holds))


def _text(s: Situation, regimen: Regimen) -> str:
    return regimen.text if s.prints_flat_dose else regimen.without_dose


def _says(s: Situation, regimen: Regimen, standing: Standing) -> str:
    """The regimen in words; of a taper that runs not the first step, which is not due."""
    runs = standing.why_no_dose == Advice.TAPER_RUNS
    return regimen.without_dose if runs else _text(s, regimen)


def _covered(head: Claim, claims: Sequence[Claim]) -> Iterator[Claim]:
    """The claims that the regimen of `head` answers: its own and those of weaker ones (5.5)."""
    rank = KNOWLEDGE.regimens[head.regimen].rank
    return (claim for claim in claims if KNOWLEDGE.regimens[claim.regimen].rank <= rank)


def _answered(head: Claim, claims: Sequence[Claim]) -> Iterator[Claim]:
    """The claims that say how strong the advice is.

    Of a regimen that late CRS asks for only those of the same: what ICANS recommends is not this
    much (CRS-W1).
    """
    covered = _covered(head, claims)
    return (claim for claim in covered if claim.regimen == head.regimen or not head.lowered)


def _capped(
    s: Situation, head: Claim, claims: Sequence[Claim], strength: Strength
) -> tuple[str, ...]:
    """That late CRS lowered the strength, and the regimen that is recommended without it (CRS-W1).

    The cap is of CRS alone: a regimen that ICANS itself asks for stays as strong as it is.
    """
    if not head.lowered or strength is not head.strength:
        return ()
    kept = (item.regimen for item in _covered(head, claims) if item.strength is not strength)
    least = (f"{Advice.LATE_CRS_REGIMEN}:{_text(s, KNOWLEDGE.regimens[name])}" for name in kept)
    return (Advice.LATE_ONSET_CAP, *islice(least, 1))


def _options(s: Situation, rules: Sequence[Rule], offer: Offer) -> tuple[str, ...]:
    """Other regimens that sources name, in adults; also beside a running steroid."""
    if not s.prints_flat_dose or offer is Offer.WAIT:
        return ()
    strongest = rules[0].id in _METHYLPREDNISOLONE
    said = {
        Advice.MP_OPTION: not strongest and any(rule.id == _GRADE_3_ICANS for rule in rules),
        Advice.MP_TWICE_DAILY_OPTION: strongest,
    }
    return tuple(key for key, holds in said.items() if holds)


def _for_children(s: Situation, regimen: Regimen) -> tuple[str, ...]:
    """The dose by weight that a site turns on (0.5), where the flat dose is withheld (PED-1)."""
    if not s.policy.ped_steroid_doses or s.why_no_flat_dose != Advice.PEDIATRIC_DOSE:
        return ()
    strong = regimen.drug == METHYLPREDNISOLONE
    return (Advice.PEDIATRIC_METHYLPREDNISOLONE if strong else Advice.PEDIATRIC_DEXAMETHASONE,)


def _reassessment(regimen: Regimen, offer: Offer) -> tuple[str, ...]:
    if offer in {Offer.SUGGEST, Offer.TEXT}:
        return (f"{Advice.REASSESS}:{regimen.reassess}",)
    return ()


def _other_steroids(s: Situation) -> tuple[str, ...]:
    """Active steroids that do not count as companion (OT-0a), each once."""
    since = s.now - s.policy.steroid_companion_h * HOUR
    ordered = {order.key for order in orders_of(s, OTHER_STEROIDS)}
    given = {dose.drug for dose in s.course.given(OTHER_STEROIDS) if dose.start >= since}
    return tuple(f"{Advice.OTHER_STEROID}:{drug}" for drug in sorted(ordered | given))


def _unread(s: Situation) -> tuple[str, ...]:
    gap = s.policy.steroid_course_gap_h * HOUR
    read = are_orders_read(s) and s.doses_from <= s.now - gap
    return () if read else (Advice.STEROIDS_NOT_READ,)
