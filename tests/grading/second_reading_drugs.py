"""The drug rules of clinical-rules.md read a second time, from the text alone: plain and slow.

Grades, onset and infusion are taken from the verdict; grades of the past are those of the chart cut
off at that point (READ-11). What may be said of a drug is one line: strength, what becomes of it
and the amount, such as `recommended suggest toci 560 mg`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal

from grading import Policy, Verdict, assess, prepare
from grading.model import (
    DAY,
    HOUR,
    MINUTE,
    Dose,
    DoseStatus,
    GradeRange,
    Instant,
    Measured,
    Order,
    Snapshot,
)
from tests.snapshot_strategies import as_of

NONE = "none"
ANTIPYRETICS = ("acetaminophen", "ibuprofen", "naproxen", "ketorolac", "metamizole")
GIVEN = (DoseStatus.GIVEN, DoseStatus.RUNNING, DoseStatus.HELD)


@dataclass(frozen=True)
class Patient:
    """A chart with what is asked of it again and again."""

    chart: Snapshot
    verdict: Verdict
    policy: Policy

    @property
    def crs(self) -> int:
        return self.verdict.crs.grade.lo

    @property
    def icans(self) -> int:
        return self.verdict.icans.grade.lo

    @property
    def product(self) -> str:
        infusion = self.verdict.infusion
        return (infusion and infusion.product) or ""

    @property
    def course(self) -> Instant:
        assert self.verdict.infusion is not None
        return self.verdict.infusion.course_t0

    @property
    def now(self) -> Instant:
        return self.chart.now


# ------------------------------------------------------------------------------- READ-11, READ-13
def points(p: Patient) -> list[Instant]:
    """Every time of a grading input since the start of the course (READ-11)."""
    c = p.chart
    facts = (c.temperatures, c.pressures, c.spo2, c.flows, c.fio2, c.supports, c.ice, c.capd)
    more = (c.arousal, c.seizures, c.signs)
    times = {fact.t for group in (*facts, *more) for fact in group}
    runs = [d for d in c.doses if d.rate is not None or d.has_period]
    times |= {d.start for d in runs} | {d.end for d in runs if d.end is not None}
    times |= {s.end for s in c.supports if s.end is not None}
    return sorted(t for t in times | {p.now} if p.course <= t <= p.now)


def grades_at(p: Patient, at: Instant) -> tuple[int, int]:
    """CRS_lo and ICANS_lo with `at` as now and only facts up to it (READ-11)."""
    then = assess(prepare(as_of(p.chart, at), p.policy))
    return then.crs.grade.lo, then.icans.grade.lo


def bare(p: Patient) -> GradeRange:
    """CRS now without trailing windows: no DEF-4 (b), no stopped vasopressor (READ-13)."""
    policy = replace(p.policy, low_bp_count=10_000, stopped_support_h=-1)
    return assess(prepare(p.chart, policy)).crs.grade


def bare_crs(p: Patient) -> int:
    """The lower bound of it, never above the displayed one."""
    return min(p.crs, bare(p).lo)


def improvement(p: Patient, since: Instant, syndrome: int) -> str:
    """`improved`, `no improvement` or `cannot tell` since a reference time (0.3, READ-13)."""
    before = [t for t in points(p) if t <= since and t != p.now]
    if not before or since < read_from(p, syndrome):
        return "cannot tell"
    then = grades_at(p, before[-1])[syndrome]
    now = p.verdict.icans.grade if syndrome else bare(p)
    if now.lo >= then:
        return "no improvement"
    return "improved" if now.hi < then else "cannot tell"


def read_from(p: Patient, syndrome: int) -> Instant:
    """From when on every input of CRS, or of ICANS, is complete (READ-14)."""
    reach = p.chart.reach
    if syndrome:
        return max(reach.bedside, reach.forms)
    return max(reach.temperature, reach.bedside, reach.doses)


# ------------------------------------------------------------------------------------- DOSE-TOCI
def tocilizumab_starts(p: Patient) -> list[Instant]:
    """Starts of IV doses since course_t0; records within 2 h of a first one are one (READ-7)."""
    starts: list[Instant] = []
    for start in sorted(d.start for d in given(p, ("tocilizumab",)) if d.intravenous is not False):
        if not starts or start - starts[-1] > p.policy.dose_merge_h * HOUR:
            starts.append(start)
    return starts


def given(p: Patient, drugs: tuple[str, ...]) -> list[Dose]:
    """Certain systemic administrations of the course, in order (READ-2, DOSE-TOCI)."""
    found = [
        d
        for d in p.chart.doses
        if d.drug in drugs and d.systemic and d.status in GIVEN and d.start >= p.course
    ]
    return sorted(found, key=lambda d: d.start)


def may_be_too_soon(p: Patient) -> bool:
    """Whether doses of status unknown would forbid one: then none is printed (READ-2; silent)."""
    sure = [d._replace(status=DoseStatus.GIVEN) for d in p.chart.doses]
    due = next_tocilizumab(replace(p, chart=replace(p.chart, doses=tuple(sure))))
    return due is None or due > p.now


def next_tocilizumab(p: Patient) -> Instant | None:
    """When limits allow the next dose; None: never (notes of 5.3)."""
    starts = tocilizumab_starts(p)
    if len(starts) >= p.policy.toci_max_total:
        return None
    due = [p.now]
    if starts:
        due.append(starts[-1] + p.policy.toci_min_interval_h * HOUR)
    if len(starts) >= p.policy.toci_max_24h:
        due.append(starts[-p.policy.toci_max_24h] + 24 * HOUR)
    return max(due)


def age_years(born: Instant, now: Instant) -> int:
    """Completed years (READ-16)."""
    day, today = (datetime.fromtimestamp(t / 1000, UTC).date() for t in (born, now))
    return today.year - day.year - (_month_day(today) < _month_day(day))


def _month_day(day: date) -> tuple[int, int]:
    return day.month, day.day


def is_surely_adult(p: Patient) -> bool:
    """PED-1, READ-16: a date that may make a child makes one here."""
    birth = p.chart.birth
    return birth is not None and age_years(birth.latest, p.now) >= p.policy.min_age_adult


def tocilizumab_mg(weight: Decimal, policy: Policy) -> Decimal:
    """8 mg/kg, 12 mg/kg below 30.0 kg, at most 800 mg, to the nearest 1 mg (DOSE-TOCI)."""
    light = weight < policy.toci_weight_break_kg
    per_kg = policy.toci_mgkg_lt30 if light else policy.toci_mgkg_ge30
    return min(per_kg * weight, policy.toci_max_mg).quantize(Decimal(1), ROUND_HALF_UP)


def weight_of(p: Patient) -> Measured | None:
    """The latest weight of 30 d, 7 d under 2 y (IN-10); of one minute the lower dose (READ-4)."""
    birth = p.chart.birth
    infant = birth is not None and age_years(birth.latest, p.now) < 2
    days = p.policy.weight_max_age_infant_d if infant else p.policy.weight_max_age_d
    fresh = [w for w in p.chart.weights if p.now - w.t <= days * DAY]
    if not fresh:
        return None
    last = max(w.t // MINUTE for w in fresh)
    tied = [w for w in fresh if w.t // MINUTE == last]
    return min(tied, key=lambda w: tocilizumab_mg(w.value, p.policy))


# --------------------------------------------------------------------- 5.3 and 5.5: tocilizumab
def tocilizumab_strength(p: Patient) -> str:
    """The tocilizumab column of 5.5, and of 5.3 for CRS 1 without ICANS."""
    if p.crs == 0:
        return "avoid" if p.icans >= 1 else NONE  # 0.3: the same where CRS is not established
    if p.crs >= 2:
        return capped(p, "recommended")
    asked = p.icans >= 1 or is_persistent(p) or is_early(p) is not False
    return "consider" if asked else NONE


def tocilizumab(p: Patient) -> str:
    """With its limits, and a repeat only on no improvement (DOSE-TOCI, 5.5, W18 detail)."""
    strength = tocilizumab_strength(p)
    if strength in (NONE, "avoid"):
        return strength
    starts = tocilizumab_starts(p)
    if any(is_open(o, starts) for o in active_orders(p, ("tocilizumab",))):
        return f"{strength} already"  # GEN-DEDUP
    due = next_tocilizumab(p)
    if due is None or due > p.now:
        return f"{strength} wait"
    if starts and (bare_crs(p) < 2 or improvement(p, starts[-1], 0) != "no improvement"):
        return f"{strength} wait"
    weight = weight_of(p)
    unread = p.chart.reach.doses > p.course
    doubted = p.crs == 1 and p.icans == 0 and is_early(p) is None and not is_persistent(p)
    if weight is None or p.chart.birth is None or unread or doubted or may_be_too_soon(p):
        return f"{strength} text"
    return f"{strength} suggest toci {tocilizumab_mg(weight.value, p.policy)} mg"


def is_open(order: Order, starts: list[Instant]) -> bool:
    """Whether a dose of the order is still to come: it is no older than the last one given."""
    return not starts or order.t is None or order.t > starts[-1]


def active_orders(p: Patient, keys: tuple[str, ...]) -> list[Order]:
    """Active and drafted orders of these that would reach the patient (GEN-DEDUP)."""
    return [o for o in p.chart.orders if o.key in keys and o.systemic and not o.on_hold]


def is_early(p: Patient) -> bool | None:
    """Onset of CRS less than 72.0 h after the infusion (1C, CRS-2); None: not known (READ-14)."""
    crs = p.verdict.crs
    if not crs.onset_known or crs.onset_hours is None:
        return None
    return crs.onset_hours < p.policy.early_onset_h


def capped(p: Patient, strength: str) -> str:
    """CRS-W1: never above `consider` in an episode whose onset is day 15-30."""
    hours = p.verdict.crs.onset_hours
    late = hours is not None and hours >= (p.policy.crs_onset_max_day + 1) * 24
    return "consider" if late else strength


def fever_run(p: Patient) -> list[Instant]:
    """Qualifying fevers of the present run; 24 h without one end a run (notes of 5.3)."""
    line = p.policy.fever_threshold_c
    hot = (m for m in p.chart.temperatures if m.value >= line and not m.other_cause)
    times = sorted(m.t for m in hot if m.t >= p.course)
    run: list[Instant] = []
    for t in times:
        run = [*run, t] if run and t - run[-1] <= 24 * HOUR else [t]
    return run


def is_persistent(p: Patient) -> bool:
    """MGMT-CRS-1B: fever of more than 72 h, or 24 h of it despite two antipyretic doses."""
    run = fever_run(p)
    if not run:
        return False
    if run[-1] - run[0] > p.policy.toci_crs1_persist_h * HOUR:
        return True
    between = [d for d in given(p, ANTIPYRETICS) if run[0] <= d.start <= run[-1]]
    return run[-1] - run[0] >= p.policy.refractory_h * HOUR and len(between) >= 2
