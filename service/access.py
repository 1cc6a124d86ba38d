"""Leave to read from a FHIR server: which one, with what token, until when."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from service.outgoing import origin
from service.scopes import UNKNOWN, Scopes
from service.settings import is_loopback


class ReadError(Exception):
    """A read that failed; `kind` says how, without addresses: `timeout`, `http-401`, ..."""

    def __init__(self, kind: str) -> None:
        """Keep the kind."""
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True, slots=True, repr=False)
class Access:
    """Leave to read from `base`, until the monotonic instant `until`, in seconds.

    `until` is the end of the time for reads, or of the token's where that comes first (FHIR-5).
    `scopes`: what the token may read, as far as it is told.
    """

    base: str
    token: str | None
    until: float
    scopes: Scopes = UNKNOWN

    def left(self) -> float:
        """Seconds left, negative once the time is over."""
        return self.until - time.monotonic()

    def remaining(self) -> float:
        """Seconds left.

        Raises:
            ReadError: none are.
        """
        left = self.left()
        if left <= 0:
            raise ReadError("timeout")
        return left

    def resolve(self, link: str, page_url: str) -> str:
        """The full address of a link on the page at `page_url`.

        Raises:
            ReadError: it leads to another origin, where the token must not go, or nowhere.
        """
        try:
            full = urljoin(page_url, link)
            same = origin(full) == origin(self.base)
        except ValueError as error:
            raise ReadError("bad-link") from error
        if not same:
            raise ReadError("other-origin")
        return full


def may_read(base: str, servers: Collection[str]) -> bool:
    """Whether a FHIR base may be read: any on loopback, and those that are listed (FHIR-10)."""
    try:
        origin(base)
    except ValueError:
        return False
    parts = urlsplit(base)
    if parts.query or parts.fragment:
        return False
    return base.rstrip("/") in servers or is_loopback(parts.hostname or "")
