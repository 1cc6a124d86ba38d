"""What a site chose: its policy and its code map, read at start, and their edition."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, NamedTuple

from fhir_mappings.errors import CodeError
from fhir_mappings.site_codes import NO_SITE_CODES, SiteCodes
from fhir_mappings.site_map import parse_toml, read_site_map
from grading.knowledge import (
    AS_SHIPPED,
    KNOWLEDGE,
    KnowledgeError,
    Overrides,
    Policy,
    Site,
    policy_text,
    read_site_head,
    read_site_policy,
)
from service import held
from service.settings import PREFIX, Settings, SettingsError

_DIGITS: Final = 8
_CODE_MAP: Final = "fhir_mappings.value_sets"
_HEAD: Final = "site"


class SiteEdition(NamedTuple):
    """Which site files are in force; `sha256`: 8 hex digits over merged policy and code map."""

    name: str
    version: str
    sha256: str

    def __str__(self) -> str:
        """Name, version and digits, as on a log line."""
        return f"{self.name} {self.version} {self.sha256}"


@dataclass(frozen=True, slots=True)
class SiteSetup:
    """The policy in force, what of it the site chose, its codes; `edition` None: as shipped."""

    policy: Policy = KNOWLEDGE.policy
    overrides: Overrides = AS_SHIPPED
    codes: SiteCodes = NO_SITE_CODES
    edition: SiteEdition | None = None


AS_IT_IS: Final = SiteSetup()
"""Without a file of a site."""


def read_site(settings: Settings) -> SiteSetup:
    """What the files of the settings say; without one what was shipped.

    Raises:
        SettingsError: a file cannot be read, or is refused; the text names file and line.
    """
    policy, overrides = _policy(settings.policy)
    codes, head, text = _codes(settings.codes)
    if settings.policy is None and settings.codes is None:
        return AS_IT_IS
    heads = [each for each in (overrides.site, head) if each is not None]
    edition = SiteEdition(
        heads[0].name,
        "+".join(each.version for each in heads),
        digest(policy, (*_code_map(), text.encode())),
    )
    return SiteSetup(policy, overrides, codes, edition)


def site_member(edition: SiteEdition | None) -> dict[str, Any]:
    """`siteEdition` of an assessment or a stored card; nothing where no site file is in force."""
    return {} if edition is None else {"siteEdition": edition._asdict()}


def digest(policy: Policy, code_map: Iterable[bytes]) -> str:
    """The first 8 hex digits of the SHA-256 of a policy and a code map."""
    found = hashlib.sha256(policy_text(policy).encode())
    for part in code_map:
        found.update(part)
    return found.hexdigest()[:_DIGITS]


def _policy(path: Path | None) -> tuple[Policy, Overrides]:
    if path is None:
        return KNOWLEDGE.policy, AS_SHIPPED
    text = _text("POLICY", path)
    try:
        return read_site_policy(text, path.name)
    except KnowledgeError as error:
        raise SettingsError(f"{PREFIX}POLICY: {error}") from error


def _codes(path: Path | None) -> tuple[SiteCodes, Site | None, str]:
    if path is None:
        return NO_SITE_CODES, None, ""
    text = _text("CODES", path)
    try:
        head = read_site_head(parse_toml(text, path.name).get(_HEAD), path.name, text)
        return read_site_map(text, path.name), head, text
    except (KnowledgeError, CodeError) as error:
        raise SettingsError(f"{PREFIX}CODES: {error}") from error


def _text(setting: str, path: Path) -> str:
    try:
        return held.text(path)
    except OSError as error:
        raise SettingsError(f"{PREFIX}{setting} is {str(path)!r}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{PREFIX}{setting}: {path.name}: this is no UTF-8 text") from error


def _code_map() -> Iterable[bytes]:
    """The files that say which codes mean what, by name."""
    found = (item for item in files(_CODE_MAP).iterdir() if item.name.endswith((".toml", ".csv")))
    return (item.read_bytes() for item in sorted(found, key=lambda item: item.name))
