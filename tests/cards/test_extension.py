"""The assessment object beside the cards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from cards import assessment
from grading import KNOWLEDGE
from tests.cards.patients import CRS_3, ICANS_2, chart, verdict_of
from tests.cards.shape import shape_faults

NO_CELLS: Mapping[str, Any] = {"cells": []}


def extension(rows: Mapping[str, Any]) -> dict[str, Any]:
    return assessment(verdict_of(rows), chart(rows))


def test_it_carries_bounds_state_rules_and_the_infusion() -> None:
    found = extension(CRS_3)
    assert found["crs"]["lo"] == found["crs"]["hi"] == 3
    assert found["crs"]["state"] == "active"
    assert "CRS-F2" in found["crs"]["rules"]
    assert found["icans"]["state"] == "none"
    assert found["evaluatedAt"] == "2026-11-22T14:00:00Z"
    assert found["infusion"] == {"product": "axi-cel", "time": "2026-11-19T11:00:00Z", "day": 3}
    assert found["contentEdition"] == KNOWLEDGE.edition


def test_a_product_that_is_not_known_is_left_out() -> None:
    assert "product" not in extension({"cells": [{"h": -75}]})["infusion"]


@pytest.mark.parametrize("rows", [NO_CELLS, {"deceased": True}])
def test_out_of_scope_has_neither_bounds_nor_infusion(rows: Mapping[str, Any]) -> None:
    found = extension(rows)
    assert found["crs"] == found["icans"] == {"state": "out-of-scope"}
    assert "infusion" not in found


def test_scope_unknown_names_the_infusion_as_missing() -> None:
    found = extension({**NO_CELLS, "reach": {"infusion": "never"}})
    unknown = {"lo": 0, "hi": 4, "state": "not-assessable", "missing": ["car-t-infusion"]}
    assert found["crs"] == found["icans"] == unknown
    assert "infusion" not in found


@pytest.mark.parametrize("rows", [CRS_3, ICANS_2, {}, NO_CELLS, {"temp": [], "age": -1}])
def test_no_member_is_null_or_empty(rows: Mapping[str, Any]) -> None:
    extended = {"org.cart-toxicity-cds.assessment": extension(rows)}
    assert shape_faults({"cards": [], "extension": extended}) == []
