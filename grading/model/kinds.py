"""The words of charted facts: devices, levels, and the kinds of signs, doses, risks and tests."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Device(StrEnum):
    """An oxygen delivery device or ventilation mode, as the CRS-O table tells them apart."""

    ROOM_AIR = "room-air"
    NASAL_CANNULA = "nasal-cannula"
    HIGH_FLOW_CANNULA = "high-flow-cannula"
    BLOW_BY = "blow-by"
    MASK = "mask"
    CPAP = "cpap"
    BIPAP = "bipap"
    VENTILATOR = "ventilator"
    ECMO = "ecmo"
    UNRECOGNIZED = "unrecognized"


class Level(IntEnum):
    """ASTCT level of consciousness (DEF-9), deeper is greater.

    `TOUCH_OR_VIGOROUS` is what AVPU "P", RASS -4 and GCS eye 2 can say: grade 3 or 4.
    """

    SPONTANEOUS = 0
    VOICE = 2
    TOUCH = 3
    TOUCH_OR_VIGOROUS = 4
    UNAROUSABLE = 5


class SeizureKind(StrEnum):
    """How a seizure was charted; minutes decide unless it says prolonged (DEF-11)."""

    NONE = "none"
    RESOLVED = "resolved"
    UNSPECIFIED = "unspecified"
    PROLONGED = "prolonged"


class SignKind(StrEnum):
    """Motor and raised-pressure findings (DEF-12, DEF-13), and their charted absence."""

    MOTOR_NONE = "motor-none"
    MOTOR_OTHER = "motor-other"
    MOTOR_WEAKNESS = "deep-focal-weakness"
    ICP_NONE = "icp-none"
    FOCAL_EDEMA = "focal-edema"
    EDEMA_EXTENT_UNKNOWN = "edema-extent-unknown"
    DIFFUSE_EDEMA = "diffuse-edema"
    POSTURING = "posturing"
    CN6_PALSY = "cn6-palsy"
    PAPILLEDEMA = "papilledema"
    CUSHING_TRIAD = "cushing-triad"
    HEMORRHAGE = "intracranial-hemorrhage"


class DoseStatus(StrEnum):
    """What a charted administration says of itself (READ-2)."""

    GIVEN = "given"
    RUNNING = "running"
    HELD = "held"
    UNCERTAIN = "uncertain"


class RiskKind(StrEnum):
    """Conditions that bear on a rule without being a grading input."""

    SEIZURE_HISTORY = "seizure-history"
    CNS_DISEASE = "cns-disease"
    BRAIN_LESION = "brain-lesion"
    EPILEPTIFORM_EEG = "epileptiform-eeg"
    HOME_OXYGEN = "home-oxygen"
    HOME_CPAP = "home-cpap"
    HOME_BIPAP = "home-bipap"
    NON_VERBAL = "non-verbal"
    GI_PERFORATION = "gi-perforation"
    PARKINSONISM = "parkinsonism"
    CRANIAL_NERVE_PALSY = "cranial-nerve-palsy"
    """Of another nerve than the sixth, whose palsy is a sign of raised pressure (ICANS-I4)."""
    POLYRADICULONEURITIS = "polyradiculoneuritis"


LAB = "lab-"
"""Before the name of a laboratory test: the key of an order for it."""


class StudyKind(StrEnum):
    """Tests whose presence stops a suggestion (GEN-DEDUP)."""

    MRI_BRAIN = "mri-brain"
    CT_HEAD = "ct-head"
    EEG = "eeg"
    LUMBAR_PUNCTURE = "lumbar-puncture"
    BLOOD_CULTURES = "blood-cultures"
    URINE_CULTURE = "urine-culture"
    CHEST_RADIOGRAPH = "chest-radiograph"
    CRS_LABS = "crs-labs"
    NEUROLOGY_CONSULT = "neurology-consult"
    ICU_CONSULT = "icu-consult"
    FUNDOSCOPY = "fundoscopy"
    FERRITIN = "lab-ferritin"
    FIBRINOGEN = "lab-fibrinogen"
    TRIGLYCERIDES = "lab-triglycerides"
    LDH = "lab-ldh"
    METABOLIC_PANEL = "lab-metabolic-panel"
    CBC = "lab-cbc"


class OverlapKind(StrEnum):
    """Findings of section 4 that are charted and never derived (IECHS-2, IECHS-3)."""

    NONE = "none"
    HEMOPHAGOCYTOSIS = "hemophagocytosis"
    WORSE_INFLAMMATION = "worse-inflammation"
    SPLENOMEGALY = "splenomegaly"
    BLEEDING = "bleeding"
    DIALYSIS = "dialysis"
