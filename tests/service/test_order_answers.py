"""What order-select and order-sign answer of a draft, and what is logged of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask

from service.log import Fields
from tests.service.calls import graded, post, request, whole
from tests.service.order_calls import (
    HARMLESS,
    HAZARD,
    HOOKS,
    SELECT,
    SIGN,
    WHO,
    bundle_of,
    draft,
    fire,
    ordering,
    rows,
    summaries,
)
from tests.service.ward import FEVER, chart

# --- what is answered ----------------------------------------------------------------------------


@pytest.mark.parametrize("hook", HOOKS)
def test_the_grades_are_those_of_patient_view(app: Flask, hook: str) -> None:
    found = dict(graded(fire(app, ordering(hook, HAZARD))))

    assert found.pop("orders")
    assert found == graded(post(app, request()))


def test_orders_that_were_not_checked_have_no_row(app: Flask) -> None:
    assert "orders" not in graded(fire(app, ordering(SIGN)))


def test_a_draft_that_the_chart_holds_too_counts_once(app: Flask) -> None:
    running_order = draft("levetiracetam", "lev-1", status="active")
    prefetch = whole() | {"medicationOrders": bundle_of(running_order)}
    once = fire(app, ordering(SIGN, running_order, prefetch=prefetch))
    twice = fire(app, ordering(SIGN, draft("levetiracetam", "lev-2"), prefetch=prefetch))

    assert "rules" not in rows(once)[0]
    assert rows(twice)[0]["rules"] == ["OT-LEV-1"]


def test_a_draft_that_is_context_only_wins_over_the_chart_too(app: Flask) -> None:
    charted = draft("levetiracetam", "lev-1", status="active")
    stopped = charted | {"status": "stopped"}
    prefetch = whole() | {"medicationOrders": bundle_of(charted)}
    chosen = {"selections": ["MedicationRequest/lev-2"]}
    new = draft("levetiracetam", "lev-2")
    found = rows(fire(app, ordering(SELECT, stopped, new, context=chosen, prefetch=prefetch)))

    assert found == [{"order": "MedicationRequest/lev-2", "ingredients": ["levetiracetam"]}]


DOSE = {"route": {"text": "IV"}, "doseAndRate": [{"doseQuantity": {"value": 300, "unit": "mg"}}]}


@pytest.mark.parametrize(
    ("other", "offered"), [("d2", ["MedicationRequest/d1"]), ("d1", [])], ids=["own", "shared"]
)
def test_a_dose_is_set_only_where_the_id_tells_the_order_from_every_other(
    app: Flask, other: str, offered: list[str]
) -> None:
    low = draft("tocilizumab", "d1", dosageInstruction=[DOSE])
    vincristine = draft("vincristine", other, dosageInstruction=[DOSE])
    prefetch = chart(**FEVER, pressure=[{"sbp": 84, "dbp": 50}])
    response = fire(app, ordering(SIGN, low, vincristine, prefetch=prefetch))
    (card,) = response.get_json()["cards"]
    acts = [act for each in card.get("suggestions", ()) for act in each["actions"]]

    assert card["summary"] == "Tocilizumab: dose below the one by weight (CRS grade 2)"
    assert [f"MedicationRequest/{act['resource']['id']}" for act in acts] == offered


def test_a_dose_beside_dose_and_rate_is_checked_and_not_set(app: Flask) -> None:
    """As drafts of STU3 are written."""
    old = {"route": {"text": "IV"}, "doseQuantity": {"value": 900, "unit": "mg"}}
    order = draft("tocilizumab", "d1", dosageInstruction=[old])
    prefetch = chart(**FEVER, pressure=[{"sbp": 84, "dbp": 50}])
    (card,) = fire(app, ordering(SIGN, order, prefetch=prefetch)).get_json()["cards"]

    assert card["summary"] == "Tocilizumab: above the highest single dose (CRS grade 2)"
    assert "suggestions" not in card


@pytest.mark.parametrize(
    ("status", "rule"),
    [
        ("active", None),
        ("draft", None),
        ("stopped", "OT-TOCI-2"),
        ("cancelled", "OT-TOCI-2"),
        ("entered-in-error", "OT-TOCI-2"),
        ("completed", "OT-TOCI-2"),
        ("on-hold", "OT-TOCI-2"),
    ],
)
def test_a_steroid_that_the_call_ends_is_no_companion(
    app: Flask, status: str, rule: str | None
) -> None:
    """Dexamethasone runs by the chart, CRS 2 and ICANS 3; tocilizumab is signed."""
    running = draft("dexamethasone", "dex-1", status="active", authoredOn="2026-11-22T08:00:00Z")
    both = {"ice": [{"total": 1}], "pressure": [{"sbp": 84, "dbp": 50}]}
    prefetch = {**chart(**FEVER, **both), "medicationOrders": bundle_of(running)}
    orders = draft("tocilizumab", "toci"), running | {"status": status}
    found = rows(fire(app, ordering(SIGN, *orders, prefetch=prefetch)))
    rules = next(row.get("rules", []) for row in found if row["order"].endswith("toci"))

    assert ("OT-TOCI-2" in rules) is (rule is not None)


def test_out_of_scope_orders_are_checked_and_nothing_is_said(app: Flask) -> None:
    nobody = {"procedures": None, "infusions": None}
    response = fire(app, ordering(SIGN, HAZARD, prefetch=nobody))

    assert summaries(response) == []
    assert rows(response) == [{"order": "MedicationRequest/hazard", "ingredients": ["filgrastim"]}]


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


# --- the log -------------------------------------------------------------------------------------


def test_an_answer_is_one_line_with_counts_and_rules(
    app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    fire(app, ordering(SIGN, HAZARD, HARMLESS, draft("house cocktail", "odd")))
    (line,) = lines(capsys)

    assert (line["event"], line["service"]) == ("hook_answered", "cart-toxicity-order-sign")
    assert (line["orders"], line["unrecognized"], line["cards"]) == (3, 1, 1)
    assert {"CRS-F2", "OT-GCSF-1"} <= set(line["rules"])


def test_selections_of_nothing_are_counted_in_the_log(
    app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = {"selections": ["MedicationRequest/canary", "canary", "MedicationRequest/hazard"]}
    fire(app, ordering(SELECT, HAZARD, context=chosen))
    ignored, answered = lines(capsys)

    assert (ignored["event"], ignored["level"]) == ("selections_ignored", "warning")
    assert ignored["selections"] == 2
    assert ignored["request_id"] == answered["request_id"]


@pytest.mark.parametrize("hook", HOOKS)
def test_nothing_of_an_order_is_logged(
    app: Flask, capsys: pytest.CaptureFixture[str], hook: str
) -> None:
    marked = {
        "note": [{"text": "canary-note"}],
        "reasonCode": [{"text": "canary-reason"}],
        "requester": {"reference": "Practitioner/canary-user"},
    }
    one = draft("filgrastim canary-drug", "canary-id", **marked)
    other = one | {"subject": {"reference": "Patient/canary-patient"}}
    fire(app, ordering(hook, one, context={"encounterId": "canary-visit"}))
    fire(app, ordering(hook, one, other))
    fire(app, ordering(hook, one, context={"draftOrders": "canary"}))
    fire(app, ordering(hook, one, context={"selections": "canary"}))
    logged = capsys.readouterr().err

    allowed = {"time", "level", "event", *Fields.__annotations__}
    assert all(set(json.loads(line)) <= allowed for line in logged.splitlines())
    assert [m for m in ("canary", "nurse-1", *WHO.values(), "filgrastim") if m in logged] == []
