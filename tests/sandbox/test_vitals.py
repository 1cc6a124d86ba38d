"""Vital signs are written as each kind of EHR writes them."""

from __future__ import annotations

import pytest

from sandbox.catalog import Resource
from tests.sandbox.story_text import chart, only

EPIC = "style = { ehr = 'epic' }\n"
CERNER = "style = { ehr = 'cerner' }\n"


def codes(resource: Resource) -> list[str]:
    return [coding["code"] for coding in resource["code"]["coding"]]


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("", ["8310-5"]),
        (EPIC, ["6", "8310-5", "8716-3"]),
        (CERNER, ["703558", "8331-1", "8310-5"]),
    ],
)
def test_the_codings_of_a_temperature_follow_the_ehr(style: str, expected: list[str]) -> None:
    assert codes(only(style + "vitals = [{ at = -1, T = 38.0 }]")) == expected


@pytest.mark.parametrize(
    ("style", "unit", "code"),
    [
        ("", "Cel", "Cel"),
        (CERNER, "degC", "Cel"),
        ("style = { temperature = '[degF]' }\n", "[degF]", "[degF]"),
        ("style = { ehr = 'cerner', temperature = '[degF]' }\n", "degF", "[degF]"),
    ],
)
def test_a_temperature_keeps_the_unit_of_its_chart(style: str, unit: str, code: str) -> None:
    value = only(style + "vitals = [{ at = -1, T = 38.4 }]")["valueQuantity"]

    assert value == {
        "value": 38.4,
        "unit": unit,
        "system": "http://unitsofmeasure.org",
        "code": code,
    }


def test_a_charted_mean_is_a_component_of_the_pressure() -> None:
    parts = only("vitals = [{ at = -1, BP = '92/50 (64)' }]")["component"]

    assert [(part["code"]["text"], part["valueQuantity"]["value"]) for part in parts] == [
        ("Systolic blood pressure", 92),
        ("Diastolic blood pressure", 50),
        ("Mean arterial pressure", 64),
    ]


def test_a_charted_mean_stands_apart_on_an_epic_like_chart() -> None:
    pressure, mean = chart(EPIC + "vitals = [{ at = -1, BP = '92/50 (64)' }]")

    assert len(pressure["component"]) == 2
    assert codes(mean) == ["301360", "8478-0", "8716-3"]
    assert mean["valueQuantity"]["value"] == 64


def test_a_cerner_like_chart_says_mmhg() -> None:
    part = only(CERNER + "vitals = [{ at = -1, BP = '92/50' }]")["component"][0]

    assert (part["valueQuantity"]["unit"], part["valueQuantity"]["code"]) == ("mmHg", "mm[Hg]")


def test_oxygen_flow_and_fio2_are_components_of_spo2() -> None:
    parts = only("vitals = [{ at = -1, SpO2 = 93, flow = 6.0, FiO2 = 40 }]")["component"]

    assert [part["valueQuantity"]["value"] for part in parts] == [6.0, 40]


@pytest.mark.parametrize(
    "rows",
    [
        EPIC + "vitals = [{ at = -1, SpO2 = 93, flow = 6 }]",
        "vitals = [{ at = -1, HR = 90, flow = 6 }]",
    ],
)
def test_oxygen_flow_stands_apart_on_an_epic_like_chart_and_without_spo2(rows: str) -> None:
    assert codes(chart(rows)[1])[-2:].count("3151-8") == 1


@pytest.mark.parametrize(
    ("style", "value"),
    [
        (EPIC, {"valueString": "Nasal cannula"}),
        (CERNER, {"valueCodeableConcept": {"text": "Nasal cannula"}}),
        (
            "",
            {
                "valueCodeableConcept": {
                    "coding": [
                        {
                            "system": "http://snomed.info/sct",
                            "code": "336623009",
                            "display": "Oxygen nasal cannula",
                        }
                    ],
                    "text": "nasal cannula",
                }
            },
        ),
    ],
)
def test_a_device_is_text_or_coded(style: str, value: Resource) -> None:
    assert value.items() <= only(style + "vitals = [{ at = -1, on = 'nasal cannula' }]").items()


def test_a_device_the_catalog_does_not_know_is_charted_as_said() -> None:
    device = only("vitals = [{ at = -1, on = 'helmet' }]")

    assert device["valueCodeableConcept"] == {"text": "helmet"}


def test_a_weight_in_pounds_says_so() -> None:
    weight = only("vitals = [{ at = -1, weight_lb = 154 }]")

    assert weight["valueQuantity"]["code"] == "[lb_av]"


def test_weight_heart_rate_and_mean_are_observations_of_their_own() -> None:
    written = chart("vitals = [{ at = -1, HR = 90, MAP = 66, weight = 70.5 }]")

    assert [codes(each)[0] for each in written] == ["8867-4", "8478-0", "29463-7"]
