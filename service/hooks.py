"""POST /cds-services/{id}: the same steps for every service, in the order of REQ-13."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import Any

import msgspec
from flask import Flask, Response, g, request

from cards import dump_cards, with_app_link
from service import metrics
from service.address import base_url
from service.auth import admitted
from service.call import Call
from service.card_record import CardRecord, Heard, Settled, Timing
from service.catalog import SERVICES, CdsService
from service.clients import Client
from service.errors import BadRequest
from service.hook_request import HookRequest
from service.log import Event, Fields, write
from service.messages import NotJson, json_response, read_body
from service.metrics import Stage
from service.runtime import Runtime
from service.schemas import load_request


def register(app: Flask, runtime: Runtime, record: CardRecord) -> None:
    """Serve every service of the catalog; other ids are 404, other verbs 405."""
    for service in SERVICES:
        view = partial(_answer, service, runtime, record)
        app.add_url_rule(service.path, service.id, view, methods=["POST"])


def _answer(service: CdsService, runtime: Runtime, record: CardRecord) -> Response:
    received = time.monotonic()
    g.call["service"] = service.id
    caller = admitted(runtime.gate, request, service.id, service.path)
    client = caller.client if caller else None
    with metrics.stage(Stage.PARSE):
        found = load_request(json_body(), service.hook)
    _note_instance(found.instance)
    call = replace(call_of(found, received, runtime, client), hook=service.hook)
    answer = service.answer(call)
    timing = Timing(answer.facts["reads_ms"], _since(received))
    heard = Heard(call, caller, service.id, timing)
    settled = record.settle(heard, answer.fired)
    told: Fields = {**answer.facts, **g.call, "status": 200, "total_ms": _since(received)}
    told |= _counts(settled, heard)
    write(Event.HOOK_ANSWERED, **told)
    body: dict[str, Any] = {"cards": []}
    if not heard.shadow:
        cards = with_app_link(settled.cards, runtime.settings.smart_url, call.now)
        with metrics.stage(Stage.COMPOSE):
            body = {"cards": dump_cards(cards), "extension": answer.extension}
    metrics.answered(body)
    return json_response(body)


def _since(received: float) -> float:
    """Milliseconds since a monotonic instant."""
    return round(1000 * (time.monotonic() - received), 1)


def _counts(settled: Settled, heard: Heard) -> Fields:
    """What is logged of the settled cards, where there is something to tell."""
    told: Fields = {}
    if settled.suppressed:
        told["suppressed"] = settled.suppressed
    if settled.unrecorded:
        told["unrecorded"] = settled.unrecorded
    if heard.shadow:
        told["shadow"] = True
    return told


def json_body() -> dict[str, msgspec.Raw]:
    """Members of the body of the current request.

    Raises:
        BadRequest: it is not one JSON object.
    """
    try:
        return dict(read_body(request))
    except NotJson as error:
        raise BadRequest(f"body: {error}") from error


def call_of(found: HookRequest, received: float, runtime: Runtime, client: Client | None) -> Call:
    """The call that a request makes; `client` None: in demo.

    Raises:
        BadRequest: it names an evaluation instant that cannot be read, where that is allowed.
    """
    allowed = runtime.settings.allow_evaluate_at
    now = found.now(runtime.clock, allowed)
    replay = allowed and found.replays
    return Call(found, now, received, replay, runtime, client, base_url(runtime.settings))


def _note_instance(instance: str | None) -> None:
    """Log the correlation id, or that there is none that may be logged."""
    if instance is None:
        write(Event.HOOK_INSTANCE_ACCEPTED, reason="no-uuid", **g.call)
    else:
        g.call["hook_instance"] = instance
