"""Oxygen devices in charted words: what is in use, what is denied and what was left."""

from __future__ import annotations

import pytest

from fhir_mappings.device_words import device_from_text
from grading.model import Device
from tests.builders import observation
from tests.fhir_mappings.reading import only, problems, record_of


@pytest.mark.parametrize(
    ("text", "device"),
    [
        ("Room air", Device.ROOM_AIR),
        ("RA", Device.ROOM_AIR),
        ("None (Room air)", Device.ROOM_AIR),
        ("Nasal cannula", Device.NASAL_CANNULA),
        ("NC 2L", Device.NASAL_CANNULA),
        ("High flow nasal cannula", Device.HIGH_FLOW_CANNULA),
        ("HFNC", Device.HIGH_FLOW_CANNULA),
        ("Heated high-flow (Airvo)", Device.HIGH_FLOW_CANNULA),
        ("Non-rebreather mask", Device.MASK),
        ("NRB", Device.MASK),
        ("Partial rebreather", Device.MASK),
        ("Simple mask", Device.MASK),
        ("Venti mask", Device.MASK),
        ("Venturi", Device.MASK),
        ("Trach collar", Device.MASK),
        ("Aerosol face tent", Device.MASK),
        ("Blow-by", Device.BLOW_BY),
        ("BiPAP", Device.BIPAP),
        ("NIPPV", Device.BIPAP),
        ("Non-invasive ventilation", Device.BIPAP),
        ("CPAP mask", Device.CPAP),
        ("Ventilator", Device.VENTILATOR),
        ("Mechanical ventilation", Device.VENTILATOR),
        ("IMV", Device.VENTILATOR),
        ("ETT", Device.VENTILATOR),
        ("Intubated", Device.VENTILATOR),
        ("Bag valve", Device.VENTILATOR),
        ("VV ECMO", Device.ECMO),
        ("Hi-Flow nasal cannula", Device.HIGH_FLOW_CANNULA),
        ("Room air while ambulating", Device.ROOM_AIR),
        ("RA (ambulating)", Device.ROOM_AIR),
        ("2L NC with ambulation", Device.NASAL_CANNULA),
        ("Ambu bag", Device.VENTILATOR),
        ("Self ventilating on room air", Device.ROOM_AIR),
        ("Ventilating well on room air", Device.ROOM_AIR),
        ("Self-ventilating", None),
        ("Ventilator, room air", Device.VENTILATOR),
        ("Room air, wearing surgical mask", Device.ROOM_AIR),
        ("Room air; mask on for isolation", Device.ROOM_AIR),
        ("Room air, face mask at night", Device.MASK),
        ("Respirations even et unlabored, RA", Device.ROOM_AIR),
        ("ET tube", Device.VENTILATOR),
        ("No oxygen", Device.ROOM_AIR),
        ("No supplemental O2", Device.ROOM_AIR),
        ("NC 2L, no distress", Device.NASAL_CANNULA),
        ("NC 2L no distress", Device.NASAL_CANNULA),
        ("NC no distress", Device.NASAL_CANNULA),
        ("No distress on RA", Device.ROOM_AIR),
        ("Room air - no distress", Device.ROOM_AIR),
        ("NC without difficulty", Device.NASAL_CANNULA),
        ("Nasal cannula without humidification", Device.NASAL_CANNULA),
        ("Non-rebreather without reservoir", Device.MASK),
        ("NC - no change", Device.NASAL_CANNULA),
        ("No changes: NC 3 L", Device.NASAL_CANNULA),
        ("O2 from concentrator via NC", Device.NASAL_CANNULA),
        ("Transferred from home on NC", Device.NASAL_CANNULA),
        ("NC prior to transport", Device.NASAL_CANNULA),
        ("HFNC weaned from 50 to 40 L", Device.HIGH_FLOW_CANNULA),
        ("High flow nasal cannula weaned from 50 to 40 L", Device.HIGH_FLOW_CANNULA),
        ("NC weaned from 4L to 2L", Device.NASAL_CANNULA),
        ("NC increased from 2 to 4L", Device.NASAL_CANNULA),
        ("Intubation prior to procedure", Device.VENTILATOR),
        ("Video laryngoscopic intubation without sedation", Device.VENTILATOR),
        ("Weaned to NC 2L", Device.NASAL_CANNULA),
        ("Weaned from BiPAP to NC", None),
        ("Weaned BiPAP to NC", None),
        ("Nasal cannula, previously on BiPAP", None),
        ("BiPAP off, NC 3L", None),
        ("Nasal cannula (high flow discontinued)", None),
        ("CPAP declined", None),
        ("CPAP - patient declined", None),
        ("BiPAP not indicated", None),
        ("Refused to wear mask", None),
        ("Off BiPAP", None),
        ("No longer on nasal cannula", None),
        ("Not mechanically ventilated", None),
        ("NC 2L discontinued", None),
        ("BiPAP prior to NC", None),
        ("Prior to intubation, NC", None),
        ("High flow nasal cannula switched to mask", None),
        ("Not intubated", None),
        ("No mask", None),
        ("CPAP: none", None),
        ("NC 2L, BiPAP on standby", Device.NASAL_CANNULA),
        ("NC, BiPAP PRN", Device.NASAL_CANNULA),
        ("NC, BiPAP (as needed)", Device.NASAL_CANNULA),
        ("NC 2L; BiPAP, standby", Device.NASAL_CANNULA),
        ("NC 3 L/min (BiPAP at bedside)", Device.NASAL_CANNULA),
        ("NC 2L, ambu bag at bedside", Device.NASAL_CANNULA),
        ("NC 2L, bag valve mask at the bedside", Device.NASAL_CANNULA),
        ("Room air; BiPAP machine in room", Device.ROOM_AIR),
        ("Consider BiPAP; on NC", Device.NASAL_CANNULA),
        ("HFNC 40 L, may need intubation", Device.HIGH_FLOW_CANNULA),
        ("HFNC, intubation tray at bedside", Device.HIGH_FLOW_CANNULA),
        ("HFNC ordered, NC now", Device.NASAL_CANNULA),
        ("BiPAP, NC PRN for breaks", Device.BIPAP),
        ("BiPAP, consider intubation", Device.BIPAP),
        ("NC PRN", Device.NASAL_CANNULA),
        ("NC 2 L as needed", Device.NASAL_CANNULA),
        ("BiPAP 12/6 as ordered", Device.BIPAP),
        ("HFNC 40 L, titrate as needed", Device.HIGH_FLOW_CANNULA),
        ("BiPAP ordered and placed", Device.BIPAP),
        ("BiPAP applied at bedside", Device.BIPAP),
        ("Intubated at bedside", Device.VENTILATOR),
        ("Intubation at bedside", Device.VENTILATOR),
        ("Intubated, ventilator settings as ordered", Device.VENTILATOR),
        ("BiPAP, NC during meals", Device.BIPAP),
        ("NC with BiPAP on standby", None),
        ("BiPAP PRN", None),
        ("BiPAP on standby", None),
        ("BiPAP, PRN", None),
        ("Plan for intubation", None),
        ("Intubation pending", None),
        ("Intubated pending transfer", Device.VENTILATOR),
        ("BiPAP room 412", Device.BIPAP),
        ("Bag/valve/mask", Device.VENTILATOR),
        ("Bag-valve-mask", Device.VENTILATOR),
        ("Room-air", Device.ROOM_AIR),
        ("Laryngeal mask airway", None),
        ("LMA", None),
        ("Intubated in room 12", Device.VENTILATOR),
        ("Reintubated in room", Device.VENTILATOR),
        ("Intubation in room 5", Device.VENTILATOR),
        ("BiPAP in use at bedside", Device.BIPAP),
        ("CPAP by bedside, patient wearing", Device.CPAP),
        ("BiPAP ordered, patient on it", Device.BIPAP),
        ("BiPAP prn, on now", Device.BIPAP),
        ("NC 2L, BiPAP PRN, currently on", Device.BIPAP),
        ("BiPAP back-up rate 14", Device.BIPAP),
        ("Ready for vent wean", Device.VENTILATOR),
        ("Plan BiPAP wean", Device.BIPAP),
        ("ETT planned extubation tomorrow", Device.VENTILATOR),
        ("Intubated planned for OR", Device.VENTILATOR),
        ("Room Air / NC PRN", Device.NASAL_CANNULA),
        ("RA/NC 2L PRN", Device.NASAL_CANNULA),
        ("LMA removed, on NC 2L", Device.NASAL_CANNULA),
        ("LMA removed, room air", Device.ROOM_AIR),
        ("LMA exchanged for ETT", Device.VENTILATOR),
        ("Ventilated via LMA", Device.VENTILATOR),
        ("NC 2L, LMA at bedside", Device.NASAL_CANNULA),
        ("ETT exchanged for LMA", None),
        ("LMA, room air", None),
        ("NC removed, LMA placed", None),
        ("BiPAP in room", None),
        ("Ventilator in room", None),
        ("BiPAP ordered, patient on NC", Device.NASAL_CANNULA),
        ("BiPAP prn, not on now", None),
        ("BiPAP ordered, patient declined", None),
        ("BiPAP backup", None),
        ("Intubation planned for OR", None),
        ("Plan intubation", None),
        ("BiPAP planned for tonight", None),
        ("RA / BiPAP PRN", None),
        ("Room air PRN", None),
        ("Blowpipe", None),
        ("", None),
    ],
)
def test_a_device_in_words(text: str, device: Device | None) -> None:
    assert device_from_text(text) is device


