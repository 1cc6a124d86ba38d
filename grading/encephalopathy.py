"""Consciousness, ICE and CAPD as domains of ICANS (DEF-9, ICE-1 to 7, CAPD-1 to 3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from grading.age import could_be_younger
from grading.chart import Chart
from grading.component import Component, age_remark, flagged, of_row
from grading.findings import Capd, Consciousness, Ice
from grading.knowledge import KNOWLEDGE
from grading.model import (
    HOUR,
    Arousal,
    CapdScore,
    Evidence,
    IceTest,
    Instant,
    Label,
    Level,
    Missing,
    Note,
    RiskKind,
)
from grading.runs import Run

_CONSCIOUSNESS = KNOWLEDGE.icans["consciousness"]
_ICE = KNOWLEDGE.icans["ice"]
_CAPD = KNOWLEDGE.icans["capd"]
_LEVELS = {
    Level.SPONTANEOUS: Consciousness.SPONTANEOUS,
    Level.VOICE: Consciousness.VOICE,
    Level.TOUCH: Consciousness.TOUCH,
    Level.TOUCH_OR_VIGOROUS: Consciousness.TOUCH_OR_VIGOROUS,
    Level.UNAROUSABLE: Consciousness.UNAROUSABLE,
}
DEEP_RASS = "rass"
CAPD_DELIRIUM = 9
"""CAPD from which there is delirium (inclusive)."""


class Instruments(NamedTuple):
    """The newest charted arousal, ICE and CAPD at an instant, within their window.

    `sedated`: the sedative infusions under which the newest reading of all was taken. `ice_before`,
    `capd_before`: the newest unsedated test where the newest one was read under sedation.
    `other_level_at`: when the newest level was charted, if as due to another cause.
    """

    arousal: Arousal | None
    ice: IceTest | None
    capd: CapdScore | None
    uses_capd: bool
    sedated: tuple[Run, ...] = ()
    ice_before: IceTest | None = None
    capd_before: CapdScore | None = None
    other_level_at: Instant | None = None


def instruments(chart: Chart, at: Instant) -> Instruments:
    """What there is to grade encephalopathy by, and which instrument counts (CAPD-1, ICE-7).

    The newest of each; one that is due to another cause, or was read under sedation, drops it and
    brings no older one back (DEF-14, DEF-10): see `at_least_before` for what an older test holds.
    """
    start = at - chart.policy.neuro_window_h * HOUR
    last_ice = _worst_ice(chart.ice.last_minute(start, at))
    last_capd = _worst_capd(chart.capd.last_minute(start, at))
    last_arousal = _deepest(chart.arousal.last_minute(start, at))
    ice, capd = _if_counts(chart, last_ice), _if_counts(chart, last_capd)
    ice_before = capd_before = None
    if last_ice is not None and chart.sedation.of_reading(last_ice.t):
        ice_before = _if_counts(chart, _worst_ice(chart.awake_ice.last_minute(start, last_ice.t)))
    if last_capd is not None and chart.sedation.of_reading(last_capd.t):
        capd_before = _if_counts(
            chart, _worst_capd(chart.awake_capd.last_minute(start, last_capd.t))
        )
    times = [item.t for item in (last_ice, last_capd, last_arousal) if item is not None]
    return Instruments(
        _if_counts(chart, last_arousal),
        ice,
        capd,
        _uses_capd(chart, at, ice or ice_before, capd or capd_before),
        chart.sedation.of_reading(max(times)) if times else (),
        ice_before,
        capd_before,
        last_arousal.t if last_arousal is not None and last_arousal.other_cause else None,
    )


Score = TypeVar("Score", Arousal, IceTest, CapdScore)


def _worst_ice(tied: Sequence[IceTest]) -> IceTest | None:
    """The test of one minute: of several the worse, each bound by itself (READ-4).

    So one with missing items never hides what a whole one says (ICE-2).
    """
    if len(tied) <= 1:
        return tied[0] if tied else None
    tests = _that_count(tied)
    worst = min(tests, key=lambda item: (item.worst, item.best))
    return worst._replace(best=min(item.best for item in tests))


def _worst_capd(tied: Sequence[CapdScore]) -> CapdScore | None:
    """The CAPD of one minute, as an ICE test is taken."""
    if len(tied) <= 1:
        return tied[0] if tied else None
    scores = _that_count(tied)
    worst = max(scores, key=lambda item: (item.high, item.low))
    return worst._replace(low=max(item.low for item in scores))


def _deepest(tied: Sequence[Arousal]) -> Arousal | None:
    """The level of one minute: the deepest (READ-4), of one depth that of RASS (CAPD-3)."""
    return max(_that_count(tied), key=lambda a: (a.level, a.scale == DEEP_RASS), default=None)


def _that_count(tied: Sequence[Score]) -> Sequence[Score]:
    """Of one minute those that are not due to another cause, if there are any (DEF-14)."""
    return [item for item in tied if not item.other_cause] or tied


def _if_counts(chart: Chart, item: Score | None) -> Score | None:
    if item is None or item.other_cause or chart.sedation.of_reading(item.t):
        return None
    return item


def _uses_capd(chart: Chart, at: Instant, ice: IceTest | None, capd: CapdScore | None) -> bool:
    """By age (CAPD-1, READ-16); of a patient who does not speak wherever it is charted (ICE-7)."""
    limit = chart.policy.capd_age_lt
    age = chart.age_at(at)
    if age is not None and age < limit:
        return True
    if capd is None:
        return False
    if chart.risk(RiskKind.NON_VERBAL) is not None:
        return True
    return ice is None and could_be_younger(chart.snapshot.birth, limit, at)


def consciousness(chart: Chart, found: Instruments, at: Instant) -> Component | None:
    """The consciousness domain (ICANS-C0 to C4); None: not charted in the window."""
    if found.arousal is None:
        return None
    item = found.arousal
    fresh = chart.policy.ice_interval_h * HOUR
    notes = flagged(item.flags, *age_remark(at - item.t, fresh))
    evidence = Evidence(Label.CONSCIOUSNESS, item.text, "", item.t, item.ref, notes)
    stale = (Missing.CONSCIOUSNESS,) if at - item.t > fresh else ()
    return of_row(_CONSCIOUSNESS[_LEVELS[item.level]], (evidence,))._replace(stale=stale)


def encephalopathy(chart: Chart, found: Instruments, at: Instant) -> Component:
    """The ICE or CAPD domain (ICANS-E); a range where items or wakefulness are not known."""
    if found.uses_capd:
        return _capd(chart, found, at)
    return _ice(chart, found, at)


def at_least_before(chart: Chart, found: Instruments, score: Component, at: Instant) -> Component:
    """`score`, at least as the newest test without sedation: one under it lowers nothing (DEF-10).

    What is missing and the upper bound stay.
    """
    known = found._replace(ice=found.ice or found.ice_before, capd=found.capd or found.capd_before)
    before = encephalopathy(chart, known, at)
    if before.lo <= score.lo:
        return score
    return score._replace(
        row=before.row, lo=before.lo, evidence=before.evidence, stale=before.stale
    )


def shown_ice(test: IceTest) -> str:
    """An ICE test as the basis shows it: its score, or the span of what it may be."""
    return _span(test.worst, test.best)


def shown_capd(score: CapdScore) -> str:
    """A CAPD as the basis shows it, as an ICE test."""
    return _span(score.low, score.high)


def _span(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}-{high}"


# --- ICE -----------------------------------------------------------------------------------------


def _ice(chart: Chart, found: Instruments, at: Instant) -> Component:
    level = found.arousal.level if found.arousal else None
    test = found.ice
    if test is None:
        finding = Ice.NOT_CHARTED_UNAROUSABLE if level is Level.UNAROUSABLE else Ice.NOT_CHARTED
        return of_row(_ICE[finding])
    best, worst = _ICE[_ice_finding(test.best, level)], _ICE[_ice_finding(test.worst, level)]
    fresh = chart.policy.ice_interval_h * HOUR
    notes = flagged(test.flags, *age_remark(at - test.t, fresh))
    evidence = Evidence(Label.ICE, shown_ice(test), "{score}", test.t, test.ref, notes)
    gap = (Missing.ICE,) if test.worst != test.best else ()
    said = (f"{Note.ICE_ITEMS_MISSING}:{', '.join(test.missing_items)}",) if gap else ()
    return Component(
        row=best,
        lo=best.lo,
        hi=worst.hi,
        evidence=(evidence,),
        missing=(*gap, *(best.missing if best is worst else worst.missing)),
        stale=(Missing.ICE,) if at - test.t > fresh else (),
        notes=said,
    )


def _ice_finding(score: int, level: Level | None) -> Ice:
    """ICE-3; a score of 0 is told apart by wakefulness (ICE-4)."""
    if score == 0:
        return _ice_zero(level)
    if score <= 2:  # noqa: PLR2004  ICE-3
        return Ice.TO_TWO
    if score <= 6:  # noqa: PLR2004  ICE-3
        return Ice.THREE_TO_SIX
    return Ice.TEN if score == 10 else Ice.SEVEN_TO_NINE  # noqa: PLR2004  ICE-3


def _ice_zero(level: Level | None) -> Ice:
    match level:
        case Level.SPONTANEOUS | Level.VOICE | Level.TOUCH:
            return Ice.TO_TWO
        case Level.UNAROUSABLE:
            return Ice.ZERO_UNAROUSABLE
        case Level.TOUCH_OR_VIGOROUS | None:
            return Ice.ZERO_WAKEFULNESS_NOT_KNOWN


# --- CAPD ----------------------------------------------------------------------------------------


def _capd(chart: Chart, found: Instruments, at: Instant) -> Component:
    level = found.arousal.level if found.arousal else None
    if _not_possible(found.arousal):
        return of_row(_CAPD[Capd.NOT_POSSIBLE])
    score = found.capd
    if score is None:
        return of_row(_CAPD[Capd.NOT_CHARTED])
    low, high = _CAPD[_capd_finding(score.low, level)], _CAPD[_capd_finding(score.high, level)]
    fresh = chart.policy.ice_interval_h * HOUR
    notes = flagged(score.flags, *age_remark(at - score.t, fresh))
    evidence = Evidence(Label.CAPD, shown_capd(score), "{score}", score.t, score.ref, notes)
    gap = (Missing.CAPD,) if score.low != score.high else ()
    return Component(
        row=low,
        lo=low.lo,
        hi=high.hi,
        evidence=(evidence,),
        missing=(*gap, *low.missing),
        stale=(Missing.CAPD,) if at - score.t > fresh else (),
        notes=(Note.CAPD_USED,),
    )


def _not_possible(arousal: Arousal | None) -> bool:
    """Whether CAPD cannot be done: unarousable, or RASS -4 and deeper (CAPD-3)."""
    if arousal is None:
        return False
    deep = arousal.level is Level.TOUCH_OR_VIGOROUS and arousal.scale == DEEP_RASS
    return deep or arousal.level is Level.UNAROUSABLE


def _capd_finding(score: int, level: Level | None) -> Capd:
    if score >= CAPD_DELIRIUM:
        return Capd.NINE_OR_MORE
    if score == 0:
        return Capd.ZERO
    if level is None:
        return Capd.WAKEFULNESS_NOT_KNOWN
    return Capd.AWAKE if level is Level.SPONTANEOUS else Capd.VOICE
