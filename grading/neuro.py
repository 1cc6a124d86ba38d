"""Seizure, motor and raised-pressure findings as domains of ICANS (DEF-11 to DEF-13, READ-15)."""

from __future__ import annotations

from collections.abc import Iterable

from grading.chart import Chart
from grading.component import Component, of_row
from grading.denials import EDEMA, RAISED_PRESSURE
from grading.findings import Icp, Motor, SeizureFinding
from grading.knowledge import KNOWLEDGE
from grading.model import (
    DAY,
    HOUR,
    MINUTE,
    Evidence,
    Instant,
    Label,
    Measured,
    Missing,
    Note,
    Seizure,
    SeizureKind,
    Sign,
    SignKind,
)
from grading.series import Series

_SEIZURE = KNOWLEDGE.icans["seizure"]
_MOTOR = KNOWLEDGE.icans["motor"]
_ICP = KNOWLEDGE.icans["icp"]


# --- seizure -------------------------------------------------------------------------------------


def seizure(chart: Chart, at: Instant) -> Component:
    """The seizure domain: the worst event of the window; none only if events were read.

    One that was only supposed raises the upper bound alone.
    """
    window = chart.policy.seizure_window_h * HOUR
    since = max(at - window, chart.start)
    read = _events_read(chart, at - window)
    events = _events(chart.seizures.window(since, at))
    component = of_row(_SEIZURE[SeizureFinding.NONE if read else SeizureFinding.NOT_READ])
    if events:
        component = _of_events(chart, events)
        component = component._replace(hi=component.hi if read else 4)
    supposed = _events(chart.supposed_seizures.window(since, at))
    return _raised(component, _of_events(chart, supposed)) if supposed else component


def _raised(component: Component, supposed: Component) -> Component:
    """The component with the upper bound of what was only supposed beside it."""
    if supposed.hi <= component.lo:
        return component
    return component._replace(
        row=component.row if component.hi else supposed.row,
        hi=max(component.hi, supposed.hi),
        evidence=(*component.evidence, *supposed.evidence),
        missing=tuple(dict.fromkeys((*component.missing, Missing.NEURO_EXAM))),
    )


def _events(items: Iterable[Seizure]) -> list[Seizure]:
    return [item for item in items if item.kind is not SeizureKind.NONE]


def _of_events(chart: Chart, events: list[Seizure]) -> Component:
    worst = max(events, key=lambda item: (_rank(chart, item), item.t, item.ref))
    component = of_row(_SEIZURE[_finding(chart, worst)], (_seizure_row(worst),))
    if worst.minutes == chart.policy.seizure_prolonged_min:
        component = component._replace(notes=(Note.SEIZURE_AT_THRESHOLD,))
    others = max(_SEIZURE[_finding(chart, item)].hi for item in events)
    return component._replace(hi=max(component.hi, others))


def _events_read(chart: Chart, since: Instant) -> bool:
    """Whether both carriers, bedside observations and conditions, reach back to `since`."""
    reach = chart.snapshot.reach
    return max(reach.bedside, reach.conditions) <= since


def _finding(chart: Chart, item: Seizure) -> SeizureFinding:
    """Minutes above the limit make it prolonged; charted as prolonged it is never lowered."""
    if item.kind is SeizureKind.PROLONGED:
        return SeizureFinding.PROLONGED
    if item.minutes is not None:
        long = item.minutes > chart.policy.seizure_prolonged_min
        return SeizureFinding.PROLONGED if long else SeizureFinding.RESOLVED
    if item.kind is SeizureKind.RESOLVED:
        return SeizureFinding.RESOLVED
    return SeizureFinding.DURATION_NOT_KNOWN


def _rank(chart: Chart, item: Seizure) -> tuple[int, int]:
    row = _SEIZURE[_finding(chart, item)]
    return row.lo, row.hi


