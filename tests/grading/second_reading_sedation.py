"""A second reading of READ-7 and READ-11 for sedation: what ran when, and the points in time.

Beside `second_reading_icans`, of which it knows nothing; slow and plain like it.
"""

from __future__ import annotations

from dataclasses import replace

from grading.knowledge.policy import Policy
from grading.model import HOUR, Dose, DoseStatus, Instant, Snapshot

Run = tuple[Instant, Instant, bool]
"""Start, end and whether the end was charted."""
CERTAIN = (DoseStatus.GIVEN, DoseStatus.RUNNING)
SEDATIVES = (
    *("propofol", "midazolam", "dexmedetomidine", "ketamine", "fentanyl", "phenobarbital"),
    "lorazepam",  # not in the list of DEF-10, which the project reads as examples
)
PRESSORS = (
    *("norepinephrine", "epinephrine", "phenylephrine", "dopamine", "angiotensin_ii"),
    *("vasopressin", "terlipressin"),
)
TIMED = (
    *("temperatures", "pressures", "spo2", "flows", "fio2", "supports"),
    *("ice", "capd", "arousal", "seizures", "signs"),
)


def sedation(
    chart: Snapshot, policy: Policy, status: tuple[DoseStatus, ...] = CERTAIN
) -> list[Run]:
    """Sedative infusions that are active now, less long where the stop is charted (READ-7)."""
    active = []
    for drug in SEDATIVES:
        for start, end, stopped in runs(chart, drug, policy, status):
            window_h = policy.stopped_support_h if stopped else policy.sedation_window_h
            if end >= chart.now - window_h * HOUR:
                active.append((start, end, stopped))
    return active


def ran_at(at: Instant | None, chart: Snapshot, policy: Policy) -> list[Run]:
    """Sedative infusions under which a reading was taken.

    The text gives no time for it. Here: what ran then or `stopped_support_h` before.
    """
    found = []
    if at is not None:
        for drug in SEDATIVES:
            for run in runs(chart, drug, policy, CERTAIN):
                if run[0] <= at <= run[1] + policy.stopped_support_h * HOUR:
                    found.append(run)
    return found


def runs(chart: Snapshot, drug: str, policy: Policy, status: tuple[DoseStatus, ...]) -> list[Run]:
    """Running intervals of one drug (READ-7); what has neither rate nor length is a bolus."""
    found: list[Run] = []
    joined: list[list[Instant]] = []
    for dose in sorted(chart.doses, key=lambda each: each.start):
        if dose.drug != drug or not dose.systemic or dose.status not in status:
            continue
        if dose.has_period or dose.status is DoseStatus.RUNNING:
            found.append(interval(dose, chart.now))
        elif dose.rate is not None:
            if not joined or dose.start - joined[-1][-1] > policy.pressor_join_h * HOUR:
                joined.append([])
            joined[-1].append(dose.start)
    for group in joined:
        found.append((group[0], group[-1] + policy.pressor_point_h * HOUR, False))
    return found


def interval(dose: Dose, now: Instant) -> Run:
    """One with a period, or in progress; an open end runs on only in progress."""
    if dose.end is not None:
        return dose.start, dose.end, True
    return dose.start, now if dose.status is DoseStatus.RUNNING else dose.start, False


def points_of(chart: Snapshot, policy: Policy) -> list[Instant]:
    """Evaluation points (READ-11).

    The text does not say if an event that has another cause makes one; here it makes none.
    """
    found = [fact.t for name in TIMED[:-2] for fact in getattr(chart, name)]
    found += [each.t for each in (*chart.seizures, *chart.signs) if not each.other_cause]
    found += [each.end for each in chart.supports if each.end is not None]
    for drug in (*SEDATIVES, *PRESSORS):
        for start, end, stopped in runs(chart, drug, policy, CERTAIN):
            found += [start, end] if stopped else [start]
    return found


def known_at(chart: Snapshot, at: Instant) -> Snapshot:
    """The chart as it stood then (READ-11): what ended later was running."""
    facts = {name: tuple(f for f in getattr(chart, name) if f.t <= at) for name in TIMED}
    doses = tuple(as_it_was(dose, at) for dose in chart.doses if dose.start <= at)
    return replace(chart, now=at, doses=doses, **facts)


def as_it_was(dose: Dose, at: Instant) -> Dose:
    """An administration that had not yet ended was in progress."""
    if dose.status is DoseStatus.GIVEN and dose.end is not None and dose.end > at:
        return dose._replace(end=None, status=DoseStatus.RUNNING)
    return dose
