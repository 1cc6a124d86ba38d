"""Orders as they were delivered, whole, for suggestions that update one (ACT-4)."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from fhir_mappings.bundle import read_entries
from fhir_mappings.pages import KeyRead

_KIND = "MedicationRequest"


def delivered_orders(reads: Iterable[KeyRead], refs: Collection[str]) -> dict[str, bytes]:
    """The JSON of each MedicationRequest among `refs`; left out where two of one id differ."""
    found: dict[str, set[bytes]] = {}
    pages = (page for read in reads for page in read.all_pages() if page.raw) if refs else ()
    for page in pages:
        for entry in read_entries(page.raw):
            ref = f"{entry.kind}/{entry.id}"
            if entry.kind == _KIND and ref in refs:
                found.setdefault(ref, set()).add(entry.raw)
    return {ref: raws.pop() for ref, raws in found.items() if len(raws) == 1}
