"""What a site chose otherwise than shipped, as lines of a card, of the log and of `/about`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from cards.markdown import bullets, own_text
from cards.model import CardContext
from cards.names import UNITS
from grading.knowledge import Override
from grading.model import Assessment, Recommendation

_EVERY_CARD = ("SCOPE-1", "READ-9")
"""What decides whether and from when a patient is graded bears on each card."""
_BY_SYNDROME = {"crs": (), "icans": ("ICANS-W1",)}
_UNITS = {**UNITS, "a": " years", "d": " days", "mo": " months", "/uL": " per uL"}


def value_text(value: Any, unit: str) -> str:
    """A value of the policy in words: "8 h", "on", "axi-cel, brexu-cel", "1 warning, 2 info"."""
    match value:
        case bool():
            return "on" if value else "off"
        case tuple():
            return ", ".join(value) or "none"
        case dict():
            pairs = (f"{'others' if key == '_other' else key} {of}" for key, of in value.items())
            return ", ".join(pairs) or "none"
        case str():
            return value
        case _:
            return f"{value}{_UNITS.get(unit, f' {unit}')}"


def override_lines(items: Iterable[Override]) -> tuple[str, ...]:
    """One plain line for each: meaning, what holds here, what is shipped, and the name."""
    return tuple(
        f"{item.means}: {value_text(item.site, item.unit)} here, "
        f"{value_text(item.shipped, item.unit)} as shipped ({item.name})"
        for item in items
    )


def site_section(context: CardContext, rules: Collection[str]) -> str:
    """One line for each override that bears on `rules`; empty where none does."""
    touching = context.overrides.touching({*rules, *_EVERY_CARD})
    return bullets(f"**Site policy:** {own_text(line)}." for line in override_lines(touching))


def rules_of(
    assessments: Iterable[Assessment], recommendations: Iterable[Recommendation] = ()
) -> set[str]:
    """The ids that a card on these rests on."""
    found: set[str] = set()
    for assessment in assessments:
        found |= {*assessment.rules, *_BY_SYNDROME[assessment.syndrome]}
        found |= {line.rule for line in assessment.basis}
    for item in recommendations:
        found |= set(item.rules)
    return found
