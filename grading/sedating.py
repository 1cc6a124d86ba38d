"""Drugs that sedate or lower the seizure threshold: their class, and what protects them (7.4)."""

from __future__ import annotations

from grading.knowledge import KNOWLEDGE
from grading.model import Device, SeizureKind, Urgency
from grading.oxygen_use import deliveries
from grading.situation import Situation

SEIZURE_CARE = KNOWLEDGE.drugs["seizure-care"]
VENTILATION_CARE = KNOWLEDGE.drugs["ventilation-care"]
AGITATION_CARE = KNOWLEDGE.drugs["agitation-care"]
ANTIBACTERIALS = KNOWLEDGE.drugs["antibacterial"]
ANTISEIZURE = KNOWLEDGE.drugs["antiseizure"]
SEDATING_ANTISEIZURE = KNOWLEDGE.drugs["antiseizure-sedating"]
WITHDRAWAL = KNOWLEDGE.drugs["withdrawal"]
_TIER_1 = KNOWLEDGE.drugs["threshold-lowering-1"]
_TIER_2 = KNOWLEDGE.drugs["threshold-lowering-2"]
_SEDATIVES = KNOWLEDGE.drugs["sedating"]
_NOT_INTRAVENOUS = KNOWLEDGE.drugs["not-intravenous"]
_TIER_2_WARNS_FROM = 3


def tier(drug: str, icans: int, *, systemic: bool, intravenous: bool | None) -> Urgency | None:
    """How urgent one ingredient is by its class at that ICANS grade; None: nothing is said."""
    if drug in _NOT_INTRAVENOUS:
        if intravenous is True:
            return None
    elif not systemic:
        return None
    if drug in _TIER_1:
        return Urgency.WARNING
    if drug in _TIER_2:
        return Urgency.WARNING if icans >= _TIER_2_WARNS_FROM else Urgency.INFO
    return Urgency.WARNING if drug in _SEDATIVES and icans >= 1 else None


def has_seizures(s: Situation) -> bool:
    """A seizure within the window, or status epilepticus coded since the infusion."""
    coded = (item for item in s.seizures if item.kind is SeizureKind.PROLONGED)
    return s.has_recent_seizure or any(item.t >= s.start for item in coded)


def is_ventilated(s: Situation) -> bool:
    """Whether the patient is invasively ventilated (OT-CNS-2)."""
    found = deliveries(s.course.chart, s.now, s.policy.oxygen_window_h)
    return any(
        item.support is not None and item.support.device is Device.VENTILATOR for item in found
    )
