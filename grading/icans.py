"""ICANS by ASTCT 2019: the worst of its domains (clinical-rules.md 3.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from grading.chart import Chart
from grading.component import Component, of_row
from grading.encephalopathy import (
    Instruments,
    at_least_before,
    consciousness,
    encephalopathy,
    instruments,
)
from grading.findings import Capd, Consciousness, Ice
from grading.knowledge import KNOWLEDGE
from grading.model import HOUR, Evidence, GradeRange, Instant, Label, Missing, Note, Remark
from grading.neuro import icp, motor, seizure
from grading.runs import Run

_SEDATED = KNOWLEDGE.icans["consciousness"][Consciousness.SEDATED]
_NOT_CHARTED = (Ice.NOT_CHARTED, Capd.NOT_CHARTED)
_MAX = 4

Carry = Callable[[Instant, Sequence[Run]], int]
"""The last unsedated lower bound, given the instant and the sedative runs active then (DEF-10)."""


class IcansPoint(NamedTuple):
    """ICANS at one instant: its grade and the domains it is the worst of."""

    grade: GradeRange
    domains: tuple[Component, ...]


def icans_point(chart: Chart, at: Instant, carry: Carry) -> IcansPoint:
    """ICANS grade at `at` by what is charted up to then."""
    found = instruments(chart, at)
    runs = chart.sedation.at(at)
    if runs:
        mind: tuple[Component, ...] = (_sedated(runs, carry(at, runs), Note.SEDATED),)
    elif found.sedated:
        mind = (_read_under_sedation(found, carry(at, found.sedated)),)
    else:
        mind = _mind(chart, found, at)
    domains = (*mind, seizure(chart, at), motor(chart, at), icp(chart, at))
    grade = GradeRange(max(domain.lo for domain in domains), max(domain.hi for domain in domains))
    return IcansPoint(grade, domains)


def _mind(chart: Chart, found: Instruments, at: Instant) -> tuple[Component, ...]:
    """Encephalopathy and, where charted, consciousness, with what follows from their absence."""
    score = encephalopathy(chart, found, at)
    level = consciousness(chart, found, at)
    score = _with_uncertain_sedation(chart, score, at)
    if level is None:
        score = _without_level(found, score)
    score = at_least_before(chart, found, score, at)
    return (score,) if level is None else (score, level)


def _without_level(found: Instruments, score: Component) -> Component:
    """`score` where no consciousness counts: awake is assumed of who did the test.

    Not so where a level was charted since the test, though as due to another cause (DEF-14).
    """
    dropped, test = found.other_level_at, found.capd if found.uses_capd else found.ice
    since = dropped is not None and test is not None and dropped > test.t
    if since or score.row.finding in _NOT_CHARTED:
        return score._replace(hi=_MAX, missing=(*score.missing, Missing.CONSCIOUSNESS))
    if Missing.CONSCIOUSNESS in score.missing:
        return score
    return score._replace(assumptions=(*score.assumptions, Note.SPONTANEOUS_ASSUMED))


def _with_uncertain_sedation(chart: Chart, score: Component, at: Instant) -> Component:
    """A sedative whose giving is not certain raises hi only (READ-2)."""
    if not chart.possible_sedatives.active(at, chart.policy.sedation_window_h):
        return score
    return score._replace(hi=_MAX, missing=(*score.missing, Missing.ADMINISTRATIONS))


def _sedated(runs: Sequence[Run], lo: int, note: Note) -> Component:
    rows = [
        Evidence(
            Label.SEDATIVE,
            run.drug,
            "",
            run.start,
            run.doses[-1].ref,
            (f"{Remark.STOPPED}:{run.end}",) if run.stopped else (),
        )
        for run in runs
    ]
    return of_row(_SEDATED, rows)._replace(lo=lo, notes=(f"{note}:{lo}",))


def _read_under_sedation(found: Instruments, lo: int) -> Component:
    """Sedation is over, and nothing was read since: as under it, until there is a newer reading."""
    score = Missing.CAPD if found.uses_capd else Missing.ICE
    component = _sedated(found.sedated, lo, Note.READ_UNDER_SEDATION)
    return component._replace(missing=(score, Missing.CONSCIOUSNESS))


def bolus_note(chart: Chart, found: Instruments) -> tuple[str, ...]:
    """A note where a sedating single dose was given shortly before the reading (DEF-10)."""
    window = chart.policy.sedation_window_h * HOUR
    readings = [item.t for item in (found.arousal, found.ice, found.capd) if item is not None]
    named = sorted(
        {
            dose.drug
            for dose in chart.sedating_boluses
            if any(0 <= t - dose.start <= window for t in readings)
        }
    )
    return (f"{Note.SEDATING_BOLUS}:{', '.join(named)}",) if named else ()


def unique(items: Iterable[str]) -> tuple[str, ...]:
    """Each once, in order."""
    return tuple(dict.fromkeys(str(item) for item in items))
