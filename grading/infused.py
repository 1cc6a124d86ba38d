"""Which records of a vasopressor are an infusion, by route, rate and period (DEF-5, READ-7)."""

from __future__ import annotations

from grading.knowledge import KNOWLEDGE
from grading.model import MINUTE, Dose, DoseStatus
from grading.runs import is_bolus

_DRUGS = KNOWLEDGE.drugs
PRESSORS = _DRUGS["vasopressor"]
AMBIGUOUS_ROUTE = PRESSORS - _DRUGS["vasopressor-point"]
"""Vasopressors that are mostly something else (epinephrine, phenylephrine): IV only."""
OTHER_ROUTES = AMBIGUOUS_ROUTE | _DRUGS["vasopressor-exempt"]
"""Vasopressors that are given by other routes too: vasopressin under the skin is none."""

_INFUSED_FROM = 15 * MINUTE
"""How long a period without a route is that is an infusion and no injection; a project choice."""


def is_infused(dose: Dose) -> bool:
    """Whether a record of a vasopressor says that it was infused (DEF-5); not by another route.

    Epinephrine and phenylephrine: by an IV route, a rate, or without another route in progress or
    with a period that is open or `_INFUSED_FROM` long: it was one before it was over (READ-11).
    """
    if dose.intravenous is False:
        return False
    if dose.drug not in AMBIGUOUS_ROUTE or dose.intravenous or dose.rate is not None:
        return True
    lasting = dose.has_period and (dose.end is None or dose.end - dose.start >= _INFUSED_FROM)
    return lasting or dose.status is DoseStatus.RUNNING


def may_be_infused(dose: Dose) -> bool:
    """Whether a record of a vasopressor leaves it open: its giving, its route, a single dose.

    A rate beside a route that is no vein is a contradiction, which leaves it open too.
    """
    if dose.drug in OTHER_ROUTES and dose.intravenous is False and dose.rate is None:
        return False
    return dose.status is DoseStatus.UNCERTAIN or is_bolus(dose) or not is_infused(dose)
