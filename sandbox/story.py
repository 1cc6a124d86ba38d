"""Reads a patient's timeline from TOML.

All times in a timeline are hours from now, so `-75` is 75 hours ago and `0` is now. A row says
`at` one or several hours; or `from`, `to` and `every`, which repeats it; or `from` and `to` alone,
which is something that lasted (without `to` it still does). Where a value is a list, its members
are charted in turn. `sandbox/patients/README.md` lists the columns.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from importlib.resources import files
from typing import Any, Final


class StoryError(ValueError):
    """A timeline cannot be read; the message names the patient and the row."""


class Ehr(StrEnum):
    """Whose habits of charting a patient's chart has."""

    PLAIN = "plain"
    """LOINC alone, coded devices."""
    EPIC = "epic"
    """Flowsheet codes and the umbrella code first; devices as text; medications by reference."""
    CERNER = "cerner"
    """Proprietary codes first; `degC`, `mmHg`; contained medications."""


class Scale(StrEnum):
    """UCUM unit of the temperatures on a chart."""

    CELSIUS = "Cel"
    FAHRENHEIT = "[degF]"


class IceShape(StrEnum):
    """How an ICE test is charted."""

    TOTAL = "total"
    COMPONENTS = "components"
    """The total with its five groups as components."""
    ITEMS = "items"
    """Ten Observations without a total."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a chart is written. `offset_h`: hours of its clock from UTC."""

    ehr: Ehr = Ehr.PLAIN
    temperature: Scale = Scale.CELSIUS
    ice: IceShape = IceShape.TOTAL
    offset_h: int = 0


@dataclass(frozen=True, slots=True)
class Expect:
    """Grades that the service should give as (lo, hi); None: the patient is out of scope."""

    crs: tuple[int, int] | None
    icans: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One row at one time. `lasting`: it began at `start` and ended at `end` (None: it goes on)."""

    section: str
    start: Decimal
    end: Decimal | None
    lasting: bool
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft order as columns; `rules`: those that the service should name for it."""

    fields: Mapping[str, Any]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """Orders that are drafted together: the first is selected, then all are signed."""

    title: str
    drafts: tuple[Draft, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """A synthetic patient: who, what should be graded, and the chart as entries in file order."""

    id: str
    label: str
    title: str
    age_y: int
    sex: str
    style: Style
    expect: Expect
    entries: tuple[Entry, ...]
    scenarios: tuple[Scenario, ...]


_TIMES: Final = frozenset({"at", "from", "to", "every"})
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "infusion": ("product", "as", "day_only"),
    "vitals": ("T", "BP", "MAP", "HR", "SpO2", "on", "flow", "FiO2", "weight", "weight_lb"),
    "neuro": (
        *("ICE", "lost", "CAPD", "awakens", "AVPU", "RASS", "eye", "seizure", "motor", "pressure"),
        *("CRS_grade", "ICANS_grade"),
    ),
    "labs": (
        *("CRP", "ferritin", "fibrinogen", "platelets", "ANC", "Hb", "ALT", "AST", "LDH"),
        *("triglycerides", "creatinine"),
    ),
    "given": ("drug", "dose", "rate", "route", "status"),
    "orders": ("drug", "dose", "route", "sig", "test"),
    "conditions": ("name",),
    "procedures": ("name",),
    "reports": ("test", "conclusion", "answer"),
}
DRAFT_COLUMNS: Final = ("drug", "dose", "route", "sig", "every_h", "reason", "test")
_HEAD: Final = frozenset({"id", "label", "title", "age", "sex", "style", "expect", "scenarios"})


def stories() -> tuple[Story, ...]:
    """Every patient of the package, in the order of their labels."""
    folder = files("sandbox").joinpath("patients").iterdir()
    texts = [each.read_text(encoding="utf-8") for each in folder if each.name.endswith(".toml")]
    return tuple(sorted(map(read_story, texts), key=lambda story: story.label))


