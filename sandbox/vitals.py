"""Writes vital signs: temperature, pressure, heart rate, weight, oxygen."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from sandbox.catalog import CATALOG, Resource, concept, entry, quantity
from sandbox.chart import Chart
from sandbox.story import Ehr, Entry, Scale

_SIMPLE: Final = ("HR", "MAP", "weight")
_SPOKEN: Final = {Scale.CELSIUS: "degC", Scale.FAHRENHEIT: "degF"}


def write_vitals(chart: Chart, row: Entry) -> None:
    """Adds the Observations of one row of a vital-signs flowsheet."""
    if "T" in row.fields:
        _temperature(chart, row)
    if "BP" in row.fields:
        _pressure(chart, row)
    for name in _SIMPLE:
        if name in row.fields:
            _single(chart, row, name)
    if "weight_lb" in row.fields:
        pounds = quantity(row.fields["weight_lb"], "lb", "[lb_av]")
        _observe(chart, row, "weight", valueQuantity=pounds)
    _oxygen(chart, row)


def _observe(chart: Chart, row: Entry, name: str, **rest: object) -> None:
    chart.observe("vital-signs", row.start, chart.vital_code(entry("vital", name)), **rest)


def _single(chart: Chart, row: Entry, name: str) -> None:
    _observe(chart, row, name, valueQuantity=_measured(chart, name, row.fields[name]))


def _measured(chart: Chart, name: str, value: Decimal | int) -> Resource:
    ucum = entry("vital", name)["unit"]
    shown = {"mm[Hg]": "mmHg"}.get(ucum, ucum) if chart.style.ehr is Ehr.CERNER else ucum
    return quantity(value, shown, ucum)


def _component(chart: Chart, name: str, value: Decimal | int) -> Resource:
    row = entry("vital", name)
    code = concept(row["text"], *row["codings"])
    return {"code": code, "valueQuantity": _measured(chart, name, value)}


def _temperature(chart: Chart, row: Entry) -> None:
    ucum = chart.style.temperature
    shown = _SPOKEN[ucum] if chart.style.ehr is Ehr.CERNER else ucum.value
    _observe(chart, row, "T", valueQuantity=quantity(row.fields["T"], shown, ucum.value))


def _pressure(chart: Chart, row: Entry) -> None:
    """`118/74`, or `118/74 (89)` with the charted mean: Epic-like charts hold that one apart."""
    pair, _, mean = row.fields["BP"].partition(" ")
    values = dict(zip(("systolic", "diastolic"), map(int, pair.split("/")), strict=True))
    apart = chart.style.ehr is Ehr.EPIC
    if mean and not apart:
        values["MAP"] = int(mean.strip("()"))
    parts = [_component(chart, name, value) for name, value in values.items()]
    _observe(chart, row, "BP", component=parts)
    if mean and apart:
        measured = _measured(chart, "MAP", int(mean.strip("()")))
        _observe(chart, row, "MAP", valueQuantity=measured)


def _oxygen(chart: Chart, row: Entry) -> None:
    """Flow and FiO2 are components of SpO2, except on Epic-like charts and without SpO2."""
    settings = {name: row.fields[name] for name in ("flow", "FiO2") if name in row.fields}
    rest: dict[str, Any] = {}
    if "SpO2" in row.fields:
        if settings and chart.style.ehr is not Ehr.EPIC:
            rest["component"] = [_component(chart, *each) for each in settings.items()]
            settings = {}
        measured = _measured(chart, "SpO2", row.fields["SpO2"])
        _observe(chart, row, "SpO2", valueQuantity=measured, **rest)
    for name in settings:
        _single(chart, row, name)
    if "on" in row.fields:
        _device(chart, row)


def _device(chart: Chart, row: Entry) -> None:
    words = row.fields["on"]
    text = entry("vital", "device")["text"]
    match chart.style.ehr:
        case Ehr.EPIC:
            code = concept(text, "flowsheet|250025|O2 device")
            chart.observe("vital-signs", row.start, code, valueString=words.capitalize())
        case Ehr.CERNER:
            value = concept(words.capitalize())
            code = concept(text, "codeset72|2700653|Oxygen therapy")
            chart.observe("vital-signs", row.start, code, valueCodeableConcept=value)
        case Ehr.PLAIN:
            known = CATALOG["devices"].get(words)
            value = concept(words, *([known] if known else []))
            _observe(chart, row, "device", valueCodeableConcept=value)
