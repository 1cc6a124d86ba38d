"""Loads the patients into a FHIR server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final, NamedTuple

import requests

from sandbox.catalog import Resource
from sandbox.story import Story
from sandbox.timeline import resources

USER: Final = "Practitioner/sandbox-user"
"""Who opens the charts."""
_TIMEOUT_S: Final = 120
_HEADERS: Final = {
    "Accept": "application/fhir+json",
    "Content-Type": "application/fhir+json",
    "Prefer": "return=minimal",
}


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
    exchange(session, "POST", fhir, json=transaction(chart))


def exchange(session: requests.Session, method: str, url: str, **more: Any) -> Resource:
    """The JSON object that a FHIR server answers with; empty where there is none.

    Raises `LoadError` where the server does not answer or refuses, with what it says.
    """
    headers = _HEADERS | more.pop("headers", {})
    try:
        answer = session.request(method, url, headers=headers, timeout=_TIMEOUT_S, **more)
    except requests.RequestException as error:
        raise LoadError(f"{url} does not answer: {error}") from error
    body = json_object(answer)
    if not answer.ok:
        raise LoadError(f"{url} answered {answer.status_code}: {_told(body) or answer.text[:500]}")
    return body


def json_object(answer: requests.Response) -> Resource:
    """The JSON object of an answer; empty where it holds none."""
    try:
        body = answer.json()
    except requests.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def _told(outcome: Resource) -> str:
    """What the issues of an OperationOutcome say, three at most."""
    issues = outcome.get("issue") or ()
    texts = (each.get("diagnostics") or each.get("details", {}).get("text") for each in issues)
    return "; ".join([str(text)[:300] for text in texts if text][:3])


def _user() -> Resource:
    name = {"text": "Sandbox User", "family": "User", "given": ["Sandbox"]}
    kind, _, user_id = USER.partition("/")
    return {"resourceType": kind, "id": user_id, "active": True, "name": [name]}
