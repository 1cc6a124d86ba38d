"""Which of two versions of one resource counts, the same for any order of delivery (READ-2)."""

from __future__ import annotations

import re
from datetime import tzinfo
from typing import Any

import msgspec

from fhir_mappings.elements import NO_RAW, Meta
from fhir_mappings.errors import TimeError
from fhir_mappings.parts import METAS
from fhir_mappings.times import read_when
from grading.model import ALWAYS, Instant

_COUNTED = re.compile(r"\d{1,64}", re.ASCII)
_WITHDRAWN = "entered-in-error"


def newer(one: Any, other: Any, zone: tzinfo) -> Any:
    """The version that was stored last; `zone` holds for a time without one.

    By `lastUpdated`, then by `versionId` (as a number where it is one). Where neither tells, the
    one that was entered in error; else, of two that cannot be told apart, always the same one.
    """
    return max(one, other, key=lambda each: _version(each, zone))


Version = tuple[Instant, int, str, bool, bytes]


def _version(resource: Any, zone: tzinfo) -> Version:
    meta = METAS.one(resource.meta) or Meta()
    name = meta.version_id or ""
    number = int(name) if _COUNTED.fullmatch(name) else -1
    return (
        _updated(meta, zone),
        number,
        "" if number >= 0 else name,
        _is_withdrawn(resource),
        _written(resource),
    )


def _updated(meta: Meta, zone: tzinfo) -> Instant:
    """When the version was stored; before everything where that is not told."""
    try:
        return read_when(meta.last_updated or "", zone).last
    except TimeError:
        return ALWAYS


def _is_withdrawn(resource: Any) -> bool:
    verified = bytes(getattr(resource, "verification_status", NO_RAW))
    return getattr(resource, "status", None) == _WITHDRAWN or _WITHDRAWN.encode() in verified


def _written(resource: Any) -> bytes:
    """What was read of it, as JSON; empty where it is nested too deep to be written."""
    try:
        return msgspec.json.encode(resource)
    except RecursionError:
        return b""
