"""Reading a chart in rounds, until nothing is wanting that could still be read (design.md 7)."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final
from urllib.parse import quote

from fhir_mappings.keys import EXTRA_KEYS, KEYS
from fhir_mappings.pages import KeyRead, Page
from fhir_mappings.record import INFUSION_KEYS, PatientRecord, build_record, keys_short_of
from fhir_mappings.resources import Medication, unversioned
from fhir_mappings.snapshot import build_snapshot
from fhir_mappings.times import iso
from grading import Course, prepare
from grading.infusion import scope
from grading.knowledge import Policy
from grading.model import DAY, NEVER, Instant, Scope, Snapshot
from service import metrics
from service.access import Access, ReadError
from service.call import Call
from service.metrics import Stage
from service.reads import Search
from service.schemas import is_resource_id
from service.unread import NOT_AUTHORIZED, judged
from service.wanted import Wanted

PATIENT: Final = "patient"
BEDSIDE: Final = "bedside"
VITALS: Final = "vitals"
MEDICATIONS: Final = "medications"
NO_PATIENT = frozenset({"http-404", "http-410"})
"""Why the Patient was not read: the server has none of that id, so that no search means much."""
_IDS_PER_SEARCH = 40


@dataclass(slots=True)
class Reading:
    """The state between rounds; `parts` are the searches of each key, in order.

    `own`: the keys that were not delivered.
    """

    call: Call
    wanted: Wanted
    parts: dict[str, list[KeyRead]]
    failures: dict[str, str] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    own: frozenset[str] = frozenset()
    record: PatientRecord = field(init=False)
    course: Course = field(init=False)
    scope: Scope = field(init=False)
    is_unsure: bool = field(init=False)

    def go_through(self, access: Access | None, absent: tuple[str, ...]) -> None:
        """Read in rounds, until nothing is wanting that could still be read."""
        self.own = frozenset(absent)
        if access is not None and absent:
            self._add(access, (*self._first_round(access, absent), *self._drafted(access)))
        self._evaluate()
        while access is not None and (further := self._next_round(access)):
            self._add(access, further)
            self._evaluate()

    def _evaluate(self) -> None:
        """Say what is known from all that has been read."""
        call, wanted = self.call, self.wanted
        policy = call.runtime.policy
        if wanted.medications:
            wanted.learn(self._read_medications())
        self.record = record_of(call, self.reads())
        with metrics.stage(Stage.MAP):
            snapshot = known_at(self.record, self.failures, call.now, policy)
        if wanted.superseded:
            kept = tuple(each for each in snapshot.orders if each.ref not in wanted.superseded)
            snapshot = replace(snapshot, orders=kept)
        with metrics.stage(Stage.GRADE):
            self.course = prepare(snapshot, policy)
        self.scope = scope(snapshot, self.course.infusion, policy)
        self.is_unsure = self._lacks_infusion(snapshot)

    def reads(self) -> dict[str, KeyRead]:
        """What has been read, by key."""
        return {key: _joined(parts) for key, parts in self.parts.items()}

    def _read_medications(self) -> Iterator[Medication]:
        reads = (part for parts in self.parts.values() for part in parts)
        pages = (page for read in reads for page in read.all_pages())
        resources = (resource for page in pages for resource in page.resources)
        return (resource for resource in resources if isinstance(resource, Medication))

    def _lacks_infusion(self, snapshot: Snapshot) -> bool:
        """Whether an infusion that bears on the call may have escaped what was read."""
        if self.scope is not Scope.NO_INFUSION:
            return self.scope is Scope.UNKNOWN
        return snapshot.reach.infusion > self.infusion_since()

    def infusion_since(self) -> Instant:
        """From when on it matters whether there was an infusion.

        For grading; further back where the call asks for it and nothing so recent is known.
        """
        now, infusion = self.call.now, self.course.infusion
        graded = now - (self.call.runtime.policy.scope_max_day + 1) * DAY
        wanted = now - self.wanted.infusion_days * DAY
        return graded if infusion is not None and infusion.t0 >= wanted else min(graded, wanted)

    def _add(self, access: Access, searches: Iterable[Search]) -> None:
        """Run searches; their results replace the parts that they go on with, or are new parts."""
        with metrics.stage(Stage.FETCH):
            read_now = self.call.runtime.reader.read(access, tuple(searches))
        for progress in read_now:
            key = progress.search.key
            read, failure = judged(access.scopes, progress)
            if failure is not None:
                self.failures[key] = failure
            parts = self.parts.setdefault(key, [])
            place = _place(parts, progress.search.before)
            if place is None:
                parts.append(read)
            else:
                parts[place] = replace(parts[place], pages=read.pages)

    def _first_round(self, access: Access, absent: Iterable[str]) -> Iterator[Search]:
        """The first pages of the keys that were not delivered, where the token may read them."""
        for key in absent:
            if access.scopes.forbids(KEYS[key].resource_type):
                self.failures[key] = NOT_AUTHORIZED
                self.parts[key] = [KeyRead(not_read=NOT_AUTHORIZED)]
            else:
                yield from self._begin(access, key)

    def _next_round(self, access: Access) -> tuple[Search, ...]:
        """What is still to be read, and was not asked for yet; nothing once the time is over."""
        if access.until <= time.monotonic():
            return ()
        return (*self._charted(access), *self._vitals(access), *self._pages(access))

    def _begin(self, access: Access, key: str) -> Iterator[Search]:
        spec = self.call.runtime.keys[key]
        patient_id = self.call.request.context.patient_id
        if spec.name == PATIENT:
            yield Search(
                PATIENT, spec.resource_type, f"{access.base}/Patient/{quote(patient_id, safe='')}"
            )
            return
        until = iso(self.call.now) if self.call.replay else None
        for query in spec.searches(patient_id, until):
            url = f"{access.base}/{spec.resource_type}"
            yield Search(spec.name, spec.resource_type, url, query, systems=spec.systems)

    def _drafted(self, access: Access) -> Iterator[Search]:
        """Medications behind references of the call itself."""
        return self._medications(access, self.wanted.medications)

    def _charted(self, access: Access) -> Iterator[Search]:
        """Medications behind references of the chart, or the call, that nothing resolves so far."""
        refs = (*self.record.unresolved_medications, *self.wanted.medications)
        return self._medications(access, refs)

    def _medications(self, access: Access, refs: Iterable[str]) -> Iterator[Search]:
        if access.scopes.forbids(EXTRA_KEYS[MEDICATIONS].resource_type):
            return
        found = {_medication_id(ref, access) for ref in refs}
        ids = sorted(name for name in found - {""} if f"Medication/{name}" not in self.asked)
        self.asked.update(f"Medication/{name}" for name in ids)
        for start in range(0, len(ids), _IDS_PER_SEARCH):
            part = ids[start : start + _IDS_PER_SEARCH]
            query = (("_id", ",".join(part)), ("_count", str(len(part))))
            url = f"{access.base}/Medication"
            yield Search(MEDICATIONS, "Medication", url, query, enough=_never)

    def _vitals(self, access: Access) -> Iterator[Search]:
        """Bedside codes without category, where those with one lack a main input.

        Where they were our own read, so too before room air is assumed: some servers file oxygen
        under a category that is not asked for.
        """
        forbidden = access.scopes.forbids(EXTRA_KEYS[VITALS].resource_type)
        if self.scope is not Scope.IN or VITALS in self.asked or forbidden:
            return
        now, policy = self.call.now, self.call.runtime.policy
        lacks = self.record.missing_bedside(now, policy)
        if lacks or (BEDSIDE in self.own and self.record.missing_oxygen(now, policy)):
            self.asked.add(VITALS)
            yield from self._begin(access, VITALS)

    def _pages(self, access: Access) -> Iterator[Search]:
        """Further pages of the keys that do not reach back as far as they are needed.

        A key whose reading failed, or came to its limit, is left as it is.
        """
        for key, since in self._needs():
            for part in self.parts.get(key, ()) if key not in self.failures else ():
                search = self._continued(access, key, part, since)
                if search is not None:
                    yield search

    def _needs(self) -> Iterator[tuple[str, Instant]]:
        """Keys that fall short of an instant, with it.

        In scope: a day before the course. Where there may have been an infusion: from where one
        still counts, and only the keys that can hold it.
        """
        infusion = self.course.infusion
        if self.scope is Scope.IN and infusion is not None:
            since = infusion.course_t0 - DAY
            yield from ((key, since) for key in keys_short_of(self.record, since))
        elif self.is_unsure:
            since = self.infusion_since()
            short = keys_short_of(self.record, since)
            yield from ((key, since) for key in short if key in INFUSION_KEYS)

    def _continued(self, access: Access, key: str, part: KeyRead, since: Instant) -> Search | None:
        """The search that goes on after the last page of `part`, once."""
        link = part.pages[-1].next_url if part.pages else None
        if link is None or link in self.asked:
            return None
        self.asked.add(link)
        try:
            url = access.resolve(link, f"{access.base}/")
        except ReadError as error:
            self.failures[key] = error.kind
            return None
        is_sorted = KEYS[key].newest_first and not part.unsorted
        enough = partial(self._reaches, key, since) if is_sorted else _never
        return Search(key, KEYS[key].resource_type, url, (), part.pages, enough)

    def _reaches(self, key: str, since: Instant, page: Page) -> bool:
        """Whether a page of a search that is sorted newest first goes back to `since`."""
        alone = {key: KeyRead((page,))}
        return key not in keys_short_of(record_of(self.call, alone), since)


def _never(_page: Page) -> bool:
    """Read every page."""
    return False


def _place(parts: list[KeyRead], before: tuple[Page, ...]) -> int | None:
    """Which part a search went on with; None: it is a new one."""
    places = (place for place, part in enumerate(parts) if before and part.pages is before)
    return next(places, None)


def _joined(parts: list[KeyRead]) -> KeyRead:
    """The searches of one key as one read."""
    first, *others = parts
    return replace(first, also=tuple(others)) if others else first


def _medication_id(reference: str, access: Access) -> str:
    """The id of a Medication on the server that is read; empty where it is elsewhere or none."""
    relative = unversioned(reference).removeprefix(f"{access.base}/")
    kind, _, identifier = relative.partition("/")
    return identifier if kind == "Medication" and is_resource_id(identifier) else ""


def known_at(
    record: PatientRecord, failures: Mapping[str, str], now: Instant, policy: Policy
) -> Snapshot:
    """What is known at an instant; nothing of an infusion where the server has no such patient."""
    snapshot = build_snapshot(record, now, policy)
    if failures.get(PATIENT) in NO_PATIENT:
        return replace(snapshot, reach=replace(snapshot.reach, infusion=NEVER))
    return snapshot


@metrics.stage(Stage.MAP)
def record_of(call: Call, reads: Mapping[str, KeyRead]) -> PatientRecord:
    """The facts of what was read for a call."""
    runtime = call.runtime
    return build_record(reads, call.request.context.patient_id, runtime.zone, runtime.codes)
