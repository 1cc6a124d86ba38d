"""A CDS Client: fires hooks as an EHR does, with prefetch from the advertised templates.

A template whose token cannot be resolved is skipped, a query that fails leaves its key out, and no
further page is followed: what a service gets from an EHR, no more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from uuid import uuid4

import requests

from sandbox.catalog import Resource
from sandbox.drafts import references
from sandbox.loader import USER, json_object

_TOKEN: Final = re.compile(r"\{\{\s*(.+?)\s*\}\}")
_TIMEOUT_S: Final = 30


class ClientError(RuntimeError):
    """The CDS service does not answer, or offers nothing for the hook."""


class Hook(StrEnum):
    """What happens in the EHR."""

    PATIENT_VIEW = "patient-view"
    ORDER_SELECT = "order-select"
    ORDER_SIGN = "order-sign"


class Mode(StrEnum):
    """What the client gives the service to read with."""

    BOTH = "both"
    """All prefetch keys, and the FHIR server for further pages."""
    PREFETCH = "prefetch"
    """All prefetch keys; no FHIR server."""
    FHIR_SERVER = "fhir-server"
    """The FHIR server's address; no prefetch."""
    MIXED = "mixed"
    """Every other prefetch key, and the FHIR server for the rest."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service as advertised, with its prefetch templates by key."""

    hook: Hook
    url: str
    prefetch: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the HTTP status and the JSON body (empty where it was none)."""

    status: int
    body: Mapping[str, Any]

    @property
    def cards(self) -> list[Any]:
        """The cards; none where the call failed, which `status` tells."""
        return list(self.body.get("cards", ()))

    @property
    def assessment(self) -> Mapping[str, Any]:
        """The machine-readable grades, where the service sends them."""
        found = self.body.get("extension", {}).get("org.cart-toxicity-cds.assessment", {})
        return dict(found)

    @property
    def orders(self) -> list[Any]:
        """What was checked at order entry: a row for each draft."""
        return list(self.assessment.get("orders", ()))

    @property
    def problem(self) -> str:
        """What an error says of itself."""
        issues = self.body.get("issue", ())
        return "; ".join(str(each.get("diagnostics", each.get("code"))) for each in issues)


@dataclass(frozen=True, slots=True)
class Peers:
    """Whom the client talks to: the EHR's FHIR server, and the CDS service.

    `read`: what prefetch queries gave so far; a chart does not change while it is shown.
    """

    session: requests.Session
    fhir: str
    cds: str
    read: dict[str, Resource] = field(default_factory=dict)


def discover(peers: Peers, hook: Hook) -> Service:
    """The first service offered for a hook; raises `ClientError` where there is none."""
    url = f"{peers.cds.rstrip('/')}/cds-services"
    try:
        answer = peers.session.get(url, timeout=_TIMEOUT_S)
        offered = answer.json().get("services", ()) if answer.ok else ()
    except requests.RequestException as error:
        raise ClientError(f"{url} does not answer: {error}") from error
    for each in offered:
        if each["hook"] == hook:
            return Service(hook, f"{url}/{each['id']}", each.get("prefetch", {}))
    raise ClientError(f"{url} answered {answer.status_code} and offers no {hook} service")


def opened(patient_id: str) -> Resource:
    """The context of a chart that is opened."""
    return {"userId": USER, "patientId": patient_id}


def drafted(patient_id: str, drafts: Resource, hook: Hook) -> Resource:
    """The context of draft orders: at order-select the first is selected, at order-sign all go."""
    context = opened(patient_id)
    if hook is Hook.ORDER_SELECT:
        context["selections"] = references(drafts)[:1]
    return context | {"draftOrders": drafts}


def fire(peers: Peers, service: Service, context: Resource, mode: Mode) -> Answer:
    """Fires the service's hook once and gives the answer whatever its status."""
    return post(peers.session, service.url, hook_request(peers, service, context, mode))


def post(session: requests.Session, url: str, body: Any) -> Answer:
    """What the CDS service answers, whatever its status; raises `ClientError` where it does not."""
    try:
        answer = session.post(url, json=body, timeout=_TIMEOUT_S)
    except requests.RequestException as error:
        raise ClientError(f"{url} does not answer") from error
    return Answer(answer.status_code, json_object(answer))


def hook_request(peers: Peers, service: Service, context: Resource, mode: Mode) -> Resource:
    """The body of a call."""
    request: Resource = {
        "hook": str(service.hook),
        "hookInstance": str(uuid4()),
        "context": context,
    }
    if mode is not Mode.PREFETCH:
        request["fhirServer"] = peers.fhir
    if mode is not Mode.FHIR_SERVER:
        step = 2 if mode is Mode.MIXED else 1
        templates = dict(list(service.prefetch.items())[::step])
        request["prefetch"] = prefetch(peers, templates, context)
    return request


def prefetch(
    peers: Peers, templates: Mapping[str, str], context: Mapping[str, Any]
) -> dict[str, Resource]:
    """The resource of each template that could be resolved and read."""
    found = {}
    for key, template in templates.items():
        query = fill(template, context)
        resource = _read(peers, query) if query is not None else None
        if resource is not None:
            found[key] = resource
    return found


def fill(template: str, context: Mapping[str, Any]) -> str | None:
    """The template with its tokens replaced; None where one is not known here."""
    texts = ((name, value) for name, value in context.items() if isinstance(value, str))
    values = {f"context.{name}": value for name, value in texts}
    kind, _, user_id = context["userId"].partition("/")
    values[f"user{kind}Id"] = user_id
    if any(token not in values for token in _TOKEN.findall(template)):
        return None
    return _TOKEN.sub(lambda match: values[match[1]], template)


def _read(peers: Peers, query: str) -> Resource | None:
    """The answer to a query, asked for once; one that failed is asked for again."""
    if query not in peers.read:
        try:
            answer = peers.session.get(f"{peers.fhir}/{query}", timeout=_TIMEOUT_S)
        except requests.RequestException:
            return None
        if not answer.ok:
            return None
        peers.read[query] = json_object(answer)
    return peers.read[query]
