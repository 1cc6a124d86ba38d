"""The tocilizumab ledger: which records are one dose, and when the next one may be given."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from grading import KNOWLEDGE, prepare
from grading.ledger import is_allowed, ledger
from grading.model import TocilizumabLedger
from tests.grading.snapshots import NOW, at, snapshot

POLICY = KNOWLEDGE.policy


def toci(*hours: float, **more: Any) -> list[dict[str, Any]]:
    return [{"drug": "tocilizumab", "h": each, **more} for each in hours]


def ledger_of(doses: list[dict[str, Any]], **case: Any) -> TocilizumabLedger:
    return ledger(prepare(snapshot({"dose": doses, **case}), POLICY))


@pytest.mark.parametrize(
    ("doses", "count", "in_24h", "next_at", "remaining"),
    [
        ([], 0, 0, None, 4),
        (toci(-10), 1, 1, -2, 3),
        (toci(-4), 1, 1, 4, 3),
        (toci(-20, -12, -4), 3, 3, 4, 1),
        (toci(-24, -12, -4), 3, 2, 4, 1),
        (toci(-23.9, -12, -4), 3, 3, 4, 1),
        (toci(-18, -10, -9.5, -2), 3, 3, 6, 1),
        (toci(-10, -8), 1, 1, -2, 3),
        (toci(-10, -7.9), 2, 2, 0.1, 2),
        (toci(-60, -40, -20, -4), 4, 2, None, 0),
        (toci(-76), 0, 0, None, 4),
        (toci(-10, iv=False), 0, 0, None, 4),
        (toci(-10, status="held"), 1, 1, -2, 3),
    ],
    ids=[
        "none",
        "one, due again since 8 h after its start",
        "one, not yet due",
        "three in 24 h: the interval decides",
        "a dose exactly 24 h ago is outside",
        "a dose just inside 24 h",
        "three in 24 h: the oldest of them decides",
        "two records 2 h apart are one dose",
        "two records further apart are two",
        "four: no further dose",
        "a dose before the course does not count",
        "a subcutaneous dose is none of these",
        "a dose on hold counts",
    ],
)
def test_the_ledger_counts_doses(
    doses: list[dict[str, Any]], count: int, in_24h: int, next_at: float | None, remaining: int
) -> None:
    found = ledger_of(doses)
    assert (len(found.doses), found.in_24h, found.remaining) == (count, in_24h, remaining)
    assert found.next_at == (None if next_at is None else at(next_at))


def test_a_dose_in_two_records_takes_the_amount_from_the_one_that_has_it() -> None:
    doses = [*toci(-10), *toci(-9.5, mg=560), *toci(-9, mg=100)]
    (dose,) = ledger_of(doses).doses
    assert (dose.start, dose.mg) == (at(-10), 560)


def test_an_uncertain_dose_is_counted_apart() -> None:
    found = ledger_of([*toci(-10), *toci(-2, status="uncertain")])
    assert (len(found.doses), found.uncertain) == (1, 1)


@pytest.mark.parametrize(
    ("case", "policy", "at_least"),
    [
        ({}, {}, False),
        ({"reach": {"doses": -74}}, {}, True),
        ({"reach": {"doses": -75}}, {}, False),
        ({}, {"administrations_published": False}, True),
        ({"cells": []}, {}, False),
    ],
)
def test_doses_not_read_back_to_the_infusion_are_at_least(
    case: dict[str, Any], policy: dict[str, Any], at_least: bool
) -> None:
    course = prepare(snapshot({"dose": toci(-10), **case}), replace(POLICY, **policy))
    assert ledger(course).at_least is at_least


def test_a_shortage_lowers_the_number_of_doses() -> None:
    course = prepare(snapshot({"dose": toci(-20, -10)}), replace(POLICY, toci_shortage=True))
    assert ledger(course).remaining == 0


@pytest.mark.parametrize(
    ("hours", "allowed"),
    [((), True), ((-8,), True), ((-7.9,), False), ((-60, -40, -20, -9), False)],
)
def test_a_dose_is_allowed_by_interval_and_count(hours: tuple[float, ...], allowed: bool) -> None:
    assert is_allowed(ledger_of(toci(*hours)).doses, POLICY, NOW) is allowed
