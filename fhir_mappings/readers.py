"""What reads the value of each concept: a table from concept to reader, and the readers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from fhir_mappings.answers import DEVICES, grade_in_words
from fhir_mappings.codes import SHIPPED, CodeableConcept
from fhir_mappings.denial import Said, is_untold, said_of
from fhir_mappings.device_words import device_from_text, is_unclear
from fhir_mappings.issues import IssueKind
from fhir_mappings.keys import LABS
from fhir_mappings.naming import observed, wording
from fhir_mappings.neuro import NEURO_READERS
from fhir_mappings.overlap import OVERLAP_QUESTION, read_overlap_answer
from fhir_mappings.panels import LABEL, PANEL, read_panel
from fhir_mappings.ranges import normal_range
from fhir_mappings.units import CANONICAL
from fhir_mappings.values import Part, Plain, Plan, Reader, attribute_of, codes_of
from grading.dosing import MEASURED
from grading.model import ChartedGrade, Device, LabResult, Measured, Support

_LAB_NAMES = {concept: name for name, concept in LABS.items()}
_MEASURED_WEIGHT = "3141-9"
_ROOM_AIR = "room air"
_VENTILATION_MODE = "20124-4"
_BLOOD_GAS = "2708-6"
_MAX_GRADE = 5


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


def _no_number(part: Part) -> None:
    """A plain input without a number: what it holds instead is refused."""
    part.refuse_value(part.plan.label)


_OXIMETRY = frozenset(SHIPPED.codes("obs.spo2", "loinc")) - {_BLOOD_GAS}


def _saturation(concept: CodeableConcept) -> Plain | None:
    """Pulse oximetry; what may be a blood gas, or says room air, is looked at closer."""
    codes = codes_of(concept)
    is_odd = _BLOOD_GAS in codes and not codes & _OXIMETRY
    return None if is_odd or attribute_of(concept, "o2") else Plain("spo2", "spo2")


def _spo2(part: Part) -> None:
    """Pulse oximetry; an arterial saturation from the laboratory alone is a blood gas."""
    codes = codes_of(part.concept)
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
    is_measured = _MEASURED_WEIGHT in codes_of(concept)
    detail = MEASURED if is_measured else attribute_of(concept, "quality")
    return Plain("weight", "weights", detail)


def _device(part: Part) -> None:
    """A device by code, else by its words; words that map to nothing are kept (CRS-O9).

    That there is none ("No") names no device; a number of liters a minute is a flow.
    """
    answer = part.value.value_boolean
    text = part.words() if answer is None else _ANSWERS[answer]
    coded = [DEVICES[pair] for pair in part.answers() if pair in DEVICES]
    device = max(coded, key=_WORSE.index, default=None)
    if device is None and not text:
        _liters(part)
    elif device is not None or not _is_bare(text):
        _support(part, device or _device_in_words(part, text), text or str(device))


_ANSWERS = {True: "Yes", False: "No"}
_NOT_APPLICABLE = re.compile(r"\s*(?:n/?a|not applicable)\W*", re.IGNORECASE)
_NO_OXYGEN = re.compile(r"\s*(?:no|n|false)\W*", re.IGNORECASE)
_MODE = re.compile(r"\bvent(?:ilat\w*)? mode\b")
_NO_MODE = re.compile(r"\b(?:off|stand-?by|not|no|other|extubated)\b")


def _is_bare(text: str) -> bool:
    """Whether a text says no more than that there is no oxygen, or that none is to be told."""
    return bool(_NO_OXYGEN.fullmatch(text) or _NOT_APPLICABLE.fullmatch(text))


def _device_in_words(part: Part, text: str) -> Device:
    """The device of the words; a mode of ventilation that no word list knows is a ventilator's."""
    device = device_from_text(text) or Device.UNRECOGNIZED
    names = wording(part.concept).lower()
    is_mode = _VENTILATION_MODE in codes_of(part.concept) or _MODE.search(names) is not None
    is_open = is_unclear(text) or _NO_MODE.search(text.lower()) is not None
    return (
        Device.VENTILATOR if device is Device.UNRECOGNIZED and is_mode and not is_open else device
    )


def _liters(part: Part) -> None:
    """A number in place of a device: a flow where it is in liters a minute, else refused."""
    quantity = part.quantity()
    unit = (quantity.code or quantity.unit or "") if quantity is not None else ""
    if not unit.lower().startswith("l"):
        part.facts.log.add(IssueKind.REFUSED_VALUE, "o2-device", part.ref)
    elif (found := part.number("o2_flow", "o2-flow")) is not None:
        value, flags = found
        part.facts.flows.append(Measured(part.at.t, value, part.ref, flags, part.other_cause))


_WORSE = (
    Device.ROOM_AIR,
    Device.NASAL_CANNULA,
    Device.BLOW_BY,
    Device.HIGH_FLOW_CANNULA,
    Device.MASK,
    Device.CPAP,
    Device.BIPAP,
    Device.VENTILATOR,
    Device.ECMO,
)
"""Devices by the row that each has (CRS-O), the worse later (READ-4)."""


def _device_finding(part: Part) -> None:
    """A device that is itself what was observed, unless the value denies it or tells nothing."""
    said = said_of(part, _NO_NAME)
    if said is Said.PRESENT:
        device = Device(SHIPPED.sets[part.key].attributes["device"])
        _support(part, device, wording(part.concept))
    elif said is Said.NOT_TOLD and not is_untold(part):
        part.facts.log.add(IssueKind.REFUSED_VALUE, "o2-device", part.ref)


_NO_NAME = re.compile(r"(?!)")
"""Of a device the first clause decides: a later one may name another."""


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
    """Reads a grade as charted, as a number or in words; what tells none is noted."""

    def read(part: Part) -> None:
        label = f"{syndrome}-grade"
        words = part.words()
        if _NOT_APPLICABLE.fullmatch(words):
            return
        grade = grade_in_words(words) if words else part.whole(label, 0, _MAX_GRADE)
        if grade is not None:
            part.facts.charted_grades.append(ChartedGrade(part.at.t, syndrome, grade, part.ref))
        elif words:
            part.facts.log.add(IssueKind.REFUSED_VALUE, label, part.ref)

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
        "temperature", "temperatures", attribute_of(concept, "site")
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
    PANEL: read_panel,
}
"""What reads the value of a concept; a concept without a reader says nothing to a grade."""

_LABELS = {
    "obs.body_temperature": "temperature",
    **dict.fromkeys((*_PRESSURES, PANEL), LABEL),
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
