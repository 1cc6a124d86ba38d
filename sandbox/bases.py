"""The two servers that the bedside page may talk to, and the session that reaches them alone."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import requests

_LONGEST: Final = 300


class BaseUrlError(ValueError):
    """An address that the page will not talk to; the message says why."""


@dataclass(frozen=True, slots=True)
class Bases:
    """Base URLs of the FHIR server and of the CDS service, without a slash at the end."""

    fhir: str
    cds: str


def checked_base(url: str) -> str:
    """The base URL without a slash at its end.

    Raises `BaseUrlError` where it is no plain http(s) address, or one that answers for the machine
    itself rather than for a server (link-local, multicast, unspecified).
    """
    parts = urlsplit(url.strip())
    if len(url) > _LONGEST or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BaseUrlError("write an address such as http://127.0.0.1:8043/fhir")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise BaseUrlError("a base address has no user, no query and no fragment")
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or parts.scheme)
    except (OSError, ValueError) as error:
        raise BaseUrlError(f"no server is called {parts.hostname}") from error
    for _, _, _, _, address in found:
        ip = ipaddress.ip_address(str(address[0]).partition("%")[0])
        if ip.is_link_local or ip.is_multicast or ip.is_unspecified:
            raise BaseUrlError(f"{parts.hostname} is not an address of a server")
    return url.strip().rstrip("/")


def new_session() -> requests.Session:
    """A session that takes no proxy or password from the environment and follows no redirect."""
    session = requests.Session()
    session.trust_env = False
    session.max_redirects = 0
    return session
