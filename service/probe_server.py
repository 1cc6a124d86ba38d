"""What a FHIR server says of itself, and which of its patients the probe looks at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import msgspec

from cards.unread import reason_text
from fhir_mappings.bundle import read_page
from fhir_mappings.codes import SHIPPED
from fhir_mappings.errors import MappingError
from fhir_mappings.keys import KEYS
from fhir_mappings.resources import (
    MedicationAdministration,
    Observation,
    Procedure,
)
from service.access import Access, ReadError
from service.fhir_client import FhirClient, Query

PAGE: Final = "50"
_Dated = MedicationAdministration | Procedure | Observation
_PATIENT = re.compile(r"(?:^|/)Patient/([^/|]+)")


# --- the CapabilityStatement ---------------------------------------------------------------------


class _Named(msgspec.Struct, frozen=True):
    name: str = ""
    version: str = ""


class _Resource(msgspec.Struct, rename="camel"):
    type: str = ""
    search_param: tuple[_Named, ...] = ()


class _Rest(msgspec.Struct):
    resource: tuple[_Resource, ...] = ()


class _Statement(msgspec.Struct, rename="camel"):
    fhir_version: str = ""
    software: _Named = _Named()
    rest: tuple[_Rest, ...] = ()


@dataclass(frozen=True, slots=True)
class Server:
    """A server as its CapabilityStatement has it; `problem`: why that could not be read.

    `undeclared`: by prefetch key, the search parameters that it does not declare for it.
    """

    software: str = ""
    fhir_version: str = ""
    undeclared: tuple[tuple[str, tuple[str, ...]], ...] = ()
    problem: str = ""


def read_server(client: FhirClient, access: Access) -> Server:
    """Read the CapabilityStatement; what it lacks, or that it cannot be read, is told."""
    try:
        statement = msgspec.json.decode(
            client.get(access, f"{access.base}/metadata"), type=_Statement
        )
    except ReadError as error:
        return Server(problem=error.kind)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return Server(problem="not-fhir")
    software = f"{statement.software.name} {statement.software.version}".strip()
    return Server(software, statement.fhir_version, tuple(_undeclared(statement)))


def _undeclared(statement: _Statement) -> Iterator[tuple[str, tuple[str, ...]]]:
    declared = {
        each.type: {parameter.name for parameter in each.search_param}
        for rest in statement.rest
        for each in rest.resource
    }
    for spec in KEYS.values():
        if spec.resource_type not in declared:
            yield spec.name, (spec.resource_type,)
            continue
        wanted = ("patient", *(name for name, _ in spec.query if not name.startswith("_")))
        lacking = tuple(name for name in wanted if name not in declared[spec.resource_type])
        if lacking and spec.query:
            yield spec.name, lacking


# --- a patient to look at ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chosen:
    """A patient, and how it was found."""

    patient_id: str
    how: str


class NoPatientError(Exception):
    """No patient was found; the text says what each search gave."""


def choose_patient(client: FhirClient, access: Access) -> Chosen:
    """The patient of the newest CAR-T infusion, else one with vital signs.

    Raises:
        NoPatientError: none of the searches gave one.
    """
    tried = []
    for how, resource_type, query in _SEARCHES:
        try:
            page = read_page(client.get(access, f"{access.base}/{resource_type}", query))
        except ReadError as error:
            tried.append(f"{how}: {reason_text(error.kind)}")
            continue
        except MappingError:
            tried.append(f"{how}: {reason_text('not-json')}")
            continue
        found = [each for each in page.resources if isinstance(each, _Dated) and _patient(each)]
        if found:
            return Chosen(_patient(max(found, key=_time)), how)
        tried.append(f"{how}: nothing found")
    raise NoPatientError("; ".join(tried))


def _cart_procedures() -> str:
    entries = SHIPPED.sets["proc.cart_infusion"].entries
    return ",".join(entry.code for entry in entries if entry.verified)


def _codes(key: str) -> str:
    return dict(KEYS[key].query)["code"]


_NEWEST: Query = (("_sort", "-date"), ("_count", PAGE))
_SEARCHES: tuple[tuple[str, str, Query], ...] = (
    (
        "newest CAR-T product given",
        "MedicationAdministration",
        (("code", _codes("infusions")), ("_count", PAGE)),
    ),
    ("newest CAR-T procedure", "Procedure", (("code", _cart_procedures()), *_NEWEST)),
    (
        "newest body temperature",
        "Observation",
        (("code", ",".join(SHIPPED.codes("obs.body_temperature", "loinc"))), *_NEWEST),
    ),
    ("newest vital sign", "Observation", (("category", "vital-signs"), *_NEWEST)),
)


def _patient(resource: _Dated) -> str:
    reference = resource.subject.reference if resource.subject is not None else None
    found = _PATIENT.search(reference or "")
    return found[1] if found else ""


def _time(resource: _Dated) -> str:
    """When it was, as written: good enough to choose by."""
    if isinstance(resource, Procedure):
        at, period = resource.performed_date_time, resource.performed_period
    else:
        at, period = resource.effective_date_time, resource.effective_period
    return at or (period.start if period is not None else None) or ""
