"""Seals what may name a person, and hashes what must be known again, with the store's keys."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from service import held
from service.settings import Settings, SettingsError

_DEMO_KEY: Final = urlsafe_b64encode(hashlib.sha256(b"demo: protects nothing").digest()).decode()
_PURPOSE: Final = b"fingerprint"


class Vault:
    """Seals and hashes with the newest key; opens and knows again with every key."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Use Fernet keys, newest first.

        Raises:
            ValueError: one of them is none, or there are none.
        """
        self._fernet = MultiFernet([Fernet(key) for key in keys])
        self._keys = tuple(hashlib.sha256(_PURPOSE + key.encode()).digest() for key in keys)

    def seal(self, content: bytes) -> bytes:
        """Encrypt; the same content differs every time."""
        return self._fernet.encrypt(content)

    def open(self, sealed: bytes) -> bytes:
        """What was sealed.

        Raises:
            ValueError: by none of these keys.
        """
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken as error:
            raise ValueError("sealed by another key") from error

    def fingerprints(self, content: bytes) -> tuple[bytes, ...]:
        """A keyed hash of `content` for each key, newest first."""
        return tuple(hmac.digest(key, content, "sha256") for key in self._keys)


def open_vault(settings: Settings) -> Vault:
    """The vault of the settings; in demo without a file of keys, one that protects nothing.

    Raises:
        SettingsError: the file cannot be read, or holds something else than keys.
    """
    if not settings.store_keys:
        return Vault([_DEMO_KEY])
    try:
        lines = held.text(settings.store_keys, "ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise _refusal(settings, "cannot be read") from error
    keys = {number: line.strip() for number, line in enumerate(lines, 1)}
    keys = {number: key for number, key in keys.items() if key and not key.startswith("#")}
    if not keys:
        raise _refusal(settings, "holds no key")
    for number, key in keys.items():
        try:
            Fernet(key)
        except ValueError as error:
            raise _refusal(settings, f"line {number} is no Fernet key") from error
    return Vault(list(keys.values()))


def _refusal(settings: Settings, why: str) -> SettingsError:
    return SettingsError(f"CART_CDS_STORE_KEYS is {settings.store_keys!r}: the file {why}")
