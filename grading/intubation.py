"""Which intubation a charted ventilator is carried on from (DEF-15, IN-7)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import pairwise

from grading.model import Device, Instant, Support
from grading.series import Series, Spans

_TUBED = frozenset({Device.VENTILATOR, Device.UNRECOGNIZED})
"""Rows between which a patient stays intubated."""


class Intubations:
    """The acts of intubation of a course, and how far what is charted after one carries it on."""

    def __init__(self, rows: Series[Support], spans: Spans[Support], window: Instant) -> None:
        """Prepare charted `rows` and `spans`; a row stands for `window` ms (inclusive)."""
        self._window = window
        self._rows = rows.times
        self._acts = tuple(item for item in (*rows.facts, *spans.all) if _is_act(item))
        others = (item.t for item in (*rows.facts, *spans.all) if item.device not in _TUBED)
        self._others = tuple(sorted(others))
        self._gaps = tuple(t for t, later in pairwise(rows.times) if later - t > window)

    def of(self, row: Support) -> Support | None:
        """The latest act up to `row` that lasts: no end, and no other device, in between.

        Of one time the one for hypoxia. One without a period is carried on by rows (IN-7).
        """
        acts = (
            item
            for item in self._acts
            if item.t <= row.t <= (row.t if item.end is None else item.end)
        )
        latest = max(acts, key=lambda item: (item.t, not item.airway_only, item.ref), default=None)
        if latest is None:
            return None
        if bisect_right(self._others, latest.t) < bisect_right(self._others, row.t):
            return None
        return latest if latest.interval or self._is_carried(latest.t, row.t) else None

    def _is_carried(self, start: Instant, end: Instant) -> bool:
        """Whether a charted state reaches from each row to the next, from that at `start` on."""
        last = self._rows[bisect_right(self._rows, end) - 1]
        gaps = bisect_left(self._gaps, last) - bisect_left(self._gaps, start)
        return not gaps and end - last <= self._window


def _is_act(item: Support) -> bool:
    return (item.procedure or item.airway_only) and item.device is Device.VENTILATOR
