"""Neurologic checks come in several shapes; a result carries its range."""

from __future__ import annotations

import pytest

from sandbox.story import StoryError
from tests.sandbox.story_text import chart, only

COMPONENTS = "style = { ice = 'components' }\n"
ITEMS = "style = { ice = 'items' }\n"


def test_ice_can_be_one_number() -> None:
    assert only("neuro = [{ at = -1, ICE = 8 }]")["valueInteger"] == 8


def test_ice_can_have_five_components_that_add_up() -> None:
    test = only(COMPONENTS + "neuro = [{ at = -1, ICE = 7, lost = 'writing city naming-2' }]")

    assert test["valueInteger"] == 7
    assert [part["valueInteger"] for part in test["component"]] == [3, 2, 1, 0, 1]


def test_ice_can_be_ten_observations_without_a_total() -> None:
    items = chart(ITEMS + "neuro = [{ at = -1, ICE = 8, lost = 'writing year' }]")

    assert [item["valueInteger"] for item in items] == [0, 1, 1, 1, 1, 1, 1, 1, 0, 1]
    assert {item["category"][0]["coding"][0]["code"] for item in items} == {"survey"}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("{ at = -1, ICE = 8, lost = 'writing' }", "p: neuro at -1 h: ICE 8 does not lose 1"),
        ("{ at = -1, ICE = 9, lost = 'humor' }", "no ICE item is called humor"),
        ("{ at = -1, awakens = 'late' }", "'late' is no answer to awakens"),
    ],
)
def test_a_check_that_cannot_be_is_refused(row: str, message: str) -> None:
    with pytest.raises(StoryError, match=message):
        chart(f"{COMPONENTS}neuro = [{row}]")


@pytest.mark.parametrize(
    ("row", "code", "value"),
    [
        ("CAPD = 10", "capd-total", 10),
        ("RASS = -4", "1345050000", -4),
        ("eye = 3", "9267-6", 3),
        ("CRS_grade = 2", "crs-grade", 2),
        ("ICANS_grade = 1", "icans-grade", 1),
    ],
)
def test_a_score_is_an_integer(row: str, code: str, value: int) -> None:
    check = only(f"neuro = [{{ at = -1, {row} }}]")

    assert (check["code"]["coding"][0]["code"], check["valueInteger"]) == (code, value)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("awakens = 'to voice'", "awakens-to-voice"),
        ("AVPU = 'pain'", "450847001"),
        ("seizure = 'none'", "none"),
        ("motor = 'tremor'", "26079004"),
        ("pressure = 'papilledema'", "423341008"),
    ],
)
def test_a_finding_is_a_coded_answer(row: str, code: str) -> None:
    finding = only(f"neuro = [{{ at = -1, {row} }}]")

    assert finding["valueCodeableConcept"]["coding"][0]["code"] == code


def test_a_result_carries_its_unit_and_range() -> None:
    result = only("labs = [{ at = -1, platelets = 38 }]")

    assert result["valueQuantity"]["code"] == "10*3/uL"
    assert result["referenceRange"][0]["low"]["value"] == 150
    assert result["referenceRange"][0]["high"]["value"] == 400


def test_a_range_with_one_bound_has_one() -> None:
    assert list(only("labs = [{ at = -1, CRP = 8 }]")["referenceRange"][0]) == ["high"]
