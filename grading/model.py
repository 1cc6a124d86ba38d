"""The vocabulary of the core: what is charted, what was found, and what follows from it.

Every time is an `Instant`: whole milliseconds since 1970-01-01T00:00:00Z, so that a day of hourly
charting can be searched and compared without building date objects. Every number is a `Decimal`
in the canonical unit named beside it. Facts are named tuples with their time first; everything
else is a frozen dataclass. Nothing here knows FHIR, HTTP or the clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import NamedTuple

Instant = int
SECOND: Instant = 1_000
MINUTE: Instant = 60 * SECOND
HOUR: Instant = 60 * MINUTE
DAY: Instant = 24 * HOUR

ALWAYS: Instant = -(2**62)
"""Complete back to the beginning."""
NEVER: Instant = 2**62
"""Complete from no instant at all: not read."""


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


class Measured(NamedTuple):
    """One accepted number: temperature Cel, SpO2 %, flow L/min, FiO2 %, weight kg, a score."""

    t: Instant
    value: Decimal
    ref: str
    flags: tuple[str, ...] = ()
    other_cause: bool = False
    detail: str = ""


class LabResult(NamedTuple):
    """One accepted laboratory result; `low` and `high` are its own normal range, all in `unit`."""

    t: Instant
    value: Decimal
    ref: str
    unit: str
    flags: tuple[str, ...] = ()
    other_cause: bool = False
    low: Decimal | None = None
    high: Decimal | None = None


class Pressure(NamedTuple):
    """One blood pressure reading in mmHg; `mean` is charted, never calculated (DEF-2)."""

    t: Instant
    sbp: Decimal | None
    mean: Decimal | None
    dbp: Decimal | None
    ref: str
    flags: tuple[str, ...] = ()
    other_cause: bool = False


class Support(NamedTuple):
    """An oxygen device charted at `t`, or in use from `t` to `end` (`interval`; None: still)."""

    t: Instant
    device: Device
    text: str
    ref: str
    interval: bool = False
    end: Instant | None = None
    airway_only: bool = False
    flags: tuple[str, ...] = ()
    other_cause: bool = False


class Dose(NamedTuple):
    """One administration record of one ingredient, before READ-7 makes runs and doses of it.

    `end` is the charted end. `has_period`: it was charted with a start and an end or an open end.
    `systemic`: the form and route gate lets it count (terminology.md 1, item 10). `bolus`: a fluid
    that is charted as a bolus, or as another use of it (IN-9); None: neither is said.
    """

    start: Instant
    end: Instant | None
    drug: str
    ref: str
    status: DoseStatus
    has_period: bool = False
    rate: Decimal | None = None
    mg: Decimal | None = None
    ml: Decimal | None = None
    systemic: bool = True
    intravenous: bool | None = None
    text: str = ""
    date_only: bool = False
    flags: tuple[str, ...] = ()
    other_cause: bool = False
    bolus: bool | None = None


class IceTest(NamedTuple):
    """One ICE test: `worst` counts missing items as 0, `best` as their maximum (ICE-2)."""

    t: Instant
    worst: int
    best: int
    ref: str
    missing_items: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    other_cause: bool = False


class CapdScore(NamedTuple):
    """One CAPD: `low` counts missing items as 0, `high` as their maximum."""

    t: Instant
    low: int
    high: int
    ref: str
    flags: tuple[str, ...] = ()
    other_cause: bool = False


class Arousal(NamedTuple):
    """One charted level of consciousness, with the words or score it was charted in.

    `scale`: `rass`, `avpu`, `gcs` or empty; CAPD-3 asks whether a level came from RASS.
    """

    t: Instant
    level: Level
    text: str
    ref: str
    flags: tuple[str, ...] = ()
    other_cause: bool = False
    scale: str = ""


class Seizure(NamedTuple):
    """One seizure event, or the charted absence of any."""

    t: Instant
    kind: SeizureKind
    minutes: Decimal | None
    ref: str
    flags: tuple[str, ...] = ()
    other_cause: bool = False


class Sign(NamedTuple):
    """One motor or raised-pressure finding; `imaging` widens its window to 72 h (IN-16)."""

    t: Instant
    kind: SignKind
    imaging: bool
    ref: str
    flags: tuple[str, ...] = ()
    other_cause: bool = False


class OverlapSign(NamedTuple):
    """One finding of section 4 as a clinician or a coded report charted it, in its words."""

    t: Instant
    kind: OverlapKind
    text: str
    ref: str
    flags: tuple[str, ...] = ()
    other_cause: bool = False


class ChartedGrade(NamedTuple):
    """A grade that a clinician charted: shown, opens an episode, never replaces ours."""

    t: Instant
    syndrome: str
    grade: int | None
    ref: str


class InfusionRecord(NamedTuple):
    """A record of a CAR-T infusion; `product` None: charted without naming one."""

    t: Instant
    date_only: bool
    product: str | None
    ref: str


class Order(NamedTuple):
    """An active (or drafted) order: an ingredient, or a test."""

    key: str
    t: Instant | None
    ref: str
    draft: bool = False
    systemic: bool = True
    intravenous: bool | None = None
    mg: Decimal | None = None
    every_h: Decimal | None = None
    text: str = ""


class Study(NamedTuple):
    """A test that was done or resulted."""

    t: Instant
    kind: StudyKind
    ref: str


class Risk(NamedTuple):
    """A condition that a rule asks for; `t` None: no date charted."""

    t: Instant | None
    kind: RiskKind
    ref: str
    text: str


class BirthDate(NamedTuple):
    """The first and last instant at which the birth day may have begun."""

    earliest: Instant
    latest: Instant


@dataclass(frozen=True, slots=True)
class Reach:
    """From which instant on each kind of data is complete; `NEVER`: not read (READ-8, READ-14)."""

    patient: Instant = ALWAYS
    temperature: Instant = ALWAYS
    bedside: Instant = ALWAYS
    doses: Instant = ALWAYS
    conditions: Instant = ALWAYS
    procedures: Instant = ALWAYS
    infusion: Instant = ALWAYS
    """Over every carrier of an infusion together (design.md 7)."""
    reports: Instant = ALWAYS
    forms: Instant = ALWAYS
    labs: Instant = ALWAYS
    medication_orders: Instant = ALWAYS
    test_orders: Instant = ALWAYS


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that is known of one patient at `now`, in grading words.

    The sequences need no order. Nothing in them lies after `now`; nothing in them was refused by
    its status, unit or range (those are data issues of the mapping, not facts).
    """

    now: Instant
    birth: BirthDate | None = None
    deceased: bool = False
    infusions: tuple[InfusionRecord, ...] = ()
    temperatures: tuple[Measured, ...] = ()
    pressures: tuple[Pressure, ...] = ()
    spo2: tuple[Measured, ...] = ()
    flows: tuple[Measured, ...] = ()
    fio2: tuple[Measured, ...] = ()
    supports: tuple[Support, ...] = ()
    doses: tuple[Dose, ...] = ()
    ice: tuple[IceTest, ...] = ()
    capd: tuple[CapdScore, ...] = ()
    arousal: tuple[Arousal, ...] = ()
    seizures: tuple[Seizure, ...] = ()
    signs: tuple[Sign, ...] = ()
    opening_pressures: tuple[Measured, ...] = ()
    weights: tuple[Measured, ...] = ()
    charted_grades: tuple[ChartedGrade, ...] = ()
    labs: dict[str, tuple[LabResult, ...]] = field(default_factory=dict)
    overlap_signs: tuple[OverlapSign, ...] = ()
    orders: tuple[Order, ...] = ()
    studies: tuple[Study, ...] = ()
    risks: tuple[Risk, ...] = ()
    reach: Reach = field(default_factory=Reach)


