"""CRS episodes: when one opens, what keeps it open, when it closes (CRS-W1, CRS-W2, READ-12)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import pairwise

from grading.chart import Chart
from grading.delivery import ROOM_AIR_FIO2
from grading.knowledge import Policy
from grading.model import HOUR, ChartedGrade, Device, Instant, Measured, Support
from grading.oxygen import is_above_baseline
from grading.oxygen_use import deliveries
from grading.pressure import line_at
from grading.readings import Reading

_UNGRADED = -1


@dataclass(frozen=True, slots=True)
class Episode:
    """One CRS episode from `onset`, as it was opened, or opened again, at `opened`.

    `closed` is when it then closed, None: still open at `now`. `late`: its onset lies after
    `crs_onset_max_day`. `charted`: what a clinician charted began it.
    """

    onset: Instant
    opened: Instant
    closed: Instant | None
    late: bool
    charted: bool = False

    def is_open(self, at: Instant) -> bool:
        """Whether it was opened and has not yet closed at `at`."""
        return self.opened <= at and (self.closed is None or at < self.closed)


def is_fever(temperature: Measured, policy: Policy) -> bool:
    """Whether a temperature qualifies: at the threshold too, unless policy says not (CRS-F1)."""
    if temperature.other_cause:
        return False
    if policy.fever_inclusive:
        return temperature.value >= policy.fever_threshold_c
    return temperature.value > policy.fever_threshold_c


def fevers(chart: Chart) -> tuple[Measured, ...]:
    """Temperatures that qualify, from the start of the course to `now`."""
    charted = chart.temperatures.window(chart.start, chart.now)
    return tuple(item for item in charted if is_fever(item, chart.policy))


def charted_grades(chart: Chart, syndrome: str) -> tuple[ChartedGrade, ...]:
    """What a clinician charted of `syndrome` since the course began, oldest first.

    At one instant an entry without a grade comes first, then the lower grade (READ-4).
    """

    def order(item: ChartedGrade) -> tuple[Instant, int, str]:
        return (item.t, _UNGRADED if item.grade is None else item.grade, item.ref)

    found = (item for item in chart.snapshot.charted_grades if item.syndrome == syndrome)
    return tuple(sorted((item for item in found if chart.start <= item.t <= chart.now), key=order))


def charted_crs(chart: Chart) -> tuple[ChartedGrade, ...]:
    """CRS as charted by a clinician (grade 1 or more, or no grade named) since the course began."""
    return tuple(item for item in charted_grades(chart, "crs") if item.grade != 0)


def last_charted(charted: Sequence[ChartedGrade]) -> ChartedGrade | None:
    """The last of them."""
    return charted[-1] if charted else None


def _oxygen_spans(chart: Chart) -> list[tuple[Instant, Instant]]:
    """When there was oxygen above baseline, or hypoxia, of no other cause (READ-12, DEF-14)."""
    policy = chart.policy
    low = [
        item.t
        for item in chart.spo2.facts
        if item.value < policy.hypoxia_spo2 and not item.other_cause
    ]
    charted = {item.t for item in chart.flows.facts if item.value > 0}
    charted |= {item.t for item in chart.fio2.facts if item.value > ROOM_AIR_FIO2}
    charted |= {
        item.t for item in chart.points_of_support.facts if item.device is not Device.ROOM_AIR
    }
    points = low + [at for at in charted if _above_baseline(chart, at)]
    spans = [(at, at) for at in points]
    changes = sorted(set(_changes(chart))) if chart.intervals.all else []
    above = cache(partial(_above_baseline, chart))
    for item in chart.intervals.all:
        spans += _interval_spans(chart, item, changes, above)
    return spans


def _above_baseline(chart: Chart, at: Instant) -> set[str]:
    """The references of what gives oxygen above baseline at `at`; empty: nothing does."""
    return {
        item.support.ref if item.support else ""
        for item in deliveries(chart, at, chart.policy.oxygen_window_h)
        if is_above_baseline(chart, item, at)
    }


def _interval_spans(
    chart: Chart,
    item: Support,
    changes: Sequence[Instant],
    above: Callable[[Instant], Collection[str]],
) -> Iterator[tuple[Instant, Instant]]:
    """The stretches of an interval above baseline: what is charted with it begins a new one."""
    end = chart.now if item.end is None else item.end
    inside = changes[bisect_right(changes, item.t) : bisect_left(changes, end)]
    for start, stop in pairwise((item.t, *inside, end)):
        if item.ref in above(start):
            yield start, stop


def _changes(chart: Chart) -> Iterator[Instant]:
    """When each flow and FiO2 begins to count, and when one runs out of its window (IN-5, IN-6)."""
    lasts = chart.policy.oxygen_window_h * HOUR + 1
    for times in (chart.flows.times, chart.fio2.times):
        yield from times
        later = (*times[1:], chart.now + lasts)
        yield from (t + lasts for t, after in zip(times, later, strict=False) if after >= t + lasts)


def _spans(chart: Chart) -> list[tuple[Instant, Instant]]:
    """Everything that keeps an episode open, as (from, to), both inclusive, sorted."""
    low = [item.t for item in chart.readings.facts if item.is_low(line_at(chart, item.t))]
    points = low + [item.t for item in fevers(chart)]
    spans = [(t, t) for t in points] + _oxygen_spans(chart)
    spans += [
        (run.start, run.end if run.end is not None else chart.now) for run in chart.pressor_runs.all
    ]
    return sorted(spans)


def _covers(times: Sequence[Instant], start: Instant, end: Instant, gap: Instant) -> bool:
    """Whether something was charted from `start` to `end` without a gap over `gap`."""
    inside = times[bisect_left(times, start) : bisect_right(times, end)]
    return all(later - earlier <= gap for earlier, later in pairwise((start, *inside, end)))


def _is_graded(chart: Chart, reading: Reading) -> bool:
    """Whether a reading is blood pressure at that age: in a child no mean alone (DEF-3)."""
    return reading.sbp is not None or line_at(chart, reading.t).map is not None


class _Charting:
    """When temperature, pressure and oxygen were charted at all."""

    def __init__(self, chart: Chart) -> None:
        self.gap = chart.policy.episode_gap_h * HOUR
        supports = tuple(item.t for item in chart.points_of_support.facts)
        self.series: tuple[Sequence[Instant], ...] = (
            chart.temperatures.times,
            tuple(item.t for item in chart.readings.facts if _is_graded(chart, item)),
            tuple(sorted(chart.spo2.times + supports)),
        )

    def closes(self, after: Instant, before: Instant, span: Instant) -> Instant | None:
        """The first instant before `before`, `span` or more after `after`, with absence measured.

        The window of `span` that ends there holds no gap; it may begin later than `after`, where
        charting was resumed (CRS-W2).
        """
        for start in self._starts(after, before - span):
            if all(_covers(times, start, start + span, self.gap) for times in self.series):
                return start + span
        return None

    def _starts(self, after: Instant, last: Instant) -> Iterable[Instant]:
        """Candidate window starts: `after`, then each charted time."""
        if after > last:
            return ()
        later = {t for times in self.series for t in times if after < t <= last}
        return (after, *sorted(later))


def episodes(chart: Chart) -> tuple[Episode, ...]:
    """The CRS episodes of the course up to `now`, oldest first; one that was re-opened stands anew.

    A fever within `crs_onset_max_day` after a closure re-opens the episode, which keeps its onset;
    the time between stays closed (READ-11). A later one opens a new, late episode; none opens after
    `crs_late_max_day` (CRS-W1, CRS-W2).
    """
    openings = sorted(
        [(item.t, False) for item in fevers(chart)]
        + [(item.t, True) for item in charted_crs(chart)]
    )
    if not openings:
        return ()
    spans, charting = _spans(chart), _Charting(chart)
    found: list[Episode] = []
    for t, charted in openings:
        if found and found[-1].is_open(t):
            continue
        if opened := _open(chart, found, t, charted=charted):
            found.append(_closing(chart, opened, spans, charting))
    return tuple(found)


def _open(chart: Chart, found: Sequence[Episode], t: Instant, *, charted: bool) -> Episode | None:
    """A new or re-opened episode at `t`, or None where none may open."""
    day = chart.day_at(t)
    if day > chart.policy.crs_late_max_day:
        return None
    late = day > chart.policy.crs_onset_max_day
    if found and not late:
        return replace(found[-1], opened=t, closed=None)
    return Episode(t, t, None, late, charted)


def _closing(
    chart: Chart,
    episode: Episode,
    spans: Sequence[tuple[Instant, Instant]],
    charting: _Charting,
) -> Episode:
    """`episode` with its closing time after it was opened."""
    close = chart.policy.episode_close_h * HOUR
    quiet_from = episode.opened
    for start, end in spans:
        if start > quiet_from:
            closed = charting.closes(quiet_from, start, close)
            if closed is not None:
                return replace(episode, closed=closed)
        quiet_from = max(quiet_from, end)
    return replace(episode, closed=charting.closes(quiet_from, chart.now, close))
