"""What `cart-cds probe` does: reads one patient as the service would, and says what it found."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec
from flask import Flask

from fhir_mappings.bundle import Page
from fhir_mappings.issues import IssueKind
from fhir_mappings.keys import KEYS
from fhir_mappings.record import start_of
from fhir_mappings.resources import AnyResource, Medication, Observation
from fhir_mappings.times import iso
from grading.model import HOUR, Instant
from service.access import Access, may_read
from service.call import Call
from service.chart import Chart, read_chart
from service.fhir_client import FhirClient, Query
from service.probe_codes import TEXT_ONLY, Unmapped, coded, meanings, unmapped, values_of
from service.probe_inputs import CRS_NEEDS, ICANS_NEEDS, INPUTS, Input
from service.probe_server import Chosen, NoPatientError, Server, choose_patient, read_server
from service.reads import Reader, Search
from service.runtime import Runtime
from service.schemas import FhirAuthorization, HookContext, HookRequest, is_resource_id
from service.settings import Mode, Settings

CAN_GRADE, CANNOT_GRADE, NOT_READ = 0, 1, 2
"""Exit status of the command."""
_A_DAY_S: Final = 86_400
_NO_ORDERS: Final = msgspec.Raw(b'{"resourceType":"Bundle"}')
_ANY, _LABORATORY = "any", "laboratory"
_BEYOND: Final[Mapping[str, Query]] = {
    _ANY: (("_sort", "-date"), ("_count", "200")),
    _LABORATORY: (("category", "laboratory"), ("_sort", "-date"), ("_count", "200")),
}
"""Searches that the service never makes: what they find, it does not see."""


class ProbeError(Exception):
    """The server, or the patient, could not be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Row:
    """One input: how much of it was found, how it is coded, what is wrong.

    `count`: facts of it in the chart as read. `unit`: as sent. `newest`: instant of the newest,
    with `age_h` hours since. `query`: the prefetch keys that delivered it. `problem`: why there is
    none, or why some were not used; empty: nothing.
    """

    name: str
    used_for: str
    count: int
    coding: str = ""
    by_text: bool = False
    unit: str = ""
    newest: str = ""
    age_h: float | None = None
    query: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """One query of the service: how many resources it gave, and how it fell short."""

    key: str
    resources: int
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """All that was found.

    `unmapped`: codes of Observations that no concept knows. `medicines`: those not recognized.
    `crs_lacks`, `icans_lacks`: what is not there and without which there is no grade.
    """

    base: str
    server: Server
    patient: Chosen
    rows: tuple[Row, ...]
    reads: tuple[Read, ...]
    unmapped: tuple[Unmapped, ...]
    medicines: tuple[str, ...]
    crs_lacks: tuple[str, ...]
    icans_lacks: tuple[str, ...]

    @property
    def status(self) -> int:
        """Exit status: 0 where both syndromes can be graded, else 1."""
        return CANNOT_GRADE if self.crs_lacks or self.icans_lacks else CAN_GRADE


@dataclass(frozen=True, slots=True)
class Asked:
    """What to probe: `patient_id` empty: to be found; `token` empty: an open server."""

    base: str
    patient_id: str = ""
    token: str = ""
    seconds: int = 60


def probe(
    asked: Asked, settings: Settings, clock: Callable[[], Instant], say: Callable[[str], None]
) -> Probe:
    """Read the server through the service's own client; `say` is told what is being done.

    Raises:
        ProbeError: nothing could be read.
    """
    if not may_read(asked.base, (asked.base.rstrip("/"),)):
        raise ProbeError(f"{asked.base} is no base URL of a FHIR server")
    if asked.patient_id and not is_resource_id(asked.patient_id):
        raise ProbeError(f"{asked.patient_id} is no id of a patient")
    settings = replace(
        settings,
        mode=Mode.DEMO,
        fhir_servers=(asked.base.rstrip("/"),),
        deadline_ms=asked.seconds * 1000,
    )
    client = FhirClient(settings.max_body_bytes)
    runtime = Runtime(settings, clock, Reader(client))
    with Flask(__name__).app_context():  # what a call logs is bound to one
        return _probe(asked, runtime, client, say)


def _probe(asked: Asked, runtime: Runtime, client: FhirClient, say: Callable[[str], None]) -> Probe:
    say("CapabilityStatement")
    server = read_server(client, _access(_call(asked, runtime, "-")))
    patient = Chosen(asked.patient_id, "as asked for")
    if not asked.patient_id:
        say("a patient with a CAR-T infusion, or vital signs")
        patient = _chosen(client, _access(_call(asked, runtime, "-")))
    say(f"chart of Patient/{patient.patient_id}")
    call = _call(asked, runtime, patient.patient_id)
    chart = read_chart(call)
    _check(chart)
    say("what lies beyond the queries of the service")
    seen = _Seen(chart, call.now, _beyond(call))
    rows = tuple(seen.row(each) for each in INPUTS)
    return Probe(
        _access(call).base,
        server,
        patient,
        (seen.age(), *rows),
        tuple(_reads(chart)),
        seen.unmapped(rows),
        seen.medicines(),
        _lacking(rows, CRS_NEEDS),
        _lacking(rows, ICANS_NEEDS),
    )


def _call(asked: Asked, runtime: Runtime, patient_id: str) -> Call:
    """A patient-view call without prefetch, received now."""
    token = FhirAuthorization(asked.token, _A_DAY_S, None) if asked.token else None
    context = HookContext(patient_id, None, _NO_ORDERS, None)
    request = HookRequest("probe", context, asked.base, token, {}, {})
    return Call(request, runtime.clock(), time.monotonic(), False, runtime)


def _access(call: Call) -> Access:
    access = call.access()
    if access is None:
        raise ProbeError("no FHIR server")
    return access


