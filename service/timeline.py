"""POST /timeline: the assessment at many instants, from one reading of the chart."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import msgspec
from flask import Flask, Response, g

from cards import assessment
from fhir_mappings.snapshot import build_snapshot
from grading import assess, prepare
from grading.model import MINUTE, Instant
from service.call import Call
from service.chart import read_chart
from service.errors import BadRequest
from service.hooks import json_body
from service.log import Event, write
from service.messages import NotJson, json_response, members, value
from service.runtime import Runtime
from service.schemas import load_request, read_instant
from service.site import site_member

MAX_POINTS: Final = 1000
_DEFAULT_STEP = 60
_HOOK = "patient-view"


def register(app: Flask, runtime: Runtime) -> None:
    """Serve it in demo, where a caller may choose the instant; elsewhere it does not exist."""
    if runtime.gate is None and runtime.settings.allow_evaluate_at:
        app.add_url_rule("/timeline", "timeline", partial(_answer, runtime), methods=["POST"])


def _answer(runtime: Runtime) -> Response:
    received = time.monotonic()
    g.call["service"] = "timeline"
    body = json_body()
    instants = _instants(body)
    found = load_request(_request(body), _HOOK)
    call = Call(found, instants[-1], received, True, runtime)
    points = _points(call, instants)
    total = round(1000 * (time.monotonic() - received), 1)
    write(Event.TIMELINE_ANSWERED, status=200, total_ms=total, points=len(points), **g.call)
    return json_response({"points": points})


def _points(call: Call, instants: range) -> list[dict[str, Any]]:
    record, policy = read_chart(call).record, call.runtime.policy
    points = []
    for now in instants:
        call.check_time()
        snapshot = build_snapshot(record, now, policy)
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
