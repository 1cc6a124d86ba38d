"""Where the service may connect to: every address is checked, and then connected to as checked.

A name in a URL proves nothing: it may resolve to an address of the machine, of its network or of
its cloud, and to another one a moment later. So names are resolved here, once for each connection,
and the connection goes to the addresses that were judged (FHIR-10, JWT-14). Redirects are not
followed, and no proxy, cookie or password of the machine is used.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from http.cookiejar import DefaultCookiePolicy
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.ssl_ import create_urllib3_context

from service import held
from service.ending import EndingSocket, EndingTlsSocket, step_s
from service.settings import Mode, Settings, SettingsError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
LOOPBACK: Final[tuple[Network, ...]] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
_PORTS: Final = {"http": 80, "https": 443}
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_URL = re.compile(
    r"(https?)://([\w.-]+|\[[\da-f:.]+\])(?::(\d{1,5}))?(?:[/?#].*)?", re.ASCII | re.IGNORECASE
)
"""Without a user, and with nothing in the host that another library could take for its end."""
_LAST_PORT = 65_535


class Refused(urllib3.exceptions.HTTPError):
    """A connection that is not made, because of where it would lead; holds no address."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What may be connected to: public addresses, and `networks`; `plain`: without TLS too.

    `ca_file`: certificates of authorities that are trusted beside the public ones, in PEM.
    """

    networks: tuple[Network, ...] = ()
    plain: bool = False
    ca_file: Path | None = None

    def allows(self, address: Address) -> bool:
        """Whether an address may be connected to; one of IPv4 inside IPv6 is judged as IPv4."""
        inner = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        judged = address if inner is None else inner
        return _is_public(judged) or any(judged in network for network in self.networks)


PUBLIC: Final = Reach()
DEMO_REACH: Final = Reach(LOOPBACK, plain=True)


def reach_to(urls: Iterable[str], beside: Reach = PUBLIC) -> Reach:
    """What listed URLs need: the addresses that stand in them, and all that `beside` allows.

    Who lists an address, or localhost, means to connect to it; without TLS only where one of the
    URLs says so.
    """
    listed = [urlsplit(url) for url in urls]
    named = (network for each in listed for network in _networks_of(each.hostname or ""))
    plain = beside.plain or any(each.scheme == "http" for each in listed)
    return Reach((*beside.networks, *named), plain, beside.ca_file)


def beside_public(settings: Settings) -> Reach:
    """The networks, and the authorities of certificates, that are the site's own."""
    return Reach(settings.fhir_networks, ca_file=settings.ca_file)


def reach_of(settings: Settings, listed: Iterable[str] = ()) -> Reach:
    """What the settings, and the servers that clients list, let the service connect to.

    In the demo loopback and plain http are open as well.
    """
    reach = reach_to((*settings.fhir_servers, *listed), beside_public(settings))
    if settings.mode is Mode.DEMO:
        return Reach((*reach.networks, *LOOPBACK), plain=True, ca_file=reach.ca_file)
    return reach


