"""The vocabulary of order entry: a draft as it was recognized, and what is to be said of it.

Order rules (clinical-rules.md section 7) look at the draft orders of one call beside the chart.
Nothing here knows FHIR, HTTP or the clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from grading.model import DrugPlan, Instant, Urgency


class OrderReason(StrEnum):
    """An indication that a draft states and a rule asks for."""

    SEIZURE = "seizure"
    AGITATION = "agitation"


class Vaccine(NamedTuple):
    """A vaccine as it was recognized.

    `early`: influenza and COVID-19, which may be given sooner than others (OT-VAC-2).
    """

    name: str
    live: bool
    early: bool = False


class Draft(NamedTuple):
    """One draft order.

    `is_focus`: it is to be checked; otherwise it is only background (OT-0). `ingredients` are names
    as in the knowledge files, empty where it was not recognized; `study` is a `StudyKind` value of
    a test. `mg` or `mg_per_kg` is the amount each time; `dose_unclear`: an amount is written that
    is neither. `every_h`: hours between doses, None: once or not told. `start`: the first scheduled
    time. `stops`: it ends or forbids the medicine (status stopped, doNotPerform). `idle`: it is
    completed or on hold, and so stands for nothing beside another draft. `has_reason`: some
    indication is stated; `reasons`: those that rules ask for. `unread`: what it orders stands
    behind a reference, and could not be read there or is not named there.
    """

    ref: str
    text: str
    is_focus: bool = True
    ingredients: tuple[str, ...] = ()
    vaccine: Vaccine | None = None
    study: str = ""
    systemic: bool = True
    intravenous: bool | None = None
    mg: Decimal | None = None
    mg_per_kg: Decimal | None = None
    dose_unclear: bool = False
    every_h: Decimal | None = None
    start: Instant | None = None
    stops: bool = False
    idle: bool = False
    has_reason: bool = False
    reasons: frozenset[OrderReason] = frozenset()
    unread: bool = False

    @property
    def is_recognized(self) -> bool:
        """Whether it is known what is ordered."""
        return bool(self.ingredients or self.vaccine or self.study)


class Family(StrEnum):
    """Rules that make one card together for one draft."""

    GCSF = "gcsf"
    GMCSF = "gmcsf"
    IL6 = "il6-blocker"
    STEROID = "steroid"
    CNS = "cns"
    VACCINE = "vaccine"
    SECOND_LINE = "second-line"
    LEVETIRACETAM = "levetiracetam"


class OrderNote(StrEnum):
    """A sentence that an alert asks the card to say; some take arguments after colons.

    No value equals one of `Note` or `Advice`.
    """

    LONG_ACTING = "long-acting"
    GCSF_EVIDENCE = "gcsf-evidence"
    """Both sides of the evidence on G-CSF in CRS (7.1)."""
    CRS_UNCERTAIN = "crs-uncertain"
    """CRS is not established; what is missing would tell."""
    NEXT_DOSE = "next-dose"
    """`next-dose:INSTANT`: the next dose may be given from then on."""
    DOSES_NOT_READ = "earlier-doses-not-read"
    POSSIBLE_DUPLICATE = "possible-duplicate"
    DOSE_NOT_CHECKED = "dose-not-checked"
    EXPECTED_DOSE = "expected-dose"
    """`expected-dose:MG:KG:INSTANT`: expected mg, the weight in kg and when it was charted."""
    OTHER_WEIGHT = "other-weight"
    """`other-weight:MG:KG:INSTANT`: the same by a weight that disagrees (DOSE-TOCI)."""
    WEIGHT_NEEDED = "weight-needed"
    CHILD_DOSE = "child-dose"
    STEROID_DUE = "steroid-due"
    """`steroid-due:REGIMEN`: the regimen that goes with the grade."""
    NOT_COMPANION = "not-companion"
    """Prednisone, prednisolone and hydrocortisone do not count as companion (OT-0a)."""
    EXPECTED_REGIMEN = "expected-regimen"
    """`expected-regimen:REGIMEN`."""
    DO_NOT_DELAY_ANTIBIOTICS = "do-not-delay-antibiotics"
    ISONIAZID = "isoniazid"
    REVIEW_WITH_PHARMACY = "review-with-pharmacy"
    """Long-term medicine: a sudden stop can harm (OT-CNS-6)."""
    LIVE_TIMING = "live-timing"
    VACCINE_DUE = "vaccine-due"
    """`vaccine-due:MONTHS`: usual from that month after the infusion on."""
    ORDERS_NOT_READ = "active-orders-not-read"
    """What is said not to be ordered may be: active orders were not read."""
    """The rule was not read in a source; this site turned it on (0.5)."""
    UNVERIFIED_CLASS = "unverified-class"
    """Membership in the class rests on general knowledge, not on a source that was read."""


class ActKind(StrEnum):
    """What a suggestion does about a draft."""

    REMOVE = "remove"
    ADD = "add"
    """Create the order of `drug` beside the draft."""
    CORRECT_DOSE = "correct-dose"
    """Set the amount of the draft to `mg`."""


class Act(NamedTuple):
    """One suggestion of an alert."""

    kind: ActKind
    drug: DrugPlan | None = None
    mg: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OrderRule:
    """An order rule as written in `knowledge/orders.toml`.

    `says` is shown; `when` documents the predicate that is bound to `id`. `switch`: the switch of
    the policy that turns an unverified rule on.
    """

    id: str
    family: Family
    when: str
    says: str
    indicator: Urgency
    cites: tuple[str, ...]
    status: str
    switch: str = ""


class AlertLine(NamedTuple):
    """One rule that fired on a draft; `indicator` is that after softening (OT-0b)."""

    rule: OrderRule
    indicator: Urgency
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alert:
    """One card of order entry: every rule of one family that fired on one draft.

    `lines`: most severe first. `missing`: keys of the missing inputs where a line was softened, or
    rests on what is missing. `syndromes`: whose grade the card names, `crs` before `icans`.
    """

    draft: Draft
    family: Family
    lines: tuple[AlertLine, ...]
    missing: tuple[str, ...] = ()
    syndromes: tuple[str, ...] = ()
    acts: tuple[Act, ...] = ()

    @property
    def indicator(self) -> Urgency:
        """The most urgent of its lines."""
        return self.lines[0].indicator

    @property
    def rules(self) -> tuple[str, ...]:
        """Ids of its rules, the deciding one first."""
        return tuple(line.rule.id for line in self.lines)


@dataclass(frozen=True, slots=True)
class OrderReview:
    """What was found on the checked drafts of one call; `alerts` most severe first.

    `checked`: every draft in focus, in order of reference, with all rules that fired on it.
    """

    alerts: tuple[Alert, ...] = ()
    checked: tuple[tuple[Draft, tuple[str, ...]], ...] = ()
