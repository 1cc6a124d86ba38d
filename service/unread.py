"""What of the chart could not be read, and why: by scopes, by failures, by what was delivered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cards.unread import Unread
from fhir_mappings.keys import EXTRA_KEYS, KEYS
from fhir_mappings.pages import OUTCOME, KeyRead
from service.prefetch import ABSENT
from service.reads import Progress
from service.scopes import Scopes

if TYPE_CHECKING:
    from service.chart import Chart

LEFT_OUT: Final = "left-out"
NOT_AUTHORIZED: Final = "not-authorized"
_PARTLY: Final = "partly-authorized"
_REFUSED = frozenset({"http-401", "http-403"})
_CATEGORIES = {"trends": "vital-signs,laboratory", "vitals": "vital-signs,survey,exam"}
"""Categories of Observation that searches by code lie within."""


def judged(scopes: Scopes, progress: Progress) -> tuple[KeyRead, str | None]:
    """What a search gave in the light of the token's scopes, and how it fell short.

    A search that the token answers only in part holds less than it should, and says nothing of it.
    """
    spec = {**KEYS, **EXTRA_KEYS}[progress.search.key]
    read = progress.key_read()
    failure = progress.failure or read.not_read
    if failure is not None:
        lacks = failure in _REFUSED and scopes.lacks(spec.resource_type)
        return read, NOT_AUTHORIZED if lacks else failure
    within = dict(spec.query).get("category") or _CATEGORIES.get(spec.name, "")
    if not scopes.gives_part(spec.resource_type, within.split(",") if within else ()):
        return read, None
    pages = tuple(replace(page, incomplete=OUTCOME) for page in read.pages)
    return replace(read, pages=pages), _PARTLY


def unread_of(chart: Chart) -> Unread:
    """The keys that were not read, or not whole, in advertised order, each with the reason."""
    return tuple(_found(chart))


def _found(chart: Chart) -> Iterator[tuple[str, str]]:
    for key in (*KEYS, *EXTRA_KEYS):
        why = chart.failures.get(key) or (reason_of(chart.reads.get(key)) if key in KEYS else None)
        if why is not None:
            yield key, why


def reason_of(read: KeyRead | None) -> str | None:
    """Why a key was not read, or not whole; None: it was."""
    if read is None:
        return ABSENT
    for part in (read, *read.also):
        if part.not_read is not None:
            return part.not_read
    return LEFT_OUT if any(page.incomplete for page in read.all_pages()) else None
