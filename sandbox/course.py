"""A chart as series over time: what the plot draws. It reads what this EHR's catalog can name.

The EHR draws what is charted and judges nothing; grades come from the CDS service alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from sandbox.catalog import CATALOG, Resource, coding, entry

_ICE_POINTS: Final = 10
_FLUSH: Final = ("entered-in-error", "cancelled", "not-done")
_FAHRENHEIT: Final = {"[degF]", "degF", "F", "\u00b0F"}
_SEVERAL: Final = {"BP"}
LABS: Final = tuple(CATALOG["lab"])
GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "vasopressor": ("norepinephrine", "vasopressin", "epinephrine"),
    "tocilizumab": ("tocilizumab",),
    "steroid": ("dexamethasone", "methylprednisolone"),
    "antipyretic": ("acetaminophen",),
}
Point = dict[str, Any]


def course(resources: Iterable[Resource]) -> dict[str, list[Point]]:
    """Series by name, each in order of time; every point says which resource it came from.

    Temperature in Celsius, pressures in mmHg, oxygen flow in L/min, laboratory values in the unit
    that they were reported in, with the reference range that is printed beside them. A mean
    pressure that is not charted is computed from the pair.
    """
    found: dict[str, list[Point]] = {}
    for resource in resources:
        if resource.get("status") in _FLUSH:
            continue
        for name, point in _points(resource):
            found.setdefault(name, []).append(point | {"source": _reference(resource)})
    _add_ice_items(found)
    return {name: sorted(points, key=lambda each: str(each["t"])) for name, points in found.items()}


def _points(resource: Resource) -> Iterator[tuple[str, Point]]:
    when = _when(resource)
    if when is None:
        return
    if resource["resourceType"] == "MedicationAdministration":
        yield from _given(resource, when)
    elif resource["resourceType"] == "Observation":
        for name, value in _values(resource):
            yield name, {"t": when, **value}


def _values(resource: Resource) -> Iterator[tuple[str, Point]]:
    """What one Observation and its components say, by name."""
    pressures = {}
    for part in (resource, *resource.get("component", ())):
        name = _name_of(part.get("code", {}))
        value = _value(part) if name not in _SEVERAL else None
        if name is None or value is None:
            continue
        if name == "T":
            value = _celsius(value)
        if name in LABS:
            value |= _range(resource)
        if name in {"systolic", "diastolic", "MAP"}:
            pressures[name] = value["v"]
        yield name, value
    if "MAP" not in pressures and {"systolic", "diastolic"} <= set(pressures):
        low = pressures["diastolic"]
        mean = round(low + (pressures["systolic"] - low) / 3)
        yield "MAP", {"v": mean, "unit": "mmHg", "note": "computed from the pair"}


def _name_of(concept: Resource) -> str | None:
    """What this EHR calls a code; any coding may say it."""
    keys = ((each.get("system"), each.get("code")) for each in concept.get("coding", ()))
    return next((_NAMES[key] for key in keys if key in _NAMES), None)


def _value(part: Resource) -> Point | None:
    if "valueQuantity" in part and "value" in part["valueQuantity"]:
        quantity = part["valueQuantity"]
        return {"v": quantity["value"], "unit": quantity.get("unit", quantity.get("code", ""))}
    if "valueInteger" in part:
        return {"v": part["valueInteger"], "unit": ""}
    words = part.get("valueString") or _words(part.get("valueCodeableConcept", {}))
    return {"v": words, "unit": ""} if words else None


def _range(resource: Resource) -> Point:
    """The first reference range of a result, as far as it has bounds in numbers."""
    first: Resource = next(iter(resource.get("referenceRange", ())), {})
    bounds = {bound: first[bound].get("value") for bound in ("low", "high") if bound in first}
    known = {bound: value for bound, value in bounds.items() if value is not None}
    return {"range": known} if known else {}


def _words(concept: Resource) -> str:
    displays = [each.get("display", "") for each in concept.get("coding", ())]
    return str(concept.get("text") or next(filter(None, displays), ""))


def _celsius(value: Point) -> Point:
    if value["unit"] not in _FAHRENHEIT:
        return value
    charted = f"charted as {value['v']} \u00b0F"
    return {"v": round((value["v"] - 32) / 1.8, 1), "unit": "Cel", "note": charted}


def _given(resource: Resource, when: str) -> Iterator[tuple[str, Point]]:
    name = _drug(resource)
    group = next((group for group, names in GROUPS.items() if name in names), None)
    if group is None:
        return
    dosage = resource.get("dosage", {})
    dose = dosage.get("rateQuantity") or dosage.get("dose") or {}
    point: Point = {"t": when, "v": name, "unit": "", "dose": _amount(dose)}
    if "effectivePeriod" in resource:
        point["end"] = utc(str(resource["effectivePeriod"].get("end", "")))
        point["running"] = point["end"] is None and resource.get("status") == "in-progress"
    yield group, point


def _drug(resource: Resource) -> str | None:
    """The ingredient, by code or by the first word of what the drug is called."""
    concept = resource.get("medicationCodeableConcept", {})
    for each in resource.get("contained", ()):
        for part in each.get("ingredient", ()):
            concept = part.get("itemCodeableConcept", concept)
    text = _words(concept) or resource.get("medicationReference", {}).get("display", "")
    first = str(text).lower().partition(" ")[0]
    return _name_of(concept) or next(
        (n for names in GROUPS.values() for n in names if n == first), None
    )


def _amount(quantity: Resource) -> str:
    return (
        f"{quantity['value']:g} {quantity.get('unit', '')}".strip() if "value" in quantity else ""
    )


def _when(resource: Resource) -> str | None:
    period = resource.get("effectivePeriod", {})
    found = resource.get("effectiveDateTime") or resource.get("effectiveInstant")
    return utc(str(found or period.get("start") or ""))


def utc(text: str) -> str | None:
    """The instant in UTC, so that texts sort by time; a date alone is its midnight; else None."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _add_ice_items(found: dict[str, list[Point]]) -> None:
    """Where the ten items were charted one by one, their sum; a test of fewer has none."""
    tests: dict[str, list[Point]] = {}
    for name in _ICE_ITEMS:
        for point in found.pop(name, ()):
            tests.setdefault(point["t"], []).append(point)
    for when, items in tests.items():
        if len(items) == _ICE_POINTS:
            total = sum(each["v"] for each in items)
            note = "sum of ten items"
            point = {"t": when, "v": total, "unit": "", "note": note, "source": items[0]["source"]}
            found.setdefault("ICE", []).append(point)


def _reference(resource: Resource) -> str:
    return f"{resource['resourceType']}/{resource.get('id', '')}"


def _key(text: str) -> tuple[str, str]:
    found = coding(text)
    return found["system"], found["code"]


def _names() -> dict[tuple[str | None, str | None], str]:
    """Names by system and code, from the catalog."""
    found: dict[tuple[str | None, str | None], str] = {}
    for kind in ("vital", "exam"):
        for name, row in CATALOG[kind].items():
            for style in ("codings", "epic", "cerner"):
                found |= {_key(text): name for text in row.get(style, ())}
    found |= {_key(CATALOG["lab"][name]["coding"]): name for name in LABS}
    found |= {_key(f"local|{code}|"): code for code in _ICE_ITEMS}
    for name in (each for names in GROUPS.values() for each in names):
        found |= {_key(text): name for text in entry("drug", name).get("codings", ())}
    return found | {_key(text): "device" for text in _DEVICE_ROWS}


_ICE_ITEMS: Final = tuple(CATALOG["ice"]["items"].values())
_DEVICE_ROWS: Final = ("flowsheet|250025|O2 device", "codeset72|2700653|Oxygen therapy")
_NAMES: Final = _names()
