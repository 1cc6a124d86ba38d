"""The whole matrix: 25 cells, 8 products, adult or child, early or late onset (`matrix.toml`)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from grading.model import GradeRange, Offer, Recommendation, Strength
from tests.grading.advice import assessed, of_topic, rules

TABLE = tomllib.loads((Path(__file__).parent / "matrix.toml").read_text("utf-8"))
PRODUCTS = (
    "axi-cel",
    "brexu-cel",
    "tisa-cel",
    "liso-cel",
    "ide-cel",
    "cilta-cel",
    "obe-cel",
    "unknown",
)
GRADES = range(5)
INFUSED_H = {"early": -60, "late": -100}
"""Hours from the infusion to now; every finding is an hour old."""


class Cell(NamedTuple):
    """One chart of the matrix."""

    crs: int
    icans: int
    product: str
    age: str
    onset: str


def _vitals(crs: int, low: int) -> dict[str, Any]:
    running = [{"drug": drug, "h": -2, "status": "running"} for drug in PRESSORS[:crs]]
    return {
        0: {},
        1: {"temp": FEVER},
        2: {"temp": FEVER, "bp": [{"h": -1, "sbp": low}]},
        3: {"temp": FEVER, "dose": running[:1]},
        4: {"temp": FEVER, "dose": running[:2]},
    }[crs]


FEVER = [{"h": -1, "value": 38.6}]
PRESSORS = ("norepinephrine", "epinephrine", "phenylephrine", "vasopressin")
ICE = (10, 8, 5, 2, 0)
CAPD = ((0, "spontaneous"), (5, "spontaneous"), (5, "voice"), (12, "spontaneous"))


def _neuro(icans: int, age: str) -> dict[str, Any]:
    if age == "adult":
        level = "unarousable" if icans == max(GRADES) else "spontaneous"
        return {"ice": [{"h": -1, "score": ICE[icans]}], "arousal": [{"h": -1, "level": level}]}
    if icans == max(GRADES):
        return {"ice": [], "arousal": [{"h": -1, "level": "unarousable"}]}
    score, level = CAPD[icans]
    return {
        "ice": [],
        "capd": [{"h": -1, "score": score}],
        "arousal": [{"h": -1, "level": level}],
    }


def chart(cell: Cell) -> dict[str, Any]:
    infusion = {"h": INFUSED_H[cell.onset]}
    if cell.product != "unknown":
        infusion["product"] = cell.product
    adult = cell.age == "adult"
    return {
        "age": 50 if adult else 8,
        "bp": [{"h": -1, "sbp": 118}],
        "cells": [infusion],
        "weight": [{"h": -6, "value": 70 if adult else 25}],
        **_vitals(cell.crs, 84 if adult else 70),
        **_neuro(cell.icans, cell.age),
    }


def _is_of(cell: Cell, row: Mapping[str, Any]) -> bool:
    named = row.get("products", PRODUCTS)
    without = {name[1:] for name in named if name.startswith("-")}
    product = cell.product not in without if without else cell.product in named
    return (
        product
        and cell.crs in row.get("crs", GRADES)
        and cell.icans in row.get("icans", GRADES)
        and cell.onset == row.get("onset", cell.onset)
        and cell.age == row.get("age", cell.age)
    )


def expected_rules(cell: Cell) -> set[str]:
    return {rule for row in TABLE["rule"] if _is_of(cell, row) for rule in row["ids"]}


def expected_drugs(cell: Cell) -> tuple[str, str]:
    """The tocilizumab and the steroid entry of the table."""
    grid = TABLE["drugs"][cell.onset]
    steroid = grid["steroid"][cell.crs][cell.icans]
    for row in TABLE["product"]:
        if cell.product in row["names"] and cell.onset == row["onset"]:
            steroid = row["steroid"] if row["cell"] == [cell.crs, cell.icans] else steroid
    return grid["tocilizumab"][cell.crs][cell.icans], steroid


def _toci(found: Recommendation | None) -> str:
    if found is None:
        return "-"
    return {Strength.RECOMMENDED: "R", Strength.CONSIDER: "C", Strength.AVOID: "X"}[found.strength]


def _steroid(found: Recommendation | None) -> str:
    if found is None:
        return "-"
    maybe = "" if found.strength is Strength.RECOMMENDED else "?"
    if found.drug is None:
        return f"early steroid as text{maybe}"
    return f"{found.drug.regimen}{maybe}"


CELLS = [
    Cell(crs, icans, product, age, onset)
    for product in PRODUCTS
    for age in ("adult", "child")
    for onset in INFUSED_H
    for crs in GRADES
    for icans in GRADES
]


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: "-".join(map(str, cell)))
def test_cell(cell: Cell) -> None:
    verdict, found = assessed(chart(cell))
    assert verdict.crs.grade == GradeRange(cell.crs, cell.crs)
    assert verdict.icans.grade == GradeRange(cell.icans, cell.icans)
    assert rules(found) == expected_rules(cell)
    shown = _toci(of_topic(found, "tocilizumab")), _steroid(of_topic(found, "steroid"))
    assert shown == expected_drugs(cell)


def test_a_child_gets_no_adult_dose() -> None:
    """PED-1: of all drugs only tocilizumab is dosed, by its weight rule."""
    for cell in CELLS:
        if cell.age == "child":
            drugs = [item.drug for item in assessed(chart(cell))[1] if item.drug]
            dosed = {drug.regimen for drug in drugs if drug.mg is not None}
            assert dosed <= {"toci"}, cell


def test_an_offer_of_tocilizumab_beside_icans_says_not_alone() -> None:
    for cell in CELLS:
        toci = of_topic(assessed(chart(cell))[1], "tocilizumab")
        if cell.crs > 0 and cell.icans > 0:
            assert toci is not None
            assert toci.offer is Offer.SUGGEST
            assert "toci-not-alone" in toci.detail, cell
