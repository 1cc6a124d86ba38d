"""What is already ordered, drafted, given or done (GEN-DEDUP)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from grading.knowledge import KNOWLEDGE
from grading.ledger import TOCILIZUMAB
from grading.model import ALWAYS, HOUR, Advice, Instant, Order, Study, StudyKind
from grading.situation import Situation

ANTISEIZURE = KNOWLEDGE.drugs["antiseizure"]
BRAIN_IMAGING = (StudyKind.MRI_BRAIN, StudyKind.CT_HEAD)


class Found(NamedTuple):
    """What is there already: an order, or the time of a dose or test without one."""

    order: Order | None
    at: Instant | None


def orders_of(s: Situation, keys: Collection[str]) -> tuple[Order, ...]:
    """Active and drafted systemic orders of `keys`, newest first; undated ones last.

    One that is on hold is not active: it stands for nothing.
    """
    return tuple(item for item in _charted(s, keys) if not item.on_hold)


def on_hold(s: Situation, keys: Collection[str]) -> tuple[str, ...]:
    """A remark on the newest order of `keys` that is on hold; empty: there is none."""
    held = _first(_charted(s, keys), lambda item: item.on_hold)
    if held is None:
        return ()
    return (Advice.ORDER_ON_HOLD if held.t is None else f"{Advice.ORDER_ON_HOLD}:{held.t}",)


def was_ordered_before(s: Situation, drug: str, at: Instant) -> bool:
    """Whether an order of `drug`, no draft, is older than `at`; one that is on hold now too."""
    found = (item for item in _charted(s, {drug}) if not item.draft)
    return any(item.t is not None and item.t < at for item in found)


def _charted(s: Situation, keys: Collection[str]) -> tuple[Order, ...]:
    found = (item for item in s.course.snapshot.orders if item.key in keys and item.systemic)
    return tuple(sorted(found, key=lambda item: (item.t is None, -(item.t or 0), item.ref)))


def _first(orders: Collection[Order], holds: Callable[[Order], bool]) -> Order | None:
    return next((item for item in orders if holds(item)), None)


def tocilizumab_order(
    s: Situation, besides: Collection[str] = (), *, drafts: bool = True
) -> Order | None:
    """The newest intravenous tocilizumab order that still stands for a dose to come.

    A single dose ordered before the last one was given is taken as given. `besides`: references of
    orders that are not meant; `drafts`: whether one that is only drafted is.
    """
    last = s.ledger.doses[-1].start if s.ledger.doses else None

    def is_open(item: Order) -> bool:
        if item.intravenous is False or item.ref in besides or (item.draft and not drafts):
            return False
        if last is None or item.t is None or item.every_h is not None:
            return True
        return item.t > last

    return _first(orders_of(s, {TOCILIZUMAB}), is_open)


def is_tocilizumab_there(s: Situation) -> bool:
    """Whether tocilizumab of any form was given in the course or is ordered (MGMT-ICANS-G1C)."""
    return s.tocilizumab_given or bool(orders_of(s, {TOCILIZUMAB}))


def first_found(s: Situation, drugs: frozenset[str], within_h: int) -> Found | None:
    """The newest order of `drugs`, else the last dose given within `within_h` (inclusive)."""
    orders = orders_of(s, drugs)
    if orders:
        return Found(orders[0], orders[0].t)
    given = s.course.given(drugs)
    recent = bool(given) and given[-1].start >= s.now - within_h * HOUR
    return Found(None, given[-1].start) if recent else None


def is_started(s: Situation, drugs: frozenset[str], within_h: int) -> bool:
    """Whether one of `drugs` is ordered, not only drafted, or was given within `within_h`."""
    if any(not order.draft for order in orders_of(s, drugs)):
        return True
    given = s.course.given(drugs)
    return bool(given) and given[-1].start >= s.now - within_h * HOUR


def antiseizure_drug(s: Situation) -> Found | None:
    """An active maintenance antiseizure drug, ordered or given within its interval (SZ-6)."""
    return first_found(s, ANTISEIZURE, KNOWLEDGE.regimens["lev"].covers_h)


def brain_imaging(s: Situation) -> Found | None:
    """Brain MRI or head CT done or ordered within `imaging_recent_h` (inclusive)."""
    return _test(s, BRAIN_IMAGING, s.policy.imaging_recent_h)


def eeg(s: Situation) -> Found | None:
    """EEG done or ordered within `eeg_recent_h` (inclusive)."""
    return _test(s, (StudyKind.EEG,), s.policy.eeg_recent_h)


def lumbar_puncture(s: Situation) -> Found | None:
    """Lumbar puncture done or ordered within `imaging_recent_h` (inclusive)."""
    return _test(s, (StudyKind.LUMBAR_PUNCTURE,), s.policy.imaging_recent_h)


def study_found(s: Situation, kind: str, within_h: int) -> Found | None:
    """A test or consult of a `StudyKind` done or ordered within `within_h` (inclusive)."""
    return _test(s, (StudyKind(kind),), within_h)


def _test(s: Situation, kinds: Collection[StudyKind], within_h: int) -> Found | None:
    """The latest test of `kinds`, else the newest order; an undated order counts."""
    since = s.now - within_h * HOUR
    done: list[Study] = [
        item for item in s.course.snapshot.studies if item.kind in kinds and item.t >= since
    ]
    if done:
        return Found(None, max(item.t for item in done))
    order = _first(orders_of(s, kinds), lambda item: item.t is None or item.t >= since)
    return Found(order, order.t) if order else None


def are_tests_read(s: Situation, within_h: int) -> bool:
    """Whether reports and test orders were read back for `within_h`."""
    reach = s.course.snapshot.reach
    return max(reach.reports, reach.test_orders) <= s.now - within_h * HOUR


def are_orders_read(s: Situation) -> bool:
    """Whether every active medication order was read."""
    return s.course.snapshot.reach.medication_orders == ALWAYS