def _chosen(client: FhirClient, access: Access) -> Chosen:
    try:
        return choose_patient(client, access)
    except NoPatientError as error:
        raise ProbeError(f"no patient found, name one with --patient ({error})") from error


def _check(chart: Chart) -> None:
    """Stop where nothing was read, or not the patient."""
    failure = chart.failures.get("patient") or chart.reads["patient"].not_read
    if failure:
        raise ProbeError(f"Patient/{chart.record.patient_id} could not be read: {failure}")
    if all(chart.reads[key].not_read for key in KEYS if key != "patient"):
        told = ", ".join(f"{key}: {kind}" for key, kind in sorted(chart.failures.items()))
        raise ProbeError(f"no search was answered ({told})")


def _beyond(call: Call) -> tuple[Observation, ...]:
    """Observations that a search of the whole chart gives, one page of each kind."""
    access, patient = _access(call), call.request.context.patient_id
    url = f"{access.base}/Observation"
    searches = [Search(key, url, (("patient", patient), *query)) for key, query in _BEYOND.items()]
    pages = [page for done in call.runtime.reader.read(access, searches) for page in done.pages]
    return tuple(each for each in _resources(pages) if isinstance(each, Observation))


def _resources(pages: Iterable[Page]) -> Iterator[AnyResource]:
    return (resource for page in pages for resource in page.resources)


def _reads(chart: Chart) -> Iterator[Read]:
    for key, read in chart.reads.items():
        count = sum(page.entries for page in read.all_pages())
        problem = chart.failures.get(key) or read.not_read or ""
        if not problem and any(page.incomplete for page in read.all_pages()):
            problem = "the server left something out"
        yield Read(key, count, problem)


def _lacking(rows: Iterable[Row], needs: tuple[tuple[Input, ...], ...]) -> tuple[str, ...]:
    found = {row.name for row in rows if row.count}
    return tuple(
        " or ".join(each.name for each in need)
        for need in needs
        if not any(each.name in found for each in need)
    )


class _Seen:
    """The resources that were read, by reference, with the keys that delivered them."""

    def __init__(self, chart: Chart, now: Instant, beyond: Iterable[Observation]) -> None:
        self._chart, self._now = chart, now
        self._resources: dict[str, AnyResource] = {}
        self._keys: dict[str, list[str]] = {}
        for key, read in chart.reads.items():
            for each in _resources(read.all_pages()):
                self._resources[each.ref] = each
                self._keys.setdefault(each.ref, []).append(key)
        self._medications = {
            ref: each for ref, each in self._resources.items() if isinstance(each, Medication)
        }
        self._beyond = [each for each in beyond if each.ref not in self._resources]

    def row(self, wanted: Input) -> Row:
        """What the chart holds of one input."""
        facts = list(wanted.of(self._chart.record, self._now))
        problem = self._problem(wanted, bool(facts))
        if not facts:
            return Row(wanted.name, wanted.used_for, 0, problem=problem)
        newest = max(facts, key=start_of)
        how = coded(self._resource(newest), wanted.label, self._medications)
        keys = {key for fact in facts for key in self._keys.get(fact.ref, ())}
        return Row(
            wanted.name,
            wanted.used_for,
            len(facts),
            how.coding,
            how.coding.startswith(TEXT_ONLY),
            how.unit,
            iso(start_of(newest)),
            round((self._now - start_of(newest)) / HOUR, 1),
            tuple(sorted(keys)),
            problem,
        )

    def age(self) -> Row:
        """Whether the patient's age is known."""
        birth = self._chart.record.birth
        problem = "" if birth is not None else "no birthDate"
        return Row("age", "CRS, ICANS", int(birth is not None), query=("patient",), problem=problem)

    def _resource(self, fact: Any) -> AnyResource:
        return self._resources[fact.ref]

    def _problem(self, wanted: Input, is_found: bool) -> str:
        """Why an input was not found, or what of it was refused."""
        told = [
            f"{each.count} x {each.kind}"
            for each in self._chart.record.issues_at(self._now)
            if each.label == wanted.label and wanted.label
        ]
        if is_found:
            return ", ".join(told)
        told += [
            f"{key} not read: {self._chart.failures[key]}"
            for key in wanted.keys
            if key in self._chart.failures
        ]
        if hidden := [each for each in self._beyond if self._means(each, wanted.label)]:
            told.append(f"{len(hidden)} charted where no query of the service looks")
        return ", ".join(told) or "not charted"

    def _means(self, observation: Observation, label: str) -> bool:
        plans = (
            plan
            for value in values_of(observation)
            if value.code is not None
            for plan in meanings(value.code).plans
        )
        return any(plan.label == label for plan in plans)

    def unmapped(self, rows: Iterable[Row]) -> tuple[Unmapped, ...]:
        """Codes that mean nothing to the service; laboratory ones where a laboratory is missing."""
        labs = {each.name for each in INPUTS if each.facts == "labs"}
        lacks_lab = any(row.name in labs and not row.count for row in rows)
        delivered = [each for each in self._resources.values() if isinstance(each, Observation)]
        beyond = (each for each in self._beyond if lacks_lab or not _is_laboratory(each))
        return unmapped([*delivered, *beyond])

    def medicines(self) -> tuple[str, ...]:
        """Medicines that were not recognized, as far as the issues name them."""
        issues = self._chart.record.issues
        refs = (
            ref
            for each in issues
            if each.kind is IssueKind.UNCLASSIFIED_DRUG
            for ref in each.refs
            if ref in self._resources
        )
        how = (coded(self._resources[ref], "", self._medications).coding for ref in refs)
        return tuple(dict.fromkeys(how))


def _is_laboratory(observation: Observation) -> bool:
    return b"laboratory" in bytes(observation.category)
