"""Every order scenario, sent to the running service at order-select and order-sign."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.answers import assessment, spoken
from tests.cards.shape import shape_faults
from tests.fhir_codes import Resource
from tests.fhir_mappings.test_order_names import FACTORS, by_code, by_words
from tests.order_charts import (
    HOOKS,
    OrderCase,
    observed_alerts,
    order_call,
    order_case,
    order_cases,
)
from tests.orders_of_words import commands

Fire = Callable[[Resource], Resource]
CASES = list(order_cases())
COMMON = tomllib.loads(
    (Path(__file__).parent / "fhir_mappings" / "common_orders.toml").read_text("utf-8")
)["orders"]
CRS_2: dict[str, Any] = {"temperature": [{"value": 38.6}], "pressure": [{"sbp": 84}]}
UNSELECTED = {
    "an-unselected-hazard": {"rules": ["OT-GCSF-1"]},
    "tocilizumab-with-crs-2-and-icans-2-beside-dexamethasone": {"rules": ["OT-STER-2"]},
}
"""What order-sign answers where it differs: it checks every draft."""


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_alerts_are_as_the_scenario_says(hook: str, case: OrderCase, fire: Fire) -> None:
    answer = fire(order_call(hook, case))
    expect = UNSELECTED.get(case.name, case.expect) if hook == "order-sign" else case.expect

    assert observed_alerts(answer, expect) == expect
    assert shape_faults(answer) == []
    assert commands(spoken(answer)) == []


def test_scenario_names_are_unique() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


def test_common_orders_raise_no_alarm(fire: Fire) -> None:
    """At least 150 orders of every day on a patient with CRS 2 and no ICANS."""
    drafts = [{"drug": f"text|{row['text']}", "route": row.get("route", "iv")} for row in COMMON]
    case = order_case({"name": "common", "drafts": drafts, "expect": {}, **CRS_2})
    cards = fire(order_call("order-sign", case))["cards"]

    assert len(drafts) >= 150
    assert [card["summary"] for card in cards if card["indicator"] != "info"] == []


def test_a_growth_factor_gives_the_same_alert_however_it_is_named(fire: Fire) -> None:
    """By ingredient, product and ATC code, generic, brand and biosimilar text, on CRS 2."""
    named = [(name, f"text|{text}") for name, text in by_words() if name in FACTORS]
    named += [*by_code()]
    drafts = [{"drug": written, "route": "sc"} for _, written in named]
    case = order_case({"name": "factors", "drafts": drafts, "expect": {}, **CRS_2})
    rows = assessment(fire(order_call("order-sign", case)))["orders"]
    alerts = {row["order"].rpartition("/")[2]: row["rules"][0] for row in rows}

    assert alerts == {
        f"d{number}": "OT-GMCSF-1" if name.endswith("gramostim") else "OT-GCSF-1"
        for number, (name, _) in enumerate(named, 1)
    }


@pytest.mark.parametrize(
    "text", ["plerixafor", "epoetin alfa", "filgrastim allergy", "history of filgrastim allergy"]
)
def test_what_is_no_growth_factor_gives_no_alert(fire: Fire, text: str) -> None:
    drafts = [{"drug": f"text|{text}", "route": "sc"}]
    case = order_case({"name": "none", "drafts": drafts, "expect": {}, **CRS_2})

    assert fire(order_call("order-sign", case))["cards"] == []
