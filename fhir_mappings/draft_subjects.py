"""For whom a draft order is."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import msgspec

from fhir_mappings.bundle import Entry
from fhir_mappings.elements import NO_RAW, Reference
from fhir_mappings.parts import Part


class _Subject(Reference):
    """Whom an order is for; who is named by an identifier alone is not known."""

    identifier: msgspec.Raw = NO_RAW


_SUBJECTS = Part(_Subject)
_PATIENT = re.compile(
    r"(?:((?i:https?)://[^?#|]+)/|/)?Patient/([^/?#|]+)(?:/_history/[^/?#|]+)?(?:/|\|.*)?"
)
"""A reference to a Patient: on a server, or on that of the request; what is before it counts."""
_NO_IDENTIFIER = frozenset({b"", b"null", b"{}", b"[]"})
_DEFAULT_PORTS = {"http": 80, "https": 443}


def is_own(entry: Entry, patient_id: str, server: str | None) -> bool:
    """Whether an order is for this patient of this server, or names no one (CTX-17).

    `server`: base of the FHIR server that `patient_id` is of; None: not known, any will do.
    """
    subject = _SUBJECTS.one(entry.head.subject)
    if subject is None:
        return True
    if not subject.reference:
        return bytes(subject.identifier) in _NO_IDENTIFIER
    found = _PATIENT.fullmatch(subject.reference)
    if found is None or found[2] != patient_id:
        return False
    known = _place(server or "")
    return not found[1] or known is None or _place(found[1]) == known


def _place(base: str) -> tuple[str, int | None, str] | None:
    """Host, port and path of a base URL; with or without TLS it is the same place. None: no URL."""
    try:
        parts = urlsplit(base)
        port = parts.port
    except ValueError:
        return None
    if not parts.hostname:
        return None
    usual = port in (None, _DEFAULT_PORTS.get(parts.scheme))
    return parts.hostname, None if usual else port, parts.path.rstrip("/")
