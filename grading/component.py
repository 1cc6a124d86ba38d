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
        return Basis(
            self.row.id, self.row.axis, self.row.text, met, self.evidence, self.lo, self.hi
        )


def of_row(row: Criterion, evidence: Iterable[Evidence] = ()) -> Component:
    """The component that is exactly its row."""
    return Component(row, row.lo, row.hi, tuple(evidence), row.missing)


def worst(components: Iterable[Component]) -> Component:
    """Several rows at once: the one with the higher lo names it, the higher hi bounds it.

    What is missing of every row that could be more than that lo is missing of the whole; the notes
    of every row that is not exact are said.
    """
    found = sorted(components, key=lambda item: (item.lo, item.hi, item.row.finding), reverse=True)
    top = found[0]
    vague = [item for item in found[1:] if item.hi > item.lo]
    missing = [key for item in vague if item.hi > top.lo for key in item.missing]
    notes = [note for item in vague for note in item.notes]
    return top._replace(
        hi=max(item.hi for item in found),
        missing=tuple(dict.fromkeys((*top.missing, *missing))),
        notes=tuple(dict.fromkeys((*top.notes, *notes))),
    )


def flagged(flags: Iterable[str], *more: str) -> tuple[str, ...]:
    """Remarks of a value: the mapping's flags, then what the rule adds."""
    return tuple(dict.fromkeys([*flags, *more]))


def age_remark(age_ms: int, fresh_ms: int) -> tuple[str, ...]:
    """`stale` where a value is older than its expected interval (exclusive)."""
    return (Remark.STALE,) if age_ms > fresh_ms else ()
