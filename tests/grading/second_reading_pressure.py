"""A second reading of the hypotension axis (DEF-2 to DEF-6, READ-5, READ-7, CRS-P0 to P8).

Written from clinical-rules.md alone, slowly and plainly: see `second_reading_crs`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from grading.knowledge.policy import Policy
from grading.model import (
    DAY,
    HOUR,
    MINUTE,
    Dose,
    DoseStatus,
    Instant,
    Order,
    Pressure,
    Remark,
    Snapshot,
)

Bounds = tuple[int, int]
VASOPRESSORS = {
    *("norepinephrine", "epinephrine", "phenylephrine", "dopamine"),
    *("angiotensin_ii", "vasopressin", "terlipressin"),
}
POINT_DRUGS = {"norepinephrine", "vasopressin", "angiotensin_ii", "dopamine", "terlipressin"}


@dataclass(frozen=True)
class Run:
    """READ-7: one vasopressor running from `start` to `end`; `stopped`: its stop is charted."""

    drug: str
    start: Instant
    end: Instant
    stopped: bool


def until(dose: Dose, now: Instant) -> Instant:
    """The last instant at which it was given."""
    if dose.end is not None:
        return dose.end
    return now if dose.status is DoseStatus.RUNNING else dose.start


def systolic_line(chart: Snapshot, policy: Policy) -> tuple[int, bool]:
    """DEF-2, DEF-3, READ-16: the systolic line, and whether the MAP line holds beside it."""
    if chart.birth is None:
        return int(policy.sbp_adult), True
    born = datetime.fromtimestamp(chart.birth.earliest / 1000, UTC)
    today = datetime.fromtimestamp(chart.now / 1000, UTC)
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    days = (chart.now - chart.birth.earliest) // DAY
    if years >= policy.min_age_adult:
        return int(policy.sbp_adult), True
    if days <= 28:
        return 60, False
    if years < 1:
        return 70, False
    return (70 + 2 * years, False) if years <= 10 else (90, False)


def is_beside_systolic(chart: Snapshot, policy: Policy, reading: Pressure) -> bool:
    """DEF-2: a calculated MAP does not decide where an SBP is of its minute or 60 min before."""
    if Remark.CALCULATED not in reading.flags:
        return False
    pair = policy.bp_pair_min * MINUTE
    return any(
        other.sbp is not None
        and other.t >= reading.t - pair
        and other.t // MINUTE <= reading.t // MINUTE
        for other in chart.pressures
    )


def low_readings(chart: Snapshot, policy: Policy) -> dict[str, dict[Instant, bool]]:
    """READ-5, READ-4: per kind, every minute with a value, and whether that is low (DEF-14).

    What is due to another cause gives way to another reading of its minute.
    """
    line, adult = systolic_line(chart, policy)
    found: dict[str, dict[Instant, bool]] = {"sbp": {}, "map": {}}
    counted = [
        r
        for r in chart.pressures
        if (r.sbp is not None or r.mean is not None) and not is_beside_systolic(chart, policy, r)
    ]
    plain = {reading.t // MINUTE for reading in counted if not reading.other_cause}
    for reading in counted:
        minute, other = reading.t // MINUTE, reading.other_cause
        if other and minute in plain:
            continue
        if reading.sbp is not None:
            before = found["sbp"].get(minute, False)
            found["sbp"][minute] = before or (reading.sbp < line and not other)
        if reading.mean is not None and adult:
            before = found["map"].get(minute, False)
            found["map"][minute] = before or (reading.mean < policy.map_adult and not other)
    return found


def hypotension(chart: Snapshot, policy: Policy) -> bool | None:
    """DEF-4 (a) and (b); None: neither SBP nor MAP within the window (CRS-P5, P6)."""
    found = low_readings(chart, policy)
    now, oldest = chart.now // MINUTE, chart.now // MINUTE - policy.bp_window_h * 60
    recent = {
        kind: {m: low for m, low in rows.items() if m >= oldest} for kind, rows in found.items()
    }
    last = {kind: max(rows) for kind, rows in recent.items() if rows}
    if not last:
        return None
    newest = max(last.values())
    for kind, minute in last.items():
        if recent[kind][minute] and newest - minute <= policy.bp_pair_min:
            return True
    low = {m for rows in found.values() for m, is_low in rows.items() if is_low}
    return sum(now - m <= policy.low_bp_count_h * 60 for m in low) >= policy.low_bp_count


def counts(dose: Dose) -> bool:
    """DEF-5, DEF-14: a vasopressor that acts systemically, of no other cause."""
    return dose.drug in VASOPRESSORS and dose.systemic and not dose.other_cause


def runs(chart: Snapshot, policy: Policy) -> Iterator[Run]:
    """READ-7: intervals as charted; single times with a rate joined where at most 2 h apart."""
    points: dict[str, list[Instant]] = {}
    for dose in chart.doses:
        if not counts(dose) or dose.status is DoseStatus.UNCERTAIN:
            continue
        if dose.has_period or dose.status is DoseStatus.RUNNING:
            yield Run(dose.drug, dose.start, until(dose, chart.now), dose.end is not None)
        elif dose.rate is not None or dose.drug in POINT_DRUGS:
            points.setdefault(dose.drug, []).append(dose.start)
    stands = policy.pressor_point_h * HOUR
    for drug, times in points.items():
        group: list[Instant] = []
        for t in sorted(times):
            if group and t - group[-1] > policy.pressor_join_h * HOUR:
                yield Run(drug, group[0], group[-1] + stands, False)
                group = []
            group.append(t)
        yield Run(drug, group[0], group[-1] + stands, False)


def active(chart: Snapshot, policy: Policy) -> list[Run]:
    """READ-7: what ran in the last 6 h; where its stop is charted, in the last 2 h."""
    found = []
    for run in runs(chart, policy):
        hours = policy.stopped_support_h if run.stopped else policy.support_window_h
        if run.end >= chart.now - hours * HOUR:
            found.append(run)
    return found


def vasopressor_grade(chart: Snapshot, policy: Policy, found: list[Run]) -> int:
    """CRS-P2 to P4; DEF-6: multiple where two overlap within the window, touching does not."""
    if not found:
        return 0
    others = [run for run in found if run.drug != "vasopressin"]
    if not others:
        return policy.vasopressin_alone_grade
    begin = chart.now - policy.support_window_h * HOUR
    for one in others:
        for other in others:
            start, end = max(one.start, other.start, begin), min(one.end, other.end, chart.now)
            if one.drug != other.drug and start < end:
                return 4
    return 3


def seen(chart: Snapshot, policy: Policy, order: Order) -> bool:
    """CRS-P7: the ordered drug was given in the last 24 h, and not before its order."""
    since = chart.now - policy.mask_window_h * HOUR
    if order.t is not None and order.t > since:
        since = order.t
    return any(
        dose.drug == order.key and dose.systemic and until(dose, chart.now) >= since
        for dose in chart.doses
    )


def supposed(chart: Snapshot, policy: Policy) -> set[str]:
    """READ-2, READ-7, CRS-P7: what may run: an unknown status, a bolus, an order never given."""
    found: set[str] = set()
    for dose in chart.doses:
        if not counts(dose):
            continue
        charted = dose.has_period or dose.status is DoseStatus.RUNNING or dose.rate is not None
        bolus = not charted and dose.drug not in POINT_DRUGS
        hours = policy.support_window_h if dose.end is None else policy.stopped_support_h
        recent = until(dose, chart.now) >= chart.now - hours * HOUR
        if recent and (bolus or dose.status is DoseStatus.UNCERTAIN):
            found.add(dose.drug)
    for order in chart.orders:
        stands = order.systemic and not order.draft and not order.on_hold
        if order.key in VASOPRESSORS and stands and not seen(chart, policy, order):
            found.add(order.key)
    return found


def doses_read(chart: Snapshot, policy: Policy) -> bool:
    """READ-8, READ-10: administrations are known for the 24 h that the grade looks back."""
    since = chart.now - policy.mask_window_h * HOUR
    return policy.administrations_published and chart.reach.doses <= since


def pressure(chart: Snapshot, policy: Policy) -> Bounds:
    """The P component now: the row of CRS-P that holds."""
    low = hypotension(chart, policy)
    given = active(chart, policy)
    running = {run.drug for run in given}
    lo = hi = vasopressor_grade(chart, policy, given)
    if not given:
        lo = 2 if low else 0
        hi = 0 if low is False else 2
    perhaps = supposed(chart, policy)
    if perhaps - running:
        together = (perhaps | running) - {"vasopressin"}
        grade = 2 + min(2, len(together)) if together else 3
        hi = max(hi, grade)
        if policy.count_ordered_as_given:
            lo = max(lo, grade)
    if not doses_read(chart, policy):
        hi = 4
    return lo, hi