class Missing(StrEnum):
    """Keys of what is missing or stale (READ-8); lab names join them as plain text."""

    TEMPERATURE = "temperature"
    BLOOD_PRESSURE = "blood-pressure"
    SPO2 = "spo2"
    O2_DEVICE = "o2-device"
    O2_FLOW = "o2-flow"
    OXYGEN_NEED = "oxygen-need"
    ADMINISTRATIONS = "medication-administrations"
    ICE = "ice"
    CAPD = "capd"
    CONSCIOUSNESS = "consciousness"
    SEIZURE_DURATION = "seizure-duration"
    NEURO_EXAM = "neuro-exam"
    WEIGHT = "weight"
    AGE = "age"
    HISTORY = "history"
    INFUSION = "car-t-infusion"


class Label(StrEnum):
    """What a value in a basis table is a value of."""

    TEMPERATURE = "temperature"
    SBP = "sbp"
    MAP = "map"
    MAP_CALCULATED = "map-calculated"
    SPO2 = "spo2"
    O2_DEVICE = "o2-device"
    O2_FLOW = "o2-flow"
    FIO2 = "fio2"
    VASOPRESSOR = "vasopressor"
    VASOPRESSOR_ORDERED = "vasopressor-ordered"
    DRUG_GIVEN = "drug-given"
    CHARTED_GRADE = "charted-grade"
    ICE = "ice"
    CAPD = "capd"
    CONSCIOUSNESS = "consciousness"
    SEIZURE = "seizure"
    MOTOR = "motor"
    ICP = "icp"
    SEDATIVE = "sedative"
    OPENING_PRESSURE = "opening-pressure"
    BASELINE = "baseline"
    FEVER = "fever"
    FINDING = "finding"
    FERRITIN = "ferritin"
    FIBRINOGEN = "fibrinogen"
    ALT = "alt"
    AST = "ast"
    LDH = "ldh"
    TRIGLYCERIDES = "triglycerides"
    ANC = "anc"
    PLATELETS = "platelets"
    HEMOGLOBIN = "hemoglobin"
    PT = "pt"
    APTT = "aptt"
    CREATININE = "creatinine"


