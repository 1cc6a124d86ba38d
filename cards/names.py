"""Display names of the words and units of the core: what a clinician calls them."""

from __future__ import annotations

from grading.model import Device, Label, Missing, Remark, SeizureKind, SignKind, Strength

UNITS: dict[str, str] = {
    "Cel": " °C",
    "mm[Hg]": " mmHg",
    "cm[H2O]": " cmH2O",
    "%": " %",
    "L/min": " L/min",
    "{score}": "",
    "kg": " kg",
    "mg": " mg",
    "mL": " mL",
    "min": " min",
    "h": " h",
    "": "",
}
"""UCUM unit to what follows the number."""

LABELS: dict[str, str] = {
    Label.TEMPERATURE: "temperature",
    Label.SBP: "SBP",
    Label.MAP: "MAP",
    Label.MAP_CALCULATED: "MAP (calculated)",
    Label.SPO2: "SpO2",
    Label.O2_DEVICE: "oxygen device",
    Label.O2_FLOW: "oxygen flow",
    Label.FIO2: "FiO2",
    Label.VASOPRESSOR: "vasopressor",
    Label.VASOPRESSOR_ORDERED: "vasopressor ordered",
    Label.DRUG_GIVEN: "given",
    Label.CHARTED_GRADE: "grade charted by a clinician",
    Label.ICE: "ICE",
    Label.CAPD: "CAPD",
    Label.CONSCIOUSNESS: "consciousness",
    Label.SEIZURE: "seizure",
    Label.MOTOR: "motor finding",
    Label.ICP: "pressure or edema finding",
    Label.SEDATIVE: "sedative infusion",
    Label.OPENING_PRESSURE: "opening pressure",
    Label.BASELINE: "before the infusion",
}

MISSING: dict[str, str] = {
    Missing.TEMPERATURE: "temperature",
    Missing.BLOOD_PRESSURE: "blood pressure",
    Missing.SPO2: "SpO2",
    Missing.O2_DEVICE: "oxygen device",
    Missing.O2_FLOW: "oxygen flow",
    Missing.OXYGEN_NEED: "need for oxygen",
    Missing.ADMINISTRATIONS: "medication administrations",
    Missing.ICE: "ICE score",
    Missing.CAPD: "CAPD score",
    Missing.CONSCIOUSNESS: "level of consciousness",
    Missing.SEIZURE_DURATION: "seizure duration",
    Missing.NEURO_EXAM: "neurological exam or imaging",
    Missing.WEIGHT: "weight",
    Missing.AGE: "age",
    Missing.HISTORY: "earlier history",
    Missing.INFUSION: "CAR-T infusion record",
}

REMARKS: dict[str, str] = {
    Remark.STALE: "stale",
    Remark.PRELIMINARY: "preliminary",
    Remark.CALCULATED: "calculated",
    Remark.NO_UNIT: "unit not charted",
    Remark.BY_TEXT: "recognized by its text",
    Remark.DATE_ONLY: "time of day not charted",
    Remark.STOPPED: "stopped",
    Remark.BASELINE: "as before the infusion",
    Remark.OTHER_CAUSE: "charted as due to another cause",
    Remark.OUTDATED: "older than its window",
    Remark.TIED: "two values at this time, the worse one used",
    Remark.ITEMS_DISAGREE: "total and items disagree, the lower used",
    Remark.NON_SYSTEMIC: "not a systemic form",
}

STRENGTHS: dict[str, str] = {
    Strength.RECOMMENDED: "Recommended",
    Strength.CONSIDER: "Consider",
    Strength.AVOID: "Caution",
}

WORDS: dict[str, str] = {
    Device.ROOM_AIR: "room air",
    Device.NASAL_CANNULA: "nasal cannula",
    Device.HIGH_FLOW_CANNULA: "high-flow nasal cannula",
    Device.BLOW_BY: "blow-by oxygen",
    Device.MASK: "face mask",
    Device.CPAP: "CPAP",
    Device.BIPAP: "BiPAP",
    Device.VENTILATOR: "mechanical ventilation",
    Device.ECMO: "ECMO",
    Device.UNRECOGNIZED: "device not recognized",
    SeizureKind.NONE: "none",
    SeizureKind.RESOLVED: "resolved",
    SeizureKind.UNSPECIFIED: "duration not charted",
    SeizureKind.PROLONGED: "prolonged or repetitive",
    SignKind.MOTOR_NONE: "no deep focal weakness",
    SignKind.MOTOR_OTHER: "other motor finding, not graded",
    SignKind.MOTOR_WEAKNESS: "deep focal weakness",
    SignKind.ICP_NONE: "no sign of raised pressure",
    SignKind.FOCAL_EDEMA: "focal edema",
    SignKind.EDEMA_EXTENT_UNKNOWN: "edema, extent not charted",
    SignKind.DIFFUSE_EDEMA: "diffuse edema",
    SignKind.POSTURING: "posturing",
    SignKind.CN6_PALSY: "sixth nerve palsy",
    SignKind.PAPILLEDEMA: "papilledema",
    SignKind.CUSHING_TRIAD: "Cushing triad",
    SignKind.HEMORRHAGE: "intracranial hemorrhage",
    "angiotensin_ii": "angiotensin II",
}
"""Words of the core that stand in a basis table; what is not here is shown as it was charted."""
