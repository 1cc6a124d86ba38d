"""Puts the patients on a FHIR server that assigns its own ids, finds them again, takes them out.

Every resource carries an identifier of our own system, and is written by conditional update on it:
written again, it is overwritten where it lies, and what others keep on the server is never touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, uuid5

import requests

from sandbox.catalog import Resource
from sandbox.loader import LoadError, exchange
from sandbox.story import Story
from sandbox.timeline import resources

SYSTEM: Final = "https://cart-toxicity-cds.example.org/fhir/NamingSystem/sandbox"
"""System of the identifiers; the value is the id that the resource has in the demo."""
_MAX_PAGES: Final = 100
_SHARED: Final = "Medication"
_NOT_SEARCHED: Final = frozenset({"Patient", _SHARED})
"""Types that are not found by their patient."""
_NO_CACHE: Final = {"Cache-Control": "no-cache"}
"""So that a server does not answer with a search from before the last change."""


class Seeded(NamedTuple):
    """A patient on the server: the id that the server gave, and how many resources it concerned."""

    story: Story
    patient_id: str
    resources: int


def seed(
    session: requests.Session, fhir: str, stories: Iterable[Story], now: datetime
) -> Iterator[Seeded]:
    """Writes each patient in one transaction, dated from `now`.

    Raises `LoadError` where the server refuses.
    """
    for story in stories:
        chart = resources(story, now)
        answer = exchange(session, "POST", fhir, json=transaction(chart))
        yield Seeded(story, _first_id(answer) or _found(session, fhir, story), len(chart))


def transaction(chart: Sequence[Resource]) -> Resource:
    """A transaction Bundle that updates each resource by its identifier, or creates it."""
    urns = {
        _reference(each): f"urn:uuid:{uuid5(NAMESPACE_URL, _reference(each))}" for each in chart
    }
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {
                "fullUrl": urns[_reference(each)],
                "resource": _linked(_identified(each), urns),
                "request": {"method": "PUT", "url": _condition(each)},
            }
            for each in chart
        ],
    }


def remove(
    session: requests.Session, fhir: str, stories: Iterable[Story], now: datetime
) -> Iterator[Seeded]:
    """Deletes each patient that is there with all that we wrote of it, then the medicines.

    Raises `LoadError` where the server refuses, as it may where others refer to a patient.
    """
    charts = [(story, resources(story, now)) for story in stories]
    kinds = sorted({each["resourceType"] for _, chart in charts for each in chart} - _NOT_SEARCHED)
    for story, chart in charts:
        for patient_id in _ids(session, fhir, _condition(chart[0])):
            found = [ref for kind in kinds for ref in _owned(session, fhir, kind, patient_id)]
            _delete(session, fhir, [*found, f"Patient/{patient_id}"])
            yield Seeded(story, patient_id, len(found) + 1)
    medicines = [each for _, chart in charts for each in chart if each["resourceType"] == _SHARED]
    queries = sorted({_condition(each) for each in medicines})
    if found := [ref for query in queries for ref in _medicines(session, fhir, query)]:
        _delete(session, fhir, found)


def _reference(resource: Resource) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def _identified(resource: Resource) -> Resource:
    """The resource without its id, with it as identifier."""
    rest = {key: value for key, value in resource.items() if key != "id"}
    return {**rest, "identifier": [{"system": SYSTEM, "value": resource["id"]}]}


def _condition(resource: Resource) -> str:
    query = urlencode({"identifier": f"{SYSTEM}|{resource['id']}"})
    return f"{resource['resourceType']}?{query}"


def _linked(value: Any, urns: dict[str, str]) -> Any:
    """The value with each reference to a resource of the Bundle replaced by its full URL."""
    if isinstance(value, list):
        return [_linked(each, urns) for each in value]
    if isinstance(value, dict):
        return {
            key: urns.get(each, each) if key == "reference" else _linked(each, urns)
            for key, each in value.items()
        }
    return value


def _first_id(answer: Resource) -> str:
    """The id of the Patient from where the server says that it lies; empty: it does not say."""
    entries = answer.get("entry") or [{}]
    parts = str(entries[0].get("response", {}).get("location", "")).split("/")
    return parts[parts.index("Patient") + 1] if "Patient" in parts[:-1] else ""


def _found(session: requests.Session, fhir: str, story: Story) -> str:
    query = _condition({"resourceType": "Patient", "id": story.id})
    for patient_id in _ids(session, fhir, query):
        return patient_id
    raise LoadError(f"{fhir} took patient {story.id}, but does not find it by its identifier")


def _medicines(session: requests.Session, fhir: str, query: str) -> Iterator[str]:
    return (f"Medication/{each}" for each in _ids(session, fhir, query))


def _owned(session: requests.Session, fhir: str, kind: str, patient_id: str) -> Iterator[str]:
    query = urlencode({"patient": patient_id, "_count": 200})
    return (f"{kind}/{each}" for each in _ids(session, fhir, f"{kind}?{query}"))


def _ids(session: requests.Session, fhir: str, query: str) -> list[str]:
    """Ids of what a search finds and we wrote, whatever else the server makes of the query."""
    url, found = f"{fhir}/{query}", []
    for _ in range(_MAX_PAGES):
        page = exchange(session, "GET", url, headers=_NO_CACHE)
        entries = [each.get("resource", {}) for each in page.get("entry", ())]
        found += [each["id"] for each in entries if _is_ours(each)]
        links = {each.get("relation"): each.get("url") for each in page.get("link", ())}
        if not (url := links.get("next", "")):
            break
    return found


def _is_ours(resource: Resource) -> bool:
    return any(each.get("system") == SYSTEM for each in resource.get("identifier", ()))


def _delete(session: requests.Session, fhir: str, references: Iterable[str]) -> None:
    entries = [{"request": {"method": "DELETE", "url": each}} for each in references]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    exchange(session, "POST", fhir, json=bundle)
