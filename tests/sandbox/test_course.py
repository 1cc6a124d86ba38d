"""A chart as series: every habit of charting gives the same points, and nothing is judged."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.course import course, utc
from sandbox.story import read_story
from sandbox.timeline import resources
from tests.sandbox.conftest import NOW

_STORY = """
id = "p"
label = "P"
title = "One of each"
age = 60
sex = "female"
expect = {{ crs = 0, icans = 0 }}
style = {{ ehr = "{ehr}", ice = "{ice}", temperature = "{unit}", offset_h = {offset} }}
infusion = [{{ at = -75, product = "axi-cel", as = "both" }}]
vitals = [{{ at = -2, T = {heat}, BP = "102/60", SpO2 = 93, on = "nasal cannula", flow = 8 }}]
neuro = [{{ at = -1, ICE = 8, lost = "year writing" }}]
labs = [{{ at = -3, CRP = 210, ANC = 0.1 }}]
given = [
  {{ from = -5, drug = "norepinephrine", rate = "4 ug/min" }},
  {{ at = -6, drug = "tocilizumab", dose = "560 mg" }},
  {{ at = -7, drug = "dexamethasone", dose = "10 mg" }},
  {{ at = -8, drug = "acetaminophen", dose = "650 mg", route = "PO" }},
  {{ at = -9, drug = "cefepime", dose = "2 g" }},
]
"""
STYLES = [
    ("plain", "total", "Cel", 38.5, 0),
    ("epic", "items", "[degF]", 101.3, -6),
    ("cerner", "components", "[degF]", 101.3, 9),
]


@pytest.mark.parametrize(("ehr", "ice", "unit", "heat", "offset"), STYLES)
def test_every_habit_of_charting_gives_the_same_series(
    ehr: str, ice: str, unit: str, heat: float, offset: int
) -> None:
    text = _STORY.format(ehr=ehr, ice=ice, unit=unit, heat=heat, offset=offset)
    found = course(resources(read_story(text), NOW))
    values = {name: [point["v"] for point in points] for name, points in found.items()}
    device = values.pop("device")

    assert values == {
        "T": [38.5],
        "systolic": [102],
        "diastolic": [60],
        "MAP": [74],
        "SpO2": [93],
        "flow": [8],
        "ICE": [8],
        "CRP": [210],
        "ANC": [0.1],
        "vasopressor": ["norepinephrine"],
        "tocilizumab": ["tocilizumab"],
        "steroid": ["dexamethasone"],
        "antipyretic": ["acetaminophen"],
    }
    assert [each.lower() for each in device] == ["nasal cannula"]
    assert found["T"][0]["t"] == "2026-11-22T12:00:00Z"
    assert found["MAP"][0]["note"] == "computed from the pair"
    assert found["vasopressor"][0]["dose"] == "4 ug/min"
    assert found["vasopressor"][0]["end"] is None
    assert found["vasopressor"][0]["running"]


def observed(code: str, **rest: Any) -> dict[str, Any]:
    coding = {"system": "http://loinc.org", "code": code}
    when = {"effectiveDateTime": "2026-11-22T12:00:00Z"}
    about = {"resourceType": "Observation", "id": "o", "status": "final"}
    return {**about, "code": {"coding": [coding]}, **when, **rest}


@pytest.mark.parametrize(
    ("ranges", "found"),
    [
        ([{"low": {"value": 200}, "high": {"value": 400}}], {"low": 200, "high": 400}),
        ([{"high": {"value": 5}}, {"high": {"value": 9}}], {"high": 5}),
        ([{"low": {"value": 15}, "high": {"unit": "mg/L"}}], {"low": 15}),
        ([{"text": "see report"}], None),
        ([], None),
    ],
)
def test_a_result_has_the_first_range_that_is_printed_beside_it(
    ranges: list[dict[str, Any]], found: dict[str, int] | None
) -> None:
    result = observed("1988-5", valueQuantity={"value": 7, "unit": "mg/L"}, referenceRange=ranges)
    (point,) = course([result])["CRP"]

    assert point.get("range") == found


TEMPERATURE = {"valueQuantity": {"value": 39, "unit": "Cel"}}


@pytest.mark.parametrize(
    "resource",
    [
        observed("8310-5", **TEMPERATURE, status="entered-in-error"),
        observed("8310-5", **TEMPERATURE, effectiveDateTime="some day"),
        observed("8310-5", valueQuantity={"unit": "Cel"}),
        observed("0000-0", **TEMPERATURE),
        {"resourceType": "Patient", "id": "p", "effectiveDateTime": "2026-11-22"},
    ],
    ids=["entered in error", "no time", "no value", "unknown code", "another type"],
)
def test_what_cannot_be_drawn_is_left_out(resource: dict[str, Any]) -> None:
    assert course([resource]) == {}


def test_a_test_of_nine_items_has_no_sum() -> None:
    text = _STORY.format(ehr="plain", ice="items", unit="Cel", heat=38.5, offset=0)
    chart = [
        each
        for each in resources(read_story(text), NOW)
        if each.get("code", {}).get("text") != "ICE attention"
    ]

    assert "ICE" not in course(chart)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-22T14:00:00+02:00", "2026-11-22T12:00:00Z"),
        ("2026-11-22T12:00:00.500Z", "2026-11-22T12:00:00Z"),
        ("2026-11-22", "2026-11-22T00:00:00Z"),
        ("2026", None),
        ("", None),
    ],
)
def test_times_are_put_into_utc(text: str, instant: str | None) -> None:
    assert utc(text) == instant
