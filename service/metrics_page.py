"""GET /metrics: what was counted, for whom has the token; and the counting of every answer."""

from __future__ import annotations

import time
from functools import partial
from typing import Final

from flask import Flask, Response, g, request

from service import metrics, operator_token
from service.settings import Settings

_TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"


def register(app: Flask, settings: Settings) -> None:
    """Count every answer of `app`, and show what was counted.

    Without a token in the settings there is no `/metrics`, but in demo, where anyone may read it.
    """
    app.before_request(_begin)
    app.after_request(_count)
    token = settings.metrics_token
    if operator_token.exists(settings, token):
        app.add_url_rule("/metrics", "metrics", partial(_show, token), methods=["GET"])


def _show(token: str) -> Response:
    operator_token.check(token)
    return Response(metrics.exposition(), content_type=_TEXT)


def _begin() -> None:
    g.began, g.stages = time.perf_counter(), {}


def _count(response: Response) -> Response:
    endpoint = request.endpoint
    metrics.request_answered(endpoint, response.status_code)
    if endpoint is not None and "service" in g.call:
        metrics.call_answered(endpoint, time.perf_counter() - g.began, g.stages)
    return response