def _seizure_row(item: Seizure) -> Evidence:
    if item.minutes is not None:
        return Evidence(Label.SEIZURE, item.minutes, "min", item.t, item.ref, item.flags)
    return Evidence(Label.SEIZURE, item.kind.value, "", item.t, item.ref, item.flags)


# --- motor ---------------------------------------------------------------------------------------


def motor(chart: Chart, at: Instant) -> Component:
    """The motor domain: the latest word on deep focal weakness (DEF-12); tremor never grades.

    Weakness that was only supposed raises the upper bound alone.
    """
    last = _last(chart.weakness.last_minute(chart.start, at))
    component = _of_weakness(chart, last, at)
    supposed = _supposed_weakness(chart, last, at)
    if not supposed:
        return component
    fresh = any(at - item.t <= _window(chart, item) for item in supposed)
    finding = Motor.WEAKNESS if fresh else Motor.WEAKNESS_OUTDATED
    raised = _raised(component, of_row(_MOTOR[finding], _sign_rows(Label.MOTOR, supposed)))
    return raised if fresh or raised is component else raised._replace(notes=(Note.OLD_SIGN,))


def _supposed_weakness(chart: Chart, last: Sign | None, at: Instant) -> list[Sign]:
    """Weakness that was only supposed, up to when one keeps hi, and not gone since (READ-15)."""
    since = 0 if last is None else last.t // MINUTE * MINUTE
    return [
        item
        for item in chart.supposed_signs.window(max(since, at - _keeps(chart)), at)
        if item.kind is SignKind.MOTOR_WEAKNESS
    ]


def _of_weakness(chart: Chart, last: Sign | None, at: Instant) -> Component:
    if last is None or last.kind is SignKind.MOTOR_NONE:
        return of_row(_MOTOR[Motor.NONE], _sign_rows(Label.MOTOR, [last] if last else []))
    if at - last.t <= _window(chart, last):
        return of_row(_MOTOR[Motor.WEAKNESS], _sign_rows(Label.MOTOR, [last]))
    if at - last.t <= chart.policy.old_sign_keeps_hi_d * DAY:
        old = of_row(_MOTOR[Motor.WEAKNESS_OUTDATED], _sign_rows(Label.MOTOR, [last]))
        return old._replace(notes=(Note.OLD_SIGN,))
    return of_row(_MOTOR[Motor.NONE])


def _last(signs: Iterable[Sign]) -> Sign | None:
    """Of one minute the finding before its absence (READ-4)."""
    return max(
        signs, key=lambda item: (item.kind is not SignKind.MOTOR_NONE, item.ref), default=None
    )


def _window(chart: Chart, sign: Sign) -> Instant:
    policy = chart.policy
    return (policy.imaging_window_h if sign.imaging else policy.neuro_window_h) * HOUR


def _longest(chart: Chart) -> Instant:
    """The longest window that a sign may have."""
    return max(chart.policy.imaging_window_h, chart.policy.neuro_window_h) * HOUR


def _keeps(chart: Chart) -> Instant:
    """How long a sign bears on the bounds at most (READ-15)."""
    return max(_longest(chart), chart.policy.old_sign_keeps_hi_d * DAY)


def _sign_rows(label: Label, signs: Iterable[Sign]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(label, item.kind.value, "", item.t, item.ref, item.flags) for item in signs
    )


# --- raised pressure, edema ----------------------------------------------------------------------


def icp(chart: Chart, at: Instant) -> Component:
    """The raised-pressure and edema domain (DEF-13); edema beside a hemorrhage is excluded.

    A sign that was only supposed raises the upper bound alone.
    """
    components: list[Component] = []
    is_excluded = False
    for item in sorted(chart.pressure_signs.window(at - _keeps(chart), at), key=_is_supposed):
        part = None if chart.denials.is_gone(item, at) else _icp_of(chart, item, at)
        if part is not None and item.kind in EDEMA and _bleeds(chart, item, at):
            is_excluded = True
        elif part is not None:
            components.append(part)
    if (raised := opening_pressure(chart, at)) is not None:
        graded = Icp.OPENING_PRESSURE if chart.policy.op_is_grade4 else Icp.OPENING_ADVISORY
        components.append(_opening_row(raised, graded))
    component = _worst_icp(components)
    if is_excluded:
        component = component._replace(notes=(*component.notes, Note.HEMORRHAGE_EXCLUDED))
    return component


