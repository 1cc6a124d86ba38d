"""A second reading of the CRS rules: clinical-rules.md as plain loops, to hold the product against.

Nothing of `grading` but the model and the policy is used, and nothing is shared with it: where the
two differ, one of them has misread the text. It is slow and says each rule where it is applied.
"""

from __future__ import annotations

from itertools import pairwise

from grading.knowledge.policy import Policy
from grading.model import DAY, HOUR, MINUTE, DoseStatus, Instant, Snapshot
from tests.grading.second_reading_oxygen import Bounds, oxygen, oxygen_stretches
from tests.grading.second_reading_pressure import doses_read, low_readings, pressure, runs, until

FEVER_DRUGS = {
    *("acetaminophen", "ibuprofen", "naproxen", "ketorolac", "metamizole", "active_cooling"),
    *("tocilizumab", "siltuximab", "anakinra", "ruxolitinib", "sarilumab", "emapalumab"),
    *("infliximab", "etanercept", "dexamethasone", "methylprednisolone", "prednisone"),
    *("prednisolone", "hydrocortisone", "aspirin"),
}


# --- infusion (READ-9) ---------------------------------------------------------------------------


def infusion_starts(chart: Snapshot, policy: Policy) -> list[Instant]:
    """The starts of the infusions of the latest course, oldest first."""
    groups: list[list[Instant]] = []
    for record in sorted(chart.infusions):
        if groups and record.t - groups[-1][0] <= policy.infusion_merge_h * HOUR:
            groups[-1].append(record.t)
        else:
            groups.append([record.t])
    course: list[Instant] = []
    for group in reversed(groups):
        if not course or course[0] - group[0] <= policy.course_gap_d * DAY:
            course.insert(0, group[0])
        else:
            break
    return course


# --- fever and the episode (CRS-W, CRS-F, READ-12) -----------------------------------------------


def day_of(at: Instant, starts: list[Instant]) -> int:
    """0.3: whole days since the latest infusion that lies at or before then."""
    return (at - max(start for start in starts if start <= at)) // DAY


def is_fever(chart: Snapshot, policy: Policy, index: int, course_t0: Instant) -> bool:
    """CRS-F1, DEF-14."""
    each = chart.temperatures[index]
    hot = each.value > policy.fever_threshold_c or (
        policy.fever_inclusive and each.value == policy.fever_threshold_c
    )
    return hot and not each.other_cause and each.t >= course_t0


def fevers(chart: Snapshot, policy: Policy, course_t0: Instant) -> list[Instant]:
    """Times of the qualifying fevers, oldest first."""
    every = range(len(chart.temperatures))
    return sorted(chart.temperatures[i].t for i in every if is_fever(chart, policy, i, course_t0))


def charted_within(times: list[Instant], begin: Instant, end: Instant, gap: Instant) -> bool:
    """READ-12: charted in that stretch without a longer gap."""
    edges = [begin, *sorted(t for t in times if begin <= t <= end), end]
    inside = any(begin <= t <= end for t in times)
    return inside and all(later - one <= gap for one, later in pairwise(edges))


def keeps_open(
    chart: Snapshot, policy: Policy, course_t0: Instant
) -> list[tuple[Instant, Instant]]:
    """READ-12: stretches of fever, low pressure, vasopressor and oxygen: they keep it open."""
    found = [(t, t) for t in fevers(chart, policy, course_t0)]
    for rows in low_readings(chart, policy).values():
        found += [(minute * MINUTE, minute * MINUTE) for minute, low in rows.items() if low]
    found += [(run.start, run.end) for run in runs(chart, policy)]
    return found + oxygen_stretches(chart, policy, course_t0)


