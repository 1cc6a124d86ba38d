"""Conditions of the IL-6 blocker rules (clinical-rules.md 7.2), bound by id."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from grading.claims import fired_rules, steroid_claims
from grading.dedup import tocilizumab_order
from grading.dosing import tocilizumab_mg, weigh
from grading.knowledge import KNOWLEDGE
from grading.ledger import (
    TOCILIZUMAB,
    count_in_24h,
    doses_with_uncertain,
    is_allowed,
    most_doses,
    next_eligible,
)
from grading.model import (
    HOUR,
    DrugPlan,
    Instant,
    Measured,
    Missing,
    RiskKind,
    Urgency,
)
from grading.order_case import OrderCase
from grading.order_model import Act, ActKind, OrderNote
from grading.order_rulebook import Hit, checks, softer
from grading.regimen import COMPANIONS, OTHER_STEROIDS
from grading.situation import Situation
from grading.steroid import steroid

_IL6_BLOCKERS = KNOWLEDGE.drugs["il6-blocker"]
_CRITICAL_ICANS = 3
_PERCENT = 100


def _is_tocilizumab(case: OrderCase) -> bool:
    return TOCILIZUMAB in case.draft.ingredients


# --- how often: interval and count ---------------------------------------------------------------


def _at(case: OrderCase) -> Instant:
    """When the dose would be given: the first scheduled time where that is still to come."""
    return max(case.s.now, case.draft.start or case.s.now)


def _next_dose(s: Situation) -> tuple[str, ...]:
    """When interval and count allow the next dose; empty: there is none."""
    due = next_eligible(s.ledger.doses, s.policy)
    return () if due is None else (f"{OrderNote.NEXT_DOSE}:{due}",)


@checks("OT-TOCI-5")
def _total(case: OrderCase) -> Hit | None:
    given = len(case.s.ledger.doses)
    return Hit() if _is_tocilizumab(case) and given >= most_doses(case.s.policy) else None


@checks("OT-TOCI-4")
def _in_24h(case: OrderCase) -> Hit | None:
    s = case.s
    if not _is_tocilizumab(case):
        return None
    given = count_in_24h(s.ledger.doses, _at(case))
    return Hit(notes=_next_dose(s)) if given >= s.policy.toci_max_24h else None


@checks("OT-TOCI-3")
def _interval(case: OrderCase) -> Hit | None:
    s = case.s
    if not _is_tocilizumab(case) or not s.ledger.doses:
        return None
    since = _at(case) - s.ledger.doses[-1].start
    return Hit(notes=_next_dose(s)) if since < s.policy.toci_min_interval_h * HOUR else None


@checks("OT-TOCI-MAR")
def _not_cleared(case: OrderCase) -> Hit | None:
    """Not all doses were read, or one may have been given that would forbid this one (READ-2)."""
    if not _is_tocilizumab(case) or _is_cleared(case):
        return None
    return Hit(notes=(OrderNote.DOSES_NOT_READ,), missing=(Missing.ADMINISTRATIONS,))


def _is_cleared(case: OrderCase) -> bool:
    s, at = case.s, _at(case)
    if s.ledger.at_least:
        return False
    if not s.ledger.uncertain:
        return True
    return is_allowed(doses_with_uncertain(s.course), s.policy, at)


@checks("OT-TOCI-DUP")
def _duplicate(case: OrderCase) -> Hit | None:
    """Another order, or another draft of the call, for a dose that may be intravenous."""
    if not _is_tocilizumab(case):
        return None
    drafted = any(each.intravenous is not False for each in case.drafted({TOCILIZUMAB}))
    if not drafted and tocilizumab_order(case.s, case.refs, drafts=False) is None:
        return None
    return Hit(notes=(OrderNote.POSSIBLE_DUPLICATE,))


# --- whether: ICANS, CRS and the steroid ---------------------------------------------------------


@checks("OT-TOCI-1")
def _isolated(case: OrderCase) -> Hit | None:
    """ICANS without CRS; where CRS is not established, softer by one level whatever else."""
    s = case.s
    if not case.names(_IL6_BLOCKERS) or case.icans < 1 or s.crs_lo >= 1:
        return None
    indicator = Urgency.CRITICAL if case.icans >= _CRITICAL_ICANS else Urgency.WARNING
    due = () if case.soft else _offered(s, _steroid_plan(s)).notes
    if s.crs_hi == 0:
        remove = () if case.soft else (Act(ActKind.REMOVE),)
        return Hit(indicator, due, acts=remove)
    level = indicator if case.soft else softer(indicator)
    return Hit(level, (OrderNote.CRS_UNCERTAIN, *due), s.verdict.crs.missing)


@checks("OT-TOCI-2")
def _alone(case: OrderCase) -> Hit | None:
    """Tocilizumab without a steroid; where CRS is not established, OT-TOCI-1 speaks (0.3)."""
    s = case.s
    if not _is_tocilizumab(case) or case.icans < 1 or s.crs_lo < 1:
        return None
    if case.is_there(COMPANIONS):
        return None
    other = (OrderNote.NOT_COMPANION,) if case.is_there(OTHER_STEROIDS) else ()
    offered = _offered(s, None if case.soft else _steroid_plan(s))
    return Hit(
        notes=(*offered.notes, *other, *case.unread),
        missing=(*offered.missing, *case.unread_doses),
        acts=offered.acts,
    )


def _steroid_plan(s: Situation) -> DrugPlan | None:
    """The steroid of the cell of 5.5, in cell 1/1 that which goes with tocilizumab."""
    claims = steroid_claims(s, fired_rules(s), companion=s.has_crs(1))
    found = steroid(s, claims, early=False)
    return None if found is None else found.drug


def _offered(s: Situation, plan: DrugPlan | None) -> Hit:
    """The steroid as a draft to add, or in words where no dose may be printed (PED-1)."""
    if plan is None:
        return Hit()
    if not s.is_age_known:
        return Hit(missing=(Missing.AGE,))
    if not s.prints_flat_dose:
        return Hit(notes=(OrderNote.CHILD_DOSE,))
    acts = () if plan.mg is None else (Act(ActKind.ADD, drug=plan),)
    return Hit(notes=(f"{OrderNote.STEROID_DUE}:{plan.regimen}",), acts=acts)


@checks("OT-TOCI-11")
def _mild(case: OrderCase) -> Hit | None:
    """By the lower bounds alone: read with an upper bound it would say nothing (OT-0b)."""
    s = case.s
    if not _is_tocilizumab(case) or not s.is_crs(1) or s.has_icans(1):
        return None
    return None if s.is_fever_persistent or s.crs_early is not False else Hit()


@checks("OT-TOCI-12")
def _overlap(case: OrderCase) -> Hit | None:
    return Hit() if _is_tocilizumab(case) and case.s.is_overlap_possible else None


@checks("OT-TOCI-10")
def _perforation(case: OrderCase) -> Hit | None:
    charted = any(risk.kind is RiskKind.GI_PERFORATION for risk in case.s.course.snapshot.risks)
    return Hit() if _is_tocilizumab(case) and charted else None


# --- how much and which way ----------------------------------------------------------------------


class _Amount(NamedTuple):
    """The first dose of a draft beside the one by weight; None: not known.

    `other`: a weight that disagrees with the one that counts (DOSE-TOCI).
    """

    ordered: Decimal | None
    expected: Decimal | None
    weight: Measured | None
    other: Measured | None = None


def _amount(case: OrderCase) -> _Amount:
    """Not compared where age is not known, because then no dose is printed (READ-16)."""
    s, draft = case.s, case.draft
    weight, other, _ = weigh(s.course.snapshot, s.policy)
    if weight is None:
        return _Amount(draft.mg, None, None)
    ordered = draft.mg
    if ordered is None and draft.mg_per_kg is not None:
        ordered = draft.mg_per_kg * weight.value
    expected = tocilizumab_mg(weight.value, s.policy) if s.is_age_known else None
    return _Amount(ordered, expected, weight, other)


def _is_dosed_by_weight(case: OrderCase) -> bool:
    """Whether the dose of CRS is meant: tocilizumab not written for another route than IV."""
    return _is_tocilizumab(case) and case.draft.intravenous is not False


def _correction(case: OrderCase, found: _Amount) -> tuple[Act, ...]:
    """The expected dose, unless no dose is to be given now or it is not known (DOSE-TOCI).

    None either while two weights disagree on it: which of them holds is for the orderer to say.
    """
    forbidding = (_total, _in_24h, _interval, _isolated, _not_cleared)
    other = found.other
    if found.expected is None:
        return ()
    if other is not None and tocilizumab_mg(other.value, case.s.policy) != found.expected:
        return ()
    if any(check(case) for check in forbidding):
        return ()
    return (Act(ActKind.CORRECT_DOSE, mg=found.expected),)


def _expected(s: Situation, found: _Amount) -> tuple[str, ...]:
    """The dose by weight, and that by a weight that disagrees, each with its weight and time."""
    used, other = found.weight, found.other
    if found.expected is None or used is None:
        return ()
    note = f"{OrderNote.EXPECTED_DOSE}:{found.expected}:{used.value}:{used.t}"
    if other is None:
        return (note,)
    mg = tocilizumab_mg(other.value, s.policy)
    return (note, f"{OrderNote.OTHER_WEIGHT}:{mg}:{other.value}:{other.t}")


@checks("OT-TOCI-6")
def _above_cap(case: OrderCase) -> Hit | None:
    found = _amount(case)
    if not _is_tocilizumab(case) or found.ordered is None:
        return None
    if found.ordered <= case.s.policy.toci_max_mg:
        return None
    if not _is_dosed_by_weight(case):
        return Hit()
    return Hit(notes=_expected(case.s, found), acts=_correction(case, found))


@checks("OT-TOCI-7")
def _off_weight(case: OrderCase) -> Hit | None:
    found = _amount(case)
    ordered, expected = found.ordered, found.expected
    if not _is_dosed_by_weight(case) or ordered is None or expected is None:
        return None
    if abs(ordered - expected) * _PERCENT <= case.s.policy.toci_dose_tolerance_pct * expected:
        return None
    indicator = Urgency.WARNING if ordered > expected else Urgency.INFO
    return Hit(indicator, _expected(case.s, found), acts=_correction(case, found))


@checks("OT-TOCI-8")
def _without_weight(case: OrderCase) -> Hit | None:
    if not _is_dosed_by_weight(case) or _amount(case).weight is not None:
        return None
    return Hit(notes=(OrderNote.WEIGHT_NEEDED,), missing=(Missing.WEIGHT,))


@checks("OT-TOCI-9")
def _not_intravenous(case: OrderCase) -> Hit | None:
    other = case.draft.intravenous is False
    return Hit() if _is_tocilizumab(case) and other else None


@checks("OT-TOCI-UNIT")
def _not_comparable(case: OrderCase) -> Hit | None:
    """An amount without a unit of mass, or any where age is not known (READ-16)."""
    draft = case.draft
    if not _is_dosed_by_weight(case):
        return None
    if draft.dose_unclear:
        return Hit(notes=(OrderNote.DOSE_NOT_CHECKED,))
    written = draft.mg is not None or draft.mg_per_kg is not None
    return Hit(missing=(Missing.AGE,)) if written and not case.s.is_age_known else None
