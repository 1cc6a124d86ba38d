"""When findings of raised pressure, edema and hemorrhage are charted as gone (READ-15)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from grading.model import MINUTE, Instant, Sign, SignKind

EDEMA = frozenset({SignKind.FOCAL_EDEMA, SignKind.EDEMA_EXTENT_UNKNOWN, SignKind.DIFFUSE_EDEMA})
"""One finding in three extents: who denies one of them denies all."""
RAISED_PRESSURE = frozenset(
    {
        SignKind.DIFFUSE_EDEMA,
        SignKind.POSTURING,
        SignKind.CN6_PALSY,
        SignKind.PAPILLEDEMA,
        SignKind.CUSHING_TRIAD,
    }
)
"""Findings of grade 4 (DEF-13)."""
PRESSURE_SIGNS = RAISED_PRESSURE | EDEMA


class Denials:
    """The charted absences of a course, and which of them ends a finding."""

    def __init__(self, signs: Iterable[Sign]) -> None:
        """Take the absences out of `signs`, which are sorted by time."""
        self._denials = tuple(item for item in signs if item.kind is SignKind.ICP_NONE)
        self._times: dict[tuple[SignKind, bool], Sequence[Instant]] = {}

    def is_gone(self, sign: Sign, at: Instant) -> bool:
        """Whether a statement of a later minute, up to `at`, says that it is (READ-4).

        It is of the same kind of source.
        """
        key = (sign.kind, sign.imaging)
        if key not in self._times:
            self._times[key] = tuple(item.t for item in self._denials if _denies(item, *key))
        times = self._times[key]
        following = bisect_left(times, (sign.t // MINUTE + 1) * MINUTE)
        return following < len(times) and times[following] <= at


def _denies(absence: Sign, kind: SignKind, imaging: bool) -> bool:
    """Whether an absence is of that finding, or of all, and was seen in the same way."""
    if absence.imaging is not imaging:
        return False
    return absence.denies in (None, kind) or {absence.denies, kind} <= EDEMA
