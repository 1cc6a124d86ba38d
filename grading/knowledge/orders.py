"""Reader of the order rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from grading.knowledge.errors import KnowledgeError
from grading.knowledge.rules import as_word, check_keys, check_status, check_switch
from grading.knowledge.tables import check_cites
from grading.model import Citation, Urgency
from grading.order_model import Family, OrderRule

_RULE_KEYS = frozenset({"id", "family", "when", "says", "indicator", "cites", "status"})
_RULE_OPTIONS = frozenset({"switch"})


class Principle(NamedTuple):
    """How every order rule is read: OT-0 to OT-0c, which have no condition of their own."""

    id: str
    says: str
    cites: tuple[str, ...]


def read_principles(
    data: Mapping[str, Any], sources: Mapping[str, Citation]
) -> dict[str, Principle]:
    """The general rules by id, in file order.

    Raises:
        KnowledgeError: one has unknown or missing keys or an unknown source.
    """
    found: dict[str, Principle] = {}
    for row in data["general"]:
        where = _where(row)
        check_keys(where, row, frozenset(Principle._fields), frozenset())
        check_cites(where, row["cites"], sources)
        found[row["id"]] = Principle(row["id"], row["says"], tuple(row["cites"]))
    return found


def read_order_rules(
    data: Mapping[str, Any], sources: Mapping[str, Citation]
) -> dict[str, OrderRule]:
    """The order rules by id, in file order.

    Raises:
        KnowledgeError: a rule has unknown or missing keys, stands twice, uses a word outside its
            list, or names an unknown source. Only an unverified rule may cite nothing, and only
            such a one may have a switch.
    """
    rules: dict[str, OrderRule] = {}
    for row in data["rule"]:
        rule = _rule(_where(row), row, sources)
        if rule.id in rules:
            raise KnowledgeError(f"orders.toml: {rule.id} stands twice")
        rules[rule.id] = rule
    return rules


def _where(row: Mapping[str, Any]) -> str:
    return f"orders.toml: {row.get('id', 'a rule without id')}"


def _rule(where: str, row: Mapping[str, Any], sources: Mapping[str, Citation]) -> OrderRule:
    check_keys(where, row, _RULE_KEYS, _RULE_OPTIONS)
    check_status(where, row, sources)
    check_switch(where, row)
    words = {
        "family": as_word(where, Family, row["family"]),
        "indicator": as_word(where, Urgency, row["indicator"]),
        "cites": tuple(row["cites"]),
    }
    return OrderRule(**{**row, **words})
