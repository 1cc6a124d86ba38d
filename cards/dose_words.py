"""The words of an order whose dose is set anew: the old amount gives way, all else stays."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

import msgspec

_DILUENT: Final = re.compile(r"\bin (?:up to )?\d+(?:\.\d+)? ?mls?\b", re.IGNORECASE)
"""In how much it is given: that does not hang on the dose."""
_UNIT: Final = re.compile(
    r"(?<=\d)m[cg]?gs?(?=iv|po|im|s[cq]|sub)"
    r"|(?<![a-z])(?:m[cg]?gs?|\u00b5g|ug|g|gms?|kg|m?ls?|cc|(?:milli|micro|kilo)?gram(?:me)?s?|units?|iu|vials?"
    r"|tab\w*|cap\w*)(?![a-z])",
    re.IGNORECASE,
)
_NO_DOSE: Final = re.compile(
    r"\b\d+[/-]\d+[/-]\d+\b|\b\d\d?/\d\d?\b|\b\d\d?:\d\d\b|\bat \d{4}\b"
    r"|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* \d\d?\b(?:,? \d{4}\b)?"
    r"|\bday \d+\b|\bx ?\d\b|\d ?(?:doses?|times)\b"
    r"|(?:\d+(?:\.\d+)? ?(?:-|to) ?)?\d+(?:\.\d+)?"
    r"(?:[ -]?(?:mins?|minutes?|h|hrs?|hours?|days?)\b| ?%| ?(?:\u00b0|deg(?:rees)?)? ?[cf]\b)",
    re.IGNORECASE,
)
"""Numbers that are dates, times, temperatures, percentages or counts of doses."""
_NUMBER: Final = re.compile(r"\d[\d,]*(?:\.\d+)?")
_LEAST_BARE: Final = 20
"""From it on, a number that nothing explains may be an amount."""
_MOST: Final = Decimal(1_000_000)
"""Beyond it no dose is written."""


class Amount(msgspec.Struct):
    """A dose as an order writes it."""

    value: Decimal | None = None
    unit: str | None = None


def with_amount(text: str, old: Amount, now: str) -> str | None:
    """The text with the amount `now` in place of the old one; None: what it says may be wrong then.

    A text that tells no amount stays. One that tells another amount, the old one twice, a volume
    that was drawn up for it, or a number that may be an amount, cannot be put right here.
    """
    found = _places(text, old.value, old.unit)
    if len(found) > 1:
        return None
    start, end = found[0].span() if found else (0, 0)
    before, after = text[:start], text[end:]
    if any(_may_tell_a_dose(each, old.value) for each in (before, after)):
        return None
    return f"{before}{now}{after}" if found else text


def _may_tell_a_dose(text: str, old: Decimal | None) -> bool:
    """Whether a unit of a dose is left in a text, the old number, or a bare one from 20 on."""
    rest = _NO_DOSE.sub(" ", _DILUENT.sub(" ", text))
    numbers = [Decimal(each.replace(",", "")) for each in _NUMBER.findall(rest)]
    return bool(_UNIT.search(rest)) or any(each == old or each >= _LEAST_BARE for each in numbers)


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
