"""The head of any JSON object: what it is, read without a care for the rest of it."""

from __future__ import annotations

import msgspec

from fhir_mappings.elements import Element
from fhir_mappings.parts import UNREADABLE, members_of


class Head(Element):
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
    status: msgspec.Raw = msgspec.Raw()
    subject: msgspec.Raw = msgspec.Raw()
    response: msgspec.Raw = msgspec.Raw()
    outcome: msgspec.Raw = msgspec.Raw()


_HEAD = msgspec.json.Decoder(Head)
_TEXT = msgspec.json.Decoder(str)
_NUMBER = msgspec.json.Decoder(int, strict=False)


def head_in(raw: msgspec.Raw | bytes) -> Head:
    """The head of a JSON object.

    Raises:
        msgspec.DecodeError, UnicodeDecodeError: it is none.
        RecursionError: it is nested too deep.
    """
    return _HEAD.decode(raw)


def head_of(raw: msgspec.Raw | bytes) -> Head | None:
    """The head of a JSON object; None: it is none."""
    try:
        return _HEAD.decode(raw)
    except UNREADABLE:
        return None


def text_of(raw: msgspec.Raw) -> str | None:
    """A JSON text; None: it is none."""
    try:
        return _TEXT.decode(raw)
    except UNREADABLE:
        return None


def whole_of(raw: msgspec.Raw) -> int | None:
    """A whole number, written as one or as text; None: it is none."""
    try:
        return _NUMBER.decode(raw)
    except UNREADABLE:
        return None


def links_of(raw: msgspec.Raw) -> dict[str | None, str | None]:
    """The addresses of the links of a Bundle by their relation."""
    heads = (head_of(member) for member in members_of(raw))
    return {text_of(head.relation): text_of(head.url) for head in heads if head is not None}