class Remark(StrEnum):
    """What is to be said of one value in a basis table; also the flags a mapping sets."""

    STALE = "stale"
    PRELIMINARY = "preliminary"
    CALCULATED = "calculated"
    NO_UNIT = "no-unit"
    BY_TEXT = "by-text"
    DATE_ONLY = "date-only"
    STOPPED = "stopped"
    """Its end was charted; the note is `stopped:INSTANT`."""
    BASELINE = "baseline"
    OTHER_CAUSE = "other-cause"
    OUTDATED = "outdated"
    TIED = "tied"
    ITEMS_DISAGREE = "items-disagree"
    NON_SYSTEMIC = "non-systemic"
    RANGE = "range"
    """The normal range of a result; the note is `range:LOW:HIGH`, either of them may be empty."""
    EARLIER = "earlier"
    """An earlier value that a later one is held against."""


class Note(StrEnum):
    """A sentence that an assessment or recommendation asks the card to say.

    Some take an argument after a colon (`late-crs:17`); `cards.wording` has a sentence each.
    """

    AT_THRESHOLD = "at-threshold"
    LATE_CRS = "late-crs"
    LATE_ICANS = "late-icans"
    AFTER_WINDOW_FEVER = "after-window-fever"
    FEVER_WAIVED = "fever-waived"
    FEVER_MASKED = "fever-masked"
    NOT_CRS_WITHOUT_FEVER = "not-crs-without-fever"
    HYPOTENSION_RESOLVED = "hypotension-resolved"
    VASOPRESSOR_ORDERED = "vasopressor-ordered"
    VASOPRESSOR_NOT_COUNTED = "vasopressor-not-counted"
    HIGH_FLOW_BY_NAME = "high-flow-by-name"
    DEVICE_TEXT_UNKNOWN = "device-text-unknown"
    VENTILATED_FOR_HYPOXIA = "ventilated-for-hypoxia"
    BASELINE_SUPPORT = "baseline-support"
    OTHER_CAUSE = "other-cause"
    CHARTED_DIFFERS = "charted-differs"
    ICE_ITEMS_MISSING = "ice-items-missing"
    ICE_ITEMS_DISAGREE = "ice-items-disagree"
    SEDATED = "sedated"
    SEDATING_BOLUS = "sedating-bolus"
    SEIZURE_AT_THRESHOLD = "seizure-at-threshold"
    HEMORRHAGE_EXCLUDED = "hemorrhage-excluded"
    OLD_SIGN = "old-sign"
    NO_NEURO_EXAM = "no-neuro-exam"
    OPENING_PRESSURE = "opening-pressure"
    CAPD_USED = "capd-used"
    EXTENT_UNKNOWN = "extent-unknown"
    HISTORY_FROM = "history-from"
    ONSET_UNCERTAIN = "onset-uncertain"
    PRODUCT_CONFLICT = "product-conflict"
    ROOM_AIR_ASSUMED = "room-air-assumed"
    SPONTANEOUS_ASSUMED = "spontaneous-assumed"
    ADULT_LINE_ASSUMED = "adult-line-assumed"
    PROJECT_DECISION = "project-decision"


