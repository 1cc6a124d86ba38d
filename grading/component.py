"""What one axis of a grading table came to at one instant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from grading.model import Basis, Criterion, Evidence, Remark


class Component(NamedTuple):
    """The row that held on one axis, its bounds, and what it rests on.

    The evidence is that of the chart's own instant: at earlier points nothing shows it.
    `hi_missing` names what widens the range beyond the row itself.
    """

    row: Criterion
    lo: int
    hi: int
    evidence: tuple[Evidence, ...] = ()
    missing: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    extra_rules: tuple[str, ...] = ()

    def basis(self) -> Basis:
        """The line of the basis table."""
        met = True if self.lo > 0 else (False if self.hi == 0 else None)
        return Basis(self.row.id, self.row.axis, self.row.text, met, self.evidence)


def of_row(row: Criterion, evidence: Iterable[Evidence] = ()) -> Component:
    """The component that is exactly its row."""
    return Component(row, row.lo, row.hi, tuple(evidence), row.missing)


def worst(components: Iterable[Component]) -> Component:
    """Several rows at once: the one with the higher lo names it, the higher hi bounds it."""
    found = sorted(components, key=lambda item: (item.lo, item.hi, item.row.finding))
    top = found[-1]
    return top._replace(hi=max(item.hi for item in found))


def flagged(flags: Iterable[str], *more: str) -> tuple[str, ...]:
    """Remarks of a value: the mapping's flags, then what the rule adds."""
    return tuple(dict.fromkeys([*flags, *more]))


def age_remark(age_ms: int, fresh_ms: int) -> tuple[str, ...]:
    """`stale` where a value is older than its expected interval (exclusive)."""
    return (Remark.STALE,) if age_ms > fresh_ms else ()
