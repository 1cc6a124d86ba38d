"""Which records make one infusion and one course (READ-9); whether the patient is graded."""

from __future__ import annotations

from collections.abc import Sequence

from grading.knowledge import Policy
from grading.model import (
    DAY,
    HOUR,
    Infusion,
    InfusionRecord,
    Instant,
    Note,
    Scope,
    Snapshot,
)


def _groups(records: Sequence[InfusionRecord], span: Instant) -> list[list[InfusionRecord]]:
    """Records by time, cut where one starts more than `span` after the first of its group."""
    groups: list[list[InfusionRecord]] = []
    for record in sorted(records, key=lambda item: (item.t, item.ref)):
        if groups and record.t - groups[-1][0].t <= span:
            groups[-1].append(record)
        else:
            groups.append([record])
    return groups


def _merge(group: Sequence[InfusionRecord]) -> InfusionRecord:
    """One infusion of its records: a time beats a date, a named product an unnamed one."""
    timed = [record for record in group if not record.date_only] or group
    named = sorted({record.product for record in group if record.product})
    product = named[0] if len(named) == 1 else None
    return InfusionRecord(
        min(record.t for record in timed),
        timed[0].date_only,
        product,
        " ".join(sorted({record.ref for record in group})),
    )


def infusions(snapshot: Snapshot, policy: Policy) -> tuple[InfusionRecord, ...]:
    """All infusions up to `now`, oldest first, each merged of its records; `ref` joins theirs."""
    records = [record for record in snapshot.infusions if record.t <= snapshot.now]
    return tuple(_merge(group) for group in _groups(records, policy.infusion_merge_h * HOUR))


def current_infusion(snapshot: Snapshot, policy: Policy) -> Infusion | None:
    """The latest infusion with its course and day; None: none is charted.

    Infusions at most `course_gap_d` apart (inclusive) are one course.
    """
    found = infusions(snapshot, policy)
    if not found:
        return None
    first = last = found[-1]
    for earlier in reversed(found[:-1]):
        if first.t - earlier.t > policy.course_gap_d * DAY:
            break
        first = earlier
    records = [record for record in snapshot.infusions if record.ref in last.ref.split(" ")]
    conflict = len({record.product for record in records if record.product}) > 1
    return Infusion(
        t0=last.t,
        course_t0=first.t,
        product=last.product,
        day=(snapshot.now - last.t) // DAY,
        date_only=last.date_only,
        refs=tuple(last.ref.split(" ")),
        notes=(Note.PRODUCT_CONFLICT,) if conflict else (),
    )


def scope(snapshot: Snapshot, infusion: Infusion | None, policy: Policy) -> Scope:
    """Whether the patient is graded now (SCOPE-1 to SCOPE-3); day `scope_max_day` is still in."""
    if snapshot.deceased:
        return Scope.DECEASED
    if infusion is not None and infusion.day <= policy.scope_max_day:
        return Scope.IN
    if snapshot.reach.infusion > snapshot.now - (policy.scope_max_day + 1) * DAY:
        return Scope.UNKNOWN
    return Scope.NO_INFUSION
