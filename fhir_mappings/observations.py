"""Observations to facts: one pass over the codes of each, its value and its components."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from fhir_mappings.codes import CodeableConcept
from fhir_mappings.elements import NO_RAW, Component, Quantity
from fhir_mappings.errors import MappingError
from fhir_mappings.facts import At, Facts, is_other_cause, point_at
from fhir_mappings.naming import is_excluded, words_of
from fhir_mappings.observed_words import is_calculated
from fhir_mappings.panels import PANEL
from fhir_mappings.parts import CONCEPTS
from fhir_mappings.quantities import read_amount
from fhir_mappings.readers import READERS, plans_of
from fhir_mappings.resources import Observation
from fhir_mappings.room_air import tells_no_oxygen
from fhir_mappings.scores import Scores
from fhir_mappings.values import Part, Plain, Plan, Shared, quantity_of
from grading.model import Instant, Measured, Pressure, Remark

_FINAL = "final"
_MEAN = "mean"
_OXYGEN = frozenset({"o2-flow", "fio2", "o2-device"})
"""Inputs of which a refused value still tells that oxygen may be given (DEF-8)."""


def read_observation(observation: Observation, facts: Facts, scores: Scores) -> None:
    """Add what one Observation says; what cannot be used becomes an issue, never an error."""
    if not _read_usual(observation, facts):
        _read_any(observation, facts, scores)


# --- what most of a chart is ---------------------------------------------------------------------


def _read_usual(observation: Observation, facts: Facts) -> bool:
    """Read what most of a chart is: a final number, or the pressures of a reading, at an instant.

    False: it is something else, and nothing was read.
    """
    text, code = observation.effective_date_time, observation.code
    is_final = observation.status == _FINAL and observation.extension is NO_RAW
    if code is None or not text or not is_final:
        return False
    read = _read_reading if observation.component else _read_plain
    try:
        at = point_at(text, facts.zone)
        return not at.flags and read(observation, code, at.t, facts)
    except MappingError:
        return False


def _number_of(kind: str, quantity: Quantity) -> Decimal | None:
    """The number in the unit of `kind`; None: there is none, or it has a flag.

    Raises:
        MappingError: it is refused.
    """
    if quantity.value is None or quantity.comparator is not None:
        return None
    value, flags = read_amount(kind, quantity.value, quantity.code, quantity.unit)
    return None if flags else value


def _read_plain(observation: Observation, code: CodeableConcept, t: Instant, facts: Facts) -> bool:
    """Read an Observation that is one number; False: it is more, or another thing.

    Raises:
        MappingError: it is refused.
    """
    plain, quantity = _usual(code), observation.value_quantity
    value = _number_of(plain.kind, quantity) if plain and quantity else None
    if plain is None or value is None:
        return False
    found = Measured(t, value, observation.ref, (), False, plain.detail)
    getattr(facts, plain.target).append(found)
    return True


def _read_reading(
    observation: Observation, code: CodeableConcept, t: Instant, facts: Facts
) -> bool:
    """Read an Observation that is nothing but pressures; False: it is more, or another thing.

    Raises:
        MappingError: one of them is refused.
    """
    if not _is_panel(code):
        return False
    found: dict[str, Decimal] = {}
    for component in observation.component or ():
        kind = component.code and _pressure_of(component.code)
        quantity = component.value_quantity
        value = _number_of(kind, quantity) if kind and quantity else None
        if not kind or value is None or kind in found or component.extension is not NO_RAW:
            return False
        found[kind] = value
    facts.pressures.append(_pressures(found, t, observation.ref))
    return True


@lru_cache(maxsize=8192)
def _usual(concept: CodeableConcept) -> Plain | None:
    """How the number of a concept is read that is one plain input, by code."""
    plans = plans_of(concept)
    return plans[0].plain if len(plans) == 1 and not plans[0].by_text else None


@lru_cache(maxsize=8192)
def _is_panel(concept: CodeableConcept) -> bool:
    """Whether the components alone count where there are any."""
    return all(plan.key == PANEL for plan in plans_of(concept)) and not is_excluded(concept)


@lru_cache(maxsize=8192)
def _is_called_calculated(concept: CodeableConcept) -> bool:
    """Whether the words of a concept say that it is calculated from others."""
    return any(map(is_calculated, words_of(concept)))


@lru_cache(maxsize=8192)
def _pressure_of(concept: CodeableConcept) -> str:
    """The pressure that a component is, by code and nothing else; empty: none, or calculated."""
    if _is_called_calculated(concept):
        return ""
    plans = plans_of(concept)
    return plans[0].pressure if len(plans) == 1 and not plans[0].by_text else ""


# --- everything else -----------------------------------------------------------------------------


def _read_any(observation: Observation, facts: Facts, scores: Scores) -> None:
    parts = _parts(observation)
    if not parts:
        return
    ref, label = observation.ref, parts[0][1].label
    flags = facts.status_flags(observation.status, label, ref)
    at = None if flags is None else _time(observation, facts, label, ref)
    if flags is None or at is None:
        return
    if at.is_open:
        facts.open_refs.add(ref)
    if at.flags:
        flags += at.flags
    shared = Shared(facts, scores, observation, at, flags, is_other_cause(observation), ref)
    cuff = _Cuff()
    for value, plan in parts:
        _read(shared, cuff, value, plan)
    if any(_is_oxygen_refused(shared, value, plan) for value, plan in parts):
        facts.oxygen_refused.append(at.t)
    if found := cuff.found or cuff.others:
        other = shared.other_cause or not cuff.found
        facts.pressures.append(_pressures(found, at.t, ref, cuff.remarks, other))


def _is_oxygen_refused(shared: Shared, value: Observation | Component, plan: Plan) -> bool:
    """Whether a value cannot be used that may tell of oxygen."""
    if plan.label not in _OXYGEN or not shared.facts.log.has_refused(plan.label, shared.ref):
        return False
    return not tells_no_oxygen(Part(shared, value, plan, ()))


@dataclass(slots=True)
class _Cuff:
    """The pressures of one Observation by their kind, with the flags of the last one.

    `others`: those that alone are due to another cause; beside one that is not they do not count.
    """

    found: dict[str, Decimal] = field(default_factory=dict)
    others: dict[str, Decimal] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def _parts(observation: Observation) -> list[tuple[Observation | Component, Plan]]:
    """The value of the Observation and those of its components, each with what is read of it."""
    parts: list[tuple[Observation | Component, Plan]] = []
    code, components = observation.code, observation.component
    if code is not None:
        parts += [(observation, plan) for plan in plans_of(code)]
    is_elsewhere = code is not None and is_excluded(code)
    for component in components or ():
        if component.code is not None:
            plans = plans_of(component.code)
            parts += [(component, plan) for plan in plans if not (is_elsewhere and plan.pressure)]
    return parts


def _read(shared: Shared, cuff: _Cuff, value: Observation | Component, plan: Plan) -> None:
    """Read one value: a plain number at once, anything else by the reader of its concept."""
    flags = shared.flags_of(plan)
    number = quantity_of(value) if plan.plain is not None or plan.pressure else None
    if number is None:
        READERS[plan.key](Part(shared, value, plan, flags))
    elif (amount := shared.facts.amount(_kind(plan), number, plan.label, shared.ref)) is not None:
        flags = amount.flags + flags
        if plan.pressure == _MEAN and _is_calculated(shared, value):
            _keep_calculated(shared, amount.value, flags, other=shared.is_other_cause(value))
            return
        _keep(shared, cuff, plan, amount.value, flags, other=shared.is_other_cause(value))
    if plan.pressure:
        cuff.remarks = flags


def _is_calculated(shared: Shared, value: Observation | Component) -> bool:
    """Whether its words, or the method of the Observation, say that it is calculated (DEF-2)."""
    methods = CONCEPTS.all(shared.observation.method)
    return _is_called_calculated(value.code or CodeableConcept()) or any(
        map(_is_called_calculated, methods)
    )


def _keep_calculated(shared: Shared, mean: Decimal, flags: tuple[str, ...], *, other: bool) -> None:
    """A calculated mean pressure stands for itself: beside a systolic one it decides nothing."""
    remarks = (*flags, Remark.CALCULATED)
    shared.facts.pressures.append(
        Pressure(shared.at.t, None, mean, None, shared.ref, remarks, other)
    )


def _kind(plan: Plan) -> str:
    return plan.pressure if plan.plain is None else plan.plain.kind


def _keep(  # noqa: PLR0913
    shared: Shared,
    cuff: _Cuff,
    plan: Plan,
    number: Decimal,
    flags: tuple[str, ...],
    *,
    other: bool,
) -> None:
    """A number that becomes a fact as it is, or one of the pressures of a reading.

    Of two alike in one Observation the lower (READ-4). `other`: it is due to another cause.
    """
    if plan.plain is None:
        kept = cuff.others if other and not shared.other_cause else cuff.found
        kept[plan.pressure] = min(number, kept.get(plan.pressure, number))
        return
    found = Measured(shared.at.t, number, shared.ref, flags, other, plan.plain.detail)
    getattr(shared.facts, plan.plain.target).append(found)


def _pressures(
    found: Mapping[str, Decimal],
    t: Instant,
    ref: str,
    remarks: tuple[str, ...] = (),
    other_cause: bool = False,
) -> Pressure:
    """The pressures of one Observation by their kind."""
    systolic, mean, diastolic = found.get("systolic"), found.get("mean"), found.get("diastolic")
    return Pressure(t, systolic, mean, diastolic, ref, remarks, other_cause)


def _time(observation: Observation, facts: Facts, label: str, ref: str) -> At | None:
    return facts.stands(
        observation.effective_date_time or observation.effective_instant,
        observation.effective_period,
        observation.issued,
        label,
        ref,
    )
