"""The EHR's side of CDS Hooks for the page: fires hooks, keeps what was sent and how long it took.

It is the client of `sandbox.client`, with an evaluation instant and with timings.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import requests

from sandbox.bases import Bases
from sandbox.bulk import Answers, read_ahead
from sandbox.catalog import Resource
from sandbox.client import (
    Answer,
    ClientError,
    Hook,
    Mode,
    Peers,
    discover,
    drafted,
    fill,
    hook_request,
    post,
)
from sandbox.client import opened as opened_chart
from sandbox.drafts import references
from sandbox.fhir import Fhir
from sandbox.grades import Timeline, rfc_3339
from sandbox.markdown import as_html

EVALUATE_AT: Final = "org.cart-toxicity-cds.evaluate-at"
_TIMEOUT_S: Final = 30
_HELD_S: Final = 60
_ORDER: Final = ("critical", "warning", "info")


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a hook: whose chart, at which instant (None: now), and the orders on the pad."""

    hook: Hook
    patient_id: str
    at: datetime | None = None
    mode: Mode = Mode.BOTH
    drafts: tuple[Resource, ...] = ()
    selected: tuple[str, ...] = ()
    anew: bool = True
    """Whether opening the chart reads it anew."""

    @property
    def context(self) -> Resource:
        """The context that the hook defines; without a selection the whole pad is meant."""
        if self.hook is Hook.PATIENT_VIEW:
            return opened_chart(self.patient_id)
        entries = [{"resource": draft} for draft in self.drafts]
        bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
        context = drafted(self.patient_id, bundle, self.hook)
        if self.hook is Hook.ORDER_SELECT:
            context["selections"] = list(self.selected) or references(bundle)
        return context


class Desk:
    """Talks to the CDS service on behalf of the page.

    What was prefetched when a chart was opened serves the calls of the next minute too, until
    something is written: an EHR holds the open chart in memory.
    """

    def __init__(self, session: requests.Session, bases: Bases) -> None:
        """Fire at `bases.cds` about charts on `bases.fhir`."""
        self._session = session
        self._bases = bases
        self._fhir = Fhir(session, bases.fhir)
        self._held: dict[str, tuple[float, Answers]] = {}
        self._holding = threading.Lock()

    def forget(self, patient_id: str) -> None:
        """Something was written: the chart is to be read again."""
        with self._holding:
            self._held.pop(patient_id, None)

    def read_ahead(self, patient_ids: Sequence[str]) -> dict[str, Answers]:
        """Prefetches many charts for the calls of the next minute; gives what was read by key.

        Raises `ClientError` where no service is offered.
        """
        templates = discover(self._peers(), Hook.PATIENT_VIEW).prefetch
        read = read_ahead(self._fhir, templates.values(), patient_ids)
        now = time.monotonic()
        with self._holding:
            self._held |= {each: (now, answers) for each, answers in read.items()}
        queries = {each: _queries(templates, each) for each in patient_ids}
        return {
            each: {key: answers[query] for key, query in queries[each].items() if query in answers}
            for each, answers in read.items()
        }

    def fire(self, call: Call) -> Resource:
        """What was asked and answered: request, response, status, times in ms, cards as HTML.

        Opening the chart reads it anew. At an instant in the past nothing is prefetched: pages that
        end later than that would hide what lies before it, and the service asks the FHIR server by
        that date. Raises `ClientError` where the service does not answer.
        """
        opens = call.hook is Hook.PATIENT_VIEW and call.at is None and call.anew
        if opens:
            self.forget(call.patient_id)
        peers = self._peers(call.patient_id)
        service = discover(peers, call.hook)
        mode = call.mode if call.at is None else Mode.FHIR_SERVER
        begun = time.monotonic()
        if opens and mode is not Mode.FHIR_SERVER:
            read = read_ahead(self._fhir, service.prefetch.values(), [call.patient_id])
            peers.read.update(read[call.patient_id])
        request = hook_request(peers, service, call.context, mode)
        if call.at is not None:
            request["extension"] = {EVALUATE_AT: rfc_3339(call.at)}
        asked = time.monotonic()
        answer = post(self._session, service.url, request)
        return {
            "service": service.url.rpartition("/")[2],
            "url": service.url,
            "status": answer.status,
            "problem": answer.problem,
            "request": request,
            "response": answer.body,
            "cards": shown(answer),
            "assessment": answer.assessment,
            "prefetchMs": round(1000 * (asked - begun)),
            "serviceMs": round(1000 * (time.monotonic() - asked)),
            "keys": _keys(service.prefetch, request),
        }

    def timeline(self, patient_id: str, first: datetime, last: datetime) -> list[Resource]:
        """The assessment at each hour; raises `ClientError` where the service does not offer it."""
        peers = self._peers(patient_id)
        service = discover(peers, Hook.PATIENT_VIEW)
        request = hook_request(peers, service, opened_chart(patient_id), Mode.BOTH)
        return Timeline(self._session, self._bases.cds, request).between(first, last)

    def _peers(self, patient_id: str = "") -> Peers:
        """The two servers, with what is held of the chart."""
        now = time.monotonic()
        with self._holding:
            held = {key: kept for key, kept in self._held.items() if now - kept[0] < _HELD_S}
            _, read = held.setdefault(patient_id, (now, {}))
            self._held = held
        return Peers(self._session, self._bases.fhir, self._bases.cds, read)

    def feedback(self, service: str, told: Resource) -> Answer:
        """Posts one outcome; the answer whatever its status. Raises `ClientError` as above."""
        url = f"{self._bases.cds}/cds-services/{service}/feedback"
        return post(self._session, url, {"feedback": [told]})

    def form(self, name: str) -> Resource:
        """A Questionnaire that the service publishes; raises `ClientError` where it does not."""
        url = f"{self._bases.cds}/fhir/Questionnaire/{name}"
        try:
            answer = self._session.get(url, timeout=_TIMEOUT_S)
            found = answer.json()
        except requests.RequestException as error:
            raise ClientError(f"{url} does not answer") from error
        if not answer.ok or not isinstance(found, dict):
            raise ClientError(f"{url} answered {answer.status_code}")
        return found


def _queries(templates: Mapping[str, str], patient_id: str) -> dict[str, str | None]:
    context = opened_chart(patient_id)
    return {key: fill(template, context) for key, template in templates.items()}


def shown(answer: Answer) -> list[Resource]:
    """The cards as they came, most urgent first, each with `html` for its detail."""
    cards = sorted(answer.cards, key=lambda card: _rank(card.get("indicator")))
    return [{**card, "html": as_html(str(card.get("detail", "")))} for card in cards]


def _rank(indicator: Any) -> int:
    return _ORDER.index(indicator) if indicator in _ORDER else len(_ORDER)


def _keys(templates: Mapping[str, str], request: Resource) -> list[Resource]:
    """For each advertised key: how many resources were sent; none where the service must read."""
    sent = request.get("prefetch", {})
    return [
        {"key": key, "template": template, "sent": _count(sent[key]) if key in sent else None}
        for key, template in templates.items()
    ]


def _count(resource: Resource) -> int:
    entries: Sequence[Any] = resource.get("entry", ())
    return len(entries) if resource.get("resourceType") == "Bundle" else 1
