"""The bedside page: an EHR of one page over a FHIR server, which calls a CDS service.

The browser talks to this program alone; this program talks to the two configured servers alone
(`docs/adr/2026-11-25-the-page-calls-through-its-own-server.md`). It is for synthetic data on
loopback: it has no login.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Callable
from datetime import datetime
from functools import partial
from importlib.resources import files
from types import FrameType
from typing import Final
from urllib.parse import urlsplit

from flask import Flask, Response, abort, render_template, request
from werkzeug.serving import WSGIRequestHandler, make_server

from sandbox import bedside_api
from sandbox.bases import Bases, new_session
from sandbox.smart import LOOPBACK, Kept, Launcher, Registration
from sandbox.smart_pages import App, pages

HOST: Final = "127.0.0.1"
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        "object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_STYLE_ID: Final = re.compile(rb'getElementById\("([0-9a-f]{64})"\)')
"""Ids of style sheets that plotly would write into the page, were they not there; the policy allows
none, and the page needs none of them (they are for maps)."""
_MOST_BYTES: Final = 4_000_000
_A_DAY_S: Final = 86_400


def create_app(bases: Bases, clock: Callable[[], datetime]) -> Flask:
    """The page as a WSGI application; `clock` gives the time with an offset."""
    app, styles = _plotting_app()

    @app.get("/")
    def ward() -> str:
        return render_template("ward.html")

    @app.get("/chart/<patient_id>")
    def chart(patient_id: str) -> str:
        known = bedside_api.known_id(patient_id)
        return render_template("chart.html", patient_id=known, styles=styles)

    bedside_api.register(app, bedside_api.Servers(bases, new_session()), clock)
    return app


def create_smart_app(registration: Registration, cds: str, clock: Callable[[], datetime]) -> Flask:
    """The plot alone, as a SMART app that EHRs launch; grades come from the service at `cds`."""
    app, styles = _plotting_app(urlsplit(registration.url).netloc)
    session = new_session()
    launcher = Launcher(registration, session)
    app.register_blueprint(pages(App(launcher, cds, session, clock, styles, Kept())))
    return app


def _plotting_app(public: str = "") -> tuple[Flask, list[str]]:
    """An application with our policy and plotly, and the ids of styles that plotly must find.

    `public`: the name and port, if any, that it is reached by beside loopback.
    """
    app = Flask("sandbox.bedside", template_folder="templates", static_folder="static")
    app.config["MAX_CONTENT_LENGTH"] = _MOST_BYTES
    app.before_request(partial(_refuse_strangers, public))
    app.after_request(_finish)
    plotly = files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()

    @app.get("/plotly.js")
    def plotly_js() -> Response:
        return Response(plotly, mimetype="text/javascript")

    return app, [each.decode() for each in _STYLE_ID.findall(plotly)]


def serve(host: str, port: int, app: Flask) -> None:
    """Runs a page on an address of this machine until it is interrupted or terminated.

    Whatever it listens to, it answers only who calls it by a name of loopback: beyond that is for
    a container, whose port is published on loopback. That is no login.

    Raises `SystemExit` when told to stop, `OSError` where the port is taken.
    """
    signal.signal(signal.SIGTERM, _leave)
    server = make_server(host, port, app, threaded=True, request_handler=_Quiet)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()


class _Quiet(WSGIRequestHandler):
    """Keeps connections open and logs no request: addresses name patients."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def _refuse_strangers(public: str) -> None:
    """Only a page of our own may call: no other name for this host, no other site's script."""
    if urlsplit(f"//{request.host}").hostname not in LOOPBACK and request.host != public:
        abort(421)
    if request.method == "POST":
        origin = request.headers.get("Origin")
        if not request.is_json or (origin and urlsplit(origin).netloc != request.host):
            abort(403)


def _finish(response: Response) -> Response:
    response.headers.update(_HEADERS)
    fixed = request.path == "/plotly.js"
    response.headers["Cache-Control"] = f"max-age={_A_DAY_S}" if fixed else "no-store"
    return response
