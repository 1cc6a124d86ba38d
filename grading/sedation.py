"""Sedative infusions that hide consciousness, ICE and CAPD (DEF-10)."""

from __future__ import annotations

from collections.abc import Iterable

from grading.knowledge import Policy
from grading.model import Instant
from grading.runs import Run, Runs


class Sedation:
    """The sedative infusions of a course; what is asked of an instant is worked out once."""

    def __init__(self, runs: Iterable[Run], policy: Policy) -> None:
        """Prepare `runs`."""
        self._runs = Runs(runs, policy)
        self._policy = policy
        self._at: dict[Instant, tuple[Run, ...]] = {}
        self._of_reading: dict[Instant, tuple[Run, ...]] = {}

    def at(self, at: Instant) -> tuple[Run, ...]:
        """Those that hide consciousness and ICE at `at` (DEF-10), by start."""
        return self._active(self._at, at, self._policy.sedation_window_h)

    def of_reading(self, at: Instant) -> tuple[Run, ...]:
        """Those under which a reading at `at` was taken (DEF-10), by start.

        They ran then, or in the `stopped_support_h` before: what ended earlier had worn off, also
        where only its last rate was charted and not its stop.
        """
        return self._active(self._of_reading, at, self._policy.stopped_support_h)

    def _active(
        self, known: dict[Instant, tuple[Run, ...]], at: Instant, window_h: int
    ) -> tuple[Run, ...]:
        if at not in known:
            known[at] = self._runs.active(at, window_h)
        return known[at]
