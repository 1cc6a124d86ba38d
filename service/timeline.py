"""POST /timeline: the assessment at many instants, from one reading of the chart.

In demo it takes what a hook takes. In production it serves the plot app, which is a public client:
who calls is not known, so the caller sees only what its own token can read (design.md section 8).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Final

import msgspec
from flask import Flask, Response, g

from cards import assessment
from fhir_mappings.record import INFUSION_KEYS
from grading import assess, prepare
from grading.model import MINUTE, Instant
from service.call import Call
from service.chart import Chart, read_chart
from service.clients import Client, app_client
from service.errors import BadRequest, Forbidden, MissingData, Problem
from service.hook_request import HookRequest
from service.hooks import json_body
from service.instants import read_instant
from service.log import Event, write
from service.messages import NotJson, json_response, members, value
from service.runtime import Runtime
from service.schemas import load_request
from service.site import site_member

MAX_POINTS: Final = 1000
_DEFAULT_STEP = 60
_HOOK = "patient-view"


def register(app: Flask, runtime: Runtime, clients: Iterable[Client]) -> None:
    """Serve it in demo where a caller may choose the instant, in production to the plot app.

    The app may read what any of `clients` may. Elsewhere the address does not exist.
    """
    if runtime.gate is None:
        reader, served = None, runtime.settings.allow_evaluate_at
    else:
        reader, served = app_client(clients), bool(runtime.settings.smart_url)
    if served:
        view = partial(_answer, runtime, reader)
        app.add_url_rule("/timeline", "timeline", view, methods=["POST"])


def _answer(runtime: Runtime, reader: Client | None) -> Response:
    received = time.monotonic()
    g.call["service"] = "timeline"
    body = json_body()
    instants = _instants(body)
    found = load_request(_request(body), _HOOK)
    if reader is not None:
        _check_access(found, reader)
    call = Call(found, instants[-1], received, True, runtime, reader)
    points = _points(call, instants)
    total = round(1000 * (time.monotonic() - received), 1)
    write(Event.TIMELINE_ANSWERED, status=200, total_ms=total, points=len(points), **g.call)
    return json_response({"points": points})


def _check_access(found: HookRequest, reader: Client) -> None:
    """Refuse what did not come out of the FHIR server with the caller's own token.

    Raises:
        BadRequest: there is prefetch, or no server, or no token.
        Forbidden: the server is not on the list.
    """
    if found.prefetch:
        raise BadRequest("request.prefetch: not taken here; the chart is read with the token")
    if found.fhir_server is None or found.fhir_authorization is None:
        told = "request: needs fhirServer and the user's own fhirAuthorization"
        raise BadRequest(Problem("required", told))
    if not reader.may_read(found.fhir_server, with_token=True):
        raise Forbidden


def _chart(call: Call) -> Chart:
    """The chart as read.

    Raises:
        MissingData: nothing of it could be read in production, as with a token that is not valid.
    """
    chart = read_chart(call)
    if call.client is not None and chart.failures.keys() >= set(INFUSION_KEYS):
        kinds = sorted(set(chart.failures.values()))
        raise MissingData(f"the chart could not be read: {', '.join(kinds)}")
    return chart


def _points(call: Call, instants: range) -> list[dict[str, Any]]:
    chart, policy = _chart(call), call.runtime.policy
    points = []
    for now in instants:
        call.check_time()
        snapshot = chart.known_at(now, policy)
        found = assessment(assess(prepare(snapshot, policy)), snapshot)
        points.append(found | site_member(call.runtime.site.edition))
    return points


def _request(body: Mapping[str, msgspec.Raw]) -> Mapping[str, msgspec.Raw]:
    try:
        return members(body.get("request", msgspec.Raw(b"null")))
    except NotJson as error:
        raise BadRequest(f"request: {error}") from error


def _instants(body: Mapping[str, msgspec.Raw]) -> range:
    first, last = _instant(body, "from"), _instant(body, "to")
    minutes = _member(body, "stepMinutes", _DEFAULT_STEP)
    if isinstance(minutes, bool) or not isinstance(minutes, int) or minutes < 1:
        raise BadRequest("stepMinutes: must be a whole number of at least 1")
    instants = range(first, last + 1, minutes * MINUTE)
    if not 1 <= len(instants) <= MAX_POINTS:
        raise BadRequest(f"from, to, stepMinutes: must give 1 to {MAX_POINTS} points")
    return instants


def _instant(body: Mapping[str, msgspec.Raw], name: str) -> Instant:
    return read_instant(_member(body, name, None), name)


def _member(body: Mapping[str, msgspec.Raw], name: str, default: Any) -> Any:
    try:
        return value(body[name]) if name in body else default
    except NotJson as error:
        raise BadRequest(f"{name}: {error}") from error
