"""Writes neurologic checks and laboratory results."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from sandbox.catalog import CATALOG, CatalogError, Resource, concept, entry, number, quantity
from sandbox.chart import Chart
from sandbox.story import Entry, IceShape

_PLAIN: Final = ("CAPD", "RASS", "eye", "CRS_grade", "ICANS_grade")
_WORDS: Final = ("awakens", "AVPU", "seizure", "motor", "pressure")


def write_neuro(chart: Chart, row: Entry) -> None:
    """Adds the Observations of one neurologic check."""
    if "ICE" in row.fields:
        _ice(chart, row)
    for name in _PLAIN:
        if name in row.fields:
            _observe(chart, row, name, valueInteger=row.fields[name])
    for name in _WORDS:
        if name in row.fields:
            _observe(chart, row, name, valueCodeableConcept=_answer(name, row.fields[name]))


def write_labs(chart: Chart, row: Entry) -> None:
    """Adds one laboratory Observation for each result, with the range printed beside it."""
    for name, value in row.fields.items():
        test = entry("lab", name)
        bounds = {
            bound: quantity(test[bound], test["unit"]) for bound in ("low", "high") if bound in test
        }
        chart.observe(
            "laboratory",
            row.start,
            concept(name, test["coding"]),
            valueQuantity=quantity(value, test["unit"]),
            referenceRange=[bounds],
        )


def _observe(chart: Chart, row: Entry, name: str, **rest: object) -> None:
    kind = entry("exam", name)
    chart.observe(kind["category"], row.start, concept(kind["text"], *kind["codings"]), **rest)


def _answer(name: str, words: str) -> Resource:
    answers = entry("exam", name)["answers"]
    if words not in answers:
        raise CatalogError(f"{words!r} is no answer to {name}; known are {', '.join(answers)}")
    return concept(words, answers[words])


def _ice(chart: Chart, row: Entry) -> None:
    """The total alone; the total with five components; or the ten items without a total."""
    lost = row.fields.get("lost", "").split()
    total = row.fields["ICE"]
    if chart.style.ice is IceShape.TOTAL:
        _observe(chart, row, "ICE", valueInteger=total)
        return
    if unknown := set(lost) - set(CATALOG["ice"]["items"]):
        raise CatalogError(f"no ICE item is called {', '.join(sorted(unknown))}")
    if total != 10 - len(lost):
        raise CatalogError(f"ICE {total} does not lose {len(lost)} points: {lost}")
    if chart.style.ice is IceShape.COMPONENTS:
        parts = [_item(code, points) for code, points in _groups(lost).items()]
        _observe(chart, row, "ICE", valueInteger=total, component=parts)
        return
    for name, code in CATALOG["ice"]["items"].items():
        item = _item(code, int(name not in lost))
        chart.observe("survey", row.start, item.pop("code"), **item)


def _groups(lost: list[str]) -> dict[str, int]:
    """Points of the five groups after those of the lost items are taken off."""
    items: dict[str, Any] = CATALOG["ice"]["items"]
    points: dict[str, int] = dict(CATALOG["ice"]["groups"])
    for name in lost:
        points[next(group for group in points if items[name].startswith(group))] -= 1
    return points


def _item(code: str, points: Decimal | int) -> Resource:
    display = code.replace("-", " ").replace("ice", "ICE")
    return {"code": concept(display, f"local|{code}|{display}"), "valueInteger": number(points)}
