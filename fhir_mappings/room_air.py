"""Refused rows of oxygen that all the same tell of room air, or of nothing (DEF-8)."""

from __future__ import annotations

import re
from decimal import Decimal

from fhir_mappings.values import Part, is_of_other_kind

_ROOM_AIR = r"(?: ?\(?(?:room[ -]?air|ra)\)?)?\W*"
_NONE = re.compile(
    r"\W*(?:none|no|nil|off|n/?a|not applicable|21 ?%|0(?:\.0+)? ?(?:l(?:pm|/min)?|%)?)?"
    + _ROOM_AIR,
    re.IGNORECASE,
)
_FRACTION = re.compile(r"\W*(?:fio2 )?(?:21 ?%?|0?\.21)" + _ROOM_AIR, re.IGNORECASE)
_FIO2 = "fio2"
_PLAIN = frozenset({"", "1", "fraction", "decimal", "percent", "pct"})
_LEAST, _MOST = Decimal(20), Decimal(21)
"""Percent of oxygen in room air, as it is charted (inclusive)."""


def tells_no_oxygen(part: Part) -> bool:
    """Whether a value of a flow, FiO2 or device that was refused tells of room air, or nothing.

    So "RA" in a row for a flow, a flow of 0 in any unit, an FiO2 of 0 or of 20 to 21 %, and a row
    with a reason in place of a value.
    """
    quantity, words = part.quantity(), part.words()
    if quantity is None:
        is_other = is_of_other_kind(part.value) or part.value.value_boolean is not None
        is_of_air = part.plan.label == _FIO2 and _FRACTION.fullmatch(words)
        return not is_other and bool(_NONE.fullmatch(words) or is_of_air)
    number, unit = quantity.value, (quantity.code or quantity.unit or "").lower()
    if number is None or quantity.comparator is not None:
        return False
    if number == 0:
        return True
    scale = 100 if number < 1 else 1
    is_percent = unit in _PLAIN or unit.endswith("%")
    return part.plan.label == _FIO2 and is_percent and _LEAST <= number * scale <= _MOST
