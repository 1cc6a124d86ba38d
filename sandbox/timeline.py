"""Expands a patient's timeline to FHIR R4 resources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from sandbox.catalog import CatalogError, Resource
from sandbox.chart import Chart
from sandbox.exams import write_labs, write_neuro
from sandbox.story import Entry, Story, StoryError
from sandbox.treatments import (
    write_condition,
    write_given,
    write_infusion,
    write_order,
    write_procedure,
    write_report,
)
from sandbox.vitals import write_vitals

WRITERS: Final[Mapping[str, Callable[[Chart, Entry], None]]] = {
    "infusion": write_infusion,
    "vitals": write_vitals,
    "neuro": write_neuro,
    "labs": write_labs,
    "given": write_given,
    "orders": write_order,
    "conditions": write_condition,
    "procedures": write_procedure,
    "reports": write_report,
}
_HEALTH_TEST: Final = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason",
    "code": "HTEST",
    "display": "test health data",
}


def resources(story: Story, now: datetime) -> tuple[Resource, ...]:
    """The whole chart, the Patient first; the same story and `now` give the same resources.

    Raises `StoryError` where a row names what the catalog does not have.
    """
    chart = Chart(story, now)
    for entry in story.entries:
        try:
            WRITERS[entry.section](chart, entry)
        except CatalogError as error:
            raise StoryError(f"{story.id}: {entry.section} at {entry.start} h: {error}") from error
    return (_patient(story, chart), *chart.resources)


def _patient(story: Story, chart: Chart) -> Resource:
    return {
        "resourceType": "Patient",
        "id": story.id,
        "meta": {"tag": [_HEALTH_TEST]},
        "active": True,
        "name": [{"text": f"Patient {story.label}", "family": "Synthetic", "given": [story.label]}],
        "gender": story.sex,
        "birthDate": chart.birth_date(),
    }
