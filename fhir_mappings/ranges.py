"""The normal range that a laboratory prints beside its result (IECHS-1)."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

import msgspec

from fhir_mappings.elements import Quantity, ReferenceRange
from fhir_mappings.errors import RangeError, UnitError
from fhir_mappings.parts import RANGES
from fhir_mappings.quantities import read_amount

_NORMAL = frozenset({"normal", "normal range", "reference range"})
"""The code of a normal range, and how its type is written where it has no code."""


class NormalRange(NamedTuple):
    """Lower and upper limit in the canonical unit; None: not told."""

    low: Decimal | None = None
    high: Decimal | None = None


NO_RANGE = NormalRange()


@lru_cache(maxsize=4096)
def normal_range(kind: str, written: bytes, code: str | None, unit: str | None) -> NormalRange:
    """The limits of `written`, the JSON of `Observation.referenceRange`, for a result of `kind`.

    A limit without a unit is in that of the result (`code`, `unit`). A range in words alone, one of
    another type than normal, two that differ, and an impossible one tell nothing.
    """
    if not written:
        return NO_RANGE
    normal = (each for each in RANGES.all(msgspec.Raw(written)) if _normal(each))
    ranges = {_limits(kind, each, code, unit) for each in normal} - {NO_RANGE}
    return ranges.pop() if len(ranges) == 1 else NO_RANGE


def _normal(found: ReferenceRange) -> bool:
    if found.type is None:
        return True
    codes = {coding.code for coding in found.type.coding}
    return not _NORMAL.isdisjoint(codes or {(found.type.text or "").strip().lower()})


def _limits(kind: str, found: ReferenceRange, code: str | None, unit: str | None) -> NormalRange:
    low = _limit(kind, found.low, code, unit)
    high = _limit(kind, found.high, code, unit)
    if (high is not None and high <= 0) or (low is not None and high is not None and low > high):
        return NO_RANGE
    return NormalRange(low, high)


def _limit(kind: str, found: Quantity | None, code: str | None, unit: str | None) -> Decimal | None:
    """A limit in the canonical unit; None: not told, or not in a unit or size that is accepted."""
    if found is None or found.value is None:
        return None
    if found.code or found.unit:
        code, unit = found.code, found.unit
    try:
        return read_amount(kind, found.value, code, unit).value
    except (RangeError, UnitError):
        return None
