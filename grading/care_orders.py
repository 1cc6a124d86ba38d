"""Orders that go with a sentence of care: on offer, or there already (GEN-DEDUP)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from grading.claims import Fired
from grading.dedup import Found, first_found, orders_of, study_found
from grading.knowledge import KNOWLEDGE
from grading.knowledge.care_orders import CareOrderRow
from grading.model import HOUR, LAB, CareOrder, DrugPlan, Instant, Offer
from grading.situation import Situation


def care_orders(s: Situation, fired: Sequence[Fired]) -> Mapping[str, tuple[CareOrder, ...]]:
    """By rule id, what goes with each rule that fired; every item once."""
    rules = {item.rule.id for item in fired}
    found: dict[str, list[CareOrder]] = {}
    for row in KNOWLEDGE.care_orders.values():
        rule = next((name for name in row.rules if name in rules), None)
        if rule is not None and _is_due(s, row):
            found.setdefault(rule, []).append(_order(s, row))
    return {rule: tuple(orders) for rule, orders in found.items()}


def _is_due(s: Situation, row: CareOrderRow) -> bool:
    if row.febrile and not s.fever_run:
        return False
    return not row.regimen or s.prints_flat_dose


def _order(s: Situation, row: CareOrderRow) -> CareOrder:
    found = first_found(s, frozenset({row.drug}), row.covers_h) if row.drug else _test(s, row)
    if found is not None:
        return CareOrder(row.item, Offer.ALREADY, already=found.order, already_at=found.at)
    there = _labs_there(s, row)
    if row.labs and not set(row.labs) - set(row.unread) - there.keys():
        return CareOrder(row.item, Offer.ALREADY, already_at=max(there.values()))
    plan = None
    if row.regimen:
        steps = KNOWLEDGE.regimens[row.regimen].steps
        plan = DrugPlan(row.drug, row.regimen, steps[0].mg)
    labs = tuple(name for name in row.labs if name not in there)
    return CareOrder(row.item, Offer.SUGGEST, labs=labs, labs_there=tuple(there), drug=plan)


def _test(s: Situation, row: CareOrderRow) -> Found | None:
    return study_found(s, row.item, row.covers_h)


def _labs_there(s: Situation, row: CareOrderRow) -> Mapping[str, Instant]:
    """The tests of a set that resulted or were ordered within `covers_h`, with the time."""
    since = s.now - row.covers_h * HOUR
    times = {name: _latest(s, name, results) for name, results in row.labs.items()}
    return {name: t for name, t in times.items() if t is not None and t >= since}


def _latest(s: Situation, lab: str, results: Iterable[str]) -> Instant | None:
    """When a test last resulted or was ordered; an order without a time is of now."""
    labs = s.course.snapshot.labs
    times = [item.t for result in results for item in labs.get(result, ())]
    ordered = orders_of(s, {f"{LAB}{lab}"})
    times += [s.now if item.t is None else item.t for item in ordered]
    return max(times, default=None)


def items(orders: Collection[CareOrder], offer: Offer) -> tuple[CareOrder, ...]:
    """Those with an offer, in order."""
    return tuple(item for item in orders if item.offer is offer)
