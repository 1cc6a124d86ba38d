"""Support that the patient already had before the infusion, which never grades (DEF-14)."""

from __future__ import annotations

from decimal import Decimal

from grading.chart import Chart
from grading.component import Component, of_row
from grading.delivery import PRESSURE_DEVICES, RISING_PRESSURE, device_finding
from grading.findings import Hypoxia
from grading.knowledge import KNOWLEDGE
from grading.model import MINUTE, Device, Evidence, Label, Note, RiskKind, Support

_ROWS = KNOWLEDGE.crs["hypoxia"]
_HOME_PRESSURE = {
    Device.CPAP: (RiskKind.HOME_CPAP, RiskKind.HOME_BIPAP),
    Device.BIPAP: (RiskKind.HOME_BIPAP,),
}
"""Home support that is equal to, or more than, the device now."""
_OXYGEN_DEVICES = frozenset({Device.NASAL_CANNULA, Device.BLOW_BY})


def against_baseline(
    chart: Chart, component: Component, support: Support | None, flow: Decimal | None
) -> Component:
    """`component`, or the baseline row where support before the infusion was equal or higher.

    `flow` in L/min belongs to `support` now. Equal or higher: a row whose lo is not lower, and on
    the same device a flow that is not lower. What leaves the range open: oxygen at home that is
    charted only as a condition, without a flow, and a weaker device of positive pressure before
    than now (CPAP, and now a ventilator), since the two share a row.
    """
    if support is None or component.lo == 0:
        return component
    before = _charted_before(chart, support, component.lo, flow)
    equal = next((old for old in before if not _is_weaker(old, support)), None)
    if equal is not None:
        return _dropped(component, _row(equal))
    for kind in _HOME_PRESSURE.get(support.device, ()):
        risk = chart.risk(kind)
        if risk is not None and (risk.t is None or risk.t < chart.start):
            row = Evidence(Label.BASELINE, risk.text or kind.value, "", risk.t, risk.ref)
            return _dropped(component, row)
    if before:
        open_row = _ROWS[Hypoxia.BASELINE_WEAKER_PRESSURE]
        weaker = of_row(open_row, (*component.evidence, _row(before[0])))
        return weaker._replace(extra_rules=(component.row.id,))
    return _home_oxygen(chart, component, support)


def _is_weaker(old: Support, support: Support) -> bool:
    """Whether both give pressure, and `old` is the weaker device."""
    both = {old.device, support.device} <= PRESSURE_DEVICES
    return both and RISING_PRESSURE.index(old.device) < RISING_PRESSURE.index(support.device)


def _row(old: Support) -> Evidence:
    return Evidence(Label.BASELINE, old.device.value, "", old.t, old.ref)


def _dropped(component: Component, evidence: Evidence) -> Component:
    return of_row(_ROWS[Hypoxia.BASELINE], (*component.evidence, evidence))._replace(
        notes=(Note.BASELINE_SUPPORT,),
        extra_rules=(component.row.id,),
    )


def _home_oxygen(chart: Chart, component: Component, support: Support) -> Component:
    risk = chart.risk(RiskKind.HOME_OXYGEN)
    known = risk is not None and (risk.t is None or risk.t < chart.start)
    low = component.lo <= _ROWS[Hypoxia.LOW_FLOW].lo and support.device in _OXYGEN_DEVICES
    if risk is None or not known or not low:
        return component
    row = Evidence(Label.BASELINE, risk.text or risk.kind.value, "", risk.t, risk.ref)
    open_row = of_row(_ROWS[Hypoxia.BASELINE_AMOUNT_NOT_KNOWN], (*component.evidence, row))
    return open_row._replace(
        hi=component.hi, notes=(Note.BASELINE_SUPPORT,), extra_rules=(component.row.id,)
    )


def _charted_before(chart: Chart, support: Support, lo: int, flow: Decimal | None) -> list[Support]:
    """The charted support of the days before the course of an equal or higher row, newest first.

    At a flow of 0 it was room air (2.3), unless pressure makes the device.
    """
    found: list[Support] = []
    for old in reversed(chart.supports_before):
        old_flow = _flow_near(chart, old)
        if old_flow == 0 and old.device not in PRESSURE_DEVICES:
            continue
        row = _ROWS[device_finding(old.device, old_flow, chart.policy)]
        if row.lo >= lo and not (old.device is support.device and _is_less(old, old_flow, flow)):
            found.append(old)
    return found


def _flow_near(chart: Chart, support: Support) -> Decimal | None:
    pair = chart.policy.o2_pair_min * MINUTE
    flow = chart.flows.latest(support.t - pair, support.t + pair, lambda item: item.value)
    return flow.value if flow is not None and flow.t < chart.start else None


def _is_less(old: Support, old_flow: Decimal | None, flow: Decimal | None) -> bool:
    """Whether the old flow on the same device is lower, or not known to be as high (L/min)."""
    if old.device in PRESSURE_DEVICES:
        return False
    if old_flow is None or flow is None:
        return True
    return old_flow < flow
