"""Medicines as given and as ordered, whichever way they are named (terminology.md 6.1, READ-2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

import msgspec

from fhir_mappings.codes import CodeableConcept
from fhir_mappings.dosages import every_hours, how_much, rate_of
from fhir_mappings.drugs import Gate, Recognized, passage, recognize, words_in
from fhir_mappings.facts import Facts
from fhir_mappings.fluids import Fluid, fluid_of
from fhir_mappings.issues import IssueKind
from fhir_mappings.parts import DOSAGES, INSTRUCTIONS, MEDICATIONS, members_of
from fhir_mappings.resources import (
    Dosage,
    DosageInstruction,
    DoseAndRate,
    Medication,
    MedicationAdministration,
    MedicationRequest,
    Reference,
)
from fhir_mappings.times import When
from grading.knowledge import KNOWLEDGE
from grading.model import Dose, DoseStatus, InfusionRecord, Order, Remark

_STATUS = {
    "completed": DoseStatus.GIVEN,
    "stopped": DoseStatus.GIVEN,
    "in-progress": DoseStatus.RUNNING,
    "on-hold": DoseStatus.HELD,
    "unknown": DoseStatus.UNCERTAIN,
}
_NOT_GIVEN = frozenset({"not-done", "entered-in-error"})
_INFUSED = frozenset({"completed", "in-progress"})
"""READ-9; a CAR-T product of another status may have been given, which is noted."""
_FLUIDS = KNOWLEDGE.drugs["fluid"]
_ASPIRIN_MG = 300
"""CRS-F3: aspirin lowers fever from this dose on."""


class Named(NamedTuple):
    """A medicine with the words it is shown by; `is_nameless`: there is nothing to know it by.

    `words`: every text and display that was read of it.
    """

    found: Recognized
    text: str
    is_nameless: bool
    words: tuple[str, ...] = ()


class Medications:
    """The Medications of a record, by every reference that may lead to them."""

    def __init__(self, medications: Iterable[Medication]) -> None:
        """Index `medications` by relative reference and by full URL."""
        self._by_ref: dict[str, Medication] = {}
        for each in medications:
            for ref in (each.ref, each.full_url):
                if ref:
                    self._by_ref[ref] = each

    def find(self, reference: str, contained: Mapping[str, Medication]) -> Medication | None:
        """The Medication that a reference leads to: contained, by full URL, or by type and id."""
        if reference.startswith("#"):
            return contained.get(reference[1:])
        path = reference.split("/_history/", maxsplit=1)[0]
        relative = "/".join(path.split("/")[-2:])
        return self._by_ref.get(reference) or self._by_ref.get(relative)


def name_of(
    concept: CodeableConcept | None,
    reference: Reference | None,
    raw_contained: msgspec.Raw,
    medications: Medications,
    facts: Facts,
) -> Named:
    """What a medicine is, from its concept, or the Medication behind its reference."""
    if reference is None:
        return _named((concept,) if concept is not None else (), ())
    concepts = [concept] if concept is not None else []
    inside = map(facts.codes.medication, MEDICATIONS.all(raw_contained))
    contained = {each.id: each for each in inside}
    target = reference.reference or ""
    medication = medications.find(target, contained) if target else None
    if medication is not None:
        concepts += _concepts(medication, contained, medications)
    elif target and not target.startswith("#"):
        facts.unresolved.add(target)
    return _named(tuple(concepts), (reference.display,) if reference.display else ())


@lru_cache(maxsize=4096)
def _named(concepts: tuple[CodeableConcept, ...], texts: tuple[str, ...]) -> Named:
    found = recognize(concepts, texts)
    return Named(
        found,
        _shown(concepts, texts, found),
        not texts and not _has_name(concepts),
        tuple(words_in(concepts, texts)),
    )


def _concepts(
    medication: Medication, contained: Mapping[str, Medication], medications: Medications
) -> list[CodeableConcept]:
    """Code of a Medication and of its ingredients, one level deep."""
    found = [medication.code] if medication.code is not None else []
    for ingredient in medication.ingredient or ():
        if ingredient.item_codeable_concept is not None:
            found.append(ingredient.item_codeable_concept)
        elif ingredient.item_reference and ingredient.item_reference.reference:
            inner = medications.find(ingredient.item_reference.reference, contained)
            if inner is not None and inner.code is not None:
                found.append(inner.code)
    return found


def _has_name(concepts: Iterable[CodeableConcept]) -> bool:
    return any(
        concept.text or any(coding.code or coding.display for coding in concept.coding)
        for concept in concepts
    )


def _shown(concepts: Iterable[CodeableConcept], texts: Iterable[str], found: Recognized) -> str:
    for concept in concepts:
        for text in (concept.text, *(coding.display for coding in concept.coding)):
            if text:
                return text
    return next(iter(texts), "") or ", ".join(found.ingredients)


# --- as given ------------------------------------------------------------------------------------


def read_administration(
    item: MedicationAdministration, medications: Medications, facts: Facts
) -> None:
    """Add a dose for each ingredient, and the infusion where it is a CAR-T product."""
    if item.status in _NOT_GIVEN:
        return
    status = _STATUS.get(item.status or "")
    if status is None:
        facts.log.add(IssueKind.REFUSED_STATUS, "MedicationAdministration", item.ref)
    named = name_of(
        item.medication_codeable_concept,
        item.medication_reference,
        item.contained,
        medications,
        facts,
    )
    if named.is_nameless:
        facts.log.add(IssueKind.UNCLASSIFIED_DRUG, "MedicationAdministration", item.ref)
    if not named.found.ingredients and not named.found.products:
        return
    times = _times(item, facts)
    if named.found.products and (times is None or item.status not in _INFUSED):
        facts.unplaced.add(item.ref)
    if times is None or status is None:
        return
    start, end, has_period = times
    if named.found.products and item.status in _INFUSED:
        products = [product for product in named.found.products if product]
        facts.infusions.append(
            InfusionRecord(
                start.first, start.date_only, products[0] if products else None, item.ref
            )
        )
    _doses(item, named, status, (start, end, has_period), facts)


Times = tuple[When, When | None, bool]


def _times(item: MedicationAdministration, facts: Facts) -> Times | None:
    """Start, charted end, and whether it was charted as a period; an issue where there is none."""
    if item.effective_date_time:
        start = facts.when(item.effective_date_time, "MedicationAdministration", item.ref)
        return None if start is None else (start, None, False)
    period = item.effective_period
    if period is None or not (period.start or period.end):
        facts.log.add(IssueKind.NO_TIME, "MedicationAdministration", item.ref)
        return None
    start = facts.when(period.start or period.end or "", "MedicationAdministration", item.ref)
    end = None
    if period.end:
        end = facts.when(period.end, "MedicationAdministration", item.ref)
    return None if start is None else (start, end, True)


def _doses(
    item: MedicationAdministration, named: Named, status: DoseStatus, times: Times, facts: Facts
) -> None:
    start, end, has_period = times
    dosage = DOSAGES.one(item.dosage) or Dosage()
    rate = rate_of(dosage.rate_ratio, dosage.rate_quantity)
    passed = passage(named.found, dosage.route, has_rate=rate is not None and rate > 0)
    mg, ml, *_ = how_much(dosage.dose)
    fluid = Fluid(ml)
    if _FLUIDS.issuperset(named.found.ingredients):
        fluid = fluid_of(named.words, dosage, facts, item.ref)
    flags = (Remark.DATE_ONLY,) if start.date_only else ()
    for drug in named.found.ingredients:
        if drug == "aspirin" and mg is not None and mg < _ASPIRIN_MG:
            continue
        facts.doses.append(
            Dose(
                start=start.first,
                end=end.last if end is not None else None,
                drug=drug,
                ref=item.ref,
                status=status,
                has_period=has_period,
                rate=rate,
                mg=mg,
                ml=fluid.ml,
                systemic=passed.systemic,
                intravenous=passed.intravenous,
                text=named.text,
                date_only=start.date_only,
                flags=flags,
                bolus=fluid.bolus,
            )
        )


# --- as ordered ----------------------------------------------------------------------------------

_OPEN = frozenset({"active", "on-hold", "draft"})
_PLANNED = frozenset({"proposal", "plan"})


class Ordered(NamedTuple):
    """What a MedicationRequest orders, by its first instruction; `is_odd`: that cannot be read."""

    named: Named
    instruction: DosageInstruction
    amount: DoseAndRate
    passed: Gate
    is_odd: bool = False


def what_is_ordered(item: MedicationRequest, medications: Medications, facts: Facts) -> Ordered:
    """The medicine of an order with its first instruction and the gate of form and route."""
    named = name_of(
        item.medication_codeable_concept,
        item.medication_reference,
        item.contained,
        medications,
        facts,
    )
    read = INSTRUCTIONS.one(item.dosage_instruction)
    instruction = read or DosageInstruction()
    amount = next(iter(instruction.dose_and_rate or ()), DoseAndRate())
    rate = rate_of(amount.rate_ratio, amount.rate_quantity)
    passed = passage(named.found, instruction.route, has_rate=rate is not None)
    is_odd = read is None and bool(members_of(item.dosage_instruction))
    return Ordered(named, instruction, amount, passed, is_odd)


def read_medication_order(item: MedicationRequest, medications: Medications, facts: Facts) -> None:
    """Add an order for each ingredient of an open MedicationRequest."""
    if item.status not in _OPEN or item.do_not_perform:
        return
    ordered = what_is_ordered(item, medications, facts)
    named = ordered.named
    if named.is_nameless:
        facts.log.add(IssueKind.UNCLASSIFIED_DRUG, "MedicationRequest", item.ref)
    if not named.found.ingredients:
        return
    at = facts.at(item.authored_on, None, "MedicationRequest", item.ref)
    for drug in named.found.ingredients:
        facts.orders.append(
            Order(
                key=drug,
                t=at.t if at else None,
                ref=item.ref,
                draft=item.status == "draft" or item.intent in _PLANNED,
                systemic=ordered.passed.systemic,
                intravenous=ordered.passed.intravenous,
                mg=how_much(ordered.amount.dose_quantity).mg,
                every_h=every_hours(ordered.instruction),
                text=named.text,
                on_hold=item.status == "on-hold",
            )
        )
