"""The draft orders of a scenario as an EHR hands them to a CDS service."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from sandbox.catalog import CatalogError, Resource
from sandbox.medicines import Written, order
from sandbox.story import Ehr, Scenario, Story, StoryError

_ORDERS: Final = ("MedicationRequest", "ServiceRequest")


def draft_orders(story: Story, scenario: Scenario) -> Resource:
    """A Bundle of the scenario's drafts; the same story and scenario give the same Bundle.

    Raises `StoryError` where a draft names what the catalog does not have.
    """
    entries: list[Resource] = []
    for number, draft in enumerate(scenario.drafts, 1):
        try:
            written = order(story.style.ehr, draft.fields)
        except CatalogError as error:
            raise StoryError(f"{story.id}: {scenario.title}: {error}") from error
        draft_id = _draft_id(story, scenario, number)
        entries += [{"resource": each} for each in _resources(story, draft_id, written)]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def references(bundle: Resource) -> list[str]:
    """The orders of a Bundle by type and id, in order."""
    found = [each["resource"] for each in bundle["entry"]]
    return [f"{each['resourceType']}/{each['id']}" for each in found if _is_order(each)]


def _is_order(resource: Resource) -> bool:
    return resource["resourceType"] in _ORDERS


def _resources(story: Story, draft_id: str, written: Written) -> list[Resource]:
    """The draft, and the Medication beside it where it refers to one."""
    draft = {
        "resourceType": written.resource_type,
        "id": draft_id,
        "status": "draft",
        "intent": "order",
        "subject": {"reference": f"Patient/{story.id}"},
        **written.elements,
    }
    return [draft] if written.medication is None else [draft, written.medication]


def _draft_id(story: Story, scenario: Scenario, number: int) -> str:
    """Drafts are not stored; an Epic-like EHR gives them ids far beyond the 64 of FHIR."""
    name = f"{story.id}-draft-{story.scenarios.index(scenario) + 1}-{number}"
    if story.style.ehr is not Ehr.EPIC:
        return name
    return "e" + 3 * sha256(name.encode()).hexdigest()