def episode_start(chart: Snapshot, policy: Policy, starts: list[Instant]) -> Instant | None:
    """The onset of the episode that is open now; None: none is (CRS-W1, W2, READ-12)."""
    openings = fevers(chart, policy, starts[0])
    for grade in chart.charted_grades:
        if grade.syndrome == "crs" and grade.grade != 0 and grade.t >= starts[0]:
            openings.append(grade.t)
    onset: Instant | None = None
    closed: Instant | None = None
    for opening in sorted(openings):
        if day_of(opening, starts) > policy.crs_late_max_day:
            continue  # CRS-W1: none opens after day 30
        if onset is not None and (closed is None or opening < closed):
            continue
        if onset is None or day_of(opening, starts) > policy.crs_onset_max_day:
            onset = opening  # CRS-W2: one that is opened again within 14 days keeps its onset
        closed = closing(chart, policy, starts, opening)
    return onset if closed is None else None


def closing(
    chart: Snapshot, policy: Policy, starts: list[Instant], opening: Instant
) -> Instant | None:
    """CRS-W2: the end of the first 24 h of absence, measured, after the opening; None: still open.

    Such a day begins where something of the episode ends, or where charting is resumed.
    """
    day, gap = policy.episode_close_h * HOUR, policy.episode_gap_h * HOUR
    held = keeps_open(chart, policy, starts[0])
    kinds = (
        [item.t for item in chart.temperatures],
        [minute * MINUTE for rows in low_readings(chart, policy).values() for minute in rows],
        [item.t for item in chart.spo2] + [item.t for item in chart.supports if not item.interval],
    )
    begins = {opening, *(end for _, end in held), *(t for times in kinds for t in times)}
    for begin in sorted(begins):
        if begin < opening or begin + day > chart.now:
            continue
        if any(end > begin and start < begin + day for start, end in held):
            continue
        if all(charted_within(times, begin, begin + day, gap) for times in kinds):
            return begin + day
    return None


# --- combination (2.4) ---------------------------------------------------------------------------


def crs(chart: Snapshot, policy: Policy) -> Bounds:
    """The bounds of the CRS grade at `chart.now` (2.4)."""
    starts = infusion_starts(chart, policy)
    now, window = chart.now, policy.fever_window_h * HOUR
    p, o = pressure(chart, policy), oxygen(chart, policy, starts[0])
    lo, hi = max(p[0], o[0]), max(p[1], o[1])
    hot = fevers(chart, policy, starts[0])
    onset = episode_start(chart, policy, starts)
    unread = chart.reach.temperature > starts[0] and not ever_open(chart, policy, starts)
    if onset is None and day_of(now, starts) > policy.crs_late_max_day:
        charted = lo >= 2 or any(now - t <= window for t in hot)
        return (0, max(1, hi)) if unread and charted else (0, 0)  # CRS-W1, READ-14
    if any(now - t <= window for t in hot):
        return max(1, lo), max(1, hi)  # CRS-F2

    drugs = [dose for dose in chart.doses if dose.drug in FEVER_DRUGS and dose.systemic]
    certain = [dose for dose in drugs if dose.status is not DoseStatus.UNCERTAIN]
    mask = now - policy.mask_window_h * HOUR
    if onset is not None:
        margin = onset - policy.waiver_margin_h * HOUR
        if any(until(dose, now) >= margin for dose in certain):
            return lo, hi  # CRS-F3
        read = policy.administrations_published and chart.reach.doses <= margin
        unread = unread or not read or any(until(dose, now) >= margin for dose in drugs)
    if not hot:  # CRS-F4
        unread = unread or not doses_read(chart, policy)
        unread = unread or any(until(dose, now) >= mask for dose in drugs)
    if lo >= 2 and unread:
        return 0, max(1, hi)
    if any(now - item.t <= window for item in chart.temperatures):
        return 0, 0  # CRS-F5
    return 0, max(1, hi)  # CRS-F6


def ever_open(chart: Snapshot, policy: Policy, starts: list[Instant]) -> bool:
    """READ-14: whether a fever or a clinician's word of CRS, by day 30, was found at all."""
    times = fevers(chart, policy, starts[0])
    times += [
        item.t
        for item in chart.charted_grades
        if item.syndrome == "crs" and item.grade != 0 and item.t >= starts[0]
    ]
    return any(day_of(t, starts) <= policy.crs_late_max_day for t in times)
