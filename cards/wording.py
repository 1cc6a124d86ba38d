"""Numbers, times and keys of the core in words; the only English around numbers (SAFE-3).

Whatever may come from a chart is escaped here, once, on its way into a sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from functools import lru_cache

from cards.advice import ADVICE
from cards.markdown import escape
from cards.names import LABELS, MISSING, REMARKS, UNITS, WORDS
from cards.sentences import NOTES, Sentence
from grading.knowledge import Policy
from grading.model import Evidence, GradeRange, Instant, Remark

_SENTENCES: dict[str, Sentence] = {**NOTES, **ADVICE}


@lru_cache(maxsize=4096)
def time_text(t: Instant, zone: tzinfo) -> str:
    """An instant to the minute, with its date and the name of the zone."""
    return f"{datetime.fromtimestamp(t / 1000, zone):%Y-%m-%d %H:%M %Z}"


@lru_cache(maxsize=4096)
def date_text(t: Instant, zone: tzinfo) -> str:
    """The day of an instant in a zone."""
    return f"{datetime.fromtimestamp(t / 1000, zone):%Y-%m-%d}"


def number_text(value: Decimal, unit: str) -> str:
    """A number with its unit; a temperature keeps one decimal, so that 38.0 is not read as 38."""
    digits = format(value.normalize(), "f")
    if unit == "Cel" and "." not in digits:
        digits += ".0"
    return digits + (UNITS[unit] if unit in UNITS else f" {escape(unit)}")


def drug_name(ingredient: str) -> str:
    """An ingredient as a clinician writes it."""
    return WORDS.get(ingredient) or escape(ingredient.replace("_", " "))


def missing_name(key: str) -> str:
    """What is missing; a laboratory name stands for itself, also within `alt-reference-range`."""
    name = key.partition(":")[0]
    return MISSING.get(name) or " ".join(
        WORDS.get(part) or escape(part) for part in name.split("-")
    )


def listed(names: Iterable[str]) -> str:
    """Names as in a sentence: "a", "a and b", "a, b and c"."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def held_text(times: int, topics: Sequence[str]) -> str:
    """The line on what was held back: this card `times` before, those on `topics` now."""
    parts = []
    if times:
        often = "once" if times == 1 else f"{times} times"
        parts.append(f"this card {often} since it was last answered")
    if topics:
        parts.append(f"now {listed(topics)}, answered before")
    return f"*Held back while nothing changed: {'; '.join(parts)}.*"


def grade_text(grade: GradeRange) -> str:
    """A grade or its bounds: "grade 2", "at least grade 2, could be 3", "grade 0 to 3"."""
    if grade.exact:
        return f"grade {grade.lo}"
    if grade.lo:
        return f"at least grade {grade.lo}, could be {grade.hi}"
    return f"grade 0 to {grade.hi}"


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of one answer: times in its zone, numbers of its policy.

    `unmapped`: inputs that the site's code map has nothing for.
    """

    zone: tzinfo
    policy: Policy
    unmapped: tuple[str, ...] = ()

    def time(self, t: Instant) -> str:
        """An instant, as on every card."""
        return time_text(t, self.zone)

    def date(self, t: Instant) -> str:
        """The day of an instant."""
        return date_text(t, self.zone)

    def say(self, key: str) -> str:
        """The sentence of a key of the core; a key without one is shown as it is."""
        name, _, argument = key.partition(":")
        if name not in _SENTENCES:
            return escape(key)
        sentence = _SENTENCES[name]
        if argument and sentence.with_argument:
            return _capital(self._filled(sentence.with_argument, argument))
        return sentence.plain.format(p=self.policy)

    def evidence(self, fact: Evidence) -> str:
        """A charted value with its unit, time and marks, as a cell of the basis table."""
        parts = [f"{LABELS[fact.label]} {_value(fact)}"]
        if fact.t is not None:
            dated = Remark.DATE_ONLY in fact.notes
            parts.append(self.date(fact.t) if dated else self.time(fact.t))
        marks = ", ".join(self._remark(note) for note in fact.notes)
        return ", ".join(parts) + (f" ({marks})" if marks else "")

    def _remark(self, note: str) -> str:
        name, _, argument = note.partition(":")
        if name == Remark.STOPPED and argument:
            return f"{REMARKS[name]} {self.time(int(argument))}"
        if name == Remark.RANGE and argument:
            return f"{REMARKS[name]} {_limits(*argument.split(':'))}"
        return REMARKS.get(note) or escape(note)

    def _filled(self, template: str, argument: str) -> str:
        """The sentence with its argument, read as the sentence asks for it."""
        if "{at}" in template:
            return template.format(at=self.time(int(argument)), p=self.policy)
        if "{drugs}" in template:
            names = [drug_name(name) for name in argument.split(", ")]
            return template.format(drugs=listed(names), p=self.policy)
        if "{inputs}" in template:
            return template.format(inputs=listed(map(missing_name, argument.split(", "))))
        hours = argument.replace("-", " to ")
        return template.format(escape(argument), hours=escape(hours), p=self.policy)


def _limits(low: str, high: str) -> str:
    """Two limits of a range, either of which may be empty."""
    if low and high:
        return f"{low} to {high}"
    return f"from {low}" if low else f"up to {high}"


def _value(fact: Evidence) -> str:
    if isinstance(fact.value, Decimal):
        return number_text(fact.value, fact.unit)
    return WORDS.get(fact.value) or escape(fact.value)


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
