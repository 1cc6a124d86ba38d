"""The hypoxia axis of CRS: which oxygen a patient is on, and its grade (READ-6, DEF-8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grading.baseline import against_baseline
from grading.chart import Chart
from grading.component import Component, age_remark, flagged, of_row, worst
from grading.delivery import PRESSURE_DEVICES, device_finding
from grading.findings import Hypoxia
from grading.knowledge import KNOWLEDGE
from grading.model import (
    HOUR,
    Device,
    Evidence,
    Instant,
    Label,
    Measured,
    Missing,
    Note,
    Remark,
    Support,
)
from grading.oxygen_use import Delivery, deliveries, ended

_ROWS = KNOWLEDGE.crs["hypoxia"]


def _finding(chart: Chart, delivery: Delivery, at: Instant) -> Hypoxia:
    """What one delivery is, before saturation is looked at."""
    support, flow = delivery.support, delivery.flow
    if support is not None and support.device in PRESSURE_DEVICES:
        protected = support.airway_only and delivery.fio2 is not None
        if protected and delivery.fio2 is not None and delivery.fio2.value <= 40:  # noqa: PLR2004
            return Hypoxia.AIRWAY_PROTECTION
        return Hypoxia.POSITIVE_PRESSURE
    if support is None or support.device is Device.ROOM_AIR:
        return _without_device(chart, delivery, at)
    if delivery.is_ended:
        return Hypoxia.ROOM_AIR
    if support.device is Device.UNRECOGNIZED:
        on_oxygen = delivery.gives_oxygen
        return Hypoxia.NOT_RECOGNIZED_ON_OXYGEN if on_oxygen else Hypoxia.NOT_RECOGNIZED
    return device_finding(support.device, flow.value if flow else None, chart.policy)


def _apart(delivery: Delivery) -> tuple[Delivery, ...]:
    """Oxygen flow and FiO2 without a device as two rows, of which the higher counts (2.3)."""
    support, flow, fio2 = delivery
    named = support is not None and support.device is not Device.ROOM_AIR
    if named or flow is None or fio2 is None or not flow.value:
        return (delivery,)
    return Delivery(support, flow, None), Delivery(support, None, fio2)


def _without_device(chart: Chart, delivery: Delivery, at: Instant) -> Hypoxia:
    """No device, or room air: a newer flow or FiO2 speaks (CRS-O8, O11, O12)."""
    support = delivery.support
    newer = [
        item
        for item in (delivery.flow, delivery.fio2)
        if item is not None and (support is None or item.t > support.t)
    ]
    counted = Delivery(
        None,
        next((item for item in newer if item is delivery.flow), None),
        next((item for item in newer if item is delivery.fio2), None),
    )
    if not counted.gives_oxygen:
        return Hypoxia.ROOM_AIR
    if counted.flow is not None and counted.flow.value > 0:
        low = counted.flow.value <= chart.policy.lowflow_max_lpm
        return Hypoxia.LOW_FLOW_DEVICE_NOT_KNOWN if low else Hypoxia.HIGH_FLOW_DEVICE_NOT_KNOWN
    return Hypoxia.OXYGEN_DEVICE_NOT_KNOWN


# --- the axis ------------------------------------------------------------------------------------


def hypoxia(chart: Chart, at: Instant) -> Component:
    """The hypoxia axis at `at`, using only what is charted up to then (CRS-O0 to O12)."""
    window_h = chart.policy.oxygen_window_h
    spo2 = chart.spo2.latest(at - window_h * HOUR, at, lambda item: -item.value)
    found = deliveries(chart, at, window_h)
    component = (
        worst([*_charted_parts(chart, found, spo2, at), *_ended(chart, at, window_h)])
        if found
        else _uncharted(chart, spo2, at)
    )
    if component.row.finding in _WITH_REFUSED and _is_refused(chart, found, at):
        component = of_row(_ROWS[_WITH_REFUSED[component.row.finding]])
    evidence = [_measure(chart, Label.SPO2, spo2, "%", at)] if spo2 and at == chart.now else []
    for item in found:
        evidence += _delivery_rows(chart, item, at)
    fresh = chart.policy.mon_temperature_h * HOUR
    stale = (Missing.SPO2,) if spo2 and at - spo2.t > fresh else ()
    if not spo2 and component.row.finding == Hypoxia.ROOM_AIR:
        component = component._replace(missing=(*component.missing, Missing.SPO2))
    return component._replace(
        evidence=component.evidence + tuple(dict.fromkeys(evidence)),
        stale=stale + _stale_device(found, at, fresh),
    )


_WITH_REFUSED: Mapping[str, Hypoxia] = {
    Hypoxia.ROOM_AIR: Hypoxia.NOT_READ,
    Hypoxia.ROOM_AIR_ASSUMED: Hypoxia.NOT_READ,
    Hypoxia.BORDERLINE: Hypoxia.NOT_READ,
    Hypoxia.BASELINE: Hypoxia.NOT_READ,
    Hypoxia.OUTDATED: Hypoxia.NOT_READ,
    Hypoxia.LOW_FLOW: Hypoxia.CANNULA_FLOW_NOT_KNOWN,
    Hypoxia.LOW_FLOW_DEVICE_NOT_KNOWN: Hypoxia.OXYGEN_DEVICE_NOT_KNOWN,
}
"""What a finding becomes where something newer of oxygen cannot be read."""


def _is_refused(chart: Chart, found: Sequence[Delivery], at: Instant) -> bool:
    """Whether oxygen was charted, after what was read of it, that cannot be read (DEF-8)."""
    start = at - chart.policy.oxygen_window_h * HOUR
    read = max((_read_at(each) for each in found), default=start - 1)
    return any(max(start, read + 1) <= t <= at for t in chart.snapshot.oxygen_refused)


def _read_at(delivery: Delivery) -> Instant:
    """When the amount of a delivery was charted last; without an amount its device."""
    amounts = [item.t for item in (delivery.flow, delivery.fio2) if item is not None]
    return max(amounts or [item.t for item in delivery if item is not None])


def _stale_device(found: Sequence[Delivery], at: Instant, fresh: Instant) -> tuple[str, ...]:
    points = [item.support for item in found if item.support and not item.support.interval]
    newest = max((support.t for support in points), default=None)
    return (Missing.O2_DEVICE,) if newest is not None and at - newest > fresh else ()


def _charted_parts(
    chart: Chart, found: Sequence[Delivery], spo2: Measured | None, at: Instant
) -> list[Component]:
    return [_charted(chart, part, spo2, at) for item in found for part in _apart(item)]


def _charted(chart: Chart, delivery: Delivery, spo2: Measured | None, at: Instant) -> Component:
    """One charted delivery as a row, with saturation, attribution and baseline."""
    finding = _finding(chart, delivery, at)
    if delivery.other_cause:
        return of_row(_ROWS[Hypoxia.OTHER_CAUSE])._replace(notes=(Note.OTHER_CAUSE,))
    low = spo2 is not None and spo2.value < chart.policy.hypoxia_spo2
    if finding is Hypoxia.ROOM_AIR and spo2 is not None and low:
        if spo2.other_cause:
            return of_row(_ROWS[Hypoxia.OTHER_CAUSE])._replace(notes=(Note.OTHER_CAUSE,))
        return of_row(_ROWS[Hypoxia.HYPOXIA_ON_ROOM_AIR])
    return _above_baseline(chart, delivery, finding)


def _above_baseline(chart: Chart, delivery: Delivery, finding: Hypoxia) -> Component:
    """The row of one delivery, or the baseline row (DEF-14)."""
    component = of_row(_ROWS[finding])._replace(notes=_notes(finding, delivery))
    flow = delivery.flow.value if delivery.flow else None
    return against_baseline(chart, component, delivery.support, flow)


def is_above_baseline(chart: Chart, delivery: Delivery, at: Instant) -> bool:
    """Whether it is, or may be, oxygen above baseline and of no other cause (READ-12, DEF-14)."""
    return not delivery.other_cause and any(
        _above_baseline(chart, part, _finding(chart, part, at)).hi > 0 for part in _apart(delivery)
    )


def _notes(finding: Hypoxia, delivery: Delivery) -> tuple[str, ...]:
    match finding:
        case Hypoxia.NAMED_HIGH_FLOW:
            return (Note.HIGH_FLOW_BY_NAME,)
        case Hypoxia.NOT_RECOGNIZED | Hypoxia.NOT_RECOGNIZED_ON_OXYGEN:
            text = delivery.support.text if delivery.support else ""
            return (f"{Note.DEVICE_TEXT_UNKNOWN}:{text}",)
        case Hypoxia.AIRWAY_PROTECTION:
            return (Note.VENTILATED_FOR_HYPOXIA,)
        case _:
            return ()


def _uncharted(chart: Chart, spo2: Measured | None, at: Instant) -> Component:
    """Nothing of oxygen charted in the window: DEF-8, CRS-O10."""
    policy = chart.policy
    if spo2 is None:
        return of_row(_ROWS[Hypoxia.NOT_CHARTED])
    if spo2.value < policy.hypoxia_spo2:
        if spo2.other_cause:
            return of_row(_ROWS[Hypoxia.OTHER_CAUSE])._replace(notes=(Note.OTHER_CAUSE,))
        return of_row(_ROWS[Hypoxia.HYPOXIA_NOT_CHARTED])
    older = _older(chart, at)
    if older is not None:
        return older
    if spo2.value >= policy.room_air_assume_spo2:
        assumed = of_row(_ROWS[Hypoxia.ROOM_AIR_ASSUMED])
        return assumed._replace(assumptions=(Note.ROOM_AIR_ASSUMED,), extra_rules=("CRS-O0",))
    return of_row(_ROWS[Hypoxia.BORDERLINE])


def _older(chart: Chart, at: Instant) -> Component | None:
    """Oxygen last charted longer ago than the window, or an interval that ended (DEF-8).

    None: there was none above baseline.
    """
    hours = chart.policy.room_air_assume_h
    return _outdated(chart, (*ended(chart, at, hours), *deliveries(chart, at, hours)), at)


def _ended(chart: Chart, at: Instant, window_h: int) -> tuple[Component, ...]:
    """What ran until after the newest charted oxygen keeps its hi beside that (READ-6, DEF-8)."""
    found = _outdated(chart, ended(chart, at, window_h), at)
    return () if found is None else (found,)


def _outdated(chart: Chart, found: Sequence[Delivery], at: Instant) -> Component | None:
    """The row of oxygen that may still be there, with its hi; None: none is above baseline."""
    parts = [
        _above_baseline(chart, item, _finding(chart, item, at))
        for item in found
        if not item.other_cause
    ]
    hi = max((part.hi for part in parts), default=0)
    if hi == 0:
        return None
    evidence = [row for item in found for row in _delivery_rows(chart, item, at)]
    outdated = of_row(_ROWS[Hypoxia.OUTDATED], dict.fromkeys(evidence))
    return outdated._replace(hi=hi)


# --- what the basis shows ------------------------------------------------------------------------


def _delivery_rows(chart: Chart, delivery: Delivery, at: Instant) -> list[Evidence]:
    rows: list[Evidence] = []
    if at != chart.now:
        return rows
    if delivery.support is not None:
        rows.append(_device_row(chart, delivery.support, at))
    if delivery.flow is not None:
        rows.append(_measure(chart, Label.O2_FLOW, delivery.flow, "L/min", at))
    if delivery.fio2 is not None:
        rows.append(_measure(chart, Label.FIO2, delivery.fio2, "%", at))
    return rows


def _device_row(chart: Chart, support: Support, at: Instant) -> Evidence:
    running = support.interval and (support.end is None or support.end >= at)
    age = 0 if running else at - support.t
    cause = (Remark.OTHER_CAUSE,) if support.other_cause else ()
    stale = age_remark(age, chart.policy.mon_temperature_h * HOUR)
    text = support.text if support.device is Device.UNRECOGNIZED else support.device.value
    notes = flagged(support.flags, *cause, *stale)
    return Evidence(Label.O2_DEVICE, text, "", support.t, support.ref, notes)


def _measure(chart: Chart, label: Label, item: Measured, unit: str, at: Instant) -> Evidence:
    cause = (Remark.OTHER_CAUSE,) if item.other_cause else ()
    stale = age_remark(at - item.t, chart.policy.mon_temperature_h * HOUR)
    return Evidence(label, item.value, unit, item.t, item.ref, flagged(item.flags, *cause, *stale))
