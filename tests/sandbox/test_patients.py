"""The shipped patients: valid, deterministic, of today, and of every kind that is to be shown."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest
from fhir.resources.R4B import get_fhir_model_class

from sandbox.catalog import Resource
from sandbox.story import Story, stories
from sandbox.timeline import resources

NOW = datetime(2026, 11, 22, 14, 0, 30, tzinfo=UTC)
CHARTS = {story.id: resources(story, NOW) for story in stories()}
EVERYTHING = [each for chart in CHARTS.values() for each in chart]
WRITTEN = re.compile(r"20\d\d-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)")


def texts() -> dict[str, str]:
    folder = files("sandbox").joinpath("patients").iterdir()
    found = [each.read_text(encoding="utf-8") for each in folder if each.name.endswith(".toml")]
    return {text.split('id = "')[1].split('"')[0]: text for text in found}


def instants(chart: tuple[Resource, ...]) -> list[datetime]:
    return [datetime.fromisoformat(text) for text in WRITTEN.findall(json.dumps(chart))]


@pytest.mark.parametrize("patient_id", CHARTS)
def test_every_resource_is_valid_r4(patient_id: str) -> None:
    for resource in CHARTS[patient_id]:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)


@pytest.mark.parametrize("patient_id", CHARTS)
def test_nothing_is_charted_after_now(patient_id: str) -> None:
    assert max(instants(CHARTS[patient_id])) <= NOW


@pytest.mark.parametrize("patient_id", CHARTS)
def test_a_chart_is_current(patient_id: str) -> None:
    assert max(instants(CHARTS[patient_id])) >= NOW - timedelta(hours=1, minutes=1)


@pytest.mark.parametrize("patient_id", CHARTS)
def test_ids_are_the_patients_own_and_legal(patient_id: str) -> None:
    own = [each["id"] for each in CHARTS[patient_id] if each["resourceType"] != "Medication"]

    assert all(each.startswith(patient_id) for each in own)
    assert all(re.fullmatch(r"[A-Za-z0-9.-]{1,64}", each) for each in own)


def test_no_two_resources_share_a_type_and_id_with_other_content() -> None:
    by_key = {(each["resourceType"], each["id"]): each for each in EVERYTHING}

    assert all(by_key[each["resourceType"], each["id"]] == each for each in EVERYTHING)


def test_the_same_now_gives_the_same_charts() -> None:
    again = {story.id: resources(story, NOW) for story in stories()}

    assert again == CHARTS


def test_a_later_now_moves_every_time_and_no_id() -> None:
    later = resources(stories()[0], NOW + timedelta(hours=5))
    first = resources(stories()[0], NOW)

    assert [each["id"] for each in later] == [each["id"] for each in first]
    assert instants(later) == [moment + timedelta(hours=5) for moment in instants(first)]


def test_patients_are_called_by_letters_in_order() -> None:
    labels = [story.label for story in stories()]

    assert labels == [chr(ord("A") + index) for index in range(len(labels))]


def test_patients_carry_no_name_but_their_letter() -> None:
    names = [each["name"][0] for each in EVERYTHING if each["resourceType"] == "Patient"]

    assert {name["family"] for name in names} == {"Synthetic"}


@pytest.mark.parametrize("grade", [1, 2, 3, 4])
@pytest.mark.parametrize("syndrome", ["crs", "icans"])
def test_every_grade_is_shown(syndrome: str, grade: int) -> None:
    assert (grade, grade) in {getattr(story.expect, syndrome) for story in stories()}


def test_someone_has_both_and_someone_has_neither() -> None:
    expected = [(story.expect.crs, story.expect.icans) for story in stories()]

    assert ((3, 3), (3, 3)) in expected
    assert ((0, 0), (0, 0)) in expected
    assert (None, None) in expected


@pytest.mark.parametrize("patient_id", CHARTS)
def test_a_file_begins_by_saying_what_is_graded_and_why(patient_id: str) -> None:
    comment = texts()[patient_id].partition("\n\n")[0]

    assert all(line.startswith("# ") for line in comment.splitlines())
    assert "Graded:" in comment or "Edge:" in comment


@pytest.mark.parametrize(("patient_id", "age_y"), [("child", 8), ("none-1", 61), ("ordinary", 74)])
def test_a_patient_is_as_old_as_the_file_says(patient_id: str, age_y: int) -> None:
    birth = datetime.fromisoformat(CHARTS[patient_id][0]["birthDate"]).replace(tzinfo=UTC)

    assert int((NOW - birth).days / 365.25) == age_y


def test_one_chart_is_longer_than_a_page_of_the_bedside_key(everyone: tuple[Story, ...]) -> None:
    longest = max(
        sum(
            each["resourceType"] == "Observation"
            and each["category"][0]["coding"][0]["code"] != "laboratory"
            for each in chart
        )
        for chart in CHARTS.values()
    )

    assert longest > 200
