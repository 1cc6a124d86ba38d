"""Whole answers as JSON: a change of any word is seen in the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fhir_mappings.issues import DataIssue, IssueKind
from tests.cards.patients import (
    CRS_3,
    GRADE_3_ADVICE,
    ICANS_2,
    ICANS_2_ADVICE,
    NOTHING_CHARTED,
    OVERLAP,
    cards_of,
    overlap_advice,
)

GOLDEN = Path(__file__).parent / "golden"
REFUSED = DataIssue(IssueKind.REFUSED_UNIT, "temperature", 1, ("Observation/t1",))
ANSWERS = {
    "crs-3": cards_of(CRS_3, GRADE_3_ADVICE),
    "icans-2": cards_of(ICANS_2, ICANS_2_ADVICE),
    "iec-hs": cards_of(OVERLAP, overlap_advice(OVERLAP)),
    "data-gap": cards_of({**NOTHING_CHARTED, "age": -1}, (), (REFUSED,)),
}


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Path:
    """The directory, written anew first where `--write-golden` asks for it."""
    if request.config.getoption("--write-golden", default=False):
        GOLDEN.mkdir(exist_ok=True)
        for name, cards in ANSWERS.items():
            text = json.dumps({"cards": cards}, indent=2, ensure_ascii=False)
            (GOLDEN / f"{name}.json").write_text(f"{text}\n", "utf-8")
    return GOLDEN


@pytest.mark.parametrize("name", ANSWERS)
def test_the_cards_are_as_kept(name: str, golden: Path) -> None:
    kept: dict[str, Any] = json.loads((golden / f"{name}.json").read_text("utf-8"))
    assert {"cards": ANSWERS[name]} == kept
