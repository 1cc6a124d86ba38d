"""Who calls: a client of the list, by its JWT. What is wrong with a token is never told."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from flask import Request, g
from joserfc.jwk import KeySet

from grading.model import Instant
from service import metrics
from service.address import spellings
from service.clients import Client
from service.errors import Forbidden, Unauthorized, Unavailable
from service.key_sets import KeysError, KeySets
from service.log import Event, write
from service.metrics import StoreUse
from service.outgoing import PUBLIC, Reach
from service.store import Store, StoreError
from service.tokens import LEEWAY_S, Token, TokenError, read_token


@dataclass(frozen=True, slots=True)
class Caller:
    """A client that is who it says, and the tenant that it calls for, if it names one."""

    client: Client
    tenant: str | None


class Gate:
    """Admits the clients of the list, each token once."""

    def __init__(
        self,
        clients: Iterable[Client],
        base_url: str,
        store: Store,
        clock: Callable[[], Instant],
        beside: Reach = PUBLIC,
    ) -> None:
        """`base_url` is where clients reach the service; `store` is shared by all processes.

        `beside` is what key sets may be fetched from, beside public addresses.
        """
        self._clients: Mapping[str, Client] = {client.issuer: client for client in clients}
        self._base = base_url
        self._store = store
        self._clock = clock
        urls = {url for client in self._clients.values() for url in client.jku}
        self._key_sets = KeySets(urls, beside)

    def admit(self, request: Request, service: str, paths: Sequence[str]) -> Caller:
        """The client that makes a request of `service`; its token names one of `paths`.

        Raises:
            Unauthorized: it is not known who calls; every reason gives the same answer (JWT-17).
            Forbidden: the client may not use this service.
            Unavailable: the store failed, so that a replay would not be seen.
        """
        try:
            caller = self._caller(request.headers.get("Authorization"), paths)
        except (TokenError, KeysError) as error:
            metrics.client_refused(str(error))
            write(Event.CLIENT_REFUSED, logging.WARNING, reason=str(error), **g.call)
            raise Unauthorized from error
        except StoreError as error:
            metrics.store_failed(StoreUse.TOKEN)
            write(Event.STORE_FAILED, logging.ERROR, reason=str(error), **g.call)
            raise Unavailable("the client could not be authenticated; try again") from error
        if service not in caller.client.services:
            raise Forbidden
        return caller

    def _caller(self, authorization: str | None, paths: Sequence[str]) -> Caller:
        token = read_token(authorization)
        client = self._clients.get(token.text("iss"))
        if client is None:
            raise TokenError("issuer")
        g.call["client"] = client.name
        now = self._clock()
        token.verify(self._keys(client, token), client.algorithms)
        token.check_claims(audiences(self._base, *paths), now / 1000)
        tenant = token.text("tenant") if "tenant" in token.claims else None
        if client.tenants and tenant not in client.tenants:
            raise TokenError("tenant")
        self._use(client, token, now)
        return Caller(client, tenant)

    def _keys(self, client: Client, token: Token) -> KeySet:
        """The keys of a client; only its listed addresses are ever fetched (JWT-14)."""
        if token.jku is not None and token.jku not in client.jku:
            raise TokenError("jku")
        if client.keys is not None:
            return client.keys
        return self._key_sets.find(token.jku or client.jku[0], token.kid)

    def _use(self, client: Client, token: Token, now: Instant) -> None:
        name = f"{client.issuer}\0{token.text('jti')}".encode()
        expires = int(1000 * (token.claims["exp"] + LEEWAY_S))
        if not self._store.use_token(hashlib.sha256(name).digest(), expires, now):
            raise TokenError("replay")


def admitted(gate: Gate | None, request: Request, service: str, *paths: str) -> Caller | None:
    """Who makes a request of `service`, for the log too; None in demo, which asks nobody.

    Raises:
        CdsError: see `Gate.admit`.
    """
    if gate is None:
        return None
    return gate.admit(request, service, paths)


@cache
def audiences(base_url: str, *paths: str) -> frozenset[str]:
    """The spellings of endpoints: with and without a last slash and the default port (JWT-8).

    Scheme and host are in lower case, as `Token.check_claims` makes those of a token.
    """
    parts = urlsplit(base_url)
    return frozenset(
        f"{begin}{parts.path}{path}{slash}"
        for begin in spellings(parts)
        for path in paths
        for slash in ("", "/")
    )
