"""The words of an order whose dose is set anew: the old amount gives way, all else stays."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

import msgspec

_DILUENT: Final = re.compile(r"\bin (?:up to )?\d+(?:\.\d+)? ?mls?\b", re.IGNORECASE)
"""In how much it is given: that does not hang on the dose."""
_UNIT: Final = re.compile(
    r"(?<![a-z])(?:m[cg]?g|\u00b5g|ug|g|gm|kg|m?l|(?:milli|micro|kilo)?gram(?:me)?s?|units?|iu|vials?"
    r"|tab\w*|cap\w*)(?![a-z])",
    re.IGNORECASE,
)


_MOST: Final = Decimal(1_000_000)
"""Beyond it no dose is written."""


class Amount(msgspec.Struct):
    """A dose as an order writes it."""

    value: Decimal | None = None
    unit: str | None = None


def with_amount(text: str, old: Amount, now: str) -> str | None:
    """The text with the amount `now` in place of the old one; None: what it says may be wrong then.

    A text that tells no amount stays. One that tells another amount, the old one twice, or a volume
    that was drawn up for it, cannot be put right here.
    """
    found = _places(text, old.value, old.unit)
    if len(found) > 1:
        return None
    start, end = found[0].span() if found else (0, 0)
    before, after = text[:start], text[end:]
    if any(_UNIT.search(_DILUENT.sub(" ", each)) for each in (before, after)):
        return None
    return f"{before}{now}{after}" if found else text


def _places(text: str, value: Decimal | None, unit: str | None) -> list[re.Match[str]]:
    """Where an amount stands in a text: "1,000 mg" and "1000.0mg" are 1000 mg."""
    if value is None or not unit or not value.is_finite() or not 0 < value <= _MOST:
        return []
    whole, _, decimals = format(value, "f").partition(".")
    groups = f"{int(whole):,}".replace(",", ",?")
    decimals = decimals.rstrip("0")
    part = rf"\.{decimals}0*" if decimals else r"(?:\.0+)?"
    written = rf"(?<![\d.,]){groups}{part} ?{re.escape(unit)}(?![\w/])"
    return list(re.finditer(written, text, re.IGNORECASE))
