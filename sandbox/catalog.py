"""What this EHR calls the things it charts, and how it codes them (`catalog.toml`)."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from importlib.resources import files
from typing import Any, Final

Resource = dict[str, Any]
"""A FHIR resource, or a part of one, as JSON data."""


class CatalogError(ValueError):
    """A chart names something that the catalog does not have."""


CATALOG: Final[dict[str, Any]] = tomllib.loads(
    files("sandbox").joinpath("catalog.toml").read_text(encoding="utf-8"), parse_float=Decimal
)
UMBRELLA: Final = "loinc|8716-3|Vital signs"
"""Written on every vital sign of an Epic-like chart; says nothing of which one it is."""


def entry(kind: str, name: str) -> Any:
    """The catalog's row of that kind and name; raises `CatalogError` where there is none."""
    try:
        return CATALOG[kind][name]
    except KeyError as error:
        known = ", ".join(CATALOG.get(kind, ()))
        raise CatalogError(f"no {kind} is called {name!r}; known are {known}") from error


def coding(text: str) -> Resource:
    """A FHIR Coding from `system|code|display`."""
    system, code, display = text.split("|")
    return {"system": CATALOG["systems"][system], "code": code, "display": display}


def concept(text: str, *codings: str) -> Resource:
    """A CodeableConcept; with no codings it is text alone."""
    if not codings:
        return {"text": text}
    return {"coding": [coding(each) for each in codings], "text": text}


def quantity(value: Decimal | int, unit: str, ucum: str | None = None) -> Resource:
    """A Quantity whose UCUM code is its unit, unless they differ."""
    return {
        "value": number(value),
        "unit": unit,
        "system": "http://unitsofmeasure.org",
        "code": ucum or unit,
    }


def number(value: Decimal | int) -> float | int:
    """A JSON number that prints as it was charted."""
    return value if isinstance(value, int) else float(value)


def amount(text: str) -> Resource:
    """A Quantity from `560 mg`; raises `CatalogError` where that is not a number and a unit."""
    value, _, unit = text.partition(" ")
    if not value.replace(".", "", 1).isdigit() or not unit:
        raise CatalogError(f"{text!r} is not a number and a unit")
    return quantity(Decimal(value), unit)
