"""Fired cards: what is recorded of them, what feedback is tied to them, and shadow mode."""

from __future__ import annotations

import json
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from fhir_mappings.times import iso
from grading.knowledge import EDITION
from service import create_app
from service.card_store import CardStore
from service.store import Store, StoreError, make_engine
from service.tables import FEEDBACK, FIRED_CARD
from tests.service.calls import PATH, request
from tests.service.identities import NOW, bearer, ec, production, public, token
from tests.service.order_calls import SIGN, draft, ordering
from tests.service.ward import START, Ward, chart, graded_chart, viewed

CLIENT = {"name": "a", "issuer": "https://sandbox.example.org", "keys": [public(ec())]}


@pytest.fixture
def ward(database_url: str) -> Ward:
    return Ward(database_url)


def linked(ward: Ward) -> list[int | None]:
    found = ward.select(select(FEEDBACK.c.fired_card).order_by(FEEDBACK.c.id))
    return [row.fired_card for row in found]


def test_a_card_is_recorded_with_what_it_rests_on(ward: Ward) -> None:
    body = viewed(graded_chart(2))
    (card,) = ward.cards(body)
    (row,) = ward.rows()

    assert (row.card, row.fired, row.hook_instance) == (card["uuid"], START, body["hookInstance"])
    assert (row.client, row.tenant, row.service) == ("", None, "cart-toxicity-patient-view")
    assert (row.topic, row.indicator, row.state) == ("crs", "warning", "shown")
    assert {"CRS-F2", "CRS-P1", "MGMT-CRS-06"} <= set(row.rules.split())
    assert (row.crs_lo, row.crs_hi, row.icans_lo, row.icans_hi) == (2, 2, 0, 0)
    assert (row.content_edition, row.site_edition) == (EDITION, None)
    assert 0 <= row.reads_ms <= row.total_ms
    assert (len(row.subject), len(row.signature)) == (32, 32)


def test_of_an_order_card_the_rules_are_those_of_its_alert(ward: Ward) -> None:
    ward.cards(ordering(SIGN, draft("filgrastim"), prefetch=graded_chart(2)))
    (row,) = ward.rows()
    rule, _, ingredient = row.topic.partition("/")

    assert (row.service, ingredient) == ("cart-toxicity-order-sign", "filgrastim")
    assert row.rules.split()[0] == rule


def test_out_of_scope_an_order_card_has_no_grade(ward: Ward) -> None:
    late: Any = {"cells": [{"product": "axi-cel", "at": "2400h"}]}
    ward.cards(ordering(SIGN, draft("measles vaccine, live"), prefetch=chart(**late)))

    assert all(row.crs_lo is None for row in ward.rows())


def test_a_critical_card_has_no_subject(ward: Ward) -> None:
    ward.view(3)
    (row,) = ward.rows()

    assert (row.indicator, row.subject) == ("critical", None)


def test_a_hook_instance_that_is_no_uuid_is_not_kept(ward: Ward) -> None:
    ward.view(2, hookInstance="patient-a/visit")

    assert [row.hook_instance for row in ward.rows()] == [None]


def test_where_no_card_fires_nothing_is_written(ward: Ward) -> None:
    ward.run(text("ALTER TABLE fired_card RENAME TO gone"))
    response = ward.ask(viewed(chart()))

    assert response.get_json()["cards"] == []


