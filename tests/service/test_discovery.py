"""Discovery: what is on offer, as CDS Hooks wants it said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from flask import Flask

from service import create_app, demo_settings
from tests.service.calls import post, request
from tests.service.order_calls import ordering

CONTROLS = {"_sort", "_count"}
TOKEN = "{{context.patientId}}"  # noqa: S105 - a CDS Hooks prefetch token


HOOKS = ["patient-view", "order-select", "order-sign"]


def all_offered(app: Flask) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = app.test_client().get("/cds-services").get_json()["services"]
    return found


def offered(app: Flask, hook: str = "patient-view") -> dict[str, Any]:
    (found,) = [service for service in all_offered(app) if service["hook"] == hook]
    return found


def empties(value: Any, path: str = "$") -> Iterator[str]:
    """Where a tree holds a null, or an empty text, list or object."""
    if value is None or value in ("", [], {}):
        yield path
    members = dict(enumerate(value)) if isinstance(value, list) else value
    if isinstance(members, Mapping):
        for name, item in members.items():
            yield from empties(item, f"{path}.{name}")


def test_discovery_is_200_and_json(app: Flask) -> None:
    response = app.test_client().get("/cds-services", headers={"Authorization": "Bearer x"})

    assert response.status_code == 200
    assert response.mimetype == "application/json"
    assert set(response.get_json()) == {"services"}


def test_there_is_one_service_for_each_hook_with_an_id_of_its_own(app: Flask) -> None:
    services = all_offered(app)

    assert [service["hook"] for service in services] == HOOKS
    assert [service["id"] for service in services] == [f"cart-toxicity-{hook}" for hook in HOOKS]


@pytest.mark.parametrize("hook", HOOKS)
def test_a_service_says_what_it_is(app: Flask, hook: str) -> None:
    service = offered(app, hook)

    assert service["hookVersion"] == "1.0"
    assert re.fullmatch(r"\d+\.\d+\.\d+", service["version"])
    assert all(
        isinstance(service[name], str) and service[name]
        for name in ("title", "description", "usageRequirements")
    )


@pytest.mark.parametrize("hook", HOOKS)
def test_every_service_on_offer_can_be_called(app: Flask, hook: str) -> None:
    body = request() if hook == "patient-view" else ordering(hook)
    response = app.test_client().post(f"/cds-services/{offered(app, hook)['id']}", json=body)

    assert response.status_code == 200


@pytest.mark.parametrize("dates", [False, True])
def test_all_services_ask_for_the_same_prefetch(dates: bool) -> None:
    services = all_offered(create_app(demo_settings(prefetch_dates=dates)))

    assert all(
        list(each["prefetch"].items()) == list(services[0]["prefetch"].items()) for each in services
    )


def test_the_eleven_keys_are_advertised_in_order(app: Flask) -> None:
    assert list(offered(app)["prefetch"]) == [
        "patient",
        "procedures",
        "infusions",
        "given",
        "medicationOrders",
        "testOrders",
        "bedside",
        "trends",
        "conditions",
        "reports",
        "questionnaires",
    ]


@pytest.mark.parametrize("dates", [False, True])
def test_templates_stay_within_the_portable_queries(dates: bool) -> None:
    for template in offered(create_app(demo_settings(prefetch_dates=dates)))["prefetch"].values():
        path, _, query = template.partition("?")
        names = [pair.partition("=")[0] for pair in query.split("&") if query]

        assert re.fullmatch(rf"[A-Z][A-Za-z]+(/{re.escape(TOKEN)})?", path)
        assert template.count(TOKEN) == 1
        assert len(names) == len(set(names))
        assert not any(":" in name or "." in name for name in names)
        assert {name for name in names if name.startswith("_")} <= CONTROLS
        assert ("today()" in template) <= dates


@pytest.mark.parametrize("dates", [False, True])
def test_tokens_beside_the_patient_are_dates_only(dates: bool) -> None:
    templates = offered(create_app(demo_settings(prefetch_dates=dates)))["prefetch"]
    tokens = {token for text in templates.values() for token in re.findall(r"\{\{.*?\}\}", text)}

    assert all(re.fullmatch(r"\{\{today\(\) - \d+ days\}\}", t) for t in tokens - {TOKEN})
    assert (len(tokens) > 1) == dates


@pytest.mark.parametrize("path", ["/cds-services", "/healthz", "/readyz", "/fhir/ValueSet/nope"])
def test_nothing_empty_is_sent(app: Flask, path: str) -> None:
    assert list(empties(app.test_client().get(path).get_json())) == []


def test_no_card_and_no_assessment_holds_anything_empty(app: Flask) -> None:
    assert list(empties(post(app, request()).get_json())) == []


def test_where_there_is_nothing_to_say_only_the_cards_are_empty(app: Flask) -> None:
    answer = post(app, request(prefetch={"procedures": None, "infusions": None}))

    assert list(empties(answer.get_json())) == ["$.cards"]


def test_answers_hold_no_member_that_cds_hooks_does_not_name(app: Flask) -> None:
    assert set(post(app, request()).get_json()) <= {"cards", "systemActions", "extension"}
