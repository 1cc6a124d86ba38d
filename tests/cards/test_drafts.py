"""Every draft of every regimen and test is a valid R4 order, complete and of the right patient."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import fhirkit
import msgspec
import pytest
from fhir.resources.R4B.medicationrequest import MedicationRequest
from fhir.resources.R4B.servicerequest import ServiceRequest

from cards.drafts import medication_request, service_request
from cards.orderables import MEDICINES, STUDIES
from cards.regimens import plan_text, short_text, step_texts
from fhir_mappings import elements, resources
from fhir_mappings.bundle import read_entries
from fhir_mappings.dosages import every_hours, how_much
from fhir_mappings.drafts import read_drafts
from fhir_mappings.parts import INSTRUCTIONS, PERIODS
from grading import KNOWLEDGE, model
from grading.model import DrugPlan, StudyKind
from tests.cards.patients import CONTEXT
from tests.grading.snapshots import NOW

REASON = "CRS grade 3 (ASTCT 2019)"


def plan_of(regimen: str) -> DrugPlan:
    row = KNOWLEDGE.regimens[regimen]
    return DrugPlan(row.drug, regimen, row.steps[0].mg if row.steps else Decimal("552.5"))


def drafted(regimen: str, **context: Any) -> dict[str, Any]:
    plan = plan_of(regimen)
    return medication_request(plan, replace(CONTEXT, **context), NOW, REASON, ["Weight 70 kg."])


def studied(study: str, **context: Any) -> dict[str, Any]:
    return service_request(model.TestPlan(study), replace(CONTEXT, **context), NOW, REASON)


DRAFTS = [
    *(drafted(regimen) for regimen in KNOWLEDGE.regimens),
    *(studied(study) for study in StudyKind),
]
MODELS: dict[str, Any] = {"MedicationRequest": MedicationRequest, "ServiceRequest": ServiceRequest}


@pytest.mark.parametrize("draft", DRAFTS)
def test_a_draft_is_valid_for_two_validators(draft: dict[str, Any]) -> None:
    MODELS[draft["resourceType"]].model_validate(draft)
    assert [str(issue) for issue in fhirkit.validate(draft)] == []


@pytest.mark.parametrize("draft", DRAFTS)
def test_a_draft_is_a_proposal_for_the_patient_in_the_encounter(draft: dict[str, Any]) -> None:
    assert (draft["status"], draft["intent"]) == ("draft", "proposal")
    assert draft["subject"] == {"reference": "Patient/crs-3"}
    assert draft["encounter"] == {"reference": "Encounter/enc-1"}
    assert draft["authoredOn"] == "2026-11-22T14:00:00Z"
    assert draft["reasonCode"] == [{"text": REASON}]
    assert not {"id", "meta", "text"} & set(draft)
    code = draft.get("code") or draft["medicationCodeableConcept"]
    assert code["text"]
    assert all(coding["system"] and coding["display"] for coding in code.get("coding", ()))


@pytest.mark.parametrize("regimen", KNOWLEDGE.regimens)
def test_a_medicine_has_dose_route_and_the_whole_regimen(regimen: str) -> None:
    draft = drafted(regimen)
    steps = KNOWLEDGE.regimens[regimen].steps
    instructions = draft["dosageInstruction"]
    assert len(instructions) == max(1, len(steps))
    assert [one["sequence"] for one in instructions] == list(range(1, len(instructions) + 1))
    routes = KNOWLEDGE.regimens[regimen].routes
    assert all(one["text"] and ("route" in one) == bool(routes) for one in instructions)
    assert all(one["timing"]["repeat"] for one in instructions)
    assert draft["note"] == [{"text": plan_text(plan_of(regimen))}, {"text": "Weight 70 kg."}]


def test_no_encounter_is_invented() -> None:
    assert "encounter" not in drafted("dex-10-once", encounter_id=None)
    assert "encounter" not in studied("eeg", encounter_id=None)


def test_a_dose_by_weight_keeps_its_fraction_and_its_length() -> None:
    instruction = drafted("toci")["dosageInstruction"][0]
    assert instruction["doseAndRate"][0]["doseQuantity"]["value"] == 552.5
    assert instruction["timing"]["repeat"] == {"count": 1, "duration": 60, "durationUnit": "min"}
    assert instruction["text"] == "552.5 mg IV over 60 min"


def test_a_range_of_doses_and_of_hours_stays_a_range() -> None:
    low_high = drafted("lev")["dosageInstruction"][0]["doseAndRate"][0]["doseRange"]
    assert (low_high["low"]["value"], low_high["high"]["value"]) == (500, 750)
    repeat = drafted("dex-10-q12-24h-x2")["dosageInstruction"][0]["timing"]["repeat"]
    assert repeat == {"count": 2, "frequency": 1, "period": 12, "periodMax": 24, "periodUnit": "h"}


def test_a_taper_is_one_instruction_for_each_step() -> None:
    assert step_texts(plan_of("mp-icans4")) == (
        "1000 mg IV every 24 h for 3 days (days 1 to 3)",
        "250 mg IV every 12 h for 2 days (days 4 to 5)",
        "125 mg IV every 12 h for 2 days (days 6 to 7)",
        "60 mg IV every 12 h for 2 days (days 8 to 9)",
    )
    assert step_texts(plan_of("mp-crs4"))[-1] == "60 mg IV every 12 h from day 8"


TAPERS = [
    (
        "mp-icans4",
        [
            ("2026-11-22", "2026-11-24", 1000, 24, 3),
            ("2026-11-25", "2026-11-26", 250, 12, 4),
            ("2026-11-27", "2026-11-28", 125, 12, 4),
            ("2026-11-29", "2026-11-30", 60, 12, 4),
        ],
        4740,
    ),
    (
        "mp-crs4",
        [
            ("2026-11-22", "2026-11-24", 500, 12, 6),
            ("2026-11-25", "2026-11-26", 250, 12, 4),
            ("2026-11-27", "2026-11-28", 125, 12, 4),
            ("2026-11-29", "", 60, 12, None),
        ],
        4500,
    ),
]
"""First and last day, mg, hours between doses, number of doses; mg of the steps with an end."""


@pytest.mark.parametrize(("regimen", "rows", "total"), TAPERS)
def test_a_taper_is_a_dated_schedule_that_adds_up(
    regimen: str, rows: list[tuple[Any, ...]], total: int
) -> None:
    """Read back as an EHR would send it, by the readers of draft orders."""
    draft = {**drafted(regimen), "id": "d1"}
    bundle = {"resourceType": "Bundle", "entry": [{"resource": draft}]}
    raw = msgspec.json.encode(bundle)
    [entry] = read_entries(raw)
    assert isinstance(entry.resource, resources.MedicationRequest)
    found = [read_back(each) for each in INSTRUCTIONS.all(entry.resource.dosage_instruction)]
    assert found == [(*row[:2], Decimal(row[2]), Decimal(row[3]), row[4]) for row in rows]
    assert sum(mg * count for *_, mg, _, count in found if count) == total
    [read] = read_drafts(raw, "crs-3", UTC, None).drafts
    assert (read.ingredients, read.mg) == (("methylprednisolone",), Decimal(rows[0][2]))
    assert read.every_h == rows[0][3]


def read_back(instruction: elements.DosageInstruction) -> tuple[Any, ...]:
    """Days, dose and interval as the record reads them; the number of doses by days and hours."""
    assert instruction.timing
    assert instruction.timing.repeat
    assert instruction.dose_and_rate
    [bounds] = PERIODS.all(instruction.timing.repeat.bounds_period)
    mg = how_much(instruction.dose_and_rate[0].dose_quantity).mg
    every_h = every_hours(instruction)
    assert bounds.start
    assert every_h
    days = None
    if bounds.end:
        last = date.fromisoformat(bounds.end)
        days = (last - date.fromisoformat(bounds.start)).days + 1
    count = None if days is None else days * 24 / every_h
    return bounds.start, bounds.end or "", mg, every_h, count


@pytest.mark.parametrize(("regimen", "rows", "_total"), TAPERS)
def test_a_step_of_a_taper_counts_its_doses(
    regimen: str, rows: list[tuple[Any, ...]], _total: int
) -> None:
    repeats = [one["timing"]["repeat"] for one in drafted(regimen)["dosageInstruction"]]
    assert [repeat.get("count") for repeat in repeats] == [row[4] for row in rows]


def test_a_taper_begins_on_the_day_of_the_site() -> None:
    zone = ZoneInfo("Pacific/Auckland")
    instructions = drafted("mp-icans4", zone=zone)["dosageInstruction"]
    assert instructions[0]["timing"]["repeat"]["boundsPeriod"]["start"] == "2026-11-23"
    assert instructions[0]["text"] == (
        "1000 mg IV every 24 h for 3 days (days 1 to 3): 2026-11-23 to 2026-11-25"
    )


@pytest.mark.parametrize(
    ("regimen", "mg", "doses"),
    [
        ("dex-10-once", 10, 1),
        ("dex-10-reassess", 10, 1),
        ("dex-10-q12-24h-x2", 20, 2),
        ("toci", Decimal("552.5"), 1),
    ],
)
def test_a_regimen_with_an_end_adds_up(regimen: str, mg: Decimal, doses: int) -> None:
    [instruction] = drafted(regimen)["dosageInstruction"]
    quantity = instruction["doseAndRate"][0]["doseQuantity"]
    assert instruction["timing"]["repeat"]["count"] == doses
    assert Decimal(str(quantity["value"])) * doses == mg


@pytest.mark.parametrize("regimen", ["dex-10-q24h", "dex-10-q12-24h", "dex-10-q6h", "lev"])
def test_a_regimen_without_an_end_has_no_total(regimen: str) -> None:
    [instruction] = drafted(regimen)["dosageInstruction"]
    assert "count" not in instruction["timing"]["repeat"]


@pytest.mark.parametrize(("regimen", "code"), [("mp-icans4", "1743726"), ("mp-crs4", "1743720")])
def test_the_vial_is_that_of_the_first_dose(regimen: str, code: str) -> None:
    assert drafted(regimen)["medicationCodeableConcept"]["coding"][0]["code"] == code


def test_a_plan_without_a_dose_is_not_drafted() -> None:
    plan = DrugPlan("dexamethasone", "dex-10-once")
    with pytest.raises(ValueError, match="no dose may be drafted for dex-10-once"):
        medication_request(plan, CONTEXT, NOW, REASON)


@pytest.mark.parametrize(
    ("regimen", "mg", "whole", "short"),
    [
        ("dex-10-once", None, "Dexamethasone IV, one dose", "Dexamethasone IV, one dose"),
        (
            "toci",
            560,
            "Tocilizumab 560 mg IV over 60 min, one dose",
            "Tocilizumab 560 mg IV over 60 min, one dose",
        ),
        (
            "dex-10-q12-24h-x2",
            10,
            "Dexamethasone 10 mg IV every 12 to 24 h, two doses, then reassessment",
            "Dexamethasone 10 mg IV every 12 to 24 h, two doses",
        ),
    ],
)
def test_a_regimen_is_said_whole_and_short(
    regimen: str, mg: int | None, whole: str, short: str
) -> None:
    row = KNOWLEDGE.regimens[regimen]
    plan = DrugPlan(row.drug, regimen, None if mg is None else Decimal(mg))
    assert (plan_text(plan), short_text(plan)) == (whole, short)


def test_everything_that_may_be_asked_for_can_be_ordered() -> None:
    assert {row.drug for row in KNOWLEDGE.regimens.values()} == set(MEDICINES)
    assert set(STUDIES) == set(StudyKind)


def test_two_patients_share_nothing_of_a_draft() -> None:
    first = drafted("dex-10-q6h")
    second = drafted("dex-10-q6h", patient_id="crs-4")
    assert first["subject"] != second["subject"]
