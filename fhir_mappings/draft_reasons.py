"""Why a draft is ordered: the indications that it states, and those that rules ask for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from fhir_mappings.codes import SHIPPED, CodeableConcept
from fhir_mappings.elements import DosageInstruction
from fhir_mappings.naming import words_of
from fhir_mappings.parts import CONCEPTS, CONDITIONS, REFERENCES
from fhir_mappings.resources import Condition, MedicationRequest
from grading.order_model import OrderReason

_SEIZURES = frozenset(
    {
        "cond.seizure",
        "cond.status_epilepticus",
        "cond.seizure_history",
        "cond.epilepsy_baseline",
    }
)
_REASON_WORDS = {
    OrderReason.SEIZURE: re.compile(r"seizure|epilep|convuls"),
    OrderReason.AGITATION: re.compile(r"agitat"),
}
_DENIED = re.compile(r"^(?:no|not|without)\b|rule out|\br/o\b|threshold|precaution")
_PRN = re.compile(r"(?:prn|as needed)(?: for)?(?: \w+){0,2}? (?:seizure|convuls|agitat)\w*")


def stated_reasons(
    request: MedicationRequest,
    instruction: DosageInstruction,
    conditions: Mapping[str, Condition],
) -> Iterator[CodeableConcept]:
    """Each stated indication: of the order, by reference, or of "as needed".

    `conditions`: those that stand beside the order, by reference.
    """
    stated = [*CONCEPTS.all(request.reason_code)]
    stated += CONCEPTS.all(instruction.as_needed_codeable_concept)
    contained = {
        f"#{each.id.removeprefix('#')}": each for each in CONDITIONS.all(request.contained)
    }
    for reference in REFERENCES.all(request.reason_reference):
        target = reference.reference or ""
        condition = contained.get(target) or conditions.get(target)
        if condition is not None and condition.code is not None:
            stated.append(condition.code)
        stated.append(CodeableConcept(text=reference.display or target))
    return (concept for concept in stated if concept.text or concept.coding)


def kinds_of(reasons: Iterable[CodeableConcept]) -> frozenset[OrderReason]:
    """Those of the indications that rules ask for."""
    found: set[OrderReason] = set()
    for concept in reasons:
        if _SEIZURES & set(SHIPPED.concepts(concept)):
            found.add(OrderReason.SEIZURE)
        found |= {kind for text in words_of(concept) for kind in _said(text)}
    return frozenset(found)


def _said(text: str) -> Iterator[OrderReason]:
    lowered = text.lower()
    if not _DENIED.search(lowered):
        yield from (kind for kind, words in _REASON_WORDS.items() if words.search(lowered))


def prn_reasons(text: str) -> frozenset[OrderReason]:
    """What "as needed for" in the words of a dosage names."""
    found = _PRN.search(text.lower())
    return frozenset(_said(found[0]) if found else ())
