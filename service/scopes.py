"""What the scopes of a token say that may be read: SMART v1, SMART v2, and vendors' names (FHIR-6).

They only spare searches that are hopeless, and name what was refused: nothing is refused for them.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

_SMART = re.compile(r"(?:patient|user|system)/(\w+|\*)\.(\*|read|write|c?r?u?d?s?)(?:\?(\S*))?")
_VENDOR = re.compile(r"\b([A-Za-z]{4,})\.(?:read|search)\b", re.IGNORECASE)
_READING = frozenset({"*", "read"})
_WRITE, _ANY, _OBSERVATION = "write", "*", "observation"


@dataclass(frozen=True, slots=True)
class Scopes:
    """Resource types, in lower case, that scopes name for reading.

    `whole`: without restriction, `*` for any. `categories`: of Observation, where it is named for
    some of them alone. `is_smart`: the names are complete, so a type that is not among them cannot
    be read.
    """

    whole: frozenset[str] = frozenset()
    limited: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    is_smart: bool = False

    def lacks(self, kind: str) -> bool:
        """Whether scopes name types, and not this one."""
        return bool(self.whole | self.limited) and not self._names(kind)

    def forbids(self, kind: str) -> bool:
        """Whether to ask for a type is hopeless."""
        return self.is_smart and not self._names(kind)

    def gives_part(self, kind: str, categories: Collection[str] = ()) -> bool:
        """Whether a type is named with a restriction that `categories` does not lie within."""
        named = kind.lower()
        if not self.is_smart or {named, _ANY} & self.whole or not {named, _ANY} & self.limited:
            return False
        return not categories or not set(categories) <= self.categories

    def _names(self, kind: str) -> bool:
        return bool({kind.lower(), _ANY} & (self.whole | self.limited))


UNKNOWN = Scopes()
"""Nothing is known of what may be read."""


def read_scopes(text: str) -> Scopes:
    """The scopes of a token; what cannot be understood says nothing."""
    smart = [found for word in text.split() if (found := _SMART.fullmatch(word))]
    reading = [(each[1].lower(), each[3]) for each in smart if _is_reading(each[2])]
    vendor = {name.lower() for name in _VENDOR.findall(_SMART.sub(" ", text))}
    return Scopes(
        frozenset(vendor | {name for name, query in reading if not query}),
        frozenset(name for name, query in reading if query),
        frozenset(
            category
            for name, query in reading
            if query and name == _OBSERVATION
            for category in _categories(query)
        ),
        bool(reading) and not vendor,
    )


def _is_reading(rights: str) -> bool:
    """Whether rights let read or search; servers differ in which of the two they mean."""
    return rights in _READING or (rights != _WRITE and not {"r", "s"}.isdisjoint(rights))


def _categories(query: str) -> list[str]:
    """The categories that a restriction names; none where it restricts by something else too."""
    name, _, values = query.partition("=")
    if name != "category" or "&" in values:
        return []
    return [value.rpartition("|")[2] for value in values.split(",")]
