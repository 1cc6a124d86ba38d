"""What `cart-cds probe` does: reads one patient as the service would, and says what it found."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import msgspec
from flask import Flask

from cards.unread import reason_text
from fhir_mappings.keys import KEYS
from fhir_mappings.resources import Observation
from grading.model import Instant
from service.access import Access, may_read
from service.call import Call
from service.chart import Chart, read_chart
from service.fhir_client import FhirClient, Query
from service.hook_request import FhirAuthorization, HookContext, HookRequest
from service.outgoing import reach_of
from service.probe_codes import Unmapped
from service.probe_inputs import CRS_NEEDS, ICANS_NEEDS, INPUTS, Input
from service.probe_seen import Row, Seen
from service.probe_server import Chosen, NoPatientError, Server, choose_patient, read_server
from service.reads import Progress, Reader, Search
from service.runtime import Runtime
from service.schemas import is_resource_id
from service.settings import Mode, Settings
from service.site import read_site

CAN_GRADE, CANNOT_GRADE, NOT_READ = 0, 1, 2
"""Exit status of the command."""
_NO_ORDERS: Final = msgspec.Raw(b'{"resourceType":"Bundle"}')
_BEYOND: Final[Mapping[str, Query]] = {
    "any observation": (("_sort", "-date"), ("_count", "200")),
    "laboratory": (("category", "laboratory"), ("_sort", "-date"), ("_count", "200")),
}
"""Searches that the service never makes: what they find, it does not see."""


class ProbeError(Exception):
    """The server, or the patient, could not be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Read:
    """One query of the service: how many resources it gave, and how it fell short."""

    key: str
    resources: int
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """All that was found.

    `unmapped`: codes of Observations that no concept knows. `medicines`: the same of medicines.
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
        SettingsError: a file of the site cannot be used.
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
    client = FhirClient(settings.max_body_bytes, reach_of(settings))
    runtime = Runtime(settings, clock, Reader(client), None, read_site(settings))
    with Flask(__name__).app_context():  # what a call logs is bound to one
        return _probe(asked, runtime, client, say)


def _probe(asked: Asked, runtime: Runtime, client: FhirClient, say: Callable[[str], None]) -> Probe:
    say("the CapabilityStatement")
    server = read_server(client, _access(asked))
    patient = Chosen(asked.patient_id, "as asked for")
    if not asked.patient_id:
        say("a patient with a CAR-T infusion, else with vital signs")
        patient = _chosen(client, _access(asked))
    say(f"the chart of Patient/{patient.patient_id}")
    call = _call(asked, runtime, patient.patient_id)
    chart = read_chart(call)
    _check(chart)
    say("what lies beyond the queries of the service")
    beyond = _beyond(runtime, _access(asked), patient.patient_id)
    seen = Seen(chart, call.now, _observations(beyond), runtime.codes)
    rows = tuple(seen.row(each) for each in INPUTS)
    return Probe(
        asked.base,
        server,
        patient,
        (seen.age(), *rows),
        (*_reads(chart), *_reads_beyond(beyond)),
        seen.unmapped(rows),
        seen.medicines(),
        _lacking(rows, CRS_NEEDS),
        _lacking(rows, ICANS_NEEDS),
    )


def _call(asked: Asked, runtime: Runtime, patient_id: str) -> Call:
    """A patient-view call without prefetch, received now."""
    token = FhirAuthorization(asked.token, asked.seconds, None, "") if asked.token else None
    context = HookContext(patient_id, None, _NO_ORDERS, None)
    request = HookRequest("probe", context, asked.base, token, {}, {})
    return Call(request, runtime.clock(), time.monotonic(), False, runtime)


def _access(asked: Asked) -> Access:
    """Leave for one further step."""
    return Access(asked.base.rstrip("/"), asked.token or None, time.monotonic() + asked.seconds)


def _chosen(client: FhirClient, access: Access) -> Chosen:
    try:
        return choose_patient(client, access)
    except NoPatientError as error:
        raise ProbeError(f"no patient found, name one with --patient ({error})") from error


def _check(chart: Chart) -> None:
    """Stop where nothing was read, or not the patient."""
    failure = chart.failures.get("patient") or chart.reads["patient"].not_read
    if failure:
        raise ProbeError(
            f"Patient/{chart.record.patient_id} could not be read: {reason_text(failure)}"
        )
    if all(chart.reads[key].not_read for key in KEYS if key != "patient"):
        told = ", ".join(
            f"{key}: {reason_text(kind)}" for key, kind in sorted(chart.failures.items())
        )
        raise ProbeError(f"no search was answered ({told})")


def _beyond(runtime: Runtime, access: Access, patient_id: str) -> tuple[Progress, ...]:
    """One page of each search that the service does not make."""
    url = f"{access.base}/Observation"
    queries = {key: (("patient", patient_id), *query) for key, query in _BEYOND.items()}
    return runtime.reader.read(
        access, [Search(key, "Observation", url, each) for key, each in queries.items()]
    )


def _observations(beyond: Iterable[Progress]) -> list[Observation]:
    found = (each for done in beyond for page in done.pages for each in page.resources)
    return [each for each in found if isinstance(each, Observation)]


def _reads_beyond(beyond: Iterable[Progress]) -> Iterator[Read]:
    for done in beyond:
        count = sum(page.entries for page in done.pages)
        yield Read(done.search.key, count, done.failure or "")


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
