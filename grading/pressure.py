"""The hypotension axis of CRS: blood pressure and vasopressors (DEF-2 to DEF-6, CRS-P0 to P8)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations
from typing import NamedTuple

from grading.age import age_days
from grading.chart import DRUGS, Chart
from grading.component import Component, age_remark, flagged, of_row
from grading.findings import Hypotension
from grading.knowledge import KNOWLEDGE
from grading.model import (
    HOUR,
    MINUTE,
    Criterion,
    Dose,
    Evidence,
    Instant,
    Label,
    Missing,
    Note,
    Order,
    Remark,
)
from grading.readings import Line, Reading
from grading.runs import Run, is_active, is_bolus

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
_EXEMPT = DRUGS["vasopressor-exempt"]
_PRESSORS = DRUGS["vasopressor"]
_AMBIGUOUS_ROUTE = _PRESSORS - DRUGS["vasopressor-point"]
"""Vasopressors that are mostly something else (epinephrine, phenylephrine): IV only."""


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


# --- vasopressors --------------------------------------------------------------------------------


def active_runs(chart: Chart, at: Instant, *, trailing: bool) -> tuple[Run, ...]:
    """Vasopressor runs that count at `at`; without `trailing` none charted as stopped."""
    policy = chart.policy
    return tuple(
        run
        for run in chart.pressor_runs
        if is_active(run, at, policy, policy.support_window_h)
        and (trailing or not (run.stopped and run.end is not None and run.end <= at))
    )


def _finding(runs: Sequence[Run], at: Instant, window: Instant) -> Hypotension | None:
    """What the running vasopressors come to; None: none runs (CRS-P2 to P4, DEF-6)."""
    if not runs:
        return None
    counted = [run for run in runs if run.drug not in _EXEMPT]
    if not counted:
        return Hypotension.VASOPRESSIN_ALONE
    together = any(
        one.drug != other.drug and _overlap(one, other, at - window, at) > 0
        for one, other in combinations(counted, 2)
    )
    return Hypotension.MULTIPLE if together else Hypotension.ONE


def _overlap(one: Run, other: Run, start: Instant, end: Instant) -> Instant:
    stop = end if other.end is None else min(other.end, end)
    return one.overlap(max(start, other.start), stop)


def _of_names(names: set[str]) -> Hypotension:
    """The finding if all of `names` ran together (CRS-P7)."""
    counted = names - _EXEMPT
    if not counted:
        return Hypotension.VASOPRESSIN_ALONE
    return Hypotension.ONE if len(counted) == 1 else Hypotension.MULTIPLE


def _possible(chart: Chart, at: Instant) -> tuple[tuple[Dose, ...], tuple[Order, ...]]:
    """Vasopressors that may run without being charted so: uncertain, boluses, active orders."""
    policy = chart.policy
    since = at - policy.support_window_h * HOUR
    boluses = tuple(
        dose
        for dose in chart.counted
        if dose.drug in _AMBIGUOUS_ROUTE
        and dose.intravenous is not False
        and not dose.other_cause
        and is_bolus(dose)
        and since <= dose.start <= at
    )
    doses = chart.uncertain(_PRESSORS, since, at) + boluses
    if at != chart.now:
        return doses, ()
    lately = at - policy.mask_window_h * HOUR
    seen = {dose.drug for dose in chart.all_doses if (dose.end or at) >= lately}
    return doses, tuple(
        order for order in chart.snapshot.orders if _counts(order) and order.key not in seen
    )


def _counts(order: Order) -> bool:
    if order.key not in _PRESSORS or order.draft or not order.systemic:
        return False
    return bool(order.intravenous) or order.key not in _AMBIGUOUS_ROUTE


def run_row(run: Run, at: Instant) -> Evidence:
    """A running vasopressor as a basis table shows it."""
    dose = run.doses[-1]
    ended = run.stopped and run.end is not None and run.end <= at
    notes = flagged(dose.flags, *((f"{Remark.STOPPED}:{run.end}",) if ended else ()))
    return Evidence(Label.VASOPRESSOR, run.drug, "", run.start, dose.ref, notes)


def _possible_rows(doses: Sequence[Dose], orders: Sequence[Order]) -> tuple[Evidence, ...]:
    given = tuple(
        Evidence(Label.VASOPRESSOR_ORDERED, dose.drug, "", dose.start, dose.ref, dose.flags)
        for dose in doses
    )
    ordered = tuple(
        Evidence(Label.VASOPRESSOR_ORDERED, order.key, "", order.t, order.ref)
        for order in sorted(orders, key=lambda item: (item.key, item.ref))
    )
    return given + ordered


# --- the axis ------------------------------------------------------------------------------------


def hypotension(chart: Chart, at: Instant, *, trailing: bool = True) -> Component:
    """The hypotension axis at `at`, using only what is charted up to then (CRS-P0 to P8).

    `trailing` False leaves out DEF-4 (b) and vasopressors with a charted stop (READ-13).
    """
    bp = _blood_pressure(chart, at, trailing=trailing)
    runs = active_runs(chart, at, trailing=trailing)
    window = chart.policy.support_window_h * HOUR
    running = _finding(runs, at, window)
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
    doses, orders = _possible(chart, at)
    possible = {dose.drug for dose in doses} | {order.key for order in orders}
    if not possible - running:
        return component
    row = _ROWS[_of_names(possible | running)]
    hi = max(component.hi, row.hi)
    lo = max(component.lo, row.lo) if chart.policy.count_ordered_as_given else component.lo
    return component._replace(
        lo=lo,
        hi=hi,
        evidence=component.evidence + _possible_rows(doses, orders),
        missing=tuple(dict.fromkeys([*component.missing, Missing.ADMINISTRATIONS])),
        notes=(*component.notes, Note.VASOPRESSOR_ORDERED),
        extra_rules=(*component.extra_rules, _ORDERED.id),
    )
