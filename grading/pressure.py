"""The hypotension axis of CRS: blood pressure and vasopressors (DEF-2 to DEF-6, CRS-P0 to P8)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from grading.age import age_days
from grading.chart import Chart
from grading.component import Component, age_remark, flagged, of_row
from grading.findings import Hypotension
from grading.knowledge import KNOWLEDGE
from grading.model import (
    HOUR,
    MINUTE,
    Criterion,
    Evidence,
    Instant,
    Label,
    Missing,
    Note,
    Remark,
)
from grading.pressor import (
    active_runs,
    finding_of,
    finding_of_names,
    possible,
    possible_rows,
    run_row,
)
from grading.readings import Line, Reading

_ROWS = KNOWLEDGE.crs["hypotension"]
_ORDERED = Criterion(
    "CRS-P7",
    "hypotension",
    "ordered",
    0,
    4,
    "Vasopressor ordered, not charted as given",
    ("design",),
)


def line_at(chart: Chart, at: Instant) -> Line:
    """The line of hypotension at the patient's age (DEF-2, DEF-3); adult where age is not known."""
    policy = chart.policy
    age = chart.age_at(at)
    if age is None or age >= policy.min_age_adult or chart.snapshot.birth is None:
        return Line(policy.sbp_adult, policy.map_adult)
    if age > 10:  # noqa: PLR2004  DEF-3: 11 y and older
        return Line(policy.sbp_adult, None)
    if age >= 1:
        return Line(Decimal(70 + 2 * age), None)
    newborn = age_days(chart.snapshot.birth, at) <= 28  # noqa: PLR2004  DEF-3
    return Line(Decimal(60 if newborn else 70), None)


class Latest(NamedTuple):
    """The newest systolic and mean pressure of a window, and the readings they stand in."""

    sbp: Reading | None
    mean: Reading | None


def _latest(window: Sequence[Reading], line: Line) -> Latest:
    newest = tuple(reversed(window))
    sbp = next((item for item in newest if item.sbp is not None), None)
    mean = None
    if line.map is not None:
        mean = next((item for item in newest if item.mean is not None), None)
    return Latest(sbp, mean)


def _speaking(latest: Latest, pair_min: int) -> Latest:
    """Without the older of the two where it is too much older to speak (READ-5)."""
    sbp, mean = latest
    if sbp is None or mean is None or abs(sbp.t - mean.t) <= pair_min * MINUTE:
        return latest
    return Latest(sbp, None) if sbp.t > mean.t else Latest(None, mean)


def _latest_is_low(latest: Latest, line: Line) -> bool:
    sbp_low = latest.sbp and not latest.sbp.other_cause and latest.sbp.sbp_is_low(line)
    map_low = latest.mean and not latest.mean.other_cause and latest.mean.map_is_low(line)
    return bool(sbp_low or map_low)


class _Bp(NamedTuple):
    known: bool
    low: bool
    evidence: tuple[Evidence, ...]
    stale: bool
    resolved: bool
    other_cause: bool


def _blood_pressure(chart: Chart, at: Instant, *, trailing: bool) -> _Bp:
    """DEF-4 (a) and, with `trailing`, (b)."""
    policy = chart.policy
    window = chart.readings.window(at - policy.bp_window_h * HOUR, at)
    line = line_at(chart, at)
    latest = _latest(window, line)
    if latest.sbp is None and latest.mean is None:
        return _Bp(False, False, _shown(latest, window, line, at, chart), False, False, False)
    low_now = _latest_is_low(_speaking(latest, policy.bp_pair_min), line)
    since = at - policy.low_bp_count_h * HOUR
    lows = sum(item.is_low(line) for item in window if item.t >= since)
    low = low_now or (trailing and lows >= policy.low_bp_count)
    newest = max(item.t for item in latest if item is not None)
    return _Bp(
        known=True,
        low=low,
        evidence=_shown(latest, window, line, at, chart),
        stale=at - newest > policy.mon_temperature_h * HOUR,
        resolved=not low and lows > 0,
        other_cause=any(item.other_cause for item in latest if item is not None),
    )


