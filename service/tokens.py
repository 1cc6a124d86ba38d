"""A client's JWT: taken apart, its signature verified, its claims checked (JWT-1 to JWT-23)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from joserfc.errors import ClaimError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import CompactSignature, JWSRegistry, extract_compact, validate_compact
from joserfc.jwt import JWTClaimsRegistry

LEEWAY_S: Final = 60
MAX_LIFE_S: Final = 3600
_MAX_CHARS: Final = 16_384
_BEARER: Final = re.compile(r"bearer +([\w-]+\.[\w-]+\.[\w-]+)", re.A | re.I)
_BEGIN: Final = re.compile(r"\A[A-Za-z]+://[^/?#]*")
_NAME: Final = re.compile(r"[ -~]{1,512}")
_CARRIED: Final = frozenset({"crit", "jwk", "x5c", "x5u", "b64"})
"""Header members that would choose a key or a meaning that we did not agree to (JWT-22)."""


class TokenError(Exception):
    """The token is not accepted; the text is the kind, for the log and never for the client."""


class _Registry(JWSRegistry):
    """Bounds for what EHRs send; unknown header members are ignored."""

    max_header_length = 4096
    max_payload_length = 8192


@dataclass(frozen=True, slots=True, repr=False)
class Token:
    """A token that was taken apart; nothing of it is to be believed yet. It has no text."""

    signed: CompactSignature
    algorithm: str
    kid: str
    jku: str | None
    claims: Mapping[str, Any]

    def text(self, claim: str) -> str:
        """A claim that is a printable text of at most 512 characters.

        Raises:
            TokenError: it is missing or something else.
        """
        return _text(self.claims, claim)

    def verify(self, keys: KeySet, algorithms: Collection[str]) -> None:
        """Check the signature with the key of the token's `kid`.

        Raises:
            TokenError: it is not by that key, or not by one of these algorithms.
        """
        if self.algorithm not in algorithms:
            raise TokenError("algorithm")
        registry = _Registry(algorithms=[self.algorithm], strict_check_header=False)
        try:
            good = validate_compact(self.signed, keys, registry=registry)
        except (JoseError, ValueError) as error:
            raise TokenError("signature") from error
        if not good:
            raise TokenError("signature")

    def check_claims(self, audiences: Collection[str], now_s: float) -> None:
        """Check audience, times and id; issuer and tenant are the caller's matter.

        `audiences` have scheme and host in lower case; those of the token may be in any.

        Raises:
            TokenError: a claim is missing, of the wrong type, or does not hold at `now_s`.
        """
        wanted = JWTClaimsRegistry(
            now=int(now_s),
            leeway=LEEWAY_S,
            aud={"essential": True, "values": list(audiences)},
            exp={"essential": True},
            iat={"essential": True},
        )
        self.text("jti")
        try:
            wanted.validate({**self.claims, "aud": _lower(self.claims.get("aud"))})
            life_s = self.claims["exp"] - self.claims["iat"]
        except ClaimError as error:
            raise TokenError(f"claim {error.claim}") from error
        except OverflowError as error:
            raise TokenError("lifetime") from error
        if not 0 < life_s <= MAX_LIFE_S:
            raise TokenError("lifetime")


def _lower(audience: Any) -> Any:
    """An audience, or each of a list, with scheme and host in lower case; all else as it is."""
    if isinstance(audience, list):
        return [_lower_text(each) for each in audience]
    return _lower_text(audience)


def _lower_text(audience: Any) -> Any:
    if not isinstance(audience, str):
        return audience
    return _BEGIN.sub(lambda found: found[0].lower(), audience)


def read_token(authorization: str | None) -> Token:
    """The token of an `Authorization` header.

    Raises:
        TokenError: there is none, or none of the form that CDS Hooks asks for.
    """
    written = authorization or ""
    found = _BEARER.fullmatch(written) if len(written) <= _MAX_CHARS else None
    if found is None:
        raise TokenError("no-bearer-token")
    try:
        signed = extract_compact(found[1].encode(), registry=_Registry())
        claims = msgspec.json.decode(signed.payload or b"", type=dict[str, Any])
        header = signed.headers()
    except (JoseError, ValueError, RecursionError, msgspec.MsgspecError) as error:
        raise TokenError("unreadable") from error
    if not isinstance(header, dict) or _CARRIED & header.keys():
        raise TokenError("header")
    if _text(header, "typ").upper() != "JWT":
        raise TokenError("typ")
    jku = _text(header, "jku") if "jku" in header else None
    return Token(signed, _text(header, "alg"), _text(header, "kid"), jku, claims)


def _text(members: Mapping[str, Any], name: str) -> str:
    text = members.get(name)
    if not isinstance(text, str) or not _NAME.fullmatch(text):
        raise TokenError(name)
    return text
