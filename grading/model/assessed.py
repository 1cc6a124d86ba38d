"""What was found: grades as ranges, the rows that held, the state of each syndrome."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from grading.model.charted import ChartedGrade
from grading.model.instants import Instant
from grading.model.keys import Label


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

    `met` None: could not be told. `lo` and `hi`: what the row comes to for this patient, which
    charting beside it can widen; 0 for a gate.
    """

    rule: str
    axis: str
    text: str
    met: bool | None
    evidence: tuple[Evidence, ...] = ()
    lo: int = 0
    hi: int = 0


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
    episode with its time, `peak_at_least` where history was not read. `bout`: start of the present
    CRS episode or bout of ICANS (READ-12).
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
    bout: Instant | None = None


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
