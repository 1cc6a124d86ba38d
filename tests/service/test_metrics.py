"""What `/metrics` shows: enough to run the service, and nothing of anybody."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, g
from sqlalchemy.exc import OperationalError

from service import create_app, demo_settings, metrics
from service.catalog import SERVICES
from service.log import Event
from service.meters import families
from service.metrics import Stage, StoreUse, bounded, server_name, stage
from service.settings import ScopeUnknown, Settings
from service.store import Store
from tests.builders import temperature
from tests.charts import USUAL, Case, patient_view, resources
from tests.ehr import prefetch_for
from tests.fhir_stub import refused, running
from tests.service.calls import FEBRILE, PATH, TOKEN, post, reading, request
from tests.service.identities import NOW, bearer, ec, production, public, token
from tests.service.measured import count, shown, total
from tests.service.order_calls import HOOKS, draft, ordering, reading_orders

SECRET = "metrics-token-123456"  # noqa: S105 - for this test alone
DOCUMENT = Path(__file__).parents[2] / "docs/operations.md"
VIEW = "cart-toxicity-patient-view"


def closed(folder: Path, **changes: Any) -> Settings:
    client = {"name": "a", "issuer": "https://sandbox.example.org", "keys": [public(ec())]}
    return production(folder, client, allow_evaluate_at=True, **changes)


@pytest.mark.parametrize(
    ("given", "sent", "status"),
    [
        ("", {}, 404),
        ("", bearer(""), 404),
        (SECRET, {}, 401),
        (SECRET, bearer("other"), 401),
        (SECRET, bearer(f"{SECRET}é"), 401),
        (SECRET, bearer(SECRET), 200),
    ],
)
def test_production_shows_metrics_to_the_token_alone(
    tmp_path: Path, given: str, sent: dict[str, str], status: int
) -> None:
    client = create_app(closed(tmp_path, metrics_token=given)).test_client()

    assert client.get("/metrics", headers=sent).status_code == status


def test_the_demo_shows_them_to_anyone_unless_a_token_is_set(app: Flask) -> None:
    guarded = create_app(demo_settings(metrics_token=SECRET)).test_client()

    assert app.test_client().get("/metrics").mimetype == "text/plain"
    assert guarded.get("/metrics").status_code == 401


def test_a_call_is_counted_and_timed_as_a_whole_and_by_stage(app: Flask) -> None:
    before = shown(app)
    with running(FEBRILE) as stub:
        assert post(app, reading(stub)).status_code == 200
    after = shown(app)

    def more(name: str, **labels: str) -> float:
        return count(after, name, **labels) - count(before, name, **labels)

    assert more("requests_total", endpoint=VIEW, status="200") == 1
    assert more("request_seconds_count", service=VIEW) == 1
    assert {each: more("stage_seconds_count", stage=each) for each in Stage} == dict.fromkeys(
        Stage, 1
    )
    assert more("events_total", event=Event.HOOK_ANSWERED) == 1
    parts = sum(more("stage_seconds_sum", stage=each) for each in Stage)
    assert 0 < parts <= more("request_seconds_sum", service=VIEW)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.id)
def test_each_service_has_its_own_time(app: Flask, service: Any) -> None:
    before = count(shown(app), "request_seconds_count", service=service.id)
    body = request() if service.id == VIEW else ordering(service.hook, draft("filgrastim"))
    app.test_client().post(service.path, json=body)

    assert count(shown(app), "request_seconds_count", service=service.id) == before + 1


def test_what_alerts_wait_for_is_there_before_it_happens(app: Flask) -> None:
    """Prometheus sees no increase in a series that begins with 1."""
    found = shown(app)

    for event in Event:
        assert ("cart_cds_events_total", frozenset({("event", event.value)})) in found
    for use in StoreUse:
        assert ("cart_cds_store_failures_total", frozenset({("operation", use.value)})) in found


def test_what_is_no_call_of_a_service_is_counted_but_not_timed(app: Flask) -> None:
    before = shown(app)
    app.test_client().get("/nope")
    app.test_client().get("/healthz")
    after = shown(app)

    for endpoint, status in (("none", "404"), ("healthz", "200")):
        counted = count(after, "requests_total", endpoint=endpoint, status=status)
        assert counted == count(before, "requests_total", endpoint=endpoint, status=status) + 1
    assert total(after, "request_seconds_count") == total(before, "request_seconds_count")


def test_cards_are_counted_by_topic_rule_and_indicator() -> None:
    app = create_app(demo_settings(base_url="https://cds.example.org"))
    before = shown(app)
    cards = post(app, request()).get_json()["cards"]
    after = shown(app)

    assert total(after, "cards_total") - total(before, "cards_total") == len(cards)
    for card in cards:
        rule = card["source"]["url"].rpartition("/")[2].replace("rules", "none")
        labels = {"topic": card["source"]["topic"]["code"], "indicator": card["indicator"]}
        found = count(after, "cards_total", rule=rule, **labels)
        assert found > count(before, "cards_total", rule=rule, **labels)


def test_cards_without_a_page_of_ours_have_no_rule(app: Flask) -> None:
    elsewhere = {"topic": {"code": "CRSGrade"}, "url": "https://doi.example.org/1"}
    labels = {"topic": "CRSGrade", "rule": "none", "indicator": "warning"}
    before = count(shown(app), "cards_total", **labels)
    metrics.answered({"cards": [{"source": elsewhere, "indicator": "warning"}]})

    assert count(shown(app), "cards_total", **labels) == before + 1


def test_a_grade_that_cannot_be_given_counts_by_what_is_missing(app: Flask) -> None:
    uncharted = {**USUAL, "temperature": []}
    chart = resources(Case("no temperature", uncharted, (), (), (), {}))
    before = shown(app)
    found = post(app, patient_view(prefetch_for(chart))).get_json()["extension"]
    (told,) = found.values()
    after = shown(app)

    assert told["crs"]["state"] == "not-assessable"
    for missing in told["crs"]["missing"]:
        labels = {"syndrome": "crs", "input": missing}
        assert (
            count(after, "not_gradable_total", **labels)
            == count(before, "not_gradable_total", **labels) + 1
        )


def test_failed_reads_count_by_server_and_kind(app: Flask) -> None:
    before = shown(app)
    with running(FEBRILE, [refused("/Condition", 403)]) as stub:
        post(app, reading(stub))
    post(app, request(fhirServer="http://canary.example.org/fhir", prefetch={}))
    after = shown(app)

    for server, kind in (("loopback", "http-403"), ("other", "server-not-allowed")):
        labels = {"server": server, "kind": kind}
        assert count(after, "fhir_errors_total", **labels) > count(
            before, "fhir_errors_total", **labels
        )


@pytest.mark.parametrize(
    ("base", "name"),
    [
        (None, "other"),
        ("", "other"),
        ("http://127.0.0.1:8043/fhir", "loopback"),
        ("http://localhost/fhir", "loopback"),
        ("https://EHR.example.org:8443/api/FHIR/R4", "ehr.example.org"),
    ],
)
def test_a_server_is_told_by_its_host(base: str | None, name: str) -> None:
    assert server_name(base) == name


@pytest.mark.parametrize(
    ("kind", "label"),
    [
        ("timeout", "timeout"),
        ("no-bearer-token", "no-bearer-token"),
        ("claim exp", "claim exp"),
        ("http-403", "http-403"),
        ("key-server-502", "key-server-502"),
        ("http-599", "http-other"),
        ("http-999", "other"),
        ("Patient/1", "other"),
        ("x" * 41, "other"),
        ("", "other"),
    ],
)
def test_kinds_are_words_of_ours_and_statuses_of_http(kind: str, label: str) -> None:
    assert bounded(kind) == label


def test_refused_tokens_count_by_reason(tmp_path: Path, app: Flask) -> None:
    gated = create_app(closed(tmp_path), clock=lambda: NOW)
    before = shown(app)
    head = bearer(token())
    statuses = [
        gated.test_client().post(PATH, json=request(), headers=headers).status_code
        for headers in (head, head, {}, bearer(token(iss="https://canary.example.org")))
    ]
    after = shown(app)

    assert statuses == [200, 401, 401, 401]
    for reason in ("replay", "no-bearer-token", "issuer"):
        labels = {"reason": reason}
        assert (
            count(after, "clients_refused_total", **labels)
            == count(before, "clients_refused_total", **labels) + 1
        )


def test_failures_of_the_store_count_by_what_it_was_to_do(
    tmp_path: Path, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    gated = create_app(closed(tmp_path), clock=lambda: NOW)
    before = shown(app)

    def broken(*_: Any, **__: Any) -> None:
        raise OperationalError("SELECT", {}, Exception("canary"))

    monkeypatch.setattr(Store, "_begin", broken)
    monkeypatch.setattr("service.store._CLEAN_EVERY_S", -1.0)
    gated.test_client().post(PATH, json=request(), headers=bearer(token()))
    app.test_client().post(f"{PATH}/feedback", json=feedback("a card"))
    gated.test_client().get("/readyz")
    monkeypatch.undo()
    after = shown(app)

    for use in (StoreUse.TOKEN, StoreUse.FEEDBACK, StoreUse.PING):
        assert (
            count(after, "store_failures_total", operation=use)
            == count(before, "store_failures_total", operation=use) + 1
        )


def feedback(card: str) -> dict[str, Any]:
    entry = {"card": card, "outcome": "overridden", "outcomeTimestamp": "2026-11-22T14:00:00Z"}
    return {"feedback": [entry]}


def test_feedback_counts_once_however_often_it_is_sent(app: Flask) -> None:
    before = count(shown(app), "feedback_total", service=VIEW)
    for _ in range(2):
        app.test_client().post(f"{PATH}/feedback", json=feedback("of the count"))

    assert count(shown(app), "feedback_total", service=VIEW) == before + 1


def test_suppressed_cards_count_by_topic(app: Flask) -> None:
    before = count(shown(app), "suppressed_total", topic="CRSGrade")
    metrics.suppressed("CRSGrade")
    metrics.suppressed("CRSGrade", 2)

    assert count(shown(app), "suppressed_total", topic="CRSGrade") == before + 3


def test_a_stage_outside_a_call_is_not_counted(app: Flask) -> None:
    before = total(shown(app), "stage_seconds_count")
    with stage(Stage.MAP):
        pass
    with app.app_context(), stage(Stage.MAP):
        pass

    assert total(shown(app), "stage_seconds_count") == before


def test_nothing_of_the_patient_the_user_or_the_token_is_shown(app: Flask) -> None:
    """Calls that succeed, fail and break, with marks in every place; not one is a label."""
    marks = ("canary", "patient-a", "nurse-1", TOKEN, "38.6", "1966-04-10", "127.0.0.1", "/fhir")
    noted = temperature(38.6, id="canary-id", note=[{"text": "canary-note"}])
    context = {"userId": "Practitioner/nurse-1", "patientId": "patient-a", "encounterId": "canary"}
    unknown = create_app(demo_settings(scope_unknown=ScopeUnknown.STATUS_412))
    with running([*FEBRILE, noted], [refused("/Condition", 500)]) as stub:
        whole = reading(stub, context=context, hookInstance="canary-hook")
        post(app, whole)
        post(app, whole | {"fhirServer": "http://canary.example.org/fhir"})
        post(app, whole | {"hook": "canary"})
        post(app, whole | {"prefetch": {"patient": {"resourceType": "Patient", "id": "canary"}}})
        for hook in HOOKS:
            body = reading_orders(stub, hook, draft("filgrastim canary", "canary-order"))
            app.test_client().post(f"/cds-services/cart-toxicity-{hook}", json=body)
        stub.faults = [refused("", 401)]
        post(unknown, whole)
    app.test_client().get("/canary?patient=patient-a")
    app.test_client().post(f"{PATH}/feedback", json=feedback("canary-card"))
    shown_text = app.test_client().get("/metrics").text

    assert len(shown_text.splitlines()) > 100
    assert [mark for mark in marks if mark in shown_text] == []


def test_the_document_names_every_metric_and_no_other() -> None:
    text = DOCUMENT.read_text("utf-8")
    rows = re.findall(r"^\| `(cart_cds_\w+)` \| (\w+) \| (.*?) \|", text, re.MULTILINE)
    told = {name: (kind, re.findall(r"`(\w+)`", labels)) for name, kind, labels in rows}

    assert told == {each.name: (each.kind, list(each.labels)) for each in families()}


def test_what_is_shown_is_what_is_documented(app: Flask) -> None:
    text = app.test_client().get("/metrics").text
    typed = re.findall(r"^# TYPE (cart_cds_\w+) (\w+)$", text, re.MULTILINE)
    named = {(name, kind) for name, kind in typed if not name.endswith("_created")}

    assert named == {(each.name, each.kind) for each in families()}


def test_the_alerts_of_the_document_use_metrics_and_labels_that_exist() -> None:
    known = {each.name: {*each.labels, "le"} for each in families()}
    block = DOCUMENT.read_text("utf-8").partition("## Alerts")[2].partition("\n## ")[0]
    used = re.findall(r"(cart_cds_\w+?)(?:_bucket|_count|_sum)?(?:\{(.*?)\})?(?=[^\w])", block)

    assert len(used) > 10
    for name, selector in used:
        assert name in known
        assert set(re.findall(r"(\w+)=", selector)) <= known[name]


def test_counting_a_call_costs_less_than_a_third_of_a_millisecond(app: Flask) -> None:
    body = post(app, request()).get_json()

    def counted() -> None:
        g.stages = {}
        for each in (*Stage, *Stage):
            with stage(each):
                pass
        metrics.answered(body)
        metrics.logged(Event.HOOK_ANSWERED)
        metrics.request_answered(VIEW, 200)
        metrics.call_answered(VIEW, 0.01, g.stages)

    def spent_ms() -> float:
        began = time.process_time()
        for _ in range(100):
            counted()
        return (time.process_time() - began) * 1000 / 100

    with app.app_context():
        counted()
        spent = min(spent_ms() for _ in range(10))  # the machine may be busy with other things

    assert spent < (0.3 if sys.gettrace() is None else 1.5)  # measuring coverage costs more
