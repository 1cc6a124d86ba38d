"""A second, slow reading of coded resources, from the text of the specification alone.

`terminology.yaml` gives codes and unit formulas; clinical-rules.md 0.6 and 1 give statuses and
accepted ranges; local-codes.md gives the answers. Nothing of `fhir_mappings` is used. What is read
is a set of rows: the kind of fact, then its values; numbers are rounded to 4 decimals.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.fhir_codes import LOCAL, Resource

TERMINOLOGY = Path(__file__).parents[2].parent / "shared" / "spec" / "terminology.yaml"
Row = tuple[Any, ...]
Tables = dict[str, Any]
Coded = set[tuple[str, str]]

USED = {"final", "amended", "corrected", "preliminary"}
MEASURED = {
    "obs.body_temperature": ("temperatures", "temperature", "30", "43"),
    "obs.spo2": ("spo2", "spo2", "50", "100"),
    "obs.o2_flow": ("flows", "o2_flow", "0", "80"),
    "obs.fio2": ("fio2", "fio2", "21", "100"),
    "obs.body_weight": ("weights", "weight", "2", "350"),
}
PRESSURES = {
    "obs.bp_systolic": (0, "30", "300"),
    "obs.bp_mean": (1, "20", "200"),
    "obs.bp_diastolic": (2, "10", "200"),
}
"""The text has no range for a diastolic pressure, which decides nothing: the product's is taken."""
LABS = {
    "lab.ferritin": ("ferritin", "ferritin"),
    "lab.fibrinogen": ("fibrinogen", "fibrinogen"),
    "lab.crp": ("crp", "crp"),
    "lab.alt": ("alt", "enzyme"),
    "lab.ast": ("ast", "enzyme"),
    "lab.ldh": ("ldh", "enzyme"),
    "lab.triglycerides": ("triglycerides", "triglycerides"),
    "lab.anc": ("anc", "cell_count"),
    "lab.platelets": ("platelets", "cell_count"),
    "lab.bilirubin_total": ("bilirubin", "bilirubin"),
    "lab.creatinine": ("creatinine", "creatinine"),
}
"""Laboratory tests of IN-19 whose units `_units` lists."""
LOCAL_FACTORS = {("enzyme", "u[IU]/mL"), ("crp", "nmol/L")}
"""Refused: a micro-unit per mL is no U/L, whatever `_units` says; nmol/L is to confirm locally."""
FRACTIONS = ("fio2",)
"""IN-6 tells a fraction by its value whatever the unit says; IN-4 does not."""
UNITLESS = {"o2_flow": "L/min", "spo2": "%", "pressure": "mm[Hg]", "fio2": "1"}
DEVICES = {
    "room_air": "room-air",
    "nasal_cannula": "nasal-cannula",
    "high_flow_nasal_cannula": "high-flow-cannula",
    "blow_by": "blow-by",
    "simple_mask": "mask",
    "tracheostomy_mask": "mask",
    "venturi_mask": "mask",
    "non_rebreather": "mask",
    "cpap": "cpap",
    "bipap": "bipap",
    "mechanical_ventilation": "ventilator",
}
AROUSAL = {
    "LA9347-1": "SPONTANEOUS",
    "LA25177-9": "VOICE",
    "LA25175-3": "TOUCH",
    "LA25176-1": "UNAROUSABLE",
    "LA25174-6": "UNAROUSABLE",
    "LA25173-8": "UNAROUSABLE",
    "LA9343-0": "UNAROUSABLE",
}
SCORES = {
    ("snomed", "1345050000"): ("rass", -5, 4),
    ("loinc", "9267-6"): ("eye", 1, 4),
    ("loinc", "9269-2"): ("gcs", 3, 15),
    ("local", "ice-total"): ("ice", 0, 10),
    ("local", "capd-total"): ("capd", 0, 32),
    ("local", "crs-grade"): ("crs", 0, 5),
    ("local", "icans-grade"): ("icans", 0, 5),
}
RASS = ("UNAROUSABLE", "TOUCH_OR_VIGOROUS", *["VOICE"] * 3, *["SPONTANEOUS"] * 5)
EYES = ("UNAROUSABLE", "TOUCH_OR_VIGOROUS", "VOICE", "SPONTANEOUS")
AVPU = {"A": "SPONTANEOUS", "V": "VOICE", "P": "TOUCH_OR_VIGOROUS", "U": "UNAROUSABLE"}
LOCAL_ANSWERS = {
    ("consciousness", "awakens-spontaneously"): ("arousal", "SPONTANEOUS"),
    ("consciousness", "awakens-to-voice"): ("arousal", "VOICE"),
    ("consciousness", "awakens-to-touch"): ("arousal", "TOUCH"),
    ("consciousness", "unarousable"): ("arousal", "UNAROUSABLE"),
    ("seizure", "none"): ("seizures", "none"),
    ("seizure", "resolved-rapidly"): ("seizures", "resolved"),
    ("seizure", "nonconvulsive-resolved"): ("seizures", "resolved"),
    ("seizure", "prolonged"): ("seizures", "prolonged"),
    ("seizure", "repetitive-no-baseline"): ("seizures", "prolonged"),
    ("motor", "none"): ("signs", "motor-none"),
    ("motor", "deep-focal-weakness"): ("signs", "deep-focal-weakness"),
    ("motor", "26079004"): ("signs", "motor-other"),
    ("icp-edema", "none"): ("signs", "icp-none"),
    ("icp-edema", "focal-edema"): ("signs", "focal-edema"),
    ("icp-edema", "diffuse-edema"): ("signs", "diffuse-edema"),
    ("icp-edema", "posturing"): ("signs", "posturing"),
    ("icp-edema", "cn6-palsy"): ("signs", "cn6-palsy"),
    ("icp-edema", "cushing-triad"): ("signs", "cushing-triad"),
    ("icp-edema", "intracranial-haemorrhage"): ("signs", "intracranial-hemorrhage"),
    ("icp-edema", "423341008"): ("signs", "papilledema"),
    ("oxygen-delivery-device", "blow-by"): ("supports", "blow-by"),
}