def _shown(
    latest: Latest, window: Sequence[Reading], line: Line, at: Instant, chart: Chart
) -> tuple[Evidence, ...]:
    """The pressures of the basis: the latest of each kind, and a low one that still counts."""
    if at != chart.now:
        return ()
    rows: list[Evidence] = []
    if latest.sbp is not None:
        rows.append(_row(Label.SBP, latest.sbp.sbp, latest.sbp, at, chart))
    mean = next((item for item in reversed(window) if item.mean is not None), None)
    if mean is not None:
        rows.append(_row(Label.MAP, mean.mean, mean, at, chart))
    elif latest.sbp is not None and latest.sbp.sbp is not None and latest.sbp.dbp is not None:
        value = ((latest.sbp.sbp + 2 * latest.sbp.dbp) / 3).quantize(Decimal(1))
        rows.append(_row(Label.MAP_CALCULATED, value, latest.sbp, at, chart, Remark.CALCULATED))
    since = at - chart.policy.low_bp_count_h * HOUR
    lows = [item for item in window if item.t >= since and item.is_low(line)]
    if lows and lows[-1] not in latest:
        low = lows[-1]
        label, value_low = (Label.SBP, low.sbp) if low.sbp_is_low(line) else (Label.MAP, low.mean)
        rows.append(_row(label, value_low, low, at, chart))
    return tuple(rows)


def _row(
    label: Label, value: Decimal | None, reading: Reading, at: Instant, chart: Chart, *more: str
) -> Evidence:
    cause = (Remark.OTHER_CAUSE,) if reading.other_cause else ()
    stale = age_remark(at - reading.t, chart.policy.mon_temperature_h * HOUR)
    notes = flagged(reading.flags, *more, *cause, *stale)
    return Evidence(
        label, value if value is not None else "", "mm[Hg]", reading.t, reading.ref, notes
    )


# --- the axis ------------------------------------------------------------------------------------


def hypotension(chart: Chart, at: Instant, *, trailing: bool = True) -> Component:
    """The hypotension axis at `at`, using only what is charted up to then (CRS-P0 to P8).

    `trailing` False leaves out DEF-4 (b) and vasopressors with a charted stop (READ-13).
    """
    bp = _blood_pressure(chart, at, trailing=trailing)
    runs = active_runs(chart, at, trailing=trailing)
    window = chart.policy.support_window_h * HOUR
    running = finding_of(runs, at, window)
    component = _row_of(chart, at, bp, running)
    evidence = bp.evidence + tuple(run_row(run, at) for run in runs)
    notes = (Note.HYPOTENSION_RESOLVED,) if bp.resolved and running is None else ()
    component = component._replace(
        evidence=evidence,
        stale=(Missing.BLOOD_PRESSURE,) if bp.stale else (),
        notes=notes,
    )
    return _with_possible(chart, at, component, {run.drug for run in runs})


def _row_of(chart: Chart, at: Instant, bp: _Bp, running: Hypotension | None) -> Component:
    read = chart.doses_read(at)
    if running is not None:
        component = of_row(_ROWS[running])
        if running is Hypotension.VASOPRESSIN_ALONE:
            grade = chart.policy.vasopressin_alone_grade
            component = component._replace(lo=grade, hi=grade)
        if read or running is Hypotension.MULTIPLE:
            return component
        missing = (*component.missing, Missing.ADMINISTRATIONS)
        return component._replace(hi=4, missing=missing, extra_rules=("CRS-P8",))
    return of_row(_ROWS[_pressure_finding(bp, read=read)])


def _pressure_finding(bp: _Bp, *, read: bool) -> Hypotension:
    if not bp.known:
        return Hypotension.PRESSURE_NOT_KNOWN if read else Hypotension.NOTHING_KNOWN
    if not read:
        return Hypotension.HYPOTENSION_DOSES_NOT_KNOWN if bp.low else Hypotension.DOSES_NOT_KNOWN
    if bp.low:
        return Hypotension.HYPOTENSION
    return Hypotension.OTHER_CAUSE if bp.other_cause else Hypotension.NONE


def _with_possible(chart: Chart, at: Instant, component: Component, running: set[str]) -> Component:
    """Raise hi by vasopressors that are ordered or not certain (CRS-P7)."""
    doses, orders = possible(chart, at)
    names = {dose.drug for dose in doses} | {order.key for order in orders}
    if not names - running:
        return component
    row = _ROWS[finding_of_names(names | running)]
    hi = max(component.hi, row.hi)
    lo = max(component.lo, row.lo) if chart.policy.count_ordered_as_given else component.lo
    return component._replace(
        lo=lo,
        hi=hi,
        evidence=component.evidence + possible_rows(doses, orders),
        missing=tuple(dict.fromkeys([*component.missing, Missing.ADMINISTRATIONS])),
        notes=(*component.notes, Note.VASOPRESSOR_ORDERED),
        extra_rules=(*component.extra_rules, _ORDERED.id),
    )
