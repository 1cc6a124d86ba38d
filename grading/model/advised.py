"""What follows from the grades: rules and regimens as written, plans, recommendations."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from grading.model.assessed import Assessment, Infusion, Overlap, Scope
from grading.model.charted import Dose, Measured, Order
from grading.model.instants import Instant


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
    `higher` is what the card says of this grade while it is only possible, `higher_late` in an
    episode of late CRS, where that differs. `switch`: the switch of the policy that turns an
    unverified rule on. `reason`: why a text-only rule never fires.
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
    higher_late: str = ""
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
