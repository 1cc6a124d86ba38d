"""Which of the resources that were read are this patient's, each once, by type."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fhir_mappings.elements import NO_RAW
from fhir_mappings.facts import Facts
from fhir_mappings.issues import IssueKind
from fhir_mappings.pages import KeyRead
from fhir_mappings.resources import AnyResource, Observation, OfPatient, Patient, Resource, is_about
from fhir_mappings.turned import usable
from fhir_mappings.versions import newer

ByType = dict[type, list[Any]]


def once(reads: Iterable[KeyRead], facts: Facts) -> list[AnyResource]:
    """Every resource once; of two versions of one, the newer (READ-2)."""
    named: dict[tuple[type, str], AnyResource] = {}
    nameless: list[AnyResource] = []
    for read in reads:
        for page in read.all_pages():
            facts.log.extend(page.issues)
            for resource in page.resources:
                if not resource.id:
                    nameless.append(resource)
                    continue
                key = (type(resource), resource.id)
                there = named.setdefault(key, resource)
                if there is not resource and there != resource:
                    named[key] = newer(there, resource, facts.zone)
    return [*named.values(), *nameless]


def own_of(resources: Iterable[AnyResource], patient_id: str, facts: Facts) -> ByType:
    """What is of this patient, or of no one, by type; another's is refused with an issue."""
    found: ByType = {}
    mine = f"Patient/{patient_id}"
    for item in resources:
        own: Resource | None = item
        if isinstance(item, OfPatient):
            subject = item.subject
            named = subject is not None and subject.reference == mine
            if not named and not is_about(subject, patient_id):
                facts.log.add(IssueKind.FOREIGN, type(item).__name__, item.ref)
                continue
            if item.modifier_extension is not NO_RAW or _has_focus(item):
                own = usable(item, patient_id, facts.log)
        if own is not None:
            found.setdefault(type(own), []).append(own)
    return found


def _has_focus(item: OfPatient) -> bool:
    return isinstance(item, Observation) and item.focus is not NO_RAW


def is_wrong_patient(resources: Iterable[AnyResource], patient_id: str) -> bool:
    """Whether a Patient among them has another id."""
    return any(item.id != patient_id for item in resources if isinstance(item, Patient))