def read_story(text: str) -> Story:
    """A patient from TOML; raises `StoryError` on a missing, unknown or misplaced key."""
    data = tomllib.loads(text, parse_float=Decimal)
    who = str(data.get("id", "a patient without id"))
    if unknown := set(data) - _HEAD - set(COLUMNS):
        raise StoryError(f"{who}: no such section as {', '.join(sorted(unknown))}")
    try:
        return Story(
            id=data["id"],
            label=data["label"],
            title=data["title"],
            age_y=data["age"],
            sex=data["sex"],
            style=_style(who, data.get("style", {})),
            expect=Expect(_grade(data["expect"], "crs"), _grade(data["expect"], "icans")),
            entries=tuple(
                entry
                for section in COLUMNS
                for row in data.get(section, ())
                for entry in _entries(who, section, row)
            ),
            scenarios=tuple(_scenario(who, row) for row in data.get("scenarios", ())),
        )
    except KeyError as error:
        raise StoryError(f"{who}: {error} is missing") from error


def _style(who: str, row: Mapping[str, Any]) -> Style:
    if unknown := set(row) - {"ehr", "temperature", "ice", "offset_h"}:
        raise StoryError(f"{who}: style has no {', '.join(sorted(unknown))}")
    try:
        return Style(
            Ehr(row.get("ehr", Ehr.PLAIN)),
            Scale(row.get("temperature", Scale.CELSIUS)),
            IceShape(row.get("ice", IceShape.TOTAL)),
            row.get("offset_h", 0),
        )
    except ValueError as error:
        raise StoryError(f"{who}: style: {error}") from error


def _scenario(who: str, row: Mapping[str, Any]) -> Scenario:
    return Scenario(row["title"], tuple(_draft(who, draft) for draft in row["drafts"]))


def _draft(who: str, row: Mapping[str, Any]) -> Draft:
    if unknown := set(row) - {*DRAFT_COLUMNS, "rules"}:
        raise StoryError(f"{who}: a draft has no column {', '.join(sorted(unknown))}: {row}")
    fields = {key: value for key, value in row.items() if key != "rules"}
    return Draft(fields, tuple(row.get("rules", ())))


def _grade(row: Mapping[str, Any], syndrome: str) -> tuple[int, int] | None:
    match row[syndrome]:
        case int(grade):
            return grade, grade
        case [int(low), int(high)]:
            return low, high
        case "out-of-scope":
            return None
        case other:
            raise StoryError(f"{other!r} is no grade: write 2, [0, 2] or 'out-of-scope'")


def _entries(who: str, section: str, row: Mapping[str, Any]) -> Iterator[Entry]:
    if unknown := set(row) - _TIMES - set(COLUMNS[section]):
        raise StoryError(f"{who}: {section} has no column {', '.join(sorted(unknown))}: {row}")
    columns = {key: value for key, value in row.items() if key not in _TIMES}
    lasting = "at" not in row and "every" not in row
    end = Decimal(row["to"]) if lasting and "to" in row else None
    for index, start in enumerate(_hours(who, section, row)):
        fields = {key: _in_turn(value, index) for key, value in columns.items()}
        yield Entry(section, start, end, lasting, fields)


def _hours(who: str, section: str, row: Mapping[str, Any]) -> tuple[Decimal, ...]:
    if "at" in row:
        hours = row["at"]
        return tuple(map(Decimal, hours if isinstance(hours, list) else [hours]))
    if "from" not in row:
        raise StoryError(f"{who}: {section} has a row without a time: {row}")
    start = Decimal(row["from"])
    if "every" not in row:
        return (start,)
    steps = int((Decimal(row.get("to", 0)) - start) / Decimal(row["every"]))
    return tuple(start + index * Decimal(row["every"]) for index in range(steps + 1))


def _in_turn(value: Any, index: int) -> Any:
    return value[index % len(value)] if isinstance(value, list) else value
