"""Reads what a prefetch key or a FHIR server delivered, entry by entry where it must."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, NamedTuple

import msgspec

from fhir_mappings.elements import NO_RAW, Element
from fhir_mappings.errors import MappingError
from fhir_mappings.heads import Head, head_in, head_of, links_of, text_of, whole_of
from fhir_mappings.issues import DataIssue, IssueKind
from fhir_mappings.outcomes import says_gap
from fhir_mappings.pages import MALFORMED, OUTCOME, Page
from fhir_mappings.parts import RESOURCES, UNREADABLE, members_of
from fhir_mappings.resources import (
    TYPES,
    AnyResource,
    Medication,
    MedicationRequest,
    Observation,
    OperationOutcome,
    with_concepts,
)

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
    response: msgspec.Raw = NO_RAW


class _Bundle(Element):
    resource_type: Literal["Bundle"]  # not a tag: msgspec takes an object without it for tagged
    entry: tuple[_Entry, ...] = ()
    link: tuple[_Link, ...] = ()
    total: int | None = None


_ENTRY = "Bundle.entry"
_MATCHED = (None, "match")
_FAST: msgspec.json.Decoder[_Bundle] = msgspec.json.Decoder(_Bundle)


def read_page(raw: bytes | msgspec.Raw) -> Page:
    """Read one answer; content never raises: what is odd becomes an issue or `incomplete`.

    Raises:
        MappingError: it is not a JSON object.
    """
    try:
        page = _page_of(_FAST.decode(raw))
    except UNREADABLE:
        page = None
    page = page or _slow_page(raw)
    ordering = MedicationRequest in set(map(type, page.resources))
    return replace(page, raw=bytes(raw)) if ordering else page


# --- the common case: a well-formed Bundle -------------------------------------------------------


def _page_of(bundle: _Bundle) -> Page | None:
    """The page; None: it has an entry that is to be looked at closer."""
    resources: list[AnyResource] = []
    included: set[int] = set()
    empty, incomplete = 0, None
    for entry in bundle.entry:
        resource = entry.resource
        if entry.response is not NO_RAW:
            return None
        if resource is None:
            empty += 1
            continue
        if isinstance(resource, OperationOutcome):
            incomplete = incomplete or _gap(resource)
            continue
        if isinstance(resource, Observation):
            with_concepts(resource)
        elif isinstance(resource, Medication):
            resource = msgspec.structs.replace(resource, full_url=entry.full_url)
        if entry.search is not None and entry.search.mode not in _MATCHED:
            included.add(len(resources))
        resources.append(resource)
    links = {link.relation: link.url for link in bundle.link}
    return Page(
        tuple(resources),
        (DataIssue(IssueKind.BROKEN, _ENTRY, empty),) if empty else (),
        len(resources) - len(included) + empty,
        bundle.total,
        links.get("next"),
        links.get("self"),
        incomplete or _no_way_on(links),
        included=frozenset(included),
    )


def _no_way_on(links: Mapping[str | None, str | None]) -> str | None:
    """`MALFORMED` where a further page is named without an address to read it from."""
    return MALFORMED if "next" in links and not (links["next"] or "").strip() else None


def _gap(outcome: OperationOutcome) -> str | None:
    return OUTCOME if says_gap(outcome) else None


# --- everything else: piece by piece -------------------------------------------------------------


class _Piece(NamedTuple):
    """One entry that was read alone: a resource, or the issue that it became, or neither.

    `gap`: that the server says in it that something is left out.
    """

    resource: AnyResource | None = None
    issue: DataIssue | None = None
    counts: bool = True
    gap: str | None = None


def _slow_page(raw: bytes | msgspec.Raw) -> Page:
    try:
        head = head_in(raw)
    except RecursionError:
        return Page(incomplete=MALFORMED)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MappingError("not a JSON object") from error
    if text_of(head.resource_type) == "Bundle":
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
_SUCCESS = "2"
"""What the status of an HTTP answer begins with that is a success."""
_SPACE = b" \t\r\n"


def _slow_bundle(head: Head) -> Page:
    pieces = [_entry(member) for member in members_of(head.entry)]
    found = [
        (piece.resource, piece.counts)
        for piece in pieces
        if piece.resource is not None and not isinstance(piece.resource, OperationOutcome)
    ]
    links = links_of(head.link)
    gap = next((piece.gap for piece in pieces if piece.gap), None)
    return Page(
        tuple(resource for resource, _ in found),
        tuple(piece.issue for piece in pieces if piece.issue is not None),
        sum(piece.counts for piece in pieces),
        whole_of(head.total),
        links.get("next"),
        links.get("self"),
        MALFORMED if _is_no_list(bytes(head.entry), pieces) else gap or _no_way_on(links),
        included=frozenset(place for place, (_, counts) in enumerate(found) if not counts),
    )


def _is_no_list(entry: bytes, pieces: list[_Piece]) -> bool:
    """Whether `entry` is neither a list that can be read nor one entry in place of it."""
    if pieces:
        return not entry.startswith((b"[", b"{"))
    return entry.translate(None, _SPACE) not in _NO_ENTRY


def _entry(raw: msgspec.Raw | bytes) -> _Piece:
    """One entry of a Bundle; it counts unless it was only included, or is an outcome."""
    head = head_of(raw)
    inner = head_of(head.resource) if head is not None else None
    refused = _refused(head.response) if head is not None else None
    if head is None or inner is None:
        broken = DataIssue(IssueKind.BROKEN, _ENTRY, 1)
        return _Piece(counts=False, gap=refused) if refused else _Piece(issue=broken)
    piece = _named(_piece_of(head.resource, inner), head)
    if isinstance(piece.resource, OperationOutcome):
        return piece._replace(counts=False, gap=refused or _gap(piece.resource))
    search = head_of(head.search)
    matched = search is None or text_of(search.mode) in _MATCHED
    return piece._replace(counts=matched, gap=refused)


def _refused(response: msgspec.Raw) -> str | None:
    """`OUTCOME` where an entry answers a request by something else than success."""
    head = head_of(response)
    if head is None:
        return None
    outcome = RESOURCES.read(head.outcome)
    if isinstance(outcome, OperationOutcome) and _gap(outcome):
        return OUTCOME
    return None if (text_of(head.status) or _SUCCESS).startswith(_SUCCESS) else OUTCOME


def _named(piece: _Piece, entry: Head) -> _Piece:
    """The piece, a Medication with the full URL of its entry."""
    if not isinstance(piece.resource, Medication):
        return piece
    named = msgspec.structs.replace(piece.resource, full_url=text_of(entry.full_url))
    return piece._replace(resource=named)


def _piece_of(raw: msgspec.Raw | bytes, head: Head) -> _Piece:
    """One resource; of a type that is not read: neither resource nor issue."""
    kind = text_of(head.resource_type)
    if kind is not None and kind not in TYPES:
        return _Piece()
    resource = RESOURCES.read(raw)
    if resource is not None:
        return _Piece(resource)
    identifier = text_of(head.id)
    refs = (f"{kind}/{identifier}",) if kind and identifier else ()
    return _Piece(issue=DataIssue(IssueKind.BROKEN, kind or "Resource", 1, refs))


# --- entry by entry ------------------------------------------------------------------------------


class Entry(NamedTuple):
    """One resource of a Bundle as it was delivered; `resource` None: it cannot be read.

    `kind`, `id` and `full_url`: as far as they are texts, else empty. `raw`: its JSON.
    """

    kind: str
    id: str
    head: Head
    raw: bytes
    resource: AnyResource | None
    full_url: str


def read_entries(raw: bytes | msgspec.Raw) -> tuple[Entry, ...]:
    """Every resource of a Bundle whose type can be told, in order; none of what is no Bundle."""
    head = head_of(raw)
    members = members_of(head.entry) if head is not None else ()
    return tuple(found for member in members if (found := _delivered(member)) is not None)


def _delivered(member: msgspec.Raw | bytes) -> Entry | None:
    around = head_of(member)
    head = head_of(around.resource) if around is not None else None
    kind = text_of(head.resource_type) if head is not None else None
    if around is None or head is None or kind is None:
        return None
    piece = _named(_piece_of(around.resource, head), around)
    name, url = text_of(head.id) or "", text_of(around.full_url) or ""
    return Entry(kind, name, head, bytes(around.resource), piece.resource, url)
