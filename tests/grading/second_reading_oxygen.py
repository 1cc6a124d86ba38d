"""A second reading of the hypoxia axis (READ-6, DEF-8, DEF-14, DEF-15, CRS-O0 to O12).

Written from clinical-rules.md alone, slowly and plainly: see `second_reading_crs`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from grading.knowledge.policy import Policy
from grading.model import DAY, HOUR, MINUTE, Device, Instant, Measured, RiskKind, Snapshot, Support

Bounds = tuple[int, int]
PRESSURE_DEVICES = (Device.CPAP, Device.BIPAP, Device.VENTILATOR, Device.ECMO)
"""The devices of CRS-O5, the stronger later."""


def newest(values: Iterable[Measured], *, low_is_worse: bool = False) -> Measured | None:
    """READ-3: the value of the greatest time; READ-4: of one minute the worse one."""
    best: Measured | None = None
    for item in values:
        if best is None or item.t // MINUTE > best.t // MINUTE:
            best = item
        elif item.t // MINUTE == best.t // MINUTE and item.value != best.value:
            best = item if (item.value < best.value) == low_is_worse else best
    return best


ANY_FLOW = {
    **dict.fromkeys(PRESSURE_DEVICES, (4, 4)),
    Device.MASK: (3, 3),
    Device.BLOW_BY: (2, 2),
    Device.UNRECOGNIZED: (0, 4),
    Device.ROOM_AIR: (0, 0),
}
"""CRS-O0, O2, O4, O5, O9."""


def row(device: Device, flow: Decimal | None, policy: Policy) -> Bounds:
    """CRS-O0 to O7 of a charted device; O9 of one that maps to nothing."""
    if device in ANY_FLOW:
        return ANY_FLOW[device]
    if flow is not None and flow > policy.lowflow_max_lpm:
        return 3, 3
    if device is Device.HIGH_FLOW_CANNULA and policy.hfnc_name_is_grade3:
        return 3, 3
    return (2, 3) if flow is None else (2, 2)


def saturation(chart: Snapshot, policy: Policy, *, charted: bool) -> Bounds:
    """DEF-8, CRS-O0, O10: room air is charted, or nothing is charted of oxygen at all."""
    recent = (s for s in chart.spo2 if chart.now - s.t <= policy.oxygen_window_h * HOUR)
    spo2 = newest(recent, low_is_worse=True)
    if spo2 is None:
        return (0, 0) if charted else (0, 4)
    if spo2.value < policy.hypoxia_spo2:
        return (0, 0) if spo2.other_cause else (2, 4)
    if charted or spo2.value >= policy.room_air_assume_spo2:
        return 0, 0
    return 0, 2


def oxygen(chart: Snapshot, policy: Policy, course_t0: Instant) -> Bounds:
    """The O component now: the higher lo and the higher hi of every row that matches (2.3)."""
    window = policy.oxygen_window_h
    rows = current_rows(chart, policy, course_t0, window)
    if rows:
        rows += ended_rows(chart, policy, course_t0, window)
        return max(lo for lo, _ in rows), max(hi for _, hi in rows)
    found = saturation(chart, policy, charted=False)
    if found in ((2, 4), (0, 4)) or is_low_of_other_cause(chart, policy):
        return found
    # DEF-8: oxygen last charted 12 to 24 h ago, or an interval that has ended, keeps its hi.
    day = policy.room_air_assume_h
    old = current_rows(chart, policy, course_t0, day) + ended_rows(chart, policy, course_t0, day)
    hi = max((bound for _, bound in old), default=0)
    return (0, hi) if hi else found


def is_low_of_other_cause(chart: Snapshot, policy: Policy) -> bool:
    """DEF-14: the latest saturation is low, and judged due to another cause."""
    recent = (s for s in chart.spo2 if chart.now - s.t <= policy.oxygen_window_h * HOUR)
    spo2 = newest(recent, low_is_worse=True)
    return spo2 is not None and spo2.other_cause and spo2.value < policy.hypoxia_spo2


def points(chart: Snapshot, window_h: int) -> list[Support]:
    """READ-3, READ-4: the devices of the newest charted minute of the window (IN-7)."""
    found = [s for s in chart.supports if not s.interval and chart.now - s.t <= window_h * HOUR]
    last = max((s.t // MINUTE for s in found), default=None)
    return [s for s in found if s.t // MINUTE == last]


def current_rows(
    chart: Snapshot, policy: Policy, course_t0: Instant, window_h: int
) -> list[Bounds]:
    """READ-6: rows of the newest charted devices, of those that run, or of oxygen without one."""
    running = [s for s in chart.supports if s.interval and (s.end is None or s.end >= chart.now)]
    devices = points(chart, window_h) + running
    if devices:
        found: list[Bounds] = []
        for device in devices:
            found += device_rows(chart, policy, course_t0, device, window_h)
        return found
    flow = newest(f for f in chart.flows if chart.now - f.t <= window_h * HOUR)
    fio2 = newest(f for f in chart.fio2 if chart.now - f.t <= window_h * HOUR)
    if flow is None and fio2 is None:
        return []
    return undelivered_rows(chart, policy, flow, fio2)


def ended_rows(chart: Snapshot, policy: Policy, course_t0: Instant, window_h: int) -> list[Bounds]:
    """READ-6, IN-7: what ran and ended after the newest charted device, flow and FiO2: hi alone."""
    found: list[Bounds] = []
    for each in chart.supports:
        if not each.interval or each.end is None or each.end >= chart.now:
            continue
        if chart.now - each.end > window_h * HOUR or each.other_cause:
            continue
        charted = [s.t for s in chart.supports if not s.interval]
        charted += [f.t for f in (*chart.flows, *chart.fio2)]
        if any(t >= each.end for t in charted):
            continue
        lo, hi = row(each.device, None, policy)
        if not is_baseline(chart, policy, course_t0, (each.device, None, lo)):
            found.append((0, hi))
    return found


Amounts = tuple[Measured | None, Measured | None]
"""A flow and an FiO2."""


def newer_of(flow: Measured | None, fio2: Measured | None) -> Amounts:
    """READ-6: of a flow of 0 and an FiO2 the newer one counts; a flow above 0 keeps both."""
    if flow is None or fio2 is None or flow.value > 0:
        return flow, fio2
    if fio2.t // MINUTE < flow.t // MINUTE:
        return flow, None
    if fio2.value > 21 and flow.t // MINUTE < fio2.t // MINUTE:
        return None, fio2
    return flow, fio2


def undelivered_rows(
    chart: Snapshot, policy: Policy, flow: Measured | None, fio2: Measured | None
) -> list[Bounds]:
    """CRS-O8, O11, O12: a row for the flow and a row for the FiO2, without a device."""
    flow, fio2 = newer_of(flow, fio2)
    found: list[Bounds] = []
    if flow is not None and flow.other_cause:
        found.append((0, 0))
    elif flow is not None and flow.value > 0:
        found.append((2, 3) if flow.value <= policy.lowflow_max_lpm else (3, 4))
    if fio2 is not None and fio2.other_cause:
        found.append((0, 0))
    elif fio2 is not None and fio2.value > 21:
        found.append((2, 4))
    return found or [saturation(chart, policy, charted=True)]


def device_rows(
    chart: Snapshot, policy: Policy, course_t0: Instant, device: Support, window_h: int
) -> list[Bounds]:
    """CRS-O0 to O9 of one device with the flow and the FiO2 that belong to it (READ-6)."""
    since = max(device.t - policy.o2_pair_min * MINUTE, chart.now - window_h * HOUR)
    flow = newest(f for f in chart.flows if f.t >= since)
    fio2 = newest(f for f in chart.fio2 if f.t >= since)
    if device.device is Device.ROOM_AIR:
        if device.other_cause:
            return [(0, 0)]
        newer = [x if x is not None and x.t > device.t else None for x in (flow, fio2)]
        return undelivered_rows(chart, policy, newer[0], newer[1])
    if device.device not in PRESSURE_DEVICES:
        flow, fio2 = newer_of(*of_device(device, flow, fio2))
    if any(x is not None and x.other_cause for x in (device, flow, fio2)):
        return [(0, 0)]
    return [bounds_of(chart, policy, course_t0, device, (flow, fio2))]


def of_device(device: Support, flow: Measured | None, fio2: Measured | None) -> Amounts:
    """READ-6: a flow of 0, or FiO2 of 21 %, older than the device says nothing of it."""
    minute = device.t // MINUTE
    if flow is not None and flow.value == 0 and flow.t // MINUTE < minute:
        flow = None
    if fio2 is not None and fio2.value <= 21 and fio2.t // MINUTE < minute:
        fio2 = None
    return flow, fio2


def bounds_of(
    chart: Snapshot, policy: Policy, course_t0: Instant, device: Support, amounts: Amounts
) -> Bounds:
    """The row of a device with its amounts, after DEF-15, READ-6 and DEF-14."""
    flow, fio2 = amounts
    value = None if flow is None else flow.value
    on_fio2 = fio2 is not None and fio2.value > 21
    lo, hi = row(device.device, value, policy)
    if device.device in PRESSURE_DEVICES:
        if device.airway_only and fio2 is not None and fio2.value <= 40:
            return 0, 4
    elif not on_fio2 and (value == 0 or (flow is None and fio2 is not None)):
        return saturation(chart, policy, charted=True)
    elif device.device is Device.UNRECOGNIZED and (on_fio2 or (value or 0) > 0):
        lo = 2
    if is_baseline(chart, policy, course_t0, (device.device, value, lo)):
        return 0, 0
    weaker = any(is_weaker(old, device.device) for old in before(chart, policy, course_t0))
    return (0, hi) if weaker else (lo, hi)


def before(chart: Snapshot, policy: Policy, course_t0: Instant) -> list[Support]:
    """DEF-14: the support of the 7 d before the course."""
    first = course_t0 - policy.baseline_support_d * DAY
    ends = (
        (s, s.t if not s.interval else chart.now if s.end is None else s.end)
        for s in chart.supports
    )
    return [s for s, until in ends if s.t < course_t0 and until >= first]


def is_weaker(old: Support, device: Device) -> bool:
    """A weaker device of positive pressure shares the row, and is not equal support."""
    both = old.device in PRESSURE_DEVICES and device in PRESSURE_DEVICES
    return both and PRESSURE_DEVICES.index(old.device) < PRESSURE_DEVICES.index(device)


def is_baseline(
    chart: Snapshot,
    policy: Policy,
    course_t0: Instant,
    present: tuple[Device, Decimal | None, int],
) -> bool:
    """DEF-14: support of the 7 d before the course was equal or higher, so that it does not grade.

    `present`: device, flow and lo. Equal or higher: a row whose lo is at least that lo, and on the
    same device a flow not lower.
    """
    device, flow, lo = present
    if lo == 0:
        return False
    pair = policy.o2_pair_min * MINUTE
    for old in before(chart, policy, course_t0):
        if is_weaker(old, device):
            continue
        near = newest(f for f in chart.flows if abs(f.t - old.t) <= pair)
        then = near.value if near is not None and near.t < course_t0 else None
        if then == 0 and old.device not in PRESSURE_DEVICES:
            continue  # a flow of 0 is room air
        if row(old.device, then, policy)[0] < lo:
            continue
        if old.device is not device or device in PRESSURE_DEVICES:
            return True
        if then is not None and flow is not None and then >= flow:
            return True
    home = {
        Device.CPAP: {RiskKind.HOME_CPAP, RiskKind.HOME_BIPAP},
        Device.BIPAP: {RiskKind.HOME_BIPAP},
    }
    kinds = home.get(device, set())
    return any(r.kind in kinds and (r.t is None or r.t < course_t0) for r in chart.risks)


def oxygen_stretches(
    chart: Snapshot, policy: Policy, course_t0: Instant
) -> list[tuple[Instant, Instant]]:
    """READ-12, CRS-W2: when there was hypoxia, or oxygen above baseline; charted times as they are.

    What is above baseline at a time is asked of the chart as it was then.
    """
    found = [(s.t, s.t) for s in chart.spo2 if s.value < policy.hypoxia_spo2 and not s.other_cause]
    times = {f.t for f in chart.flows if f.value > 0} | {f.t for f in chart.fio2 if f.value > 21}
    times |= {s.t for s in chart.supports if not s.interval and s.device is not Device.ROOM_AIR}
    for t in times:
        rows = current_rows(as_of(chart, t), policy, course_t0, policy.oxygen_window_h)
        if any(hi > 0 for _, hi in rows):
            found.append((t, t))
    for each in chart.supports:
        if not each.interval or each.device is Device.ROOM_AIR or each.other_cause:
            continue
        lo = row(each.device, None, policy)[0]
        if not is_baseline(chart, policy, course_t0, (each.device, None, lo)):
            found.append((each.t, chart.now if each.end is None else each.end))
    return found


def as_of(chart: Snapshot, at: Instant) -> Snapshot:
    """What was charted of oxygen by then; saturation left out, so that it speaks for itself."""
    supports = tuple(
        s._replace(end=None) if s.end is not None and s.end > at else s
        for s in chart.supports
        if s.t <= at
    )
    flows = tuple(f for f in chart.flows if f.t <= at)
    fio2 = tuple(f for f in chart.fio2 if f.t <= at)
    return replace(chart, now=at, supports=supports, flows=flows, fio2=fio2, spo2=())
