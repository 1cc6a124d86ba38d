"""Which units an input takes, how each becomes the canonical one, and which values are accepted.

UCUM reads `F` as farad, `C` as coulomb and `K/uL` as kelvin; charts mean degrees and thousands. So
units are looked up by how they are written, never parsed (READ-16, IN-1 to IN-19).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

Convert = Callable[[Decimal], Decimal]

_CENT = Decimal("0.01")
_KPA = Decimal("7.50062")
_POUND = Decimal("0.45359237")
_OUNCE = Decimal("0.028349523")
_CM_H2O = Decimal("0.735559")
"""mmHg in one cmH2O."""
_FREEZING_F, _FREEZING_K = Decimal(32), Decimal("273.15")


def _same(x: Decimal) -> Decimal:
    return x


def _times(factor: str | Decimal) -> Convert:
    number = Decimal(factor)
    return lambda x: x * number


def fahrenheit(x: Decimal) -> Decimal:
    """Degrees Fahrenheit as Celsius, to the hundredth, half up."""
    return ((x - _FREEZING_F) * 5 / 9).quantize(_CENT, ROUND_HALF_UP)


def _kelvin(x: Decimal) -> Decimal:
    return x - _FREEZING_K


def _cm_h2o(x: Decimal) -> Decimal:
    """Whole mmHg, half up: 27 cmH2O are 20 mmHg, as the pair of limits has it (ICANS-O1)."""
    return (x * _CM_H2O).quantize(Decimal(1), ROUND_HALF_UP)


def _percent(x: Decimal) -> Decimal:
    """A fraction up to 1 as percent; what is greater is percent already."""
    return x * 100 if x <= 1 else x


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of quantity: canonical UCUM unit, aliases, accept range (inclusive).

    `aliases`: by their plain spelling. `unitless`: how a value without unit is read; None: it is
    refused.
    """

    unit: str
    aliases: Mapping[str, Convert]
    low: Decimal
    high: Decimal
    unitless: Convert | None = None


_ANNOTATION = re.compile(r"\{[^{}]*\}")
_REMARK = re.compile(r"\{(?!k\}|x?\d|[^{}]*(?:thou|mill))[^{}]*\}")
"""What a unit counts, as `{cells}`; what carries the factor, as `{10*3}`, is no mere remark."""
_POWER = re.compile(r"^x?10(?:\*|\^|e)(?=\d)")
_MICRO = re.compile(r"mc(?=[gl])")
_SIGNS = str.maketrans({"º": "°", "˚": "°", "℃": "°c", "℉": "°f", "µ": "u", "μ": "u"})
_UNITY = "1"


@lru_cache(maxsize=1024)
def plain_unit(text: str) -> str:
    """A unit in one spelling: lower case, without spaces and UCUM annotations.

    So `° C`, `10E9/L`, `/mcL`, `μg/L` with either of the two signs, and `%{saturation}`; what is
    an annotation alone, as `{score}`, is UCUM's unity.
    """
    written = "".join(text.translate(_SIGNS).lower().split())
    if _ANNOTATION.fullmatch(written):
        return _UNITY
    return _MICRO.sub("u", _POWER.sub("10*", _REMARK.sub("", written)))


def _alias(*groups: tuple[Convert, str]) -> dict[str, Convert]:
    return {plain_unit(name): convert for convert, names in groups for name in names.split("|")}


def _kind(
    unit: str, low: str, high: str, *groups: tuple[Convert, str], unitless: Convert | None = None
) -> Kind:
    return Kind(unit, _alias(*groups), Decimal(low), Decimal(high), unitless)


_MMHG = (_same, "mm[hg]|mmhg|torr|millimeter mercury column|millimeters of mercury|mm of hg")
_IN_KPA = (_times(_KPA), "kpa")
_PCT = (_same, "%|percent|pct")
_CELLS = (
    "10*3/ul|10*9/l|k/ul|k/mm3|thou/ul|10*3/mm3|giga/l|k/cumm|thousand/ul|thou/mm3|10**3/ul|10**9/l"
    "|10(3)/ul|x10(3)/ul|10(9)/l|x10(9)/l|10x3/ul|10x9/l|1000/ul|x1000/ul|/nl|bil/l"
)

