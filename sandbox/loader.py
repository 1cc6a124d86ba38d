"""Loads the patients into a FHIR server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, NamedTuple

import requests

from sandbox.catalog import Resource
from sandbox.story import Story
from sandbox.timeline import resources

USER: Final = "Practitioner/sandbox-user"
"""Who opens the charts."""
_TIMEOUT_S: Final = 60


class LoadError(RuntimeError):
    """The FHIR server did not take a patient."""


class Loaded(NamedTuple):
    """One patient and how many resources were written."""

    story: Story
    resources: int


def load(
    session: requests.Session, fhir: str, stories: Iterable[Story], now: datetime
) -> Iterator[Loaded]:
    """Writes each patient in one transaction; the same ids again overwrite, dated from `now`.

    Raises `LoadError` where the server refuses.
    """
    _send(session, fhir, (_user(),))
    for story in stories:
        chart = resources(story, now)
        _send(session, fhir, chart)
        yield Loaded(story, len(chart))


def transaction(chart: Iterable[Resource]) -> Resource:
    """A transaction Bundle that puts each resource at its own id."""
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"resource": each, "request": _put(each)} for each in chart],
    }


def _put(resource: Resource) -> Resource:
    return {"method": "PUT", "url": f"{resource['resourceType']}/{resource['id']}"}


def _send(session: requests.Session, fhir: str, chart: Iterable[Resource]) -> None:
    headers = {"Content-Type": "application/fhir+json", "Prefer": "return=minimal"}
    try:
        answer = session.post(fhir, json=transaction(chart), headers=headers, timeout=_TIMEOUT_S)
    except requests.RequestException as error:
        raise LoadError(f"{fhir} does not answer: {error}") from error
    if not answer.ok:
        raise LoadError(f"{fhir} answered {answer.status_code}: {answer.text[:500]}")


def _user() -> Resource:
    name = {"text": "Sandbox User", "family": "User", "given": ["Sandbox"]}
    kind, _, user_id = USER.partition("/")
    return {"resourceType": kind, "id": user_id, "active": True, "name": [name]}
