"""The policy of a site: its own TOML file over the shipped one."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, NamedTuple

from grading.knowledge.edition import EDITION, FIRST_EDITION
from grading.knowledge.errors import KnowledgeError
from grading.knowledge.policy import (
    Policy,
    allowed,
    check_together,
    read_policy,
    shipped_entries,
    value_of,
)

_SITE = "site"
_TEXT_LIMIT = 80
_EDITION = re.compile(r"\d{4}\.\d{1,2}\.\d+")
_SHIPPED = "policy.toml"

Entries = Mapping[str, Mapping[str, Any]]


class Site(NamedTuple):
    """Whose file it is; `based_on`: the content edition that the site has looked at."""

    name: str
    version: str
    based_on: str


@dataclass(frozen=True, slots=True)
class Override:
    """One value that a site chose instead of the shipped one; `rules`: the ids it bears on."""

    name: str
    shipped: Any
    site: Any
    unit: str
    rules: tuple[str, ...]
    means: str


@dataclass(frozen=True, slots=True)
class Overrides:
    """All that a site chose otherwise, in the order of its file; without a site: as shipped."""

    items: tuple[Override, ...] = ()
    site: Site | None = None

    def touching(self, rules: Collection[str]) -> tuple[Override, ...]:
        """Those that bear on one of `rules`."""
        return tuple(item for item in self.items if not set(rules).isdisjoint(item.rules))


AS_SHIPPED = Overrides()
"""Where there is no site file."""


def read_site_policy(text: str, name: str, edition: str = EDITION) -> tuple[Policy, Overrides]:
    """The shipped policy, of `edition`, with what a site's TOML file `name` overrides, and which.

    A value equal to the shipped one is no override. A table or list replaces the shipped one.

    Raises:
        KnowledgeError: the file is no TOML, does not say whose it is or which edition it is based
            on, names what the policy lacks or no code reads, or a value has the wrong type, lies
            outside what is allowed or contradicts another; the message names file, line and what
            is allowed.
    """
    try:
        data = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, ArithmeticError) as error:
        raise KnowledgeError(f"{name}: this is no TOML: {error}") from error
    entries = shipped_entries()
    shipped = read_policy(entries)
    wheres = {key: f"{name}{_line(text, key)}: {key}" for key in data}
    head = data.pop(_SITE, None)
    values = {key: _site_value(wheres[key], key, data[key], entries) for key in data}
    since = {key: row.get("since", FIRST_EDITION) for key, row in entries.items()}
    site = read_site_head(head, name, text, edition, since)
    changed = {key: value for key, value in values.items() if value != getattr(shipped, key)}
    policy = replace(shipped, **changed)
    check_together(policy, wheres)
    found = (
        Override(
            name=key,
            shipped=getattr(shipped, key),
            site=value,
            unit=entries[key]["unit"],
            rules=tuple(entries[key]["rules"]),
            means=entries[key]["means"],
        )
        for key, value in changed.items()
    )
    return policy, Overrides(tuple(found), site)


def read_site_head(
    head: Any, name: str, text: str, edition: str = EDITION, since: Mapping[str, str] | None = None
) -> Site:
    """The table [site] of any file that a site writes, of the content `edition`.

    `since`: what such a file may name, each with the edition that changed it last.

    Raises:
        KnowledgeError: it lacks a member, one is no short text, or it is based on another edition;
            for an older one the message lists what changed since.
    """
    site = _site(head, name, text)
    _check_edition(f"{name}{_line(text, 'based_on')}: based_on", site, edition, since)
    return site


def policy_text(policy: Policy) -> str:
    """Every value, one a line in a fixed order and form, to tell whether two policies are equal."""
    return "\n".join(
        f"{field.name} = {_canonical(getattr(policy, field.name))}" for field in fields(policy)
    )


def _canonical(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return repr(sorted(value.items()) if isinstance(value, dict) else value)


def _line(text: str, key: str) -> str:
    """`, line 3`, where `key` is given a value or heads a table; empty where it is not found."""
    pattern = re.compile(rf"""\s*\[?\s*["']?{re.escape(key)}["']?\s*[=.\]]""")
    lines = text.split("\n")
    numbers = (number for number, line in enumerate(lines, 1) if pattern.match(line))
    found = next(numbers, None)
    return "" if found is None else f", line {found}"


def _site(row: Any, name: str, text: str) -> Site:
    if not isinstance(row, dict):
        raise KnowledgeError(
            f"{name}: it needs a table [site] with name, version and based_on (a content edition "
            f"such as {EDITION}), to say whose file this is"
        )
    if differing := sorted(row.keys() ^ set(Site._fields)):
        where = f"{name}{_line(text, _SITE)}: [site]"
        raise KnowledgeError(f"{where}: unknown or missing keys {differing}")
    for key, value in row.items():
        where = f"{name}{_line(text, key)}: {key}"
        if not isinstance(value, str) or not value.isprintable():
            raise KnowledgeError(f"{where}: use a text of one line")
        if not 0 < len(value.strip()) <= _TEXT_LIMIT:
            raise KnowledgeError(f"{where}: use a text of 1 to {_TEXT_LIMIT} characters")
    return Site(**row)


def _check_edition(where: str, site: Site, edition: str, since: Mapping[str, str] | None) -> None:
    """Raise KnowledgeError where the site has not looked at this edition (design.md 8)."""
    if not _EDITION.fullmatch(site.based_on):
        raise KnowledgeError(
            f"{where}: {site.based_on!r} is no content edition; allowed: {edition}"
        )
    if _order(site.based_on) > _order(edition):
        raise KnowledgeError(f"{where}: {site.based_on} is newer than this service ({edition})")
    if _order(site.based_on) == _order(edition):
        return
    older = f"{where}: {site.based_on} is older than this service ({edition})"
    if since is None:
        raise KnowledgeError(f"{older}. Look at the changelog, then set based_on to {edition}")
    changed = [key for key, added in since.items() if _order(added) > _order(site.based_on)]
    raise KnowledgeError(
        f"{older}; parameters changed since: {', '.join(changed) or 'none'}. Look at each in "
        f"docs/rules.md, then set based_on to {edition}"
    )


def _order(edition: str) -> tuple[int, ...]:
    return tuple(map(int, edition.split(".")))


def _site_value(where: str, name: str, value: Any, entries: Entries) -> Any:
    if name not in entries:
        near = get_close_matches(name, entries, 1)
        hint = f"; the nearest is {near[0]} ({allowed(near[0], entries[near[0]])})" if near else ""
        raise KnowledgeError(
            f"{where}: no such name; a site may override the numbers and switches of {_SHIPPED} by"
            f" name, never a rule{hint}"
        )
    if why := entries[name].get("unused", ""):
        raise KnowledgeError(
            f"{where}: no code of this edition reads it, so it cannot be changed: {why}"
        )
    return value_of(where, name, value, entries[name])
