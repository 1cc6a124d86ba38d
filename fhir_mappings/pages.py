"""What was read for one key: its pages, each an answer of a server or of a prefetch member."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fhir_mappings.issues import DataIssue
from fhir_mappings.resources import AnyResource
from grading.model import Instant

MALFORMED = "malformed"
"""`Page.incomplete` of what is no FHIR answer."""
OUTCOME = "outcome"
"""`Page.incomplete` of an answer in which the server says that something is left out."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of an answer: a Bundle, one resource, or an OperationOutcome.

    `entries` counts what matched: broken entries too, outcomes and included entries not.
    `incomplete` tells why the page does not hold all that it should (`MALFORMED`, `OUTCOME`).
    `included`: places in `resources` of what came along and did not match. `next_url` and
    `self_url` are links as delivered. `raw`: the whole answer, kept only where it
    has medication orders, since an update of one takes all of it along (ACT-4).
    """

    resources: tuple[AnyResource, ...] = ()
    issues: tuple[DataIssue, ...] = ()
    entries: int = 0
    total: int | None = None
    next_url: str | None = None
    self_url: str | None = None
    incomplete: str | None = None
    raw: bytes = b""
    included: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class KeyRead:
    """What was read for one key: its pages in order.

    No page and no `not_read`: read and empty (a null prefetch value). `not_read`: why there is
    nothing (`absent`, `outcome`, `failed`). `also`: further searches of the same key, where an own
    read was split; the key reaches back as far as the shallowest of them. `asked_from`: the
    earliest instant that the search itself asked for, where it carried a date window. `unsorted`:
    the server was not asked, or did not say that it was asked, to sort.
    """

    pages: tuple[Page, ...] = ()
    not_read: str | None = None
    also: tuple[KeyRead, ...] = ()
    asked_from: Instant | None = None
    unsorted: bool = False

    def all_pages(self) -> Iterable[Page]:
        """Return the pages of every search of the key."""
        yield from self.pages
        for further in self.also:
            yield from further.all_pages()
