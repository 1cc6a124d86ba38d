"""How a charted resource is coded, in words of the probe; the only place where it asks the codes.

A site's code map bears on the probe through `meanings` alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from fhir_mappings.codes import CodeableConcept, Coding, canonical_system, read_toml
from fhir_mappings.naming import is_excluded, observed, wording
from fhir_mappings.observations import Plan, plans_of
from fhir_mappings.resources import (
    AnyResource,
    Component,
    Condition,
    DiagnosticReport,
    Medication,
    MedicationAdministration,
    MedicationRequest,
    Observation,
    Procedure,
    ServiceRequest,
)

_SHORT: Final = {urls[0]: name for name, urls in read_toml("systems.toml").items()}
_CODED = Condition | DiagnosticReport | Medication | Procedure | ServiceRequest
_SHOWN_CODES = 3
TEXT_ONLY: Final = "text only: "


class Meanings(NamedTuple):
    """What a concept means to the service: what is read of it, and whether it is known at all."""

    plans: tuple[Plan, ...]
    is_known: bool


def meanings(concept: CodeableConcept) -> Meanings:
    """What the value sets say of the code of an Observation or a component."""
    known = bool(observed(concept).keys) or is_excluded(concept)
    return Meanings(plans_of(concept), known)


class Coded(NamedTuple):
    """How a value is coded, and in which unit it was sent (empty: none)."""

    coding: str
    unit: str = ""


def coded(resource: AnyResource, label: str, medications: dict[str, Medication]) -> Coded:
    """How a resource says what it is; of an Observation, how the input of `label` is coded."""
    if isinstance(resource, Observation):
        return _observation(resource, label)
    if isinstance(resource, MedicationAdministration | MedicationRequest):
        return Coded(_medicine(resource, medications))
    if isinstance(resource, _CODED) and resource.code is not None:
        return Coded(described(resource.code))
    return Coded(f"a {type(resource).__name__}")


def values_of(observation: Observation) -> Iterator[Observation | Component]:
    """The value of an Observation and those of its components."""
    yield observation
    yield from observation.component or ()


def _observation(observation: Observation, label: str) -> Coded:
    for value in values_of(observation):
        concept = value.code or CodeableConcept()
        plan = next((each for each in meanings(concept).plans if each.label == label), None)
        if plan is not None:
            return Coded(described(concept, by_text=plan.by_text), _unit(value))
    return Coded(described(observation.code or CodeableConcept()), _unit(observation))


def _unit(value: Observation | Component) -> str:
    quantity = value.value_quantity
    return "" if quantity is None else quantity.code or quantity.unit or "none"


def _medicine(
    item: MedicationAdministration | MedicationRequest, medications: dict[str, Medication]
) -> str:
    concept = item.medication_codeable_concept
    if concept is not None:
        return described(concept)
    reference = item.medication_reference
    target = (reference.reference or "") if reference is not None else ""
    medication = medications.get("/".join(target.split("/")[-2:]))
    if medication is not None and medication.code is not None:
        return f"reference, {described(medication.code)}"
    return "contained medication" if target.startswith("#") else "reference that leads nowhere"


def described(concept: CodeableConcept, *, by_text: bool = False) -> str:
    """`system|code` of the codings with the text; `text only` where no code speaks."""
    codings = [f"{_system(each)}|{each.code}" for each in concept.coding if each.code]
    words = wording(concept)
    if by_text or not codings:
        beside = f" ({codings[0]})" if codings else ""
        return f"{TEXT_ONLY}{words}{beside}"
    more = f" +{len(codings) - _SHOWN_CODES}" if len(codings) > _SHOWN_CODES else ""
    return " ".join(codings[:_SHOWN_CODES]) + more + (f" ({words})" if words else "")


def _system(coding: Coding) -> str:
    url = canonical_system(coding.system)
    return _SHORT.get(url, url)


class Unmapped(NamedTuple):
    """A code that was met and that no concept knows, and how often."""

    coding: str
    unit: str
    times: int


def unmapped(observations: Iterable[Observation]) -> tuple[Unmapped, ...]:
    """Codes of Observations and components without a meaning, the most frequent first."""
    seen: Counter[tuple[str, str]] = Counter()
    for observation in observations:
        for value in values_of(observation):
            concept = value.code
            if concept is not None and not meanings(concept).is_known:
                seen[described(concept), _unit(value)] += 1
    return tuple(Unmapped(*pair, times) for pair, times in seen.most_common())
