"""Conditions of the corticosteroid rules (clinical-rules.md 7.3), bound by id."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from grading.dosing import weigh
from grading.knowledge import KNOWLEDGE
from grading.model import DAY, Instant, Regimen, State
from grading.order_case import OrderCase
from grading.order_model import Draft, OrderNote
from grading.order_rulebook import Hit, checks
from grading.regimen import COMPANIONS, need_of
from grading.situation import Situation
from grading.taper import high_dose_daily, taper_day

_STEROIDS = KNOWLEDGE.drugs["steroid"] | KNOWLEDGE.drugs["steroid-of-a-class"]
_DEXAMETHASONE = frozenset({"dexamethasone"})
_ANTIFUNGALS = KNOWLEDGE.drugs["antifungal"]
_PROPHYLAXIS_MAX_DAY = 2
_HIGH_GRADE = 3
_HIGHEST_GRADE = 4
_DAY_H = 24
_HIGH_ICANS = KNOWLEDGE.regimens["dex-10-q6h"]
_HIGHEST_ICANS = KNOWLEDGE.regimens["mp-icans4"]
_HIGHEST_CRS = KNOWLEDGE.regimens["mp-crs4"]


def _is_without_grade(s: Situation) -> bool:
    """Whether neither CRS nor ICANS is possible and no CRS episode is open."""
    resolving = s.verdict.crs.state is State.RESOLVING
    return s.crs_hi == 0 and s.icans_hi == 0 and not resolving


@checks("OT-STER-1")
def _unnecessary(case: OrderCase) -> Hit | None:
    s = case.s
    if not case.orders(_STEROIDS) or case.draft.has_reason or not _is_without_grade(s):
        return None
    if s.day > s.policy.crs_onset_max_day or _prophylaxis(case) is not None:
        return None
    if s.had_icans(1, max(s.start, s.now - DAY)):
        return None
    active = bool(case.active(_STEROIDS)) or case.is_given(_STEROIDS)
    return None if active else Hit(notes=case.unread, missing=case.unread_doses)


@checks("OT-STER-2")
def _without_antifungal(case: OrderCase) -> Hit | None:
    graded = case.crs >= 1 or case.icans >= 1
    if not graded or not case.orders(_STEROIDS) or case.is_there(_ANTIFUNGALS):
        return None
    return Hit(notes=case.unread, missing=case.unread_doses)


@checks("OT-STER-3")
def _prophylaxis(case: OrderCase) -> Hit | None:
    early = case.s.day <= _PROPHYLAXIS_MAX_DAY and _is_without_grade(case.s)
    return Hit() if early and case.orders(_DEXAMETHASONE) else None


@checks("OT-STER-5")
def _second(case: OrderCase) -> Hit | None:
    if not case.orders(_STEROIDS):
        return None
    return Hit() if case.active(_STEROIDS) or case.drafted(_STEROIDS) else None


@checks("OT-STER-6", stops=True)
def _stopped(case: OrderCase) -> Hit | None:
    high = case.crs >= _HIGH_GRADE or case.icans >= _HIGH_GRADE
    return Hit() if high and case.orders(_STEROIDS) else None


# --- as much as the grade needs ------------------------------------------------------------------


class _Scheduled(NamedTuple):
    """One order or draft: mg of one drug each `every_h`; None: not readable.

    `since`: when it was ordered; None: now, or not known.
    """

    drug: str
    mg: Decimal | None
    every_h: Decimal | None
    since: Instant | None = None


@checks("OT-STER-4")
def _too_little(case: OrderCase) -> Hit | None:
    """By the lower bounds, on what all active orders and drafts give in 24 h; adults only."""
    s = case.s
    regimen = _needed(s)
    if regimen is None or not case.orders(_STEROIDS) or not s.prints_flat_dose:
        return None
    is_enough = _is_enough(case, regimen)
    return (
        Hit(notes=(f"{OrderNote.EXPECTED_REGIMEN}:{regimen.id}",)) if is_enough is False else None
    )


def _needed(s: Situation) -> Regimen | None:
    """The regimen that the grade needs; None: the rule does not name the grade."""
    if s.is_icans(_HIGHEST_GRADE):
        return _HIGHEST_ICANS
    if s.is_crs(_HIGHEST_GRADE):
        return _HIGHEST_CRS
    return _HIGH_ICANS if s.is_icans(_HIGH_GRADE) else None


def _is_enough(case: OrderCase, regimen: Regimen) -> bool | None:
    """Whether shares of the need of each drug add up to it; None: an amount is not readable."""
    share = Decimal(0)
    for item in _scheduled(case):
        if item.mg is None or not item.every_h:
            return None
        need = _daily_need(case.s, regimen, item)
        share += item.mg * _DAY_H / item.every_h / need if need else 0
    return share >= 1


def _daily_need(s: Situation, regimen: Regimen, item: _Scheduled) -> Decimal | None:
    """Mg of its drug in 24 h that stand for the regimen, by the step of a running taper."""
    day = taper_day(s, regimen, crs=regimen is _HIGHEST_CRS)
    need = need_of(regimen, item.drug, day, high_dose_daily(s, item.since))
    return None if need is None else need.daily


def _scheduled(case: OrderCase) -> Iterator[_Scheduled]:
    """Active orders and drafts of the call, of the steroids that stand for a regimen."""
    for order in case.active(COMPANIONS):
        yield _Scheduled(order.key, order.mg, order.every_h, order.t)
    own = (case.draft,) if case.orders(COMPANIONS) else ()
    for draft in (*own, *case.drafted(COMPANIONS)):
        for drug in draft.ingredients:
            if drug in COMPANIONS:
                yield _Scheduled(drug, _mg(case.s, draft), draft.every_h)


def _mg(s: Situation, draft: Draft) -> Decimal | None:
    weight = weigh(s.course.snapshot, s.policy).used
    if draft.mg is not None or draft.mg_per_kg is None or weight is None:
        return draft.mg
    return draft.mg_per_kg * weight.value
