"""A second reading of the ICANS rules, slow and plain, to hold the first one against.

Written from clinical-rules.md (0.3, 0.6, sections 1 and 3, examples W22 to W35), with loops over
the whole chart and nothing kept between calls. Of the project it imports the data model and the
policy only. Where the text is silent it says so and does as the project chose.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TypeVar

from grading.knowledge.policy import Policy
from grading.model import (
    DAY,
    HOUR,
    MINUTE,
    Arousal,
    CapdScore,
    DoseStatus,
    IceTest,
    Instant,
    Level,
    RiskKind,
    Seizure,
    SeizureKind,
    Sign,
    SignKind,
    Snapshot,
)
from tests.grading.second_reading_sedation import Run, known_at, points_of, ran_at, sedation

Bounds = tuple[int, int]
R = TypeVar("R", IceTest, CapdScore, Arousal)
LEVELS: dict[Level, Bounds] = {
    Level.SPONTANEOUS: (0, 0),
    Level.VOICE: (2, 2),
    Level.TOUCH: (3, 3),
    Level.TOUCH_OR_VIGOROUS: (3, 4),
    Level.UNAROUSABLE: (4, 4),
}
EDEMA: dict[SignKind, Bounds] = {
    SignKind.FOCAL_EDEMA: (3, 3),
    SignKind.EDEMA_EXTENT_UNKNOWN: (3, 4),
    SignKind.DIFFUSE_EDEMA: (4, 4),
}
GRADE_4 = (
    *(SignKind.MOTOR_WEAKNESS, SignKind.POSTURING, SignKind.CN6_PALSY),
    *(SignKind.PAPILLEDEMA, SignKind.CUSHING_TRIAD),
)
SIGNS: dict[SignKind, Bounds] = {**EDEMA, **dict.fromkeys(GRADE_4, (4, 4))}
"""ICANS-M4, -I3, -I4: a hemorrhage and other motor findings have no grade (DEF-12, DEF-13)."""


def icans(chart: Snapshot, policy: Policy) -> Bounds | None:
    """Bounds of the grade at `now`; None: no automatic grade (SCOPE-1, SCOPE-3, ICANS-W1)."""
    groups: list[list[tuple[bool, Instant]]] = []  # READ-9: records close together are one infusion
    for record in sorted(chart.infusions, key=lambda each: each.t):
        if not groups or record.t - groups[-1][0][1] > policy.infusion_merge_h * HOUR:
            groups.append([])
        groups[-1].append((record.date_only, record.t))
    starts = [min(group)[1] for group in groups]  # a timed record beats a date
    if not starts or chart.deceased or (chart.now - starts[-1]) // DAY > policy.icans_max_day:
        return None
    course_t0 = starts[-1]
    for start in reversed(starts):
        if course_t0 - start <= policy.course_gap_d * DAY:
            course_t0 = start
    return grade(chart, policy, course_t0)


def grade(chart: Snapshot, policy: Policy, course_t0: Instant) -> Bounds:
    """The worst domain wins (3.3, Combination), each bound by itself."""
    found = [*seizures(chart, policy, course_t0), *signs(chart, policy, course_t0)]
    if hiding := hidden_by(chart, policy):
        found.append((carried(chart, policy, course_t0, hiding), 4))
    else:
        found.append(mind(chart, policy))
        if sedation(chart, policy, (DoseStatus.UNCERTAIN,)):
            found.append((0, 4))  # READ-2: a status that is unknown raises hi only
    return max(lo for lo, _ in found), max(hi for _, hi in found)


def hidden_by(chart: Snapshot, policy: Policy) -> list[Run]:
    """Sedative infusions that hide consciousness and ICE now (DEF-10).

    The text does not say what counts when they are over and nothing was read since. Here: the
    infusion under which the newest reading was taken still hides.
    """
    if active := sedation(chart, policy):
        return active
    latest = [newest(facts, chart.now, policy) for facts in (chart.ice, chart.capd, chart.arousal)]
    return ran_at(max((fact.t for facts in latest for fact in facts), default=None), chart, policy)


def carried(chart: Snapshot, policy: Policy, course_t0: Instant, hiding: list[Run]) -> int:
    """The `lo` at the last point before the sedation, for a day at most (DEF-10).

    A point that an earlier sedation hides is not the last unsedated one.
    """
    then = chart
    while hiding:
        began = min(start for start, _, _ in hiding)
        before = [t for t in points_of(chart, policy) if course_t0 <= t < began]
        if not before or chart.now - max(before) > policy.sedation_carry_h * HOUR:
            return 0
        then = known_at(chart, max(before))
        hiding = hidden_by(then, policy)
    return grade(then, policy, course_t0)[0]


def mind(chart: Snapshot, policy: Policy) -> Bounds:
    """Consciousness beside ICE or CAPD, nobody being sedated (3.1, 3.2, ICANS-C, ICANS-E).

    What a clinician put down to another cause, or was read under sedation, does not count (DEF-10,
    DEF-14). The text does not say what stands instead. Here: nothing older; a level of another
    cause after the test leaves wakefulness open; a test before the sedation still holds `lo`.
    """
    level, by_rass, attributed = consciousness(chart, policy)
    awake: Bounds = (0, 0) if level is None else LEVELS[level]
    tests, before = counting(chart.ice, chart, policy)
    scores, scores_before = counting(chart.capd, chart, policy)
    if not uses_capd(chart, policy, ice=bool(tests + before), capd=bool(scores + scores_before)):
        scored, held = ice(tests, level), ice(tests or before, level)
        test = min(((each.worst, each.best, each.t) for each in tests), default=(chart.now,))[-1]
    else:
        scored, held = capd(scores, level, by_rass), capd(scores or scores_before, level, by_rass)
        test = min(((-s.high, -s.low, s.t) for s in scores), default=(chart.now,))[-1]
    if attributed > test:
        awake = (0, 4)
    return max(awake[0], scored[0], held[0]), max(awake[1], scored[1])


def consciousness(chart: Snapshot, policy: Policy) -> tuple[Level | None, bool, Instant]:
    """The deepest level of the newest minute, if of RASS, or the time of one of another cause."""
    charted = newest(chart.arousal, chart.now, policy)
    if charted and charted[0].other_cause:
        return None, False, max(each.t for each in charted)
    levels = [each for each in charted if not ran_at(each.t, chart, policy)]
    deepest = max((each.level for each in levels), default=None)
    return deepest, any(e.scale == "rass" for e in levels if e.level == deepest), 0


def newest(facts: Iterable[R], now: Instant, policy: Policy) -> list[R]:
    """Facts of the newest minute, none past its limit (READ-1, -3, IN-11 to IN-13).

    Of one minute those that count stand for those put down to another cause.
    """
    inside = [fact for fact in facts if now - fact.t <= policy.neuro_window_h * HOUR]
    minute = max((fact.t // MINUTE for fact in inside), default=0)
    tied = [fact for fact in inside if fact.t // MINUTE == minute]
    return [fact for fact in tied if not fact.other_cause] or tied


def counting(facts: Iterable[R], chart: Snapshot, policy: Policy) -> tuple[list[R], list[R]]:
    """The newest tests if they count, and if they were done under sedation the newest before."""
    facts = list(facts)
    last = newest(facts, chart.now, policy)
    if not any(ran_at(fact.t, chart, policy) for fact in last):
        return [fact for fact in last if not fact.other_cause], []
    awake = [fact for fact in facts if not ran_at(fact.t, chart, policy)]
    before = newest(awake, chart.now, policy)
    return [], [fact for fact in before if not fact.other_cause]


def uses_capd(chart: Snapshot, policy: Policy, *, ice: bool, capd: bool) -> bool:
    """CAPD-1 by age, ICE-7 for who cannot speak, READ-16 where the side of 12 y is not known."""
    if capd and any(risk.kind is RiskKind.NON_VERBAL for risk in chart.risks):
        return True
    if chart.birth is not None:
        if years(chart.birth.earliest, chart.now) < policy.capd_age_lt:
            return True
        if years(chart.birth.latest, chart.now) >= policy.capd_age_lt:
            return False
    return capd and not ice


def years(born: Instant, now: Instant) -> int:
    """Birthdays passed, each beginning at the hour in UTC at which the day of birth began."""
    then, at = (datetime.fromtimestamp(t / 1000, UTC) for t in (born, now))
    return at.year - then.year - (at.replace(year=2000) < then.replace(year=2000))


def ice(tests: list[IceTest], level: Level | None) -> Bounds:
    """ICE-2 and ICE-5; `lo` from the best that missing items allow, `hi` from the worst.

    Of tests of one minute the worse counts (READ-4); its score is at most the least of each bound.
    """
    if not tests:
        missing = (0, 4) if level is None else (0, 3)
        return (4, 4) if level is Level.UNAROUSABLE else missing
    best, worst = min(test.best for test in tests), min(test.worst for test in tests)
    return ice_grade(best, level)[0], ice_grade(worst, level)[1]


def ice_grade(score: int, level: Level | None) -> Bounds:
    """ICE-3 and the split of 0 (ICE-4): awake 3, unarousable 4, not charted 3 to 4."""
    for least, of_score in ((10, 0), (7, 1), (3, 2), (1, 3)):
        if score >= least:
            return of_score, of_score
    if level is None or level is Level.TOUCH_OR_VIGOROUS:
        return 3, 4
    return (4, 4) if level is Level.UNAROUSABLE else (3, 3)


def capd(scores: list[CapdScore], level: Level | None, by_rass: bool) -> Bounds:
    """CAPD-2 and CAPD-3; without a score as ICE-5."""
    if level is Level.UNAROUSABLE or (by_rass and level is Level.TOUCH_OR_VIGOROUS):
        return 4, 4
    if not scores:
        return (0, 4) if level is None else (0, 3)
    low, high = max(score.low for score in scores), max(score.high for score in scores)
    return capd_grade(low, level)[0], capd_grade(high, level)[1]


def capd_grade(score: int, level: Level | None) -> Bounds:
    """CAPD-2: from 9 on 3; 1 to 8 is 1 awake, 2 where voice is needed, 1 to 2 not charted."""
    if score >= 9 or score == 0:
        return (3, 3) if score else (0, 0)
    if level is None:
        return 1, 2
    return (1, 1) if level is Level.SPONTANEOUS else (2, 2)


def seizures(chart: Snapshot, policy: Policy, course_t0: Instant) -> list[Bounds]:
    """Events of the last day and this course (IN-14, READ-15); not read may be 4 (READ-8)."""
    start = chart.now - policy.seizure_window_h * HOUR
    unread = max(chart.reach.bedside, chart.reach.conditions) > start
    found: list[Bounds] = [(0, 4 if unread else 0)]
    for event in chart.seizures:
        counts = event.kind is not SeizureKind.NONE and not event.other_cause
        if counts and event.t >= max(start, course_t0):
            lo, hi = seizure(event, policy)
            found.append((lo if event.is_certain else 0, hi))
    return found


def seizure(event: Seizure, policy: Policy) -> Bounds:
    """ICANS-S3, ICANS-S4, DEF-11: longer than 5 min is 4, of unknown length 3 to 4."""
    if event.kind is SeizureKind.PROLONGED:
        return 4, 4
    if event.minutes is not None:
        return (4, 4) if event.minutes > policy.seizure_prolonged_min else (3, 3)
    return (3, 3) if event.kind is SeizureKind.RESOLVED else (3, 4)


def signs(chart: Snapshot, policy: Policy, course_t0: Instant) -> list[Bounds]:
    """Signs of this course that are not charted as gone (READ-15); past their window hi alone.

    The text excludes hemorrhage with edema (DEF-13). Here: edema beside a hemorrhage that stands
    now, or stood when the edema was seen.
    """
    found: list[Bounds] = [(0, 0)]
    here = [sign for sign in chart.signs if sign.t >= course_t0 and not sign.other_cause]
    blood = [sign for sign in here if sign.kind is SignKind.HEMORRHAGE and sign.is_certain]
    for sign in here:
        if sign.kind not in SIGNS or is_gone(sign, here, chart.now):
            continue
        seen = (chart.now, sign.t)
        if sign.kind in EDEMA and any(
            stands(each, here, t, policy) for each in blood for t in seen
        ):
            continue
        lo, hi = SIGNS[sign.kind]
        if chart.now - sign.t <= window_of(sign, policy):
            found.append((lo if sign.is_certain else 0, hi))
        elif chart.now - sign.t <= policy.old_sign_keeps_hi_d * DAY:
            found.append((0, hi))
    return found


def window_of(sign: Sign, policy: Policy) -> Instant:
    """IN-15, IN-16: an image stands longer than an examination."""
    return (policy.imaging_window_h if sign.imaging else policy.neuro_window_h) * HOUR


def stands(sign: Sign, signs: list[Sign], at: Instant, policy: Policy) -> bool:
    """Whether it was charted by then, inside its window and not as gone."""
    return 0 <= at - sign.t <= window_of(sign, policy) and not is_gone(sign, signs, at)


def is_gone(sign: Sign, signs: list[Sign], at: Instant) -> bool:
    """Whether its absence was charted in a later minute up to then (READ-3, READ-4, READ-15).

    The text does not say by what. Here: what an image shows by an image, what was examined by an
    examination, and the three extents of edema are one finding.
    """
    for other in signs:
        if not sign.t // MINUTE < other.t // MINUTE or other.t > at or not other.is_certain:
            continue
        if sign.kind is SignKind.MOTOR_WEAKNESS:
            if other.kind is SignKind.MOTOR_NONE:
                return True
        elif other.kind is SignKind.ICP_NONE and other.imaging is sign.imaging:
            both_edema = other.denies in EDEMA and sign.kind in EDEMA
            if other.denies in (None, sign.kind) or both_edema:
                return True
    return False
