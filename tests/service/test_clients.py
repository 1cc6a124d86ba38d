"""The clients file: what it may hold, and what stops the start, by file and line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from service import SettingsError
from service.clients import Client, read_clients
from service.settings import ScopeUnknown
from tests.service.identities import clients_file, ec, public, rsa

IDS = ("cart-toxicity-patient-view", "cart-toxicity-order-sign")
HEAD = """\
# two clients
[[client]]
name = "ehr"
issuer = "https://ehr.example.org"
jku = ["https://ehr.example.org/jwks.json"]

[[client]]
name = "lab"
issuer = "https://lab.example.org"
jku = ["https://lab.example.org/jwks.json"]
"""


def read(folder: Path, text: str) -> tuple[Client, ...]:
    path = folder / "clients.toml"
    path.write_text(text, "utf-8")
    return read_clients(str(path), IDS)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read(folder, text)
    return str(caught.value)


def test_a_client_with_the_least_may_use_every_service_and_read_no_server(tmp_path: Path) -> None:
    first, second = read(tmp_path, HEAD)

    assert (first.name, second.name) == ("ehr", "lab")
    assert first.issuer == "https://ehr.example.org"
    assert first.jku == ("https://ehr.example.org/jwks.json",)
    assert first.keys is None
    assert first.algorithms == {"ES384", "RS384"}
    assert first.tenants == frozenset()
    assert first.services == frozenset(IDS)
    assert not first.may_read("https://ehr.example.org/fhir", True)
    assert first.aliases == {}
    assert first.scope_unknown is None
    assert first.shadow is False


def test_a_client_with_all_there_is(tmp_path: Path) -> None:
    path = clients_file(
        tmp_path / "clients.toml",
        {
            "name": "ehr",
            "issuer": "https://ehr.example.org",
            "jku": ["http://127.0.0.1:9/jwks.json"],
            "keys": [public(ec()), public(rsa())],
            "algorithms": ["ES512"],
            "tenants": ["a", "b"],
            "services": [IDS[0]],
            "fhir_servers": [
                {"url": "https://ehr.example.org/fhir/"},
                {"url": "https://open.example.org/fhir", "open": True},
            ],
            "prefetch_aliases": {"-user-labs": "trends"},
            "scope_unknown": "card",
            "shadow": True,
        },
    )
    (client,) = read_clients(path, IDS)

    assert client.keys is not None
    assert {key.kid for key in client.keys} == {"ec-1", "rsa+/1="}
    assert client.algorithms == {"ES512"}
    assert client.tenants == {"a", "b"}
    assert client.services == {IDS[0]}
    assert client.aliases == {"-user-labs": "trends"}
    assert client.scope_unknown is ScopeUnknown.CARD
    assert client.shadow is True


@pytest.mark.parametrize(
    ("base", "with_token", "allowed"),
    [
        ("https://ehr.example.org/fhir", True, True),
        ("https://ehr.example.org/fhir/", True, True),
        ("https://ehr.example.org/fhir", False, False),
        ("https://open.example.org/fhir", False, True),
        ("https://open.example.org/fhir", True, True),
        ("https://ehr.example.org/fhir2", True, False),
        ("https://ehr.example.org", True, False),
        ("http://ehr.example.org/fhir", True, False),
        ("http://127.0.0.1/fhir", True, False),
    ],
)
def test_a_server_is_read_with_a_token_or_where_it_is_open(
    tmp_path: Path, base: str, with_token: bool, allowed: bool
) -> None:
    servers = """
