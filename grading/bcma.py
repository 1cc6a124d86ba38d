"""Neurotoxicity of another kind than ICANS, after ide-cel and cilta-cel (6.5, MGMT-ICANS-11)."""

from __future__ import annotations

from grading.knowledge import KNOWLEDGE
from grading.model import Advice, Note, Risk, RiskKind
from grading.situation import Situation

_PRODUCTS = frozenset(name for name, row in KNOWLEDGE.products.items() if row.target == "BCMA")
_FROM_DAY, _TO_DAY = 11, 108
"""Days of onset, both inclusive."""
_FOUND = {
    RiskKind.PARKINSONISM: (Advice.PARKINSONISM, Advice.PARKINSONISM_OPTION),
    RiskKind.CRANIAL_NERVE_PALSY: (Advice.CRANIAL_NERVE_PALSY, Advice.FACIAL_PALSY_OPTION),
    RiskKind.POLYRADICULONEURITIS: (Advice.POLYRADICULONEURITIS, Advice.IVIG_OPTION),
}
"""What is said of each finding, and what the source offers for it."""


def is_bcma(s: Situation) -> bool:
    """Whether the product is one of those with that neurotoxicity."""
    return s.product in _PRODUCTS


def findings(s: Situation) -> tuple[Risk, ...]:
    """Charted findings of that kind with an onset on day 11 to 108, oldest first.

    A finding without a date does not count, nor one from before the infusion.
    """
    day_at = s.course.chart.day_at
    found = [
        risk
        for risk in s.course.snapshot.risks
        if risk.kind in _FOUND
        and risk.t is not None
        and risk.t >= s.start
        and _FROM_DAY <= day_at(risk.t) <= _TO_DAY
    ]
    return tuple(sorted(found, key=lambda risk: (risk.t or 0, risk.ref)))


def is_late_icans(s: Situation) -> bool:
    """Whether ICANS began so late, by its onset where that is known, else now (ICANS-W1)."""
    if not s.has_icans(1):
        return False
    found = s.verdict.icans
    if any(note.startswith(Note.LATE_ICANS) for note in found.notes):
        return True
    known = found.onset if found.onset_known else None
    return s.course.chart.day_at(s.now if known is None else known) >= _FROM_DAY


def remarks(s: Situation) -> tuple[str, ...]:
    """The findings with their times, then what the source offers; no doses under age (PED-1)."""
    found = findings(s)
    said = [f"{_FOUND[risk.kind][0]}:{risk.t}" for risk in found]
    options = [str(_FOUND[risk.kind][1]) for risk in found] if s.prints_flat_dose else []
    return tuple(dict.fromkeys((*said, *options)))