def guarded_session(reach: Reach, servers: int = 16, connections: int = 16) -> requests.Session:
    """A session that connects within `reach` only; a redirect is an answer like any other.

    It raises `Refused` where an address is not allowed, and `requests.exceptions.InvalidSchema` for
    any scheme but https, and http where `reach` is plain. `servers` is for how many of them
    connections are kept, `connections` how many of each.

    Raises:
        SettingsError: the file of certificates of `reach` cannot be used.
    """
    session = _StayingSession()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.adapters.clear()
    for scheme in _PORTS if reach.plain else ("https",):
        adapter = _GuardedAdapter(reach, servers, connections)
        session.mount(f"{scheme}://", adapter)
    return session


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of a URL that every library reads in the same way.

    Raises:
        ValueError: it is no plain http or https URL.
    """
    found = _URL.fullmatch(url) if url.isprintable() else None
    if found is None:
        raise ValueError("no plain http or https URL")
    scheme, host = found[1].lower(), found[2].lower()
    port = int(found[3] or _PORTS[scheme])
    if port > _LAST_PORT:
        raise ValueError("no such port")
    return scheme, host, port


def _trust_in_public() -> ssl.SSLContext:
    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
    context.sslsocket_class = EndingTlsSocket
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    return context


_public_trust = cache(_trust_in_public)
"""Made once: it takes as long as a few reads."""


def trust_in(ca_file: Path | None) -> ssl.SSLContext:
    """Trusts the public authorities, and those of a file.

    Raises:
        SettingsError: the file cannot be read, or holds no certificate.
    """
    if ca_file is None:
        return _public_trust()
    alone = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    wrong = f"CART_CDS_CA_FILE is {str(ca_file)!r}: "
    try:
        certificates = _ascii(held.text(ca_file, "latin-1"))
        alone.load_verify_locations(cadata=certificates)
    except (ssl.SSLError, ValueError) as error:
        raise SettingsError(f"{wrong}it holds no certificate (PEM)") from error
    except OSError as error:
        raise SettingsError(f"{wrong}the file cannot be read") from error
    context = _trust_in_public()
    context.load_verify_locations(cadata=certificates)
    return context


def _ascii(text: str) -> str:
    """PEM without what only a comment may hold."""
    return text.encode("ascii", "ignore").decode("ascii")


def _networks_of(host: str) -> tuple[Network, ...]:
    if host == "localhost":
        return LOOPBACK
    try:
        return (ip_network(host),)
    except ValueError:
        return ()


def _is_public(address: Address) -> bool:
    """Whether it is anyone's on the internet; tunnels and other translations are not."""
    if isinstance(address, IPv6Address):
        plain = address.sixtofour is None and address.teredo is None
        return plain and address in _GLOBAL_UNICAST and address.is_global
    return address.is_global and not address.is_multicast and not address.is_reserved


def _checked(host: str, port: int, reach: Reach) -> list[str]:
    """The addresses of a host as numbers, all of them allowed.

    Raises:
        Refused: one of them is not.
        OSError: the host has none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise Refused("no such host") from error
    addresses = [str(each[4][0]) for each in found]
    if not all(reach.allows(ip_address(each)) for each in addresses):
        raise Refused("address not allowed")
    return list(dict.fromkeys(addresses))


def _connect(connection: HTTPConnection, reach: Reach) -> socket.socket:
    """A socket to one of the checked addresses, tried in order."""
    port = connection.port or 0
    try:
        addresses = _checked(connection.host, port, reach)
    except socket.gaierror as error:
        raise urllib3.exceptions.NameResolutionError("host", connection, error) from error
    failure: OSError = OSError("no address")
    for address in addresses:
        try:
            return _socket_to(address, port, connection)
        except OSError as error:
            failure = error
    if isinstance(failure, TimeoutError):
        raise urllib3.exceptions.ConnectTimeoutError(connection, "timed out") from failure
    raise urllib3.exceptions.NewConnectionError(connection, "not connected") from failure


def _socket_to(address: str, port: int, connection: HTTPConnection) -> EndingSocket:
    made = urllib3.util.connection.create_connection(
        (address, port),
        step_s(connection.timeout),
        source_address=connection.source_address,
        socket_options=connection.socket_options,
    )
    usual = made.gettimeout()
    ending = EndingSocket(fileno=made.detach())
    ending.settimeout(usual)
    return ending


class _StayingSession(requests.Session):
    """Follows no redirect, whatever a call says."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        del resp


class _GuardedAdapter(HTTPAdapter):
    """Makes its connections through `_connect`."""

    def __init__(self, reach: Reach, servers: int, connections: int) -> None:
        self._reach = reach
        super().__init__(pool_connections=servers, pool_maxsize=connections)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=trust_in(self._reach.ca_file))
        self.poolmanager.pool_classes_by_scheme = _pools(self._reach)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Certificates are verified whatever a call says; the context holds who is trusted."""
        del url, verify, cert
        conn.cert_reqs = "CERT_REQUIRED"


def _pools(reach: Reach) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _connect(self, reach)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _connect(self, reach)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}
