"""Oxygen of Observations: devices, flow, FiO2, and rows of it that cannot be read."""

from __future__ import annotations

from typing import Any

import pytest

from grading.model import Device
from tests.builders import (
    device,
    observation,
    spo2,
)
from tests.fhir_codes import Resource
from tests.fhir_mappings.reading import ago, only, record_of

# --- oxygen --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resource", "named", "text"),
    [
        (device("nasal-cannula"), Device.NASAL_CANNULA, "nasal-cannula"),
        (device("site|7 text|Nasal cannula"), Device.NASAL_CANNULA, "Nasal cannula"),
        (
            device("snomed|722742002 snomed|1186618000 text|Room air, NIV"),
            Device.BIPAP,
            "Room air, NIV",
        ),
        (device("text|HFNC 40 L"), Device.HIGH_FLOW_CANNULA, "HFNC 40 L"),
        (device("text|CPAP declined"), Device.UNRECOGNIZED, "CPAP declined"),
        (
            observation("loinc|20124-4", "1h", "exam", valueString="Not intubated"),
            Device.UNRECOGNIZED,
            "Not intubated",
        ),
        (device("text|OptiX"), Device.UNRECOGNIZED, "OptiX"),
        (
            observation("loinc|20124-4", "1h", "exam", valueString="SIMV"),
            Device.VENTILATOR,
            "SIMV",
        ),
        (
            observation("local|oxygen-delivery-device", "1h", "exam", valueString="Blow-by"),
            Device.BLOW_BY,
            "Blow-by",
        ),
        (
            observation("snomed|722742002 text|Breathing room air", "1h", "exam"),
            Device.ROOM_AIR,
            "Breathing room air",
        ),
    ],
)
def test_a_device_by_code_or_words(resource: Resource, named: Device, text: str) -> None:
    fact = only("supports", resource)

    assert (fact.device, fact.text, fact.interval) == (named, text, False)


def test_a_device_finding_that_is_denied_is_none() -> None:
    denied = observation("snomed|722742002", "1h", "exam", valueBoolean=False)

    assert record_of(denied).facts["supports"] == ()


def test_flow_and_fio2_as_components_of_the_saturation() -> None:
    record = record_of(spo2(94, flow=3, fio2=32))

    assert [fact.value for fact in record.facts["flows"]] == [3]
    assert [fact.value for fact in record.facts["fio2"]] == [32]


@pytest.mark.parametrize(
    ("value", "supports"), [(94, [Device.ROOM_AIR]), (49, [])], ids=["accepted", "refused"]
)
def test_a_saturation_on_room_air_charts_the_room_air(value: int, supports: list[Device]) -> None:
    record = record_of(spo2(value, code="loinc|59410-1"))

    assert [fact.device for fact in record.facts["supports"]] == supports


def _oxygen(code: str, unit: str, at: str = "1h", **more: Any) -> Resource:
    value = {"value": 4, "unit": unit}
    return observation(code, at, "exam", valueQuantity=value) | more


_FLOW, _FIO2 = "loinc|3151-8", "loinc|3150-0"


def _inhaled(code: str, value: Any, unit: str | None = None) -> Resource:
    """A row of oxygen with words, or a number with its unit."""
    if isinstance(value, str):
        return observation(code, "1h", "exam", valueString=value)
    amount = {"value": value} | ({} if unit is None else {"unit": unit})
    return observation(code, "1h", "exam", valueQuantity=amount)


_UNTOLD: Resource = {"dataAbsentReason": {"coding": [{"code": "unknown"}]}}


@pytest.mark.parametrize(
    "resource",
    [
        *(_inhaled(_FLOW, text) for text in ("RA", "Room Air", "room-air", "None", "off", "N/A")),
        *(_inhaled(_FLOW, text) for text in ("-", "0", "0 L", "0 L/min", "0 (RA)")),
        *(_inhaled(_FLOW, 0, unit) for unit in ("L", "mL", "x")),
        *(
            _inhaled(_FIO2, text)
            for text in ("RA", "room air", "21%", "21 % (room air)", "0.21", "21")
        ),
        *(_inhaled(_FIO2, text) for text in ("N/A", "-")),
        *(_inhaled(_FIO2, number, "%") for number in (20.9, 20, 0)),
        *(_inhaled(_FIO2, number) for number in (0.2, 0.209)),
        observation("text|O2 device", "1h", "exam", **_UNTOLD),
        observation("text|O2 device", "1h", "exam"),
    ],
)
def test_a_row_of_room_air_or_of_nothing_is_no_oxygen_that_cannot_be_read(
    resource: Resource,
) -> None:
    assert record_of(resource).oxygen_refused == ()


@pytest.mark.parametrize(
    "resource",
    [
        *(_inhaled(_FLOW, text) for text in ("2", "2 L", "RA, 2 L", "15 L NRB", "see comment")),
        *(_inhaled(_FLOW, text) for text in ("10", "off at night", "21", "21 L")),
        _inhaled(_FLOW, 20, "%"),
        *(_inhaled(_FIO2, text) for text in ("28%", "210")),
        *(_inhaled(_FIO2, number, "%") for number in (19.9, 2, 101)),
        *(_inhaled(_FIO2, number, "L/min") for number in (4, 21)),
        observation(_FLOW, "1h", "exam", valueQuantity={"value": 0, "comparator": ">"}),
        observation(_FLOW, "1h", "exam", valueRange={"low": {"value": 2}}),
        observation(_FLOW, "1h", "exam", valueBoolean=True),
    ],
)
def test_a_row_that_may_tell_of_oxygen_and_cannot_be_read_is_kept(resource: Resource) -> None:
    assert len(record_of(resource).oxygen_refused) == 1


@pytest.mark.parametrize(
    ("resource", "times"),
    [
        (_oxygen("loinc|3151-8", "L"), ["1h"]),
        (_oxygen("loinc|3151-8", "L", id=None), ["1h"]),
        (_oxygen("loinc|3150-0", "torr"), ["1h"]),
        (observation("text|O2 device", "2h", "exam", valueInteger=4), ["2h"]),
        (_oxygen("loinc|3151-8", "L/min"), []),
        (_oxygen("loinc|3151-8", "L", status="entered-in-error"), []),
        (_oxygen("loinc|8310-5", "L"), []),
    ],
)
def test_when_oxygen_was_charted_that_cannot_be_read_is_told(
    resource: Resource, times: list[str]
) -> None:
    """DEF-8: then room air is not assumed."""
    assert list(record_of(resource).oxygen_refused) == [ago(each) for each in times]
