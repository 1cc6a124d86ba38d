"""No address that nobody listed is connected to: by no spelling, name, link or redirect."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
import requests
import urllib3
from flask import Flask

from service import create_app, demo_settings
from service.access import Access, may_read
from service.fhir_client import FhirClient
from service.outgoing import (
    DEMO_REACH,
    LOOPBACK,
    Reach,
    Refused,
    guarded_session,
    origin,
    reach_of,
    reach_to,
)
from service.reads import Reader, Search
from service.settings import Mode, Settings
from tests.fhir_stub import Fault, running
from tests.service.calls import AUTHORIZATION, FEBRILE, TOKEN, detail, post, reading, request
from tests.service.hostile import (
    LOOPBACK_FORMS,
    METADATA,
    NAMES,
    OTHER_FORMS,
    PUBLIC,
    Canary,
    Resolver,
    canary,
)

CLOSED = Reach(plain=True)
"""Public addresses only, but without TLS, so that the schemes hide nothing."""
NO_ANSWER = (requests.RequestException, urllib3.exceptions.HTTPError, ValueError)
DEMO_MAY = (
    "http://127.0.0.1:{port}/fhir",
    "http://127.1.2.3:{port}/fhir",
    "http://localhost:{port}/fhir",
    "http://LOCALHOST:{port}/fhir",
    "http://[::1]:{port}/fhir",
)


@pytest.fixture
def trap() -> Iterator[Canary]:
    with canary() as listening:
        yield listening


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Resolver:
    return Resolver(NAMES).install(monkeypatch)


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that a connection is tried to; none is made."""
    found: list[str] = []

    def refuse(address: tuple[str, int], *_: Any, **__: Any) -> socket.socket:
        found.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(urllib3.util.connection, "create_connection", refuse)
    return found


# --- addresses -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        (PUBLIC, True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        (f"::ffff:{PUBLIC}", True),
        ("127.0.0.1", False),
        ("::1", False),
        ("::ffff:127.0.0.1", False),
        ("::127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::5db8:d822", False),
        ("2002:7f00:1::", False),
        ("2001:0:7f00:1::", False),
        ("0.0.0.0", False),  # noqa: S104 - an address to refuse
        ("::", False),
        (METADATA, False),
        (f"::ffff:{METADATA}", False),
        ("fe80::1%eth0", False),
        ("fec0::1", False),
        ("fc00::1", False),
        ("ff02::1", False),
        ("10.0.0.1", False),
        ("100.64.0.1", False),
        ("172.31.255.255", False),
        ("172.32.0.0", True),
        ("192.168.0.1", False),
        ("198.18.0.1", False),
        ("203.0.113.1", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("2001:db8::1", False),
    ],
)
def test_only_public_addresses_are_reached_unless_listed(address: str, allowed: bool) -> None:
    assert Reach().allows(ip_address(address)) is allowed


def test_a_listed_network_is_reached_and_no_other() -> None:
    reach = Reach((ip_network("10.20.0.0/16"),))

    assert reach.allows(ip_address("10.20.255.255"))
    assert reach.allows(ip_address("::ffff:10.20.0.1"))
    assert not reach.allows(ip_address("10.21.0.0"))


def test_production_reaches_what_it_lists_by_https_only() -> None:
    settings = Settings(
        mode=Mode.PRODUCTION,
        fhir_servers=("https://10.9.8.7/fhir", "https://fhir.example.org"),
        fhir_networks=(ip_network("10.20.0.0/16"),),
    )
    listed = (ip_network("10.20.0.0/16"), ip_network("10.9.8.7/32"))

    assert reach_of(settings) == Reach(listed, plain=False)


@pytest.mark.parametrize(
    ("urls", "reach"),
    [
        ((), Reach()),
        (("https://ehr.example.org/jwks.json",), Reach()),
        (("http://ehr.example.org/fhir",), Reach(plain=True)),
        (("http://localhost:8043/fhir",), Reach(LOOPBACK, plain=True)),
        (("https://[fd00:20::1]/fhir",), Reach((ip_network("fd00:20::1/128"),))),
        (("https://10.9.8.7/fhir", "https://a"), Reach((ip_network("10.9.8.7/32"),))),
    ],
)
def test_what_is_listed_is_reached_as_it_is_listed(urls: tuple[str, ...], reach: Reach) -> None:
    assert reach_to(urls) == reach
    assert reach_of(Settings(mode=Mode.PRODUCTION), urls) == reach


