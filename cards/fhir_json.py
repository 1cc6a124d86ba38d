"""FHIR on the way out: a validated model as plain JSON values, and how an artifact begins."""

from __future__ import annotations

import json
from typing import Any, Protocol

from grading.knowledge import KNOWLEDGE


class _Model(Protocol):
    def model_dump_json(self) -> str: ...


def plain(model: _Model) -> dict[str, Any]:
    """The members of a `fhir.resources` model that have a value, as JSON would carry them."""
    found: dict[str, Any] = json.loads(model.model_dump_json())
    return found


def canonical_header(base: str, kind: str, name_in_url: str, name: str) -> dict[str, Any]:
    """What every artifact begins with: its id, address, edition of the content, name and status."""
    return {
        "id": name_in_url,
        "url": f"{base}/{kind}/{name_in_url}",
        "version": KNOWLEDGE.edition,
        "name": name,
        "status": "active",
    }
