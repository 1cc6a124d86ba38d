"""CRS at one instant: the fever gate, then the worse of hypotension and hypoxia (2.4)."""

from __future__ import annotations

from typing import NamedTuple

from grading.chart import Chart
from grading.component import Component
from grading.fever import Fever, FeverState, Gate
from grading.model import GradeRange, Instant
from grading.oxygen import hypoxia
from grading.pressure import hypotension


class CrsPoint(NamedTuple):
    """CRS at one instant, with what it came from."""

    grade: GradeRange
    gate: Gate
    hypotension: Component
    hypoxia: Component


def crs_point(chart: Chart, fever: Fever, at: Instant, *, trailing: bool = True) -> CrsPoint:
    """CRS grade at `at` by what is charted up to then; `trailing`: see READ-13."""
    p = hypotension(chart, at, trailing=trailing)
    o = hypoxia(chart, at)
    lo, hi = max(p.lo, o.lo), max(p.hi, o.hi)
    gate = fever.gate(at, component_lo=lo)
    return CrsPoint(_combine(gate.state, lo, hi), gate, p, o)


def _combine(state: FeverState, lo: int, hi: int) -> GradeRange:
    """The grade of the gate and the two axes (2.4)."""
    match state:
        case FeverState.PRESENT:
            return GradeRange(max(1, lo), max(1, hi))
        case FeverState.WAIVED:
            return GradeRange(lo, hi)
        case FeverState.MASKED | FeverState.UNKNOWN:
            return GradeRange(0, max(1, hi))
        case FeverState.ABSENT | FeverState.CLOSED:
            return GradeRange(0, 0)