def test_the_demo_reaches_loopback_without_tls() -> None:
    assert reach_of(demo_settings()) == DEMO_REACH


# --- spellings -----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [*LOOPBACK_FORMS, *OTHER_FORMS])
def test_no_spelling_gets_a_connection(
    trap: Canary, resolver: Resolver, tried: list[str], form: str
) -> None:
    with guarded_session(CLOSED) as session, pytest.raises(NO_ANSWER):
        session.get(form.format(port=trap.port), timeout=1)

    assert set(tried) <= {PUBLIC}
    assert trap.connections() == 0


@pytest.mark.parametrize("form", sorted({*LOOPBACK_FORMS, *OTHER_FORMS} - {*DEMO_MAY}))
def test_no_spelling_in_a_call_gets_a_connection(
    app: Flask, trap: Canary, resolver: Resolver, form: str
) -> None:
    server = form.format(port=trap.port)
    answer = post(app, request(fhirServer=server, fhirAuthorization=AUTHORIZATION, prefetch=...))

    assert answer.status_code == 200
    assert "the FHIR server may not be read" in detail(answer)
    assert TOKEN not in answer.text
    assert resolver.asked == []
    assert trap.connections() == 0


@pytest.mark.parametrize("form", LOOPBACK_FORMS)
def test_no_spelling_of_loopback_is_taken_for_a_listed_server(form: str) -> None:
    server = form.format(port=8043)

    assert may_read(server, ("http://fhir.example.org",)) is (form in DEMO_MAY)


def test_a_scheme_without_tls_is_not_spoken_outside_the_demo() -> None:
    with guarded_session(Reach()) as session, pytest.raises(requests.exceptions.InvalidSchema):
        session.get("http://fhir.example.org/fhir")


# --- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answers",
    [
        ["127.0.0.1"],
        [METADATA],
        ["10.0.0.1"],
        ["::1"],
        ["::ffff:127.0.0.1"],
        [PUBLIC, "127.0.0.1"],
        ["127.0.0.1", PUBLIC],
        [PUBLIC, "fe80::1"],
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_listed_name_with_an_address_that_is_not_public_is_not_connected_to(
    monkeypatch: pytest.MonkeyPatch, tried: list[str], answers: list[str], scheme: str
) -> None:
    Resolver({"fhir.example.org": [answers]}).install(monkeypatch)

    with guarded_session(CLOSED) as session, pytest.raises(Refused):
        session.get(f"{scheme}://fhir.example.org/fhir", timeout=1)
    assert tried == []


def test_a_name_that_changes_its_answer_is_connected_to_as_it_was_checked(
    monkeypatch: pytest.MonkeyPatch, trap: Canary, tried: list[str]
) -> None:
    rebinding = Resolver({"fhir.example.org": [[PUBLIC], ["127.0.0.1"]]}).install(monkeypatch)

    with guarded_session(CLOSED) as session:
        with pytest.raises(requests.ConnectionError):
            session.get(f"http://fhir.example.org:{trap.port}/fhir", timeout=1)
        asked = list(rebinding.asked)
        with pytest.raises(Refused):
            session.get(f"http://fhir.example.org:{trap.port}/fhir", timeout=1)

    assert asked == ["fhir.example.org"]
    assert tried == [PUBLIC]
    assert trap.connections() == 0


def test_every_checked_address_is_tried(monkeypatch: pytest.MonkeyPatch, tried: list[str]) -> None:
    other = "2606:2800:220:1:248:1893:25c8:1946"
    Resolver({"fhir.example.org": [[PUBLIC, other, PUBLIC]]}).install(monkeypatch)

    with guarded_session(CLOSED) as session, pytest.raises(requests.ConnectionError):
        session.get("https://fhir.example.org/fhir", timeout=1)
    assert tried == [PUBLIC, other]


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (TimeoutError(), requests.ConnectTimeout),
        (OSError(), requests.ConnectionError),
    ],
)
def test_a_connection_that_fails_is_told_as_ever(
    monkeypatch: pytest.MonkeyPatch, resolver: Resolver, failure: OSError, told: type
) -> None:
    def fail(*_: Any, **__: Any) -> socket.socket:
        raise failure

    monkeypatch.setattr(urllib3.util.connection, "create_connection", fail)
    with guarded_session(CLOSED) as session, pytest.raises(told):
        session.get("http://fhir.example.org/fhir", timeout=1)


