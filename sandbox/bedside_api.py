"""What the page asks its own server for: charts, hooks, orders, entries, feedback."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable
from datetime import datetime
from importlib.resources import files
from itertools import chain
from typing import Any, Final, NamedTuple
from uuid import uuid4

import requests
from flask import Blueprint, Flask, abort, request

from sandbox.bases import Bases, BaseUrlError, checked_base
from sandbox.catalog import Resource
from sandbox.client import ClientError, Hook, Mode
from sandbox.course import course
from sandbox.desk import Call, Desk
from sandbox.entries import (
    EntryError,
    changed_order,
    chart_entry,
    draft_order,
    ice_form,
    instant,
    order_path,
    signed_order,
    stopped,
)
from sandbox.fhir import Fhir, FhirError
from sandbox.loader import USER
from sandbox.ward import Ward, person

_ID: Final = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_PAGE: Final = {"_count": "500"}
Json = dict[str, Any]


class Servers:
    """The configured servers; the settings on the page replace them."""

    def __init__(self, bases: Bases, session: requests.Session) -> None:
        """Talk to these two through `session`."""
        self._session = session
        self.point_to(bases)

    def point_to(self, bases: Bases) -> None:
        """Talk to others from now on."""
        self.bases = bases
        self.fhir = Fhir(self._session, bases.fhir)
        self.desk = Desk(self._session, bases)
        self.ward = Ward(self.fhir, self.desk)

    def forget(self, patient_id: str) -> None:
        """Something was written: the chart is to be read and graded again."""
        self.desk.forget(patient_id)
        self.ward.forget(patient_id)


class Api(NamedTuple):
    """What every answer needs; `clock` gives the time with an offset."""

    servers: Servers
    clock: Callable[[], datetime]


def register(app: Flask, servers: Servers, clock: Callable[[], datetime]) -> None:
    """Serves everything under /api; what goes wrong is told as `{"error": ...}`."""
    api = Api(servers, clock)
    routes = Blueprint("api", __name__, url_prefix="/api")
    _add_ward(routes, api)
    _add_reading(routes, api)
    _add_writing(routes, api)
    _add_charting(routes, api)
    app.register_blueprint(routes)
    for kind, status in ((FhirError, 502), (ClientError, 502), (EntryError, 400)):
        app.register_error_handler(kind, _told(status))
    app.register_error_handler(BaseUrlError, _told(400))


def known_id(patient_id: str) -> str:
    """The id where it is one that FHIR allows; else the answer is 404."""
    if not _ID.fullmatch(patient_id):
        abort(404)
    return patient_id


def _told(status: int) -> Callable[[Exception], tuple[Json, int]]:
    return lambda error: ({"error": str(error)}, status)


def _add_ward(routes: Blueprint, api: Api) -> None:
    @routes.get("/ward")
    def ward() -> Json:
        found, more = api.servers.ward.patients()
        return {"patients": found, "more": more, "now": api.clock().isoformat()}

    @routes.get("/newest")
    def newest() -> Json:
        asked = request.args.get("ids", "").split(",")
        return {"newest": api.servers.ward.newest([known_id(each) for each in asked])}

    @routes.get("/ward/<patient_id>")
    def ward_row(patient_id: str) -> Json:
        return api.servers.ward.row(known_id(patient_id))


def _add_reading(routes: Blueprint, api: Api) -> None:
    pad = tomllib.loads(files("sandbox").joinpath("pad.toml").read_text("utf-8"))

    @routes.get("/pad")
    def orderables() -> Json:
        return pad

    @routes.get("/settings")
    def settings() -> Json:
        bases = api.servers.bases
        return {"fhir": bases.fhir, "cds": bases.cds}

    @routes.get("/charts/<patient_id>")
    def chart(patient_id: str) -> Json:
        return chart_of(api.servers.fhir, known_id(patient_id), api.clock())

    @routes.get("/charts/<patient_id>/grades")
    def grades(patient_id: str) -> Json:
        last = api.clock()
        first = min(instant(request.args.get("from")), last)
        return {"points": api.servers.desk.timeline(known_id(patient_id), first, last)}

    @routes.get("/forms/ice")
    def form() -> Json:
        return api.servers.desk.form("ice")


def _add_writing(routes: Blueprint, api: Api) -> None:
    @routes.post("/settings")
    def point_elsewhere() -> Json:
        body = _body()
        bases = Bases(checked_base(_string(body, "fhir")), checked_base(_string(body, "cds")))
        api.servers.point_to(bases)
        return {"fhir": bases.fhir, "cds": bases.cds}

    @routes.post("/hooks/<name>")
    def fire(name: str) -> Json:
        return api.servers.desk.fire(_call(name, _body()))

    @routes.post("/feedback")
    def feedback() -> Json:
        body = _body()
        service = known_id(_string(body, "service"))
        answer = api.servers.desk.feedback(service, body.get("feedback", {}))
        return {
            "status": answer.status,
            "problem": answer.problem,
            "sent": body.get("feedback"),
            "answer": answer.body,
        }


def _add_charting(routes: Blueprint, api: Api) -> None:
    @routes.post("/charts/<patient_id>/entries")
    def enter(patient_id: str) -> Json:
        return _written(api, patient_id, chart_entry(known_id(patient_id), _body(), api.clock()))

    @routes.post("/charts/<patient_id>/stops")
    def stop(patient_id: str) -> Json:
        fhir, body = api.servers.fhir, _body()
        given = fhir.read(f"MedicationAdministration/{known_id(_string(body, 'id'))}")
        ended = stopped(known_id(patient_id), given, body.get("at"), api.clock())
        try:
            return {"written": [fhir.update(ended)]}
        finally:
            api.servers.forget(patient_id)

    @routes.post("/charts/<patient_id>/ice")
    def enter_ice(patient_id: str) -> Json:
        url = str(api.servers.desk.form("ice").get("url", ""))
        return _written(api, patient_id, ice_form(known_id(patient_id), _body(), url, api.clock()))

    @routes.post("/charts/<patient_id>/drafts")
    def draft(patient_id: str) -> Json:
        return draft_order(known_id(patient_id), f"draft-{uuid4().hex[:12]}", _body())

    @routes.post("/charts/<patient_id>/orders")
    def sign(patient_id: str) -> Json:
        now, body, fhir = api.clock(), _body(), api.servers.fhir
        drafts = _list(body, "drafts")
        orders = [signed_order(known_id(patient_id), each, now, USER) for each in drafts]
        changes = [
            changed_order(patient_id, each, fhir.read(order_path(each)))
            for each in _list(body, "changes")
        ]
        return _written(api, patient_id, orders, changes)


def _written(
    api: Api, patient_id: str, resources: list[Resource], changes: Iterable[Resource] = ()
) -> Json:
    fhir = api.servers.fhir
    try:
        return {"written": [*map(fhir.create, resources), *map(fhir.update, changes)]}
    finally:
        api.servers.forget(patient_id)


def chart_of(fhir: Fhir, patient_id: str, now: datetime) -> Json:
    """Who it is, and the course as series; raises `FhirError`."""
    found = chain(
        fhir.search("Observation", {"patient": patient_id} | _PAGE),
        fhir.search("MedicationAdministration", {"patient": patient_id} | _PAGE),
    )
    return {
        "patient": person(fhir.read(f"Patient/{patient_id}"), now),
        "series": course(found),
        "now": now.isoformat(),
    }


def _call(name: str, body: Json) -> Call:
    """The call that the page asks for; raises `EntryError` where it is none."""
    try:
        hook, mode = Hook(name), Mode(body.get("mode", "both"))
    except ValueError as error:
        raise EntryError(str(error)) from error
    at = instant(body["at"]) if body.get("at") else None
    patient_id = known_id(_string(body, "patient"))
    drafts = tuple(each for each in _list(body, "drafts") if isinstance(each, dict))
    return Call(hook, patient_id, at, mode, drafts, tuple(map(str, _list(body, "selected"))))


def _body() -> Json:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise EntryError("the body must be a JSON object")
    return body


def _string(body: Json, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise EntryError(f"{name} is missing")
    return value


def _list(body: Json, name: str) -> list[Any]:
    value = body.get(name, [])
    if not isinstance(value, list):
        raise EntryError(f"{name} must be a list")
    return value