@pytest.mark.parametrize("shadow", [False, True], ids=["open", "shadow"])
def test_a_store_that_fails_costs_no_card(
    tmp_path: Path, shadow: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path / 's.sqlite3'}"
    settings = production(
        tmp_path, CLIENT | {"shadow": shadow}, database_url=url, allow_evaluate_at=True
    )
    app = create_app(settings, clock=lambda: NOW)
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE fired_card RENAME TO gone"))
    engine.dispose()
    response = app.test_client().post(PATH, json=request(), headers=bearer(token()))
    logged = [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    assert response.status_code == 200
    assert bool(response.get_json()["cards"]) is not shadow
    assert [line["event"] for line in logged if line["level"] == "error"] == ["store_failed"]
    assert logged[-1]["unrecorded"] == logged[-1]["cards"] == 1


def test_a_busy_store_is_waited_for_a_moment_only(ward: Ward) -> None:
    engine = make_engine(ward.url)
    lock = "BEGIN IMMEDIATE" if "sqlite" in ward.url else "LOCK TABLE fired_card"
    with engine.connect() as connection:
        connection.exec_driver_sql(lock)
        started = time.monotonic()
        cards = ward.view(2)
        waited = time.monotonic() - started
    engine.dispose()

    assert len(cards) == 1
    assert 0.2 < waited < 4
    assert ward.rows() == []


def test_what_fails_within_a_transaction_leaves_no_card(database_url: str) -> None:
    ward = Ward(database_url)
    ward.view(2)
    store = Store(make_engine(database_url))
    (row,) = (dict(each._mapping) for each in ward.rows())
    with pytest.raises(StoreError, match="why"), CardStore(store).opened("why") as cards:
        cards.record([row, row | {"card": None}])
    store.close()

    assert len(ward.rows()) == 1


def test_many_calls_at_once_are_all_recorded(ward: Ward) -> None:
    body = viewed(graded_chart(2))
    gate = threading.Barrier(8)

    def call() -> None:
        gate.wait(30)
        ward.cards(body)

    threads = [threading.Thread(target=call) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)

    assert len(ward.rows()) == 8


# --- feedback ------------------------------------------------------------------------------------


def test_feedback_is_tied_to_its_card(ward: Ward) -> None:
    (first,) = ward.view(1)
    (second,) = ward.view(2)
    ward.answer(second, "accepted")
    ward.answer(first, "overridden")
    by_card = {row.card: row.id for row in ward.rows()}

    assert linked(ward) == [by_card[second["uuid"]], by_card[first["uuid"]]]


@pytest.mark.parametrize("spelled", ["{}", "urn:uuid:{}", "URN:UUID:{}", " {} "])
@pytest.mark.parametrize("is_upper", [True, False])
def test_feedback_is_tied_to_its_card_however_its_uuid_is_spelled(
    ward: Ward, spelled: str, is_upper: bool
) -> None:
    (card,) = ward.view(2)
    uuid = card["uuid"].upper() if is_upper else card["uuid"]
    ward.feedback(spelled.format(uuid), "overridden")

    assert linked(ward) == [ward.rows()[0].id]
    assert ward.view(2) == []


@pytest.mark.parametrize("other", ["123456", "-{}", "{}0", "urn:oid:{}"])
def test_feedback_is_not_tied_to_a_card_of_another_uuid(ward: Ward, other: str) -> None:
    (card,) = ward.view(2)
    ward.feedback(other.format(card["uuid"]), "overridden")

    assert linked(ward) == [None]
    assert ward.view(2)


def test_feedback_on_an_unknown_card_is_kept_as_it_is(ward: Ward) -> None:
    ward.view(2)
    answers = [ward.feedback(card, "overridden") for card in ("123456", str(uuid.uuid4()))]

    assert [answer.get_json()["stored"] for answer in answers] == [1, 1]
    assert linked(ward) == [None, None]


def test_feedback_that_comes_twice_is_tied_once(ward: Ward) -> None:
    (card,) = ward.view(2)
    for _ in range(2):
        ward.answer(card, "overridden")

    assert linked(ward) == [1]


def test_of_a_card_that_fired_twice_the_one_that_was_shown_last_is_answered(ward: Ward) -> None:
    body = viewed(graded_chart(2))
    (card,) = ward.cards(body)
    ward.cards(body)
    ward.answer(card, "overridden")
    ward.cards(body)
    ward.now += 1000
    ward.answer(card, "overridden")

    assert [row.state for row in ward.rows()] == ["shown", "shown", "suppressed"]
    assert linked(ward) == [2, 2]


def test_the_feedback_of_another_tenant_is_not_tied(tmp_path: Path, database_url: str) -> None:
    ward = Ward(database_url)
    settings = production(tmp_path, CLIENT, database_url=database_url, allow_evaluate_at=True)
    app = create_app(settings, clock=lambda: NOW)

    def send(path: str, body: Any, tenant: str) -> Any:
        head = bearer(token(tenant=tenant))
        return app.test_client().post(path, json=body, headers=head).get_json()

    (card,) = send(PATH, request(), "ward-a")["cards"]
    at = iso(NOW)
    entry = {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": at}
    for tenant in ("ward-b", "ward-a"):
        send(f"{PATH}/feedback", {"feedback": [entry]}, tenant)
    (row,) = ward.rows()

    assert (row.client, row.tenant) == ("a", "ward-a")
    assert linked(ward) == [None, row.id]
    assert send(PATH, request(), "ward-a")["cards"] == []
    assert len(send(PATH, request(), "ward-b")["cards"]) == 1


def test_feedback_of_a_card_whose_subject_is_gone_makes_nothing_quiet(ward: Ward) -> None:
    (card,) = ward.view(2)
    ward.run(FIRED_CARD.update().values(subject=None, signature=None))
    ward.answer(card, "overridden")

    assert linked(ward) == [1]
    assert ward.view(2)


# --- shadow --------------------------------------------------------------------------------------


def test_in_shadow_everything_is_recorded_and_nothing_shown(
    tmp_path: Path, database_url: str
) -> None:
    ward = Ward(database_url)
    silent = CLIENT | {"shadow": True}
    settings = production(tmp_path, silent, database_url=database_url, allow_evaluate_at=True)
    shadow = create_app(settings, clock=lambda: NOW)
    answers = [
        shadow.test_client().post(PATH, json=request(), headers=bearer(token())).get_json()
        for _ in range(2)
    ]

    assert answers == [{"cards": []}] * 2
    assert [(row.state, row.crs_lo) for row in ward.rows()] == [("shadow", 1)] * 2


def test_feedback_on_a_card_in_shadow_is_tied_to_none(tmp_path: Path, database_url: str) -> None:
    ward = Ward(database_url)
    ward.view(2)
    ward.run(FIRED_CARD.update().values(state="shadow"))
    (row,) = ward.rows()
    ward.feedback(row.card, "overridden")

    assert linked(ward) == [None]
