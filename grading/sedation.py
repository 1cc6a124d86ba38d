"""Sedative infusions that hide consciousness, ICE and CAPD (DEF-10)."""

from __future__ import annotations

from grading.chart import Chart
from grading.model import Instant
from grading.runs import Run, is_active


def sedatives_at(chart: Chart, at: Instant) -> tuple[Run, ...]:
    """Sedative infusions that hide consciousness and ICE at `at` (DEF-10)."""
    window = chart.policy.sedation_window_h
    return tuple(run for run in chart.sedative_runs if is_active(run, at, chart.policy, window))


def sedatives_of_reading(chart: Chart, at: Instant) -> tuple[Run, ...]:
    """Sedative infusions under which a reading at `at` was taken (DEF-10).

    They ran then, or in the `stopped_support_h` before: what ended earlier had worn off, also where
    only its last rate was charted and not its stop.
    """
    window = chart.policy.stopped_support_h
    return tuple(run for run in chart.sedative_runs if is_active(run, at, chart.policy, window))
