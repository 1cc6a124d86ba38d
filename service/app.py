"""The application: settings, clock and peers put together; the only reader of the clock."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from flask import Flask, Response, request
from flask_cors import CORS

from grading.knowledge import KNOWLEDGE
from grading.model import Instant
from service import (
    artifacts,
    discovery,
    errors,
    health,
    hooks,
    log,
    openapi,
    request_id,
    timeline,
)
from service.fhir_client import FhirClient
from service.outgoing import reach_of
from service.reads import Reader
from service.runtime import Runtime
from service.settings import Settings, check_can_start, read_settings

_ALLOWED_HEADERS = ["Authorization", "Content-Type"]
_METHODS = ["GET", "POST", "OPTIONS"]
_NO_CONTENT = 204


def create_app(
    settings: Settings | None = None, clock: Callable[[], Instant] | None = None
) -> Flask:
    """The service as a WSGI application; without `settings`, those of the environment.

    Raises:
        SettingsError: a setting is wrong, or the mode is production.
    """
    chosen = read_settings() if settings is None else settings
    check_can_start(chosen)
    log.configure()
    app = Flask("cart_toxicity_cds", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = chosen.max_body_bytes
    fhir = FhirClient(chosen.max_body_bytes, reach_of(chosen))
    runtime = Runtime(chosen, clock or _clock, Reader(fhir))
    errors.register(app)
    request_id.register(app)
    app.after_request(_finish)
    _allow_origins(app, chosen)
    discovery.register(app, chosen)
    hooks.register(app, runtime)
    timeline.register(app, runtime)
    artifacts.register(app, chosen)
    health.register(app, chosen)
    openapi.register(app)
    _announce(chosen)
    return app


def _clock() -> Instant:
    return time.time_ns() // 1_000_000


def _allow_origins(app: Flask, settings: Settings) -> None:
    if settings.cors_origins:
        origins = list(settings.cors_origins)
        CORS(app, origins=origins, methods=_METHODS, allow_headers=_ALLOWED_HEADERS)


def _finish(response: Response) -> Response:
    """Nothing is cached (RESP-9); a preflight names all that is allowed (CORS-2)."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if request.method == "OPTIONS" and response.status_code == 200:  # noqa: PLR2004 - HTTP
        response.status_code = _NO_CONTENT
        if "Access-Control-Allow-Origin" in response.headers:
            response.headers["Access-Control-Allow-Headers"] = ", ".join(_ALLOWED_HEADERS)
            response.headers["Access-Control-Allow-Methods"] = ", ".join(_METHODS)
    return response


def _announce(settings: Settings) -> None:
    log.write(
        log.Event.SERVICE_STARTED,
        logging.WARNING,
        mode=settings.mode,
        reason="demo: no client authentication, for synthetic data only",
        content_edition=KNOWLEDGE.edition,
    )
    if settings.ignored:
        log.write(log.Event.SETTING_IGNORED, logging.WARNING, settings=settings.ignored)
