"""Which FHIR servers may be read, and where a link may lead."""

from __future__ import annotations

import time

import pytest

from service.access import Access, ReadError, may_read

LISTED = ("https://fhir.example.org/r4",)


@pytest.mark.parametrize(
    "base",
    [
        "http://127.0.0.1:8043/fhir",
        "http://127.8.9.10/fhir",
        "http://localhost:8043/fhir/",
        "https://[::1]:8043/fhir",
        "https://fhir.example.org/r4",
        "https://fhir.example.org/r4/",
    ],
)
def test_loopback_and_listed_servers_may_be_read(base: str) -> None:
    assert may_read(base, LISTED)


@pytest.mark.parametrize(
    "base",
    [
        "http://169.254.169.254/",
        "http://10.0.0.1/fhir",
        "http://0.0.0.0/fhir",
        "http://fhir.example.org/r4",
        "https://fhir.example.org/r5",
        "https://fhir.example.org.evil.example/r4",
        "https://localhost.example.org/",
        "http://user@127.0.0.1/fhir",
        "http://127.0.0.1/fhir?x=1",
        "http://127.0.0.1/fhir#x",
        "http://127.0.0.1:x/fhir",
        "http://[::1/fhir",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "127.0.0.1:8043",
        "http:///fhir",
    ],
)
def test_no_other_server_may_be_read(base: str) -> None:
    assert not may_read(base, LISTED)


ACCESS = Access("http://127.0.0.1:8043/fhir", "canary-token", time.monotonic() + 3600)


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("http://127.0.0.1:8043/fhir?page=2", "http://127.0.0.1:8043/fhir?page=2"),
        ("?page=2", "http://127.0.0.1:8043/fhir/Observation?page=2"),
        ("/other", "http://127.0.0.1:8043/other"),
    ],
)
def test_a_link_within_the_origin_is_followed(link: str, url: str) -> None:
    assert ACCESS.resolve(link, "http://127.0.0.1:8043/fhir/Observation?x=1") == url


@pytest.mark.parametrize(
    ("link", "kind"),
    [
        ("http://127.0.0.1:8044/fhir?page=2", "other-origin"),
        ("https://127.0.0.1:8043/fhir?page=2", "other-origin"),
        ("//evil.example.org/fhir", "other-origin"),
        ("http://127.0.0.1:8043@evil.example.org/", "bad-link"),
        ("mailto:a@example.org", "bad-link"),
        ("http://[::1", "bad-link"),
        ("http://127.0.0.1:x/", "bad-link"),
    ],
)
def test_a_link_elsewhere_is_not(link: str, kind: str) -> None:
    with pytest.raises(ReadError, match=kind):
        ACCESS.resolve(link, ACCESS.base)


def test_a_default_port_is_the_same_as_none() -> None:
    access = Access("https://fhir.example.org", None, 0)

    assert access.resolve("https://fhir.example.org:443/x", access.base).endswith("/x")


def test_a_token_is_not_shown() -> None:
    assert "canary-token" not in repr(ACCESS)


def test_no_time_is_left_after_the_end() -> None:
    with pytest.raises(ReadError, match="timeout"):
        Access("http://127.0.0.1", None, time.monotonic()).remaining()
