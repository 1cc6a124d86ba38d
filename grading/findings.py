"""The findings that the classifiers can return, axis by axis: the first column of the tables."""

from __future__ import annotations

from enum import StrEnum


class Hypotension(StrEnum):
    """Findings of the hypotension axis (CRS-P0 to P8)."""

    NONE = "none"
    HYPOTENSION = "hypotension"
    VASOPRESSIN_ALONE = "vasopressin-alone"
    ONE = "one-vasopressor"
    MULTIPLE = "multiple-vasopressors"
    PRESSURE_NOT_KNOWN = "pressure-not-known"
    NOTHING_KNOWN = "pressure-and-administrations-not-known"
    DOSES_NOT_KNOWN = "administrations-not-known"
    HYPOTENSION_DOSES_NOT_KNOWN = "hypotension-administrations-not-known"
    OTHER_CAUSE = "other-cause"


class Hypoxia(StrEnum):
    """Findings of the hypoxia axis (CRS-O0 to O12, DEF-8, DEF-14, DEF-15)."""

    ROOM_AIR = "room-air"
    ROOM_AIR_ASSUMED = "room-air-assumed"
    LOW_FLOW = "low-flow-cannula"
    BLOW_BY = "blow-by"
    HIGH_FLOW = "high-flow-cannula"
    MASK = "mask"
    POSITIVE_PRESSURE = "positive-pressure"
    CANNULA_FLOW_NOT_KNOWN = "cannula-flow-not-known"
    NAMED_HIGH_FLOW = "high-flow-named"
    NAMED_AT_LOW_FLOW = "high-flow-named-at-low-flow"
    NAMED_FLOW_NOT_KNOWN = "high-flow-named-flow-not-known"
    OXYGEN_DEVICE_NOT_KNOWN = "oxygen-device-not-known"
    NOT_RECOGNIZED = "device-not-recognized"
    NOT_RECOGNIZED_ON_OXYGEN = "device-not-recognized-with-oxygen"
    NOT_CHARTED = "not-charted"
    LOW_FLOW_DEVICE_NOT_KNOWN = "low-flow-device-not-known"
    HIGH_FLOW_DEVICE_NOT_KNOWN = "high-flow-device-not-known"
    HYPOXIA_NOT_CHARTED = "hypoxia-oxygen-not-charted"
    HYPOXIA_ON_ROOM_AIR = "hypoxia-on-room-air"
    BORDERLINE = "borderline-device-not-charted"
    OUTDATED = "device-outdated"
    NOT_READ = "oxygen-not-read"
    BASELINE = "baseline"
    BASELINE_AMOUNT_NOT_KNOWN = "baseline-amount-not-known"
    BASELINE_WEAKER_PRESSURE = "baseline-weaker-pressure"
    OTHER_CAUSE = "other-cause"
    AIRWAY_PROTECTION = "airway-protection"


class Consciousness(StrEnum):
    """Findings of the consciousness domain (ICANS-C0 to C4, DEF-9, DEF-10)."""

    SPONTANEOUS = "spontaneous"
    VOICE = "voice"
    TOUCH = "touch"
    TOUCH_OR_VIGOROUS = "touch-or-vigorous"
    UNAROUSABLE = "unarousable"
    SEDATED = "sedated"


class Ice(StrEnum):
    """Findings of the ICE domain (ICE-3 to ICE-5)."""

    TEN = "ice-10"
    SEVEN_TO_NINE = "ice-7-9"
    THREE_TO_SIX = "ice-3-6"
    TO_TWO = "ice-0-2"
    ZERO_UNAROUSABLE = "ice-0-unarousable"
    ZERO_WAKEFULNESS_NOT_KNOWN = "ice-0-wakefulness-not-known"
    NOT_CHARTED_UNAROUSABLE = "not-charted-unarousable"
    NOT_CHARTED = "not-charted"


class Capd(StrEnum):
    """Findings of the CAPD domain (CAPD-2, CAPD-3)."""

    ZERO = "capd-0"
    AWAKE = "capd-1-8-awake"
    VOICE = "capd-1-8-voice"
    WAKEFULNESS_NOT_KNOWN = "capd-1-8-wakefulness-not-known"
    NINE_OR_MORE = "capd-9-or-more"
    NOT_POSSIBLE = "not-possible"
    NOT_CHARTED = "not-charted"


class SeizureFinding(StrEnum):
    """Findings of the seizure domain (ICANS-S3, S4, DEF-11)."""

    NONE = "none"
    RESOLVED = "resolved"
    PROLONGED = "prolonged"
    DURATION_NOT_KNOWN = "duration-not-known"
    NOT_READ = "not-read"


class Motor(StrEnum):
    """Findings of the motor domain (ICANS-M4)."""

    NONE = "none"
    WEAKNESS = "deep-focal-weakness"
    WEAKNESS_OUTDATED = "weakness-outdated"


class Icp(StrEnum):
    """Findings of the raised-pressure and edema domain (ICANS-I3, I4, O1)."""

    NONE = "none"
    FOCAL_EDEMA = "focal-edema"
    RAISED_PRESSURE = "raised-pressure"
    EXTENT_NOT_KNOWN = "edema-extent-not-known"
    FOCAL_OUTDATED = "focal-edema-outdated"
    RAISED_OUTDATED = "raised-pressure-outdated"
    OPENING_PRESSURE = "opening-pressure"
    OPENING_ADVISORY = "opening-pressure-advisory"


class OverlapCriterion(StrEnum):
    """Criteria of the IEC-HS check (IECHS-1, IECHS-2, IECHS-7), each a row of `iechs.toml`."""

    FERRITIN_LIMIT = "ferritin-limit"
    FERRITIN_INFUSION = "ferritin-infusion"
    FERRITIN_RISE = "ferritin-rise"
    TRANSAMINASES = "transaminases"
    FIBRINOGEN = "fibrinogen"
    CYTOPENIA = "cytopenia"
    HEMOPHAGOCYTOSIS = "hemophagocytosis"
    INFLAMMATION = "inflammation"
    LDH = "ldh"
    COAGULATION = "coagulation"
    TRIGLYCERIDES = "triglycerides"
    SPLENOMEGALY = "splenomegaly"
    RENAL = "renal"
    HYPOXIA = "hypoxia"
    FEVER = "fever"
    HLH_FEVER = "hlh-fever"
    HLH_SPLENOMEGALY = "hlh-splenomegaly"
    HLH_CYTOPENIA = "hlh-cytopenia"
    HLH_LIPIDS = "hlh-lipids"
    HLH_HEMOPHAGOCYTOSIS = "hlh-hemophagocytosis"
    HLH_NK = "hlh-nk"
    HLH_FERRITIN = "hlh-ferritin"
    HLH_SCD25 = "hlh-scd25"


OVERLAP_CRITERIA: tuple[str, ...] = tuple(each.value for each in OverlapCriterion)

CRS_AXES: dict[str, type[StrEnum]] = {"hypotension": Hypotension, "hypoxia": Hypoxia}
ICANS_AXES: dict[str, type[StrEnum]] = {
    "consciousness": Consciousness,
    "ice": Ice,
    "capd": Capd,
    "seizure": SeizureFinding,
    "motor": Motor,
    "icp": Icp,
}