[[client.fhir_servers]]
url = "https://ehr.example.org/fhir/"
[[client.fhir_servers]]
url = "https://open.example.org/fhir"
open = true
"""
    client = read(tmp_path, HEAD + servers)[1]

    assert client.may_read(base, with_token) is allowed


@pytest.mark.parametrize(
    ("more", "line", "told"),
    [
        ('algorithms = ["HS256"]', 11, "client 2, algorithms: "),
        ('algorithms = ["none"]', 11, "client 2, algorithms: "),
        ('algorithms = ["RS256"]', 11, "Must be one of: ES384, RS384, ES512"),
        ("algorithms = []", 11, "client 2, algorithms: "),
        ('algorithms = "ES384"', 11, "Not a valid list."),
        ("\nalgorithm = []", 12, "client 2, algorithm: Unknown field."),
        ('services = ["nope"]', 11, "client 2, services: use ids of cart-toxicity-patient-view"),
        ("services = []", 11, "client 2, services: "),
        ('tenants = [""]', 11, "client 2, tenants: "),
        ("scope_unknown = 412", 11, "client 2, scope_unknown: "),
        ('scope_unknown = "503"', 11, "client 2, scope_unknown: "),
        ('shadow = "yes"', 11, "client 2, shadow: Not a valid boolean."),
        ('[client.prefetch_aliases]\nx = "nope"', 11, "client 2, prefetch_aliases: "),
        ('[client.prefetch_aliases]\npatient = "trends"', 11, "client 2, prefetch_aliases: "),
        ('keys = [{kty = "oct", kid = "a", k = "AAAA"}]', 11, "client 2, keys: must be a public"),
        ('keys = [{kty = "EC", kid = "a"}]', 11, "client 2, keys: must be a public"),
        ('keys = ["a"]', 11, "client 2, keys: must be a public"),
        ('keys = [{kty = "EC", kid = "a", key_ops = 5}]', 11, "client 2, keys: must be a public"),
        ("[[client.fhir_servers]]\nopen = true", 11, "client 2, fhir_servers: Missing data"),
        (
            '[[client.fhir_servers]]\nurl = "http://ehr.example.org/r4"',
            11,
            "client 2, fhir_servers: use https; http is for loopback only",
        ),
        (
            '[[client.fhir_servers]]\nurl = "https://u:p@ehr.example.org/r4"',
            11,
            "use a URL without user",
        ),
        ('[[client]]\nname = "third"', 11, "client 3, issuer: Missing data"),
        (
            '[[client]]\nname = "third"\nissuer = "https://x.example.org"',
            12,
            "client 3, name: needs jku or keys",
        ),
        (
            '[[client]]\nname = "third"\nissuer = "https://x.example.org"\njku = ["http://x.org/j"]',
            14,
            "client 3, jku: use https",
        ),
        (
            '[[client]]\nname = "lab"\nissuer = "https://x.example.org"\njku = ["https://x.org/j"]',
            12,
            "client 3, name: is another client's too",
        ),
        (
            '[[client]]\njku = ["https://x.org/j"]\n"name" = "c"\n\'issuer\' = '
            '"https://ehr.example.org"',
            14,
            "client 3, issuer: is another client's too",
        ),
        ('[[client]]\nname = "a b"\nissuer = "x"\njku = ["https://x.org/j"]', 12, "client 3, name"),
        ('[[client]]\nname = "a"\nissuer = ""\njku = ["https://x.org/j"]', 13, "client 3, issuer"),
        ("[other]\nx = 1", 1, "other: Unknown field."),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line(
    tmp_path: Path, more: str, line: int, told: str
) -> None:
    found = refusal(tmp_path, f"{HEAD}{more}\n")

    assert found.startswith(f"{tmp_path / 'clients.toml'}, line {line}: ")
    assert told in found


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1: client: Missing data"),
        ("client = []", "line 1: client: Shorter than minimum length 1."),
        ("client = 1", "line 1: client: Not a valid list."),
        ("client = [1]", "line 1: client 1: Invalid input type."),
        ("[[client]]\nname = =", "(at line 2, column 8)"),
    ],
)
def test_what_is_no_list_of_clients_is_told(tmp_path: Path, text: str, told: str) -> None:
    assert told in refusal(tmp_path, text)


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "clients.toml"
    if content:
        path.write_bytes(content)

    with pytest.raises(SettingsError, match="CART_CDS_CLIENTS is '"):
        read_clients(str(path), IDS)


def test_a_private_key_in_the_file_is_used_as_a_public_one(tmp_path: Path) -> None:
    whole: dict[str, Any] = {**ec().as_dict(private=True)}
    path = clients_file(
        tmp_path / "c.toml", {"name": "a", "issuer": "https://a.example.org", "keys": [whole]}
    )
    (client,) = read_clients(path, IDS)

    assert client.keys is not None
    assert not any(key.is_private for key in client.keys)
