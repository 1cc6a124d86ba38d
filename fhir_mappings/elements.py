"""Data types and parts of FHIR resources, with the few members of each that are read."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from fhir_mappings.codes import CodeableConcept, Coding

if TYPE_CHECKING:
    Written = CodeableConcept | None
else:
    Written = msgspec.Raw
"""A concept as it was sent, until `with_concepts`: a chart writes the same few again and again."""

NO_RAW = msgspec.Raw()
"""What an element is that the sender left out."""


class Element(msgspec.Struct, rename="camel", gc=False):
    """Base of everything read: camelCase in JSON, unknown elements skipped."""


class Reference(Element):
    """A reference; only literal ones are followed."""

    reference: str | None = None
    display: str | None = None


class Period(Element):
    """A period; no `end`: open."""

    start: str | None = None
    end: str | None = None


class Quantity(Element):
    """A number with its unit; `code` is UCUM where the sender says so.

    `comparator`: the value is only a limit of the true one (`<`, `<=`, `>=`, `>`).
    """

    value: Decimal | None = None
    unit: str | None = None
    code: str | None = None
    comparator: str | None = None


class Ratio(Element):
    """A numerator per denominator."""

    numerator: Quantity | None = None
    denominator: Quantity | None = None


class Extension(Element):
    """An extension with the kinds of value that this project reads."""

    url: str | None = None
    value_code: str | None = None
    value_coding: Coding | None = None
    value_codeable_concept: CodeableConcept | None = None


class Meta(Element):
    """When and as which version the server stored the resource."""

    last_updated: str | None = None
    version_id: str | None = None


class Component(Element):
    """A component of an Observation."""

    code: Written = None
    value_quantity: Quantity | None = None
    value_codeable_concept: CodeableConcept | None = None
    value_integer: Decimal | None = None
    value_string: str | None = None
    value_boolean: bool | None = None
    data_absent_reason: msgspec.Raw = NO_RAW
    value_range: msgspec.Raw = NO_RAW
    value_ratio: msgspec.Raw = NO_RAW
    value_sampled_data: msgspec.Raw = NO_RAW
    value_time: msgspec.Raw = NO_RAW
    value_date_time: msgspec.Raw = NO_RAW
    value_period: msgspec.Raw = NO_RAW
    reference_range: msgspec.Raw = NO_RAW
    extension: msgspec.Raw = NO_RAW


class ReferenceRange(Element):
    """A range that results are held against; without `type` a normal one."""

    low: Quantity | None = None
    high: Quantity | None = None
    type: CodeableConcept | None = None


class Dosage(Element):
    """How much was given, and by which route."""

    text: str | None = None
    route: CodeableConcept | None = None
    method: CodeableConcept | None = None
    dose: Quantity | None = None
    rate_ratio: Ratio | None = None
    rate_quantity: Quantity | None = None


class DoseAndRate(Element):
    """Ordered dose and rate."""

    dose_quantity: Quantity | None = None
    dose_range: msgspec.Raw = NO_RAW
    rate_ratio: Ratio | None = None
    rate_quantity: Quantity | None = None


_NO_AMOUNT = DoseAndRate()


class Repeat(Element):
    """How often: `frequency` times, or at each `time_of_day`, in each `period` of `period_unit`."""

    frequency: Decimal | None = None
    period: Decimal | None = None
    period_unit: str | None = None
    time_of_day: msgspec.Raw = NO_RAW
    day_of_week: msgspec.Raw = NO_RAW
    count: Decimal | None = None
    bounds_period: msgspec.Raw = NO_RAW


class Timing(Element):
    """When to give, as a rule or as a code (`BID`, `Q6H`)."""

    repeat: Repeat | None = None
    code: CodeableConcept | None = None
    event: msgspec.Raw = NO_RAW


class DosageInstruction(DoseAndRate):
    """One instruction of an order; a dose of its own is written as in STU3, outside doseAndRate."""

    text: str | None = None
    route: CodeableConcept | None = None
    timing: Timing | None = None
    dose_and_rate: tuple[DoseAndRate, ...] | None = None
    as_needed_codeable_concept: msgspec.Raw = NO_RAW

    @property
    def amounts(self) -> tuple[DoseAndRate, ...]:
        """Every way in which the amount is written."""
        own = DoseAndRate(self.dose_quantity, self.dose_range, self.rate_ratio, self.rate_quantity)
        return (*(self.dose_and_rate or ()), *(() if own == _NO_AMOUNT else (own,)))


class Ingredient(Element):
    """An ingredient of a Medication, by code or by reference to another one."""

    item_codeable_concept: CodeableConcept | None = None
    item_reference: Reference | None = None


class Answer(Element):
    """An answer in a form."""

    value_integer: Decimal | None = None
    value_decimal: Decimal | None = None
    value_quantity: Quantity | None = None
    value_boolean: bool | None = None
    value_string: str | None = None
    value_coding: Coding | None = None
    item: tuple[Item, ...] | None = None


class Item(Element):
    """A question with its answers, or a group of questions."""

    link_id: str | None = None
    answer: tuple[Answer, ...] | None = None
    item: tuple[Item, ...] | None = None


class OutcomeIssue(Element):
    """One issue of an OperationOutcome."""

    severity: str | None = None
    code: str | None = None
    details: CodeableConcept | None = None
