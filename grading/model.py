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
    """How a seizure was charted; minutes, where charted, decide before the kind (DEF-11)."""

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


class StudyKind(StrEnum):
    """Tests whose presence stops a suggestion (GEN-DEDUP)."""

    MRI_BRAIN = "mri-brain"
    CT_HEAD = "ct-head"
    EEG = "eeg"
    LUMBAR_PUNCTURE = "lumbar-puncture"


class Measured(NamedTuple):
    """One accepted number: temperature Cel, SpO2 %, flow L/min, FiO2 %, weight kg, a score."""

    t: Instant
    value: Decimal
    ref: str
    flags: tuple[str, ...] = ()
    other_cause: bool = False
    detail: str = ""


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
    """An oxygen device charted at `t`, or in use from `t` to `end` (`interval`; end None: still)."""

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
    `systemic`: the form and route gate lets it count (terminology.md 1, item 10).
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
    """One charted level of consciousness, with the words or score it was charted in."""

    t: Instant
    level: Level
    text: str
    ref: str
    flags: tuple[str, ...] = ()
    other_cause: bool = False


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


class ChartedGrade(NamedTuple):
    """A grade that a clinician charted: shown, opens an episode, never replaces the computed one."""

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
    labs: dict[str, tuple[Measured, ...]] = field(default_factory=dict)
    orders: tuple[Order, ...] = ()
    studies: tuple[Study, ...] = ()
    risks: tuple[Risk, ...] = ()
    reach: Reach = field(default_factory=Reach)


class Evidence(NamedTuple):
    """One charted value behind a finding, as the card's table shows it.

    `label` is a key of the wording table (`temperature`, `sbp`, `o2-flow`, ...). `value` is a
    number or the charted words. `unit` is UCUM, empty for words. `note` keys wording such as
    `stale`, `preliminary`, `calculated`.
    """

    label: str
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
    point of the episode, `onset_known` whether it is certain; `peak` the highest `lo` of the episode
    with its time, `peak_at_least` where history was not read.
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
class Infusion:
    """The infusion that hours count from, and its course (READ-9)."""

    t0: Instant
    course_t0: Instant
    product: str | None
    day: int
    date_only: bool
    refs: tuple[str, ...]
    notes: tuple[str, ...] = ()


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
    """A source: what the card names, with its year and link."""

    id: str
    label: str
    year: int
    url: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A management rule as written in `knowledge/management.toml`."""

    id: str
    topic: str
    when: str
    says: str
    strength: Strength
    indicator: Urgency
    cites: tuple[str, ...]
    status: str


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
class Recommendation:
    """A rule that fired for this patient, with what it asks for.

    `rules` lists every rule that led to it, the deciding one first; `strength` and `indicator` are
    after capping. `detail` holds keys of the wording table with arguments (as in `Assessment`).
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
    in_scope: bool
    scope_rule: str
    infusion: Infusion | None
    age_y: int | None
    crs: Assessment
    icans: Assessment
    ledger: TocilizumabLedger | None = None
