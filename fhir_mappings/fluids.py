"""Crystalloid and albumin as given: what is charted as a bolus, and what is none (IN-9)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from fhir_mappings.dosages import how_much
from fhir_mappings.elements import Dosage, Quantity
from fhir_mappings.facts import Facts
from fhir_mappings.naming import words_of
from fhir_mappings.units import KINDS

_OTHER_USE = re.compile(
    r"flush|lock|irrigat|nasal|ophth|\beye|inhal|nebul|dialy|crrt|prim(?:e|ing)|maintenance"
    r"|continuous|keep (?:vein )?open|\bkvo\b|\btko\b|potassium|\bkcl\b|dextrose|bicarb"
)
_BOLUS = re.compile(r"\bbolus")


class Fluid(NamedTuple):
    """Volume of a fluid, and whether it is charted as a bolus; None: neither it nor another use."""

    ml: Decimal | None = None
    bolus: bool | None = None


def fluid_of(words: Iterable[str], dosage: Dosage, facts: Facts, ref: str) -> Fluid:
    """What the words of a fluid and its dosage say.

    A volume outside the range of a bolus is no bolus; noted where one is charted, or above it.
    """
    text = " ".join((*words, dosage.text or "", *_method(dosage))).lower()
    dose, charted = dosage.dose or Quantity(), _BOLUS.search(text) is not None
    if not charted and _OTHER_USE.search(text):
        return Fluid(bolus=False)
    told = how_much(dose).ml
    if not charted and (told is None or told < KINDS["bolus"].low):
        return Fluid(told)
    amount = facts.amount("bolus", dose, "MedicationAdministration", ref)
    if amount is None and dose.value is not None:
        return Fluid(bolus=False)
    return Fluid(amount.value if amount else None, charted or None)


def _method(dosage: Dosage) -> Iterable[str]:
    return () if dosage.method is None else words_of(dosage.method)
