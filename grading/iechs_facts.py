"""What the criteria of the IEC-HS check are made of: charted values as rows, charted findings."""

from __future__ import annotations

from collections.abc import Iterable

from grading.chart import Chart
from grading.component import age_remark, flagged
from grading.findings import OverlapCriterion
from grading.knowledge import KNOWLEDGE
from grading.labs import FRESH_H
from grading.model import (
    HOUR,
    Evidence,
    Label,
    LabResult,
    OverlapCheck,
    OverlapKind,
    OverlapSign,
    Remark,
)

_BY_THOUSANDS = {"platelets": (1000, "10*9/L")}
"""Results that are shown in another unit than they are kept in."""


def check(
    key: OverlapCriterion, met: bool | None, evidence: Iterable[Evidence] = (), *missing: str
) -> OverlapCheck:
    """A criterion with what it rests on; `missing` is kept only where it is open."""
    named = tuple(dict.fromkeys(missing)) if met is None else ()
    return OverlapCheck(KNOWLEDGE.overlap[key], met, tuple(evidence), named)


def any_met(checks: Iterable[OverlapCheck]) -> bool | None:
    """True where one is met, None where one is open, else False."""
    results = {item.met for item in checks}
    if True in results:
        return True
    return None if None in results else False


def lab_row(chart: Chart, name: str, item: LabResult, *remarks: str) -> Evidence:
    """A result with its normal range, as a basis table shows it.

    An earlier result (`remarks`) is not called stale.
    """
    factor, unit = _BY_THOUSANDS.get(name, (1, item.unit))
    old = () if remarks else age_remark(chart.now - item.t, FRESH_H * HOUR)
    limits = ["" if each is None else f"{(each / factor).normalize():f}" for each in item[-2:]]
    normal = (f"{Remark.RANGE}:{':'.join(limits)}",) if any(limits) else ()
    notes = flagged(item.flags, *remarks, *old, *normal)
    return Evidence(Label(name), item.value / factor, unit, item.t, item.ref, notes)


def sign_row(item: OverlapSign) -> Evidence:
    """A charted finding in its words."""
    return Evidence(Label.FINDING, item.text or item.kind.value, "", item.t, item.ref, item.flags)


def signs_of(
    chart: Chart, kind: OverlapKind, *, within_h: int | None = None, by_text: bool = False
) -> tuple[OverlapSign, ...]:
    """Findings of `kind` since the infusion, oldest first; what was charted as gone is left out.

    One in words alone counts only where `by_text`. Hemophagocytosis that was seen is never gone.
    """
    since = chart.start if within_h is None else max(chart.start, chart.now - within_h * HOUR)
    charted = [item for item in chart.snapshot.overlap_signs if not item.other_cause]
    gone = max((item.t for item in charted if item.kind is OverlapKind.NONE), default=since)
    if kind not in _LASTING:
        since = max(since, gone)
    found = (
        item
        for item in charted
        if item.kind is kind and item.t >= since and (by_text or Remark.BY_TEXT not in item.flags)
    )
    return tuple(sorted(found, key=lambda item: (item.t, item.ref)))


_LASTING = frozenset({OverlapKind.HEMOPHAGOCYTOSIS, OverlapKind.DIALYSIS})
"""What a later answer "none" to the question for findings does not end."""
