"""The only reader of units: alias table first, accept range last (READ-16, DEF-1)."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from fhir_mappings.errors import RangeError, UnitError
from fhir_mappings.units import KINDS, Convert, Kind, fahrenheit, plain_unit
from grading.model import Remark

_EXPONENTS = (-12, 12)
"""Powers of ten between which the leading digit of a charted number stands (inclusive)."""


class Amount(NamedTuple):
    """A number in the canonical unit of its kind; `flags` are `Remark` values."""

    value: Decimal
    flags: tuple[str, ...] = ()


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
        return _within("temperature", KINDS["temperature"], fahrenheit(value))
    raise UnitError("temperature: has no unit, and the value does not tell it")


def _within(kind: str, found: Kind, value: Decimal) -> Decimal:
    if not found.low <= value <= found.high:
        raise _outside(kind, found)
    return value


def _outside(kind: str, found: Kind) -> RangeError:
    return RangeError(f"{kind}: outside {found.low} to {found.high} {found.unit}")
