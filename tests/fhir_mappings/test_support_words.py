"""Procedures in words: what gave support to breathing, and what only sounds like it."""

import pytest

from grading.model import Device, Remark
from tests.builders import procedure
from tests.fhir_mappings.reading import record_of

OPEN = Device.UNRECOGNIZED


@pytest.mark.parametrize(
    ("words", "device"),
    [
        ("Endotracheal intubation", Device.VENTILATOR),
        ("Intubation", Device.VENTILATOR),
        ("Rapid sequence intubation", Device.VENTILATOR),
        ("Nasotracheal intubation", Device.VENTILATOR),
        ("Fiberoptic bronchoscopic intubation", Device.VENTILATOR),
        ("Intubation, bedside", Device.VENTILATOR),
        ("Emergent intubation at bedside", Device.VENTILATOR),
        ("Intubation and orogastric tube placement", Device.VENTILATOR),
        ("Intubation of trachea", Device.VENTILATOR),
        ("Endotracheal intubation, consent obtained", Device.VENTILATOR),
        ("Intubation; airway assessed", Device.VENTILATOR),
        ("Ventilator evaluation and management", Device.VENTILATOR),
        ("Intubation by CT surgery", Device.VENTILATOR),
        ("CT surgery: emergency intubation", Device.VENTILATOR),
        ("Intubation for CT", Device.VENTILATOR),
        ("Intubation x-ray confirmed", Device.VENTILATOR),
        ("Intubated pending transfer to ICU", Device.VENTILATOR),
        ("Intubation for respiratory failure, history of COPD", Device.VENTILATOR),
        ("Arterial line, patient intubated", Device.VENTILATOR),
        ("Reintubation after failed extubation", Device.VENTILATOR),
        ("Re-intubation", Device.VENTILATOR),
        ("Mechanical ventilation", Device.VENTILATOR),
        ("Ventilator management, initial day", Device.VENTILATOR),
        ("Cannulation for ECMO", Device.ECMO),
        ("BiPAP initiation", Device.BIPAP),
        ("NIV trial", Device.BIPAP),
        ("CPAP", Device.CPAP),
        ("High flow nasal cannula therapy", Device.HIGH_FLOW_CANNULA),
        ("HFNC initiation", Device.HIGH_FLOW_CANNULA),
    ],
)
def test_support_that_was_given(words: str, device: Device) -> None:
    (fact,) = record_of(procedure(f"text|{words}")).facts["supports"]

    assert fact.device is device


@pytest.mark.parametrize(
    "words",
    [
        "Planned intubation",
        "Consent for intubation",
        "Difficult intubation",
        "Post-intubation sedation",
        "XR chest 1 view (post intubation)",
        "Chest x-ray, intubated patient",
        "Preoxygenation before intubation",
        "HFNC setup",
        "CT of intubated patient",
        "ECMO consult",
        "Consult for ECMO",
        "ECMO candidacy evaluation",
        "Discussion of intubation",
        "Airway assessment and intubation",
        "NIV consult and initiation",
        "Mechanical ventilation assessment",
        "Intubation discussed with family and performed",
    ],
)
def test_support_that_was_perhaps_given_leaves_the_grade_open(words: str) -> None:
    (fact,) = record_of(procedure(f"text|{words}")).facts["supports"]

    assert (fact.device, Remark.UNCONFIRMED in fact.flags) == (OPEN, True)


@pytest.mark.parametrize("words", ["Family declined intubation", "BiPAP refused"])
def test_support_that_was_denied_is_a_device_that_is_not_known(words: str) -> None:
    (fact,) = record_of(procedure(f"text|{words}")).facts["supports"]

    assert (fact.device, fact.flags) == (OPEN, ())


@pytest.mark.parametrize(
    "words",
    [
        "Nasogastric intubation",
        "Nasogastric tube intubation",
        "NG intubation",
        "Gastric intubation",
        "Esophageal intubation",
        "Cecal intubation",
        "Intubation of lacrimal duct",
        "Intubation of the small intestine",
        "Ureteral intubation",
        "Extubation",
        "Extubation after intubation",
        "ECMO decannulation",
        "Weaning from CPAP",
        "CPAP removal",
        "Removal of BiPAP",
        "Intubation checklist",
        "Intubation deferred",
        "Intubation (cancelled)",
        "Cancelled intubation",
        "Intubation was not performed",
        "Do not intubate",
        "CPAP mask fitting",
        "CPAP education",
        "CPAP assessment and education",
        "Intubation discussed, cancelled",
        "Intubation considered but not performed",
        "Intubation discussed with family and deferred",
        "CPAP titration",
        "CPAP compliance check",
        "Sleep study with CPAP",
        "History of CPAP",
        "CPAP supplies",
    ],
)
def test_what_only_sounds_like_support_is_none(words: str) -> None:
    assert record_of(procedure(f"text|{words}")).facts["supports"] == ()
