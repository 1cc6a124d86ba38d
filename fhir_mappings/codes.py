"""The only matcher of codes: a code is (system, code), never a bare string.

Content lies in `value_sets/*.toml`, loaded and checked at import. Only verified entries match, and
our own local ones; the rest wait for a site's code map.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Any, NamedTuple

import msgspec

from fhir_mappings.errors import CodeError

LOCAL_SYSTEM = "https://cart-toxicity-cds.example.org/fhir/CodeSystem/bedside"
"""Our own CodeSystem, at its default base."""

LONGEST_WORDS = 1000
"""Letters of a name or code that is read; what is longer no chart can say."""
CONCEPT_SYSTEM = "urn:cart-toxicity-cds:concept".ljust(LONGEST_WORDS + 1, ":")
"""System of the codings that a site's code map adds; their codes are concept keys.

Too long to be read from a chart, so that none can write a concept key itself.
"""
BY_TEXT = "urn:cart-toxicity-cds:by-text".ljust(LONGEST_WORDS + 1, ":")
"""System of the mark on a concept that a site's map recognized by its words; as long."""

_FOLDER = files("fhir_mappings") / "value_sets"
_OTHER_FILES = ("systems.toml", "answers.toml", "local_codes.toml")
_NOT_CONCEPTS = frozenset({"loinc_answer"})
_DOTLESS = frozenset({"icd10cm"})


Words = Annotated[str, msgspec.Meta(max_length=LONGEST_WORDS)]
"""A name or code; a resource where one is longer is not read, and told as an issue."""


class Coding(msgspec.Struct, frozen=True, gc=False):
    """A FHIR Coding."""

    system: Words | None = None
    code: Words | None = None
    display: Words | None = None


class CodeableConcept(msgspec.Struct, frozen=True):
    """A FHIR CodeableConcept."""

    coding: tuple[Coding, ...] = ()
    text: Words | None = None


class Entry(NamedTuple):
    """A code of a value set with what the file says of it."""

    system: str
    code: str
    display: str
    verified: bool
    attributes: Mapping[str, Any]


class ConceptSet(NamedTuple):
    """One clinical idea: its key, label, kind of quantity, names in text, codes."""

    key: str
    label: str
    kind: str
    text: tuple[str, ...]
    entries: tuple[Entry, ...]
    matches: bool
    attributes: Mapping[str, Any]


def read_toml(name: str) -> dict[str, Any]:
    """A file of `value_sets/`."""
    return tomllib.loads((_FOLDER / name).read_text("utf-8"))


_SYSTEMS = read_toml("systems.toml")
_CANONICAL: dict[str, str] = {alias: urls[0] for urls in _SYSTEMS.values() for alias in urls}
_DOTLESS_URLS = frozenset(_SYSTEMS[name][0] for name in _DOTLESS)


def concept_coding(key: str) -> Coding:
    """The coding that stands for a concept itself."""
    return Coding(CONCEPT_SYSTEM, key)


def system_url(name: str, local: str = LOCAL_SYSTEM) -> str:
    """The canonical URL of a system's short name.

    Raises:
        CodeError: there is no such system.
    """
    if name == "local":
        return local
    if name not in _SYSTEMS:
        raise CodeError(f"value_sets: no such system {name}")
    return str(_SYSTEMS[name][0])


def canonical_system(system: str | None) -> str:
    """The canonical URL of a system as written; an unknown one stays as it is."""
    written = system or ""
    return _CANONICAL.get(written, written)


def canonical(system: str | None, code: str | None) -> tuple[str, str]:
    """System and code in the form in which they are compared; ICD-10-CM loses its dot."""
    url = canonical_system(system)
    text = code or ""
    return url, text.replace(".", "").upper() if url in _DOTLESS_URLS else text


_NDC_PARTS = (5, 4, 2)
_NDC_PREFIX = 9


def ndc_prefix(code: str) -> str:
    """The labeler and product of an NDC as 9 digits; empty: not an NDC.

    10 digits with hyphens are padded to 5-4-2; 11 digits are taken as they are.
    """
    parts = code.split("-")
    if len(parts) == 1 and code.isdigit() and len(code) == sum(_NDC_PARTS):
        return code[:_NDC_PREFIX]
    if len(parts) in {2, 3} and all(part.isdigit() for part in parts):
        return parts[0].zfill(_NDC_PARTS[0]) + parts[1].zfill(_NDC_PARTS[1])
    return ""


def concept_sets(local: str = LOCAL_SYSTEM) -> Iterator[ConceptSet]:
    """Every concept of every file, in order of file and row.

    Raises:
        CodeError: a row lacks what it needs.
    """
    names = sorted(path.name for path in _FOLDER.iterdir() if path.name.endswith(".toml"))
    for name in names:
        if name not in _OTHER_FILES:
            for row in read_toml(name)["concept"]:
                yield _concept(name, row, local)


