"""Holds answers to the service's own contract, and to what no schema can say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import jsonschema_rs

from service.openapi import document
from tests.cards.shape import shape_faults

_MAY_BE_EMPTY = re.compile(r"\$\.cards|\$\.cards\.\d+\..*\.resource\..*\.\d+")
"""No cards; and within a FHIR resource an item of a list, whose extensions stand beside it."""


@cache
def _validator(shape: str) -> Any:
    found = document()
    schema = {"$ref": f"#/components/schemas/{shape}", "components": found["components"]}
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


def broken(shape: str, answer: Any) -> list[str]:
    """What of an answer does not fit a shape of the contract."""
    found = _validator(shape).iter_errors(answer)
    return [f"/{'/'.join(map(str, error.instance_path))}: {error.message}" for error in found]


def empties(value: Any, path: str = "$") -> Iterator[str]:
    """Where a tree holds a null, or an empty text, list or object (GEN-2, GEN-3)."""
    if value is None or value in ("", [], {}):
        yield path
    members = dict(enumerate(value)) if isinstance(value, list) else value
    if isinstance(members, Mapping):
        for name, item in members.items():
            yield from empties(item, f"{path}.{name}")


def faults(status: int, body: bytes) -> list[str]:
    """What is wrong with an answer of a hook, whatever was asked: [] where nothing is."""
    if status >= 500 and status != 503:
        return [f"status {status}"]
    answer = json.loads(body)
    shape = "CardsResponse" if status == 200 else "OperationOutcome"
    found = broken(shape, answer)
    found += [f"empty: {path}" for path in empties(answer) if not _MAY_BE_EMPTY.fullmatch(path)]
    return found + (_answer_faults(answer) if status == 200 else [])


def _answer_faults(answer: dict[str, Any]) -> list[str]:
    found = [each for each in shape_faults(answer) if not each.endswith("null or empty")]
    for card in answer["cards"]:
        codes = [each["code"] for each in card.get("overrideReasons", ())]
        found += [] if len(codes) == len(set(codes)) else ["a reason that is there twice"]
    return found
