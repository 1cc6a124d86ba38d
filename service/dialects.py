"""How a FHIR server has to be asked that refuses a search as we write it (terminology.md 9)."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from enum import Enum
from threading import Lock
from typing import Final, Generic, NamedTuple, TypeVar

import msgspec

from service.access import Access, ReadError
from service.fhir_client import FhirClient, Query

KEPT_S: Final = 3600.0
"""How long it is kept what was learned of a server."""
_KEPT_SILENT_S: Final = 300.0
"""The same where a server does not say what it supports."""
_MOST = 512
_PATIENT, _CODE, _SORT, _COUNT = "patient", "code", "_sort", "_count"
_FULL_PAGE = "200"
REFUSALS: Final = frozenset({"http-400", "http-422", "http-501"})
"""How a read fails where the server does not support the search."""

T = TypeVar("T")
Systems = tuple[tuple[str, str], ...]
"""Codes with their systems."""


class Way(Enum):
    """A way to ask for the same, or for more than it, from the most exact on."""

    AS_IS = "as is"
    SYSTEMS = "codes with their systems"
    SUPPORTED = "without what the server does not say it supports"
    PLAIN = "by patient alone"


class Asked(NamedTuple):
    """A search in one way; `is_sorted`: the server was asked to sort as the search does."""

    way: Way
    query: Query
    is_sorted: bool


class _Kept(Generic[T]):
    """Values by key, each until its instant on the monotonic clock; the oldest make room."""

    def __init__(self) -> None:
        self._items: dict[tuple[str, ...], tuple[float, T]] = {}
        self._lock = Lock()

    def get(self, key: tuple[str, ...]) -> T | None:
        """The value; None: none is kept (any more)."""
        until, value = self._items.get(key, (0.0, None))
        return value if until > time.monotonic() else None

    def put(self, key: tuple[str, ...], value: T, seconds: float) -> None:
        """Keep a value."""
        with self._lock:
            self._items.pop(key, None)
            while len(self._items) >= _MOST:
                del self._items[next(iter(self._items))]
            self._items[key] = (time.monotonic() + seconds, value)


class Dialects:
    """What was learned of each server: nothing of a patient, and nothing of a token."""

    def __init__(self, client: FhirClient) -> None:
        """Read CapabilityStatements through `client`."""
        self._client = client
        self._ways: _Kept[Way] = _Kept()
        self._seen: _Kept[tuple[Way, float]] = _Kept()
        self._statements: _Kept[Mapping[str, frozenset[str]]] = _Kept()

    def ways(self, access: Access, kind: str, query: Query, systems: Systems) -> Iterator[Asked]:
        """The ways to ask for resources of a type, the one that is known to work first.

        A way that would change nothing is left out; the server is asked what it supports only
        where it refused before.
        """
        known = self._ways.get(_key(access.base, kind, query))
        tried = set()
        for way in dict.fromkeys((known or Way.AS_IS, *Way)):
            asked = self._in(way, access, kind, query, systems)
            if asked not in tried:
                tried.add(asked)
                yield Asked(way, asked, _sorts(query) == _sorts(asked))

    def learn(self, access: Access, kind: str, query: Query, way: Way) -> None:
        """Keep a way that worked in two calls, one after the other: a refusal may be a passing one.

        A way that is kept already is not kept any longer by that.
        """
        key = _key(access.base, kind, query)
        before, known = self._seen.get(key), self._ways.get(key)
        self._seen.put(key, (way, access.until), KEPT_S)
        again = before is not None and before[0] is way and before[1] != access.until
        if again and way not in (Way.AS_IS, known):
            self._ways.put(key, way, KEPT_S)

    def _in(self, way: Way, access: Access, kind: str, query: Query, systems: Systems) -> Query:
        names = dict(query)
        if way is Way.AS_IS or _PATIENT not in names:
            return query
        if way is Way.SYSTEMS:
            return tuple((name, _full(name, value, systems)) for name, value in query)
        if way is Way.PLAIN:
            return _wide({_PATIENT: names[_PATIENT], _COUNT: names.get(_COUNT, _FULL_PAGE)}, names)
        supported = self._statement(access).get(kind)
        if supported is None:
            return query
        kept = {name: value for name, value in names.items() if _can(name, value, supported)}
        return _wide(kept, names)

    def _statement(self, access: Access) -> Mapping[str, frozenset[str]]:
        """Search parameters by resource type, as the server tells; empty: it does not."""
        key = (access.base,)
        found = self._statements.get(key)
        if found is None:
            try:
                found = _parameters(self._client.get(access, f"{access.base}/metadata"))
            except ReadError:
                found = {}
            self._statements.put(key, found, KEPT_S if found else _KEPT_SILENT_S)
        return found


def _key(base: str, kind: str, query: Query) -> tuple[str, ...]:
    """A server, a type and the names of the parameters: never their values."""
    return base, kind, *(name for name, _ in query)


def _sorts(query: Query) -> str | None:
    return dict(query).get(_SORT)


def _full(name: str, value: str, systems: Systems) -> str:
    """A code list with the systems of its codes."""
    if name != _CODE:
        return value
    codes = value.split(",")
    return ",".join(f"{system}|{code}" for code, system in systems if code in codes)


def _can(name: str, value: str, supported: frozenset[str]) -> bool:
    """Whether a server that supports these parameters can do with one; `_sort` is by one of them.

    What begins with an underscore belongs to every search, and is seldom listed.
    """
    if name == _SORT:
        return value.removeprefix("-") in supported
    return name.startswith("_") or name == _PATIENT or name in supported


def _wide(kept: Mapping[str, str], before: Mapping[str, str]) -> Query:
    """The parameters, with full pages where a filter by code has gone."""
    if _CODE in before and _CODE not in kept:
        kept = {**kept, _COUNT: _FULL_PAGE}
    return tuple(kept.items())


# --- the CapabilityStatement ---------------------------------------------------------------------


class _Parameter(msgspec.Struct):
    name: str = ""


class _Kind(msgspec.Struct, rename="camel"):
    type: str = ""
    search_param: tuple[_Parameter, ...] = ()


class _Rest(msgspec.Struct):
    resource: tuple[_Kind, ...] = ()


class _Statement(msgspec.Struct):
    rest: tuple[_Rest, ...] = ()


_DECODER: msgspec.json.Decoder[_Statement] = msgspec.json.Decoder(_Statement)


def _parameters(raw: bytes) -> dict[str, frozenset[str]]:
    """Search parameters by type; a type without any is left out, and odd JSON tells nothing."""
    try:
        statement = _DECODER.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return {}
    return {
        kind.type: frozenset(parameter.name for parameter in kind.search_param)
        for rest in statement.rest
        for kind in rest.resource
        if kind.search_param
    }
