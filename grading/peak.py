"""The peak of a CRS episode: the highest lower bound and when it was first reached (READ-12)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from grading.chart import DRUGS, Chart
from grading.crs_point import CrsPoint
from grading.delivery import ROOM_AIR_FIO2, device_finding
from grading.episode import Episode
from grading.knowledge import KNOWLEDGE
from grading.model import HOUR, Device, Instant
from grading.runs import lasts_to

_OXYGEN = KNOWLEDGE.crs["hypoxia"]
_EXEMPT = DRUGS["vasopressor-exempt"]
_HIGHEST = 4

_Span = tuple[Instant, Instant]
"""From and to, both inclusive."""


class Peak(NamedTuple):
    """The highest lo of an episode and when it was first reached."""

    grade: int
    at: Instant


def peak_of(
    chart: Chart,
    episode: Episode,
    points: Iterable[Instant],
    point_at: Callable[[Instant], CrsPoint],
) -> Peak:
    """The peak of the open `episode` (READ-12) over `points` and the drugs that waive fever.

    Not graded is where nothing charted can make lo higher than it was: most of a long chart.
    """
    times = {*points, *(dose.start for dose in chart.fever_drugs)}
    inside = sorted({episode.onset, chart.now, *(t for t in times if t >= episode.onset)})
    best = Peak(0, episode.onset)
    for at, highest in zip(inside, _highest(chart, inside), strict=True):
        if highest > best.grade and (lo := point_at(at).grade.lo) > best.grade:
            best = Peak(lo, at)
    return best


def _highest(chart: Chart, points: Sequence[Instant]) -> list[int]:
    """The highest lo that CRS can have at each of `points`; at `now` orders may count, too."""
    found = [1] * len(points)
    for lo, span in (*_pressures(chart), *_oxygen(chart)):
        for index in _inside(points, span):
            found[index] = max(found[index], lo)
    drugs: list[set[str]] = [set() for _ in points]
    for drug, span in _pressors(chart):
        for index in _inside(points, span):
            drugs[index].add(drug)
    for index, names in enumerate(drugs):
        if names:
            found[index] = _HIGHEST if len(names - _EXEMPT) > 1 else max(found[index], 3)
    found[-1] = _HIGHEST
    return found


def _inside(points: Sequence[Instant], span: _Span) -> range:
    return range(bisect_left(points, span[0]), bisect_right(points, span[1]))


def _joined(spans: Iterable[_Span]) -> list[_Span]:
    """`spans` with those that touch made one, so that a long chart costs no more than its hours."""
    joined: list[_Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _pressures(chart: Chart) -> Iterator[tuple[int, _Span]]:
    """While a low pressure counts, at the highest line of any age (DEF-3, DEF-4)."""
    line = max(chart.policy.sbp_adult, Decimal(90))
    low = (
        item.t
        for item in chart.readings.facts
        if (item.sbp is not None and item.sbp < line)
        or (item.mean is not None and item.mean < chart.policy.map_adult)
    )
    window = max(chart.policy.bp_window_h, chart.policy.low_bp_count_h) * HOUR
    return ((2, span) for span in _joined((t, t + window) for t in low))


def _oxygen(chart: Chart) -> Iterator[tuple[int, _Span]]:
    """While oxygen, a device or a low saturation counts, with the lo of its row at most."""
    policy, window = chart.policy, chart.policy.oxygen_window_h * HOUR

    def lo_of(device: Device) -> int:
        return _OXYGEN[device_finding(device, None, policy)].lo

    points = [(2, item.t) for item in chart.spo2.facts if item.value < policy.hypoxia_spo2]
    points += [(2, item.t) for item in chart.fio2.facts if item.value > ROOM_AIR_FIO2]
    points += [
        (3 if item.value > policy.lowflow_max_lpm else 2, item.t)
        for item in chart.flows.facts
        if item.value > 0
    ]
    points += [(lo_of(item.device), item.t) for item in chart.points_of_support.facts]
    spans = [(lo, (t, t + window)) for lo, t in points]
    spans += [
        (lo_of(item.device), (item.t, chart.now if item.end is None else item.end))
        for item in chart.intervals.all
    ]
    for lo in sorted({lo for lo, _ in spans if lo}):
        yield from ((lo, span) for span in _joined(span for own, span in spans if own == lo))


def _pressors(chart: Chart) -> Iterator[tuple[str, _Span]]:
    """While each vasopressor counts; one not certain too, where a site counts it as given."""
    window = chart.policy.support_window_h * HOUR
    spans = [
        (run.drug, (run.start, (chart.now if run.end is None else run.end) + window))
        for run in chart.pressor_runs.all
    ]
    if chart.policy.count_ordered_as_given:
        spans += [
            (dose.drug, (dose.start, lasts_to(dose, chart.now) + window))
            for run in chart.possible_pressors.all
            for dose in run.doses
        ]
    for drug in sorted({drug for drug, _ in spans}):
        yield from ((drug, span) for span in _joined(span for own, span in spans if own == drug))
