"""Reads resources as one delivered page, for the tests of what they are read as."""

from __future__ import annotations

import json
from typing import Any

from fhir_mappings import KeyRead, PatientRecord, build_record, read_page
from fhir_mappings.times import UTC_ZONE, to_instant
from tests.fhir_basics import NOW, PATIENT_ID, moment
from tests.fhir_codes import Resource

NOW_AT = to_instant(NOW)


def page(*resources: Resource) -> bytes:
    """A searchset of the resources, as a server sends it."""
    entries = [{"resource": resource} for resource in resources]
    return json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": entries}).encode()


def record_of(*resources: Resource | list[Resource], key: str = "bedside") -> PatientRecord:
    """The record of Patient A with these resources, delivered under one key; zone UTC."""
    flat = [one for item in resources for one in (item if isinstance(item, list) else [item])]
    read = KeyRead((read_page(page(*flat)),))
    return build_record({key: read}, PATIENT_ID, UTC_ZONE)


def only(kind: str, *resources: Resource | list[Resource]) -> Any:
    """The one fact of a kind that the resources are read as."""
    (fact,) = record_of(*resources).facts[kind]
    return fact


def problems(record: PatientRecord) -> list[tuple[str, str]]:
    """Kind and label of each data issue."""
    return [(issue.kind.value, issue.label) for issue in record.issues]


def ago(span: str) -> int:
    """The instant that a span before now names."""
    return to_instant(moment(span))
