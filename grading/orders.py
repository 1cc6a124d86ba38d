"""What is to be said of the draft orders of one call (clinical-rules.md section 7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from grading import (
    order_growth_factors,
    order_sedating,
    order_steroid,
    order_supportive,
    order_tocilizumab,
    order_vaccine,
)
from grading.knowledge import KNOWLEDGE
from grading.model import Scope, Urgency, Verdict
from grading.order_case import CRS, ICANS, OrderCase
from grading.order_model import Act, Alert, AlertLine, Draft, Family, OrderReview
from grading.order_rulebook import (
    ORDER_CHECKS,
    BoundOrderRule,
    Hit,
    bind_order_rules,
    softer,
)
from grading.rulebook import UNVERIFIED, is_on
from grading.situation import Situation

if TYPE_CHECKING:
    from grading.course import Course

CONDITIONS = (
    order_growth_factors,
    order_sedating,
    order_steroid,
    order_supportive,
    order_tocilizumab,
    order_vaccine,
)
"""Imported for the conditions that they bind."""

_BOUND = bind_order_rules(KNOWLEDGE.order_rules, ORDER_CHECKS)
_SPEAKING = tuple(bound for bound in _BOUND if not bound.binding.silent)
_PRIMARY = tuple(bound for bound in _SPEAKING if not bound.binding.beside)
_JOINING = tuple(bound for bound in _SPEAKING if bound.binding.beside)
_FILE_ORDER = {rule: index for index, rule in enumerate(KNOWLEDGE.order_rules)}
_SEVEREST_FIRST = (Urgency.CRITICAL, Urgency.WARNING, Urgency.INFO)
_ONE_ROW = frozenset({Family.GCSF, Family.GMCSF, Family.CNS})
"""Families of one class of drug each: of two rows that hold only the more severe (OT-0b)."""
_NAMED = {
    Family.GCSF: (CRS,),
    Family.GMCSF: (CRS,),
    Family.IL6: (CRS, ICANS),
    Family.STEROID: (CRS, ICANS),
    Family.CNS: (ICANS,),
    Family.VACCINE: (),
    Family.SECOND_LINE: (CRS, ICANS),
    Family.LEVETIRACETAM: (),
}
"""Syndromes that bear on a family."""
_ALONE: frozenset[str] = frozenset()


class _Fired(NamedTuple):
    """A rule that holds, by the grades that `case` reads."""

    bound: BoundOrderRule
    hit: Hit
    indicator: Urgency
    case: OrderCase

    @property
    def rank(self) -> tuple[int, bool, int]:
        """Most severe first; of equals those at full strength, then in file order."""
        rule = self.bound.rule
        severity = _SEVEREST_FIRST.index(self.indicator)
        return severity, bool(self.case.soft), _FILE_ORDER[rule.id]


def review_orders(course: Course, verdict: Verdict, drafts: Sequence[Draft]) -> OrderReview:
    """Every rule that holds on the drafts in focus, with `verdict`, which must be that of `course`.

    Where the patient is not graded for want of a recent infusion, only vaccines are looked at; with
    scope unknown, or after death, nothing is.
    """
    s = Situation(course, verdict)
    ordered = sorted((item for item in drafts if item.is_focus), key=lambda item: item.ref)
    alerts: list[Alert] = []
    checked = []
    for draft in ordered:
        fired = _fired(s, drafts, draft)
        alerts += _alerts(s, draft, fired)
        checked.append((draft, tuple(item.bound.rule.id for item in fired)))
    alerts.sort(key=lambda item: _SEVEREST_FIRST.index(item.indicator))
    return OrderReview(tuple(alerts), tuple(checked))


def _rules_in(scope: Scope) -> tuple[BoundOrderRule, ...]:
    """The rules that are asked on their own in that scope."""
    match scope:
        case Scope.IN:
            return _PRIMARY
        case Scope.NO_INFUSION:
            return tuple(item for item in _PRIMARY if item.rule.family is Family.VACCINE)
        case Scope.UNKNOWN | Scope.DECEASED:
            return ()


def _views(s: Situation) -> tuple[frozenset[str], ...]:
    """Which upper bounds may stand for a lower bound of 0, the fewest first (OT-0b)."""
    if s.day > s.policy.soften_max_day:
        return (_ALONE,)
    bounds = {CRS: (s.crs_lo, s.crs_hi), ICANS: (s.icans_lo, s.icans_hi)}
    unsure = [name for name, (lo, hi) in bounds.items() if lo == 0 and hi > 0]
    single = (frozenset({name}) for name in unsure)
    return tuple(dict.fromkeys((_ALONE, *single, frozenset(unsure))))


def _fired(s: Situation, drafts: Sequence[Draft], draft: Draft) -> tuple[_Fired, ...]:
    """The rules that hold on one draft, most severe first."""
    cases = [OrderCase(s, drafts, draft, soft) for soft in _views(s)]
    asked = (item for item in _rules_in(s.verdict.scope) if is_on(item.rule, s.policy))
    rules = (item for item in asked if item.binding.stops is draft.stops)
    found = (_first(bound, cases) for bound in rules)
    primary = tuple(_of_one_class(sorted((item for item in found if item), key=_rank)))
    return tuple(sorted((*primary, *_joining(primary)), key=_rank))


def _rank(item: _Fired) -> tuple[int, bool, int]:
    return item.rank


def _first(bound: BoundOrderRule, cases: Iterable[OrderCase]) -> _Fired | None:
    """The rule by the first view in which it holds, softer unless that is the plain one."""
    for case in cases:
        hit = bound.binding.check(case)
        if hit is None:
            continue
        full = hit.indicator or bound.rule.indicator
        indicator = softer(full) if case.soft else full
        return None if indicator is None else _Fired(bound, hit, indicator, case)
    return None


def _of_one_class(fired: Iterable[_Fired]) -> Iterator[_Fired]:
    seen: set[Family] = set()
    for item in fired:
        family = item.bound.rule.family
        if family not in seen:
            yield item
        if family in _ONE_ROW:
            seen.add(family)


def _joining(primary: Iterable[_Fired]) -> Iterator[_Fired]:
    """The rules that add to one that holds; they name no grade and are not softened."""
    for item in primary:
        for bound in _JOINING:
            if item.bound.rule.id not in bound.binding.beside:
                continue
            hit = bound.binding.check(item.case)
            if hit is not None:
                yield _Fired(bound, hit, hit.indicator or bound.rule.indicator, item.case)


# --- cards to be -----------------------------------------------------------------------------


def _alerts(s: Situation, draft: Draft, fired: Iterable[_Fired]) -> Iterator[Alert]:
    """One alert for each family."""
    families: dict[Family, list[_Fired]] = {}
    for item in fired:
        families.setdefault(item.bound.rule.family, []).append(item)
    for family, items in families.items():
        missing = (key for item in items for key in _missing(s, item))
        acts: Iterable[Act] = (act for item in items for act in item.hit.acts)
        yield Alert(
            draft,
            family,
            tuple(_line(s, item) for item in items),
            missing=tuple(dict.fromkeys(missing)),
            syndromes=_syndromes(s, family),
            acts=tuple(dict.fromkeys(acts)),
        )


def _line(s: Situation, item: _Fired) -> AlertLine:
    """The rule with the numbers of the policy in its words; one that a site turned on says so."""
    rule = item.bound.rule
    lead = UNVERIFIED if rule.switch else ""
    worded = replace(rule, says=f"{lead}{rule.says.format(p=s.policy)}")
    return AlertLine(worded, item.indicator, item.hit.notes)


def _missing(s: Situation, item: _Fired) -> tuple[str, ...]:
    """What would settle the upper bounds that a rule was read with, and what it lacks itself."""
    found = {CRS: s.verdict.crs, ICANS: s.verdict.icans}
    soft = (key for name in (CRS, ICANS) if name in item.case.soft for key in found[name].missing)
    return (*soft, *item.hit.missing)


def _syndromes(s: Situation, family: Family) -> tuple[str, ...]:
    """Whose grade is named: of those that bear on the family the possible ones, else all."""
    bounds = {CRS: s.crs_hi, ICANS: s.icans_hi}
    named = _NAMED[family]
    return tuple(name for name in named if bounds[name] > 0) or named
