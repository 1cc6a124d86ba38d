"""Vasopressors: which run, and which may run without being charted so (DEF-5, DEF-6, READ-7)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from grading.chart import DRUGS, Chart
from grading.component import flagged
from grading.findings import Hypotension
from grading.infused import AMBIGUOUS_ROUTE, OTHER_ROUTES
from grading.model import HOUR, Dose, Evidence, Instant, Label, Order, Remark
from grading.runs import Run, lasts_to

_EXEMPT = DRUGS["vasopressor-exempt"]
_PRESSORS = DRUGS["vasopressor"]


def active_runs(chart: Chart, at: Instant, *, trailing: bool) -> tuple[Run, ...]:
    """Vasopressor runs that count at `at`; without `trailing` none charted as stopped."""
    return tuple(
        run
        for run in chart.pressor_runs.active(at, chart.policy.support_window_h)
        if trailing or not (run.stopped and run.end is not None and run.end <= at)
    )


def finding_of(runs: Sequence[Run], at: Instant, window: Instant) -> Hypotension | None:
    """What the running vasopressors come to; None: none runs (CRS-P2 to P4, DEF-6)."""
    if not runs:
        return None
    counted = [run for run in runs if run.drug not in _EXEMPT]
    if not counted:
        return Hypotension.VASOPRESSIN_ALONE
    if len({run.drug for run in counted}) == 1:
        return Hypotension.ONE
    together = any(
        one.drug != other.drug and _overlap(one, other, at - window, at) > 0
        for one, other in combinations(counted, 2)
    )
    return Hypotension.MULTIPLE if together else Hypotension.ONE


def _overlap(one: Run, other: Run, start: Instant, end: Instant) -> Instant:
    stop = end if other.end is None else min(other.end, end)
    return one.overlap(max(start, other.start), stop)


def finding_of_names(names: set[str]) -> Hypotension:
    """The finding if all of `names` ran together (CRS-P7)."""
    counted = names - _EXEMPT
    if not counted:
        return Hypotension.VASOPRESSIN_ALONE
    return Hypotension.ONE if len(counted) == 1 else Hypotension.MULTIPLE


def possible(chart: Chart, at: Instant) -> tuple[tuple[Dose, ...], tuple[Order, ...]]:
    """Vasopressors that may run without being charted so: uncertain, boluses, active orders."""
    found = chart.possible_pressors.active(at, chart.policy.support_window_h)
    doses = tuple(dose for run in found for dose in run.doses)
    if at != chart.now:
        return doses, ()
    orders = (order for order in chart.snapshot.orders if _counts(order))
    return doses, tuple(order for order in orders if not _is_seen(chart, order, at))


def _is_seen(chart: Chart, order: Order, at: Instant) -> bool:
    """Whether the ordered drug was lately given, not before its order (CRS-P7)."""
    since = at - chart.policy.mask_window_h * HOUR
    if order.t is not None:
        since = max(since, order.t)
    return any(
        dose.drug == order.key and dose.systemic and lasts_to(dose, at) >= since
        for dose in chart.all_doses
    )


def _counts(order: Order) -> bool:
    """Whether it is an active order of a vasopressor; not so a draft, or one on hold (CRS-P7)."""
    if order.key not in _PRESSORS or order.draft or order.on_hold or not order.systemic:
        return False
    if order.intravenous is False:
        return order.key not in OTHER_ROUTES
    return bool(order.intravenous) or order.key not in AMBIGUOUS_ROUTE


def run_row(run: Run, at: Instant) -> Evidence:
    """A running vasopressor as a basis table shows it."""
    dose = run.doses[-1]
    ended = run.stopped and run.end is not None and run.end <= at
    notes = flagged(dose.flags, *((f"{Remark.STOPPED}:{run.end}",) if ended else ()))
    return Evidence(Label.VASOPRESSOR, run.drug, "", run.start, dose.ref, notes)


def possible_rows(doses: Sequence[Dose], orders: Sequence[Order]) -> tuple[Evidence, ...]:
    """Vasopressors that may run as a basis table shows them."""
    given = tuple(
        Evidence(Label.VASOPRESSOR_ORDERED, dose.drug, "", dose.start, dose.ref, dose.flags)
        for dose in doses
    )
    ordered = tuple(
        Evidence(Label.VASOPRESSOR_ORDERED, order.key, "", order.t, order.ref)
        for order in sorted(orders, key=lambda item: (item.key, item.ref))
    )
    return given + ordered