@cache
def tables() -> Tables:
    """The terminology file."""
    return dict(yaml.safe_load(TERMINOLOGY.read_text(encoding="utf-8")))


def systems() -> dict[str, str]:
    """URL of each short system name of the file; answer codes of LOINC are LOINC codes."""
    known = {short: url.split(" ")[0] for short, url in tables()["_systems"].items()}
    return known | {"local": LOCAL}


def codes(key: str, *, verified: bool = True) -> list[tuple[str, Resource]]:
    """(system, row) of every code of a concept whose verification is as asked."""
    return [
        (systems()[short], row)
        for short, rows in tables()[key].items()
        if not short.startswith("_")
        for row in rows
        if row["code"] and row["verified"] is verified
    ]


@cache
def _verified(key: str) -> frozenset[tuple[str, str]]:
    return frozenset((system, row["code"]) for system, row in codes(key))


def _coded(concept: Resource | None) -> Coded:
    aliases = {old: new for new, many in tables()["_system_aliases"].items() for old in many}
    found = (concept or {}).get("coding", [])
    return {(aliases.get(c.get("system", ""), c.get("system", "")), c["code"]) for c in found}


def is_of(coded: Coded, key: str) -> bool:
    """Whether one of the codings is a verified code of the concept."""
    return not coded.isdisjoint(_verified(key))


def converted(value: Decimal, kind: str, unit: str) -> Decimal | None:
    """The value in the canonical unit by the formula of `_units`, or None: no such unit."""
    formula = tables()["_units"][kind]["accept"].get(unit)
    if formula is None or (kind, unit) in LOCAL_FACTORS:
        return None
    if "if x<=1" in formula:
        return value * 100 if value <= 1 else value
    if formula == "(x-32)/1.8":
        return ((value - 32) / Decimal("1.8")).quantize(Decimal("0.01"), "ROUND_HALF_UP")
    for sign in "*/-":
        if sign in formula:
            factor = Decimal(formula.split(sign)[1])
            return {"*": value * factor, "/": value / factor, "-": value - factor}[sign]
    return value


def amount(holder: Resource, kind: str) -> Decimal | None:
    """The number in its canonical unit: code first, then unit (READ-16, DEF-1)."""
    quantity = holder.get("valueQuantity")
    if quantity is None or "value" not in quantity or "comparator" in quantity:
        return None
    value = Decimal(str(quantity["value"]))
    written = [quantity[key] for key in ("code", "unit") if key in quantity]
    if written:
        read = (converted(value, kind, each) for each in written)
        found = next((each for each in read if each is not None), None)
    elif kind == "temperature":
        unit = "Cel" if 30 <= value <= 43 else "[degF]" if 86 <= value <= 110 else ""
        found = converted(value, kind, unit)
    else:
        found = converted(value, kind, UNITLESS.get(kind, "none"))
    if found is not None and kind in FRACTIONS and value <= 1:
        return value * 100
    return found


