"""From which instant on each key is complete (design.md 7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo

from fhir_mappings.errors import TimeError
from fhir_mappings.keys import KEYS, KeySpec
from fhir_mappings.pages import KeyRead, Page
from fhir_mappings.resources import AnyResource, OfPatient, is_about
from fhir_mappings.times import read_when
from grading.model import ALWAYS, NEVER, Instant, Reach

_TIMES = (
    "effective_date_time",
    "effective_instant",
    "performed_date_time",
    "authored_on",
    "authored",
)
_PERIODS = ("effective_period", "performed_period")


def key_reaches(reads: Mapping[str, KeyRead], patient_id: str, zone: tzinfo) -> dict[str, Instant]:
    """From which instant on each advertised key is complete; `NEVER`: not read at all."""
    return {
        name: reach_of(spec, reads[name], patient_id, zone) if name in reads else NEVER
        for name, spec in KEYS.items()
    }


def reach_of(spec: KeySpec, read: KeyRead, patient_id: str, zone: tzinfo) -> Instant:
    """From which instant on one key is complete; of several searches the shallowest."""
    own = _search_reach(spec, read, patient_id, zone)
    return max([own, *(reach_of(spec, further, patient_id, zone) for further in read.also)])


def _search_reach(spec: KeySpec, read: KeyRead, patient_id: str, zone: tzinfo) -> Instant:
    if read.not_read is not None:
        return NEVER
    asked = ALWAYS if read.asked_from is None else read.asked_from
    if not read.pages:
        return asked
    if any(page.incomplete for page in read.pages):
        return NEVER
    if _is_complete(spec, read.pages):
        return asked
    is_sorted = spec.newest_first and not read.unsorted
    if not is_sorted:
        return NEVER
    matched = (each for page in read.pages for each in _matched(page, patient_id))
    return max(asked, _oldest(matched, zone))


def _is_complete(spec: KeySpec, pages: tuple[Page, ...]) -> bool:
    """No further page, no larger total, and a single page that is not full."""
    if pages[-1].next_url:
        return False
    entries = sum(page.entries for page in pages)
    if any((page.total or 0) > entries for page in pages):
        return False
    return len(pages) > 1 or spec.count is None or entries < spec.count


def _matched(page: Page, patient_id: str) -> Iterator[AnyResource]:
    """The entries of a page that were asked for, and so stand in its order."""
    for place, resource in enumerate(page.resources):
        if place not in page.included and _is_own(resource, patient_id):
            yield resource


def _is_own(resource: AnyResource, patient_id: str) -> bool:
    return not isinstance(resource, OfPatient) or is_about(resource.subject, patient_id)


def _oldest(resources: Iterable[AnyResource], zone: tzinfo) -> Instant:
    """The time of the oldest entry; `NEVER` where none has a time."""
    times = (_time(resource, zone) for resource in resources)
    return min((t for t in times if t is not None), default=NEVER)


def _time(resource: AnyResource, zone: tzinfo) -> Instant | None:
    """The latest instant by which an entry can have been sorted; None: it tells nothing.

    Some servers sort a period or a partial date by its start, others by its end: then what is open
    or undated comes first, however old it is.
    """
    written = [getattr(resource, name, None) for name in _TIMES]
    periods = (getattr(resource, name, None) for name in _PERIODS)
    written += [period.end for period in periods if period is not None]
    for text in written:
        if text:
            try:
                return read_when(text, zone).last
            except TimeError:
                continue
    return None


def core_reach(keys: Mapping[str, Instant]) -> Reach:
    """The reach of each key in the core's terms.

    Temperatures come with two keys, the deeper one holds. To say that there was no infusion needs
    the procedures and either the infusions by code or all that was given.
    """
    return Reach(
        patient=keys["patient"],
        temperature=min(keys["bedside"], keys["trends"]),
        bedside=keys["bedside"],
        doses=keys["given"],
        conditions=keys["conditions"],
        procedures=keys["procedures"],
        infusion=max(keys["procedures"], min(keys["infusions"], keys["given"])),
        reports=keys["reports"],
        forms=keys["questionnaires"],
        labs=keys["trends"],
        medication_orders=keys["medicationOrders"],
        test_orders=keys["testOrders"],
    )
