"""A drug regimen in words: whole, short for a button, and step by step for the draft."""

from __future__ import annotations

from collections.abc import Iterator

from grading.knowledge import KNOWLEDGE
from grading.model import DrugPlan, Regimen, Step

ROUTES = {"iv": "IV", "po": "PO"}


def plan_text(plan: DrugPlan) -> str:
    """The regimen as a card prints it; a dose by weight is named, where one may be printed."""
    regimen = KNOWLEDGE.regimens[plan.regimen]
    if plan.mg is None:
        return regimen.without_dose
    if regimen.steps:
        return regimen.text
    return f"{regimen.drug.capitalize()} {_weight_text(plan, regimen)}, one dose"


def short_text(plan: DrugPlan) -> str:
    """The regimen up to what comes later in it, as on a button."""
    return plan_text(plan).split(", then")[0].split(";")[0]


def step_texts(plan: DrugPlan) -> tuple[str, ...]:
    """What each dosage instruction of a draft says, in order."""
    regimen = KNOWLEDGE.regimens[plan.regimen]
    if not regimen.steps:
        return (_weight_text(plan, regimen),)
    return tuple(_steps(regimen))


def _weight_text(plan: DrugPlan, regimen: Regimen) -> str:
    return f"{plan.mg} mg{_route(regimen)} over {regimen.over_min} min"


def _route(regimen: Regimen) -> str:
    """The route that is preferred, after a space; empty where none is stated."""
    return f" {ROUTES[regimen.routes[0]]}" if regimen.routes else ""


def _steps(regimen: Regimen) -> Iterator[str]:
    """A step with its days in the course: "250 mg IV every 12 h for 2 days (days 4 to 5)"."""
    first = 1
    for step in regimen.steps:
        text = f"{_amount(step)} mg{_route(regimen)}{_frequency(step)}"
        if step.days is not None:
            last = first + step.days - 1
            text += f" for {step.days} days (days {first} to {last})"
            first = last + 1
        elif len(regimen.steps) > 1:
            text += f" from day {first}"
        yield text


def _amount(step: Step) -> str:
    return f"{step.mg}" if step.mg_max is None else f"{step.mg} to {step.mg_max}"


def _frequency(step: Step) -> str:
    if step.every_h is None:
        return ", one dose"
    latest = "" if step.every_max_h is None else f" to {step.every_max_h}"
    count = "" if step.doses is None else f", {step.doses} doses"
    return f" every {step.every_h}{latest} h{count}"
