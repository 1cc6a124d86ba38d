"""Tocilizumab by weight: which weight counts and what dose it makes (DOSE-TOCI, READ-3, READ-4)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from grading.age import could_be_younger
from grading.knowledge import Policy
from grading.model import DAY, MINUTE, Instant, Measured, Snapshot

MEASURED = "measured"
"""`Measured.detail` of a weight that was measured, not stated (LOINC 3141-9)."""

_INFANT_AGE_Y = 2
_FRESH_D = 7
_FRESH_INFANT_D = 3
_PERCENT = Decimal(100)


class Weighing(NamedTuple):
    """The weight in kg that a dose rests on; None: no accepted one is recent enough.

    `other`: the one that disagrees with it, shown beside it. `stale`: older than expected (IN-10).
    """

    used: Measured | None
    other: Measured | None = None
    stale: bool = False


def tocilizumab_mg(weight_kg: Decimal, policy: Policy) -> Decimal:
    """Dose in whole mg, half up: the higher mg/kg below the weight break (exclusive), capped."""
    heavy = weight_kg >= policy.toci_weight_break_kg
    mg_per_kg = policy.toci_mgkg_ge30 if heavy else policy.toci_mgkg_lt30
    dose = min(mg_per_kg * weight_kg, policy.toci_max_mg)
    return dose.quantize(Decimal(1), ROUND_HALF_UP)


def is_capped(weight_kg: Decimal, policy: Policy) -> bool:
    """Whether the dose by weight would be above the highest single dose."""
    return policy.toci_mgkg_ge30 * weight_kg > policy.toci_max_mg


def weigh(snapshot: Snapshot, policy: Policy) -> Weighing:
    """The latest weight within `weight_max_age_d` (inclusive; shorter for infants).

    In the same minute a measured weight goes before a stated one, then the one with the lower dose.
    """
    recent = _recent(snapshot, policy)
    fresh_d = _FRESH_INFANT_D if _is_infant(snapshot) else _FRESH_D
    if not recent:
        return Weighing(None)

    def order(item: Measured) -> tuple[Instant, bool, Decimal, str]:
        dose = tocilizumab_mg(item.value, policy)
        return (-(item.t // MINUTE), item.detail != MEASURED, dose, item.ref)

    used, *rest = sorted(recent, key=order)
    stale = snapshot.now - used.t > fresh_d * DAY
    return Weighing(used, _disagreeing(used, rest, policy), stale)


def lowest_weight(snapshot: Snapshot, policy: Policy, since: Instant | None) -> Decimal | None:
    """The lowest kg that what was ordered or given at `since` may rest on; None: none is known.

    Of those charted from then on, the last one before it, and the latest: the weight of the next
    day makes no right dose wrong. One that jumps by more than `weight_jump_pct` off the latest does
    not count. `since` None: the latest.
    """
    used = weigh(snapshot, policy).used
    if used is None or since is None:
        return None if used is None else used.value
    recent = _recent(snapshot, policy)
    before = max((item.t for item in recent if item.t <= since), default=since)
    kept = (item.value for item in recent if item.t >= before)
    return min(
        (kg for kg in kept if abs(used.value - kg) * _PERCENT <= policy.weight_jump_pct * kg),
        default=used.value,
    )


def _is_infant(snapshot: Snapshot) -> bool:
    return could_be_younger(snapshot.birth, _INFANT_AGE_Y, snapshot.now)


def _recent(snapshot: Snapshot, policy: Policy) -> Sequence[Measured]:
    """The weights of the last `weight_max_age_d` (inclusive; shorter for infants)."""
    infant = _is_infant(snapshot)
    max_age_d = policy.weight_max_age_infant_d if infant else policy.weight_max_age_d
    return [item for item in snapshot.weights if snapshot.now - item.t <= max_age_d * DAY]


def _disagreeing(used: Measured, rest: Sequence[Measured], policy: Policy) -> Measured | None:
    """Another weight of the same minute, or the one before if it is off by more than the limit."""
    minute = used.t // MINUTE
    for item in rest:
        if item.t // MINUTE == minute:
            if item.value != used.value:
                return item
            continue
        jump = abs(used.value - item.value) * _PERCENT
        return item if jump > policy.weight_jump_pct * item.value else None
    return None
