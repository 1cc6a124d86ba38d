"""Tokens that must be refused, each with the reason that the log must give."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import serialization
from flask import Flask
from joserfc import jws
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from tests.service.calls import PATH, request
from tests.service.identities import (
    BASE,
    NOW_S,
    SERVICE,
    KeyServer,
    claims,
    ec,
    encoded,
    header,
    public,
    rsa,
    signed,
    token,
)

EPIC = "https://epic.example.org/api/FHIR/R4"
TENANTS = "https://tenants.example.org"
PINNED = "https://pinned.example.org"
SICK = "https://sick.example.org"
STRANGER = "https://stranger.example.org"


@dataclass
class World:
    """The service in production, its clients, and key servers good and bad."""

    app: Flask
    good: KeyServer
    evil: KeyServer
    moved: KeyServer
    page: KeyServer
    down: str

    def ask(self, headers: Any, path: str = PATH) -> TestResponse:
        body = json.dumps(request()).encode()
        return self.app.test_client().post(
            path, data=body, content_type="application/json", headers=headers
        )


def epic(**changes: Any) -> dict[str, Any]:
    """The claims that Epic sends."""
    times = {"iat": NOW_S, "nbf": NOW_S - 300, "exp": NOW_S + 900}
    return claims(iss=EPIC, sub="0e7c5f8a-client-id", **times, **changes)


def unsigned(head: dict[str, Any], signature: str = "") -> str:
    return f"{encoded(head)}.{encoded(claims())}.{signature}"


def with_secret(secret: bytes, head: dict[str, Any], hashing: str = "sha384") -> str:
    text = f"{encoded(head)}.{encoded(claims())}"
    return f"{text}.{encoded(hmac.digest(secret, text.encode(), hashing))}"


def pem(key: RSAKey) -> bytes:
    kind = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key.public_bytes(serialization.Encoding.PEM, kind)


def by_algorithm(name: str, key: Any, head: dict[str, Any]) -> str:
    text = f"{encoded(head)}.{encoded(claims())}"
    return f"{text}.{encoded(jws.JWSRegistry.algorithms[name].sign(text.encode(), key))}"


def tampered(part: int) -> str:
    parts = token().split(".")
    raw = bytearray(base64.urlsafe_b64decode(parts[part] + "=="))
    raw[len(raw) // 2] ^= 1
    parts[part] = encoded(bytes(raw))
    return ".".join(parts)


def other_claims(**changes: Any) -> str:
    """A good signature under other claims."""
    head, _, signature = token().split(".")
    return f"{head}.{encoded(claims(**changes))}.{signature}"


Forge = Callable[[World], str | None]
HS = {"typ": "JWT", "kid": "rsa+/1="}

RAW: dict[str, str | None] = {
    "no header": None,
    "empty header": "",
    "scheme without token": "Bearer",
    "basic": "Basic dXNlcjpwYXNz",
    "not three parts": "Bearer a.b",
    "five parts, as if encrypted": "Bearer a.b.c.d.e",
    "not base64": "Bearer a!.b!.c!",
    "not JSON": f"Bearer {encoded(b'x')}.{encoded(b'y')}.{encoded(b'z')}",
    "an opaque access token, as in fhirAuthorization": "Bearer canary-token-5f1d",
}
FORGED: dict[str, tuple[str, Forge]] = {
    "two tokens": ("no-bearer-token", lambda _: f"{token()}, Bearer {token()}"),
    "a token in an unknown scheme": ("no-bearer-token", lambda _: None),
    "very long": ("no-bearer-token", lambda _: token(x="x" * 20_000)),
    "claims that are an array": ("unreadable", lambda _: signed(ec(), header(ec()), [claims()])),
    "claims that are nested too deep": (
        "unreadable",
        lambda _: signed(ec(), header(ec()), b"[" * 5000),
    ),
    "header that is an array": ("unreadable", lambda _: signed(ec(), [header(ec())], claims())),
    "header that is nested deep": ("unreadable", lambda _: signed(ec(), b"[" * 2900, claims())),
    "NaN as exp": (
        "unreadable",
        lambda _: signed(ec(), header(ec()), json.dumps(claims(exp=float("nan"))).encode()),
    ),
    "no alg": ("unreadable", lambda _: token(head={"alg": ...})),
    "alg of wrong type": ("alg", lambda _: token(head={"alg": 384})),
    "alg unknown": ("algorithm", lambda _: token(head={"alg": "ES999"})),
    "no typ": ("typ", lambda _: token(head={"typ": ...})),
    "other typ": ("typ", lambda _: token(head={"typ": "at+jwt"})),
    "typ of wrong type": ("typ", lambda _: token(head={"typ": ["JWT"]})),
    "no kid": ("kid", lambda _: token(head={"kid": ...})),
    "empty kid": ("kid", lambda _: token(head={"kid": ""})),
    "kid of wrong type": ("kid", lambda _: token(head={"kid": 1})),
    "very long kid": ("kid", lambda _: token(head={"kid": "k" * 600})),
    "kid with control characters": ("kid", lambda _: token(head={"kid": "ec-1\n"})),
    "unknown kid": ("unknown-key", lambda _: token(ec("stranger"))),
    "kid of another key": ("signature", lambda _: token(ec("stranger"), {"kid": "ec-1"})),
    "kid as a path": ("unknown-key", lambda _: token(head={"kid": "../../ec-1"})),
    "unknown crit": (
        "header",
        lambda _: token(head={"crit": ["org.example.x"], "org.example.x": 1}),
    ),
    "empty crit": ("header", lambda _: token(head={"crit": []})),
    "crit that is known but not agreed": (
        "header",
        lambda _: token(head={"crit": ["b64"], "b64": True}),
    ),
    "payload that is not encoded": ("unreadable", lambda _: token(head={"b64": False})),
    "own key in jwk": ("header", lambda _: token(ec("evil"), {"jwk": public(ec("evil"))})),
    "own key in jwk under a good kid": (
        "header",
        lambda _: token(ec("evil"), {"jwk": public(ec("evil")), "kid": "ec-1"}),
    ),
    "x5c": ("header", lambda _: token(head={"x5c": ["MIIB"]})),
    "x5u": ("header", lambda w: token(head={"x5u": w.evil.jku})),
    "jku outside the list": ("jku", lambda w: token(ec("evil"), {"jku": w.evil.jku})),
    "jku outside the list with a good key": ("jku", lambda w: token(head={"jku": w.evil.jku})),
    "jku below a listed one": ("jku", lambda w: token(head={"jku": f"{w.good.jku}/../x"})),
    "jku with another spelling": ("jku", lambda w: token(head={"jku": w.good.jku.upper()})),
    "jku of wrong type": ("jku", lambda w: token(head={"jku": [w.good.jku]})),
    "jku null": ("jku", lambda _: token(head={"jku": None})),
    "jku of another client": ("jku", lambda w: token(ec("evil"), {"jku": w.evil.jku}, iss=EPIC)),
    "key at the jku of a client whose keys are fixed": (
        "signature",
        lambda w: token(ec("evil"), {"jku": w.evil.jku}, iss=PINNED),
    ),
    "redirecting jku": ("key-server-302", lambda w: token(head={"jku": w.moved.jku}, iss=SICK)),
    "key server that answers with a page": (
        "key-set-not-json",
        lambda w: token(head={"jku": w.page.jku}, iss=SICK),
    ),
    "key server down": ("key-server-down", lambda w: token(head={"jku": w.down}, iss=SICK)),
    "key server down, no jku": ("key-server-down", lambda _: token(iss=SICK)),
    "none": ("no-bearer-token", lambda _: unsigned({"alg": "none", "typ": "JWT", "kid": "ec-1"})),
    "none with a signature": (
        "algorithm",
        lambda _: unsigned({"alg": "none", "typ": "JWT", "kid": "ec-1"}, "x"),
    ),
    "None": ("algorithm", lambda _: unsigned({"alg": "None", "typ": "JWT", "kid": "ec-1"}, "x")),
    "nOnE": ("algorithm", lambda _: unsigned({"alg": "nOnE", "typ": "JWT", "kid": "ec-1"}, "x")),
    "no signature": ("no-bearer-token", lambda _: ".".join(token().split(".")[:2]) + "."),
    "signature of another token": ("signature", lambda _: other_claims()),
    "signature of zeros": (
        "signature",
        lambda _: ".".join([*token().split(".")[:2], encoded(bytes(96))]),
    ),
    "signature too long": ("unreadable", lambda _: token() + "A" * 2000),
    "tampered claims": ("signature", lambda _: tampered(1)),
    "tampered signature": ("signature", lambda _: tampered(2)),
    "HS384 with the RSA key as secret": (
        "algorithm",
        lambda _: with_secret(pem(rsa()), {**HS, "alg": "HS384"}),
    ),
    "HS256 with the RSA key as secret": (
        "algorithm",
        lambda _: with_secret(pem(rsa()), {**HS, "alg": "HS256"}, "sha256"),
    ),
    "RS384 that is a HMAC with the RSA key": (
        "signature",
        lambda _: with_secret(pem(rsa()), {**HS, "alg": "RS384"}),
    ),
    "HS384 with the published modulus": (
        "algorithm",
        lambda _: with_secret(public(rsa())["n"].encode(), {**HS, "alg": "HS384"}),
    ),
    "HS384 with a published symmetric key": (
        "unknown-key",
        lambda _: with_secret(b"s" * 48, {"alg": "HS384", "typ": "JWT", "kid": "oct-1"}),
    ),
    "ES384 that is a HMAC with a published symmetric key": (
        "unknown-key",
        lambda _: with_secret(b"s" * 48, {"alg": "ES384", "typ": "JWT", "kid": "oct-1"}),
    ),
    "RS256, which is not listed": (
        "algorithm",
        lambda _: by_algorithm("RS256", rsa(), {**HS, "alg": "RS256"}),
    ),
    "ES256, which is not listed": (
        "algorithm",
        lambda _: by_algorithm(
            "ES256", ec("p256", "P-256"), {"alg": "ES256", "typ": "JWT", "kid": "p256"}
        ),
    ),
    "ES384 under an algorithm list without it": ("algorithm", lambda _: token(iss=EPIC)),
    "ES384 with a key of another curve": ("signature", lambda _: token(head={"kid": "p256"})),
    "ES384 with an RSA key": ("signature", lambda _: token(head={"kid": rsa().kid})),
    "RS384 with an EC key": ("signature", lambda _: token(rsa(), {"kid": "ec-1"})),
    "PS384 said, RS384 signed": (
        "signature",
        lambda _: signed(rsa(), header(rsa(), alg="PS384"), epic()),
    ),
    "key for encryption": ("signature", lambda _: token(ec("encrypting"))),
    "key for another algorithm": ("signature", lambda _: token(ec("es512-only"))),
    "key that may not verify": ("unknown-key", lambda _: token(ec("signing"))),
    "RSA key that is too small": ("unknown-key", lambda _: token(rsa(), {"kid": "small"})),
    "key on an unknown curve": ("unknown-key", lambda _: token(ec("short"))),
    "no iss": ("iss", lambda _: token(iss=...)),
    "unknown iss": ("issuer", lambda _: token(iss=STRANGER)),
    "iss with a slash more": ("issuer", lambda _: token(iss="https://sandbox.example.org/")),
    "iss of wrong type": ("iss", lambda _: token(iss={"url": "https://sandbox.example.org"})),
    "iss as a list": ("iss", lambda _: token(iss=["https://sandbox.example.org"])),
    "no aud": ("claim aud", lambda _: token(aud=...)),
    "aud null": ("claim aud", lambda _: token(aud=None)),
    "aud empty list": ("claim aud", lambda _: token(aud=[])),
    "aud of wrong type": ("claim aud", lambda _: token(aud={"url": SERVICE})),
    "aud list of wrong type": ("claim aud", lambda _: token(aud=[SERVICE, 7])),
    "aud of another host": ("claim aud", lambda _: token(aud=SERVICE.replace("cds.", "cds2."))),
    "aud of the discovery": ("claim aud", lambda _: token(aud=f"{BASE}/cds-services")),
    "aud of another service": (
        "claim aud",
        lambda _: token(aud=SERVICE.replace("patient-view", "order-sign")),
    ),
    "aud of the feedback": ("claim aud", lambda _: token(aud=f"{SERVICE}/feedback")),
    "aud by http": ("claim aud", lambda _: token(aud=SERVICE.replace("https", "http"))),
    "aud on another port": ("claim aud", lambda _: token(aud=SERVICE.replace(".org", ".org:8443"))),
    "aud with more behind it": ("claim aud", lambda _: token(aud=f"{SERVICE}?x=1")),
    "aud with two slashes": ("claim aud", lambda _: token(aud=f"{SERVICE}//")),
    "aud as one text of two": (
        "claim aud",
        lambda _: token(aud=f"{SERVICE} https://x.example.org"),
    ),
    "no exp": ("claim exp", lambda _: token(exp=...)),
    "exp of wrong type": ("claim exp", lambda _: token(exp="soon")),
    "exp as a digit text": ("claim exp", lambda _: token(exp=str(NOW_S + 300))),
    "exp true": ("claim exp", lambda _: token(exp=True)),
    "expired": ("claim exp", lambda _: token(iat=NOW_S - 600, exp=NOW_S - 300)),
    "expired by the leeway": ("claim exp", lambda _: token(iat=NOW_S - 300, exp=NOW_S - 60)),
    "exp in the year 9999": ("lifetime", lambda _: token(exp=253_402_300_799)),
    "exp enormous": ("lifetime", lambda _: token(exp=10**400, iat=NOW_S + 0.5)),
    "exp infinite": ("unreadable", lambda _: token(exp=float("inf"))),
    "life of more than an hour": ("lifetime", lambda _: token(exp=NOW_S + 3601)),
    "no iat": ("claim iat", lambda _: token(iat=...)),
    "iat of wrong type": ("claim iat", lambda _: token(iat="now")),
    "iat in the future": ("claim iat", lambda _: token(iat=NOW_S + 3600, exp=NOW_S + 3900)),
    "iat beyond the leeway": ("claim iat", lambda _: token(iat=NOW_S + 61)),
    "iat after exp": ("lifetime", lambda _: token(iat=NOW_S + 30, exp=NOW_S + 20)),
    "nbf in the future": ("claim nbf", lambda _: token(nbf=NOW_S + 61)),
    "nbf of wrong type": ("claim nbf", lambda _: token(nbf="now")),
    "no jti": ("jti", lambda _: token(jti=...)),
    "jti empty": ("jti", lambda _: token(jti="")),
    "jti of wrong type": ("jti", lambda _: token(jti=7)),
    "jti very long": ("jti", lambda _: token(jti="j" * 513)),
    "jti with control characters": ("jti", lambda _: token(jti="a\0b")),
    "no tenant where tenants are listed": ("tenant", lambda _: token(iss=TENANTS)),
    "unknown tenant": ("tenant", lambda _: token(iss=TENANTS, tenant="ward-c")),
    "tenant of wrong type": ("tenant", lambda _: token(iss=TENANTS, tenant=["ward-a"])),
    "tenant of wrong type where none are listed": ("tenant", lambda _: token(tenant={"id": 1})),
    "sub of wrong type": ("claim sub", lambda _: token(sub=7)),
}
