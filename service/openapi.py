"""GET /openapi.json: the contract of every address, as OpenAPI 3.1, made once at start."""

from __future__ import annotations

from typing import Any, Final

from flask import Flask, Response

from grading.knowledge import EDITION
from service.catalog import SERVICES, CdsService
from service.json_shapes import ref
from service.messages import JSON, json_response
from service.openapi_answers import ANSWERS
from service.openapi_requests import REQUESTS

_FHIR: Final = "application/fhir+json"
_HTML: Final = "text/html"
_SECURED: Final[list[dict[str, Any]]] = [{}, {"client": []}]
_PROBLEMS: Final = {
    400: "the body is no JSON, or breaks CDS Hooks or FHIR",
    401: "no client is known by this token",
    403: "the client may not call this service",
    404: "no such service or page",
    405: "the verb is not served here; see Allow",
    412: "whether CAR-T was given could not be read: give prefetch or FHIR access",
    413: "larger than is read",
    415: "not application/json",
    422: "not all of one patient",
    500: "a bug; no guidance was computed",
    503: "not in time, or something failed that is no FHIR data",
}
_ALWAYS: Final = (404, 405, 500)
_ON_POST: Final = (400, 401, 403, 413, 415, 503)


def document() -> dict[str, Any]:
    """The whole contract."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "cart-toxicity-cds",
            "version": EDITION,
            "summary": "CDS Hooks service that grades CRS and ICANS after CAR-T",
        },
        "paths": {
            "/cds-services": {"get": _get("discovery", "The services on offer", "Discovery")},
            **{f"/cds-services/{service.id}": _call(service) for service in SERVICES},
            **{f"/cds-services/{service.id}/feedback": _feedback(service) for service in SERVICES},
            "/timeline": {"post": _timeline()},
            **_PAGES,
        },
        "components": {
            "schemas": REQUESTS | ANSWERS,
            "responses": {f"Problem{code}": _problem(words) for code, words in _PROBLEMS.items()},
            "securitySchemes": {
                "client": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            },
        },
    }


def register(app: Flask) -> None:
    """Serve it."""
    encoded = json_response(document()).get_data()

    def contract() -> Response:
        return Response(encoded, mimetype=JSON)

    app.add_url_rule("/openapi.json", "openapi", contract, methods=["GET"])


def _call(service: CdsService) -> dict[str, Any]:
    shape = "".join(word.title() for word in service.hook.split("-")) + "Request"
    answer = "guidance, or none: then `cards` is empty"
    operation = _post(service.id, service.title, shape, "CardsResponse", answer)
    operation["responses"] |= _problems(412, 422)
    return {"post": operation}


def _feedback(service: CdsService) -> dict[str, Any]:
    told = f"What became of the cards of {service.id}"
    name = f"{service.id}-feedback"
    return {"post": _post(name, told, "FeedbackRequest", "FeedbackResponse", "kept")}


def _timeline() -> dict[str, Any]:
    told = "The assessment at many instants"
    operation = _post("timeline", told, "TimelineRequest", "TimelineResponse", "one per instant")
    operation["responses"] |= _problems(412, 422)
    return operation


def _post(name: str, summary: str, shape: str, answer: str, words: str) -> dict[str, Any]:
    return {
        "operationId": name,
        "summary": summary,
        "security": _SECURED,
        "parameters": [_REQUEST_ID],
        "requestBody": {"required": True, "content": {JSON: {"schema": ref(shape)}}},
        "responses": {"200": _answer(words, JSON, ref(answer))} | _problems(*_ALWAYS, *_ON_POST),
    }


def _get(name: str, summary: str, shape: str) -> dict[str, Any]:
    return _page(name, summary, JSON, ref(shape))


def _page(name: str, summary: str, media_type: str, shape: Any = None) -> dict[str, Any]:
    found = _answer(summary, media_type, shape or {"type": "string"})
    return {
        "operationId": name,
        "summary": summary,
        "responses": {"200": found} | _problems(*_ALWAYS),
    }


def _rule_page() -> dict[str, Any]:
    """A page, and a page that says that there is no such rule."""
    found = _page("rule", "One rule", _HTML)
    found["responses"]["404"] = _answer("no such rule", _HTML, {"type": "string"})
    return found


def _readiness() -> dict[str, Any]:
    operation = _get("readyz", "Whether it can answer", "Status")
    operation["responses"] |= _problems(503)
    return operation


def _guarded(name: str, summary: str, media_type: str) -> dict[str, Any]:
    operation = _page(name, summary, media_type, {})
    operation["security"] = _SECURED
    operation["responses"] |= _problems(400, 401, 503)
    return operation


def _analytics() -> dict[str, Any]:
    """The use of cards, in the form that is asked for."""
    operation = _guarded("analytics", "How cards are used", JSON)
    operation["responses"]["200"]["content"] = {
        JSON: {"schema": ref("Analytics")},
        "text/csv": {"schema": {"type": "string"}},
        _HTML: {"schema": {"type": "string"}},
    }
    weeks = {"type": "integer", "minimum": 1, "maximum": 104, "default": 12}
    formats = {"type": "string", "enum": ["json", "csv", "html"]}
    operation["parameters"] = [
        {"name": "weeks", "in": "query", "description": "how many, to now", "schema": weeks},
        {"name": "format", "in": "query", "description": "before Accept", "schema": formats},
    ]
    return operation


def _answer(words: str, media_type: str, shape: Any) -> dict[str, Any]:
    return {
        "description": words,
        "headers": {"X-Request-ID": {"schema": {"type": "string"}}},
        "content": {media_type: {"schema": shape}},
    }


def _problem(words: str) -> dict[str, Any]:
    return _answer(words, JSON, ref("OperationOutcome"))


def _problems(*statuses: int) -> dict[str, Any]:
    return {str(code): {"$ref": f"#/components/responses/Problem{code}"} for code in statuses}


def _named(name: str, operation: dict[str, Any]) -> dict[str, Any]:
    where = {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    return {"parameters": [where], "get": operation}


_REQUEST_ID: Final[dict[str, Any]] = {
    "name": "X-Request-ID",
    "in": "header",
    "description": "comes back, and stands in the log",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
}
_RESOURCE: Final = ref("Resource")
_PAGES: Final[dict[str, Any]] = {
    "/fhir/CodeSystem/bedside": {"get": _page("code-system", "Codes of our own", _FHIR, _RESOURCE)},
    "/fhir/Questionnaire/ice": {"get": _page("questionnaire", "The ICE form", _FHIR, _RESOURCE)},
    "/fhir/ValueSet/{id}": _named("id", _page("value-set", "Answers of our own", _FHIR, _RESOURCE)),
    "/rules": {"get": _page("rules", "Every rule, for a clinician to read", _HTML)},
    "/rules/{id}": _named("id", _rule_page()),
    "/about": {"get": _page("about", "What this is, and how it is set up", _HTML)},
    "/openapi.json": {"get": _page("openapi", "This document", JSON, {"type": "object"})},
    "/healthz": {"get": _get("healthz", "Whether the process runs", "Status")},
    "/readyz": {"get": _readiness()},
    "/analytics": {"get": _analytics()},
    "/metrics": {"get": _guarded("metrics", "Counters for Prometheus", "text/plain")},
}
