"""Devices as the hypoxia table tells them apart (CRS-O1 to O7)."""

from __future__ import annotations

from decimal import Decimal

from grading.findings import Hypoxia
from grading.knowledge import Policy
from grading.model import Device

ROOM_AIR_FIO2 = Decimal(21)
"""FiO2 of room air in %."""
RISING_PRESSURE = (Device.CPAP, Device.BIPAP, Device.VENTILATOR, Device.ECMO)
"""Devices of one row, CRS-O5, the stronger support later."""
PRESSURE_DEVICES = frozenset(RISING_PRESSURE)
"""CRS-O5: pressure and not oxygen decides."""

_ANY_FLOW = {
    Device.ROOM_AIR: Hypoxia.ROOM_AIR,
    Device.BLOW_BY: Hypoxia.BLOW_BY,
    Device.MASK: Hypoxia.MASK,
    Device.UNRECOGNIZED: Hypoxia.NOT_RECOGNIZED,
    **dict.fromkeys(PRESSURE_DEVICES, Hypoxia.POSITIVE_PRESSURE),
}
"""Devices that grade the same at any flow."""


def device_finding(device: Device, flow: Decimal | None, policy: Policy) -> Hypoxia:
    """The row of a charted device at `flow` L/min (None: not charted); 6.0 is low flow."""
    if device is Device.NASAL_CANNULA:
        return _cannula(flow, policy)
    if device is Device.HIGH_FLOW_CANNULA:
        return _named_high_flow(flow, policy)
    return _ANY_FLOW[device]


def _cannula(flow: Decimal | None, policy: Policy) -> Hypoxia:
    if flow is None:
        return Hypoxia.CANNULA_FLOW_NOT_KNOWN
    return Hypoxia.LOW_FLOW if flow <= policy.lowflow_max_lpm else Hypoxia.HIGH_FLOW


def _named_high_flow(flow: Decimal | None, policy: Policy) -> Hypoxia:
    if flow is not None and flow > policy.lowflow_max_lpm:
        return Hypoxia.HIGH_FLOW
    if policy.hfnc_name_is_grade3:
        return Hypoxia.NAMED_HIGH_FLOW
    return Hypoxia.NAMED_FLOW_NOT_KNOWN if flow is None else Hypoxia.NAMED_AT_LOW_FLOW
