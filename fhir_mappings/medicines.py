"""Medicines as given and as ordered, whichever way they are named (terminology.md 6.1, READ-2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

import msgspec

from fhir_mappings.codes import CodeableConcept
from fhir_mappings.drugs import Recognized, gate, recognize
from fhir_mappings.facts import Facts
from fhir_mappings.issues import IssueKind
from fhir_mappings.parts import DOSAGES, INSTRUCTIONS, MEDICATIONS
from fhir_mappings.quantities import KINDS
from fhir_mappings.resources import (
    Dosage,
    DosageInstruction,
    Medication,
    MedicationAdministration,
    MedicationRequest,
    Quantity,
    Ratio,
    Reference,
    Timing,
)
from fhir_mappings.times import When
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
_ASPIRIN_MG = 300
"""CRS-F3: aspirin lowers fever from this dose on."""
_DOSE_KINDS = ("dose", "volume")


class Named(NamedTuple):
    """A medicine with the words it is shown by; `is_nameless`: there is nothing to know it by."""

    found: Recognized
    text: str
    is_nameless: bool


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
    concepts = [concept] if concept is not None else []
    texts = []
    if reference is not None:
        contained = {each.id: each for each in MEDICATIONS.all(raw_contained)}
        target = reference.reference or ""
        medication = medications.find(target, contained) if target else None
        if medication is not None:
            concepts += _concepts(medication, contained, medications)
        elif target and not target.startswith("#"):
            facts.unresolved.add(target)
        if reference.display:
            texts.append(reference.display)
    found = recognize(tuple(concepts), tuple(texts))
    return Named(found, _shown(concepts, texts, found), not texts and not _has_name(concepts))


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
    rate = _rate(dosage.rate_ratio, dosage.rate_quantity)
    passed = gate(named.found.form, dosage.route, has_rate=rate is not None and rate > 0)
    mg, ml = _amounts(dosage.dose)
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
                ml=ml,
                systemic=passed.systemic,
                intravenous=passed.intravenous,
                text=named.text,
                date_only=start.date_only,
                flags=flags,
            )
        )


def _rate(ratio: Ratio | None, quantity: Quantity | None) -> Decimal | None:
    """The charted rate as a bare number: only whether it is 0 or more matters to a grade."""
    if quantity is not None and quantity.value is not None:
        return quantity.value
    if ratio is not None and ratio.numerator is not None:
        return ratio.numerator.value
    return None


def _amounts(dose: Quantity | None) -> tuple[Decimal | None, Decimal | None]:
    """A dose as mg or as mL, by its unit; neither where it has another unit."""
    if dose is None or dose.value is None:
        return None, None
    written = [text.strip().lower() for text in (dose.code, dose.unit) if text]
    for kind in _DOSE_KINDS:
        aliases = KINDS[kind].aliases
        for text in written:
            if text in aliases:
                value = aliases[text](dose.value)
                return (value, None) if kind == "dose" else (None, value)
    return None, None


# --- as ordered ----------------------------------------------------------------------------------

_OPEN = frozenset({"active", "on-hold", "draft"})
_PLANNED = frozenset({"proposal", "plan"})
_HOURS = {"s": Decimal(1) / 3600, "min": Decimal(1) / 60, "h": Decimal(1), "d": Decimal(24)}
_CODES = {"QD": 24, "DAILY": 24, "BID": 12, "TID": 8, "QID": 6, "AM": 24, "PM": 24}
_EVERY = re.compile(r"(?:every|q)\s*(\d{1,2})\s*(?:h\b|hr|hour)", re.IGNORECASE)
_DAILY = re.compile(r"\b(?:daily|once a day|qd)\b", re.IGNORECASE)
_TWICE = re.compile(r"\b(?:twice (?:a day|daily)|bid)\b", re.IGNORECASE)


def read_medication_order(item: MedicationRequest, medications: Medications, facts: Facts) -> None:
    """Add an order for each ingredient of an open MedicationRequest."""
    if item.status not in _OPEN or item.do_not_perform:
        return
    named = name_of(
        item.medication_codeable_concept,
        item.medication_reference,
        item.contained,
        medications,
        facts,
    )
    if named.is_nameless:
        facts.log.add(IssueKind.UNCLASSIFIED_DRUG, "MedicationRequest", item.ref)
    if not named.found.ingredients:
        return
    instruction = INSTRUCTIONS.one(item.dosage_instruction) or DosageInstruction()
    amount = next(iter(instruction.dose_and_rate or ()), None)
    rate = _rate(amount.rate_ratio, amount.rate_quantity) if amount else None
    passed = gate(named.found.form, instruction.route, has_rate=rate is not None)
    at = facts.at(item.authored_on, None, "MedicationRequest", item.ref)
    mg, _ = _amounts(amount.dose_quantity if amount else None)
    for drug in named.found.ingredients:
        facts.orders.append(
            Order(
                key=drug,
                t=at.t if at else None,
                ref=item.ref,
                draft=item.status == "draft" or item.intent in _PLANNED,
                systemic=passed.systemic,
                intravenous=passed.intravenous,
                mg=mg,
                every_h=_every_h(instruction),
                text=named.text,
            )
        )


def _every_h(instruction: DosageInstruction) -> Decimal | None:
    """Hours between doses, from the timing or the words; None: once, or not told."""
    timing = instruction.timing or Timing()
    repeat = timing.repeat
    if repeat is not None and repeat.period and repeat.period_unit in _HOURS:
        hours = repeat.period * _HOURS[repeat.period_unit]
        return hours / repeat.frequency if repeat.frequency else hours
    for coding in timing.code.coding if timing.code else ():
        code = (coding.code or "").upper()
        if code in _CODES:
            return Decimal(_CODES[code])
        if found := _EVERY.fullmatch(f"{code}H".replace("HH", "H")):
            return Decimal(found[1])
    return _in_words(f"{instruction.text or ''} {timing.code.text if timing.code else ''}")


def _in_words(text: str) -> Decimal | None:
    if found := _EVERY.search(text):
        return Decimal(found[1])
    if _TWICE.search(text):
        return Decimal(12)
    return Decimal(24) if _DAILY.search(text) else None
