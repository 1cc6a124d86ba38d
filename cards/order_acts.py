"""Suggestions about a draft order: remove it, add an order beside it, or correct its dose."""

from __future__ import annotations

from collections.abc import Mapping

from cards.case import NAMES, Case
from cards.drafts import medication_request
from cards.model import Action, Suggestion
from cards.raw_orders import with_dose
from cards.regimens import plan_text, short_text
from cards.topics import stable_uuid
from cards.wording import drug_name, grade_text, listed, number_text
from grading.model import DrugPlan
from grading.order_model import Act, ActKind, Alert, Draft

_LONGEST_NAME = 40


def name_of(draft: Draft) -> str:
    """What a draft orders, in one word or two: vaccine or ingredients."""
    if draft.vaccine is not None:
        return draft.vaccine.name
    names = listed(drug_name(each) for each in draft.ingredients) if draft.ingredients else "order"
    return names if len(names) <= _LONGEST_NAME else f"{names[: _LONGEST_NAME - 3]}..."


def suggestions_of(
    case: Case, alert: Alert, names: tuple[str, ...], resources: Mapping[str, bytes]
) -> tuple[Suggestion, ...]:
    """A suggestion for each act of an alert; `names` tell the alert from others of its call.

    A draft is corrected or removed only where its reference leads to it and to no other one of the
    call (ACT-4 to ACT-6): not one without an id, and none of two that share one.
    """
    made = (
        _suggestion(case, alert, act, stable_uuid(case.context, *names, str(place)), resources)
        for place, act in enumerate(alert.acts)
    )
    return tuple(found for found in made if found is not None)


def _suggestion(
    case: Case, alert: Alert, act: Act, uuid: str, resources: Mapping[str, bytes]
) -> Suggestion | None:
    draft, name = alert.draft, name_of(alert.draft)
    if act.kind is ActKind.ADD and act.drug is not None:
        return Suggestion(short_text(act.drug), uuid, (_added(case, alert, act.drug),), True)
    raw = resources.get(draft.ref)
    if raw is None:
        return None
    if act.kind is ActKind.CORRECT_DOSE and act.mg is not None:
        resource = with_dose(raw, act.mg)
        label = f"Set the dose of {name} to {number_text(act.mg, 'mg')}"
        if resource is None:
            return None
        return Suggestion(label, uuid, (Action(f"{label}.", resource, "update"),))
    label = f"Remove the order for {name}"
    action = Action(f"{label}.", type="delete", resource_id=draft.ref)
    return Suggestion(label, uuid, (action,))


def _added(case: Case, alert: Alert, plan: DrugPlan) -> Action:
    grades = [
        f"{NAMES[each]} {grade_text(case.assessment(each).grade)}" for each in alert.syndromes
    ]
    reason = f"{listed(grades)} (ASTCT 2019)"
    resource = medication_request(plan, case.context, case.verdict.now, reason)
    return Action(f"Draft for review: {plan_text(plan)}.", resource)
