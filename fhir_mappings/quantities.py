"""The only reader of units: alias table first, accept range last (READ-16, DEF-1, IN-1 to IN-19).

UCUM reads `F` as farad, `C` as coulomb and `K/uL` as kelvin; charts mean degrees and thousands. So
units are looked up by how they are written, never parsed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import NamedTuple

from fhir_mappings.errors import RangeError, UnitError
from grading.model import Remark

Convert = Callable[[Decimal], Decimal]

_CENT = Decimal("0.01")
_KPA = Decimal("7.50062")
_POUND = Decimal("0.45359237")
_OUNCE = Decimal("0.028349523")
_CM_H2O = Decimal("0.735559")
"""mmHg in one cmH2O."""
_FREEZING_F, _FREEZING_K = Decimal(32), Decimal("273.15")
_EXPONENTS = (-12, 12)
"""Powers of ten between which the leading digit of a charted number stands (inclusive)."""


class Amount(NamedTuple):
    """A number in the canonical unit of its kind; `flags` are `Remark` values."""

    value: Decimal
    flags: tuple[str, ...] = ()


def _same(x: Decimal) -> Decimal:
    return x


def _times(factor: str | Decimal) -> Convert:
    number = Decimal(factor)
    return lambda x: x * number


def _fahrenheit(x: Decimal) -> Decimal:
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


_MMHG = (_same, "mm[hg]|mmhg|torr|millimeter mercury column")
_IN_KPA = (_times(_KPA), "kpa")
_PCT = (_same, "%|percent|pct")
_CELLS = "10*3/ul|10*9/l|k/ul|k/mm3|thou/ul|10*3/mm3|giga/l"

KINDS: Mapping[str, Kind] = {
    "temperature": _kind(
        "Cel",
        "30",
        "43",
        (_same, "cel|degc|c|°c|celsius|[degc]"),
        (_fahrenheit, "[degf]|degf|f|°f|fahrenheit"),
        (_kelvin, "k|kelvin"),
    ),
    "systolic": _kind("mm[Hg]", "30", "300", _MMHG, _IN_KPA, unitless=_same),
    "diastolic": _kind("mm[Hg]", "10", "200", _MMHG, _IN_KPA, unitless=_same),
    "mean": _kind("mm[Hg]", "20", "200", _MMHG, _IN_KPA, unitless=_same),
    "opening_pressure": _kind("mm[Hg]", "0", "75", _MMHG, _IN_KPA, (_cm_h2o, "cm[h2o]|cmh2o")),
    "spo2": _kind("%", "50", "100", _PCT, (_percent, "1"), unitless=_percent),
    "fio2": _kind(
        "%", "21", "100", (_percent, "%|percent|pct|1|fraction|decimal"), unitless=_percent
    ),
    "o2_flow": _kind(
        "L/min",
        "0",
        "80",
        (
            _same,
            "l/min|lpm|l/m|l/minute|l per min|l per minute|liter/min|liters/min|liter/minute"
            "|liters/minute|liter per minute|liters per minute|litre/min|litres/min"
            "|litres/minute|litres per minute",
        ),
        (_times("0.001"), "ml/min"),
        unitless=_same,
    ),
    "weight": _kind(
        "kg",
        "2",
        "350",
        (_same, "kg|kilogram|kilograms"),
        (_times("0.001"), "g|gram|grams"),
        (_times(_POUND), "[lb_av]|lb|lbs|pound|pounds"),
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
        "U/L", "0", "1000000", (_same, "u/l|[iu]/l|iu/l|mu/ml|units/l"), (_times("60"), "ukat/l")
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
        (_same, "/ul|cells/ul|/mm3|10*6/l"),
        (_times("1000"), _CELLS),
    ),
    "seconds": _kind("s", "0", "1000", (_same, "s|sec|seconds")),
}

CANONICAL: Mapping[str, str] = {name: kind.unit for name, kind in KINDS.items()}
"""UCUM unit of the values of each kind."""

LIMITED = frozenset(
    {
        "crp",
        "ferritin",
        "fibrinogen",
        "enzyme",
        "bilirubin",
        "creatinine",
        "triglycerides",
        "hemoglobin",
        "cells",
        "seconds",
    }
)
"""Kinds of laboratory results that come as a limit where a device measures no further."""

_BARE_CELSIUS = (Decimal(30), Decimal(43))
_BARE_FAHRENHEIT = (Decimal(86), Decimal(110))


def read_amount(kind: str, value: Decimal, code: str | None, unit: str | None) -> Amount:
    """A charted number in the canonical unit of `kind`: by `code`, else by `unit`.

    A number without unit is taken with a flag where only one unit makes sense (READ-16, DEF-1).

    Raises:
        UnitError: no accepted unit is written, or one is needed and there is none.
        RangeError: the value is no number, of no usual size, or outside the accepted range
            (inclusive).
    """
    if not is_usual(value):
        raise RangeError(f"{kind}: not a number of a usual size")
    return _amount(kind, value, code, unit)


def takes_limit(kind: str, comparator: str) -> bool:
    """Whether a limit may be taken as it is: a laboratory's, or the upper end of a manometer."""
    return kind in LIMITED or (kind == "opening_pressure" and comparator.startswith(">"))


def is_usual(value: Decimal) -> bool:
    """Whether it is a number that can be charted: finite, neither boundless nor next to nothing.

    Others may be of a size that no arithmetic takes, or a million digits long when written out.
    """
    return value.is_finite() and _EXPONENTS[0] <= value.adjusted() <= _EXPONENTS[1]


@lru_cache(maxsize=16_384)
def _amount(kind: str, value: Decimal, code: str | None, unit: str | None) -> Amount:
    found, value = KINDS[kind], +value  # at most as many digits as arithmetic keeps
    convert = _conversion(kind, code, unit)
    if convert is None:
        return _bare(kind, found, value)
    converted = convert(value)
    if not found.low <= converted <= found.high:
        raise _outside(kind, found)
    return Amount(converted)


@lru_cache(maxsize=4096)
def _conversion(kind: str, code: str | None, unit: str | None) -> Convert | None:
    """How a unit as written becomes the canonical one; None: no unit is written."""
    written = [plain for text in (code, unit) if text and (plain := plain_unit(text))]
    for text in written:
        if (convert := KINDS[kind].aliases.get(text)) is not None:
            return convert
    if written:
        raise UnitError(f"{kind}: unit {written[0][:20]!r} is not accepted")
    return None


def _bare(kind: str, found: Kind, value: Decimal) -> Amount:
    if kind == "temperature":
        return Amount(_bare_temperature(value), (Remark.NO_UNIT,))
    if found.unitless is None:
        raise UnitError(f"{kind}: has no unit")
    flags = () if kind == "score" else (Remark.NO_UNIT,)
    return Amount(_within(kind, found, found.unitless(value)), flags)


def _bare_temperature(value: Decimal) -> Decimal:
    """DEF-1: 30 to 43 is Celsius, 86 to 110 Fahrenheit."""
    if _BARE_CELSIUS[0] <= value <= _BARE_CELSIUS[1]:
        return value
    if _BARE_FAHRENHEIT[0] <= value <= _BARE_FAHRENHEIT[1]:
        return _within("temperature", KINDS["temperature"], _fahrenheit(value))
    raise UnitError("temperature: has no unit, and the value does not tell it")


def _within(kind: str, found: Kind, value: Decimal) -> Decimal:
    if not found.low <= value <= found.high:
        raise _outside(kind, found)
    return value


def _outside(kind: str, found: Kind) -> RangeError:
    return RangeError(f"{kind}: outside {found.low} to {found.high} {found.unit}")
