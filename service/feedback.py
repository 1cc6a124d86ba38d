"""POST /cds-services/{id}/feedback: stored before it is acknowledged, once however often sent."""

from __future__ import annotations

import logging
from dataclasses import astuple, dataclass
from functools import partial

import msgspec
from flask import Flask, Response, g, request

from grading.model import Instant
from service import metrics
from service.auth import admitted
from service.catalog import SERVICES, CdsService
from service.errors import NotStored
from service.feedback_body import Feedback, load_feedback
from service.feedback_store import FeedbackEntry
from service.hooks import json_body
from service.log import Event, write
from service.messages import json_response
from service.metrics import StoreUse
from service.runtime import Runtime
from service.store import Store, StoreError
from service.vault import Vault


@dataclass(frozen=True, slots=True)
class Desk:
    """Where feedback is kept: sealed by `vault`, in `store`; `runtime` says when and by whom."""

    store: Store
    vault: Vault
    runtime: Runtime


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent it, and for which service; `client` is empty in demo."""

    client: str
    tenant: str | None
    service: str


def register(app: Flask, desk: Desk) -> None:
    """Serve the feedback of every service of the catalog."""
    for service in SERVICES:
        view = partial(_answer, service, desk)
        path, name = f"{service.path}/feedback", f"{service.id}-feedback"
        app.add_url_rule(path, name, view, methods=["POST"])


def _answer(service: CdsService, desk: Desk) -> Response:
    g.call["service"] = service.id
    paths = service.path, f"{service.path}/feedback"  # clients name either (FB-11)
    caller = admitted(desk.runtime.gate, request, service.id, *paths)
    named = (caller.client.name, caller.tenant) if caller else ("", None)
    sender = Sender(*named, service.id)
    found = load_feedback(json_body())
    received = desk.runtime.clock()
    entries = [_entry(each, sender, desk.vault, received) for each in found]
    try:
        stored = desk.store.keep_feedback(entries)
    except StoreError as error:
        metrics.store_failed(StoreUse.FEEDBACK)
        write(Event.STORE_FAILED, logging.ERROR, reason=str(error), **g.call)
        raise NotStored("the feedback was not stored; send it again") from error
    metrics.feedback_stored(service.id, stored)
    write(Event.FEEDBACK_STORED, status=200, entries=len(entries), stored=stored, **g.call)
    return json_response({"received": len(entries), "stored": stored})


def _entry(found: Feedback, sender: Sender, vault: Vault, received: Instant) -> FeedbackEntry:
    reason = found.reason
    said = (*astuple(sender), found.card, found.outcome, found.at, sorted(found.suggestions))
    content = msgspec.json.encode((said, astuple(reason), found.comment))
    row = {
        "received": received,
        "client": sender.client,
        "tenant": sender.tenant,
        "service": sender.service,
        "card": found.card,
        "outcome": found.outcome,
        "outcome_at": found.at,
        "reason_system": reason.system,
        "reason_code": reason.code,
        "reason_display": reason.display,
        "reason_category": reason.category,
        "reason_title": reason.title,
        "comment": None if found.comment is None else vault.seal(found.comment.encode()),
        "raw": vault.seal(found.raw),
    }
    return FeedbackEntry(row, found.suggestions, vault.fingerprints(content))
