"""Settings: environment variables with the prefix `CART_CDS_`, read once and only here."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

PREFIX: Final = "CART_CDS_"
_MAX_DEADLINE_MS = 60_000
_MAX_BODY_MB = 1024
_MAX_DAYS = 3660
LINK_DAYS: Final = 7
"""How long feedback that comes late can still make a card quiet; then whose card it was is gone."""
MAX_SUPPRESSION_H: Final = 24 * LINK_DAYS


class SettingsError(ValueError):
    """A setting has a wrong value; the text names it, what is wrong, and what is allowed."""


class Mode(StrEnum):
    """How much is open."""

    DEMO = "demo"
    PRODUCTION = "production"


class ScopeUnknown(StrEnum):
    """The answer where the infusion record could not be read."""

    STATUS_412 = "412"
    CARD = "card"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment decides; the defaults are those of production.

    `fhir_servers`: bases that may be read beside loopback. `fhir_networks`: networks that are not
    public and may still be connected to, for FHIR servers and key sets. `cors_origins`: browser
    origins, `*` for any, empty for none. `base_url` empty: that of each request. `policy`, `codes`:
    the site's files. `ca_file`: authorities whose certificates are trusted beside the public ones.
    `smart_url`: where the plot app is launched, empty where there is none.
    `clients` and `store_keys` are names of files. `database_url` may hold a password and the tokens
    are some, so they have no text here. `suppression_h`: how long a card that was answered is
    quiet, 0 for never. `analytics_small_cell`: rows of fewer cards are not told, 0 for all.
    `keep_*_days`: what `cart-cds purge` leaves.
    """

    mode: Mode = Mode.PRODUCTION
    base_url: str = ""
    clients: str = ""
    store_keys: str = ""
    analytics_token: str = field(default="", repr=False)
    analytics_small_cell: int = 5
    suppression_h: int = 8
    keep_fired_days: int = 400
    keep_feedback_days: int = 400
    keep_comments_days: int = 90
    database_url: str = field(default="sqlite:///cart-cds.sqlite3", repr=False)
    fhir_servers: tuple[str, ...] = ()
    fhir_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    code_system_base: str = "https://cart-toxicity-cds.example.org/fhir"
    prefetch_dates: bool = False
    scope_unknown: ScopeUnknown = ScopeUnknown.STATUS_412
    deadline_ms: int = 2000
    allow_evaluate_at: bool = False
    cors_origins: tuple[str, ...] = ()
    max_body_mb: int = 16
    policy: Path | None = None
    codes: Path | None = None
    ca_file: Path | None = None
    metrics_token: str = field(default="", repr=False)
    smart_url: str = ""
    ignored: tuple[str, ...] = ()
    """Names with our prefix that are no setting."""

    @property
    def max_body_bytes(self) -> int:
        """The largest request, and the largest answer of a FHIR server, that is read."""
        return self.max_body_mb * 2**20


_DEMO: Final[Mapping[str, Any]] = {
    "scope_unknown": ScopeUnknown.CARD,
    "allow_evaluate_at": True,
    "cors_origins": ("*",),
    "analytics_small_cell": 0,
}