def test_a_name_without_address_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    Resolver({"fhir.example.org": [[]]}).install(monkeypatch)

    with guarded_session(CLOSED) as session, pytest.raises(requests.ConnectionError):
        session.get("https://fhir.example.org/fhir", timeout=1)


def test_a_name_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise UnicodeError

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with guarded_session(CLOSED) as session, pytest.raises(Refused):
        session.get("http://fhir.example.org/fhir", timeout=1)


def test_a_listed_server_that_moves_into_the_network_is_told_as_not_allowed(
    monkeypatch: pytest.MonkeyPatch, tried: list[str]
) -> None:
    app = create_app(demo_settings(fhir_servers=("https://fhir.example.org/r4",)))
    Resolver({"fhir.example.org": [["10.0.0.1"]]}).install(monkeypatch)
    server = "https://fhir.example.org/r4"
    answer = post(app, request(prefetch=..., fhirServer=server, fhirAuthorization=AUTHORIZATION))

    assert "the FHIR server may not be read" in detail(answer)
    assert tried == []


# --- links and redirects -------------------------------------------------------------------------


@pytest.mark.parametrize("form", [*LOOPBACK_FORMS, *OTHER_FORMS])
def test_no_link_to_a_next_page_leaves_the_server(
    trap: Canary, resolver: Resolver, form: str
) -> None:
    link = form.format(port=trap.port)
    page = {"resourceType": "Bundle", "link": [{"relation": "next", "url": link}]}
    with running(faults=[Fault("", body=json.dumps(page))]) as stub:
        access = Access(stub.url, TOKEN, time.monotonic() + 5)
        search = Search("procedures", "Procedure", f"{stub.url}/Procedure", enough=lambda _: False)
        (progress,) = Reader(FhirClient(2**20)).read(access, [search])

    assert progress.failure in ("other-origin", "bad-link", "page-loop", "http-404")
    assert set(resolver.asked) == {"127.0.0.1"}
    assert trap.connections() == 0


def test_a_host_that_two_libraries_read_differently_takes_no_token(
    trap: Canary, resolver: Resolver
) -> None:
    """One reader takes what follows the @ for the host, the other what comes before it."""
    access = Access("http://127.0.0.1:8043/fhir", TOKEN, time.monotonic() + 5)
    link = f"http://evil.example.org:{trap.port}\\@127.0.0.1:8043/fhir?page=2"

    with pytest.raises(Exception, match="bad-link"):
        access.resolve(link, access.base)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(app: Flask, trap: Canary, status: int) -> None:
    away = Fault("", status=status, body="", location=f"http://127.0.0.1:{trap.port}/fhir")
    with running(FEBRILE, [away]) as stub:
        post(app, reading(stub))

    assert stub.calls
    assert trap.connections() == 0


def test_a_redirect_is_an_answer_like_any_other(trap: Canary) -> None:
    away = Fault("", status=302, body="", location=f"http://127.0.0.1:{trap.port}/keys")
    with running(faults=[away]) as stub, guarded_session(DEMO_REACH) as session:
        answer = session.get(f"{stub.url}/keys", timeout=5, allow_redirects=True)

    assert answer.status_code == 302
    assert answer.history == []
    assert trap.connections() == 0


def test_a_session_keeps_no_cookie_and_takes_nothing_of_the_machine() -> None:
    with running() as stub, guarded_session(DEMO_REACH) as session:
        session.get(f"{stub.url}/Patient/patient-a", timeout=5)

        assert not session.trust_env
        assert not session.proxies
        assert session.cookies.get_policy().is_not_allowed("127.0.0.1")  # type: ignore[attr-defined]
        assert set(session.adapters) == {"http://", "https://"}


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://fhir.example.org", ("https", "fhir.example.org", 443)),
        ("HTTPS://FHIR.example.org:443/x", ("https", "fhir.example.org", 443)),
        ("http://[::1]:8043?x=a|b c", ("http", "[::1]", 8043)),
        ("http://fhir_server:80/x\\y", ("http", "fhir_server", 80)),
    ],
)
def test_the_origin_of_a_plain_url(url: str, found: tuple[str, str, int]) -> None:
    assert origin(url) == found
