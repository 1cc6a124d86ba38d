"""Whether a patient needs more oxygen than some hours ago (ICU-2)."""

from __future__ import annotations

from collections.abc import Iterable

from grading.chart import Chart
from grading.model import HOUR, Device, Instant, Measured
from grading.oxygen import hypoxia
from grading.oxygen_use import Delivery, deliveries

_BEFORE_H = 6


def is_oxygen_rising(chart: Chart, at: Instant) -> bool:
    """Whether oxygen is certainly more than 6 h before `at`: a higher row, or more on one device.

    Oxygen of another cause, or no more than before the infusion, never counts.
    """
    before = at - _BEFORE_H * HOUR
    row = hypoxia(chart, at)
    if row.lo == 0:
        return False
    if row.lo > hypoxia(chart, before).hi:
        return True
    window_h = chart.policy.oxygen_window_h
    then = dict(_by_device(deliveries(chart, before, window_h)))
    return any(
        _is_more(item.flow, then[device].flow) or _is_more(item.fio2, then[device].fio2)
        for device, item in _by_device(deliveries(chart, at, window_h))
        if device in then
    )


def _by_device(found: Iterable[Delivery]) -> list[tuple[Device, Delivery]]:
    return [(item.support.device, item) for item in found if item.support is not None]


def _is_more(now: Measured | None, then: Measured | None) -> bool:
    return now is not None and then is not None and now.value > then.value
