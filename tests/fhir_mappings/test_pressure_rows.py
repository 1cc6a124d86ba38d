"""Blood pressures of Observations: panels, rows alone, words, and means that are calculated."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from grading.model import Remark
from tests.builders import (
    mean_pressure,
    observation,
    pressure,
    quantity,
    spo2,
    temperature,
)
from tests.fhir_basics import concept
from tests.fhir_codes import Resource
from tests.fhir_mappings.reading import only, problems, record_of

# --- a pressure in words -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "flags"),
    [
        ("80/45", (Remark.NO_UNIT, Remark.BY_TEXT)),
        (" 80 / 45 mmHg ", (Remark.BY_TEXT,)),
        ("80/45 mm[Hg]", (Remark.BY_TEXT,)),
    ],
)
def test_a_pressure_may_be_written_as_one_text(words: str, flags: tuple[str, ...]) -> None:
    found = only("pressures", pressure(None, component=None, valueString=words))

    assert (found.sbp, found.dbp, found.mean) == (80, 45, None)
    assert found.flags == flags


@pytest.mark.parametrize(
    ("elements", "problem"),
    [
        ({"valueString": "80"}, "refused-value"),
        ({"valueString": "80/45 kPa"}, "refused-value"),
        ({"valueString": "80/45/60"}, "refused-value"),
        ({"valueString": "low"}, "refused-value"),
        ({"valueString": "20/10"}, "refused-range"),
        ({"valueString": "80/05"}, "refused-range"),
        ({"valueQuantity": quantity(80, "mm[Hg]")}, "refused-value"),
    ],
)
def test_what_is_no_pressure_in_words_is_refused(elements: Resource, problem: str) -> None:
    record = record_of(pressure(None, component=None, **elements))

    assert problems(record) == [(problem, "blood-pressure")]
    assert record.facts["pressures"] == ()


@pytest.mark.parametrize("status", ["final", "preliminary"])
def test_words_beside_the_pressures_themselves_are_not_read(status: str) -> None:
    record = record_of(pressure(118, 70, valueString="80/45", status=status))

    assert problems(record) == []
    assert [each.sbp for each in record.facts["pressures"]] == [118]


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled", "registered", "unknown"])
def test_a_status_that_never_counts_is_no_problem(status: str) -> None:
    record = record_of(temperature(39, status=status))

    assert record.issues == ()
    assert record.facts["temperatures"] == ()


def test_a_number_may_be_sent_as_an_integer() -> None:
    """Without a unit, so it is marked; a pressure too, alone or as a component (DEF-1, READ-16)."""
    fever = record_of(observation("loinc|8310-5", "1h", "vital-signs", valueInteger=39))
    systolic = {"code": concept("loinc|8480-6"), "valueInteger": 84}
    reading = record_of(observation("loinc|85354-9", "1h", "vital-signs", component=[systolic]))
    alone = record_of(observation("loinc|8480-6", "1h", "vital-signs", valueInteger=84))

    assert [(item.value, item.flags) for item in fever.facts["temperatures"]] == [
        (Decimal(39), (Remark.NO_UNIT,))
    ]
    for record in (reading, alone):
        assert [(item.sbp, item.flags) for item in record.facts["pressures"]] == [
            (Decimal(84), (Remark.NO_UNIT,))
        ]


def test_a_word_in_place_of_a_number_is_refused() -> None:
    spoken = {"code": concept("loinc|8480-6"), "valueString": "low"}
    record = record_of(observation("loinc|85354-9", "1h", "vital-signs", component=[spoken]))

    assert record.facts["pressures"] == ()
    assert problems(record) == [("refused-value", "blood-pressure")]


@pytest.mark.parametrize(
    "resource",
    [
        temperature(38, valueQuantity=None),
        temperature(38, valueQuantity={"unit": "Cel"}),
        observation("loinc|9999-9", "1h", "vital-signs", valueQuantity=quantity(38, "Cel")),
        observation("loinc|9999-9 text|Temperature", "1h", "exam", valueInteger=38),
        observation("loinc|60955-2", "1h", "vital-signs", valueQuantity=quantity(39, "Cel")),
        observation("site|1 text|Skin temperature", "1h", "exam", valueInteger=38),
        observation("loinc|96607-7", "1h", "vital-signs"),
        observation("loinc|96608-5", "1h", "vital-signs", valueQuantity=quantity(80, "mm[Hg]")),
        observation("loinc|2708-6", "1h", "laboratory", valueQuantity=quantity(60, "%")),
        temperature(38, code=""),
        {"resourceType": "Observation", "status": "final"},
    ],
)
def test_what_says_nothing_to_a_grade_is_passed_over(resource: Resource) -> None:
    record = record_of(resource)

    assert not any(record.facts.values())
    assert record.issues == ()


def test_two_codes_of_one_concept_are_one_value() -> None:
    assert only("spo2", spo2(91)).value == 91


# --- pressures -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resource", "sbp", "mean", "dbp"),
    [
        (pressure(118, 72), 118, None, 72),
        (pressure(118, 72, 87), 118, 87, 72),
        (pressure(None, None, 64), None, 64, None),
        (mean_pressure(64), None, 64, None),
        (
            observation("loinc|8480-6", "1h", "vital-signs", valueQuantity=quantity(88, "mm[Hg]")),
            88,
            None,
            None,
        ),
        (
            observation("site|5 text|BP systolic", "1h", "exam", valueQuantity=quantity(88, None)),
            88,
            None,
            None,
        ),
        (
            observation("text|MAP (mmHg)", "1h", "exam", valueQuantity=quantity(64, "mm[Hg]")),
            None,
            64,
            None,
        ),
        (
            observation("text|PA mean pressure", "1h", "exam", valueQuantity=quantity(40, None)),
            ...,
            ...,
            ...,
        ),
    ],
)
def test_pressures_of_one_observation_are_one_reading(
    resource: Resource, sbp: Any, mean: Any, dbp: Any
) -> None:
    found = [(p.sbp, p.mean, p.dbp) for p in record_of(resource).facts["pressures"]]

    assert found == ([] if sbp is ... else [(sbp, mean, dbp)])


@pytest.mark.parametrize(
    ("code", "readings"),
    [
        ("loinc|85354-9", 1),
        ("site|5 text|Blood pressure", 1),
        ("loinc|76284-9", 0),
        ("loinc|60985-9", 0),
        ("site|9 text|Pulmonary artery pressure", 0),
    ],
)
def test_components_of_a_pressure_elsewhere_are_not_read(code: str, readings: int) -> None:
    panel = pressure(60, 40) | {"code": concept(code)}

    assert len(record_of(panel).facts["pressures"]) == readings


def test_of_two_systolic_pressures_in_one_observation_the_lower_counts() -> None:
    twice = pressure(118, 72)
    again = {"code": twice["component"][0]["code"], "valueQuantity": quantity(88, "mm[Hg]")}
    twice["component"].append(again)

    assert only("pressures", twice).sbp == 88


def test_a_pressure_without_unit_is_marked() -> None:
    bare = observation("loinc|8480-6", "1h", "vital-signs", valueQuantity=quantity(88, None))

    assert only("pressures", bare).flags == (Remark.NO_UNIT,)


def _mean(code: str, **more: Any) -> Resource:
    return observation(code, "1h", "exam", valueQuantity=quantity(58, "mm[Hg]")) | more


@pytest.mark.parametrize(
    ("resource", "is_calculated"),
    [
        (_mean("text|MAP (Calculated)"), True),
        (_mean("loinc|8478-0 text|MAP (calc)"), True),
        (_mean("loinc|8478-0", method={"text": "Calculated"}), True),
        (_mean("text|Derived MAP"), True),
        (_mean("text|MAP"), False),
        (_mean("loinc|8478-0 text|MAP"), False),
        (_mean("loinc|8478-0", method={"text": "Oscillometry"}), False),
    ],
)
def test_a_mean_pressure_that_is_charted_as_calculated_says_so(
    resource: Resource, is_calculated: bool
) -> None:
    """DEF-2: such a one never decides beside a systolic pressure."""
    fact = only("pressures", resource)

    assert (fact.sbp, fact.mean) == (None, 58)
    assert (Remark.CALCULATED in fact.flags) is is_calculated


def test_a_calculated_mean_of_a_panel_is_kept_apart() -> None:
    parts = (("8480-6", 98, None), ("8462-4", 38, None), ("8478-0", 58, "MAP (calculated)"))
    components = [
        {
            "code": concept(f"loinc|{code}") | ({"text": text} if text else {}),
            "valueQuantity": quantity(value, "mm[Hg]"),
        }
        for code, value, text in parts
    ]
    panel = observation("loinc|85354-9", "1h", "vital-signs", component=components)
    found = record_of(panel).facts["pressures"]

    assert {(each.sbp, each.mean, Remark.CALCULATED in each.flags) for each in found} == {
        (98, None, False),
        (None, 58, True),
    }


@pytest.mark.parametrize(
    ("row", "pressure"),
    [
        ("NIBP Mean", (None, 58)),
        ("ABP Mean", (None, 58)),
        ("Mean NIBP", (None, 58)),
        ("BP Mean", (None, 58)),
        ("BP - mean", (None, 58)),
        ("Art mean", (None, 58)),
        ("Systolic BP (after 5 min)", (58, None)),
        ("NIBP systolic q15 min", (58, None)),
        ("Left leg systolic BP", (58, None)),
        ("Mean airway pressure", None),
        ("RV systolic pressure", None),
        ("RVSP systolic", None),
        ("Right ankle systolic BP", None),
        ("Min systolic BP (24 h)", None),
        ("Lowest systolic BP", None),
        ("24 hour BP mean", None),
        ("Average systolic BP", None),
    ],
)
def test_a_row_of_pressure_by_its_words(row: str, pressure: tuple[Any, Any] | None) -> None:
    """Pressures elsewhere, and those of no one time, are none of the arteries of now."""
    found = record_of(_mean(f"text|{row}")).facts["pressures"]

    assert [(each.sbp, each.mean) for each in found] == ([pressure] if pressure else [])
