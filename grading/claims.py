"""What each rule that fired asks for in a drug column, and how strongly (5.3, 5.5, 6.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from grading import recommend_crs, recommend_icans, recommend_iechs, recommend_unverified
from grading.improvement import Change
from grading.knowledge import KNOWLEDGE
from grading.model import Advice, Instant, Offer, Order, Rule, Strength, Urgency
from grading.rulebook import PREDICATES, bind_rules, is_on
from grading.situation import Situation

CONDITIONS = (recommend_crs, recommend_icans, recommend_iechs, recommend_unverified)
"""Imported for the conditions that they bind."""

_BOUND = bind_rules(KNOWLEDGE.rules, PREDICATES)
_STRENGTHS = (Strength.CONSIDER, Strength.RECOMMENDED, Strength.AVOID)
_URGENCIES = (Urgency.INFO, Urgency.WARNING, Urgency.CRITICAL)
_CONCURRENT = "MGMT-MATRIX"
_GRADE_2 = "MGMT-CRS-2"
_COMPANION_REGIMEN = "dex-10-once"


class Fired(NamedTuple):
    """A rule that holds; not `certain`: only if a time of onset that is not known was early."""

    rule: Rule
    certain: bool


class Claim(NamedTuple):
    """What one rule asks for in a drug column, after the cap on late CRS.

    `because`: why it is stronger than the rule says of itself. `lowered`: the cap took effect.
    """

    rule: Rule
    certain: bool
    strength: Strength
    regimen: str
    because: tuple[str, ...] = ()
    lowered: bool = False


class Standing(NamedTuple):
    """How an offer stands to what is there already (GEN-DEDUP)."""

    offer: Offer
    detail: tuple[str, ...] = ()
    next_at: Instant | None = None
    already: Order | None = None
    already_at: Instant | None = None
    replaces: Order | None = None
    why_no_dose: str = ""


def fired_rules(s: Situation) -> tuple[Fired, ...]:
    """Every rule that holds or may hold, in file order."""
    asked = ((bound.rule, bound.holds(s)) for bound in _BOUND if is_on(bound.rule, s.policy))
    return tuple(Fired(rule, holds is True) for rule, holds in asked if holds is not False)


def capped(s: Situation, rule: Rule, strength: Strength) -> Strength:
    """`strength`, of a CRS rule in a late episode at most `late_crs_cap` (CRS-W1)."""
    if rule.syndrome != "crs" or strength is Strength.AVOID or not s.is_late_crs:
        return strength
    return min(strength, Strength(s.policy.late_crs_cap), key=_STRENGTHS.index)


def strongest(strengths: Iterable[Strength]) -> Strength:
    """The greatest strength; avoid goes before all."""
    return max(strengths, key=_STRENGTHS.index)


def most_urgent(rules: Iterable[Rule]) -> Urgency:
    """The greatest indicator of `rules`."""
    return max((rule.indicator for rule in rules), key=_URGENCIES.index)


def cites_of(rules: Iterable[Rule], *more: str) -> tuple[str, ...]:
    """The sources of `rules`, then `more`, each once."""
    named = [cite for rule in rules for cite in rule.cites]
    return tuple(dict.fromkeys([*named, *more]))


def tocilizumab_claims(s: Situation, fired: Sequence[Fired]) -> tuple[Claim, ...]:
    """What the rules ask of tocilizumab, the deciding one first."""
    claims = [
        _claim(s, item, item.rule.tocilizumab, "toci")
        for item in fired
        if item.rule.tocilizumab is not None
    ]
    return _certain_first(claims, _by_strength)


def steroid_claims(s: Situation, fired: Sequence[Fired], *, companion: bool) -> tuple[Claim, ...]:
    """What the rules ask of a steroid, the strongest regimen first (5.5).

    `companion`: tocilizumab is on offer, so that cell 1/1 adds dexamethasone to it.
    """
    claims = []
    for item in fired:
        if item.rule.steroid_strength is not None:
            claims.append(_steroid_claim(s, item, item.rule.steroid_strength))
        elif item.rule.id == _CONCURRENT and companion and s.is_crs(1) and s.is_icans(1):
            claims.append(_claim(s, item, Strength.CONSIDER, _COMPANION_REGIMEN))
    return _certain_first(claims, _by_rank)


def _certain_first(
    claims: Sequence[Claim], key: Callable[[Claim], tuple[int, ...]]
) -> tuple[Claim, ...]:
    """By `key`, greatest first; an uncertain claim counts only where there is no certain one."""
    certain = [item for item in claims if item.certain] or claims
    return tuple(sorted(certain, key=key, reverse=True))


def _by_strength(claim: Claim) -> tuple[int, ...]:
    return _STRENGTHS.index(claim.strength), _URGENCIES.index(claim.rule.indicator)


def _by_rank(claim: Claim) -> tuple[int, ...]:
    return (KNOWLEDGE.regimens[claim.regimen].rank,)


def _claim(
    s: Situation, item: Fired, strength: Strength, regimen: str, because: tuple[str, ...] = ()
) -> Claim:
    after = capped(s, item.rule, strength)
    lowered = after is not strength
    return Claim(item.rule, item.certain, after, regimen, () if lowered else because, lowered)


def _steroid_claim(s: Situation, item: Fired, strength: Strength) -> Claim:
    """The claim of a rule; for CRS 2 raised where one of its clauses holds."""
    if item.rule.id != _GRADE_2:
        return _claim(s, item, strength, item.rule.steroid)
    if because := _clauses(s):
        return _claim(s, item, Strength.RECOMMENDED, item.rule.steroid, because)
    early = (Advice.EARLY_WOULD_RECOMMEND,) if s.crs_early is None else ()
    return _claim(s, item, strength, item.rule.steroid, early)


def _clauses(s: Situation) -> tuple[str, ...]:
    """Why the steroid of CRS 2 is recommended; empty: it is to be considered (MGMT-CRS-2)."""
    clauses = {
        Advice.BECAUSE_ICANS: s.has_icans(1),
        f"{Advice.BECAUSE_PRODUCT}:{s.product}": s.product in s.policy.early_steroid_products,
        Advice.BECAUSE_EARLY_ONSET: s.crs_early is True,
        Advice.BECAUSE_NO_IMPROVEMENT: s.tocilizumab_change is Change.NOT_IMPROVED,
        Advice.BECAUSE_HYPOTENSION: s.is_hypotension_persistent,
    }
    return tuple(str(key) for key, holds in clauses.items() if holds)
