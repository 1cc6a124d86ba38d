"""Laboratory results in order of time, and how long each may speak for now (IN-19, READ-4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from grading.model import HOUR, Instant, LabResult
from grading.series import Series

FRESH_H = 24
"""A result that is older is used and marked as stale (IN-19, F)."""
_COUNT_MAX_AGE_H = 48
_SLOW_MAX_AGE_H = 72
_SLOW = frozenset({"ferritin", "crp", "fibrinogen"})
_LOWER_IS_WORSE = frozenset({"fibrinogen", "anc", "platelets", "hemoglobin"})
_USUAL_SODIUM = 140


def _badness(name: str, result: LabResult) -> Decimal:
    """Greater for the worse of two results of one minute (READ-4)."""
    if name == "sodium":
        return abs(result.value - _USUAL_SODIUM)
    return -result.value if name in _LOWER_IS_WORSE else result.value


class Labs:
    """The results of one patient, each sorted once it is asked for.

    A result that a clinician charted as due to another cause is left out (DEF-14).
    """

    def __init__(self, results: Mapping[str, Sequence[LabResult]], now: Instant) -> None:
        """Take the results by name."""
        self._results = results
        self._now = now
        self._series: dict[str, Series[LabResult]] = {}

    def latest(self, name: str) -> LabResult | None:
        """The latest result that still speaks for now: 72 h for ferritin, CRP, fibrinogen; 48 h."""
        hours = _SLOW_MAX_AGE_H if name in _SLOW else _COUNT_MAX_AGE_H
        return self.between(name, self._now - hours * HOUR, self._now)

    def between(self, name: str, start: Instant, end: Instant) -> LabResult | None:
        """The latest result from `start` to `end`, both inclusive; of one minute the worse."""
        return self._of(name).latest(start, end, lambda result: _badness(name, result))

    def window(self, name: str, start: Instant, end: Instant) -> tuple[LabResult, ...]:
        """Every result from `start` to `end`, both inclusive, oldest first."""
        return self._of(name).window(start, end)

    def _of(self, name: str) -> Series[LabResult]:
        if name not in self._series:
            charted = (item for item in self._results.get(name, ()) if not item.other_cause)
            self._series[name] = Series(charted)
        return self._series[name]