class Evidence(NamedTuple):
    """One charted value behind a finding, as the card's table shows it.

    `value` is a number or the charted words. `unit` is UCUM, empty for words. `notes` are `Remark`
    keys.
    """

    label: Label
    value: Decimal | str
    unit: str
    t: Instant | None
    ref: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GradeRange:
    """Bounds of an ASTCT grade, 0-4, `lo <= hi`; exact when equal."""

    lo: int
    hi: int

    @property
    def exact(self) -> bool:
        """Whether the grade is known."""
        return self.lo == self.hi


@dataclass(frozen=True, slots=True)
class Criterion:
    """A row of a published grading table."""

    id: str
    axis: str
    finding: str
    lo: int
    hi: int
    text: str
    cites: tuple[str, ...]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Basis:
    """A row that held, or a gate that was passed: what the card's basis table prints.

    `met` None: could not be told.
    """

    rule: str
    axis: str
    text: str
    met: bool | None
    evidence: tuple[Evidence, ...] = ()


class Scope(StrEnum):
    """Whether a patient is graded (clinical-rules.md 0.4)."""

    IN = "in"
    NO_INFUSION = "no-infusion"
    """Read, and no CAR-T infusion within the window (SCOPE-1, SCOPE-2)."""
    DECEASED = "deceased"
    """SCOPE-3."""
    UNKNOWN = "unknown"
    """No infusion seen, and not read far enough back to say that there is none."""


class State(StrEnum):
    """State of a syndrome (clinical-rules.md 2.4 and 3.3, local-codes.md)."""

    NONE = "none"
    ACTIVE = "active"
    RESOLVING = "resolving"
    POSSIBLE_MASKED = "possible-masked"
    NOT_ASSESSABLE = "not-assessable"
    OUT_OF_SCOPE = "out-of-scope"


@dataclass(frozen=True, slots=True)
class Assessment:
    """Grade of one syndrome with its basis.

    `rules`: ids that held. `missing`, `stale`: input keys (READ-8). `assumptions`, `notes`: keys of
    the wording table, an optional argument after a colon (`stopped:2026-...`). `onset` is the first
    point of the episode, `onset_known` whether it is certain; `peak` the highest `lo` of the
    episode with its time, `peak_at_least` where history was not read.
    """

    syndrome: str
    grade: GradeRange
    state: State
    rules: tuple[str, ...] = ()
    basis: tuple[Basis, ...] = ()
    missing: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    onset: Instant | None = None
    onset_known: bool = False
    onset_hours: Decimal | None = None
    peak: int = 0
    peak_at: Instant | None = None
    peak_at_least: bool = False
    charted: ChartedGrade | None = None
    history_from: Instant | None = None