def demo_settings(**changes: Any) -> Settings:
    """The settings of demo mode, some of them changed."""
    return Settings(**({"mode": Mode.DEMO, **_DEMO} | changes))


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment; an empty variable counts as not set.

    Raises:
        SettingsError: a value is not allowed.
    """
    source = os.environ if environment is None else environment  # noqa: TID251 - the one reader
    given = {
        name.removeprefix(PREFIX): text.strip()
        for name, text in source.items()
        if name.startswith(PREFIX) and text.strip()
    }
    read = {name.lower(): _read(name, text) for name, text in given.items() if name in _READERS}
    ignored = tuple(sorted(PREFIX + name for name in given.keys() - _READERS.keys()))
    if read.get("mode") is Mode.DEMO:
        return demo_settings(**read, ignored=ignored)
    return Settings(**read, ignored=ignored)


def check_can_start(settings: Settings) -> None:
    """Refuse what must not be served: production with something open (see `Mode`).

    Raises:
        SettingsError: the mode is production, and something is missing or open.
    """
    if settings.mode is Mode.DEMO:
        return
    for name, why in _REQUIRED.items():
        if not getattr(settings, name.lower()):
            raise SettingsError(f"CART_CDS_MODE is production, which needs {PREFIX}{name}: {why}")
    base = urlsplit(settings.base_url)
    if base.scheme != "https" and not is_loopback(base.hostname or ""):
        raise SettingsError(f"{PREFIX}BASE_URL is {settings.base_url!r}: use https in production")
    _check_app(settings.smart_url)
    if "*" in settings.cors_origins:
        raise SettingsError(f"{PREFIX}CORS_ORIGINS is '*': name the origins in production")


def _check_app(url: str) -> None:
    parts = urlsplit(url)
    if url and parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        raise SettingsError(f"{PREFIX}SMART_URL is {url!r}: use https in production")


_REQUIRED: Final = {
    "CLIENTS": "the file that lists the clients whose calls are answered",
    "BASE_URL": "the public address, which every client's token must name",
    "STORE_KEYS": "the file with the keys that feedback is encrypted with",
}


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by name or address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _read(name: str, text: str) -> Any:
    try:
        return _READERS[name](text)
    except ValueError as error:
        shown = "" if name in _SECRET else f" is {text!r}"
        raise SettingsError(f"{PREFIX}{name}{shown}: {error}") from error


def _choice(kind: type[StrEnum]) -> Callable[[str], StrEnum]:
    def read(text: str) -> StrEnum:
        try:
            return kind(text.lower())
        except ValueError as error:
            raise ValueError(f"use one of {', '.join(kind)}") from error

    return read


_SWITCH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def _switch(text: str) -> bool:
    try:
        return _SWITCH[text.lower()]
    except KeyError as error:
        raise ValueError("use true or false") from error


def _between(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise ValueError(f"use a whole number from {low} to {high}")
        return int(text)

    return read


def plain_url(text: str) -> str:
    """A base URL without its last slash.

    Raises:
        ValueError: it is none, or has a user, a query or a fragment.
    """
    parts = urlsplit(text)
    _ = parts.port  # raises ValueError where it is no number
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("use a full http or https URL")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("use a URL without user, query and fragment")
    return text.rstrip("/")


def _launch_url(text: str) -> str:
    """A URL that is used as it is written; a last slash may matter to where it leads."""
    plain_url(text)
    return text


def _urls(text: str) -> tuple[str, ...]:
    return tuple(plain_url(item) for item in text.replace(",", " ").split())


def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(item) for item in text.replace(",", " ").split())
    except ValueError as error:
        raise ValueError("use networks such as 10.20.0.0/16") from error


def _origins(text: str) -> tuple[str, ...]:
    if text == "*":
        return ("*",)
    origins = _urls(text)
    if any(urlsplit(origin).path for origin in origins):
        raise ValueError("use origins (scheme, host and port) or *")
    return origins


def _database(text: str) -> str:
    if not re.fullmatch(r"sqlite:///(?!:memory:).+|postgresql://.+", text):
        raise ValueError("use sqlite:///file or postgresql://user:password@host/name")
    return text


def _secret(text: str) -> str:
    if not re.fullmatch(r"[!-~]{16,512}", text):
        raise ValueError("use at least 16 characters, without spaces")
    return text


_SECRET: Final = frozenset({"DATABASE_URL", "METRICS_TOKEN", "ANALYTICS_TOKEN"})
"""Settings whose text is not repeated."""


_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "MODE": _choice(Mode),
    "BASE_URL": plain_url,
    "CLIENTS": str,
    "STORE_KEYS": str,
    "DATABASE_URL": _database,
    "FHIR_SERVERS": _urls,
    "CODE_SYSTEM_BASE": plain_url,
    "FHIR_NETWORKS": _networks,
    "PREFETCH_DATES": _switch,
    "SCOPE_UNKNOWN": _choice(ScopeUnknown),
    "DEADLINE_MS": _between(100, _MAX_DEADLINE_MS),
    "ALLOW_EVALUATE_AT": _switch,
    "CORS_ORIGINS": _origins,
    "MAX_BODY_MB": _between(1, _MAX_BODY_MB),
    "POLICY": Path,
    "CODES": Path,
    "CA_FILE": Path,
    "METRICS_TOKEN": _secret,
    "SUPPRESSION_H": _between(0, MAX_SUPPRESSION_H),
    "ANALYTICS_TOKEN": _secret,
    "ANALYTICS_SMALL_CELL": _between(0, 100),
    "KEEP_FIRED_DAYS": _between(LINK_DAYS, _MAX_DAYS),
    "KEEP_FEEDBACK_DAYS": _between(1, _MAX_DAYS),
    "KEEP_COMMENTS_DAYS": _between(0, _MAX_DAYS),
    "SMART_URL": _launch_url,
}
