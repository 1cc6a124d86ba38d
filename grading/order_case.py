"""One draft order beside the chart and the other drafts of the same call."""

from __future__ import annotations

from collections.abc import Collection

from grading.dedup import are_orders_read, orders_of, was_ordered_before
from grading.model import HOUR, Missing, Order
from grading.order_model import Draft, OrderNote
from grading.situation import Situation

CRS = "crs"
ICANS = "icans"


class OrderCase:
    """What the conditions of the order rules ask about one draft.

    `crs` and `icans` are the grades that a condition reads: the lower bounds, and for a syndrome in
    `soft` the upper bound (OT-0b).
    """

    def __init__(
        self,
        s: Situation,
        drafts: Collection[Draft],
        draft: Draft,
        soft: frozenset[str] = frozenset(),
    ) -> None:
        """Look at `draft`, one of `drafts`."""
        self.s = s
        self.draft = draft
        self.drafts = drafts
        self.soft = soft
        self.crs = s.crs_hi if CRS in soft else s.crs_lo
        self.icans = s.icans_hi if ICANS in soft else s.icans_lo

    # --- the draft -------------------------------------------------------------------------------

    def names(self, drugs: Collection[str]) -> tuple[str, ...]:
        """The ingredients of the draft that are among `drugs`."""
        return tuple(name for name in self.draft.ingredients if name in drugs)

    def orders(self, drugs: Collection[str]) -> bool:
        """Whether the draft orders one of `drugs` in a systemic form."""
        return self.draft.systemic and bool(self.names(drugs))

    # --- what is there beside it -----------------------------------------------------------------

    @property
    def refs(self) -> frozenset[str]:
        """References of the drafts of this call; an order in the chart may be one of them."""
        return frozenset(draft.ref for draft in self.drafts)

    def active(self, drugs: Collection[str]) -> tuple[Order, ...]:
        """Active systemic orders of `drugs` in the chart that are not among the drafts."""
        found = orders_of(self.s, drugs)
        return tuple(item for item in found if not item.draft and item.ref not in self.refs)

    def drafted(self, drugs: Collection[str]) -> tuple[Draft, ...]:
        """The other drafts of the call that order one of `drugs` in a systemic form."""
        return tuple(
            item
            for item in self.drafts
            if item is not self.draft
            and not (item.stops or item.idle)
            and item.systemic
            and any(name in drugs for name in item.ingredients)
        )

    def is_given(self, drugs: frozenset[str]) -> bool:
        """Whether one of `drugs` was given within `steroid_companion_h` (inclusive)."""
        since = self.s.now - self.s.policy.steroid_companion_h * HOUR
        return any(dose.start >= since for dose in self.s.course.given(drugs))

    def is_there(self, drugs: frozenset[str]) -> bool:
        """Whether one of `drugs` is active, drafted in the same context, or was just given."""
        return bool(self.active(drugs) or self.drafted(drugs)) or self.is_given(drugs)

    def was_active_before(self, drug: str) -> bool:
        """Whether `drug` was ordered, scheduled or given before the first infusion."""
        start = self.s.start
        if was_ordered_before(self.s, drug, start):
            return True
        if self.draft.start is not None and self.draft.start < start:
            return True
        given = self.s.course.chart.counted
        return any(dose.drug == drug and dose.start < start for dose in given)

    # --- what was read ---------------------------------------------------------------------------

    @property
    def unread(self) -> tuple[str, ...]:
        """A note where active orders were not read, so that none found does not mean none."""
        return () if are_orders_read(self.s) else (OrderNote.ORDERS_NOT_READ,)

    @property
    def unread_doses(self) -> tuple[str, ...]:
        """The missing input where administrations of the last `steroid_companion_h` were unread."""
        since = self.s.now - self.s.policy.steroid_companion_h * HOUR
        return (Missing.ADMINISTRATIONS,) if self.s.doses_from > since else ()
