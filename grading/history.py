"""From when on the history of a syndrome is complete, and what that leaves open (READ-14)."""

from __future__ import annotations

from typing import NamedTuple

from grading.chart import Chart
from grading.model import ALWAYS, DAY, HOUR, NEVER, Instant


class History(NamedTuple):
    """How far back a syndrome can be followed.

    `read_from`: from when on all its inputs are complete; `is_cut`: later than the start of the
    course; `shown`: the time to name, None where there is none up to `now`.
    """

    read_from: Instant
    is_cut: bool
    shown: Instant | None


def history_of(chart: Chart, syndrome: str) -> History:
    """The history of `crs` or `icans`: of its inputs the one that is read least far back.

    Where forms cannot be read at all, and ICE or CAPD is charted otherwise, they are no input.
    """
    reach = chart.snapshot.reach
    if syndrome == "crs":
        published = chart.policy.administrations_published
        return _shallowest(
            chart, reach.temperature, reach.bedside, reach.doses if published else NEVER
        )
    scored = bool(chart.ice.facts or chart.capd.facts)
    without_forms = reach.forms == NEVER and scored
    return _shallowest(chart, reach.bedside, ALWAYS if without_forms else reach.forms)


def _shallowest(chart: Chart, *reaches: Instant) -> History:
    read_from = max(reaches)
    named = [t for t in reaches if chart.start < t <= chart.now]
    return History(read_from, read_from > chart.start, max(named, default=None))


def is_side_unknown(chart: Chart, onset: Instant) -> bool:
    """Whether a date-only infusion leaves open if `onset` is early (READ-9)."""
    if not chart.is_date_only(onset):
        return False
    hours = onset - chart.infusion_before(onset)
    limit = chart.policy.early_onset_h * HOUR
    return (hours < limit) is not (hours - DAY < limit)
