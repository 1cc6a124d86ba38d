"""Which entries of a Bundle of drafts the selections of a call name (CTX-7)."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from fhir_mappings.bundle import Entry
from fhir_mappings.resources import unversioned


class Chosen(NamedTuple):
    """What selections name: entries by their JSON, None: all are to be checked.

    `ignored`: how many selections name no entry.
    """

    raws: frozenset[bytes] | None = None
    ignored: int = 0

    def has(self, entry: Entry) -> bool:
        """Whether an entry is to be checked."""
        return self.raws is None or entry.raw in self.raws


def chosen(selections: Collection[str] | None, entries: Collection[Entry]) -> Chosen:
    """The entries that `selections` name; None: there is no choice, all are.

    All are, too, where there are selections and not one of them names an entry, of whatever type:
    which order was meant is not known then, and silence would read as "no problem".
    """
    if selections is None:
        return Chosen()
    wanted = {_plain(each) for each in selections}
    named = [(each.raw, wanted & references_of(each)) for each in entries]
    raws = frozenset(raw for raw, names in named if names)
    ignored = len(wanted.difference(*(names for _, names in named)))
    return Chosen(None if wanted and not raws else raws, ignored)


def references_of(entry: Entry) -> frozenset[str]:
    """All that may name an entry: its id, with its type or alone, and the end of its full URL."""
    ref = f"{entry.kind}/{entry.id}" if entry.id else ""
    return frozenset({ref, *map(_plain, (entry.id, ref, entry.full_url))} - {""})


def _plain(reference: str) -> str:
    """A reference without address of a server, version, blanks around it and a last slash."""
    path = unversioned(reference.strip()).partition("|")[0].rstrip("/")
    return "/".join(path.split("/")[-2:])
