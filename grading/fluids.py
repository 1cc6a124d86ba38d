"""Fluid boluses, and whether the blood pressure is still low after them (IN-9, ICU-2)."""

from __future__ import annotations

from grading.knowledge import KNOWLEDGE
from grading.model import HOUR, Dose
from grading.pressure import hypotension
from grading.situation import Situation

_FLUIDS = KNOWLEDGE.drugs["fluid"]


def boluses(s: Situation) -> tuple[Dose, ...]:
    """Boluses of the last `bp_window_h` (inclusive), oldest first, each start once.

    In adults a fluid of `bolus_min_ml` (inclusive) or more; in children, and where age is not
    known, only what is charted as a bolus.
    """
    since = s.now - s.policy.bp_window_h * HOUR
    found = (dose for dose in s.course.given(_FLUIDS) if dose.start >= since and _counts(s, dose))
    return tuple({dose.start: dose for dose in found}.values())


def _counts(s: Situation, dose: Dose) -> bool:
    if s.course.maybe_child:
        return dose.bolus is True
    return dose.bolus is not False and dose.ml is not None and dose.ml >= s.policy.bolus_min_ml


def is_low_after_boluses(s: Situation) -> bool:
    """Whether pressure is low now, read since `icu_boluses` boluses or more were begun (ICU-2).

    A pressure that only a trailing window holds low does not count, nor one from before the last
    bolus that is needed for the number.
    """
    given = boluses(s)
    if len(given) < s.policy.icu_boluses:
        return False
    latest = max(s.course.chart.readings.times, default=s.start)
    if given[s.policy.icu_boluses - 1].start > latest:
        return False
    return hypotension(s.course.chart, s.now, trailing=False).lo > 0
