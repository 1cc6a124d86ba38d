"""What a site chose otherwise stands on every card that it bears on, and on no other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from cards import dump_cards
from cards.compose import compose_cards
from cards.model import CardContext
from cards.order_cards import compose_order_cards
from cards.site_policy import override_lines, value_text
from grading import assess, prepare, recommend, review_orders
from grading.knowledge import EDITION, Override, Overrides, Policy, read_site_policy
from tests.cards.patients import CONTEXT, CRS_3, FEVER, ICANS_2, LOW, NOTHING_CHARTED, chart
from tests.grading.drafted import draft

SITE = f'[site]\nname = "Ward 3"\nversion = "7"\nbased_on = "{EDITION}"\n'
REFRACTORY: Mapping[str, Any] = {
    "cells": [{"h": -240, "product": "tisa-cel"}],
    "temp": [{"h": h, "value": 38.6} for h in (-36, -24, -12, -1)],
    "device": [{"h": h, "is": "mask"} for h in (-36, -25, -12, -1)],
    "dose": [
        *({"drug": "tocilizumab", "h": h} for h in (-30, -10)),
        *({"drug": "dexamethasone", "h": h, "mg": 10} for h in (-24, -18, -12, -6)),
    ],
}
CRS_2: Mapping[str, Any] = {"temp": FEVER, "bp": LOW}
PRESSURE = "How far back a blood pressure may lie"


def context(policy: Policy, overrides: Overrides) -> CardContext:
    return replace(CONTEXT, policy=policy, overrides=overrides)


def viewed(rows: Mapping[str, Any], text: str) -> dict[str, str]:
    """The details of the cards by topic, under a site's file."""
    policy, overrides = read_site_policy(text + SITE, "ward.toml")
    known = chart(rows)
    course = prepare(known, policy)
    verdict = assess(course)
    advice = recommend(course, verdict)
    cards = compose_cards(verdict, advice, (), known, context(policy, overrides))
    return {card["source"]["topic"]["code"]: card["detail"] for card in dump_cards(cards)}


def ordered(rows: Mapping[str, Any], drug: Mapping[str, Any], text: str) -> list[dict[str, Any]]:
    """The order cards on one draft, under a site's file."""
    policy, overrides = read_site_policy(text + SITE, "ward.toml")
    known = chart(rows)
    course = prepare(known, policy)
    verdict = assess(course)
    review = review_orders(course, verdict, [draft(drug, 0)])
    cards = compose_order_cards(review, verdict, known, context(policy, overrides), {})
    return dump_cards(cards)


def test_a_card_says_each_override_that_it_rests_on() -> None:
    found = viewed({**CRS_2, **ICANS_2}, "bp_window_h = 8\nneuro_window_h = 12\n")
    line = f"- **Site policy:** {PRESSURE}: 8 h here, 12 h as shipped (bp\\_window\\_h)."
    assert line in found["CRSGrade"]
    assert "neuro\\_window\\_h" not in found["CRSGrade"]
    assert line in found["ICANSGrade"]  # the steroid there rests on MGMT-CRS-2 too
    assert "12 h here, 24 h as shipped (neuro\\_window\\_h)" in found["ICANSGrade"]


def test_what_decides_who_is_graded_stands_on_every_card() -> None:
    found = viewed({**CRS_3, **ICANS_2}, "icans_max_day = 60\nscope_max_day = 60\n")
    assert all(
        "60 days here, 90 days as shipped (scope\\_max\\_day)" in each for each in found.values()
    )
    assert "icans\\_max\\_day" in found["ICANSGrade"]
    assert "icans\\_max\\_day" not in found["CRSGrade"]


@pytest.mark.parametrize(
    ("rows", "text", "said"),
    [
        (
            NOTHING_CHARTED,
            "fever_window_h = 12\n",
            "12 h here, 24 h as shipped (fever\\_window\\_h)",
        ),
        (NOTHING_CHARTED, "ice_interval_h = 8\n", "8 h here, 12 h as shipped (ice\\_interval\\_h)"),
    ],
)
def test_the_gap_card_says_it_too(rows: Mapping[str, Any], text: str, said: str) -> None:
    assert said in viewed(rows, text)["DataGap"]


def test_an_order_card_says_what_its_rule_and_its_grade_rest_on() -> None:
    [card] = ordered(CRS_3, {"drug": "filgrastim"}, "support_window_h = 12\ntoci_max_mg = 700\n")
    assert "12 h here, 6 h as shipped (support\\_window\\_h)" in card["detail"]
    assert "toci\\_max\\_mg" not in card["detail"]


def test_a_file_without_a_change_leaves_every_card_as_it_is() -> None:
    assert "Site policy" not in "".join(viewed({**CRS_3, **ICANS_2}, "sbp_adult = 90\n").values())


@pytest.mark.parametrize(
    ("rows", "switch", "said"),
    [
        (
            REFRACTORY,
            "ruxolitinib_dose",
            "Unverified, turned on by this site: ruxolitinib 5 to 10 mg PO twice daily.",
        ),
        (
            REFRACTORY,
            "crs_anakinra_dose",
            "Unverified, turned on by this site: anakinra for CRS in",
        ),
        (
            REFRACTORY,
            "renal_doses",
            "Unverified, turned on by this site: anakinra is reduced below",
        ),
        (REFRACTORY, "product_overrides", "Unverified, turned on by this site: Label: no myeloid"),
        (
            {**CRS_3, "age": 9},
            "ped_steroid_doses",
            "Unverified, turned on by this site: dexamethasone for children 0.5 mg/kg, at most",
        ),
    ],
)
def test_what_a_switch_turned_on_is_called_unverified(
    rows: Mapping[str, Any], switch: str, said: str
) -> None:
    shipped, turned_on = viewed(rows, ""), viewed(rows, f"{switch} = true\n")
    escaped = switch.replace("_", "\\_")
    assert "Unverified" not in shipped["CRSGrade"]
    assert said in turned_on["CRSGrade"]
    assert f": on here, off as shipped ({escaped})." in turned_on["CRSGrade"]


def test_an_order_rule_that_was_turned_on_is_called_unverified() -> None:
    lev = {"drug": "levetiracetam", "mg": 500, "every_h": 12}
    [card] = ordered({}, lev, "renal_order_check = true\n")
    assert ordered({}, lev, "") == []
    assert card["indicator"] == "info"
    assert card["source"]["label"] == "Unverified rule, turned on by this site"
    assert card["source"]["url"] == "https://cds.example.org/rules/OT-RENAL-1"
    assert "Unverified, turned on by this site: " in card["detail"]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (True, "switch", "on"),
        (False, "switch", "off"),
        (("axi-cel", "brexu-cel"), "products", "axi-cel, brexu-cel"),
        ((), "products", "none"),
        ({"axi-cel": 1, "_other": 2}, "grade by product", "axi-cel 1, others 2"),
        ({}, "grade by product", "none"),
        ("consider", "strength", "consider"),
        (Decimal("38.0"), "Cel", "38.0 °C"),
        (12, "mo", "12 months"),
        (3, "doses", "3 doses"),
    ],
)
def test_a_value_in_words(value: Any, unit: str, text: str) -> None:
    assert value_text(value, unit) == text


def test_a_line_names_meaning_both_values_and_the_parameter() -> None:
    item = Override("x_h", 6, 12, "h", ("A",), "How long")
    assert override_lines([item]) == ("How long: 12 h here, 6 h as shipped (x_h)",)
