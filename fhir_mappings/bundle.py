"""Reads what a prefetch key or a FHIR server delivered, entry by entry where it must."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import msgspec

from fhir_mappings.errors import MappingError
from fhir_mappings.issues import DataIssue, IssueKind
from fhir_mappings.parts import RESOURCES, UNREADABLE, members_of
from fhir_mappings.resources import (
    TYPES,
    AnyResource,
    Element,
    Medication,
    OperationOutcome,
    OutcomeIssue,
)
from grading.model import Instant

MALFORMED = "malformed"
"""`Page.incomplete` of what is no FHIR answer."""
OUTCOME = "outcome"
"""`Page.incomplete` of an answer in which the server says that something is left out."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of an answer: a Bundle, one resource, or an OperationOutcome.

    `entries` counts what matched: broken entries too, outcomes and included entries not.
    `incomplete` tells why the page does not hold all that it should (`MALFORMED`, `OUTCOME`).
    `next_url` and `self_url` are links as delivered.
    """

    resources: tuple[AnyResource, ...] = ()
    issues: tuple[DataIssue, ...] = ()
    entries: int = 0
    total: int | None = None
    next_url: str | None = None
    self_url: str | None = None
    incomplete: str | None = None


@dataclass(frozen=True, slots=True)
class KeyRead:
    """What was read for one key: its pages in order.

    No page and no `not_read`: read and empty (a null prefetch value). `not_read`: why there is
    nothing (`absent`, `outcome`, `failed`). `also`: further searches of the same key, where an own
    read was split; the key reaches back as far as the shallowest of them. `asked_from`: the
    earliest instant that the search itself asked for, where it carried a date window.
    """

    pages: tuple[Page, ...] = ()
    not_read: str | None = None
    also: tuple[KeyRead, ...] = ()
    asked_from: Instant | None = None

    def all_pages(self) -> Iterable[Page]:
        """Return the pages of every search of the key."""
        yield from self.pages
        for further in self.also:
            yield from further.all_pages()


# --- how a Bundle is laid out --------------------------------------------------------------------


class _Search(Element):
    mode: str | None = None


class _Link(Element):
    relation: str | None = None
    url: str | None = None


class _Entry(Element):
    resource: AnyResource | None = None
    search: _Search | None = None
    full_url: str | None = None


class _Bundle(Element):
    resource_type: Literal["Bundle"]  # not a tag: msgspec takes an object without it for tagged
    entry: tuple[_Entry, ...] = ()
    link: tuple[_Link, ...] = ()
    total: int | None = None


class _Head(Element):
    """Enough of any JSON object to tell what it is; nothing in it can be of a wrong type."""

    resource_type: msgspec.Raw = msgspec.Raw()
    id: msgspec.Raw = msgspec.Raw()
    entry: msgspec.Raw = msgspec.Raw()
    link: msgspec.Raw = msgspec.Raw()
    total: msgspec.Raw = msgspec.Raw()
    resource: msgspec.Raw = msgspec.Raw()
    search: msgspec.Raw = msgspec.Raw()
    full_url: msgspec.Raw = msgspec.Raw()
    mode: msgspec.Raw = msgspec.Raw()
    relation: msgspec.Raw = msgspec.Raw()
    url: msgspec.Raw = msgspec.Raw()


_FAST: msgspec.json.Decoder[_Bundle] = msgspec.json.Decoder(_Bundle)
_HEAD = msgspec.json.Decoder(_Head)
_TEXT = msgspec.json.Decoder(str)
_NUMBER = msgspec.json.Decoder(int, strict=False)


def read_page(raw: bytes | msgspec.Raw) -> Page:
    """Read one answer; content never raises: what is odd becomes an issue or `incomplete`.

    Raises:
        MappingError: it is not a JSON object.
    """
    try:
        return _page_of(_FAST.decode(raw))
    except UNREADABLE:
        return _slow_page(raw)


# --- the common case: a well-formed Bundle -------------------------------------------------------


def _page_of(bundle: _Bundle) -> Page:
    resources: list[AnyResource] = []
    entries, incomplete = 0, None
    for entry in bundle.entry:
        resource = entry.resource
        if resource is None:
            continue
        if isinstance(resource, OperationOutcome):
            incomplete = incomplete or _gap(resource)
            continue
        if isinstance(resource, Medication):
            resource = msgspec.structs.replace(resource, full_url=entry.full_url)
        entries += entry.search is None or entry.search.mode in (None, "match")
        resources.append(resource)
    links = {link.relation: link.url for link in bundle.link}
    return Page(
        tuple(resources),
        (),
        entries,
        bundle.total,
        links.get("next"),
        links.get("self"),
        incomplete,
    )


_SEVERE = frozenset({"error", "fatal"})
_SECURITY = frozenset({"security", "login", "unknown", "expired", "forbidden", "suppressed"})
_LEFT_OUT = frozenset({"59204"})
"""Codes in `details` with which a vendor warns that it left results out (Epic)."""


def _gap(outcome: OperationOutcome) -> str | None:
    """`OUTCOME` where an outcome beside the results says that some are left out (design.md 7)."""
    return OUTCOME if any(_is_gap(issue) for issue in outcome.issue or ()) else None


def _is_gap(issue: OutcomeIssue) -> bool:
    if issue.severity in _SEVERE or issue.code in _SECURITY:
        return True
    return issue.details is not None and any(
        coding.code in _LEFT_OUT for coding in issue.details.coding
    )


# --- everything else: piece by piece -------------------------------------------------------------


class _Piece(NamedTuple):
    """One entry that was read alone: a resource, or the issue that it became, or neither."""

    resource: AnyResource | None = None
    issue: DataIssue | None = None
    counts: bool = True


def _slow_page(raw: bytes | msgspec.Raw) -> Page:
    try:
        head = _HEAD.decode(raw)
    except RecursionError:
        return Page(incomplete=MALFORMED)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MappingError("not a JSON object") from error
    if _text(head.resource_type) == "Bundle":
        return _slow_bundle(head)
    return _single(_piece_of(raw, head))


def _single(piece: _Piece) -> Page:
    """The page of one resource that came instead of a Bundle."""
    if isinstance(piece.resource, OperationOutcome):
        return Page(incomplete=OUTCOME)
    if piece.resource is not None:
        return Page(resources=(piece.resource,), entries=1)
    issues = (piece.issue,) if piece.issue else ()
    return Page(issues=issues, entries=len(issues), incomplete=MALFORMED)


_NO_ENTRY = (b"", b"null", b"[]")
_SPACE = b" \t\r\n"


def _slow_bundle(head: _Head) -> Page:
    pieces = [_entry(member) for member in members_of(head.entry)]
    found = [piece.resource for piece in pieces if piece.resource is not None]
    outcomes = [item for item in found if isinstance(item, OperationOutcome)]
    links = _links(head.link)
    gap = next((gap for item in outcomes if (gap := _gap(item))), None)
    return Page(
        tuple(item for item in found if not isinstance(item, OperationOutcome)),
        tuple(piece.issue for piece in pieces if piece.issue is not None),
        sum(piece.counts for piece in pieces),
        _number(head.total),
        links.get("next"),
        links.get("self"),
        MALFORMED if _is_no_list(bytes(head.entry), pieces) else gap,
    )


def _is_no_list(entry: bytes, pieces: list[_Piece]) -> bool:
    """Whether `entry` is neither a list that can be read nor one entry in place of it."""
    if pieces:
        return not entry.startswith((b"[", b"{"))
    return entry.translate(None, _SPACE) not in _NO_ENTRY


def _entry(raw: msgspec.Raw | bytes) -> _Piece:
    """One entry of a Bundle; it counts unless it was only included, or is an outcome."""
    head = _head(raw)
    if head is None:
        return _Piece(issue=DataIssue(IssueKind.BROKEN, "Bundle.entry", 1))
    if bytes(head.resource) in (b"", b"null"):
        return _Piece(counts=False)
    inner = _head(head.resource)
    if inner is None:
        return _Piece(issue=DataIssue(IssueKind.BROKEN, "Bundle.entry", 1))
    piece = _piece_of(head.resource, inner)
    if isinstance(piece.resource, Medication):
        named = msgspec.structs.replace(piece.resource, full_url=_text(head.full_url))
        piece = piece._replace(resource=named)
    search = _head(head.search)
    matched = search is None or _text(search.mode) in (None, "match")
    return piece._replace(counts=matched and not isinstance(piece.resource, OperationOutcome))


def _piece_of(raw: msgspec.Raw | bytes, head: _Head) -> _Piece:
    """One resource; of a type that is not read: neither resource nor issue."""
    kind = _text(head.resource_type)
    if kind is not None and kind not in TYPES:
        return _Piece()
    resource = RESOURCES.read(raw)
    if resource is not None:
        return _Piece(resource)
    identifier = _text(head.id)
    refs = (f"{kind}/{identifier}",) if kind and identifier else ()
    return _Piece(issue=DataIssue(IssueKind.BROKEN, kind or "Resource", 1, refs))


def _head(raw: msgspec.Raw | bytes) -> _Head | None:
    try:
        return _HEAD.decode(raw)
    except UNREADABLE:
        return None


def _text(raw: msgspec.Raw) -> str | None:
    try:
        return _TEXT.decode(raw)
    except UNREADABLE:
        return None


def _number(raw: msgspec.Raw) -> int | None:
    try:
        return _NUMBER.decode(raw)
    except UNREADABLE:
        return None


def _links(raw: msgspec.Raw) -> dict[str | None, str | None]:
    heads = (_head(member) for member in members_of(raw))
    return {_text(head.relation): _text(head.url) for head in heads if head is not None}
