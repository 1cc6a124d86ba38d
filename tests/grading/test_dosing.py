"""The dose of tocilizumab for every weight in steps of 0.1 kg, and the totals of the regimens."""

from __future__ import annotations

from decimal import Decimal

import pytest

from grading import KNOWLEDGE
from grading.dosing import is_capped, tocilizumab_mg
from tests.grading.advice import line, of_topic, recommended

POLICY = KNOWLEDGE.policy
TENTHS = range(20, 2001)
"""2.0 to 200.0 kg."""


def milligrams(tenths: int) -> int:
    """Whole mg, half up, in integers alone: 12 mg/kg under 30.0 kg, else 8; at most 800."""
    per_kg = 12 if tenths < 300 else 8
    return min((per_kg * tenths * 2 + 10) // 20, 800)


def test_the_dose_is_that_of_the_formula_at_every_weight() -> None:
    found = [tocilizumab_mg(Decimal(tenths) / 10, POLICY) for tenths in TENTHS]
    assert found == [milligrams(tenths) for tenths in TENTHS]


@pytest.mark.parametrize(
    ("kg", "mg"),
    [("2.0", 24), ("29.9", 359), ("30.0", 240), ("99.9", 799), ("100.0", 800), ("200.0", 800)],
)
def test_the_edges_by_hand(kg: str, mg: int) -> None:
    """Both sides of the weight break and of the cap."""
    assert tocilizumab_mg(Decimal(kg), POLICY) == mg
    weight = [{"h": -6, "value": kg}]
    bp = [{"h": -1, "sbp": 60}]
    found = recommended({"temp": [{"h": -1, "value": 38.6}], "bp": bp, "weight": weight})
    toci = of_topic(found, "tocilizumab")
    assert toci is not None
    assert line(toci) == f"recommended suggest toci {mg} mg"


def test_the_cap_is_said_above_100_kg_only() -> None:
    capped = [tenths for tenths in TENTHS if is_capped(Decimal(tenths) / 10, POLICY)]
    assert capped == list(range(1001, 2001))


@pytest.mark.parametrize(
    ("regimen", "mg", "days"),
    [("mp-icans4", 4740, 9), ("mp-crs4", 4500, 7), ("dex-10-q12-24h-x2", 20, 0)],
)
def test_the_steps_with_an_end_add_up(regimen: str, mg: int, days: int) -> None:
    steps = [step for step in KNOWLEDGE.regimens[regimen].steps if step.number]
    assert sum(step.mg * (step.number or 0) for step in steps) == mg
    assert sum(step.days or 0 for step in steps) == days
