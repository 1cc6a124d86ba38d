"""GET /metrics: what was counted, for whom has the token; and the counting of every answer."""

from __future__ import annotations

import hmac
import time
from functools import partial
from typing import Final

from flask import Flask, Response, g, request

from service import metrics
from service.errors import Unauthorized
from service.settings import Mode, Settings

_TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"


def register(app: Flask, settings: Settings) -> None:
    """Count every answer of `app`, and show what was counted.

    Without a token in the settings there is no `/metrics`, but in demo, where anyone may read it.
    """
    app.before_request(_begin)
    app.after_request(_count)
    token = settings.metrics_token
    if token or settings.mode is Mode.DEMO:
        app.add_url_rule("/metrics", "metrics", partial(_show, token), methods=["GET"])


def _show(token: str) -> Response:
    given = request.headers.get("Authorization", "").encode()
    if token and not hmac.compare_digest(given, f"Bearer {token}".encode()):
        raise Unauthorized
    return Response(metrics.exposition(), content_type=_TEXT)


def _begin() -> None:
    g.began, g.stages = time.perf_counter(), {}


def _count(response: Response) -> Response:
    endpoint = request.endpoint
    metrics.request_answered(endpoint, response.status_code)
    if endpoint is not None and "service" in g.call:
        metrics.call_answered(endpoint, time.perf_counter() - g.began, g.stages)
    return response
