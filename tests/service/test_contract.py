"""The published contract: it is whole, it is true, and it survives what a generator sends."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest
import requests
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from service.catalog import SERVICES
from service.openapi import document
from tests.builders import infused
from tests.ehr import prefetch_for
from tests.service.calls import FEBRILE, PATH, post, request
from tests.service.contract import broken, faults
from tests.service.order_calls import HOOKS, draft, fire, ordering

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


OPERATIONS = {
    f"{operation.method} {operation.path}": operation
    for operation in (
        found.ok() for found in schemathesis.openapi.from_dict(document()).get_all_operations()
    )
}
LEGAL, BROKEN = GenerationMode.POSITIVE, GenerationMode.NEGATIVE


@pytest.mark.parametrize("mode", [LEGAL, BROKEN], ids=["legal", "broken"])
@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_whatever_a_generator_sends_is_answered_by_the_contract(
    address: str, http: requests.Session, operation: Any, mode: GenerationMode
) -> None:
    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=12 if operation.body else 3,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def send(case: schemathesis.Case) -> None:
        case.call_and_validate(base_url=address, session=http, checks=CHECKS, timeout=30)

    if mode is LEGAL or operation.body:
        send()


def test_the_document_is_json_schema_throughout(app: Flask) -> None:
    found = app.test_client().get("/openapi.json").get_json()

    assert found["openapi"] == "3.1.0"
    for shape in found["components"]["schemas"].values():
        jsonschema_rs.meta.validate(shape)


def test_every_route_is_in_the_document(app: Flask) -> None:
    paths = app.test_client().get("/openapi.json").get_json()["paths"]
    documented = {(re.sub(r"\{\w+\}", "*", path), verb) for path in paths for verb in paths[path]}
    served = {
        (re.sub(r"<[\w:]+>", "*", rule.rule), verb.lower())
        for rule in app.url_map.iter_rules()
        for verb in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    artifacts = {pair for pair in served if pair[0].startswith("/fhir/ValueSet/")}

    assert served - artifacts - documented == set()
    assert ("/fhir/ValueSet/*", "get") in documented


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.id)
def test_every_service_has_its_own_request_and_feedback(app: Flask, service: Any) -> None:
    paths = app.test_client().get("/openapi.json").get_json()["paths"]
    body = paths[f"/cds-services/{service.id}"]["post"]["requestBody"]["content"]
    name = body["application/json"]["schema"]["$ref"].rpartition("/")[2]
    shape = app.test_client().get("/openapi.json").get_json()["components"]["schemas"][name]

    assert shape["properties"]["hook"] == {"const": service.hook}
    assert f"/cds-services/{service.id}/feedback" in paths


def test_discovery_is_of_its_shape(app: Flask) -> None:
    assert broken("Discovery", app.test_client().get("/cds-services").get_json()) == []


def _orders(hook: str) -> Callable[[Flask], Any]:
    drugs = ("filgrastim", "tocilizumab", "dexamethasone", "zolpidem", "anakinra")
    drafts = [draft(drug, f"d{number}") for number, drug in enumerate(drugs)]
    return lambda app: fire(app, ordering(hook, *drafts))


SHOCK = prefetch_for([*FEBRILE, infused("norepinephrine", start="3h", rate=8)])
ANSWERS: dict[str, Callable[[Flask], Any]] = {
    "a grade": lambda app: post(app, request()),
    "a higher grade with drafts": lambda app: post(app, request(prefetch=SHOCK)),
    "scope unknown": lambda app: post(app, request(prefetch=...)),
    "out of scope": lambda app: post(
        app, request(prefetch={"procedures": None, "infusions": None})
    ),
    "drafts selected": _orders(HOOKS[0]),
    "drafts to sign": _orders(HOOKS[1]),
    "no JSON": lambda app: post(app, b"{"),
    "no page": lambda app: app.test_client().get("/nope"),
    "no such verb": lambda app: app.test_client().get(PATH),
    "no such media type": lambda app: post(app, request(), content_type="text/plain"),
}


@pytest.mark.parametrize("ask", ANSWERS.values(), ids=ANSWERS)
def test_an_answer_is_of_its_shape(app: Flask, ask: Callable[[Flask], Any]) -> None:
    response = ask(app)

    assert faults(response.status_code, response.data) == []


def test_requests_of_our_tests_are_of_their_shape() -> None:
    assert broken("PatientViewRequest", request()) == []
    assert broken("OrderSelectRequest", ordering(HOOKS[0], draft("filgrastim"))) == []
    assert broken("OrderSignRequest", ordering(HOOKS[1], draft("filgrastim"))) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"summary": "x" * 140}, "/cards/0/summary"),
        ({"summary": "two\nlines"}, "/cards/0/summary"),
        ({"indicator": "hard-stop"}, "/cards/0/indicator"),
        ({"detail": None}, "/cards/0/detail"),
        ({"suggestions": []}, "/cards/0/suggestions"),
        ({"selectionBehavior": "all"}, "/cards/0/selectionBehavior"),
        ({"custom": 1}, "/cards/0"),
        ({"uuid": "1"}, "/cards/0/uuid"),
        ({"links": [{"label": "a", "url": "a", "type": "absolute"}]}, "/cards/0/links/0/url"),
        (
            {
                "links": [
                    {
                        "label": "a",
                        "url": "https://a.example.org",
                        "type": "absolute",
                        "appContext": "x",
                    }
                ]
            },
            "/cards/0/links/0/type",
        ),
    ],
)
def test_the_shapes_find_what_is_wrong(app: Flask, change: dict[str, Any], told: str) -> None:
    answer = post(app, request()).get_json()
    answer["cards"][0] |= change

    assert any(each.startswith(f"{told}:") for each in broken("CardsResponse", answer))
