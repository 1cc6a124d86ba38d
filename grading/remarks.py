"""What a sentence of care says of this patient beside its rule: which clause of it holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from grading import bcma, stops
from grading.fluids import boluses, is_low_after_boluses
from grading.model import Advice
from grading.oxygen_need import is_oxygen_rising
from grading.situation import Situation

Remarks = Callable[[Situation], tuple[str, ...]]


def remarks(s: Situation, rule_id: str) -> tuple[str, ...]:
    """Keys of what is to be said beside the sentence of a rule; mostly none."""
    found = _REMARKS.get(rule_id)
    return () if found is None else found(s)


def _grade_2(s: Situation) -> tuple[str, ...]:
    """Still low after the boluses, and `toci_response_h` after an IL-6 blocker (MGMT-CRS-2)."""
    refractory = is_low_after_boluses(s) and s.is_hypotension_persistent
    return (f"{Advice.LOW_AFTER_BOTH}:{len(boluses(s))}",) if refractory else ()


def _intensive_care_early(s: Situation) -> tuple[str, ...]:
    holds = {
        f"{Advice.LOW_AFTER_BOLUSES}:{len(boluses(s))}": is_low_after_boluses(s),
        Advice.OXYGEN_RISING: is_oxygen_rising(s.course.chart, s.now),
    }
    return tuple(str(key) for key, found in holds.items() if found)


_REMARKS: Mapping[str, Remarks] = {
    "MGMT-CRS-2": _grade_2,
    "ICU-2": _intensive_care_early,
    "MGMT-ICANS-2": stops.remarks,
    "MGMT-ICANS-11": bcma.remarks,
}
