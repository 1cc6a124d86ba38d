"""Order drafts for `create` actions: status draft, intent proposal, each of a validated FHIR model.

What does not depend on the patient is built as a `fhir.resources` model once for each regimen and
amount, or test, and kept; patient, encounter, date, reason and notes are filled in for each answer.
A taper is one order: an instruction for each step, in sequence, each with its days as dates and its
number of doses, so that one click takes all of it and its doses add up to the stated total.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from fhir.resources.R4B.medicationrequest import MedicationRequest
from fhir.resources.R4B.servicerequest import ServiceRequest

from cards.fhir_json import plain
from cards.model import CardContext
from cards.orderables import CARE_MEDICINES, LABS, SNOMED, STUDIES, Orderable, medicine
from cards.regimens import plan_text, step_texts
from fhir_mappings.times import iso
from grading.knowledge import KNOWLEDGE
from grading.model import CareOrder, DrugPlan, Instant, Regimen, Step, TestPlan

_UCUM = "http://unitsofmeasure.org"
ROUTES = {
    "iv": ("47625008", "Intravenous route (qualifier value)"),
    "po": ("26643006", "Oral route (qualifier value)"),
}
BY_PROTOCOL = "Dose and route by the local protocol"
_PLACEHOLDER = {"reference": "Patient/placeholder"}


def medication_request(
    plan: DrugPlan, context: CardContext, now: Instant, reason: str, notes: Iterable[str] = ()
) -> dict[str, Any]:
    """The draft of a regimen with a dose; `reason` and `notes` are plain text.

    Raises:
        ValueError: the plan has no dose.
    """
    if plan.mg is None:
        raise ValueError(f"no dose may be drafted for {plan.regimen}")
    skeleton = _medication_skeleton(plan.drug, plan.regimen, plan.mg)
    text = [{"text": note} for note in (plan_text(plan), *notes)]
    draft = {**skeleton, **_of_patient(context, now, reason), "note": text}
    steps = KNOWLEDGE.regimens[plan.regimen].steps
    if len(steps) > 1:
        first_day = datetime.fromtimestamp(now / 1000, context.zone).date()
        draft["dosageInstruction"] = _dated(draft["dosageInstruction"], steps, first_day)
    return draft


def service_request(
    plan: TestPlan, context: CardContext, now: Instant, reason: str
) -> dict[str, Any]:
    """The draft of a test; `reason` is plain text."""
    return {**_service_skeleton(plan.study), **_of_patient(context, now, reason)}


def care_request(
    order: CareOrder, context: CardContext, now: Instant, reason: str
) -> dict[str, Any]:
    """The draft of an order that goes with a sentence of care; `reason` is plain text.

    A set is one order, its tests in `orderDetail`; a medicine without a regimen has no dose.
    """
    if order.drug is not None:
        return medication_request(order.drug, context, now, reason)
    if order.item in CARE_MEDICINES:
        return {**_undosed_skeleton(order.item), **_of_patient(context, now, reason)}
    draft = service_request(TestPlan(order.item), context, now, reason)
    if order.labs:
        draft["orderDetail"] = [_concept(LABS[name]) for name in order.labs]
    return draft


def _of_patient(context: CardContext, now: Instant, reason: str) -> dict[str, Any]:
    filled: dict[str, Any] = {
        "subject": {"reference": f"Patient/{context.patient_id}"},
        "authoredOn": iso(now),
        "reasonCode": [{"text": reason}],
    }
    if context.encounter_id:
        filled["encounter"] = {"reference": f"Encounter/{context.encounter_id}"}
    return filled


@lru_cache(maxsize=1024)
def _medication_skeleton(drug: str, regimen_id: str, mg: Decimal) -> Mapping[str, Any]:
    regimen = KNOWLEDGE.regimens[regimen_id]
    plan = DrugPlan(drug, regimen_id, mg)
    texts = step_texts(plan)
    steps = regimen.steps or (Step(mg),)
    model = MedicationRequest.model_validate(
        {
            "resourceType": "MedicationRequest",
            "status": "draft",
            "intent": "proposal",
            "medicationCodeableConcept": _concept(medicine(plan)),
            "subject": _PLACEHOLDER,
            "dosageInstruction": [
                _dosage(n, texts[n - 1], step, regimen) for n, step in enumerate(steps, start=1)
            ],
        }
    )
    return plain(model)


@lru_cache(maxsize=16)
def _undosed_skeleton(item: str) -> Mapping[str, Any]:
    model = MedicationRequest.model_validate(
        {
            "resourceType": "MedicationRequest",
            "status": "draft",
            "intent": "proposal",
            "medicationCodeableConcept": _concept(CARE_MEDICINES[item]),
            "subject": _PLACEHOLDER,
            "dosageInstruction": [{"sequence": 1, "text": BY_PROTOCOL}],
        }
    )
    return plain(model)


@lru_cache(maxsize=16)
def _service_skeleton(study: str) -> Mapping[str, Any]:
    model = ServiceRequest.model_validate(
        {
            "resourceType": "ServiceRequest",
            "status": "draft",
            "intent": "proposal",
            "code": _concept(STUDIES[study]),
            "subject": _PLACEHOLDER,
        }
    )
    return plain(model)


def _concept(orderable: Orderable) -> dict[str, Any]:
    """The words with their codes; the words alone where no code is verified."""
    codings = [
        {"system": code.system, "code": code.code, "display": code.display}
        for code in orderable.codes
    ]
    return {"coding": codings, "text": orderable.text} if codings else {"text": orderable.text}


def _dosage(sequence: int, text: str, step: Step, regimen: Regimen) -> dict[str, Any]:
    dosage: dict[str, Any] = {
        "sequence": sequence,
        "text": text,
        "timing": {"repeat": _repeat(step, regimen)},
        "doseAndRate": [_amount(step)],
    }
    if regimen.routes:
        code, display = ROUTES[regimen.routes[0]]
        dosage["route"] = {"coding": [{"system": SNOMED, "code": code, "display": display}]}
    return dosage


def _dated(
    instructions: Iterable[Mapping[str, Any]], steps: Iterable[Step], first_day: date
) -> list[dict[str, Any]]:
    """The instructions of a taper that begins on `first_day`, each with the days that it holds.

    Dates of the site's calendar, both inclusive; the last step may have no end.
    """
    dated = []
    for instruction, bounds in zip(instructions, _periods(steps, first_day), strict=True):
        timing = {"repeat": {"boundsPeriod": bounds, **instruction["timing"]["repeat"]}}
        days = " to ".join(bounds.values()) if "end" in bounds else f"from {bounds['start']}"
        text = f"{instruction['text']}: {days}"
        dated.append({**instruction, "text": text, "timing": timing})
    return dated


def _periods(steps: Iterable[Step], first_day: date) -> Iterator[dict[str, str]]:
    for step in steps:
        bounds = {"start": first_day.isoformat()}
        if step.days is not None:
            bounds["end"] = (first_day + timedelta(days=step.days - 1)).isoformat()
            first_day += timedelta(days=step.days)
        yield bounds


def _repeat(step: Step, regimen: Regimen) -> dict[str, Any]:
    repeat: dict[str, Any] = {}
    if step.every_h is not None:
        repeat |= {"frequency": 1, "period": step.every_h, "periodUnit": "h"}
    if step.every_max_h is not None:
        repeat["periodMax"] = step.every_max_h
    if (count := step.number) is not None:
        repeat["count"] = count
    if regimen.over_min is not None:
        repeat |= {"duration": regimen.over_min, "durationUnit": "min"}
    return repeat


def _amount(step: Step) -> dict[str, Any]:
    if step.mg_max is None:
        return {"doseQuantity": quantity(step.mg, "mg", "mg")}
    low, high = quantity(step.mg, "mg", "mg"), quantity(step.mg_max, "mg", "mg")
    return {"doseRange": {"low": low, "high": high}}


def quantity(value: Decimal, code: str, unit: str) -> dict[str, Any]:
    """A FHIR Quantity in UCUM; a whole number stays whole."""
    number = int(value) if value == value.to_integral_value() else float(value)
    return {"value": number, "unit": unit, "system": _UCUM, "code": code}


def warm() -> None:
    """Build every draft that has no amount by weight, so that no first answer waits for it."""
    for regimen in KNOWLEDGE.regimens.values():
        for step in regimen.steps[:1]:
            _medication_skeleton(regimen.drug, regimen.id, step.mg)
    for study in STUDIES:
        _service_skeleton(study)
    for item in CARE_MEDICINES:
        _undosed_skeleton(item)


warm()