@pytest.mark.parametrize(
    ("row", "words", "device"),
    [
        ("Vent Mode", "PRVC", Device.VENTILATOR),
        ("Vent Mode", "AC/VC", Device.VENTILATOR),
        ("Ventilator mode", "SIMV", Device.VENTILATOR),
        ("Ventilation mode", "PSV", Device.VENTILATOR),
        ("Vent mode", "CPAP", Device.CPAP),
        ("Vent mode", "Standby", Device.UNRECOGNIZED),
        ("Vent mode", "Not intubated", Device.UNRECOGNIZED),
        ("O2 device", "PRVC", Device.UNRECOGNIZED),
    ],
)
def test_a_mode_of_ventilation_is_one_of_a_ventilator(row: str, words: str, device: Device) -> None:
    fact = only("supports", observation(f"text|{row}", "1h", "exam", valueString=words))

    assert (fact.device, fact.text) == (device, words)


@pytest.mark.parametrize("row", ["Oxygen therapy", "O2 therapy"])
@pytest.mark.parametrize("words", ["No", "N", "N/A"])
def test_that_there_is_no_oxygen_names_no_device(row: str, words: str) -> None:
    record = record_of(observation(f"text|{row}", "1h", "exam", valueString=words))

    assert record.facts["supports"] == ()
    assert problems(record) == []


