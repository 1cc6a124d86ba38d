"""How much and how often: the dose, rate and timing of a medicine as given or ordered."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from fhir_mappings.elements import Dosage, DosageInstruction, Quantity, Ratio, Repeat, Timing
from fhir_mappings.errors import UnitError
from fhir_mappings.parts import members_of
from fhir_mappings.quantities import is_usual, read_amount
from fhir_mappings.units import plain_unit


class HowMuch(NamedTuple):
    """A dose by the unit it is written in; `is_unclear`: a number that cannot be taken as one."""

    mg: Decimal | None = None
    ml: Decimal | None = None
    mg_per_kg: Decimal | None = None
    is_unclear: bool = False


_UNITY = "1"
_NOTHING = HowMuch()
_UNCLEAR = HowMuch(is_unclear=True)
_KINDS: tuple[tuple[str, Callable[[Decimal], HowMuch]], ...] = (
    ("dose", lambda value: HowMuch(mg=value)),
    ("volume", lambda value: HowMuch(ml=value)),
    ("dose_per_kg", lambda value: HowMuch(mg_per_kg=value)),
)


def how_much(dose: Quantity | None) -> HowMuch:
    """A dose as mg, mL or mg/kg."""
    if dose is None or dose.value is None:
        return _NOTHING
    if not is_usual(dose.value) or dose.comparator:
        return _UNCLEAR
    return _how_much(dose.value, dose.code, dose.unit)


@lru_cache(maxsize=4096)
def _how_much(value: Decimal, code: str | None, unit: str | None) -> HowMuch:
    for kind, made in _KINDS:
        try:
            amount = read_amount(kind, value, code, unit)
        except UnitError:  # of another kind, or out of range
            continue
        return made(amount.value)
    return _UNCLEAR


def rate_of(ratio: Ratio | None, quantity: Quantity | None) -> Decimal | None:
    """The charted rate as a bare number: only whether it is 0 or more matters to a grade."""
    value = None
    if quantity is not None and quantity.value is not None:
        value = quantity.value
    elif ratio is not None and ratio.numerator is not None:
        value = ratio.numerator.value
    return value if value is not None and value.is_finite() else None


_A_TIME = re.compile(r"/(?:min(?:ute)?|h|hr|hour)$")
_INFUSION = re.compile(r"infus|drip\b|\bgtt\b|\biv\b|intraven", re.IGNORECASE)
_RATE = re.compile(
    r"\b(\d+(?:\.\d+)?) ?(?:mcg|ug|\u00b5g|mg|ml|units?|u)(?:/kg)?/(?:min(?:ute)?|h|hr|hour)\b",
    re.IGNORECASE | re.ASCII,
)


def is_none_given(dosage: Dosage) -> bool:
    """Whether a dose of 0 is charted: nothing was given."""
    value = dosage.dose.value if dosage.dose is not None else None
    return value is not None and value.is_finite() and value == 0


def rate_in_dose(dose: Quantity | None, text: str | None) -> Decimal | None:
    """The rate that stands where a dose would, as "5 mcg/min", or in words of an infusion.

    Of what may be injected alone: a patch is dosed in mcg/h too. A dose of 0 in no time is no rate.
    """
    if dose is not None and dose.value is not None:
        units = (plain_unit(unit) for unit in (dose.code, dose.unit) if unit)
        is_rate = dose.value.is_finite() and any(map(_A_TIME.search, units))
        return dose.value if is_rate else None
    found = _RATE.search(text or "")
    return Decimal(found[1]) if found and _INFUSION.search(text or "") else None


# --- of tablets ----------------------------------------------------------------------------------

_MG = re.compile(
    r"(?<![\d.,-])(\d{1,5}(?:\.\d{1,3})?) ?mg\b(?! ?/ ?(?:kg|[\d.]* ?ml))", re.IGNORECASE | re.ASCII
)
_PIECE = r"(?:tab(?:let)?|cap(?:sule)?|caplet|supp(?:ository)?|each|piece)s?"
_PIECES = re.compile(rf"\b([1-9]) {_PIECE}\b", re.IGNORECASE | re.ASCII)
_OF_PIECES = re.compile(rf"(?:\[?{_PIECE}\]?|tbl|1)(?:_us)?")


def mg_of_pieces(dosage: Dosage, words: Iterable[str]) -> Decimal | None:
    """Milligrams that were given: the dose, else the words, else strength times tablets.

    `words`: the name of the product with its strength; without a number of tablets it was one.
    None: it cannot be told.
    """
    dose, text = dosage.dose, dosage.text or ""
    if dose is None or dose.value is None:
        if (told := _only_mg((text,))) is not None:
            return told
        pieces = _PIECES.search(text)
        count = Decimal(pieces[1]) if pieces else Decimal(1)
    elif (told := how_much(dose).mg) is not None:
        return told
    elif _OF_PIECES.fullmatch(plain_unit(dose.unit or dose.code or _UNITY)):
        count = dose.value
    else:
        return None
    strength = _only_mg(words)
    return None if strength is None or not is_usual(count) else strength * count


def _only_mg(texts: Iterable[str]) -> Decimal | None:
    """The one number of milligrams that texts name; None: none, or several."""
    found = {Decimal(each) for text in texts for each in _MG.findall(text)}
    return found.pop() if len(found) == 1 else None


# --- how often -----------------------------------------------------------------------------------

_HOURS = {"s": Decimal(1) / 3600, "min": Decimal(1) / 60, "h": Decimal(1), "d": Decimal(24)}
_CODES = {"QD": 24, "DAILY": 24, "AM": 24, "PM": 24, "BID": 12, "BD": 12}
_CODES |= {"TID": 8, "TDS": 8, "QID": 6, "QDS": 6}
_LEAST, _MOST = Decimal("0.0001"), Decimal(10_000)
"""Between these a number of hours, days or times is reckoned with (inclusive)."""
_EVERY = re.compile(r"(?:every|q)\s*(\d{1,2})(?:\s*\([a-z-]+\))?\s*(?:h\b|hr|hour)", re.IGNORECASE)
_HOURLY = re.compile(r"\b([1-9]\d?)[ -]?hourly\b", re.IGNORECASE)
_COUNTS = {"once": 1, "one": 1, "twice": 2, "two": 2, "thrice": 3, "three": 3, "four": 4}
_COUNTS |= {"five": 5, "six": 6}
_SPELLED = r"(?: \((?:one|two|three|four|five|six)\))?"
"""The number once more in letters, as "2 (two) times daily"."""
_TIMES = re.compile(
    rf"\b(once|twice|thrice|(?:one|two|three|four|five|six|[1-9]\d?)(?={_SPELLED} ?(?:x|times?)))"
    rf"{_SPELLED}(?: ?(?:x|times?))?[ /]*(?:a |per |each |every )?da(?:y|ily)\b",
    re.IGNORECASE,
)
_LATIN = re.compile(r"\b(b\.?i\.?d|bd|t\.?i\.?d|tds|q\.?i\.?d|qds)\b", re.IGNORECASE)
_DAILY = re.compile(r"\b(?:daily|every day|qd)\b", re.IGNORECASE)


def every_hours(instruction: DosageInstruction) -> Decimal | None:
    """Hours between doses, from the timing or the words; None: once, or not told."""
    timing = instruction.timing or Timing()
    if hours := _repeated(timing.repeat or Repeat()):
        return hours
    for coding in timing.code.coding if timing.code else ():
        code = (coding.code or "").upper()
        if code in _CODES:
            return Decimal(_CODES[code])
        if found := _EVERY.fullmatch(f"{code}H".replace("HH", "H")):
            return Decimal(found[1])
    return _in_words(f"{instruction.text or ''} {timing.code.text if timing.code else ''}")


def _repeated(repeat: Repeat) -> Decimal | None:
    """By the rule; times of day without a period are those of each day, unless it is one day."""
    times = Decimal(len(members_of(repeat.time_of_day)))
    if times and (repeat.count == 1 or members_of(repeat.day_of_week)):
        return None
    often = repeat.frequency if repeat.frequency is not None else times
    if not _counts(repeat.period) or repeat.period_unit not in _HOURS:
        return 24 / times if times else None
    hours = (repeat.period or Decimal(0)) * _HOURS[repeat.period_unit]
    return hours / max(often, times) if _counts(often) else hours


def _counts(number: Decimal | None) -> bool:
    """Whether it is a number to reckon with: more than 0, and not absurd."""
    return number is not None and number.is_finite() and _LEAST <= number <= _MOST


def _in_words(text: str) -> Decimal | None:
    if found := _EVERY.search(text) or _HOURLY.search(text):
        return Decimal(found[1])
    if found := _TIMES.search(text):
        word = found[1].lower()
        return Decimal(24) / (_COUNTS.get(word) or int(word))
    if found := _LATIN.search(text):
        return Decimal(_CODES[found[1].replace(".", "").upper()])
    return Decimal(24) if _DAILY.search(text) else None
