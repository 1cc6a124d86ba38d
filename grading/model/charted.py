"""What is charted of one patient, in grading words: named tuples with their time first."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from grading.model.instants import ALWAYS, Instant
from grading.model.keys import Remark
from grading.model.kinds import (
    Device,
    DoseStatus,
    Level,
    OverlapKind,
    RiskKind,
    SeizureKind,
    SignKind,
    StudyKind,
)


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
    """One blood pressure reading in mmHg; `mean` is charted (DEF-2).

    One that is charted as calculated stands alone, with the flag `calculated`.
    """

    t: Instant
    sbp: Decimal | None
    mean: Decimal | None
    dbp: Decimal | None
    ref: str
    flags: tuple[str, ...] = ()
    other_cause: bool = False


class Support(NamedTuple):
    """An oxygen device charted at `t`, or in use from `t` to `end` (`interval`; None: still).

    `procedure`: charted as the act, such as the intubation; `airway_only`: its reason (DEF-15).
    """

    t: Instant
    device: Device
    text: str
    ref: str
    interval: bool = False
    end: Instant | None = None
    airway_only: bool = False
    flags: tuple[str, ...] = ()
    other_cause: bool = False
    procedure: bool = False


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

    @property
    def is_certain(self) -> bool:
        """Whether it was more than supposed."""
        return Remark.UNCONFIRMED not in self.flags


class Sign(NamedTuple):
    """One motor or raised-pressure finding; `imaging` widens its window to 72 h (IN-16).

    `denies`: the one finding that an absence is of; None: every one of its domain.
    """

    t: Instant
    kind: SignKind
    imaging: bool
    ref: str
    flags: tuple[str, ...] = ()
    other_cause: bool = False
    denies: SignKind | None = None

    @property
    def is_certain(self) -> bool:
        """Whether it was more than supposed."""
        return Remark.UNCONFIRMED not in self.flags


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
    """An active, drafted or held (`on_hold`) order: an ingredient, or a test."""

    key: str
    t: Instant | None
    ref: str
    draft: bool = False
    systemic: bool = True
    intravenous: bool | None = None
    mg: Decimal | None = None
    every_h: Decimal | None = None
    text: str = ""
    on_hold: bool = False


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
    `oxygen_refused`: when a device, flow or FiO2 was.
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
    oxygen_refused: tuple[Instant, ...] = ()
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
