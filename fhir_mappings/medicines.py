"""Medicines as given and as ordered, whichever way they are named (terminology.md 6.1, READ-2)."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from fhir_mappings.dosages import (
    every_hours,
    how_much,
    is_none_given,
    mg_of_pieces,
    rate_in_dose,
    rate_of,
)
from fhir_mappings.drugs import Recognized
from fhir_mappings.elements import Dosage, DosageInstruction, DoseAndRate
from fhir_mappings.facts import Facts, is_other_cause
from fhir_mappings.fluids import Fluid, fluid_of
from fhir_mappings.issues import IssueKind
from fhir_mappings.medications import Medications, Named, name_of
from fhir_mappings.parts import DOSAGES, INSTRUCTIONS, members_of
from fhir_mappings.products import may_be_infusion
from fhir_mappings.resources import MedicationAdministration, MedicationRequest
from fhir_mappings.routes import ANY_INJECTION, Gate, passage
from fhir_mappings.times import When
from grading.knowledge import KNOWLEDGE
from grading.model import Dose, DoseStatus, Order, Remark

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
_ANTISEIZURE = KNOWLEDGE.drugs["antiseizure"]
_INFUSIONS = KNOWLEDGE.drugs["vasopressor"] | KNOWLEDGE.drugs["sedative-infusion"]
"""What runs, so that a dose of 0 tells that it was stopped."""
_ASPIRIN_MG = 300
"""CRS-F3: aspirin lowers fever from this dose on; of one that is not told it may have."""


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
    named = _given(item, medications, facts)
    keys, products = _keys(named.found), named.found.products
    if not keys and not products:
        return
    times = _times(item, facts)
    if products and (times is None or item.status not in _INFUSED):
        facts.unplaced.add(item.ref)
    if times is None or status is None:
        return
    start, end, has_period = times
    if item.status in _INFUSED:
        for product in products:
            facts.infused(start, product or None, "MedicationAdministration", item.ref)
    _doses(item, named, status, (start, end, has_period), facts)


def _given(item: MedicationAdministration, medications: Medications, facts: Facts) -> Named:
    """The medicine that was given; what may be one that matters, or CAR-T cells, is noted."""
    named = name_of(
        item.medication_codeable_concept,
        item.medication_reference,
        item.contained,
        medications,
        facts,
    )
    if named.is_unclassified:
        facts.log.add(IssueKind.UNCLASSIFIED_DRUG, "MedicationAdministration", item.ref)
    if not named.found.products and any(map(may_be_infusion, named.words)):
        facts.unplaced.add(item.ref)
    return named


def _keys(found: Recognized) -> tuple[str, ...]:
    """What a medicine is to the core: its ingredients, and a class that it knows (SZ-6)."""
    return (*found.ingredients, *(key for key in found.class_keys if key in _ANTISEIZURE))


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
    if rate is None and named.found.form in ANY_INJECTION:
        rate = rate_in_dose(dosage.dose, dosage.text)
    passed = passage(named.found, dosage.route, has_rate=rate is not None and rate > 0)
    if is_none_given(dosage) and rate is None:
        if _INFUSIONS.isdisjoint(named.found.ingredients):
            return
        rate = Decimal(0)
    mg, ml, *_ = how_much(dosage.dose)
    fluid = Fluid(ml)
    if _FLUIDS.issuperset(named.found.ingredients):
        fluid = fluid_of(named.words, dosage, facts, item.ref)
    flags = (Remark.DATE_ONLY,) if start.date_only else ()
    if start.lacks_day:
        facts.until[item.ref] = max(start.last, facts.until.get(item.ref, start.last))
    for drug in _keys(named.found):
        told = mg_of_pieces(dosage, named.words) if drug == "aspirin" else None
        if told is not None and told < _ASPIRIN_MG:
            continue
        is_open = drug == "aspirin" and told is None
        facts.doses.append(
            Dose(
                start=start.first,
                end=end.last if end is not None else None,
                drug=drug,
                ref=item.ref,
                status=DoseStatus.UNCERTAIN if is_open else status,
                has_period=has_period,
                rate=rate,
                mg=mg,
                ml=fluid.ml,
                systemic=passed.systemic,
                intravenous=passed.intravenous,
                text=named.text,
                date_only=start.date_only,
                flags=flags,
                other_cause=is_other_cause(item),
                bolus=fluid.bolus,
            )
        )


# --- as ordered ----------------------------------------------------------------------------------

_OPEN = frozenset({"active", "on-hold", "draft"})
_PLANNED = frozenset({"proposal", "plan"})


class Ordered(NamedTuple):
    """What a MedicationRequest orders, by its first instruction; `is_odd`: one cannot be read.

    `amounts`: of each instruction the ways in which its amount is written.
    """

    named: Named
    instruction: DosageInstruction
    amount: DoseAndRate
    passed: Gate
    amounts: tuple[tuple[DoseAndRate, ...], ...]
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
    read = INSTRUCTIONS.all(item.dosage_instruction)
    instruction = read[0] if read else DosageInstruction()
    amount = next(iter(instruction.amounts), DoseAndRate())
    rate = rate_of(amount.rate_ratio, amount.rate_quantity)
    if rate is None and named.found.form in ANY_INJECTION:
        rate = rate_in_dose(amount.dose_quantity, instruction.text)
    passed = passage(named.found, instruction.route, has_rate=rate is not None)
    amounts = tuple(each.amounts for each in read)
    is_odd = len(read) < len(members_of(item.dosage_instruction))
    return Ordered(named, instruction, amount, passed, amounts, is_odd)


def read_medication_order(item: MedicationRequest, medications: Medications, facts: Facts) -> None:
    """Add an order for each ingredient of an open MedicationRequest."""
    if item.status not in _OPEN or item.do_not_perform:
        return
    ordered = what_is_ordered(item, medications, facts)
    named = ordered.named
    if named.is_unclassified:
        facts.log.add(IssueKind.UNCLASSIFIED_DRUG, "MedicationRequest", item.ref)
    keys = _keys(named.found)
    if not keys:
        return
    at = facts.at(item.authored_on, None, "MedicationRequest", item.ref)
    for drug in keys:
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
