"""Reader of the orders that go with a sentence of care."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from grading.knowledge.errors import KnowledgeError
from grading.knowledge.rules import check_keys

_NEEDED = frozenset({"rules", "covers_h"})
_OPTIONS = frozenset({"febrile", "drug", "regimen", "labs", "unread"})


@dataclass(frozen=True, slots=True)
class CareOrderRow:
    """A row of `care_orders.toml`; the words are explained there."""

    item: str
    rules: tuple[str, ...]
    covers_h: int
    febrile: bool = False
    drug: str = ""
    regimen: str = ""
    labs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unread: tuple[str, ...] = ()


def read_care_orders(
    data: Mapping[str, Mapping[str, Any]], rules: Collection[str], regimens: Collection[str]
) -> dict[str, CareOrderRow]:
    """The rows by item, in file order.

    Raises:
        KnowledgeError: a row has unknown or missing keys, or names an unknown rule or regimen.
    """
    return {item: _row(item, row, rules, regimens) for item, row in data.items()}


def _row(
    item: str, row: Mapping[str, Any], rules: Collection[str], regimens: Collection[str]
) -> CareOrderRow:
    where = f"care_orders.toml: {item}"
    check_keys(where, row, _NEEDED, _OPTIONS)
    regimen = row.get("regimen")
    if unknown := [*(set(row["rules"]) - set(rules)), *({regimen} - {None, *regimens})]:
        raise KnowledgeError(f"{where}: no such rule or regimen {sorted(unknown)}")
    lists = {name: tuple(row[name]) for name in ("rules", "unread") if name in row}
    labs = {name: tuple(results) for name, results in row.get("labs", {}).items()}
    return CareOrderRow(item=item, **{**row, **lists, "labs": labs})
