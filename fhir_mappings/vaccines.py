"""Recognition of vaccines by their words: the files have no code of one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from fhir_mappings.codes import SHIPPED, ConceptSet
from grading.order_model import Vaccine

_PREFIX = "vaccine."
_IS_VACCINE = re.compile(
    r"vaccin|immuni[sz]ation|toxoid|(?<![a-z])(?:virus|typhi),? live|live,? attenuated"
    r"|(?<!wound )(?<![a-z])va(?:cc?|x)(?![a-z])"
)
"""A word for vaccine; pharmacies write vac, vacc and vax. A wound vac is a dressing."""
_IS_NOT = re.compile(
    r"immune glob|immunoglob|antitoxin|antibod|titer|titre|serolog|(?<![a-z])ig[gm](?![a-z])"
    r"|declin|refus|informat|educat"
)
_IS_ABOUT = re.compile(r"\b(?:history|hx) of\b|allerg|status")
"""What is said about a vaccine, and what may be remarked beside one."""
_REMARK = re.compile(r" [-\u2013\u2014]+ |[,;:(]")
"""Before the first of these stands what is ordered, if anything is."""
_SHORT = 4
"""Letters of a name that counts only as a whole word: `flu` is not fluconazole."""


class _Row(NamedTuple):
    vaccine: Vaccine
    brand: re.Pattern[str] | None
    disease: re.Pattern[str] | None
    only: re.Pattern[str] | None
    but: re.Pattern[str] | None

    def fits(self, lowered: str) -> bool:
        if self.but and self.but.search(lowered):
            return False
        if self.brand and self.brand.search(lowered):
            return True
        if not (self.disease and self.disease.search(lowered) and _IS_VACCINE.search(lowered)):
            return False
        return self.only is None or self.only.search(lowered) is not None


def _any_of(words: Iterable[str]) -> re.Pattern[str] | None:
    """Any of the words at the start of a word, a short one only as a whole word."""
    ends = ((word, r"(?![a-z])" if len(word) <= _SHORT else "") for word in words)
    parts = [rf"(?<![a-z]){re.escape(word.lower())}{end}" for word, end in ends]
    return re.compile("|".join(parts)) if parts else None


def _rows() -> Iterator[_Row]:
    for key, each in SHIPPED.sets.items():
        if key.startswith(_PREFIX):
            yield _row(each)


def _row(each: ConceptSet) -> _Row:
    said = each.attributes
    return _Row(
        Vaccine(each.label, said["live"], said.get("early", False)),
        _any_of(each.text),
        *(_any_of(said.get(name, ())) for name in ("disease", "only", "except")),
    )


_ROWS = tuple(_rows())
_BRANDS = tuple(
    word.lower()
    for key, each in SHIPPED.sets.items()
    if key.startswith(_PREFIX)
    for word in each.text
)
_LONG_BRANDS = tuple(word for word in _BRANDS if len(word) > _SHORT)


@lru_cache(maxsize=4096)
def vaccine_in(words: tuple[str, ...], route: str) -> Vaccine | None:
    """The vaccine that any of the texts names, the route (in words) beside it; None: none."""
    for text in words:
        lowered = _ordered(f"{text} {route}".lower())
        for row in _ROWS if lowered else ():
            if row.fits(lowered):
                return row.vaccine
    return None


def _ordered(lowered: str) -> str:
    """The part of a text that may order a vaccine; empty: none does.

    All of it, unless it tells something about a vaccine: then what stands before the first remark,
    if that says vaccine itself, or a brand, as in "MMR vaccine - immunity status unknown". A short
    name, as "MMR", may be what is tested.
    """
    if not _may_be_vaccine(lowered):
        return ""
    if not _IS_ABOUT.search(lowered):
        return lowered
    lead = _REMARK.split(lowered, maxsplit=1)[0]
    is_named = _IS_VACCINE.search(lead) or any(word in lead for word in _LONG_BRANDS)
    return lead if is_named and not _IS_ABOUT.search(lead) else ""


def _may_be_vaccine(lowered: str) -> bool:
    """Whether a row may fit: a quick answer for nearly every order."""
    is_named = _IS_VACCINE.search(lowered) or any(word in lowered for word in _BRANDS)
    return bool(is_named) and not _IS_NOT.search(lowered)
