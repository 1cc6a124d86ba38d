"""The normal range beside a laboratory result: what of it is read, and what tells nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from fhir_mappings.ranges import NO_RANGE
from grading.model import LabResult
from tests.builders import lab, observation
from tests.fhir_basics import quantity
from tests.fhir_mappings.reading import problems, record_of

MEANING = "http://terminology.hl7.org/CodeSystem/referencerange-meaning"
LIMITS = {"low": quantity(15, "ng/mL"), "high": quantity(300, "ng/mL")}
NORMAL = {"type": {"coding": [{"system": MEANING, "code": "normal"}]}}
OTHER = {"type": {"coding": [{"system": MEANING, "code": "treatment"}]}}


def ferritin(*ranges: Any, **elements: Any) -> LabResult:
    record = record_of(lab("ferritin", 900, referenceRange=list(ranges), **elements))
    assert problems(record) == []
    [found] = record.labs["ferritin"]
    return found


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        ([LIMITS], ("15", "300")),
        ([LIMITS | NORMAL], ("15", "300")),
        ([LIMITS | {"type": {"text": "Normal range"}}], ("15", "300")),
        ([{"high": quantity(300, "ng/mL")}], (None, "300")),
        ([{"low": quantity(15, "ng/mL")}], ("15", None)),
        ([{"high": {"value": 300}}], (None, "300")),
        ([{"high": quantity(300, "ug/L")}], (None, "300")),
        ([LIMITS, LIMITS | NORMAL], ("15", "300")),
        ([LIMITS, {"high": quantity(500, "ng/mL")} | OTHER], ("15", "300")),
        ([LIMITS, {"text": "see the handbook"}], ("15", "300")),
    ],
)
def test_a_normal_range_is_read(ranges: list[Any], expected: tuple[str | None, str | None]) -> None:
    found = ferritin(*ranges)

    assert (found.low, found.high) == tuple(each and Decimal(each) for each in expected)
    assert found.unit == "ng/mL"


@pytest.mark.parametrize(
    "ranges",
    [
        [],
        [{"text": "15 - 300 ng/mL"}],
        [LIMITS | OTHER],
        [LIMITS | {"type": {"text": "therapeutic"}}],
        [LIMITS, {"high": quantity(500, "ng/mL")}],
        [{"high": quantity(700, "pmol/L")}],
        [{"high": quantity(2_000_000, "ng/mL")}],
        [{"high": quantity(0, "ng/mL")}],
        [{"low": quantity(300, "ng/mL"), "high": quantity(15, "ng/mL")}],
        [{"high": {"unit": "ng/mL"}}],
        [7],
    ],
)
def test_what_is_no_certain_normal_range_tells_nothing(ranges: list[Any]) -> None:
    found = ferritin(*ranges)

    assert (found.low, found.high) == NO_RANGE


def test_a_limit_is_converted_as_the_result_is() -> None:
    resource = observation(
        "loinc|777-3",
        "1h",
        "laboratory",
        valueQuantity=quantity(32, "10*9/L"),
        referenceRange=[{"low": {"value": 150}, "high": quantity(400_000, "/uL")}],
    )
    [found] = record_of(resource).labs["platelets"]

    assert (found.value, found.low, found.high) == (32_000, 150_000, 400_000)


def test_a_result_without_a_unit_is_not_used_and_a_molar_one_is_not_converted() -> None:
    """READ-16, terminology.md 8: ferritin in pmol/L is never taken for ng/mL."""
    bare = lab("ferritin", 900, valueQuantity=quantity(900, None))
    molar = lab("ferritin", 900, valueQuantity=quantity(900, "pmol/L"))
    record = record_of(bare, molar)

    assert "ferritin" not in {name for name, found in record.labs.items() if found}
    assert problems(record) == [("refused-unit", "ferritin")]


def test_a_result_without_a_number_is_not_used() -> None:
    record = record_of(lab("ferritin", 1, valueQuantity=None, valueString="see comment"))

    assert not record.labs.get("ferritin")


def test_a_component_brings_its_own_range() -> None:
    panel = observation(
        "loinc|24323-8",
        "1h",
        "laboratory",
        component=[
            {
                "code": {"coding": [{"system": "http://loinc.org", "code": "1742-6"}]},
                "valueQuantity": quantity(280, "U/L"),
                "referenceRange": [{"high": quantity(40, "U/L")}],
            }
        ],
    )
    [found] = record_of(panel).labs["alt"]

    assert (found.value, found.high) == (280, 40)
