"""A validated FHIR model as plain JSON values."""

from __future__ import annotations

import json
from typing import Any, Protocol


class _Model(Protocol):
    def model_dump_json(self) -> str: ...


def plain(model: _Model) -> dict[str, Any]:
    """The members of a `fhir.resources` model that have a value, as JSON would carry them."""
    found: dict[str, Any] = json.loads(model.model_dump_json())
    return found
