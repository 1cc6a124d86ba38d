"""The public keys of clients: read from JWK sets, fetched from listed addresses, kept a while.

Fetches are few and bounded: one at a time for an address, with a pause between them whether they
worked or not; https, no redirects, no proxies; bounded in size and time.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import msgspec
import requests
import urllib3
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

from service.ending import ending_at
from service.log import Event, write
from service.outgoing import PUBLIC, Reach, guarded_session, reach_to

FRESH_S: Final = 600.0
"""Keys are used without asking again."""
KEEP_S: Final = 3600.0
"""Keys are used while their server does not answer."""
PAUSE_S: Final = 10.0
"""Between two fetches from one address."""
TIMEOUT_S: Final = 1.5
"""Of a fetch, from its first step to its last; a call waits as long for that of another."""
MAX_BYTES: Final = 1 << 18
_CHUNK: Final = 1 << 14
_RSA_CHARS: Final = 342
"""Of a modulus of 2048 bits in base64."""
_PUBLIC: Final = ("kty", "kid", "use", "alg", "crv", "x", "y", "n", "e")
_HEADERS: Final = {"Accept": "application/json", "User-Agent": "cart-toxicity-cds"}


class KeysError(Exception):
    """No key is known; the text is the kind, for the log."""


def public_keys(entries: Iterable[Any]) -> KeySet:
    """The usable keys among JWKs: EC, and RSA from 2048 bits on; all else is left out."""
    return KeySet([key for entry in entries if (key := _public_key(entry)) is not None])


def _public_key(entry: Any) -> ECKey | RSAKey | None:
    """Symmetric keys are none, and of a private key that was published the public half is used."""
    if not isinstance(entry, Mapping):
        return None
    members = {name: entry[name] for name in _PUBLIC if isinstance(entry.get(name), str)}
    if "kid" not in members or not _verifies(entry.get("key_ops")):
        return None
    try:
        if members.get("kty") == "EC":
            return ECKey.import_key(members)
        if members.get("kty") == "RSA" and len(members.get("n", "")) >= _RSA_CHARS:
            return RSAKey.import_key(members)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return None


def _verifies(operations: Any) -> bool:
    """Whether a key may verify, by its `key_ops`: without any it may, by odd ones it may not."""
    if not operations:
        return True
    texts = isinstance(operations, list) and all(isinstance(each, str) for each in operations)
    return texts and "verify" in operations


@dataclass(slots=True)
class _Kept:
    """What one address gave, and when; instants are on the monotonic clock, in seconds."""

    keys: KeySet = field(default_factory=lambda: KeySet([]))
    fetched: float = -KEEP_S
    tried: float = -KEEP_S
    failure: str = "unknown-key"
    lock: threading.Lock = field(default_factory=threading.Lock)

    def holds(self, kid: str, age_s: float, now: float) -> bool:
        return now - self.fetched < age_s and any(key.kid == kid for key in self.keys)


class KeySets:
    """The key sets of all listed addresses, for one process."""

    def __init__(
        self,
        urls: Collection[str],
        beside: Reach = PUBLIC,
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        """Serve these addresses and no others; nothing is fetched before it is needed.

        `beside`: what may be connected to, and whose certificates are trusted, beside the public.
        """
        start = tick()
        self._kept = {url: _Kept(fetched=start - KEEP_S, tried=start - PAUSE_S) for url in urls}
        self._tick = tick
        self._session = guarded_session(reach_to(urls, beside))
        self._session.headers.update(_HEADERS)

    def find(self, url: str, kid: str) -> KeySet:
        """The key set of an address that holds `kid`; fetched where it may hold it by now.

        Raises:
            KeysError: it does not hold it, or cannot be had.
        """
        kept = self._kept[url]
        if kept.holds(kid, FRESH_S, self._tick()):
            return kept.keys
        usable = kept.holds(kid, KEEP_S, self._tick())
        if kept.lock.acquire(timeout=0 if usable else TIMEOUT_S):
            try:
                self._refresh(url, kid, kept)
            finally:
                kept.lock.release()
        if not kept.holds(kid, KEEP_S, self._tick()):
            raise KeysError(kept.failure)
        return kept.keys

    def _refresh(self, url: str, kid: str, kept: _Kept) -> None:
        """Fetch, unless another thread just did; a failure leaves what is kept."""
        now = self._tick()
        if kept.holds(kid, FRESH_S, now) or now - kept.tried < PAUSE_S:
            return
        try:
            kept.keys = public_keys(self._fetch(url))
            kept.fetched, kept.failure = self._tick(), "unknown-key"
        except KeysError as error:
            kept.failure = str(error)
            write(Event.KEY_FETCH_FAILED, logging.ERROR, reason=kept.failure)
        finally:
            kept.tried = self._tick()

    def _fetch(self, url: str) -> list[Any]:
        try:
            document = msgspec.json.decode(self._body(url))
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise KeysError("key-server-down") from error
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise KeysError("key-set-not-json") from error
        entries = document.get("keys") if isinstance(document, dict) else None
        if not isinstance(entries, list):
            raise KeysError("no-key-set")
        return entries

    def _body(self, url: str) -> bytes:
        body = bytearray()
        with (
            ending_at(time.monotonic() + TIMEOUT_S),
            self._session.get(
                url, timeout=TIMEOUT_S, allow_redirects=False, stream=True
            ) as response,
        ):
            if response.status_code != HTTPStatus.OK:
                raise KeysError(f"key-server-{response.status_code}")
            while chunk := response.raw.read1(_CHUNK, decode_content=True):
                body += chunk
                if len(body) > MAX_BYTES:
                    raise KeysError("key-set-too-large")
        return bytes(body)
