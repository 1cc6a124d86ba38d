"""Observations to facts: one pass over the codes of each, its value and its components."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from fhir_mappings.answers import DEVICES, device_from_text
from fhir_mappings.codes import SHIPPED, CodeableConcept, canonical
from fhir_mappings.facts import At, Facts, is_other_cause
from fhir_mappings.issues import IssueKind
from fhir_mappings.keys import LABS
from fhir_mappings.naming import is_excluded, observed, wording, words_of
from fhir_mappings.neuro import NEURO_READERS
from fhir_mappings.overlap import OVERLAP_QUESTION, read_overlap_answer
from fhir_mappings.quantities import CANONICAL
from fhir_mappings.ranges import normal_range
from fhir_mappings.resources import Component, Observation, Quantity
from fhir_mappings.scores import Scores
from grading.dosing import MEASURED
from grading.model import (
    ChartedGrade,
    Device,
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


@dataclass(slots=True)
class Part:
    """The value of an Observation, or of one of its components, with what they share."""

    facts: Facts
    scores: Scores
    observation: Observation
    value: Observation | Component
    key: str
    at: At
    flags: tuple[str, ...]
    other_cause: bool
    ref: str
    pressure: dict[str, Decimal]

    @property
    def concept(self) -> CodeableConcept:
        """The code that this value answers."""
        return self.value.code or CodeableConcept()

    def codes(self) -> set[str]:
        """Bare codes of the concept, to tell variants of a concept that has already matched."""
        return {coding.code for coding in self.concept.coding if coding.code}

    def attribute(self, name: str) -> str:
        """What the value sets say of any of the codes under `name`; empty: nothing."""
        return _attribute(self.concept, name)

    def quantity(self) -> Quantity | None:
        """The numeric value, however it was sent; None: there is none."""
        if self.value.value_quantity is not None:
            return self.value.value_quantity
        if self.value.value_integer is not None:
            return Quantity(self.value.value_integer)
        return None

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


Reader = Callable[[Part], None]


def read_observation(observation: Observation, facts: Facts, scores: Scores) -> None:
    """Add what one Observation says; what cannot be used becomes an issue, never an error."""
    parts = _parts(observation)
    if not parts:
        return
    ref, label = observation.ref, parts[0][1].label
    flags = facts.status_flags(observation.status, label, ref)
    at = None if flags is None else _time(observation, facts, label)
    if flags is None or at is None:
        return
    if at.is_open:
        facts.open_refs.add(ref)
    flags = (*flags, *at.flags)
    other = is_other_cause(observation)
    pressure: dict[str, Decimal] = {}
    remarks: tuple[str, ...] = ()
    for value, (key, _, by_text) in parts:
        shown = (*flags, Remark.BY_TEXT) if by_text else flags
        part = Part(facts, scores, observation, value, key, at, shown, other, ref, pressure)
        READERS[key](part)
        if key in _PRESSURES:
            remarks = part.flags
    if pressure:
        facts.pressures.append(
            Pressure(
                at.t,
                pressure.get("systolic"),
                pressure.get("mean"),
                pressure.get("diastolic"),
                ref,
                remarks,
                other,
            )
        )


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


class Plan(NamedTuple):
    """A concept key that is to be read, the name of its input, whether it was found by words."""

    key: str
    label: str
    by_text: bool


@lru_cache(maxsize=8192)
def plans_of(concept: CodeableConcept) -> tuple[Plan, ...]:
    """What is read of a value with this code: each key that has a reader, one for each reader."""
    found = observed(concept)
    keys = {READERS[key]: key for key in reversed(found.keys) if key in READERS}.values()
    return tuple(Plan(key, label_of(key), found.by_text) for key in keys)


@lru_cache(maxsize=8192)
def _attribute(concept: CodeableConcept, name: str) -> str:
    found = (SHIPPED.attribute(each.system, each.code, name) for each in concept.coding)
    return next((str(value) for value in found if value is not None), "")


def _time(observation: Observation, facts: Facts, label: str) -> At | None:
    return facts.stands(
        observation.effective_date_time or observation.effective_instant,
        observation.effective_period,
        observation.issued,
        label,
        observation.ref,
    )


# --- vital signs ---------------------------------------------------------------------------------


def _measured(part: Part, kind: str, label: str, target: list[Measured], detail: str = "") -> None:
    found = part.number(kind, label)
    if found is not None:
        value, flags = found
        target.append(Measured(part.at.t, value, part.ref, flags, part.other_cause, detail))


def _temperature(part: Part) -> None:
    _measured(part, "temperature", "temperature", part.facts.temperatures, part.attribute("site"))


def _spo2(part: Part) -> None:
    """Pulse oximetry; an arterial saturation from the laboratory alone is a blood gas."""
    codes = part.codes()
    if (
        _BLOOD_GAS in codes
        and not codes & _OXIMETRY
        and b"laboratory" in bytes(part.observation.category)
    ):
        return
    before = len(part.facts.spo2)
    _measured(part, "spo2", "spo2", part.facts.spo2)
    if part.attribute("o2") == _ROOM_AIR and len(part.facts.spo2) > before:
        _support(part, Device.ROOM_AIR, _ROOM_AIR)


_OXIMETRY = frozenset(SHIPPED.codes("obs.spo2", "loinc")) - {_BLOOD_GAS}


def _pressure(part: Part) -> None:
    """One of the pressures of a reading; of two alike in one Observation the lower (READ-4)."""
    kind = _PRESSURES[part.key]
    found = part.number(kind, "blood-pressure")
    if found is not None:
        value, part.flags = found
        part.pressure[kind] = min(value, part.pressure.get(kind, value))


def _weight(part: Part) -> None:
    detail = MEASURED if _MEASURED_WEIGHT in part.codes() else part.attribute("quality")
    _measured(part, "weight", "weight", part.facts.weights, detail)


def _device(part: Part) -> None:
    """A device by code, else by its words; words that map to nothing are kept (CRS-O9)."""
    text = part.words()
    device = next((DEVICES[pair] for pair in part.answers() if pair in DEVICES), None)
    if device is None and not text:
        part.facts.log.add(IssueKind.REFUSED_VALUE, "o2-device", part.ref)
        return
    if device is None:
        device = device_from_text(text) or Device.UNRECOGNIZED
        if device is Device.UNRECOGNIZED and _VENTILATION_MODE in part.codes():
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
READERS: Mapping[str, Reader] = {
    "obs.body_temperature": _temperature,
    "obs.spo2": _spo2,
    "obs.fio2": lambda part: _measured(part, "fio2", "fio2", part.facts.fio2),
    "obs.o2_flow": lambda part: _measured(part, "o2_flow", "o2-flow", part.facts.flows),
    "obs.o2_device": _device,
    **dict.fromkeys(_PRESSURES, _pressure),
    "obs.body_weight": _weight,
    "obs.opening_pressure": lambda part: _measured(
        part, "opening_pressure", "opening-pressure", part.facts.opening_pressures
    ),
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
