"""Parallel searches of one FHIR server, page by page, until the time is over."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import wait
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, NamedTuple

from fhir_mappings.bundle import read_page
from fhir_mappings.errors import MappingError
from fhir_mappings.pages import KeyRead, Page
from service.access import Access, ReadError
from service.dialects import REFUSALS, Dialects, Systems
from service.errors import Unavailable
from service.fhir_client import POOL, FhirClient, Query
from service.outgoing import origin
from service.prefetch import first_page, is_no_answer, is_of_other_type
from service.shares import Shares

MAX_RESOURCES: Final = 2000
"""Of one search."""
MAX_PAGES: Final = 300
MOST_OF_ONE_SERVER: Final = 160
"""Reads of one server at a time: 16 calls of 10 (design.md 9); the other threads are for others."""
FAILED: Final = "failed"
TIMEOUT: Final = "timeout"


class Search(NamedTuple):
    """A search for resources of type `kind` to begin, or to go on with from a next link.

    `before` are the pages that were read already. `enough` None: one page only, else pages follow
    until it is true of one. `systems`: of the codes in `query`.
    """

    key: str
    kind: str
    url: str
    query: Query = ()
    before: tuple[Page, ...] = ()
    enough: Callable[[Page], bool] | None = None
    systems: Systems = ()


@dataclass(slots=True)
class Progress:
    """What a search has given so far, `before` included; `failure`: why it gave no more.

    `unsorted`: the server could not be asked to sort.
    """

    search: Search
    pages: list[Page] = field(default_factory=list)
    failure: str | None = None
    unsorted: bool = False

    def key_read(self) -> KeyRead:
        """What was read; `not_read` where nothing was."""
        if not self.pages:
            return KeyRead(not_read=FAILED)
        first = first_page(self.pages[0])
        unsorted = self.unsorted or first.unsorted
        return first if first.not_read else KeyRead(tuple(self.pages), unsorted=unsorted)


class Reader:
    """One pool of threads and of connections, for all calls of a process.

    No server has all of the threads, so that a slow one takes nothing from the others.
    """

    def __init__(self, client: FhirClient) -> None:
        """Read through `client`; threads start when they are needed."""
        self._client = client
        self._dialects = Dialects(client)
        self._shares = Shares(POOL, MOST_OF_ONE_SERVER)

    def read(self, access: Access, searches: Sequence[Search]) -> tuple[Progress, ...]:
        """Run the searches at once; those that are not done in time keep what they have.

        Raises:
            Unavailable: no thread can be had.
        """
        running = [Progress(search, list(search.before)) for search in searches]
        try:
            server = origin(access.base)
            futures = [
                self._shares.submit(server, partial(self._run, access, progress))
                for progress in running
            ]
        except RuntimeError as error:
            raise Unavailable("no thread to read with") from error
        wait(futures, max(0.0, access.until - time.monotonic()))
        for future, progress in zip(futures, running, strict=True):
            if future.done():
                future.result()
            else:
                future.cancel()
                progress.failure = TIMEOUT
        return tuple(replace(each, pages=[*each.pages]) for each in running)

    def _run(self, access: Access, progress: Progress) -> None:
        try:
            self._follow(access, progress)
        except ReadError as error:
            progress.failure = error.kind

    def _follow(self, access: Access, progress: Progress) -> None:
        search = progress.search
        url, seen = search.url, {search.url}
        page = self._first(access, progress)
        while True:
            progress.pages.append(page)
            if search.enough is None or page.next_url is None or search.enough(page):
                return
            url = access.resolve(page.next_url, url)
            if url in seen:
                raise ReadError("page-loop")
            seen.add(url)
            _check_limits(progress.pages)
            page = self._page(access, search.kind, url, ())

    def _first(self, access: Access, progress: Progress) -> Page:
        """The first page, asked for in the ways that the server may want (terminology.md 9)."""
        search, refusal = progress.search, ReadError(FAILED)
        for asked in self._dialects.ways(access, search.kind, search.query, search.systems):
            try:
                page = self._page(access, search.kind, search.url, asked.query)
            except ReadError as error:
                if error.kind not in REFUSALS:
                    raise
                refusal = error
            else:
                self._dialects.learn(access, search.kind, search.query, asked.way)
                progress.unsorted = not asked.is_sorted
                return page
        raise refusal

    def _page(self, access: Access, kind: str, url: str, query: Query) -> Page:
        try:
            page = read_page(self._client.get(access, url, query))
        except MappingError as error:
            raise ReadError("not-json") from error
        if is_no_answer(page):
            raise ReadError("not-fhir")
        if is_of_other_type(page, kind):
            raise ReadError("other-type")
        return page


def _check_limits(pages: Sequence[Page]) -> None:
    if len(pages) >= MAX_PAGES or sum(len(page.resources) for page in pages) >= MAX_RESOURCES:
        raise ReadError("too-many")
