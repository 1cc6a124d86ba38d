"""Observations to facts: one pass over the codes of each, its value and its components."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from fhir_mappings.answers import DEVICES, device_from_text
from fhir_mappings.codes import SHIPPED, CodeableConcept, canonical
from fhir_mappings.errors import MappingError
from fhir_mappings.facts import At, Facts, is_other_cause, point_at
from fhir_mappings.issues import IssueKind
from fhir_mappings.keys import LABS
from fhir_mappings.naming import is_excluded, observed, wording, words_of
from fhir_mappings.neuro import NEURO_READERS
from fhir_mappings.overlap import OVERLAP_QUESTION, read_overlap_answer
from fhir_mappings.quantities import CANONICAL, read_amount
from fhir_mappings.ranges import normal_range
from fhir_mappings.resources import NO_RAW, Component, Observation, Quantity
from fhir_mappings.scores import Scores
from grading.dosing import MEASURED
from grading.model import (
    ChartedGrade,
    Device,
    Instant,
    LabResult,
    Measured,
    Pressure,
    Remark,
    Support,
)

_LAB_NAMES = {concept: name for name, concept in LABS.items()}
_MEASURED_WEIGHT = "3141-9"
_ROOM_AIR = "room air"
_VENTILATION_MODE = "20124-4"
_BLOOD_GAS = "2708-6"
_MAX_GRADE = 5


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


@dataclass(slots=True)
class Shared:
    """What the values of one Observation share."""

    facts: Facts
    scores: Scores
    observation: Observation
    at: At
    flags: tuple[str, ...]
    other_cause: bool
    ref: str
    pressure: dict[str, Decimal] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    def flags_of(self, plan: Plan) -> tuple[str, ...]:
        """The flags of a value that was found by `plan`."""
        return (*self.flags, Remark.BY_TEXT) if plan.by_text else self.flags


@dataclass(slots=True)
class Part:
    """The value of an Observation, or of one of its components, with what they share."""

    facts: Facts
    scores: Scores
    observation: Observation
    value: Observation | Component
    plan: Plan
    at: At
    flags: tuple[str, ...]
    other_cause: bool
    ref: str

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
        return _attribute(self.concept, name)

    def quantity(self) -> Quantity | None:
        """The numeric value, however it was sent; None: there is none."""
        return _quantity(self.value)

    def number(self, kind: str, label: str) -> tuple[Decimal, tuple[str, ...]] | None:
        """The value in the unit of `kind` with its flags; None: not charted, or refused."""
        quantity = self.quantity()
        if quantity is None:
            if self.value.value_string or self.value.value_codeable_concept:
                self.facts.log.add(IssueKind.REFUSED_VALUE, label, self.ref)
            return None
        amount = self.facts.amount(kind, quantity, label, self.ref)
        if amount is None:
            return None
        value, flags = amount
        return value, flags + self.flags if flags else self.flags

    def whole(self, label: str, low: int, high: int) -> int | None:
        """The value as a whole number from `low` to `high` (inclusive)."""
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


def _quantity(value: Observation | Component) -> Quantity | None:
    if value.value_quantity is not None:
        return value.value_quantity
    return None if value.value_integer is None else Quantity(value.value_integer)


Reader = Callable[[Part], None]


def read_observation(observation: Observation, facts: Facts, scores: Scores) -> None:
    """Add what one Observation says; what cannot be used becomes an issue, never an error."""
    if not _read_usual(observation, facts):
        _read_any(observation, facts, scores)


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


_FINAL = "final"


def _number_of(kind: str, quantity: Quantity) -> Decimal | None:
    """The number in the unit of `kind`; None: there is none, or it has a flag.

    Raises:
        MappingError: it is refused.
    """
    if quantity.value is None:
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
        if not kind or value is None or kind in found:
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
    """Whether nothing is read of the value itself, so that the components alone count."""
    return not plans_of(concept) and not is_excluded(concept)


@lru_cache(maxsize=8192)
def _pressure_of(concept: CodeableConcept) -> str:
    """The pressure that a component is, by code and nothing else; empty: none."""
    plans = plans_of(concept)
    return plans[0].pressure if len(plans) == 1 and not plans[0].by_text else ""


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
    for value, plan in parts:
        _read(shared, value, plan)
    if shared.pressure:
        found = shared.pressure
        facts.pressures.append(_pressures(found, at.t, ref, shared.remarks, shared.other_cause))


def _parts(observation: Observation) -> list[tuple[Observation | Component, Plan]]:
    """The value of the Observation and those of its components, each with what is read of it."""
    parts: list[tuple[Observation | Component, Plan]] = []
    code, components = observation.code, observation.component
    if code is not None:
        parts += [(observation, plan) for plan in plans_of(code)]
    if not components or (code is not None and is_excluded(code)):
        return parts
    for component in components:
        if component.code is not None:
            parts += [(component, plan) for plan in plans_of(component.code)]
    return parts


def _read(shared: Shared, value: Observation | Component, plan: Plan) -> None:
    """Read one value: a plain number at once, anything else by the reader of its concept."""
    quantity = _quantity(value) if plan.plain is not None or plan.pressure else None
    if quantity is not None:
        _read_number(shared, quantity, plan)
        return
    flags = shared.flags_of(plan)
    part = Part(
        shared.facts,
        shared.scores,
        shared.observation,
        value,
        plan,
        shared.at,
        flags,
        shared.other_cause,
        shared.ref,
    )
    READERS[plan.key](part)
    if plan.pressure:
        shared.remarks = flags


def _read_number(shared: Shared, quantity: Quantity, plan: Plan) -> None:
    """A number that becomes a fact as it is, or one of the pressures of a reading.

    Of two alike in one Observation the lower (READ-4).
    """
    facts, flags, plain = shared.facts, shared.flags_of(plan), plan.plain
    kind = plan.pressure if plain is None else plain.kind
    amount = facts.amount(kind, quantity, plan.label, shared.ref)
    if amount is not None and amount.flags:
        flags = amount.flags + flags
    if plain is None:
        shared.remarks = flags
        if amount is not None:
            lowest = shared.pressure.get(kind, amount.value)
            shared.pressure[kind] = min(amount.value, lowest)
    elif amount is not None:
        at, other = shared.at.t, shared.other_cause
        found = Measured(at, amount.value, shared.ref, flags, other, plain.detail)
        getattr(facts, plain.target).append(found)


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


@lru_cache(maxsize=8192)
def plans_of(concept: CodeableConcept) -> tuple[Plan, ...]:
    """What is read of a value with this code: each key that has a reader, one for each reader."""
    found = observed(concept)
    readable = [key for key in found.keys if key in READERS]
    keys = {key if key in PLAIN else READERS[key]: key for key in reversed(readable)}.values()
    return tuple(_plan(key, concept, found.by_text) for key in keys)


def _plan(key: str, concept: CodeableConcept, by_text: bool) -> Plan:
    plain = PLAIN[key](concept) if key in PLAIN else None
    return Plan(key, label_of(key), by_text, plain, _PRESSURES.get(key, ""))


@lru_cache(maxsize=8192)
def _attribute(concept: CodeableConcept, name: str) -> str:
    found = (SHIPPED.attribute(each.system, each.code, name) for each in concept.coding)
    return next((str(value) for value in found if value is not None), "")


def _time(observation: Observation, facts: Facts, label: str, ref: str) -> At | None:
    return facts.stands(
        observation.effective_date_time or observation.effective_instant,
        observation.effective_period,
        observation.issued,
        label,
        ref,
    )


def _codes(concept: CodeableConcept) -> set[str]:
    """Bare codes, to tell variants of a concept that has already matched."""
    return {coding.code for coding in concept.coding if coding.code}


# --- vital signs ---------------------------------------------------------------------------------


def _no_number(part: Part) -> None:
    """A plain input without a number: what it holds instead is refused."""
    part.number("", part.plan.label)


_OXIMETRY = frozenset(SHIPPED.codes("obs.spo2", "loinc")) - {_BLOOD_GAS}


def _saturation(concept: CodeableConcept) -> Plain | None:
    """Pulse oximetry; what may be a blood gas, or says room air, is looked at closer."""
    codes = _codes(concept)
    is_odd = _BLOOD_GAS in codes and not codes & _OXIMETRY
    return None if is_odd or _attribute(concept, "o2") else Plain("spo2", "spo2")


def _spo2(part: Part) -> None:
    """Pulse oximetry; an arterial saturation from the laboratory alone is a blood gas."""
    codes = _codes(part.concept)
    if (
        _BLOOD_GAS in codes
        and not codes & _OXIMETRY
        and b"laboratory" in bytes(part.observation.category)
    ):
        return
    found = part.number("spo2", "spo2")
    if found is None:
        return
    value, flags = found
    part.facts.spo2.append(Measured(part.at.t, value, part.ref, flags, part.other_cause))
    if part.attribute("o2") == _ROOM_AIR:
        _support(part, Device.ROOM_AIR, _ROOM_AIR)


def _weight(concept: CodeableConcept) -> Plain:
    is_measured = _MEASURED_WEIGHT in _codes(concept)
    detail = MEASURED if is_measured else _attribute(concept, "quality")
    return Plain("weight", "weights", detail)


def _device(part: Part) -> None:
    """A device by code, else by its words; words that map to nothing are kept (CRS-O9)."""
    text = part.words()
    device = next((DEVICES[pair] for pair in part.answers() if pair in DEVICES), None)
    if device is None and not text:
        part.facts.log.add(IssueKind.REFUSED_VALUE, "o2-device", part.ref)
        return
    if device is None:
        device = device_from_text(text) or Device.UNRECOGNIZED
        if device is Device.UNRECOGNIZED and _VENTILATION_MODE in _codes(part.concept):
            device = Device.VENTILATOR
    _support(part, device, text or device.value)


def _device_finding(part: Part) -> None:
    """A device that is itself what was observed, unless the value says no."""
    if part.value.value_boolean is not False:
        device = Device(SHIPPED.sets[part.key].attributes["device"])
        _support(part, device, wording(part.concept))


def _support(part: Part, device: Device, text: str) -> None:
    part.facts.supports.append(
        Support(part.at.t, device, text, part.ref, flags=part.flags, other_cause=part.other_cause)
    )


def _lab(name: str, kind: str) -> Reader:
    """Reads a result with the normal range that stands beside it."""
    unit = CANONICAL[kind]

    def read(part: Part) -> None:
        found, quantity = part.number(kind, name), part.quantity()
        if found is None or quantity is None:
            return
        written = bytes(part.value.reference_range)
        low, high = normal_range(kind, written, quantity.code, quantity.unit)
        value, flags = found
        part.facts.labs[name].append(
            LabResult(part.at.t, value, part.ref, unit, flags, part.other_cause, low, high)
        )

    return read


def _grade(syndrome: str) -> Reader:
    def read(part: Part) -> None:
        label = f"{syndrome}-grade"
        words = part.words()
        digits = [int(letter) for letter in words if letter.isdigit()]
        grade = digits[0] if len(digits) == 1 and digits[0] <= _MAX_GRADE else None
        if not words:
            grade = part.whole(label, 0, _MAX_GRADE)
        if grade is not None:
            part.facts.charted_grades.append(ChartedGrade(part.at.t, syndrome, grade, part.ref))

    return read


def _score(part: Part) -> None:
    part.scores.add(part)


_PRESSURES = {
    "obs.bp_systolic": "systolic",
    "obs.bp_diastolic": "diastolic",
    "obs.bp_mean": "mean",
}
PLAIN: Mapping[str, Callable[[CodeableConcept], Plain | None]] = {
    "obs.body_temperature": lambda concept: Plain(
        "temperature", "temperatures", _attribute(concept, "site")
    ),
    "obs.spo2": _saturation,
    "obs.fio2": lambda _: Plain("fio2", "fio2"),
    "obs.o2_flow": lambda _: Plain("o2_flow", "flows"),
    "obs.opening_pressure": lambda _: Plain("opening_pressure", "opening_pressures"),
    "obs.body_weight": _weight,
}
"""Concepts whose number becomes a fact as it is, unless their code says more."""
READERS: Mapping[str, Reader] = {
    **dict.fromkeys((*PLAIN, *_PRESSURES), _no_number),
    "obs.spo2": _spo2,
    "obs.o2_device": _device,
    "obs.crs_grade_documented": _grade("crs"),
    "obs.icans_grade_documented": _grade("icans"),
    **{
        key: _score
        for key in SHIPPED.sets
        if key.startswith(("obs.ice_score", "obs.ice_item.", "obs.capd"))
    },
    "obs.capd_item": _score,
    **{concept: _lab(name, SHIPPED.sets[concept].kind) for concept, name in _LAB_NAMES.items()},
    **{
        key: _device_finding
        for key, each in SHIPPED.sets.items()
        if key.startswith("val.o2_device.") and "device" in each.attributes
    },
    **NEURO_READERS,
    OVERLAP_QUESTION: read_overlap_answer,
}
"""What reads the value of a concept; a concept without a reader says nothing to a grade."""

_LABELS = {
    "obs.body_temperature": "temperature",
    **dict.fromkeys(_PRESSURES, "blood-pressure"),
    "obs.body_weight": "weight",
    "obs.crs_grade_documented": "crs-grade",
    "obs.icans_grade_documented": "icans-grade",
    OVERLAP_QUESTION: "iec-hs-finding",
    **dict.fromkeys(("obs.consciousness", "obs.level_of_arousal", "obs.avpu"), "consciousness"),
    **dict.fromkeys(("obs.rass", "obs.gcs"), "consciousness"),
    **dict.fromkeys(("obs.motor", "obs.icp_edema"), "neuro-exam"),
    **_LAB_NAMES,
}


def label_of(key: str) -> str:
    """The name of the input that a concept belongs to, as data issues have it."""
    if key.startswith("val.o2_device."):
        return "o2-device"
    if key.startswith(("obs.ice_", "obs.capd")):
        return key.removeprefix("obs.").split("_")[0]
    if key.startswith("cond."):
        return "neuro-exam"
    return _LABELS.get(key, key.removeprefix("obs.").replace("_", "-"))
