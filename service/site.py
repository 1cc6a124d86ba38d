"""The site's policy file, read once at start, and the edition that it makes (design.md 8)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, NamedTuple

from grading.knowledge import (
    AS_SHIPPED,
    KNOWLEDGE,
    KnowledgeError,
    Overrides,
    Policy,
    policy_text,
    read_site_policy,
)
from service.settings import Settings, SettingsError

_DIGITS: Final = 8
_CODE_MAP: Final = "fhir_mappings.value_sets"


class SiteEdition(NamedTuple):
    """Which site file is in force; `sha256`: 8 hex digits over merged policy and code map."""

    name: str
    version: str
    sha256: str

    def __str__(self) -> str:
        """Name, version and digits, as on a log line."""
        return f"{self.name} {self.version} {self.sha256}"


@dataclass(frozen=True, slots=True)
class SitePolicy:
    """The policy in force and what of it the site chose; `edition` None: as shipped."""

    policy: Policy = KNOWLEDGE.policy
    overrides: Overrides = AS_SHIPPED
    edition: SiteEdition | None = None


AS_IT_IS: Final = SitePolicy()
"""Without a site file."""


def read_site(settings: Settings) -> SitePolicy:
    """The policy of the settings; without a file the shipped one.

    Raises:
        SettingsError: the file cannot be read, or is refused; the text names file and line.
    """
    if settings.policy is None:
        return AS_IT_IS
    path = settings.policy
    try:
        policy, overrides = read_site_policy(_text(path), path.name)
    except KnowledgeError as error:
        raise SettingsError(f"CART_CDS_POLICY: {error}") from error
    site = overrides.site
    edition = site and SiteEdition(site.name, site.version, digest(policy, _code_map()))
    return SitePolicy(policy, overrides, edition)


def site_member(edition: SiteEdition | None) -> dict[str, Any]:
    """`siteEdition` of an assessment or a stored card; nothing where no site file is in force."""
    return {} if edition is None else {"siteEdition": edition._asdict()}


def digest(policy: Policy, code_map: Iterable[bytes]) -> str:
    """The first 8 hex digits of the SHA-256 of a policy and a code map."""
    found = hashlib.sha256(policy_text(policy).encode())
    for part in code_map:
        found.update(part)
    return found.hexdigest()[:_DIGITS]


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise SettingsError(f"CART_CDS_POLICY is {str(path)!r}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"CART_CDS_POLICY: {path.name}: this is no UTF-8 text") from error


def _code_map() -> Iterable[bytes]:
    """The files that say which codes mean what, by name."""
    found = (item for item in files(_CODE_MAP).iterdir() if item.name.endswith((".toml", ".csv")))
    return (item.read_bytes() for item in sorted(found, key=lambda item: item.name))
