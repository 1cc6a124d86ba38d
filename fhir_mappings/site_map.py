"""Reads a site's code map; what is wrong with it is refused with its file and line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

from fhir_mappings.answers import ANSWER_CODES
from fhir_mappings.codes import SHIPPED, Coding, canonical, concept_coding, system_url
from fhir_mappings.errors import CodeError
from fhir_mappings.site_codes import Pair, SiteCodes, SiteConcept

_CODE = re.compile(r"[\w.:/~-]+", re.ASCII)
_SECTIONS = frozenset({"site", "systems", "concept"})
_MEMBERS = frozenset({"key", "codes", "text", "answers"})
_ANY_NAME = "a name of nothing 0"
_ITEMS_ONLY = "obs.capd_item"


class _File(NamedTuple):
    """A code map with what is needed to say where in it something stands."""

    name: str
    lines: tuple[str, ...]
    systems: Mapping[str, str]

    def wrong(self, needle: str, after: int, what: str) -> CodeError:
        """The error that names the first line from `after` on that holds `needle`."""
        lines = list(enumerate(self.lines, 1))[after - 1 :]
        escaped = needle.replace("\\", "\\\\")
        spelled = (f'"{escaped}"', f"'{needle}'", needle)
        found = (number for each in spelled for number, line in lines if each in line)
        return CodeError(f"{self.name}, line {next(found, after)}: {what}")


def parse_toml(text: str, name: str) -> dict[str, Any]:
    """The tables of a site's TOML file.

    Raises:
        CodeError: it is no TOML; the message names file and line.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CodeError(f"{name}: this is no TOML: {error}") from error


def read_site_map(text: str, name: str) -> SiteCodes:
    """The code map of a TOML file `name`.

    Raises:
        CodeError: a section, member, system, concept or answer is not known, a pattern cannot be
            read or matches nothing at all, or a code stands for two concepts.
    """
    data = parse_toml(text, name)
    lines = tuple(text.split("\n"))
    file = _File(name, lines, data.get("systems", {}))
    if strange := sorted(data.keys() - _SECTIONS):
        raise file.wrong(strange[0], 1, f"no such section {strange[0]}; use [systems], [[concept]]")
    heads = [number for number, line in enumerate(lines, 1) if line.strip() == "[[concept]]"]
    rows = data.get("concept", [])
    if not isinstance(rows, list) or len(heads) != len(rows):
        raise file.wrong("concept", 1, "concepts are tables, each headed by a line [[concept]]")
    found = [_row(file, line, row) for line, row in zip(heads, rows, strict=True)]
    _refuse_doubles(file, heads, found)
    return SiteCodes(found)


def _row(file: _File, line: int, row: Mapping[str, Any]) -> SiteConcept:
    if strange := sorted(row.keys() - _MEMBERS):
        told = f"no such member {strange[0]}; use key, codes, text, [concept.answers]"
        raise file.wrong(strange[0], line, told)
    target, keys = _target(file, line, row.get("key", ""))
    answers = row.get("answers", {})
    return SiteConcept(
        target,
        keys,
        tuple(_pair(file, line, each) for each in _texts(file, line, row, "codes")),
        tuple(_pattern(file, line, each) for each in _texts(file, line, row, "text")),
        dict(_answer(file, line, keys, each) for each in answers.items()),
    )


def _texts(file: _File, line: int, row: Mapping[str, Any], name: str) -> Sequence[str]:
    given = row.get(name, [])
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise file.wrong(name, line, f"{name} must be a list of texts")
    return given


def _target(file: _File, line: int, key: Any) -> tuple[Coding, tuple[str, ...]]:
    """What a row stands for: a concept by its key, or one listed code as `system|code`."""
    system, bar, code = str(key).partition("|")
    if bar:
        pair = (_system(file, line, system), code)
        if keys := SHIPPED.of_code(*pair):
            return Coding(*pair), keys
        raise file.wrong(str(key), line, f"{key}: no file of the service lists this code")
    if key in SHIPPED.names and key != _ITEMS_ONLY:
        return concept_coding(key), (key,)
    if key == _ITEMS_ONLY:
        raise file.wrong(key, line, f"{key}: name the item, from local|capd-1 to local|capd-8")
    near = get_close_matches(str(key), SHIPPED.names, 1)
    hint = f"; the nearest is {near[0]}" if near else ""
    raise file.wrong(str(key), line, f"no such concept {key!r}{hint}")


def _system(file: _File, line: int, name: str) -> str:
    """A system by the short name that the file or the service gives it, or by its address."""
    if name in file.systems:
        return str(file.systems[name])
    if ":" in name:
        return name
    try:
        return system_url(name)
    except CodeError as error:
        told = f"no such system {name!r}: give it an address under [systems]"
        raise file.wrong(f"{name}|", line, told) from error


def _pair(file: _File, line: int, written: str) -> Pair:
    system, bar, code = written.rpartition("|")
    if not bar or not _CODE.fullmatch(code):
        told = f"{written!r} must be system|code, the code of letters, digits and . : / _ ~ -"
        raise file.wrong(written, line, told)
    return canonical(_system(file, line, system), code)


def _pattern(file: _File, line: int, written: str) -> re.Pattern[str]:
    """A pattern for a whole name in lower case."""
    try:
        pattern = re.compile(written, re.IGNORECASE)
    except re.error as error:
        raise file.wrong(written, line, f"text {written!r} is no pattern: {error}") from error
    if pattern.fullmatch("") or pattern.fullmatch(_ANY_NAME):
        raise file.wrong(written, line, f"text {written!r} matches any name")
    return pattern


def _answer(
    file: _File, line: int, keys: tuple[str, ...], each: tuple[str, Any]
) -> tuple[Pair, Coding]:
    written, meant = each
    allowed = {code: coding for key in keys for code, coding in ANSWER_CODES.get(key, {}).items()}
    if meant not in allowed:
        words = ", ".join(allowed) or "none, for its value is a number"
        raise file.wrong(written, line, f"{written!r} is {meant!r}: allowed are {words}")
    if "|" not in written:
        return ("", written.strip().lower()), allowed[meant]
    return _pair(file, line, written), allowed[meant]


def _refuse_doubles(file: _File, heads: Sequence[int], rows: Sequence[SiteConcept]) -> None:
    seen: dict[Pair, str] = {}
    for line, row in zip(heads, rows, strict=True):
        name = ", ".join(row.keys)
        for pair in row.pairs:
            system, code = pair
            if pair in seen:
                told = f"{code} of {system} stands for {seen[pair]} and for {name}"
                raise file.wrong(f"|{code}", line, told)
            seen[pair] = name
            if (shipped := SHIPPED.of_code(*pair)) and shipped != row.keys:
                told = f"{code} of {system} is known to the service as {', '.join(shipped)}"
                raise file.wrong(f"|{code}", line, told)
