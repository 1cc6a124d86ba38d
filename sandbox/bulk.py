"""Prefetch of many charts from few searches: what each template's query finds, by patient.

An EHR answers its templates from its own records; here those are read for everyone at once, one
search for each type of resource, and every query is answered from them: the same resources in the
same order, cut at the same `_count`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from sandbox.catalog import Resource
from sandbox.course import utc
from sandbox.fhir import Fhir, FhirError

Answers = dict[str, Resource]
"""Answers to queries, by query."""
_AT_ONCE: Final = 30
_PAGE: Final = "1000"
_PATIENT: Final = "{{context.patientId}}"
_DATES: Final = (
    *("effectiveDateTime", "effectiveInstant", "performedDateTime", "authoredOn", "authored"),
    *("effectivePeriod", "performedPeriod"),
)
_KNOWN: Final = {"patient", "code", "category", "status", "_sort", "_count"}


@dataclass(frozen=True, slots=True)
class Query:
    """A template: `kind` of resource, and what its parameters ask for."""

    template: str
    kind: str
    asked: Mapping[str, str] = field(default_factory=dict)

    def answer(self, resources: Iterable[Resource]) -> Resource:
        """The searchset that the query finds among the patient's resources."""
        found = [each for each in resources if self._finds(each)]
        if "_sort" in self.asked:
            found.sort(key=_date, reverse=True)
        most = int(self.asked.get("_count", len(found)))
        entries = [{"resource": each, "search": {"mode": "match"}} for each in found[:most]]
        bundle: Resource = {"resourceType": "Bundle", "type": "searchset", "total": len(found)}
        return bundle | ({"entry": entries} if entries else {})

    def _finds(self, resource: Resource) -> bool:
        for name in ("code", "category", "status"):
            if name in self.asked and not _has(resource, name, self.asked[name].split(",")):
                return False
        return True


def read_ahead(
    fhir: Fhir, templates: Iterable[str], patient_ids: Sequence[str]
) -> dict[str, Answers]:
    """For each patient, the answer to each template's query that could be found out in bulk.

    A query that is left out is to be asked by itself: its template asks for more than is known
    here, or its type could not be read for these patients; for one patient alone also where that
    were more than a page.
    """
    queries = [query for query in map(_parsed, templates) if query is not None]
    found: dict[str, Answers] = {each: {} for each in patient_ids}
    for kind in dict.fromkeys(query.kind for query in queries):
        by_patient = _read(fhir, kind, patient_ids)
        if by_patient is None:
            continue
        for query in (each for each in queries if each.kind == kind):
            for patient_id, resources in by_patient.items():
                text = query.template.replace(_PATIENT, patient_id)
                found[patient_id][text] = query.answer(resources)
    return found


def _parsed(template: str) -> Query | None:
    """The template as a search of one patient's resources; None where it is something else."""
    kind, _, query = template.partition("?")
    asked = dict(parse_qsl(query, keep_blank_values=True))
    if set(asked) - _KNOWN or asked.pop("patient", None) != _PATIENT:
        return None
    return Query(template, kind, asked)


def _read(fhir: Fhir, kind: str, patient_ids: Sequence[str]) -> dict[str, list[Resource]] | None:
    """All resources of a type of these patients; None where the server cannot find them so."""
    found: dict[str, list[Resource]] = {each: [] for each in patient_ids}
    starts = range(0, len(patient_ids), _AT_ONCE)
    try:
        for some in (patient_ids[start : start + _AT_ONCE] for start in starts):
            for resource in _whole(fhir, kind, ",".join(some)):
                _, _, whose = _subject(resource).rpartition("Patient/")
                if whose in found:
                    found[whose].append(resource)
    except FhirError:
        return None
    return found


def _whole(fhir: Fhir, kind: str, patients: str) -> Iterator[Resource]:
    """All resources of a search; raises `FhirError` where some are or may be missing."""
    page: Resource = {}
    alone = "," not in patients
    for page in fhir.pages(kind, {"patient": patients, "_count": _PAGE}):
        if "patient" not in _done(page, "self", "patient"):
            raise FhirError(f"{kind} is not found by patient")
        for resource in (each.get("resource", {}) for each in page.get("entry", ())):
            if resource.get("resourceType") != kind:
                raise FhirError(f"the search for {kind} found something else")
            yield resource
        if alone:
            break
    if _done(page, "next", ""):
        raise FhirError(f"there is more of {kind} than is read")


def _done(page: Resource, relation: str, otherwise: str) -> str:
    """The query of a link of a page, which is the server's own account of its search."""
    links = {each.get("relation"): str(each.get("url", "")) for each in page.get("link", ())}
    return urlsplit(links[relation]).query if relation in links else otherwise


def _subject(resource: Resource) -> str:
    return str(resource.get("subject", {}).get("reference", ""))


def _has(resource: Resource, name: str, wanted: Sequence[str]) -> bool:
    """Whether an element is, or has a coding with, one of these codes."""
    drug = name == "code" and str(resource["resourceType"]).startswith("Medication")
    value = resource.get("medicationCodeableConcept" if drug else name, {})
    if isinstance(value, str):
        return value in wanted
    concepts = value if isinstance(value, list) else [value]
    return any(each.get("code") in wanted for c in concepts for each in c.get("coding", ()))


def _date(resource: Resource) -> str:
    """What a search sorts by, in UTC; empty, so last of all, where there is none."""
    for name in _DATES:
        if name in resource:
            value = resource[name]
            return utc(str(value.get("start", "") if isinstance(value, dict) else value)) or ""
    return ""
