"""Clients for the tests of authentication: their keys, made anew each time, and their tokens."""

from __future__ import annotations

import base64
import itertools
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from joserfc import jws
from joserfc.jwk import ECKey, Key, RSAKey

from service.settings import Mode, Settings

NOW_S = 1_790_000_000
NOW = NOW_S * 1000
BASE = "https://cds.example.org/cartox"
SERVICE = f"{BASE}/cds-services/cart-toxicity-patient-view"
_IDS = itertools.count(1)


@cache
def ec(kid: str = "ec-1", curve: str = "P-384") -> ECKey:
    return ECKey.generate_key(curve, {"kid": kid})


@cache
def rsa(kid: str = "rsa+/1=", bits: int = 2048) -> RSAKey:
    return RSAKey.generate_key(bits, {"kid": kid})


def public(key: Key, **more: Any) -> dict[str, Any]:
    return {**key.as_dict(private=False), **more}


def claims(**changes: Any) -> dict[str, Any]:
    """Those of the public sandbox; a claim replaced, or left out where it is `...`."""
    whole = {
        "iss": "https://sandbox.example.org",
        "aud": SERVICE,
        "iat": NOW_S,
        "exp": NOW_S + 300,
        "jti": f"id-{next(_IDS)}",
    } | changes
    return {name: item for name, item in whole.items() if item is not ...}


def header(key: Key, **changes: Any) -> dict[str, Any]:
    algorithm = "ES384" if isinstance(key, ECKey) else "RS384"
    whole = {"alg": algorithm, "typ": "JWT", "kid": key.kid} | changes
    return {name: item for name, item in whole.items() if item is not ...}


def encoded(part: Any) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(key: Key, head: Mapping[str, Any], body: Any) -> str:
    """A token whose signature is good whatever the header says: by the algorithm of the key."""
    algorithm = header(key)["alg"]
    text = f"{encoded(head)}.{encoded(body)}"
    signature = jws.JWSRegistry.algorithms[algorithm].sign(text.encode(), key)
    return f"{text}.{encoded(signature)}"


def token(key: Key | None = None, head: Mapping[str, Any] | None = None, **changes: Any) -> str:
    used = key or ec()
    return signed(used, header(used, **(head or {})), claims(**changes))


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


@dataclass
class KeyServer:
    """What is published, and what was asked for."""

    keys: list[Any] = field(default_factory=list)
    url: str = ""
    status: int = 200
    body: bytes | None = None
    location: str = ""
    calls: list[str] = field(default_factory=list)

    @property
    def jku(self) -> str:
        return f"{self.url}/jwks.json"


@contextmanager
def key_server(*keys: Key) -> Iterator[KeyServer]:
    """A server of a JWK set on a free loopback port."""
    told = KeyServer([public(key) for key in keys])

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.calls.append(self.path)
            body = json.dumps({"keys": told.keys}).encode() if told.body is None else told.body
            self.send_response(told.status)
            if told.location:
                self.send_header("Location", told.location)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def toml(entry: Any) -> str:
    """TOML of a value; JSON, but for tables."""
    if isinstance(entry, Mapping):
        return "{" + ", ".join(f'"{name}" = {toml(item)}' for name, item in entry.items()) + "}"
    if isinstance(entry, list):
        return "[" + ", ".join(map(toml, entry)) + "]"
    return json.dumps(entry)


def clients_file(path: Path, *clients: Mapping[str, Any]) -> str:
    """A clients file; gives its name."""
    tables = [
        "[[client]]\n" + "".join(f"{name} = {toml(item)}\n" for name, item in client.items())
        for client in clients
    ]
    path.write_text("\n".join(tables), "utf-8")
    return str(path)


def production(
    folder: Path, *clients: Mapping[str, Any], database_url: str = "", **more: Any
) -> Settings:
    """Settings of production with these clients, and files for all that it needs."""
    keys = folder / "store.keys"
    if not keys.exists():
        keys.write_bytes(Fernet.generate_key())
    whole = {
        "mode": Mode.PRODUCTION,
        "base_url": BASE,
        "clients": clients_file(folder / "clients.toml", *clients),
        "store_keys": str(keys),
        "database_url": database_url or f"sqlite:///{folder / 'store.sqlite3'}",
        "deadline_ms": 10_000,
    }
    return Settings(**(whole | more))
