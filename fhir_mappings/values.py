"""One value of an Observation, what is to be read of it, and how it is taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from fhir_mappings.codes import SHIPPED, CodeableConcept, canonical
from fhir_mappings.elements import NO_RAW, Component, Quantity
from fhir_mappings.facts import At, Facts, is_other_cause
from fhir_mappings.issues import IssueKind
from fhir_mappings.naming import words_of
from fhir_mappings.resources import Observation
from fhir_mappings.scores import Scores
from grading.model import Remark


class Plain(NamedTuple):
    """A number that becomes one fact as it is: kind of quantity, member of `Facts`, detail."""

    kind: str
    target: str
    detail: str = ""


class Plan(NamedTuple):
    """A concept key that is to be read, the name of its input, whether it was found by words.

    `plain`, `pressure`: how its number is read where nothing else of it matters.
    """

    key: str
    label: str
    by_text: bool
    plain: Plain | None = None
    pressure: str = ""


class Shared(NamedTuple):
    """What the values of one Observation share."""

    facts: Facts
    scores: Scores
    observation: Observation
    at: At
    flags: tuple[str, ...]
    other_cause: bool
    ref: str

    def is_other_cause(self, value: Observation | Component) -> bool:
        """Whether the Observation, or this component of it, is due to another cause (DEF-14)."""
        return self.other_cause or is_other_cause(value)

    def flags_of(self, plan: Plan) -> tuple[str, ...]:
        """The flags of a value that was found by `plan`."""
        return (*self.flags, Remark.BY_TEXT) if plan.by_text else self.flags


class Part(NamedTuple):
    """The value of an Observation, or of one of its components, with what they share."""

    shared: Shared
    value: Observation | Component
    plan: Plan
    flags: tuple[str, ...]

    @property
    def facts(self) -> Facts:
        """Where it is put."""
        return self.shared.facts

    @property
    def scores(self) -> Scores:
        """Where an item of ICE or CAPD is put."""
        return self.shared.scores

    @property
    def observation(self) -> Observation:
        """The Observation that it is of."""
        return self.shared.observation

    @property
    def at(self) -> At:
        """When it stands."""
        return self.shared.at

    @property
    def other_cause(self) -> bool:
        """Whether a clinician judged it due to another cause (DEF-14)."""
        return self.shared.is_other_cause(self.value)

    @property
    def ref(self) -> str:
        """The reference of its Observation."""
        return self.shared.ref

    @property
    def key(self) -> str:
        """The concept that this value answers."""
        return self.plan.key

    @property
    def concept(self) -> CodeableConcept:
        """The code that this value answers."""
        return self.value.code or CodeableConcept()

    def attribute(self, name: str) -> str:
        """What the value sets say of any of the codes under `name`; empty: nothing."""
        return attribute_of(self.concept, name)

    def quantity(self) -> Quantity | None:
        """The numeric value, however it was sent; None: there is none."""
        return quantity_of(self.value)

    def number(self, kind: str, label: str) -> tuple[Decimal, tuple[str, ...]] | None:
        """The value in the unit of `kind` with its flags; None: not charted, or refused."""
        quantity = self.quantity()
        if quantity is None:
            self.refuse_value(label)
            return None
        amount = self.facts.amount(kind, quantity, label, self.ref)
        if amount is None:
            return None
        value, flags = amount
        return value, flags + self.flags if flags else self.flags

    def refuse_value(self, label: str) -> None:
        """Note that a value was sent, and is none that can be used."""
        value = self.value
        is_told = value.value_string or value.value_codeable_concept or self.quantity()
        if is_told or value.value_boolean is not None or is_of_other_kind(value):
            self.facts.log.add(IssueKind.REFUSED_VALUE, label, self.ref)

    def whole(self, label: str, low: int, high: int) -> int | None:
        """The value as a whole number from `low` to `high` (inclusive); of 0 or 1, a tick is 1."""
        if self.value.value_boolean is not None and (low, high) == _TICKED:
            return int(self.value.value_boolean)
        found = self.number("score", label)
        if found is None:
            return None
        value = found[0]
        if value != value.to_integral_value() or not low <= value <= high:
            self.facts.log.add(IssueKind.REFUSED_RANGE, label, self.ref)
            return None
        return int(value)

    def words(self) -> str:
        """The value in words: text, display or string; empty: none."""
        concept = self.value.value_codeable_concept
        if concept is not None:
            return next(words_of(concept), "")
        return self.value.value_string or ""

    def answers(self) -> Iterator[tuple[str, str]]:
        """The coded value as (system, code), aliases resolved."""
        concept = self.value.value_codeable_concept
        return (canonical(each.system, each.code) for each in (concept.coding if concept else ()))


Reader = Callable[[Part], None]


_TICKED = (0, 1)


def is_of_other_kind(value: Observation | Component) -> bool:
    """Whether the value was sent as a kind that no input takes."""
    others = (
        value.value_range,
        value.value_ratio,
        value.value_sampled_data,
        value.value_time,
        value.value_date_time,
        value.value_period,
    )
    return any(each is not NO_RAW for each in others)


def quantity_of(value: Observation | Component) -> Quantity | None:
    """The number of a value, however it was sent; None: there is none."""
    if value.value_quantity is not None:
        return value.value_quantity
    return None if value.value_integer is None else Quantity(value.value_integer)


@lru_cache(maxsize=8192)
def attribute_of(concept: CodeableConcept, name: str) -> str:
    """What the value sets say of any of the codes under `name`; empty: nothing."""
    found = (SHIPPED.attribute(each.system, each.code, name) for each in concept.coding)
    return next((str(value) for value in found if value is not None), "")


def codes_of(concept: CodeableConcept) -> set[str]:
    """Bare codes, to tell variants of a concept that has already matched."""
    return {coding.code for coding in concept.coding if coding.code}
