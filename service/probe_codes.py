"""How a charted resource is coded, in words of the probe; the only place where it asks the codes.

Our codings stand beside those of the site by its code map, before anything is asked here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from fhir_mappings.codes import LOCAL_SYSTEM, CodeableConcept, Coding, canonical_system, read_toml
from fhir_mappings.drugs import recognize
from fhir_mappings.elements import Component
from fhir_mappings.naming import is_excluded, observed, words_of
from fhir_mappings.readers import plans_of
from fhir_mappings.resources import (
    AnyResource,
    Condition,
    Medication,
    MedicationAdministration,
    MedicationRequest,
    Observation,
    Procedure,
)
from fhir_mappings.values import Plan

_SHORT: Final = {urls[0]: name for name, urls in read_toml("systems.toml").items()} | {
    LOCAL_SYSTEM: "local"
}
_CODED = Condition | Procedure
Medicated = MedicationAdministration | MedicationRequest
_DRUG_SYSTEMS: Final = frozenset({"rxnorm", "ndc", "atc"})
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


def coded(resource: AnyResource | None, label: str, medications: Mapping[str, Medication]) -> Coded:
    """How a resource says what it is; of an Observation, how the input of `label` is coded."""
    if resource is None:
        return Coded("")
    if isinstance(resource, Observation):
        return _observation(resource, label)
    if isinstance(resource, Medicated):
        return Coded(_medicine(resource, medications))
    concept = resource.code if isinstance(resource, _CODED) else None
    return Coded(described(concept) if concept is not None else f"a {type(resource).__name__}")


def labels_of(observation: Observation) -> frozenset[str]:
    """The inputs that an Observation and its components speak of."""
    concepts = (each.code for each in _values_of(observation) if each.code is not None)
    return frozenset(plan.label for concept in concepts for plan in meanings(concept).plans)


def _values_of(observation: Observation) -> Iterator[Observation | Component]:
    """The value of an Observation and those of its components."""
    yield observation
    yield from observation.component or ()


def _observation(observation: Observation, label: str) -> Coded:
    """How the value that speaks of an input is coded, else the Observation itself."""
    for value in _values_of(observation):
        concept = value.code or CodeableConcept()
        plan = next((each for each in meanings(concept).plans if each.label == label), None)
        if plan is not None:
            return Coded(described(concept, by_text=plan.by_text), _unit(value))
    return Coded(described(observation.code or CodeableConcept()), _unit(observation))


def _unit(value: Observation | Component) -> str:
    quantity = value.value_quantity
    return "" if quantity is None else quantity.code or quantity.unit or "none"


def _medicine(item: Medicated, medications: Mapping[str, Medication]) -> str:
    concept, by_reference = _concept(item, medications)
    if concept is not None:
        return f"{'reference, ' if by_reference else ''}{described(concept)}"
    return "contained medication" if _target(item).startswith("#") else "no code that can be read"


def _concept(
    item: Medicated, medications: Mapping[str, Medication]
) -> tuple[CodeableConcept | None, bool]:
    """The code of a medicine, and whether it lies behind a reference."""
    if item.medication_codeable_concept is not None:
        return item.medication_codeable_concept, False
    medication = medications.get("/".join(_target(item).split("/")[-2:]))
    return (medication.code if medication is not None else None), True


def _target(item: Medicated) -> str:
    reference = item.medication_reference
    return (reference.reference or "") if reference is not None else ""


def unknown_medicines(
    resources: Iterable[AnyResource], medications: Mapping[str, Medication]
) -> tuple[str, ...]:
    """Medicines that only a code of the site names, or nothing: no drug list can hold them."""
    items = (each for each in resources if isinstance(each, Medicated))
    found = (_medicine(each, medications) for each in items if _is_unknown(each, medications))
    return tuple(dict.fromkeys(found))


def _is_unknown(item: Medicated, medications: Mapping[str, Medication]) -> bool:
    if _target(item).startswith("#"):
        return False
    concept, _ = _concept(item, medications)
    if concept is None:
        return True
    named = recognize((concept,), ())
    codes = {_system(each) for each in concept.coding}
    return not (named.is_known or codes & _DRUG_SYSTEMS)


def described(concept: CodeableConcept, *, by_text: bool = False) -> str:
    """`system|code` of the codings with the text; `text only` where no code speaks."""
    codings = [f"{_system(each)}|{each.code}" for each in concept.coding if each.code]
    words = next(words_of(concept), "")
    if by_text or not codings:
        beside = f" ({codings[0]})" if codings else ""
        return f"{TEXT_ONLY}{words}{beside}"
    more = f" +{len(codings) - _SHOWN_CODES}" if len(codings) > _SHOWN_CODES else ""
    return " ".join(codings[:_SHOWN_CODES]) + more + (f" ({words})" if words else "")


def _system(coding: Coding) -> str:
    url = canonical_system(coding.system)
    return _SHORT.get(url, url)


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A code that was met and that no concept knows, and how often."""

    coding: str
    unit: str
    times: int


def unmapped(observations: Iterable[Observation]) -> tuple[Unmapped, ...]:
    """Codes of Observations and components without a meaning, the most frequent first."""
    seen: Counter[tuple[str, str]] = Counter()
    for observation in observations:
        for value in _values_of(observation):
            concept = value.code
            if concept is not None and not meanings(concept).is_known:
                seen[described(concept), _unit(value)] += 1
    return tuple(Unmapped(*pair, times) for pair, times in seen.most_common())
