"""What every builder needs: moments before `NOW`, concepts, quantities, periods, ids.

A moment is written as the time before `NOW` ("26h", "1d2h", "90m", "0"), after it ("+5m"), or as
FHIR text ("2026-11-19"). A concept is written "system|code" with the short system names of
`fhir_codes`, or "text|words"; several may be joined with spaces between "system|code" parts.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta

from tests.fhir_codes import SYSTEMS, Resource

NOW = datetime(2026, 11, 22, 14, tzinfo=UTC)
NOW_TEXT = "2026-11-22T14:00:00Z"
PATIENT_ID = "patient-a"

_SPAN = re.compile(r"(\d+)([dhms])")
_LENGTH = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_UCUM = "http://unitsofmeasure.org"


def moment(text: str) -> datetime:
    """The instant that a span before (or with "+" after) `NOW` names."""
    parts = _SPAN.findall(text)
    length = sum((timedelta(**{_LENGTH[unit]: int(n)}) for n, unit in parts), timedelta())
    return NOW + length if text.startswith("+") else NOW - length


def at_text(text: str) -> str:
    """FHIR text of a moment; FHIR text is kept as it is."""
    if re.match(r"\d{4}(-|$)", text):
        return text
    return moment(text).strftime("%Y-%m-%dT%H:%M:%SZ")


def concept(written: str) -> Resource:
    """CodeableConcept of "system|code" parts and of one "text|words" part, which comes last."""
    coded, _, words = written.partition("text|")
    pairs = [part.split("|") for part in coded.split()]
    codings = [{"system": SYSTEMS.get(system, system), "code": code} for system, code in pairs]
    return filled({"coding": codings or None, "text": words or None})


def quantity(value: float, unit: str | None) -> Resource:
    """Quantity with its UCUM code; a unit written "unit:x" has no code, None has neither."""
    if unit is None:
        return {"value": value}
    if unit.startswith("unit:"):
        return {"value": value, "unit": unit.removeprefix("unit:")}
    return {"value": value, "unit": unit, "system": _UCUM, "code": unit}


def period(start: str | None, end: str | None) -> Resource:
    """Period between two moments, open where one is None."""
    return {k: at_text(v) for k, v in (("start", start), ("end", end)) if v is not None}


def filled(elements: Resource) -> Resource:
    """The elements without those that are None."""
    return {name: value for name, value in elements.items() if value is not None}


def identified(resource: Resource) -> Resource:
    """The resource with an id made from its content."""
    elements = filled(resource)
    digest = hashlib.sha256(json.dumps(elements, sort_keys=True).encode()).hexdigest()
    return {"resourceType": elements["resourceType"], "id": digest[:16]} | elements


def subject(patient: str = PATIENT_ID) -> Resource:
    """A reference to a patient."""
    return {"reference": f"Patient/{patient}"}
