"""The patient's chart for one call: prefetch first, then own reads in rounds (design.md 7)."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import g

from fhir_mappings.keys import KEYS
from fhir_mappings.owned import is_wrong_patient
from fhir_mappings.pages import KeyRead
from fhir_mappings.record import PatientRecord
from grading import Course
from grading.knowledge import Policy
from grading.model import Instant, Snapshot
from service import metrics
from service.access import Access, ReadError
from service.call import Call
from service.errors import Unprocessable
from service.log import Event, write
from service.metrics import Stage
from service.prefetch import read_prefetch
from service.rounds import PATIENT, Reading, known_at
from service.wanted import GRADING_ONLY, Wanted


@dataclass(frozen=True, slots=True)
class Chart:
    """What is known of the patient at the call's instant, and what could not be read.

    `is_unsure`: it could not be read whether there was an infusion since `infusion_since`, from
    where on one bears on the call. `absent`: advertised keys that the client did not deliver.
    `failures`: by key, how an own read failed or stopped.
    """

    record: PatientRecord
    course: Course
    is_unsure: bool
    infusion_since: Instant
    absent: tuple[str, ...]
    reads: Mapping[str, KeyRead]
    failures: Mapping[str, str]
    reads_ms: float

    def known_at(self, now: Instant, policy: Policy) -> Snapshot:
        """What is known of the patient at another instant."""
        return known_at(self.record, self.failures, now, policy)


def read_chart(call: Call, wanted: Wanted = GRADING_ONLY) -> Chart:
    """Read what the client did not deliver, as far as there is access and time.

    Raises:
        Unprocessable: the Patient that was delivered is another one (PREF-17).
        Unavailable: there is no thread to read with.
    """
    started = time.monotonic()
    delivered = _delivered(call)
    _check_patient(call, delivered)
    absent = tuple(key for key in KEYS if key not in delivered)
    parts = {key: [replace(read, also=()), *read.also] for key, read in delivered.items()}
    reading = Reading(call, wanted, parts)
    access = _access(call, reading, absent)
    reading.go_through(access, absent)
    reads_ms = round(1000 * (time.monotonic() - started), 1)
    if reading.failures:
        failures = reading.failures
        metrics.fhir_failed(access.base if access else None, tuple(failures.values()))
        write(Event.READ_FAILED, logging.WARNING, failures=failures, **g.get("call", {}))
    return Chart(
        reading.record,
        reading.course,
        reading.is_unsure,
        reading.infusion_since(),
        absent,
        reading.reads(),
        reading.failures,
        reads_ms,
    )


def _check_patient(call: Call, delivered: Mapping[str, KeyRead]) -> None:
    """Refuse a call whose Patient is not that of its context (PREF-17), before anything is read."""
    if PATIENT in delivered:
        pages = delivered[PATIENT].all_pages()
        resources = (each for page in pages for each in page.resources)
        if is_wrong_patient(resources, call.request.context.patient_id):
            raise Unprocessable("prefetch key patient: not the patient of the context")


def _access(call: Call, reading: Reading, absent: tuple[str, ...]) -> Access | None:
    """Leave to read, if any; where it is refused, that is why the absent keys are not read."""
    try:
        return call.access()
    except ReadError as refused:
        reading.failures.update(dict.fromkeys(absent, refused.kind))
        reason = refused.kind
        write(Event.FHIR_ACCESS_REFUSED, logging.WARNING, reason=reason, **g.get("call", {}))
        return None


@metrics.stage(Stage.PARSE)
def _delivered(call: Call) -> dict[str, KeyRead]:
    """What the client sent; with date windows in the templates, no key goes back further."""
    delivered = read_prefetch(call.request.prefetch, call.aliases)
    if not call.runtime.settings.prefetch_dates:
        return delivered
    today = call.runtime.clock() if call.replay else call.now
    return {key: _asked_from(read, KEYS[key].window_from(today)) for key, read in delivered.items()}


def _asked_from(read: KeyRead, since: Instant | None) -> KeyRead:
    further = tuple(_asked_from(each, since) for each in read.also)
    return replace(read, asked_from=since, also=further)
