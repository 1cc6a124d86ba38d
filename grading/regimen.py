"""Steroid courses, and whether a running steroid is as strong as the one due (READ-13, GEN-DEDUP).

Strengths are compared by the charted amount a day. Dexamethasone never stands for
methylprednisolone; methylprednisolone stands for dexamethasone from the lowest step of its taper
on, for dexamethasone every 6 h by weight (`grading.taper`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from grading.knowledge import KNOWLEDGE, Policy
from grading.ledger import merge_doses
from grading.model import HOUR, NEVER, Dose, Instant, Order, Regimen, Step

METHYLPREDNISOLONE = "methylprednisolone"
COMPANIONS = KNOWLEDGE.drugs["steroid-companion"]
OTHER_STEROIDS = KNOWLEDGE.drugs["steroid"] - COMPANIONS

_DAY_H = 24
_HALF = 2
_LOWEST_TAPER_MG = KNOWLEDGE.regimens["mp-icans4"].steps[-1].mg
LOWEST_TAPER_DAILY_MG = _LOWEST_TAPER_MG * 2
"""Methylprednisolone in 24 h that stands for dexamethasone where no weight says more."""
_HIGH_DOSE = "dex-10-q6h"
_INTENSIVE_DOSES = 3
_INTENSIVE_GAP = 7 * HOUR
_INTENSIVE_LATE = 15 * HOUR // 2
_INTENSIVE_MISSED_H = 13


class Cover(StrEnum):
    """How a running order or a given dose stands to the regimen that is due."""

    EQUAL = "equal"
    """At least as strong."""
    WEAKER = "weaker"
    LATE = "late"
    """At least as strong, but the hours that it counts for are over: the next dose is due."""
    NOT_READABLE = "not-readable"
    """Its dose or frequency is not charted: not judged."""
    NONE = "none"
    """Too long ago."""


class SteroidCourse(NamedTuple):
    """Doses that follow each other up to now, oldest first; never empty."""

    doses: tuple[Dose, ...]

    @property
    def start(self) -> Instant:
        """Its first dose."""
        return self.doses[0].start

    @property
    def last(self) -> Dose:
        """Its last dose."""
        return self.doses[-1]


class Need(NamedTuple):
    """What stands for a regimen: `single` mg at once, `daily` mg in 24 h.

    Daily None: once is enough, and so is a schedule that gives as much in 24 h.
    """

    single: Decimal
    daily: Decimal | None


def running_course(doses: Sequence[Dose], now: Instant, policy: Policy) -> SteroidCourse | None:
    """The course that runs at `now`, of `doses` in order of start.

    Two doses, and the last one and `now`, are at most `steroid_course_gap_h` apart (inclusive).
    """
    course: list[Dose] = []
    later = now
    for dose in reversed(doses):
        if later - dose.start > policy.steroid_course_gap_h * HOUR:
            break
        course.append(dose)
        later = dose.start
    return SteroidCourse(tuple(reversed(course))) if course else None


def intensive_since(course: SteroidCourse, now: Instant, policy: Policy) -> Instant | None:
    """When methylprednisolone, or dexamethasone every 6 h, was begun (MGMT-ICANS-R).

    Every 6 h: at most 7 h after the dose before it, 7.5 h after three such doses (inclusive). Doses
    late or left out end nothing: the next pair follows within 13 h, or after one more dose within
    13 h of both. It still runs where it holds three doses, one of them in the last 24 h, and three
    in all started in that time. None: the course is neither.
    """
    within = policy.dose_merge_h * HOUR
    strong = [dose.start for dose in course.doses if dose.drug == METHYLPREDNISOLONE]
    others = (dose for dose in course.doses if dose.drug != METHYLPREDNISOLONE)
    often = _often_since([dose.start for dose in merge_doses(others, within)], now)
    return min([*strong[:1], *often], default=None)


def _often_since(starts: Sequence[Instant], now: Instant) -> Sequence[Instant]:
    """The start of the dosing every 6 h that still runs; empty: none does."""
    found: list[Instant] = []
    alone: list[Instant] = []
    for run in _close_runs(starts):
        if len(run) == 1:
            alone += run
            continue
        gaps = pairwise((*found[-1:], *alone, run[0]))
        if len(alone) > 1 or any(b - a > _INTENSIVE_MISSED_H * HOUR for a, b in gaps):
            found = []
        found += run
        alone = []
    day = now - _DAY_H * HOUR
    lately = sum(start > day for start in starts)
    runs = len(found) >= _INTENSIVE_DOSES <= lately and found[-1] > day
    return found[:1] if runs else ()


def _close_runs(starts: Sequence[Instant]) -> Iterator[list[Instant]]:
    """`starts` in order, divided where two are too far apart for dosing every 6 h."""
    run: list[Instant] = []
    within = _INTENSIVE_GAP
    for start in (*starts, NEVER):
        if run and start - run[-1] > within:
            yield run
            run = []
        run.append(start)
        if len(run) >= _INTENSIVE_DOSES:
            within = _INTENSIVE_LATE


def first_mg(regimen: Regimen) -> Decimal:
    """Mg of methylprednisolone that begin the taper of `regimen`: half of what it asks on day 0."""
    step = regimen.steps[0]
    return _daily(step.mg, _every(step)) / _HALF


def step_on(regimen: Regimen, day: int) -> Step:
    """The step of `regimen` on `day` of the course (0 is the first); the last one stays."""
    for step in regimen.steps[:-1]:
        day -= step.days or 0
        if day < 0:
            return step
    return regimen.steps[-1]


def need_of(
    regimen: Regimen, drug: str, day: int, high_daily: Decimal = LOWEST_TAPER_DAILY_MG
) -> Need | None:
    """What `drug` must reach to stand for `regimen` on `day` of its course; None: it never does.

    `high_daily`: mg of methylprednisolone in 24 h that stand for dexamethasone every 6 h.
    """
    step = step_on(regimen, day)
    if regimen.drug == METHYLPREDNISOLONE:
        daily = _daily(step.mg, _every(step))
        return Need(daily / _HALF, daily) if drug == METHYLPREDNISOLONE else None
    once = step.every_h is None
    if drug == METHYLPREDNISOLONE:
        daily = high_daily if regimen.id == _HIGH_DOSE else LOWEST_TAPER_DAILY_MG
        return Need(daily / _HALF, None if once else daily)
    return Need(step.mg, None if once else _daily(step.mg, _every(step)))


def order_cover(order: Order, need: Need | None) -> Cover:
    """How an active or drafted order stands to what is needed."""
    if need is None:
        return Cover.WEAKER
    if order.mg is None:
        return Cover.NOT_READABLE
    if need.daily is None and (order.mg >= need.single or not order.every_h):
        return Cover.EQUAL if order.mg >= need.single else Cover.WEAKER
    if not order.every_h:
        return Cover.NOT_READABLE
    least = need.single if need.daily is None else need.daily
    return Cover.EQUAL if _daily(order.mg, order.every_h) >= least else Cover.WEAKER


def mg_in_day(doses: Iterable[Dose], last: Dose, policy: Policy) -> Decimal:
    """Mg of the drug of `last` that its schedule gives in the 24 h up to it, `last` included.

    A larger dose counts as one like `last`, that is as all within `dose_merge_h` up to it: one of
    10 mg before one of 1 mg is no schedule of 11 mg. An amount that is not charted adds none. The
    day is `dose_merge_h` shorter, so that a daily dose given early is not counted twice.
    """
    merged = policy.dose_merge_h * HOUR
    since = last.start - (_DAY_H * HOUR - merged)
    same = [
        (dose.start, dose.mg)
        for dose in doses
        if dose.drug == last.drug and dose.mg is not None and since <= dose.start <= last.start
    ]
    most = sum((mg for start, mg in same if start >= last.start - merged), Decimal(0))
    return sum((min(mg, most) for _, mg in same), Decimal(0))


def dose_cover(dose: Dose, need: Need | None, covers_h: int, age_h: Decimal, day: Decimal) -> Cover:
    """How a dose given `age_h` hours ago stands to what is needed; `day`: mg in the 24 h up to it.

    It counts for the hours that its amount lasts, a scheduled one for at most 24 h (inclusive).
    Where once is enough it counts for `covers_h` hours, methylprednisolone also for those that it
    lasts by the lowest step of its taper: it is not added to inside its interval.
    """
    recent = Cover.WEAKER if age_h <= covers_h else Cover.NONE
    if need is None:
        return recent
    if dose.mg is None:
        return Cover.NOT_READABLE if age_h <= covers_h else Cover.NONE
    least, lasts_h = need.single, Decimal(covers_h)
    if need.daily is not None:
        least, lasts_h = need.daily, _lasts_h(dose.mg, need.daily)
    elif dose.drug == METHYLPREDNISOLONE:
        lasts_h = max(lasts_h, _lasts_h(dose.mg, LOWEST_TAPER_DAILY_MG))
    if dose.mg < need.single and day < least:
        return recent
    if age_h <= lasts_h:
        return Cover.EQUAL
    return Cover.LATE if age_h <= covers_h else Cover.NONE


def _lasts_h(mg: Decimal, daily: Decimal) -> Decimal:
    """Hours that `mg` last where `daily` are needed in 24 h: at most a day."""
    return min(Decimal(_DAY_H), mg * _DAY_H / daily)


def _every(step: Step) -> Decimal:
    """The longest interval of a step in hours; given once: a day."""
    return Decimal(step.every_max_h or step.every_h or _DAY_H)


def _daily(mg: Decimal, every_h: Decimal) -> Decimal:
    return mg * _DAY_H / every_h