def _concept(name: str, row: Mapping[str, Any], local: str) -> ConceptSet:
    try:
        entries = tuple(
            _entry(system, entry, local)
            for system, listed in row.get("codes", {}).items()
            if system not in _NOT_CONCEPTS
            for entry in listed
        )
        rest = {key: row[key] for key in row.keys() - {"codes", "text", "label", "key", "kind"}}
        return ConceptSet(
            row["key"],
            row["label"],
            row.get("kind", ""),
            tuple(row.get("text", ())),
            entries,
            row.get("matches", True),
            rest,
        )
    except KeyError as error:
        raise CodeError(f"{name}: {row.get('key', 'a row without key')}: lacks {error}") from error


def _entry(system: str, row: Mapping[str, Any], local: str) -> Entry:
    rest = {key: row[key] for key in row.keys() - {"code", "display", "verified", "source"}}
    return Entry(
        system_url(system, local), row["code"], row["display"], row.get("verified", True), rest
    )


class ValueSets:
    """All concepts, ready to be asked; equal for every call of one process."""

    def __init__(self, local: str = LOCAL_SYSTEM) -> None:
        """Load every file; `local` is the URL of our own CodeSystem.

        `names`: the keys of all concepts that match.
        """
        self.sets: Mapping[str, ConceptSet] = {each.key: each for each in concept_sets(local)}
        self._by_code: dict[tuple[str, str], tuple[str, ...]] = {}
        self._attributes: dict[tuple[str, str], Mapping[str, Any]] = {}
        for each in self.sets.values():
            for entry in each.entries if each.matches else ():
                if entry.verified:
                    self._add(each.key, entry.system, entry.code, entry.attributes)
        own = read_toml("local_codes.toml")["codes"]
        for row in own:
            rest = {key: row[key] for key in row.keys() - {"code", "concept"}}
            self._add(row["concept"], local, row["code"], rest)
        matching = {each.key for each in self.sets.values() if each.matches}
        self.names: frozenset[str] = frozenset(matching | {row["concept"] for row in own})
        for name in self.names:
            self._add(name, CONCEPT_SYSTEM, name, {})
        self._patterns = {each.key: _pattern(each.text) for each in self.sets.values() if each.text}
        self.text_concepts = lru_cache(maxsize=4096)(self._text_concepts)

    def _add(self, key: str, system: str, code: str, attributes: Mapping[str, Any]) -> None:
        pair = canonical(system, code)
        self._by_code[pair] = (*self._by_code.get(pair, ()), key)
        self._attributes[pair] = {**self._attributes.get(pair, {}), **attributes}

    def of_code(self, system: str | None, code: str | None) -> tuple[str, ...]:
        """Concept keys of one code; empty: none."""
        return self._by_code.get(canonical(system, code), ())

    def concepts(self, concept: CodeableConcept) -> tuple[str, ...]:
        """Concept keys that any of the codings matches, each once, in order of the codings."""
        found: tuple[str, ...] = ()
        for coding in concept.coding:
            keys = self._by_code.get(canonical(coding.system, coding.code))
            if keys:
                found += keys
        return found if len(found) < 2 else tuple(dict.fromkeys(found))  # noqa: PLR2004

    def _text_concepts(self, text: str, family: str) -> tuple[str, ...]:
        """Concept keys of a family (`obs`, `cond`, `val.o2_device`, ...) that a text names."""
        lowered = text.lower()
        return tuple(
            key
            for key, pattern in self._patterns.items()
            if key.startswith(f"{family}.") and pattern.search(lowered)
        )

    def attribute(self, system: str | None, code: str | None, name: str) -> Any:
        """What the files say of a code under `name` (`site`, `role`, `max`, ...), or None."""
        return self._attributes.get(canonical(system, code), {}).get(name)

    def codes(self, key: str, system: str) -> tuple[str, ...]:
        """Verified codes of a concept in a system (short name), in file order."""
        url = system_url(system)
        return tuple(
            entry.code for entry in self.sets[key].entries if entry.system == url and entry.verified
        )

    def display(self, system: str, code: str) -> str:
        """The display of a code as the file has it.

        Raises:
            CodeError: no file holds the code.
        """
        for each in self.sets.values():
            for entry in each.entries:
                if (entry.system, entry.code) == (system, code):
                    return entry.display
        raise CodeError(f"value_sets: no entry {code} of {system}")


_SHORT = 4
"""Letters of a name that counts only as a whole word: `temp` is not temporal."""


def _end(word: str) -> str:
    return r"(?!\w)" if len(word) <= _SHORT else ""


def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Any of `words` from the start of a word on; a short one only as a whole word."""
    parts = (rf"(?<!\w){re.escape(word.lower())}{_end(word)}" for word in words)
    return re.compile("|".join(parts))


SHIPPED = ValueSets()
"""The concepts as shipped."""
