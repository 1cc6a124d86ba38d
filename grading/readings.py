"""Blood pressures as readings, one a minute, and the line below which one is low (READ-5)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from decimal import Decimal
from operator import attrgetter
from typing import NamedTuple

from grading.component import flagged
from grading.model import MINUTE, Instant, Pressure, Remark


class Line(NamedTuple):
    """Below which pressure there is hypotension, in mmHg, exclusive; `map` None: no such line."""

    sbp: Decimal
    map: Decimal | None


class Reading(NamedTuple):
    """All pressures of one minute (READ-5), of ties the lower; mmHg."""

    t: Instant
    sbp: Decimal | None
    mean: Decimal | None
    dbp: Decimal | None
    other_cause: bool
    flags: tuple[str, ...]
    ref: str

    def is_low(self, line: Line) -> bool:
        """Whether either pressure is below its line and no other cause was stated."""
        if self.other_cause:
            return False
        return self.sbp_is_low(line) or self.map_is_low(line)

    def sbp_is_low(self, line: Line) -> bool:
        """Whether the systolic pressure is charted and below its line."""
        return self.sbp is not None and self.sbp < line.sbp

    def map_is_low(self, line: Line) -> bool:
        """Whether the mean pressure is charted, graded at this age, and below its line."""
        return self.mean is not None and line.map is not None and self.mean < line.map


def _merge(group: Sequence[Pressure]) -> Reading:
    if len(group) == 1:
        first = group[0]
        return Reading(
            first.t, first.sbp, first.mean, first.dbp, first.other_cause, first.flags, first.ref
        )
    group = sorted(group, key=attrgetter("t", "ref"))
    first = group[0]
    counted = [item for item in group if not item.other_cause] or group
    return Reading(
        first.t,
        min((item.sbp for item in counted if item.sbp is not None), default=None),
        min((item.mean for item in counted if item.mean is not None), default=None),
        min((item.dbp for item in counted if item.dbp is not None), default=None),
        counted is group and first.other_cause,
        flagged(flag for item in counted for flag in item.flags),
        counted[0].ref,
    )


def readings(pressures: Sequence[Pressure], window: Instant) -> tuple[Reading, ...]:
    """Pressures in order of time as readings, one a minute (READ-5).

    A mean that is charted as calculated counts only where no systolic pressure stands in its
    minute or in the `window` before it (DEF-2, READ-5): what is charted later changes no past.
    """
    systolic = sorted(item.t for item in pressures if item.sbp is not None)
    groups: dict[int, list[Pressure]] = {}
    for pressure in pressures:
        minute_end = (pressure.t // MINUTE + 1) * MINUTE - 1
        if Remark.CALCULATED in pressure.flags and bisect_right(systolic, minute_end) > bisect_left(
            systolic, pressure.t - window
        ):
            continue
        if pressure.sbp is not None or pressure.mean is not None:
            groups.setdefault(pressure.t // MINUTE, []).append(pressure)
    return tuple(_merge(group) for group in groups.values())
