"""JSON Schema in few words: what the shapes of requests and answers are written with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

Shape = dict[str, Any]
ABSOLUTE: Final = "^https?://[^/?#]+"
REFERENCE: Final = "^[A-Za-z]+/.+$"


def ref(name: str) -> Shape:
    """A reference to a shape of the document, by name."""
    return {"$ref": f"#/components/schemas/{name}"}


def text(**rules: Any) -> Shape:
    """A text that is not empty."""
    return {"type": "string", "minLength": 1, **rules}


def texts() -> Shape:
    """A list of texts that are not empty, and not empty itself."""
    return items(text())


def items(item: Shape, **rules: Any) -> Shape:
    """A list that is not empty."""
    return {"type": "array", "minItems": 1, "items": item, **rules}


def open_object(required: str, members: Shape, **rules: Any) -> Shape:
    """An object that may hold more than is named."""
    return {"type": "object", "required": required.split(), "properties": members, **rules}


def closed_object(required: str, members: Shape, **rules: Any) -> Shape:
    """An object that holds nothing but what is named."""
    return open_object(required, members, additionalProperties=False, **rules)


def or_null(shape: Shape) -> Shape:
    """A shape, or null."""
    return {"anyOf": [shape, {"type": "null"}]}


def one_of(values: Iterable[str]) -> Shape:
    """One of some words."""
    return {"type": "string", "enum": [str(each) for each in values]}


UUID: Final = text(format="uuid")
EXTENSION: Final[Shape] = {"type": "object"}
COUNT: Final[Shape] = {"type": "integer", "minimum": 0}
URL: Final = text(pattern=ABSOLUTE)