def _within(value: Decimal | None, low: str | None, high: str | None) -> bool:
    if value is None or value < 0:
        return False
    return (low is None or value >= Decimal(low)) and (high is None or value <= Decimal(high))


def rounded(value: Decimal | None) -> Decimal | None:
    """The number as rows are compared by."""
    return None if value is None else value.quantize(Decimal("0.0001"))


def read_measured(holder: Resource) -> set[Row]:
    """Rows of one Observation or component that is a number."""
    coded = _coded(holder.get("code"))
    rows: set[Row] = set()
    for key, (fact, kind, low, high) in MEASURED.items():
        value = amount(holder, kind) if is_of(coded, key) else None
        if _within(value, low, high):
            rows.add((fact, rounded(value)))
            if (systems()["loinc"], "59410-1") in coded:
                rows.add(("supports", "room-air"))
    for key, (name, kind) in LABS.items():
        value = amount(holder, kind) if is_of(coded, key) else None
        most = "2000" if name == "fibrinogen" else None
        if value is not None and _within(value, "0", most):
            times = 1000 if kind == "cell_count" else 1
            rows.add(("lab", name, rounded(value * times)))
    return rows


def read_pressure(observation: Resource) -> set[Row]:
    """The one reading of a panel, or of a pressure on its own."""
    found: list[Decimal | None] = [None, None, None]
    for holder in (observation, *observation.get("component", [])):
        coded = _coded(holder.get("code"))
        for key, (place, low, high) in PRESSURES.items():
            value = amount(holder, "pressure") if is_of(coded, key) else None
            if _within(value, low, high):
                found[place] = rounded(value)
    return {("pressures", *found)} if any(found) else set()


def _number(holder: Resource) -> int | None:
    quantity = holder.get("valueQuantity", {})
    value = holder.get("valueInteger", quantity.get("value"))
    written = {quantity[key] for key in ("code", "unit") if key in quantity}
    if (
        not written <= {"{score}", "1"}
        or value is None
        or "comparator" in quantity
        or value != int(value)
    ):
        return None
    return int(value)


def _score_row(name: str, value: int) -> Row | None:
    if name == "rass":
        return ("arousal", RASS[value + 5])
    if name == "eye":
        return ("arousal", EYES[value - 1])
    if name == "gcs":
        total = {3: "UNAROUSABLE", 15: "SPONTANEOUS"}.get(value)
        return ("arousal", total) if total else None
    return ("charted_grades", name, value) if name in ("crs", "icans") else (name, value, value)


def read_score(observation: Resource) -> set[Row]:
    """Rows of RASS, GCS, ICE and CAPD totals and charted grades."""
    coded, value = _coded(observation["code"]), _number(observation)
    found = [
        _score_row(name, value)
        for (short, code), (name, low, high) in SCORES.items()
        if (systems()[short], code) in coded and value is not None and low <= value <= high
    ]
    return {row for row in found if row}


def _local_answers(coded: Coded, answers: Coded) -> set[Row]:
    allowed = {a for s, a in answers if s == (systems()["snomed"] if a.isdigit() else LOCAL)}
    asked = {code for system, code in coded if system == LOCAL}
    return {
        row for (question, a), row in LOCAL_ANSWERS.items() if question in asked and a in allowed
    }


def read_answer(observation: Resource) -> set[Row]:
    """Rows of an Observation that is answered with a code."""
    coded = _coded(observation["code"])
    answers = _coded(observation.get("valueCodeableConcept"))
    rows = _local_answers(coded, answers)
    if is_of(coded, "obs.level_of_arousal"):
        rows |= {("arousal", AROUSAL[a]) for _, a in answers if a in AROUSAL}
    if is_of(coded, "obs.avpu"):
        values = {row["code"]: row.get("value", "") for _, row in codes("obs.avpu")}
        rows |= {("arousal", AVPU[values[a]]) for _, a in answers if values.get(a, "") in AVPU}
    if is_of(coded, "obs.o2_device") or (LOCAL, "oxygen-delivery-device") in coded:
        known = {f"val.o2_device.{name}": device for name, device in DEVICES.items()}
        rows |= {("supports", device) for key, device in known.items() if is_of(answers, key)}
    return rows


def read_observation(observation: Resource) -> set[Row]:
    """All that one Observation of the patient says, components included."""
    if observation["status"] not in USED:
        return set()
    rows = read_pressure(observation) | read_score(observation) | read_answer(observation)
    for holder in (observation, *observation.get("component", [])):
        rows |= read_measured(holder)
    return rows
