"""Active orders that sedate or lower the seizure threshold, and which may be offered to stop.

On patient-view the reason of an order is not known. So a stop is never offered for what may be
needed for seizure control, agitation or infection, nor for what can harm when it ends suddenly
(MGMT-ICANS-2, OT-CNS-2 to OT-CNS-6).
"""

from __future__ import annotations

from collections.abc import Iterable

from grading.dedup import are_orders_read
from grading.model import Advice, Order
from grading.sedating import (
    AGITATION_CARE,
    ANTIBACTERIALS,
    ANTISEIZURE,
    SEDATING_ANTISEIZURE,
    SEIZURE_CARE,
    VENTILATION_CARE,
    WITHDRAWAL,
    is_ventilated,
    tier,
)
from grading.situation import Situation

_NEVER = SEIZURE_CARE | AGITATION_CARE | ANTIBACTERIALS | ANTISEIZURE | SEDATING_ANTISEIZURE


def sedating_orders(s: Situation) -> tuple[Order, ...]:
    """Orders in the chart of a drug of 7.4 that speaks at this grade, by drug and reference.

    Antiseizure drugs never speak (OT-CNS-5); those that only sedate as well do. An order on hold is
    not active.
    """
    found = (
        item
        for item in s.course.snapshot.orders
        if item.key not in ANTISEIZURE
        and not item.on_hold
        and tier(item.key, s.icans_lo, systemic=item.systemic, intravenous=item.intravenous)
    )
    return tuple(sorted(found, key=lambda item: (item.key, item.ref)))


def stops(s: Situation) -> tuple[Order, ...]:
    """Of those, active orders whose stop may be offered, each order once.

    An order with several ingredients only if each of them may be stopped.
    """
    orders = s.course.snapshot.orders
    kept = {item.ref for item in orders if item.draft or not item.ref or is_protected(s, item)}
    found = {item.ref: item for item in sedating_orders(s) if item.ref not in kept}
    return tuple(found.values())


def is_protected(s: Situation, order: Order) -> bool:
    """Whether a stop of it is never offered."""
    drug = order.key
    if drug in _NEVER or (drug in VENTILATION_CARE and is_ventilated(s)):
        return True
    return drug in WITHDRAWAL and _is_long_term(s, order)


def _is_long_term(s: Situation, order: Order) -> bool:
    """Ordered or given before the first infusion, or not known to be newer."""
    if order.t is None or order.t < s.start or not are_orders_read(s):
        return True
    given = s.course.chart.counted
    return any(dose.drug == order.key and dose.start < s.start for dose in given)


def remarks(s: Situation) -> tuple[str, ...]:
    """Which drugs are active, and for which of them no stop is offered, and why."""
    orders = sedating_orders(s)
    kept = [item for item in orders if is_protected(s, item)]
    groups = {
        Advice.SEDATING_ACTIVE: orders,
        Advice.ANTIBACTERIALS: [item for item in kept if item.key in ANTIBACTERIALS],
        Advice.NOT_STOPPED: [item for item in kept if item.key not in ANTIBACTERIALS],
    }
    return tuple(f"{key}:{_names(found)}" for key, found in groups.items() if found)


def _names(orders: Iterable[Order]) -> str:
    return ", ".join(dict.fromkeys(item.key for item in orders))
