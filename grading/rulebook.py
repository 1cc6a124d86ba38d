"""Binds every management rule to its condition, by id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from grading.knowledge import KnowledgeError
from grading.model import Rule
from grading.situation import Situation

Predicate = Callable[[Situation], bool | None]
"""Whether a rule holds; None: cannot be told, so that the rule is shown as text only (READ-14)."""

PREDICATES: dict[str, Predicate] = {}


class Bound(NamedTuple):
    """An active rule with its condition."""

    rule: Rule
    holds: Predicate


def applies(rule_id: str) -> Callable[[Predicate], Predicate]:
    """Bind the decorated condition to a rule of `knowledge/management.toml`."""

    def bind(predicate: Predicate) -> Predicate:
        PREDICATES[rule_id] = predicate
        return predicate

    return bind


def bind_rules(rules: Mapping[str, Rule], predicates: Mapping[str, Predicate]) -> tuple[Bound, ...]:
    """Every active rule with its condition, in file order.

    Raises:
        KnowledgeError: an active rule has no condition, or a condition no active rule.
    """
    active = [rule for rule in rules.values() if rule.status == "active"]
    if differing := sorted({rule.id for rule in active} ^ predicates.keys()):
        raise KnowledgeError(f"management.toml: rules and conditions that differ: {differing}")
    return tuple(Bound(rule, predicates[rule.id]) for rule in active)
