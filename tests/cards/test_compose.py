"""Which cards there are, in which order and shape, and what they say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from cards import dump_cards, scope_unknown_card
from cards.model import Card, Indicator, Source
from fhir_mappings.issues import DataIssue, IssueKind
from grading.model import Offer, Recommendation, Urgency
from tests.cards.patients import (
    CONTEXT,
    CRS_3,
    GRADE_3_ADVICE,
    ICANS_2,
    ICANS_2_ADVICE,
    NOTHING_CHARTED,
    OVERLAP,
    PRESSOR,
    cards_of,
    drug,
    overlap_advice,
    recommended,
    tocilizumab,
)
from tests.cards.shape import shape_faults

FUTURE = DataIssue(IssueKind.FUTURE, "temperature", 1, ("Observation/t9",))
BROKEN = DataIssue(IssueKind.BROKEN, "Observation", 1, ("Observation/t8",))
BOTH: Mapping[str, Any] = {**CRS_3, **ICANS_2}
MASKED: Mapping[str, Any] = {
    "bp": [{"h": -2, "sbp": 80}],
    "dose": [{"h": -5, "drug": "acetaminophen", "mg": 1000}],
}
RESOLVING: Mapping[str, Any] = {
    "temp": [{"h": -50, "value": 39}, {"h": -1, "value": 36.8}],
    "dose": [{"h": -40, "drug": "tocilizumab", "mg": 560}, {"h": -10, "drug": "tocilizumab"}],
}
HIGH_PRESSURE: Mapping[str, Any] = {"lp": [{"h": -2, "value": 25}]}
BLEEDING: Mapping[str, Any] = {
    "sign": [
        {"h": -2, "is": "intracranial-hemorrhage", "imaging": True},
        {"h": -2, "is": "focal-edema", "imaging": True},
    ]
}
NO_FEVER: Mapping[str, Any] = {"bp": [{"h": -1, "sbp": 80}, {"h": -3, "sbp": 82}]}
OFFERS = (*GRADE_3_ADVICE, *ICANS_2_ADVICE)

EVERY: dict[str, tuple[Mapping[str, Any], tuple[Recommendation, ...]]] = {
    "crs 3": (CRS_3, GRADE_3_ADVICE),
    "icans 2": (ICANS_2, ICANS_2_ADVICE),
    "both": (BOTH, OFFERS),
    "nothing charted": (NOTHING_CHARTED, ()),
    "ordinary": ({}, ()),
    "no age": ({"age": -1}, ()),
    "masked": (MASKED, ()),
    "resolving": (RESOLVING, ()),
    "opening pressure": (HIGH_PRESSURE, ()),
    "bleeding": (BLEEDING, ()),
    "no fever": (NO_FEVER, ()),
    "iec-hs": (OVERLAP, overlap_advice(OVERLAP)),
    "old": ({**NOTHING_CHARTED, "cells": [{"h": -40 * 24}]}, ()),
}


def topics(cards: list[dict[str, Any]]) -> list[str]:
    return [card["source"]["topic"]["code"] for card in cards]


@pytest.mark.parametrize("name", EVERY)
def test_every_answer_has_the_shape_of_cds_hooks(name: str) -> None:
    rows, advice = EVERY[name]
    cards = cards_of(rows, advice, (FUTURE, BROKEN))
    assert shape_faults({"cards": cards}) == []
    assert cards


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("crs 3", ["CRSGrade"]),
        ("icans 2", ["ICANSGrade"]),
        ("both", ["CRSGrade", "ICANSGrade"]),
        ("nothing charted", ["DataGap"]),
        ("ordinary", []),
        ("no age", ["DataGap"]),
        ("masked", ["CRSGrade"]),
        ("resolving", ["CRSGrade"]),
        ("opening pressure", ["ICANSGrade"]),
        ("bleeding", ["ICANSGrade"]),
        ("no fever", ["CRSGrade"]),
        ("iec-hs", ["IECHSOverlap"]),
    ],
)
def test_a_patient_has_these_cards(name: str, found: list[str]) -> None:
    assert topics(cards_of(*EVERY[name])) == found


def test_the_most_urgent_card_is_first() -> None:
    crs = replace(tocilizumab("MGMT-CRS-1C"), indicator=Urgency.INFO)
    rows = {**ICANS_2, "temp": [{"h": -3, "value": 39.2}]}
    cards = cards_of(rows, [crs, *ICANS_2_ADVICE], (BROKEN,))
    assert topics(cards) == ["ICANSGrade", "CRSGrade", "DataGap"]
    assert [card["indicator"] for card in cards] == ["warning", "info", "info"]


def test_equally_urgent_cards_have_crs_first() -> None:
    assert topics(cards_of(BOTH)) == ["CRSGrade", "ICANSGrade"]


@pytest.mark.parametrize("rows", [{"cells": []}, {"deceased": True}])
def test_out_of_scope_has_no_card(rows: Mapping[str, Any]) -> None:
    assert cards_of(rows, (), (BROKEN,)) == []


def test_scope_unknown_has_one_warning_and_nothing_else() -> None:
    cards = cards_of({"cells": [], "reach": {"infusion": "never"}}, (), (BROKEN,))
    assert topics(cards) == ["ScopeUnknown"]
    assert cards[0]["indicator"] == "warning"
    assert shape_faults({"cards": cards}) == []


def test_scope_unknown_tells_the_reason_as_text() -> None:
    [card] = dump_cards([scope_unknown_card(CONTEXT, "read <b>failed")])
    assert "could not be read (read &lt;b&gt;failed)." in card["detail"]
    assert "not known here" in card["detail"]


def test_the_same_call_gives_the_same_cards() -> None:
    assert cards_of(BOTH, OFFERS) == cards_of(BOTH, OFFERS)


def test_another_call_gives_other_identifiers() -> None:
    other = replace(CONTEXT, hook_instance="0b6b9c1e-0000-4000-8000-000000000001")
    first, second = cards_of(CRS_3, GRADE_3_ADVICE), cards_of(CRS_3, GRADE_3_ADVICE, (), other)
    assert first[0]["uuid"] != second[0]["uuid"]
    assert first[0]["suggestions"][0]["uuid"] != second[0]["suggestions"][0]["uuid"]
    assert first[0]["uuid"] == "36d60a4b-fad6-55b6-b5fa-ee70d25cd1f5"


@pytest.mark.parametrize(
    "changes",
    [
        {"patient_id": "crs-4"},
        {"origin": ("patient-view", "Practitioner/1")},
    ],
    ids=["patient", "service or user"],
)
def test_one_hook_instance_for_two_patients_or_users_gives_other_identifiers(
    changes: Mapping[str, Any],
) -> None:
    other = replace(CONTEXT, **changes)
    first, second = cards_of(CRS_3, GRADE_3_ADVICE), cards_of(CRS_3, GRADE_3_ADVICE, (), other)

    assert first[0]["uuid"] != second[0]["uuid"]
    assert first[0]["suggestions"][0]["uuid"] != second[0]["suggestions"][0]["uuid"]


def test_a_suggestion_is_recommended_or_neutral() -> None:
    _, icans = cards_of(BOTH, OFFERS)
    marks = [one.get("isRecommended") for one in icans["suggestions"]]
    assert marks == [True, True, True, None]
    assert [len(one["actions"]) for one in icans["suggestions"]] == [1, 1, 1, 1]
    assert icans["selectionBehavior"] == "any"


def test_what_is_not_on_offer_is_no_suggestion() -> None:
    advice = [tocilizumab(offer=Offer.WAIT), drug("MGMT-CRS-3", "dex-10-q6h", None)]
    [card] = cards_of(CRS_3, advice)
    assert "suggestions" not in card
    assert "selectionBehavior" not in card


def test_one_offer_for_both_syndromes_is_pointed_at_from_the_other_card() -> None:
    shared = drug("MGMT-MATRIX", "dex-10-q6h", 10, rules=("MGMT-MATRIX", "MGMT-ICANS-G2"))
    crs, icans = cards_of(BOTH, [shared])
    assert len(crs["suggestions"]) == 1
    assert "suggestions" not in icans
    assert "Steroid: one offer for both syndromes, on the CRS card." in icans["detail"]
    reason = crs["suggestions"][0]["actions"][0]["resource"]["reasonCode"][0]["text"]
    assert reason == "CRS grade 3 and ICANS grade 2 (ASTCT 2019)"


def test_a_critical_recommendation_makes_a_critical_card() -> None:
    [card] = cards_of(CRS_3, [recommended("MGMT-CRS-3")])
    assert card["indicator"] == "critical"


def test_a_raised_opening_pressure_is_critical_at_grade_0() -> None:
    [card] = cards_of(HIGH_PRESSURE)
    assert card["indicator"] == "critical"
    assert card["summary"] == "ICANS grade 0 (ASTCT 2019): opening pressure raised"


@pytest.mark.parametrize(
    ("rows", "texts"),
    [
        (CRS_3, ["**CRS grade 3**: one vasopressor", "Day 3 after axi-cel", "Onset 2026-11-22"]),
        (ICANS_2, ["**ICANS grade 2**: ICE 3 to 6; awakens to voice."]),
        (
            RESOLVING,
            [
                "**CRS resolving, grade 0 now, episode open**",
                "Peak grade 1",
                "Tocilizumab since the infusion: 2 doses (2026-11-20 22:00 UTC",
                "1 of them in the last 24 h.",
            ],
        ),
        (MASKED, ["**Possible CRS, grade 0 to 2**", "may be masked by a drug"]),
        ({**CRS_3, "cells": [{"h": -75, "date_only": True}]}, ["CAR-T, product not known (2026-"]),
        (
            {**CRS_3, "charted": [{"h": -2, "syndrome": "crs", "grade": 2}]},
            ["Charted by a clinician: grade 2 (2026-11-22 12:00 UTC)."],
        ),
        (
            {**CRS_3, "age": -1},
            ["**Missing:** age (no birth date)", "The adult blood pressure line is used"],
        ),
        (
            {"temp": [{"h": -10, "value": 39.2}]},
            ["**Stale:** temperature (last 2026-11-22 04:00 UTC)."],
        ),
        (
            {**RESOLVING, "temp": [{"h": -50, "value": 39}, {"h": -30, "value": 36.8}]},
            ["grade 0 now, episode open", "**Stale:** temperature (last 2026-11-21 08:00 UTC)."],
        ),
        (
            {**CRS_3, "dose": [{**PRESSOR, "status": "running"}, {"h": -9, "drug": "tocilizumab"}]},
            ["Tocilizumab since the infusion: 1 dose ("],
        ),
        (
            {**ICANS_2, "arousal": []},
            ["**Assumed:** Spontaneous waking is assumed"],
        ),
        (
            {"temp": [{"h": -3, "value": 39.2}], "cells": [{"h": -20 * 24, "product": "obe-cel"}]},
            ["Late for CRS (onset on day 19): look for another cause. **CRS grade 1**"],
        ),
    ],
)
def test_the_detail_tells_grade_course_and_gaps(rows: Mapping[str, Any], texts: list[str]) -> None:
    detail = "\n".join(card["detail"] for card in cards_of(rows))
    assert [text for text in texts if text not in detail] == []


CANNULA_13_H_AGO: Mapping[str, Any] = {
    "temp": [{"h": -1, "value": 38.6}],
    "device": [{"h": -13, "is": "nasal-cannula"}],
    "flow": [{"h": -13, "value": 3}],
}
CANNULA_NO_FLOW: Mapping[str, Any] = {
    "temp": [{"h": -1, "value": 38.6}],
    "device": [{"h": -1, "is": "nasal-cannula"}],
}
SEDATED: Mapping[str, Any] = {
    "ice": [{"h": -7, "score": 5}],
    "dose": [{"h": -5, "drug": "propofol", "status": "running", "period": True}],
}


@pytest.mark.parametrize(
    ("rows", "row", "points_to"),
    [
        (CRS_3, "| Fever in the last 24 h |", "fever criterion met"),
        (NO_FEVER, "| No fever in the last 24 h |", "fever criterion not met"),
        (NOTHING_CHARTED, "| No temperature in the last 24 h |", "fever not known"),
        (CRS_3, "| One vasopressor, with or without vasopressin |", "grade 3"),
        (CRS_3, "| Room air |", "grade 0"),
        (NOTHING_CHARTED, "| ICE not charted |", "grade 0 to 4"),
        (CANNULA_13_H_AGO, "| Oxygen device last charted long ago |", "grade 0 to 2"),
        (CANNULA_NO_FLOW, "| Nasal cannula, flow not known |", "grade 2 to 3"),
        (SEDATED, "| Not assessable under a sedative infusion |", "last grade carried on"),
    ],
)
def test_a_row_of_the_basis_points_to_a_grade(
    rows: Mapping[str, Any], row: str, points_to: str
) -> None:
    lines = "\n".join(card["detail"] for card in cards_of(rows)).splitlines()
    assert [line.split("|")[3].strip() for line in lines if line.startswith(row)] == [points_to]


def test_an_old_charted_grade_is_not_shown() -> None:
    [card] = cards_of({**CRS_3, "charted": [{"h": -30, "syndrome": "crs", "grade": 2}]})
    assert "Charted by a clinician" not in card["detail"]


@pytest.mark.parametrize("summary", ["", "a\nb", "x" * 140])
def test_a_summary_that_clients_would_cut_is_refused(summary: str) -> None:
    with pytest.raises(ValueError, match="summary must be one line"):
        Card("u", summary, Indicator.INFO, Source("s"), "d")
