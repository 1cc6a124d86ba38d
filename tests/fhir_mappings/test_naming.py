"""What a charted concept is called: by its codes, by its words, and what is no such thing."""

from __future__ import annotations

import pytest

from fhir_mappings.codes import CodeableConcept, Coding
from fhir_mappings.naming import is_excluded, observed
from tests.builders import concept, flow, observation, pressure, spo2, temperature
from tests.fhir_codes import Resource
from tests.fhir_mappings.reading import only, record_of


def _concept(written: str) -> CodeableConcept:
    parts = concept(written)
    codings = (Coding(each["system"], each["code"]) for each in parts.get("coding", ()))
    return CodeableConcept(tuple(codings), parts.get("text"))


@pytest.mark.parametrize(
    ("written", "keys"),
    [
        ("loinc|54632-5", ["obs.rass"]),
        ("loinc|54632-5 text|RASS", ["obs.rass"]),
        ("loinc|54632-5 text|Acute onset mental status change [CAM.CMS]", []),
        ("loinc|99999-9 text|Richmond Agitation-Sedation Scale", ["obs.rass"]),
        ("loinc|99999-9 text|RASS goal", []),
        ("loinc|99999-9 text|ICE score", ["obs.ice_score"]),
        ("loinc|99999-9 text|CAPD", ["obs.capd"]),
        ("snomed|99999 text|CRS grade", ["obs.crs_grade_documented"]),
        ("loinc|99999-9 text|Oxygen delivery device", ["obs.o2_device"]),
        ("loinc|99999-9 text|SpO2", []),
        ("loinc|99999-9 text|Temp", []),
    ],
)
def test_words_beside_a_code_that_no_file_lists(written: str, keys: list[str]) -> None:
    """They speak only for what has no code at all (IN-13: match by text as well)."""
    assert list(observed(_concept(written)).keys) == keys


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        ("Oxygen delivery device", ["obs.o2_device"]),
        ("O2 delivery device", ["obs.o2_device"]),
        ("O2 delivery method", ["obs.o2_device"]),
        ("Inhaled oxygen delivery system", ["obs.o2_device"]),
        ("O2 therapy", ["obs.o2_device"]),
        ("Ventilator mode", ["obs.o2_device"]),
        ("Vent mode", ["obs.o2_device"]),
        ("Oxygen delivery index", []),
        ("Oxygen delivery rate", []),
        ("ICE score (assessment method: ASTCT)", ["obs.ice_score"]),
        ("Level of consciousness (site assessment)", ["obs.avpu"]),
        ("Opening pressure (intracranial), LP", ["obs.opening_pressure"]),
        ("CRP, venous blood", ["lab.crp"]),
        ("CRP target", []),
        ("Seizure activity", ["obs.seizure"]),
        ("Seizures during EEG monitoring", ["obs.seizure"]),
        ("Seizure monitoring", []),
        ("Monitor for seizures", []),
        ("Seizure pads", []),
        ("Family seizures", []),
        ("Glasgow Coma Scale", ["obs.gcs"]),
        ("GCS goal", []),
        ("ACVPU", ["obs.avpu"]),
        ("MAP (cuff)", ["obs.bp_mean"]),
        ("Systolic BP, cuff", ["obs.bp_systolic"]),
        ("PA mean pressure", []),
        ("MAP goal", []),
        ("MAP cuff size", []),
        ("Systolic BP alarm limit", []),
    ],
)
def test_words_are_read_unless_they_name_another_thing(words: str, keys: list[str]) -> None:
    """A word such as site, method or cuff excludes nothing but a pressure's own row of it."""
    assert list(observed(CodeableConcept(text=words)).keys) == keys


@pytest.mark.parametrize(
    ("words", "is_read"),
    [
        ("Temp", True),
        ("Temp (Oral)", True),
        ("Temperature (route: oral)", True),
        ("Pulmonary artery temperature", True),
        ("Temperature source", False),
        ("Temp src", False),
        ("Skin temperature", False),
        ("Temperature alarm high limit", False),
        ("Injectate temperature", False),
        ("CRRT blood temperature", False),
        ("Fluid warmer temperature", False),
        ("Set temp", False),
        ("Target temperature", False),
    ],
)
def test_a_temperature_in_words_is_that_of_the_patient(words: str, is_read: bool) -> None:
    found = record_of(temperature(38.6, code=f"text|{words}"))

    assert bool(found.facts["temperatures"]) is is_read


@pytest.mark.parametrize(
    ("code", "is_read"),
    [
        ("loinc|8310-5", True),
        ("loinc|8310-5 loinc|8331-1", True),
        ("loinc|8310-5 loinc|61008-9", False),
        ("loinc|61008-9 loinc|8310-5", False),
        ("loinc|8310-5 loinc|60955-2", False),
    ],
)
def test_an_excluded_code_wins_over_the_one_of_the_profile(code: str, is_read: bool) -> None:
    """Surface and airway temperatures are no fever, though R4 asks for 8310-5 beside them."""
    assert bool(record_of(temperature(38.6, code=code)).facts["temperatures"]) is is_read


# --- what belongs to a panel ---------------------------------------------------------------------


def _with_part(words: str, part: Resource) -> Resource:
    """A component of its own code under a panel that only has words."""
    component = {key: part[key] for key in ("code", "valueQuantity")}
    return observation(f"site|5 text|{words}", "1h", "vital-signs", component=[component])


@pytest.mark.parametrize(
    ("kind", "resource"),
    [
        ("flows", _with_part("O2 delivery method", flow(40))),
        ("spo2", _with_part("Pulmonary assessment", spo2(93))),
        ("spo2", _with_part("Pulse oximetry site", spo2(93))),
        ("spo2", _with_part("Pulmonary artery pressure", spo2(93))),
        ("pressures", pressure(80, 45) | {"code": concept("site|5 text|BP (cuff)")}),
        ("pressures", pressure(80, 45) | {"code": concept("site|5 text|BP method")}),
    ],
)
def test_a_coded_component_is_read_whatever_its_panel_is_called(
    kind: str, resource: Resource
) -> None:
    assert only(kind, resource)


@pytest.mark.parametrize("words", ["Pulmonary artery pressure", "CVP", "BP goal", "BP alarm limit"])
def test_pressures_of_a_panel_that_is_no_arterial_pressure_are_not_read(words: str) -> None:
    panel = pressure(120, 80) | {"code": concept(f"site|5 text|{words}")}

    assert record_of(panel).facts["pressures"] == ()
    assert is_excluded(_concept(f"site|5 text|{words}"))
