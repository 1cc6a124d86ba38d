"""The application: settings, clock and peers put together; the only reader of the clock."""

from __future__ import annotations

import logging
import re
import time
import weakref
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from flask import Flask, Response, request
from flask_cors import CORS

from cards.site_policy import override_lines
from grading.knowledge import KNOWLEDGE
from grading.model import Instant
from service import (
    analytics_page,
    artifacts,
    discovery,
    errors,
    feedback,
    health,
    held,
    hooks,
    log,
    metrics_page,
    openapi,
    pages,
    request_id,
    timeline,
)
from service.address import spellings
from service.auth import Gate
from service.card_record import CardRecord
from service.card_store import CardStore
from service.catalog import SERVICES
from service.clients import Client, read_clients
from service.fhir_client import FhirClient
from service.outgoing import beside_public, reach_of, trust_in
from service.reads import Reader
from service.runtime import Runtime
from service.settings import Mode, Settings, check_can_start, read_settings
from service.site import SiteSetup, read_site
from service.store import later_store, open_store
from service.vault import Vault, open_vault

_ALLOWED_HEADERS = ["Authorization", "Content-Type"]
_METHODS = ["GET", "POST", "OPTIONS"]
_NO_CONTENT = 204


def create_app(
    settings: Settings | None = None, clock: Callable[[], Instant] | None = None
) -> Flask:
    """The service as a WSGI application; without `settings`, those of the environment.

    A worker of gunicorn takes files and store as its master has checked them (`master`).

    Raises:
        SettingsError: a setting or the site's policy file is wrong or missing, or the store cannot
            be used.
    """
    chosen = read_settings() if settings is None else settings
    log.configure()
    app = Flask("cart_toxicity_cds", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = chosen.max_body_bytes
    app.url_map.merge_slashes = False  # an odd path is none, and no redirect to what Host says
    vault, clients, site = read_files(chosen)
    store = later_store(chosen) if held.by_master() else open_store(chosen)
    weakref.finalize(app, store.close)
    chosen_clock = clock or system_clock
    demo = chosen.mode is Mode.DEMO
    beside = beside_public(chosen)
    gate = None if demo else Gate(clients, chosen.base_url, store, chosen_clock, beside)
    listed = (url for client in clients for url in client.fhir_servers)
    fhir = FhirClient(chosen.max_body_bytes, reach_of(chosen, listed))
    reader = Reader(fhir)
    runtime = Runtime(chosen, chosen_clock, reader, gate, site)
    errors.register(app)
    request_id.register(app)
    metrics_page.register(app, chosen)
    app.after_request(_finish)
    app.teardown_request(_let_go)
    _allow_origins(app, chosen)
    discovery.register(app, runtime)
    record = CardRecord(CardStore(store), vault, chosen.suppression_h)
    hooks.register(app, runtime, record)
    feedback.register(app, feedback.Desk(store, vault, runtime))
    timeline.register(app, runtime, clients)
    artifacts.register(app, chosen)
    pages.register(app, chosen, site)
    analytics_page.register(app, store, runtime)
    health.register(app, health.Readiness(chosen, store))
    openapi.register(app)
    _announce(chosen, site)
    return app


class Files(NamedTuple):
    """What the files of the settings say; no clients in demo, which asks nobody."""

    vault: Vault
    clients: tuple[Client, ...]
    site: SiteSetup


def read_files(settings: Settings) -> Files:
    """What the files of the settings say.

    Raises:
        SettingsError: a setting is missing, or a file cannot be used.
    """
    check_can_start(settings)
    demo = settings.mode is Mode.DEMO
    clients = () if demo else read_clients(settings.clients, [each.id for each in SERVICES])
    trust_in(settings.ca_file)
    return Files(open_vault(settings), clients, read_site(settings))


def system_clock() -> Instant:
    """The current instant."""
    return time.time_ns() // 1_000_000


def _allow_origins(app: Flask, settings: Settings) -> None:
    """Whom browsers let in; in production the timeline is for the plot app's page alone."""
    resources: dict[str | re.Pattern[str], dict[str, Any]] = {}
    if settings.smart_url and settings.mode is not Mode.DEMO:
        resources["^/timeline$"] = {"origins": [_origin(settings.smart_url)]}
    if settings.cors_origins:
        resources["^/(?!timeline$).*" if resources else "^/.*"] = {
            "origins": [each if each == "*" else _origin(each) for each in settings.cors_origins]
        }
    if resources:
        CORS(app, resources=resources, methods=_METHODS, allow_headers=_ALLOWED_HEADERS)


def _origin(url: str) -> re.Pattern[str]:
    """The origin of a URL as browsers write it, and no other.

    A pattern, because Flask-CORS takes a text with brackets for one.
    """
    begin, *_ = spellings(urlsplit(url))
    return re.compile(rf"{re.escape(begin)}\Z", re.IGNORECASE)


def _finish(response: Response) -> Response:
    """Nothing is cached (RESP-9); a preflight names all that is allowed (CORS-2, CORS-3)."""
    response.vary.add("Origin")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if request.method == "OPTIONS" and response.status_code == 200:  # noqa: PLR2004 - HTTP
        response.status_code = _NO_CONTENT
        if "Access-Control-Allow-Origin" in response.headers:
            response.headers["Access-Control-Allow-Headers"] = ", ".join(_ALLOWED_HEADERS)
            response.headers["Access-Control-Allow-Methods"] = ", ".join(_METHODS)
    return response


def _let_go(_failure: BaseException | None) -> None:
    """Part the request from its own environment, or it stays until the next garbage collection.

    Collections are seldom (`gunicorn_conf`); nothing of a call is to lie about until then.
    """
    request.environ.pop("werkzeug.request", None)


def _announce(settings: Settings, site: SiteSetup) -> None:
    demo = settings.mode is Mode.DEMO
    ignored = settings.ignored + (("CART_CDS_CLIENTS",) if demo and settings.clients else ())
    log.write(
        log.Event.SERVICE_STARTED,
        logging.WARNING if demo else logging.INFO,
        mode=settings.mode,
        reason="demo: no client authentication, for synthetic data only" if demo else "",
        content_edition=KNOWLEDGE.edition,
        site_edition="" if site.edition is None else str(site.edition),
    )
    for line in override_lines(site.overrides.items):
        log.write(log.Event.POLICY_OVERRIDDEN, logging.WARNING, reason=line)
    if ignored:
        log.write(log.Event.SETTING_IGNORED, logging.WARNING, settings=ignored)
