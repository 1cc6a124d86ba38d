"""The stop of an active order over HTTP: the whole order as it was delivered, or no suggestion."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask

from tests import charts
from tests.builders import ordered
from tests.charts import USUAL, Case
from tests.ehr import prefetch_for
from tests.fhir_codes import Resource
from tests.fhir_stub import running
from tests.service.calls import post, reading, request

ICANS_2 = charts.resources(
    Case("icans", {**USUAL, "ice": [{"total": 5}]}, (), (), (), {}),
)
ZOLPIDEM = ordered(
    "text|Zolpidem 5 mg",
    route="oral",
    at="9h",
    id="z1",
    meta={"versionId": "3", "lastUpdated": "2026-11-22T05:00:00Z"},
    extension=[{"url": "https://ehr.example.org/slot", "valueString": "22:00"}],
)
LORAZEPAM = ordered("text|Lorazepam 1 mg", at="9h", id="l1")


def updates(body: Resource) -> list[dict[str, Any]]:
    acts = (
        act
        for card in body["cards"]
        for suggestion in card.get("suggestions", ())
        for act in suggestion["actions"]
    )
    return [act for act in acts if act["type"] != "create"]


def asked(app: Flask, *orders: Resource) -> list[dict[str, Any]]:
    prefetch = dict(prefetch_for([*ICANS_2, *orders]))
    return updates(post(app, request(prefetch=prefetch)).get_json())


def test_a_prefetched_order_is_stopped_as_a_whole(app: Flask) -> None:
    [action] = asked(app, ZOLPIDEM, LORAZEPAM)
    assert action["type"] == "update"
    assert action["resource"] == {**ZOLPIDEM, "status": "stopped"}


def test_what_an_order_says_in_odd_numbers_and_depth_goes_back_and_empties_do_not(
    app: Flask,
) -> None:
    odd = '{"url":"https://e/x","valueDecimal":2.50},{"url":"https://e/y","valueDecimal":1e400}'
    long = '{"url":"https://e/z","valueInteger":' + "9" * 5000 + "}"
    deep = '{"extension":[' * 150 + '{"url":"https://e/y"}' + "]}" * 150
    order = {**ZOLPIDEM, "note": [], "groupIdentifier": None, "extension": "@@"}
    body = json.dumps(request(prefetch=dict(prefetch_for([*ICANS_2, order]))))
    sent = f"{odd},{long},{deep}"
    response = post(app, body.replace('"@@"', f"[{sent}]").encode())

    assert response.status_code == 200
    assert f'"extension":[{sent}]' in response.text
    assert '"note":[]' not in response.text
    assert '"groupIdentifier"' not in response.text


def test_the_text_of_an_order_is_no_part_of_a_description(app: Flask) -> None:
    marked = "Zolpidem 5 mg <img src=x onerror=alert(1)> [click](http://evil.example.org)"
    [action] = asked(app, {**ZOLPIDEM, "medicationCodeableConcept": {"text": marked}})

    assert "zolpidem" in action["description"]
    assert [each for each in ("<", "[", "evil", "5 mg") if each in action["description"]] == []


def test_an_order_that_was_read_is_stopped_as_a_whole(app: Flask) -> None:
    with running([*ICANS_2, ZOLPIDEM]) as stub:
        [action] = updates(post(app, reading(stub)).get_json())
    assert action["resource"] == {**ZOLPIDEM, "status": "stopped"}


@pytest.mark.parametrize(
    "orders",
    [
        (LORAZEPAM,),
        (ZOLPIDEM | {"status": "on-hold", "intent": "plan"},),
        (ZOLPIDEM | {"status": "draft"},),
        (ZOLPIDEM | {"status": "completed"},),
        (ZOLPIDEM, ZOLPIDEM | {"priority": "stat"}),
    ],
    ids=["protected", "planned", "draft", "completed", "two-versions"],
)
def test_no_stop_is_offered(app: Flask, orders: tuple[Resource, ...]) -> None:
    assert asked(app, *orders) == []
