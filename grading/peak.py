"""The peak of a CRS episode: the highest lower bound and when it was first reached (READ-12)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from grading.chart import Chart
from grading.crs_point import CrsPoint
from grading.episode import Episode
from grading.fever import Fever
from grading.model import HOUR, Device, Instant

_LOW_FLOW = frozenset({Device.ROOM_AIR, Device.NASAL_CANNULA, Device.BLOW_BY, Device.UNRECOGNIZED})
"""Devices that come to grade 2 at most, at a flow that is low."""
_HIGHEST_OF_LOW_FLOW = 2
_HIGHEST = 4


class Peak(NamedTuple):
    """The highest lo of an episode and when it was first reached."""

    grade: int
    at: Instant


def peak_of(
    chart: Chart, fever: Fever, episode: Episode, point_at: Callable[[Instant], CrsPoint]
) -> Peak:
    """The peak of `episode` up to now (READ-12), evaluated at the points where lo can rise.

    Ends at the first point that reaches what the chart can come to at all.
    """
    best, ceiling = Peak(0, episode.onset), _ceiling(chart)
    for at in (*_rising_points(chart, fever, episode), chart.now):
        lo = point_at(at).grade.lo
        if lo > best.grade:
            best = Peak(lo, at)
        if best.grade >= ceiling:
            break
    return best


def _ceiling(chart: Chart) -> int:
    """The highest lo of any point: 2 without a vasopressor and with low-flow oxygen at most."""
    policy = chart.policy
    beyond = (
        bool(chart.pressor_runs)
        or policy.count_ordered_as_given
        or any(item.value > policy.lowflow_max_lpm for item in chart.flows.facts)
        or any(item.device not in _LOW_FLOW for item in chart.points_of_support.facts)
        or any(item.device not in _LOW_FLOW for item in chart.intervals)
    )
    return _HIGHEST if beyond else _HIGHEST_OF_LOW_FLOW


def _rising_points(chart: Chart, fever: Fever, episode: Episode) -> list[Instant]:
    """Times in the episode at which lo can rise: each charted support or low value, each fever.

    Of fevers the first counts, which an episode that was charted need not begin with, and each with
    such a fact within the window before it: a febrile patient who needs no support costs little.
    """
    facts = _support_times(chart)
    end = chart.now if episode.closed is None else episode.closed
    first = (item.t for item in fever.fevers if episode.onset <= item.t <= end)
    window = max(chart.policy.bp_window_h, chart.policy.oxygen_window_h) * HOUR
    points = {t for t in facts if episode.onset <= t <= end}
    points |= {
        item.t
        for item in fever.fevers
        if episode.onset <= item.t <= end and any(0 <= item.t - t <= window for t in facts)
    }
    points |= {min(first, default=episode.onset)}
    points |= {
        dose.start for dose in chart.fever_drugs if facts and episode.onset <= dose.start <= end
    }
    return sorted({episode.onset, *points})


def _support_times(chart: Chart) -> tuple[Instant, ...]:
    """When something was charted that alone can make hypotension or hypoxia."""
    policy = chart.policy
    line = policy.sbp_adult
    low = [
        item.t
        for item in chart.readings.facts
        if (item.sbp is not None and item.sbp < max(line, Decimal(90)))
        or (item.mean is not None and item.mean < policy.map_adult)
    ]
    low += [item.t for item in chart.spo2.facts if item.value < policy.hypoxia_spo2]
    low += [item.t for item in chart.flows.facts if item.value > 0]
    low += [item.t for item in chart.fio2.facts]
    low += [item.t for item in chart.points_of_support.facts if item.device.value != "room-air"]
    low += [item.t for item in chart.intervals]
    low += [run.start for run in chart.pressor_runs]
    return tuple(sorted(set(low)))
