"""How oxygen is delivered: devices with the flow and FiO2 that belong to them (READ-6)."""

from __future__ import annotations

from decimal import Decimal
from itertools import takewhile
from typing import NamedTuple

from grading.chart import Chart
from grading.delivery import PRESSURE_DEVICES, ROOM_AIR_FIO2
from grading.model import HOUR, MINUTE, Device, Instant, Measured, Support
from grading.series import Series


class Delivery(NamedTuple):
    """One device (None: not known) with the flow in L/min and FiO2 in % that belong to it."""

    support: Support | None
    flow: Measured | None
    fio2: Measured | None

    @property
    def gives_oxygen(self) -> bool:
        """Whether a flow above 0 or an FiO2 above room air is charted with it."""
        flow = self.flow is not None and self.flow.value > 0
        return flow or (self.fio2 is not None and self.fio2.value > ROOM_AIR_FIO2)

    @property
    def is_ended(self) -> bool:
        """Whether a flow of 0, or an FiO2 of room air without a flow, says room air (READ-6)."""
        if self.flow is not None:
            return self.flow.value == 0 and not self.gives_oxygen
        return self.fio2 is not None and self.fio2.value <= ROOM_AIR_FIO2

    @property
    def other_cause(self) -> bool:
        """Whether a clinician judged this support due to another cause (DEF-14)."""
        return any(item is not None and item.other_cause for item in self)


def _value(item: Measured) -> Decimal:
    return item.value


def _belonging(
    chart: Chart, support: Support, at: Instant, window: Instant
) -> tuple[Measured | None, Measured | None]:
    """Flow and FiO2 that belong to `support`: from 60 min before it on, not another device's."""
    start = max(support.t - chart.policy.o2_pair_min * MINUTE, at - window)

    def is_own(item: Measured) -> bool:
        return item.ref == support.ref or not any(
            other.device is not support.device and start <= other.t <= at
            for other in chart.rows_of_support.get(item.ref, ())
        )

    def newest(series: Series[Measured]) -> Measured | None:
        own = filter(is_own, reversed(series.window(start, at)))
        last = next(own, None)
        if last is None:
            return None
        tied = takewhile(lambda item: item.t // MINUTE == last.t // MINUTE, own)
        return max((*reversed(tuple(tied)), last), key=_value)

    return newest(chart.flows), newest(chart.fio2)


def _current_devices(chart: Chart, at: Instant, window: Instant) -> tuple[Support, ...]:
    """Devices in use at `at`: those of the newest charted minute, and every running interval."""
    points = chart.points_of_support.last_minute(at - window, at)
    return points + chart.intervals.touching(at, at)


def deliveries(chart: Chart, at: Instant, window_h: int) -> tuple[Delivery, ...]:
    """How oxygen is delivered at `at` by what was charted in the last `window_h` (inclusive).

    Empty: nothing was charted. Without a device: one delivery of the newest flow and FiO2.
    """
    return _certain(chart, at, window_h * HOUR) + _supposed(chart, at, window_h * HOUR)


def ended(chart: Chart, at: Instant, window_h: int) -> tuple[Delivery, ...]:
    """Devices that ran until the last `window_h`, nothing of oxygen being charted since (READ-6).

    What was charted before they ended says nothing of the time after them.
    """
    since = at - window_h * HOUR
    charted = (chart.points_of_support, chart.flows, chart.fio2)
    return tuple(
        Delivery(item, None, None)
        for item in chart.intervals.touching(since, at)
        if item.end is not None
        and item.end < at
        and not any(series.window(item.end, at) for series in charted)
    )


def _supposed(chart: Chart, at: Instant, window: Instant) -> tuple[Delivery, ...]:
    """What was only supposed after the newest charted device: it takes nothing from that one."""
    points = chart.points_of_support.last_minute(at - window, at)
    start = max((item.t + 1 for item in points), default=at - window)
    found = chart.supposed_supports.last_minute(max(start, at - window), at)
    return tuple(Delivery(item, None, None) for item in found)


def _certain(chart: Chart, at: Instant, window: Instant) -> tuple[Delivery, ...]:
    devices = _current_devices(chart, at, window)
    if devices:
        return tuple(_delivery(chart, device, at, window) for device in devices)
    flow = chart.flows.latest(at - window, at, _value)
    fio2 = chart.fio2.latest(at - window, at, _value)
    return (Delivery(None, *_newest(flow, fio2)),) if flow or fio2 else ()


def _delivery(chart: Chart, support: Support, at: Instant, window: Instant) -> Delivery:
    """`support` with what belongs to it; nothing ends a device that pressure and not oxygen makes.

    A flow of 0, or an FiO2 of room air, that is older than the device says nothing of it, and
    nothing that is older says anything of room air (READ-6).
    """
    flow, fio2 = _belonging(chart, support, at, window)
    if support.device is Device.VENTILATOR and not support.procedure:
        return _ventilated(chart, Delivery(support, flow, fio2), support, at, window)
    if support.device in PRESSURE_DEVICES:
        return Delivery(support, flow, fio2)
    if support.device is Device.ROOM_AIR:
        flow, fio2 = (item if item and item.t > support.t else None for item in (flow, fio2))
    if flow is not None and flow.value == 0 and _is_older(flow, support.t):
        flow = None
    if fio2 is not None and fio2.value <= ROOM_AIR_FIO2 and _is_older(fio2, support.t):
        fio2 = None
    return Delivery(support, *_newest(flow, fio2))


def _ventilated(
    chart: Chart, delivery: Delivery, row: Support, at: Instant, window: Instant
) -> Delivery:
    """A charted ventilator: it has the reason, and the FiO2, of its intubation (DEF-15)."""
    act = chart.intubations.of(row)
    if act is None or not act.airway_only:
        return delivery
    fio2 = delivery.fio2 or _belonging(chart, act, at, window)[1]
    return Delivery(row._replace(airway_only=True), delivery.flow, fio2)


def _newest(
    flow: Measured | None, fio2: Measured | None
) -> tuple[Measured | None, Measured | None]:
    """Of a flow of 0 and an FiO2 the newer one, of one minute both; a flow above 0 keeps both."""
    if flow is None or fio2 is None or flow.value > 0:
        return flow, fio2
    if _is_older(fio2, flow.t):
        return flow, None
    if fio2.value > ROOM_AIR_FIO2 and _is_older(flow, fio2.t):
        return None, fio2
    return flow, fio2


def _is_older(item: Measured, t: Instant) -> bool:
    """Whether it was charted in a minute before that of `t` (READ-4)."""
    return item.t // MINUTE < t // MINUTE