KINDS: Mapping[str, Kind] = {
    "temperature": _kind(
        "Cel",
        "30",
        "43",
        (_same, "cel|degc|c|°c|celsius|[degc]|degreec|degreesc|degreecelsius|degreescelsius|c°"),
        (fahrenheit, "[degf]|degf|f|°f|fahrenheit|fahr|degreef|degreesf|degreesfahrenheit|f°"),
        (_kelvin, "k|kelvin"),
    ),
    "systolic": _kind("mm[Hg]", "30", "300", _MMHG, _IN_KPA, unitless=_same),
    "diastolic": _kind("mm[Hg]", "10", "200", _MMHG, _IN_KPA, unitless=_same),
    "mean": _kind("mm[Hg]", "20", "200", _MMHG, _IN_KPA, unitless=_same),
    "opening_pressure": _kind("mm[Hg]", "0", "75", _MMHG, _IN_KPA, (_cm_h2o, "cm[h2o]|cmh2o")),
    "spo2": _kind("%", "50", "100", _PCT, (_percent, "1"), unitless=_percent),
    "fio2": _kind(
        "%",
        "21",
        "100",
        (_percent, "%|percent|pct|1|fraction|decimal|%fio2|%o2|vol%"),
        unitless=_percent,
    ),
    "o2_flow": _kind(
        "L/min",
        "0",
        "80",
        (
            _same,
            "l/min|lpm|l/m|l/minute|l per min|l per minute|liter/min|liters/min|liter/minute"
            "|liters/minute|liter per minute|liters per minute|litre/min|litres/min"
            "|litres/minute|litres per minute|litre/min|lit/min|slpm",
        ),
        (_times("0.001"), "ml/min|cc/min"),
        unitless=_same,
    ),
    "weight": _kind(
        "kg",
        "2",
        "350",
        (_same, "kg|kgs|kg(s)|kilo|kilos|kilogram|kilograms"),
        (_times("0.001"), "g|gram|grams"),
        (_times(_POUND), "[lb_av]|lb_av|[lb_us]|lb|lbs|lb.|lbs.|pound|pounds"),
        (_times(_OUNCE), "[oz_av]|oz"),
    ),
    "score": _kind("{score}", "-100", "100", (_same, "1|score|points"), unitless=_same),
    "minutes": _kind(
        "min",
        "0",
        "1440",
        (_same, "min|minute|minutes"),
        (lambda x: x / 60, "s|sec|second|seconds"),
        (_times("60"), "h|hr|hour|hours"),
    ),
    "dose": _kind(
        "mg",
        "0",
        "1000000",
        (_same, "mg|milligram|milligrams"),
        (_times("1000"), "g|gram|grams"),
        (_times("0.001"), "ug|microgram|micrograms"),
    ),
    "dose_per_kg": _kind(
        "mg/kg",
        "0",
        "10000",
        (_same, "mg/kg|mg/kg/dose|mg/kg per dose|milligram per kilogram"),
        (_times("0.001"), "ug/kg|ug/kg/dose|microgram per kilogram"),
        (_times("1000"), "g/kg"),
    ),
    "volume": _kind("mL", "0", "50000", (_same, "ml|milliliter|cc"), (_times("1000"), "l|liter")),
    "bolus": _kind("mL", "50", "5000", (_same, "ml|milliliter|cc"), (_times("1000"), "l|liter")),
    "crp": _kind("mg/L", "0", "2000", (_same, "mg/l|ug/ml"), (_times("10"), "mg/dl")),
    "ferritin": _kind("ng/mL", "0", "1000000", (_same, "ng/ml|ug/l")),
    "fibrinogen": _kind("mg/dL", "0", "2000", (_same, "mg/dl"), (_times("100"), "g/l")),
    "enzyme": _kind(
        "U/L",
        "0",
        "1000000",
        (_same, "u/l|[iu]/l|iu/l|mu/ml|unit/l|units/l"),
        (_times("60"), "ukat/l"),
    ),
    "bilirubin": _kind(
        "mg/dL", "0", "100", (_same, "mg/dl"), (lambda x: x / Decimal("17.104"), "umol/l")
    ),
    "creatinine": _kind(
        "mg/dL", "0", "50", (_same, "mg/dl"), (lambda x: x / Decimal("88.42"), "umol/l")
    ),
    "triglycerides": _kind("mg/dL", "0", "20000", (_same, "mg/dl"), (_times("88.57"), "mmol/l")),
    "sodium": _kind("mmol/L", "80", "220", (_same, "mmol/l|meq/l")),
    "hemoglobin": _kind(
        "g/dL", "0", "30", (_same, "g/dl"), (_times("0.1"), "g/l"), (_times("1.6114"), "mmol/l")
    ),
    "cells": _kind(
        "/uL",
        "0",
        "100000000",
        (_same, "/ul|cells/ul|cell/ul|/mm3|/cumm|10*6/l"),
        (_times("1000"), _CELLS),
    ),
    "seconds": _kind("s", "0", "1000", (_same, "s|sec|seconds")),
}

CANONICAL: Mapping[str, str] = {name: kind.unit for name, kind in KINDS.items()}
"""UCUM unit of the values of each kind."""
