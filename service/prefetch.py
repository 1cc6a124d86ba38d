"""What a client or a server delivered for a key, judged: read, read and empty, or not read."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

import msgspec

from fhir_mappings.bundle import MALFORMED, OUTCOME, KeyRead, Page, read_page
from fhir_mappings.errors import MappingError
from fhir_mappings.keys import KEYS

EVERYONE = "everyone"
"""`KeyRead.not_read` of a search that did not look at the patient."""
_SUBJECTS = frozenset({"patient", "subject", "patient:Patient", "subject:Patient", "_id"})


def read_prefetch(prefetch: Mapping[str, msgspec.Raw]) -> dict[str, KeyRead]:
    """The keys that were delivered; what is no FHIR answer counts as absent (PREF-19).

    A null was asked for and found nothing (PREF-11); keys of others are ignored (PREF-18).
    """
    found = {key: _read(prefetch[key]) for key in KEYS if key in prefetch}
    return {key: read for key, read in found.items() if read is not None}


def _read(raw: msgspec.Raw) -> KeyRead | None:
    if bytes(raw) == b"null":
        return KeyRead()
    try:
        page = read_page(raw)
    except MappingError:
        return None
    return None if is_no_answer(page) else first_page(page)


def is_no_answer(page: Page) -> bool:
    """Whether it is neither a Bundle nor a resource; a broken resource with an id is one."""
    named = any(issue.refs for issue in page.issues)
    return page.incomplete == MALFORMED and not page.resources and not named


def first_page(page: Page) -> KeyRead:
    """A first page as a key's read: not read where it is but an outcome, or is of everyone."""
    if page.incomplete == OUTCOME and not page.entries:
        return KeyRead(not_read=OUTCOME)
    if _ignores_patient(page):
        return KeyRead(not_read=EVERYONE)
    return KeyRead((page,))


def _ignores_patient(page: Page) -> bool:
    """Whether the server's own account of its search leaves out the patient (design.md 7)."""
    if page.self_url is None:
        return False
    try:
        query = urlsplit(page.self_url).query
    except ValueError:
        return False
    return query != "" and not any(name in _SUBJECTS for name, _ in parse_qsl(query))