@dataclass(frozen=True, slots=True)
class OverlapRow:
    """A criterion of section 4 as written in `knowledge/iechs.toml`; `text` names the policy."""

    key: str
    id: str
    axis: str
    text: str
    cites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OverlapCheck:
    """A criterion of section 4 for one patient.

    `met` None: it could not be told for want of `missing`.
    """

    row: OverlapRow
    met: bool | None
    evidence: tuple[Evidence, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Overlap:
    """Whether IEC-HS is possible (IECHS-1 to -3); `possible` None: not assessable.

    `trigger`: IECHS-1, None where it cannot be told. `least` and `most`: bounds of the number of
    supporting features (a) to (e). `checks`: every criterion, weaker features after them.
    `missing`: what would settle an open criterion; empty where it could change nothing.
    `severe`: why the indicator is critical. `hlh_2004`: the criteria of IECHS-7.
    """

    possible: bool | None
    trigger: bool | None = None
    least: int = 0
    most: int = 0
    checks: tuple[OverlapCheck, ...] = ()
    missing: tuple[str, ...] = ()
    severe: tuple[Evidence, ...] = ()
    hlh_2004: tuple[OverlapCheck, ...] = ()
    by_text: bool = False


@dataclass(frozen=True, slots=True)
class Infusion:
    """The infusion that hours count from, and its course (READ-9)."""

    t0: Instant
    course_t0: Instant
    product: str | None
    day: int
    date_only: bool
    refs: tuple[str, ...]
    notes: tuple[str, ...] = ()


class Advice(StrEnum):
    """A sentence that a recommendation asks the card to say, or why it shows no dose.

    Some take an argument after a colon (`replaces:1790000000000`). No value equals one of `Note`.
    """

    WEIGHT_MISSING = "weight-missing"
    AGE_UNKNOWN = "age-unknown"
    PEDIATRIC_DOSE = "pediatric-dose"
    TOCI_DOSES_NOT_READ = "toci-doses-not-read"
    TOCI_DOSES_UNCERTAIN = "toci-doses-uncertain"
    ONSET_NOT_CERTAIN = "onset-not-certain"
    RUNNING_NOT_READABLE = "running-not-readable"
    TOCI_NOT_ALONE = "toci-not-alone"
    CRS_NOT_ESTABLISHED = "crs-not-established"
    TOCI_INTERVAL = "toci-interval"
    TOCI_COUNT_24H = "toci-count-24h"
    NO_FURTHER_DOSE = "no-further-dose"
    TOCI_NO_IMPROVEMENT = "toci-no-improvement"
    TOCI_IMPROVED = "toci-improved"
    TOCI_CANNOT_TELL = "toci-cannot-tell"
    TOCI_GRADE_1 = "toci-grade-1"
    DOSES_UNCERTAIN = "doses-uncertain"
    DOSES_AT_LEAST = "doses-at-least"
    DOSE_CAPPED = "dose-capped"
    WEIGHTS_DISAGREE = "weights-disagree"
    WEIGHT_STALE = "weight-stale"
    TOCI_SHORTAGE = "toci-shortage"
    COMPANION = "companion"
    REPLACES = "replaces"
    WEAKER_STEROID_GIVEN = "weaker-steroid-given"
    OTHER_STEROID = "other-steroid"
    STEROID_NO_IMPROVEMENT = "steroid-no-improvement"
    STEROID_IMPROVED = "steroid-improved"
    STEROID_CANNOT_TELL = "steroid-cannot-tell"
    TWO_DOSES_GIVEN = "two-doses-given"
    BECAUSE_ICANS = "because-icans"
    BECAUSE_PRODUCT = "because-product"
    BECAUSE_EARLY_ONSET = "because-early-onset"
    BECAUSE_NO_IMPROVEMENT = "because-no-improvement"
    BECAUSE_HYPOTENSION = "because-hypotension"
    EARLY_WOULD_RECOMMEND = "early-would-recommend"
    EARLY_STEROID = "early-steroid"
    MP_TWICE_DAILY_OPTION = "mp-twice-daily-option"
    MP_OPTION = "mp-option"
    ANAKINRA_DOSE = "anakinra-dose"
    ANAKINRA_DOSE_CRS = "anakinra-dose-crs"
    ANAKINRA_RENAL = "anakinra-renal"
    RUXOLITINIB_DOSE = "ruxolitinib-dose"
    LEVETIRACETAM_RENAL = "levetiracetam-renal"
    PEDIATRIC_DEXAMETHASONE = "pediatric-dexamethasone"
    PEDIATRIC_METHYLPREDNISOLONE = "pediatric-methylprednisolone"
    STEROIDS_NOT_READ = "steroids-not-read"
    SEDATING_ACTIVE = "sedating-active"
    ANTIBACTERIALS = "antibacterials"
    NOT_STOPPED = "not-stopped"
    PARKINSONISM = "found-parkinsonism"
    CRANIAL_NERVE_PALSY = "found-cranial-nerve-palsy"
    POLYRADICULONEURITIS = "found-polyradiculoneuritis"
    PARKINSONISM_OPTION = "parkinsonism-option"
    FACIAL_PALSY_OPTION = "facial-palsy-option"
    IVIG_OPTION = "ivig-option"
    LOW_AFTER_BOTH = "low-after-both"
    LOW_AFTER_BOLUSES = "low-after-boluses"
    OXYGEN_RISING = "oxygen-rising"
    REASSESS = "reassess"
    LATE_ONSET_CAP = "late-onset-cap"
    ORDERS_NOT_READ = "orders-not-read"
    TESTS_NOT_READ = "tests-not-read"
    ADJUST_RENAL = "adjust-renal"
    STOP_DAY_30 = "stop-day-30"
    CT_IF_NO_MRI = "ct-if-no-mri"
    CONTRAST_TO_ORDERER = "contrast-to-orderer"
    COULD_BE = "could-be"
    IECHS_POSSIBLE = "iec-hs-possible"
    IECHS_OPEN = "iec-hs-open"
    IECHS_NOT_MET = "iec-hs-not-met"
    IECHS_THRESHOLDS = "iec-hs-thresholds"
    IECHS_AFTER_CRS = "iec-hs-after-crs"
    IECHS_AFTER_FEVER = "iec-hs-after-fever"
    IECHS_AFTER_PRODUCT = "iec-hs-after-product"


class Strength(StrEnum):
    """How strongly a source puts a recommendation."""

    AVOID = "avoid"
    CONSIDER = "consider"
    RECOMMENDED = "recommended"


class Urgency(StrEnum):
    """CDS Hooks indicator of a recommendation."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Citation:
    """A source: what the card names, with its year and link.

    `read`: what of it was read; `tag`: what kind of evidence it is (clinical-rules.md 0.1).
    """

    id: str
    label: str
    year: int
    url: str
    read: str = ""
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A management rule as written in `knowledge/management.toml`.

    `syndrome` (`crs`, `icans`, `iec-hs`) says whose card it belongs to. `tocilizumab` and `steroid`
    (a regimen id) with its strength are the drug columns of the rule, empty where it asks for none.
    `higher` is what the card says of this grade while it is only possible. `switch`: the switch of
    the policy that turns an unverified rule on. `reason`: why a text-only rule never fires.
    """

    id: str
    topic: str
    when: str
    says: str
    strength: Strength
    indicator: Urgency
    cites: tuple[str, ...]
    status: str
    syndrome: str = ""
    tocilizumab: Strength | None = None
    steroid: str = ""
    steroid_strength: Strength | None = None
    higher: str = ""
    switch: str = ""
    reason: str = ""


class Step(NamedTuple):
    """A stretch of a regimen with one dose.

    `mg` to `mg_max` each time (`mg_max` None: one amount), every `every_h` to `every_max_h` hours
    (None: once), for `days`, at most `doses` times (None: open).
    """

    mg: Decimal
    mg_max: Decimal | None = None
    every_h: int | None = None
    every_max_h: int | None = None
    days: int | None = None
    doses: int | None = None

    @property
    def number(self) -> int | None:
        """Number of doses of the whole step; None: it has no end."""
        if self.every_h is None:
            return 1
        if self.days is not None:
            return self.days * 24 // self.every_h
        return self.doses


@dataclass(frozen=True, slots=True)
class Regimen:
    """A regimen as written in `knowledge/regimens.toml`.

    `routes` in order of preference (`iv`, `po`). `without_dose`: the text where no dose may be
    printed. `steps` empty: dosed by weight. `over_min`: length of each infusion. `rank` orders the
    steroid regimens, stronger is greater (5.5). `covers_h`: a dose given this recently (inclusive)
    stands for the regimen (GEN-DEDUP). `repeat`: after that a further dose is due only without
    improvement. `reassess`: hours to reassessment as printed (GEN-REASSESS).
    """

    id: str
    drug: str
    routes: tuple[str, ...]
    text: str
    without_dose: str
    steps: tuple[Step, ...] = ()
    over_min: int | None = None
    rank: int = 0
    covers_h: int = 0
    repeat: bool = False
    reassess: str = ""
    cites: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DrugPlan:
    """A drug regimen that may be drafted.

    `regimen` names a row of `knowledge/regimens.toml`. `mg` None: no dose may be printed (weight or
    history missing, or a child: PED-1). `weights`: the weight used, and a second one that disagrees
    (DOSE-TOCI). `replaces`: the reference of a weaker running order (GEN-DEDUP).
    """

    drug: str
    regimen: str
    mg: Decimal | None = None
    weights: tuple[Measured, ...] = ()
    why_no_dose: str = ""
    replaces: Order | None = None


@dataclass(frozen=True, slots=True)
class TestPlan:
    """A test that may be drafted: a `StudyKind` value."""

    study: str


class Offer(StrEnum):
    """What becomes of a recommendation on the card."""

    SUGGEST = "suggest"
    """A draft to sign."""
    TEXT = "text"
    """A sentence, no draft."""
    ALREADY = "already"
    """Ordered or given: said, not suggested again."""
    WAIT = "wait"
    """Not yet due: `next_at` says when, or there is none."""


@dataclass(frozen=True, slots=True)
class CareOrder:
    """An order that goes with a sentence of care: a row of `knowledge/care_orders.toml`.

    `labs`: the tests of a set that are due, `labs_there`: those that are not. `drug`: its dose,
    where it has one.
    """

    item: str
    offer: Offer
    already: Order | None = None
    already_at: Instant | None = None
    labs: tuple[str, ...] = ()
    labs_there: tuple[str, ...] = ()
    drug: DrugPlan | None = None


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A rule that fired for this patient, with what it asks for.

    `rules` lists every rule that led to it, the deciding one first; `strength` and `indicator` are
    after capping. `detail` holds keys of the wording table with arguments (as in `Assessment`).
    `orders` go with its sentence; `stops` are active orders whose stop may be offered.
    """

    rules: tuple[str, ...]
    topic: str
    strength: Strength
    indicator: Urgency
    offer: Offer
    says: str
    cites: tuple[str, ...]
    drug: DrugPlan | None = None
    test: TestPlan | None = None
    already: Order | None = None
    already_at: Instant | None = None
    next_at: Instant | None = None
    detail: tuple[str, ...] = ()
    orders: tuple[CareOrder, ...] = ()
    stops: tuple[Order, ...] = ()


@dataclass(frozen=True, slots=True)
class TocilizumabLedger:
    """Tocilizumab doses since course_t0 (DOSE-TOCI, READ-7); `at_least` where not all were read."""

    doses: tuple[Dose, ...]
    in_24h: int
    at_least: bool
    next_at: Instant | None
    remaining: int
    uncertain: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything `assess` says about one patient at one instant."""

    now: Instant
    scope: Scope
    infusion: Infusion | None
    age_y: int | None
    crs: Assessment
    icans: Assessment
    ledger: TocilizumabLedger | None = None
    overlap: Overlap | None = None

    @property
    def overlap_rules(self) -> tuple[str, ...]:
        """Ids of the rules by which IEC-HS is possible; empty where it is not."""
        if self.overlap is None or not self.overlap.possible:
            return ()
        met = (item.row.id for item in self.overlap.checks if item.met)
        return tuple(dict.fromkeys((*met, "IECHS-3")))
