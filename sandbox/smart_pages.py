"""The plot as a SMART app: launch, return from the sign-in, the page, and what it asks for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

import requests
from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from sandbox.bedside_api import chart_of
from sandbox.client import ClientError, Hook
from sandbox.entries import EntryError, instant
from sandbox.fhir import Fhir, FhirError
from sandbox.grades import Timeline
from sandbox.smart import Kept, Launcher, Login, SmartError

_COOKIE: Final = "smart"
_PATH: Final = "/smart/"
_BEFORE: Final = timedelta(days=1)
_WITHOUT_INFUSION: Final = timedelta(days=3)
_SIGNED_OUT: Final = "You are not signed in, or no longer: open the app from the chart again."


class App(NamedTuple):
    """What the pages need; `styles` are those that plotly must find, `kept` who is signed in."""

    launcher: Launcher
    cds: str
    session: requests.Session
    clock: Callable[[], datetime]
    styles: list[str]
    kept: Kept


def pages(app: App) -> Blueprint:
    """Everything under /smart."""
    routes = Blueprint("smart", __name__, url_prefix="/smart")
    _add_sign_in(routes, app)
    _add_plot(routes, app)
    routes.register_error_handler(SmartError, lambda error: (_problem(str(error)), 400))
    for kind in (FhirError, ClientError):
        routes.register_error_handler(kind, lambda error: ({"error": str(error)}, 502))
    return routes


def _add_sign_in(routes: Blueprint, app: App) -> None:
    @routes.get("/launch")
    def launch() -> Response:
        issuer = request.args.get("iss") or app.launcher.registration.issuers[0]
        url, pending = app.launcher.begin(issuer, request.args.get("launch", ""))
        return _keeping(app, redirect(url), app.kept.put(pending))

    @routes.get("/callback")
    def callback() -> Response:
        pending = app.kept.take(request.cookies.get(_COOKIE, ""))
        if pending is None:
            raise SmartError("no sign-in was begun here, or too long ago: open the app again")
        login = app.launcher.finish(pending, request.args)
        return _keeping(app, redirect("/smart/chart"), app.kept.put(login))


def _add_plot(routes: Blueprint, app: App) -> None:
    @routes.get("/chart")
    def chart() -> tuple[str, int]:
        login = _login(app)
        if login is None:
            return _problem(_SIGNED_OUT), 401
        return render_template("smart.html", at=login.told.get("at", ""), styles=app.styles), 200

    @routes.get("/api/chart")
    def course() -> Any:
        login = _login(app)
        if login is None:
            return {"error": _SIGNED_OUT}, 401
        fhir = Fhir(app.session, login.issuer, login.token)
        return chart_of(fhir, login.patient_id, app.clock())

    @routes.get("/api/grades")
    def grades() -> Any:
        login = _login(app)
        if login is None:
            return {"error": _SIGNED_OUT}, 401
        return _grades(app, login)


def _grades(app: App, login: Login) -> dict[str, Any]:
    """The assessments from a day before the infusion, or of three days where there is none."""
    now, timeline = app.clock(), Timeline(app.session, app.cds, _request(app, login))
    try:
        first = instant(timeline.at(now)["infusion"]["time"]) - _BEFORE
    except (KeyError, EntryError):
        first = now - _WITHOUT_INFUSION
    return {"from": first.isoformat(), "points": timeline.between(min(first, now), now)}


def _request(app: App, login: Login) -> dict[str, Any]:
    """The call that the service grades: the chart is to be read with the user's token."""
    return {
        "hook": str(Hook.PATIENT_VIEW),
        "hookInstance": str(uuid4()),
        "fhirServer": login.issuer,
        "fhirAuthorization": {
            "access_token": login.token,
            "token_type": "Bearer",
            "expires_in": login.left_s,
            "scope": login.scope,
            "subject": app.launcher.registration.client_id,
            "patient": login.patient_id,
        },
        "context": {"userId": login.user, "patientId": login.patient_id},
    }


def _login(app: App) -> Login | None:
    return app.kept.login(request.cookies.get(_COOKIE, ""))


def _keeping(app: App, response: Response, name: str) -> Response:
    """The response with the name of what is kept; Lax, as the EHR leads back from its own site."""
    secure = urlsplit(app.launcher.registration.url).scheme == "https"
    response.set_cookie(_COOKIE, name, path=_PATH, secure=secure, httponly=True, samesite="Lax")
    return response


def _problem(text: str) -> str:
    return render_template("smart_problem.html", text=text)
