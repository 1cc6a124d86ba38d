"""Elements that stay raw until needed, and the repair of resources that servers get wrong."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import msgspec

from fhir_mappings.codes import CodeableConcept
from fhir_mappings.elements import (
    Dosage,
    DosageInstruction,
    Extension,
    Meta,
    Period,
    Reference,
    ReferenceRange,
)
from fhir_mappings.resources import AnyResource, Condition, Medication, Observation, with_concepts

T = TypeVar("T")
UNREADABLE = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)
"""What reading a piece of JSON can raise, whatever is in it."""


# --- repair --------------------------------------------------------------------------------------

_LISTS = frozenset({"coding", "component", "item", "answer", "ingredient", "doseAndRate", "issue"})
"""Elements that are lists in FHIR and come as one object from careless senders."""
_LOOSE: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=str)
"""Keeps a fraction as it was written: a Decimal takes no exponent of twenty digits."""


def _repaired(value: Any, name: str = "") -> Any:
    """The value without nulls, with single objects in lists where FHIR wants lists."""
    if isinstance(value, dict):
        kept = {key: _repaired(item, key) for key, item in value.items() if item is not None}
        return [kept] if name in _LISTS else kept
    if isinstance(value, list):
        return [_repaired(item) for item in value if item is not None]
    return value


class Reader(Generic[T]):
    """Reads one piece of JSON as `kind`; where it is malformed, mended as far as can be."""

    def __init__(self, kind: type[T]) -> None:
        """Prepare the decoders."""
        self._strict = msgspec.json.Decoder(kind)
        self._lenient = msgspec.json.Decoder(kind, strict=False)

    @staticmethod
    def _whole(found: T) -> T:
        if isinstance(found, Observation):
            with_concepts(found)
        return found

    def read(self, raw: msgspec.Raw | bytes) -> T | None:
        """Return what was read; None: nothing of it can be used."""
        try:
            return self._whole(self._strict.decode(raw))
        except msgspec.ValidationError:
            pass
        except UNREADABLE:
            return None
        try:
            mended = msgspec.json.encode(_repaired(_LOOSE.decode(raw)))
            return self._whole(self._lenient.decode(mended))
        except UNREADABLE:
            return None


# --- raw elements --------------------------------------------------------------------------------

_MEMBERS = msgspec.json.Decoder(tuple[msgspec.Raw, ...])


class Part(Generic[T]):
    """Reads one raw element, or a list of it; what cannot be read is as if absent."""

    def __init__(self, kind: type[T]) -> None:
        """Prepare the reader."""
        self._reader = Reader(kind)

    def one(self, raw: msgspec.Raw) -> T | None:
        """Return the element, of a list its first readable member; None: there is none."""
        return next(iter(self.all(raw)), None)

    def all(self, raw: msgspec.Raw) -> tuple[T, ...]:
        """Return every member that can be read; a single element counts as a list of one."""
        members = members_of(raw)
        read = (self._reader.read(member) for member in members)
        return tuple(found for found in read if found is not None)


def members_of(raw: msgspec.Raw) -> tuple[msgspec.Raw | bytes, ...]:
    """Return the members of a JSON list, or the one value that stands for it; null is none."""
    text = bytes(raw)
    if not text or text == b"null":
        return ()
    if not text.startswith(b"["):
        return (text,)
    try:
        return _MEMBERS.decode(text)
    except UNREADABLE:
        return ()


CONCEPTS = Part(CodeableConcept)
CONDITIONS = Part(Condition)
EXTENSIONS = Part(Extension)
DOSAGES = Part(Dosage)
INSTRUCTIONS = Part(DosageInstruction)
MEDICATIONS = Part(Medication)
METAS = Part(Meta)
PERIODS = Part(Period)
RANGES = Part(ReferenceRange)
REFERENCES = Part(Reference)
TEXTS = Part(str)
RESOURCES: Reader[AnyResource] = Reader(AnyResource)  # type: ignore[arg-type]  # a union is a type to msgspec


def codes_in(raw: msgspec.Raw) -> set[str | None]:
    """The codes of an element that holds concepts, whatever their systems."""
    return {coding.code for concept in CONCEPTS.all(raw) for coding in concept.coding}
