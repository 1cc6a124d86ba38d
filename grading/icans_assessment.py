"""The ICANS assessment at `now`: state, onset, bout, peak, and what the card must say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from grading.chart import Chart
from grading.encephalopathy import instruments
from grading.episode import charted_grades, last_charted
from grading.findings import Consciousness
from grading.history import history_of, is_side_unknown
from grading.icans import IcansPoint, bolus_note, unique
from grading.model import (
    HOUR,
    Assessment,
    Basis,
    Instant,
    Note,
    State,
)
from grading.neuro import examined, opening_pressure

PointAt = Callable[[Instant], IcansPoint]
_EXAM_FROM = 2
"""ICANS-D2: lower bound from which a missing neurological exam is named."""


class Course(NamedTuple):
    """How ICANS ran: the first positive point, the start of the present bout, and its peak."""

    onset: Instant | None
    bout: Instant | None
    peak: int
    peak_at: Instant | None


def neuro_times(chart: Chart) -> tuple[Instant, ...]:
    """Times at which ICANS can rise: each neurological fact, each start and end of sedation."""
    series = (chart.ice, chart.capd, chart.arousal, chart.seizures, chart.signs)
    times = {t for items in series for t in items.times}
    for run in chart.sedative_runs:
        times.add(run.start)
        if run.end is not None:
            times.add(run.end)
    return tuple(sorted(t for t in times if chart.start <= t <= chart.now))


def course_of(chart: Chart, point_at: PointAt) -> Course:
    """Onset, bout and peak up to now (READ-12); a bout starts anew after 24 h at lower bound 0.

    Time that sedation hides closes no bout (DEF-10).
    """
    onset = bout = peak_at = open_to = None
    peak = 0
    quiet = chart.policy.episode_close_h * HOUR
    for at, later in pairwise((*neuro_times(chart), chart.now, chart.now)):
        point = point_at(at)
        lo = point.grade.lo
        is_open = open_to is not None and at - open_to < quiet
        if lo > 0 or (is_open and _is_hidden(point)):
            open_to = min(later, _stands_to(chart, at))
        if lo == 0:
            continue
        onset = at if onset is None else onset
        if not is_open:
            bout, peak = at, 0
        if lo > peak:
            peak, peak_at = lo, at
    return Course(onset, bout, peak, peak_at)


def _is_hidden(point: IcansPoint) -> bool:
    """Whether sedation hides the point: its lower bound 0 is not the absence of ICANS (DEF-10)."""
    return any(domain.row.finding == Consciousness.SEDATED for domain in point.domains)


def _stands_to(chart: Chart, at: Instant) -> Instant:
    """Until when a point stands at most: for its window, from the end of a sedation on."""
    ends = (chart.now if run.end is None else run.end for run in chart.sedation.at(at))
    return max((at, *ends)) + chart.policy.neuro_window_h * HOUR


def grade_icans(chart: Chart, point_at: PointAt) -> Assessment:
    """ICANS at `now` with its basis (ICE-*, CAPD-*, ICANS-*); missing data widen the range."""
    now = chart.now
    point = point_at(now)
    course = course_of(chart, point_at)
    known = _onset_known(chart, course.onset)
    history = history_of(chart, "icans")
    return Assessment(
        syndrome="icans",
        grade=point.grade,
        state=_state(point),
        rules=_rules(point),
        basis=tuple(_bases(point)),
        missing=unique(item for domain in point.domains for item in domain.missing)
        if not point.grade.exact
        else (),
        stale=unique(item for domain in point.domains for item in domain.stale),
        assumptions=unique(item for domain in point.domains for item in domain.assumptions),
        notes=_notes(chart, point, course),
        onset=course.onset,
        onset_known=known,
        onset_hours=_hours(chart, course.onset) if known and course.onset else None,
        peak=course.peak,
        peak_at=course.peak_at,
        peak_at_least=history.is_cut and course.onset is not None,
        charted=last_charted(charted_grades(chart, "icans")),
        history_from=history.read_from if history.is_cut else None,
        bout=course.bout,
    )


def _state(point: IcansPoint) -> State:
    if point.grade.lo >= 1:
        return State.ACTIVE
    return State.NOT_ASSESSABLE if point.grade.hi >= 1 else State.NONE


def _hours(chart: Chart, onset: Instant) -> Decimal:
    return Decimal(onset - chart.infusion_before(onset)) / HOUR


def _onset_known(chart: Chart, onset: Instant | None) -> bool:
    """READ-14 and READ-9: a negative point before it inside the read span, or certainly early."""
    if onset is None or is_side_unknown(chart, onset):
        return False
    history = history_of(chart, "icans")
    if not history.is_cut:
        return True
    early = onset - chart.infusion_before(onset) < chart.policy.early_onset_h * HOUR
    tests = chart.ice.times + chart.capd.times
    return early or any(history.read_from <= t < onset for t in tests)


def _rules(point: IcansPoint) -> tuple[str, ...]:
    """Rule ids that held: instrument and consciousness always, the rest where it found any."""
    ids = []
    for domain in point.domains:
        always = domain.row.axis in ("ice", "capd", "consciousness")
        if always or domain.hi > 0:
            ids += [domain.row.id, *domain.extra_rules]
    return unique(ids)


def _bases(point: IcansPoint) -> Iterable[Basis]:
    for domain in point.domains:
        always = domain.row.axis in ("ice", "capd", "consciousness")
        if always or domain.hi > 0 or domain.evidence:
            yield domain.basis()


def _notes(chart: Chart, point: IcansPoint, course: Course) -> tuple[str, ...]:
    notes = [note for domain in point.domains for note in domain.notes]
    notes += bolus_note(chart, instruments(chart, chart.now))
    if point.grade.hi > 0:
        notes += _late_note(chart, course)
    if point.grade.lo >= _EXAM_FROM and not examined(chart, chart.now):
        notes.append(Note.NO_NEURO_EXAM)
    if (raised := opening_pressure(chart, chart.now)) is not None:
        notes.append(f"{Note.OPENING_PRESSURE}:{raised.value}")
    if course.onset is not None and not _onset_known(chart, course.onset):
        notes.append(f"{Note.ONSET_UNCERTAIN}:{course.onset}")
    if (shown := history_of(chart, "icans").shown) is not None:
        notes.append(f"{Note.HISTORY_FROM}:{shown}")
    return unique(notes)


def _late_note(chart: Chart, course: Course) -> Iterable[str]:
    """ICANS-W1: by the day of onset where it is known, else of now."""
    whole = not history_of(chart, "icans").is_cut
    at = course.bout if course.bout is not None and whole else chart.now
    day = chart.day_at(at)
    if day > chart.policy.icans_normal_max_day:
        yield f"{Note.LATE_ICANS}:{day}"