def _is_supposed(sign: Sign) -> bool:
    return not sign.is_certain


def _bleeds(chart: Chart, edema: Sign, at: Instant) -> bool:
    """Whether a hemorrhage stands beside an edema, now or when the edema was seen (DEF-13).

    A hemorrhage counts inside its window and until it is charted as gone (READ-15).
    """
    return any(
        when - item.t <= _window(chart, item) and not chart.denials.is_gone(item, when)
        for when in (at, edema.t)
        for item in chart.hemorrhages.window(when - _longest(chart), when)
    )


def _icp_of(chart: Chart, sign: Sign, at: Instant) -> Component | None:
    """One sign as a row; None: too old to bear on anything."""
    fresh = at - sign.t <= _window(chart, sign)
    if not fresh and at - sign.t > chart.policy.old_sign_keeps_hi_d * DAY:
        return None
    if sign.kind in RAISED_PRESSURE:
        finding = Icp.RAISED_PRESSURE if fresh else Icp.RAISED_OUTDATED
    elif sign.kind is SignKind.FOCAL_EDEMA:
        finding = Icp.FOCAL_EDEMA if fresh else Icp.FOCAL_OUTDATED
    else:
        finding = Icp.EXTENT_NOT_KNOWN if fresh else Icp.RAISED_OUTDATED
    notes = {
        Icp.EXTENT_NOT_KNOWN: (Note.EXTENT_UNKNOWN,),
        Icp.FOCAL_OUTDATED: (Note.OLD_SIGN,),
        Icp.RAISED_OUTDATED: (Note.OLD_SIGN,),
    }
    row = of_row(_ICP[finding], _sign_rows(Label.ICP, [sign]))
    row = row._replace(notes=notes.get(finding, ()))
    return row if sign.is_certain else _raised(row._replace(lo=0), row)


def _worst_icp(components: list[Component]) -> Component:
    """The worst of several signs; all are shown."""
    if not components:
        return of_row(_ICP[Icp.NONE])
    top = max(components, key=lambda item: (item.lo, item.hi))
    return top._replace(
        hi=max(item.hi for item in components),
        evidence=tuple(dict.fromkeys(row for item in components for row in item.evidence)),
        missing=() if top.lo == max(item.hi for item in components) else _gaps(components),
        notes=tuple(dict.fromkeys(note for item in components for note in item.notes)),
    )


def _gaps(components: list[Component]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for item in components for key in item.missing))


def opening_pressure(chart: Chart, at: Instant) -> Measured | None:
    """The latest opening pressure of the window, in mmHg, where it is raised (ICANS-O1).

    A newer one that is normal ends an older one (READ-3); one of another cause does neither
    (DEF-14).
    """
    since = max(at - chart.policy.imaging_window_h * HOUR, chart.start)
    counted = Series(item for item in chart.snapshot.opening_pressures if not item.other_cause)
    last = counted.latest(since, at, lambda item: item.value)
    return last if last is not None and last.value >= chart.policy.op_advisory_mmhg else None


def _opening_row(item: Measured, finding: Icp) -> Component:
    evidence = Evidence(Label.OPENING_PRESSURE, item.value, "mm[Hg]", item.t, item.ref, item.flags)
    return of_row(_ICP[finding], (evidence,))


def examined(chart: Chart, at: Instant) -> bool:
    """Whether any motor or raised-pressure statement stands inside its window (ICANS-D2)."""
    return any(at - item.t <= _window(chart, item) for item in chart.signs.window(chart.start, at))