def test_that_there_is_oxygen_is_a_device_that_is_not_known() -> None:
    fact = only("supports", observation("text|O2 therapy", "1h", "exam", valueString="Yes"))

    assert fact.device is Device.UNRECOGNIZED


@pytest.mark.parametrize(("ticked", "devices"), [(True, [Device.UNRECOGNIZED]), (False, [])])
def test_oxygen_therapy_as_a_tick(ticked: bool, devices: list[Device]) -> None:
    record = record_of(observation("text|O2 therapy", "1h", "exam", valueBoolean=ticked))

    assert [each.device for each in record.facts["supports"]] == devices
    assert problems(record) == []


@pytest.mark.parametrize(
    ("value", "unit", "flows", "issues"),
    [
        (2, "L/min", 1, []),
        (2, "LPM", 1, []),
        (2, "L", 0, [("refused-unit", "o2-flow")]),
        (950, "mL/min", 0, [("refused-value", "o2-device")]),
        (2, None, 0, [("refused-value", "o2-device")]),
    ],
)
def test_liters_a_minute_in_place_of_a_device_are_a_flow(
    value: int, unit: str | None, flows: int, issues: list[tuple[str, str]]
) -> None:
    quantity = {"value": value} if unit is None else {"value": value, "unit": unit}
    delivered = observation("text|Oxygen delivery", "1h", "exam", valueQuantity=quantity)

    record = record_of(delivered)

    assert (len(record.facts["flows"]), record.facts["supports"]) == (flows, ())
    assert problems(record) == issues
