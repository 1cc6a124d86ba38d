"""The tocilizumab doses of a course, and when the next one may be given (DOSE-TOCI, READ-7)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from grading.knowledge import Policy
from grading.model import HOUR, Dose, DoseStatus, Instant, TocilizumabLedger

if TYPE_CHECKING:
    from grading.course import Course

TOCILIZUMAB = "tocilizumab"

_DAY_H = 24


def dose_groups(doses: Iterable[Dose], within: Instant) -> tuple[tuple[Dose, ...], ...]:
    """Records by the dose that they are of: at most `within` after the first of a group started."""
    groups: list[list[Dose]] = []
    for dose in sorted(doses, key=lambda item: (item.start, item.ref)):
        if not groups or dose.start - groups[-1][0].start > within:
            groups.append([])
        groups[-1].append(dose)
    return tuple(map(tuple, groups))


def merge_doses(doses: Iterable[Dose], within: Instant) -> tuple[Dose, ...]:
    """One dose for each of `dose_groups`: its first record, with the first charted amount."""
    return tuple(
        group[0]._replace(mg=next((dose.mg for dose in group if dose.mg is not None), None))
        for group in dose_groups(doses, within)
    )


def most_doses(policy: Policy) -> int:
    """Highest number of doses in a course: fewer while the drug is short."""
    return policy.toci_shortage_max if policy.toci_shortage else policy.toci_max_total


def count_in_24h(doses: Sequence[Dose], at: Instant) -> int:
    """Doses that started within the 24 h before `at`; exactly 24 h ago is outside."""
    return sum(dose.start > at - _DAY_H * HOUR for dose in doses)


def next_eligible(doses: Sequence[Dose], policy: Policy) -> Instant | None:
    """First instant at which interval and 24 h count allow a further dose of those in order.

    None: no dose yet, or none left.
    """
    if not doses or len(doses) >= most_doses(policy):
        return None
    after_interval = doses[-1].start + policy.toci_min_interval_h * HOUR
    if len(doses) < policy.toci_max_24h:
        return after_interval
    return max(after_interval, doses[-policy.toci_max_24h].start + _DAY_H * HOUR)


def is_allowed(doses: Sequence[Dose], policy: Policy, at: Instant) -> bool:
    """Whether count and interval allow a dose at `at` (inclusive)."""
    due = next_eligible(doses, policy)
    return not doses if due is None else due <= at


def doses_with_uncertain(course: Course) -> tuple[Dose, ...]:
    """Doses as if those of uncertain status had been given."""
    return merge_doses(_intravenous(course), course.policy.dose_merge_h * HOUR)


def ledger(course: Course) -> TocilizumabLedger:
    """Intravenous tocilizumab since the first infusion of the course, prophylactic doses included.

    A dose without a charted route counts as intravenous. `next_at` may lie in the past: allowed
    since then.
    """
    policy = course.policy
    certain = (dose for dose in _intravenous(course) if dose.status is not DoseStatus.UNCERTAIN)
    doses = merge_doses(certain, policy.dose_merge_h * HOUR)
    return TocilizumabLedger(
        doses=doses,
        in_24h=count_in_24h(doses, course.now),
        at_least=not _read_back(course),
        next_at=next_eligible(doses, policy),
        remaining=max(0, most_doses(policy) - len(doses)),
        uncertain=len(doses_with_uncertain(course)) - len(doses),
    )


def _intravenous(course: Course) -> tuple[Dose, ...]:
    start = _course_start(course)
    return tuple(
        dose
        for dose in course.snapshot.doses
        if dose.drug == TOCILIZUMAB
        and dose.systemic
        and dose.intravenous is not False
        and dose.start >= start
    )


def _course_start(course: Course) -> Instant:
    return course.now if course.infusion is None else course.infusion.course_t0


def _read_back(course: Course) -> bool:
    if not course.policy.administrations_published:
        return False
    return course.snapshot.reach.doses <= _course_start(course)
