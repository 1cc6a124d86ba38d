"""What a client or a server delivered for a key, judged: read, read and empty, or not read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from urllib.parse import parse_qsl, urlsplit

import msgspec

from fhir_mappings.bundle import read_page
from fhir_mappings.errors import MappingError
from fhir_mappings.keys import KEYS
from fhir_mappings.pages import MALFORMED, OUTCOME, KeyRead, Page

NO_ALIASES: Mapping[str, str] = MappingProxyType({})
EVERYONE = "everyone"
"""`KeyRead.not_read` of a search that did not look at the patient."""
ABSENT = "absent"
"""The same of what was not delivered."""
_NULL = msgspec.Raw(b"null")
_SORT = "_sort"
_SUBJECTS = frozenset({"patient", "subject", "patient:Patient", "subject:Patient", "_id"})


def read_prefetch(
    prefetch: Mapping[str, msgspec.Raw], aliases: Mapping[str, str] = NO_ALIASES
) -> dict[str, KeyRead]:
    """The keys that were delivered; what is no FHIR answer counts as absent (PREF-19).

    A null was asked for and found nothing (PREF-11); keys of others are ignored (PREF-18).
    `aliases`: the client's own name of a key to ours; what comes under ours wins. Of several names
    of one key each holds a part of it, and what comes under none of them is not read.
    """
    found = {key: _delivered(key, prefetch, aliases) for key in KEYS}
    return {key: read for key, read in found.items() if read is not None}


def _delivered(
    key: str, prefetch: Mapping[str, msgspec.Raw], aliases: Mapping[str, str]
) -> KeyRead | None:
    theirs = [name for name, ours in aliases.items() if ours == key]
    names = [key] if key in prefetch else theirs
    parts = [_read(key, prefetch[name]) if name in prefetch else None for name in names]
    if not any(parts):
        return None
    first, *further = (part or KeyRead(not_read=ABSENT) for part in parts)
    return replace(first, also=tuple(further))


def _read(key: str, raw: msgspec.Raw) -> KeyRead | None:
    if raw == _NULL:
        return KeyRead()
    try:
        page = read_page(raw)
    except MappingError:
        return None
    is_other = is_of_other_type(page, KEYS[key].resource_type)
    return None if is_other or is_no_answer(page) else first_page(page)


def is_no_answer(page: Page) -> bool:
    """Whether it is neither a Bundle nor a resource; a broken resource with an id is one."""
    named = any(issue.refs for issue in page.issues)
    return page.incomplete == MALFORMED and not page.resources and not named


def is_of_other_type(page: Page, kind: str) -> bool:
    """Whether all that an answer holds is of another type than was asked for: it says nothing."""
    named = any(type(each).__name__ == kind for each in page.resources)
    return page.entries > 0 and not named and not any(each.label == kind for each in page.issues)


def first_page(page: Page) -> KeyRead:
    """A first page as a key's read: not read where it is but an outcome, or is of everyone.

    It counts as unsorted where the server's own account of its search does not tell of a sort.
    """
    if page.incomplete == OUTCOME and not page.entries:
        return KeyRead(not_read=OUTCOME)
    done = _done(page)
    if done and not done & _SUBJECTS:
        return KeyRead(not_read=EVERYONE)
    return KeyRead((page,), unsorted=bool(done) and _SORT not in done)


def _done(page: Page) -> frozenset[str]:
    """The parameters of a search by the server's own account; empty: there is none."""
    try:
        query = urlsplit(page.self_url or "").query
    except ValueError:
        return frozenset()
    return frozenset(name for name, _ in parse_qsl(query))
