"""Conditions of the rules on drugs that sedate or lower the seizure threshold (7.4)."""

from __future__ import annotations

from grading.dedup import are_orders_read
from grading.knowledge import KNOWLEDGE
from grading.model import RiskKind, Urgency
from grading.order_case import OrderCase
from grading.order_model import OrderNote, OrderReason
from grading.order_rulebook import Hit, checks
from grading.sedating import (
    AGITATION_CARE,
    ANTIBACTERIALS,
    ANTISEIZURE,
    SEDATING_ANTISEIZURE,
    SEIZURE_CARE,
    VENTILATION_CARE,
    WITHDRAWAL,
    has_seizures,
    is_ventilated,
    tier,
)
from grading.situation import Situation

_READ = KNOWLEDGE.drugs["threshold-lowering-read"]
_ISONIAZID = "isoniazid"


# --- what is said --------------------------------------------------------------------------------


@checks("OT-CNS-1")
def _sedates(case: OrderCase) -> Hit | None:
    drugs = {
        drug: indicator
        for drug, indicator in _spoken_of(case).items()
        if not _is_for_agitation(case, drug)
    }
    if not drugs:
        return None
    warns = Urgency.WARNING in drugs.values()
    deciding = {drug for drug, found in drugs.items() if not warns or found is Urgency.WARNING}
    unverified = (OrderNote.UNVERIFIED_CLASS,) if deciding - _READ else ()
    return Hit(Urgency.WARNING if warns else Urgency.INFO, unverified)


@checks("OT-CNS-3")
def _for_agitation(case: OrderCase) -> Hit | None:
    return Hit() if any(_is_for_agitation(case, drug) for drug in _spoken_of(case)) else None


@checks("OT-CNS-4", "OT-CNS-1")
def _antibacterial(case: OrderCase) -> Hit | None:
    drugs = [drug for drug in _spoken_of(case) if drug in ANTIBACTERIALS]
    notes = {
        OrderNote.DO_NOT_DELAY_ANTIBIOTICS: bool(drugs) and _may_be_infected(case.s),
        OrderNote.ISONIAZID: _ISONIAZID in drugs,
    }
    said = tuple(str(note) for note, holds in notes.items() if holds)
    return Hit(notes=said) if said else None


@checks("OT-CNS-6", "OT-CNS-1", "OT-CNS-3")
def _long_term(case: OrderCase) -> Hit | None:
    """Where orders were not read, any of them may be a long-term one."""
    drugs = [drug for drug in _spoken_of(case) if drug in WITHDRAWAL]
    unread = not are_orders_read(case.s)
    if not any(unread or case.was_active_before(drug) for drug in drugs):
        return None
    return Hit(notes=(OrderNote.REVIEW_WITH_PHARMACY,))


# --- which drugs ---------------------------------------------------------------------------------


def _spoken_of(case: OrderCase) -> dict[str, Urgency]:
    """The ingredients that are not silenced, with how urgent each is."""
    if case.icans < 1 and not case.s.has_recent_seizure:
        return {}
    silencing = (_care, _antiseizure)
    if any(check(case) is not None for check in silencing):
        return {}
    found = ((drug, _tier(case, drug)) for drug in case.draft.ingredients)
    return {drug: indicator for drug, indicator in found if indicator is not None}


def _tier(case: OrderCase, drug: str) -> Urgency | None:
    """How urgent one ingredient is by its class; None: nothing is said of it."""
    draft = case.draft
    return tier(drug, case.icans, systemic=draft.systemic, intravenous=draft.intravenous)


def _is_for_agitation(case: OrderCase, drug: str) -> bool:
    return drug in AGITATION_CARE and OrderReason.AGITATION in case.draft.reasons


# --- what silences -------------------------------------------------------------------------------


@checks("OT-CNS-2", silent=True)
def _care(case: OrderCase) -> Hit | None:
    """Every ingredient is needed to end a seizure or under ventilation."""
    ventilated = is_ventilated(case.s)
    convulsing = OrderReason.SEIZURE in case.draft.reasons or has_seizures(case.s)
    needed: frozenset[str] = frozenset()
    if ventilated or convulsing:
        needed |= SEIZURE_CARE
    if ventilated:
        needed |= VENTILATION_CARE
    return Hit() if needed.issuperset(case.draft.ingredients) else None


@checks("OT-CNS-5", silent=True)
def _antiseizure(case: OrderCase) -> Hit | None:
    """Every ingredient is an antiseizure drug, or one of the sedatives that is used as one here."""
    risks = case.s.course.snapshot.risks
    disorder = any(risk.kind is RiskKind.SEIZURE_HISTORY for risk in risks)
    as_such = disorder or OrderReason.SEIZURE in case.draft.reasons
    for drug in case.draft.ingredients:
        if drug in SEDATING_ANTISEIZURE:
            if not as_such and not case.was_active_before(drug):
                return None
        elif drug not in ANTISEIZURE:
            return None
    return Hit()


# --- neutrophils ---------------------------------------------------------------------------------


def _may_be_infected(s: Situation) -> bool:
    """Severe neutropenia, a count that is not known, or the work-up of CRS."""
    return s.neutrophils is None or s.is_neutropenic or s.has_crs(1)
