"""The files that a site writes: read once at start, each with its `[site]` head (design.md 8)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fhir_mappings.errors import CodeError
from fhir_mappings.site_codes import NO_SITE_CODES, SiteCodes
from fhir_mappings.site_map import read_site_map
from grading.knowledge import EDITION
from service.settings import PREFIX, Settings, SettingsError

HEAD: Final = "site"
_MEMBERS = ("name", "version", "based_on")
_EDITION = re.compile(r"\d{4}\.\d{1,2}\.\d+", re.ASCII)
_CODES = f"{PREFIX}CODES"


@dataclass(frozen=True, slots=True)
class SiteHead:
    """Whose file it is, its version, and the content edition that it was written for."""

    name: str
    version: str
    based_on: str


@dataclass(frozen=True, slots=True)
class SiteFile:
    """A site's TOML file: its name without folders, its text, its head."""

    name: str
    text: str
    head: SiteHead


def read_site_file(
    setting: str, path: Path, changes: Mapping[str, Iterable[str]] | None = None
) -> SiteFile:
    """The file at `path`, which `setting` names; only its head is checked here.

    `changes`: by edition what changed in it that the file may bear on.

    Raises:
        SettingsError: it cannot be read, is no TOML, lacks its head, or is based on an older
            edition than the shipped one (the message lists what changed since) or on an unknown
            one.
    """
    try:
        text = path.read_text("utf-8")
        data = tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise SettingsError(f"{setting}: {path.name}: {error}") from error
    head = _head(f"{setting}: {path.name}", data.get(HEAD))
    line = next((n for n, text in enumerate(text.split("\n"), 1) if "based_on" in text), 1)
    _check_edition(f"{setting}: {path.name}, line {line}", head.based_on, changes or {})
    return SiteFile(path.name, text, head)


def _head(where: str, head: Any) -> SiteHead:
    if not isinstance(head, dict) or head.keys() != set(_MEMBERS):
        raise SettingsError(f"{where}: needs a table [site] with {', '.join(_MEMBERS)}")
    if not all(isinstance(head[name], str) and head[name].strip() for name in _MEMBERS):
        raise SettingsError(f"{where}: [site] {', '.join(_MEMBERS)} must be texts")
    return SiteHead(*(head[name] for name in _MEMBERS))


def _check_edition(where: str, based_on: str, changes: Mapping[str, Iterable[str]]) -> None:
    if not _EDITION.fullmatch(based_on) or _order(based_on) > _order(EDITION):
        raise SettingsError(f"{where}: based_on {based_on!r} is no edition up to {EDITION}")
    if _order(based_on) == _order(EDITION):
        return
    newer = [edition for edition in changes if _order(edition) > _order(based_on)]
    since = [change for edition in sorted(newer, key=_order) for change in changes[edition]]
    told = f"; changed since: {', '.join(since)}" if since else ""
    raise SettingsError(
        f"{where}: based_on {based_on} is older than the content edition {EDITION}{told}. Check "
        f"the file against the changelog, then set based_on to {EDITION}"
    )


def _order(edition: str) -> tuple[int, ...]:
    return tuple(int(part) for part in edition.split("."))


def site_codes(settings: Settings) -> SiteCodes:
    """The site's code map, `NO_SITE_CODES` where no file is set.

    Raises:
        SettingsError: the file cannot be used; the message names file, line and what is allowed.
    """
    if settings.codes is None:
        return NO_SITE_CODES
    file = read_site_file(_CODES, settings.codes)
    try:
        return read_site_map(file.text, file.name)
    except CodeError as error:
        raise SettingsError(f"{_CODES}: {error}") from error
