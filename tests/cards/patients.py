"""Cases for the cards: rows of `tests.grading.snapshots`, recommendations built by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from typing import Any

import msgspec

from cards import compose_cards, dump_cards
from cards.case import IEC_HS, Case, home_of
from cards.model import CardContext
from cards.wording import Words
from fhir_mappings.issues import DataIssue
from grading import KNOWLEDGE, assess, prepare, recommend
from grading.model import (
    Assessment,
    DrugPlan,
    GradeRange,
    Measured,
    Offer,
    Recommendation,
    Snapshot,
    State,
    TestPlan,
    Verdict,
)
from tests.grading.snapshots import at, snapshot

HOOK_INSTANCE = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
CONTEXT = CardContext("crs-3", "enc-1", HOOK_INSTANCE, base_url="https://cds.example.org")
WORDS = Words(UTC, KNOWLEDGE.policy)
WEIGHT = Measured(at(-6), Decimal(70), "Observation/w1")

FEVER = [{"h": -3, "value": 39.2}]
LOW = [{"h": -2, "sbp": 84}]
PRESSOR: Mapping[str, Any] = {"h": -2, "drug": "norepinephrine", "rate": 5, "period": True}
CRS_3: Mapping[str, Any] = {"temp": FEVER, "bp": LOW, "dose": [{**PRESSOR, "status": "running"}]}
ICANS_2: Mapping[str, Any] = {
    "ice": [{"h": -1, "score": 5}],
    "arousal": [{"h": -1, "level": "voice"}],
}
OVERLAP: Mapping[str, Any] = {
    "cells": [{"h": -294, "product": "axi-cel"}],
    "labs": {
        "ferritin": [
            {"h": -300, "value": 500, "low": 15, "high": 300},
            {"h": -50, "value": 4600, "low": 15, "high": 300},
            {"h": -6, "value": 14000, "low": 15, "high": 300},
        ],
        "fibrinogen": [{"h": -6, "value": 110, "low": 200, "high": 400}],
        "alt": [{"h": -6, "value": 280, "high": 40}],
        "ast": [{"h": -6, "value": 30, "high": 40}],
        "anc": [{"h": -60, "value": 1500}, {"h": -6, "value": 1200}],
        "platelets": [{"h": -60, "value": 61000}, {"h": -6, "value": 32000, "low": 150000}],
        "hemoglobin": [{"h": -6, "value": 9.8}],
        "ldh": [{"h": -30, "value": 900, "high": 250}],
        "triglycerides": [{"h": -6, "value": 310}],
    },
    "order": [{"test": "lab-ldh", "h": -2}],
}
"""W50 of clinical-rules.md section 9."""
NOTHING_CHARTED: Mapping[str, Any] = {
    key: [] for key in ("temp", "bp", "spo2", "device", "ice", "arousal")
}


def chart(rows: Mapping[str, Any]) -> Snapshot:
    """The snapshot of the rows, with a weight unless they say `weight = false`."""
    found = snapshot(rows)
    return found if rows.get("weight") is False else replace(found, weights=(WEIGHT,))


def verdict_of(rows: Mapping[str, Any]) -> Verdict:
    return assess(prepare(chart(rows), KNOWLEDGE.policy))


def case_of(rows: Mapping[str, Any], context: CardContext = CONTEXT) -> Case:
    return Case(verdict_of(rows), chart(rows), context, Words(context.zone, context.policy))


def as_sent(cards: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Cards as a client reads them."""
    found: list[dict[str, Any]] = msgspec.json.decode(msgspec.json.encode(cards))
    return found


def cards_of(
    rows: Mapping[str, Any],
    recommendations: Sequence[Recommendation] = (),
    issues: tuple[DataIssue, ...] = (),
    context: CardContext = CONTEXT,
) -> list[dict[str, Any]]:
    """The cards as JSON values."""
    known = chart(rows)
    verdict = assess(prepare(known, KNOWLEDGE.policy))
    return as_sent(dump_cards(compose_cards(verdict, recommendations, issues, known, context)))


def overlap_advice(rows: Mapping[str, Any]) -> tuple[Recommendation, ...]:
    """What the core recommends on the rows for the IEC-HS card."""
    course = prepare(chart(rows), KNOWLEDGE.policy)
    found = recommend(course, assess(course))
    return tuple(item for item in found if home_of(item) == IEC_HS)


def recommended(rule: str, **changes: Any) -> Recommendation:
    """The recommendation of one rule as a text, with changes."""
    row = KNOWLEDGE.rules[rule]
    found = Recommendation(
        rules=(rule,),
        topic=row.topic,
        strength=row.strength,
        indicator=row.indicator,
        offer=Offer.TEXT,
        says=row.says,
        cites=row.cites,
    )
    return replace(found, **changes)


def drug(rule: str, regimen: str, mg: int | None, **changes: Any) -> Recommendation:
    """The recommendation of a drug, on offer as a draft."""
    row = KNOWLEDGE.regimens[regimen]
    plan = DrugPlan(row.drug, regimen, None if mg is None else Decimal(mg))
    defaults = {"topic": "steroid", "drug": plan, "offer": Offer.SUGGEST, "says": row.text}
    return recommended(rule, **{**defaults, "cites": row.cites, **changes})


def study_of(rule: str, study: str, **changes: Any) -> Recommendation:
    """The recommendation of a test, on offer as a draft."""
    return recommended(rule, test=TestPlan(study), **{"offer": Offer.SUGGEST, **changes})


def tocilizumab(rule: str = "MGMT-CRS-3", **changes: Any) -> Recommendation:
    """One dose for a patient of 70 kg, with its weight."""
    found = drug(rule, "toci", 560, topic="tocilizumab")
    plan = DrugPlan("tocilizumab", "toci", Decimal(560), (WEIGHT,))
    return replace(found, **{"drug": plan, "detail": ("reassess:8",), **changes})


def graded(syndrome: str, lo: int, hi: int, state: State = State.ACTIVE, **rest: Any) -> Assessment:
    return Assessment(syndrome, GradeRange(lo, hi), state, **rest)


GRADE_3_ADVICE = (
    tocilizumab(),
    drug("MGMT-CRS-3", "dex-10-q6h", 10, detail=("reassess:24",)),
    recommended("ICU-1"),
    recommended("MGMT-CRS-3"),
    recommended("MGMT-CRS-01"),
    recommended("MGMT-CRS-04"),
    recommended("MGMT-CRS-06"),
)
ICANS_2_ADVICE = (
    drug("MGMT-ICANS-G2", "dex-10-reassess", 10, detail=("reassess:6-12",)),
    study_of("MGMT-ICANS-MRI", "mri-brain", detail=("contrast-to-orderer",)),
    study_of("MGMT-ICANS-EEG", "eeg"),
    study_of("MGMT-ICANS-LP", "lumbar-puncture"),
    recommended("MGMT-ICANS-1"),
    recommended("MGMT-ICANS-8"),
)
