"""The body of a feedback call: what is required of it, and the spellings that clients use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from marshmallow import ValidationError, fields, post_load, pre_load
from marshmallow.validate import OneOf

from grading.model import Instant
from service.errors import BadRequest
from service.instants import read_instant
from service.messages import NotJson, value
from service.schemas import Envelope, filled, load_into

MAX_ENTRIES: Final = 1000
LONGEST_ID: Final = 512
"""Bytes of the identifier of a card or a suggestion, which the store has indexes of."""
ACCEPTED: Final = "accepted"
OVERRIDDEN: Final = "overridden"
_EPIC: Final = "com.epic.cdshooks.feedback.overrideReason."
_OF_OURS: Final = re.compile(
    r"(?:urn:uuid:)?([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})", re.IGNORECASE
)
_NULL: Final = msgspec.Raw(b"null")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a card was overridden: the Coding that was picked, or the site's own words for it."""

    system: str | None = None
    code: str | None = None
    display: str | None = None
    category: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Feedback:
    """The outcome of one card; `at` is when, `raw` the entry as it was sent.

    It has no text of its own, so that a comment cannot reach a log or a trace.
    """

    card: str
    outcome: str
    at: Instant
    suggestions: tuple[str, ...]
    reason: Reason
    comment: str | None
    raw: bytes


def load_feedback(body: Mapping[str, msgspec.Raw]) -> tuple[Feedback, ...]:
    """The outcomes in the body of a feedback call; one that is wrong refuses them all (FB-13).

    Raises:
        BadRequest: the index of the entry, and the members that are missing or wrong.
    """
    try:
        entries = msgspec.json.decode(body.get("feedback", _NULL), type=list[msgspec.Raw])
    except msgspec.ValidationError as error:
        raise BadRequest("feedback: must be an array") from error
    if not 1 <= len(entries) <= MAX_ENTRIES:
        raise BadRequest(f"feedback: must have 1 to {MAX_ENTRIES} entries")
    return tuple(_load(raw, f"feedback[{index}]") for index, raw in enumerate(entries))


def _load(raw: msgspec.Raw, where: str) -> Feedback:
    try:
        written = value(raw)
    except NotJson as error:
        raise BadRequest(f"{where}: {error}") from error
    found = load_into(_ENTRY, written, where)
    return Feedback(
        _as_sent_by_us(found["card"]),
        found["outcome"],
        read_instant(found["outcome_at"], f"{where}.outcomeTimestamp"),
        tuple(_as_sent_by_us(each["id"]) for each in found["suggestions"]),
        found["override"]["reason"] if found["override"] else Reason(),
        found["override"]["comment"] if found["override"] else None,
        bytes(raw),
    )


def _as_sent_by_us(identifier: str) -> str:
    """A UUID in the one spelling that cards carry; what is none stays as it is (FB-13)."""
    found = _OF_OURS.fullmatch(identifier.strip())
    return found[1].lower() if found else identifier


def _text(text: str) -> None:
    """A text that every store can hold."""
    filled(text)
    if "\0" in text:
        raise ValidationError("must not hold U+0000")


def _identifier(text: str) -> None:
    """A text that every store can find again."""
    _text(text)
    if len(text.encode()) > LONGEST_ID:
        raise ValidationError(f"must not be longer than {LONGEST_ID} bytes")


class SuggestionSchema(Envelope):
    """A member of `acceptedSuggestions` (FB-5)."""

    id = fields.String(required=True, validate=_identifier)


class ReasonSchema(Envelope):
    """A Coding, of which any member may be missing (FB-7); Epic's extension beside it."""

    system = fields.String(load_default=None, validate=_text)
    code = fields.String(load_default=None, validate=_text)
    display = fields.String(load_default=None, validate=_text)
    extension = fields.Raw(load_default=None)

    @pre_load
    def _without_empties(self, data: Any, **_: Any) -> Any:
        return _without_empty_texts(data)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Reason:
        told = _epic(data.pop("extension"))
        data["display"] = data["display"] or told.get("Display")
        return Reason(**data, category=told.get("Category"), title=told.get("Title"))


class OverrideSchema(Envelope):
    """`overrideReason` (FB-6): a reason, a comment, or neither."""

    reason = fields.Nested(ReasonSchema, load_default=Reason())
    comment = fields.String(load_default=None, data_key="userComment")

    @pre_load
    def _one_spelling(self, data: Any, **_: Any) -> Any:
        """`key` for `reason`, a code alone or a CodeableConcept, an extension beside the reason."""
        if not isinstance(data, dict):
            return data
        reason = data.get("reason") or data.get("key") or {}
        if isinstance(reason, str):
            reason = {"code": reason}
        if isinstance(reason, dict) and "coding" in reason:
            reason = _coding(reason)
        if isinstance(reason, dict) and "extension" in data:
            reason = {"extension": data["extension"]} | reason
        return _without_empty_texts({**data, "reason": reason})


class EntrySchema(Envelope):
    """One member of `feedback` (FB-3 to FB-8)."""

    card = fields.String(required=True, validate=_identifier)
    outcome = fields.String(required=True, validate=OneOf([ACCEPTED, OVERRIDDEN]))
    outcome_at = fields.String(required=True, validate=filled, data_key="outcomeTimestamp")
    suggestions = fields.List(
        fields.Nested(SuggestionSchema), load_default=(), data_key="acceptedSuggestions"
    )
    override = fields.Nested(OverrideSchema, load_default=None, data_key="overrideReason")

    @pre_load
    def _one_spelling(self, data: Any, **_: Any) -> Any:
        """Epic's `overrideReasons`, one object or an array of it, and its extension (FB-7)."""
        if not isinstance(data, dict):
            return data
        override = data.get("overrideReason") or data.get("overrideReasons")
        if isinstance(override, list):
            override = override[0] if override else None
        if override is None and _epic(data.get("extension")):
            override = {}
        if isinstance(override, dict) and "extension" in data:
            override = {"extension": data["extension"]} | override
        found = {**data, "overrideReason": override}
        if found.get("outcome") == ACCEPTED and found.get("acceptedSuggestions") is None:
            raise ValidationError({"acceptedSuggestions": ["required where a card is accepted"]})
        return {name: item for name, item in found.items() if item is not None}


_ENTRY: Final = EntrySchema()


def _coding(concept: dict[str, Any]) -> dict[str, Any]:
    """The first Coding of a CodeableConcept, whose text stands in for a display.

    A member that is no text is left out: it costs no outcome.
    """
    codings = concept["coding"] if isinstance(concept["coding"], list) else [concept["coding"]]
    first = next((each for each in codings if isinstance(each, dict)), {})
    told = _texts({"display": concept.get("text")}) | _texts(first)
    return {**told, "extension": first.get("extension") or concept.get("extension")}


def _texts(members: dict[str, Any]) -> dict[str, str]:
    return {name: item for name, item in members.items() if item and isinstance(item, str)}


def _without_empty_texts(data: Any) -> Any:
    if not isinstance(data, dict):
        return data
    return {name: item for name, item in data.items() if item not in (None, "")}


def _epic(extension: Any) -> dict[str, str]:
    """Category, Display and Title of a reason of the site's own, as Epic sends them."""
    if not isinstance(extension, dict):
        return {}
    found = {
        name.removeprefix(_EPIC).removeprefix("reason"): text
        for name, text in extension.items()
        if name.startswith(_EPIC)
    }
    return {
        name: text
        for name, text in found.items()
        if isinstance(text, str) and text and "\0" not in text
    }
