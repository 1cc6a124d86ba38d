"""Binds every management rule to its condition, by id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from grading.knowledge import KnowledgeError, Policy
from grading.knowledge.policy import SWITCHES
from grading.model import Rule
from grading.order_model import OrderRule
from grading.situation import Situation

Predicate = Callable[[Situation], bool | None]
"""Whether a rule holds; None: cannot be told, so that the rule is shown as text only (READ-14)."""

PREDICATES: dict[str, Predicate] = {}
UNVERIFIED = "Unverified, turned on by this site: "
"""Goes before the words of a rule that is off until a site turns it on (0.5)."""


class Bound(NamedTuple):
    """A rule that may fire, with its condition."""

    rule: Rule
    holds: Predicate


def applies(rule_id: str) -> Callable[[Predicate], Predicate]:
    """Bind the decorated condition to a rule of `knowledge/management.toml`."""

    def bind(predicate: Predicate) -> Predicate:
        PREDICATES[rule_id] = predicate
        return predicate

    return bind


def bind_rules(rules: Mapping[str, Rule], predicates: Mapping[str, Predicate]) -> tuple[Bound, ...]:
    """Every rule that is active, or that a switch turns on, with its condition, in file order.

    Raises:
        KnowledgeError: such a rule has no condition, a condition has no such rule, or the switch is
            none of the policy.
    """
    bound = [rule for rule in rules.values() if rule.status == "active" or rule.switch]
    if differing := sorted({rule.id for rule in bound} ^ predicates.keys()):
        raise KnowledgeError(f"management.toml: rules and conditions that differ: {differing}")
    if unknown := sorted({rule.switch for rule in bound} - {"", *SWITCHES}):
        raise KnowledgeError(f"management.toml: no such switch of the policy: {unknown}")
    return tuple(Bound(rule, predicates[rule.id]) for rule in bound)


def words_of(rule: Rule) -> str:
    """What a rule says; of one that a site turned on, that it did."""
    return f"{UNVERIFIED}{rule.says}" if rule.switch else rule.says


def is_on(rule: Rule | OrderRule, policy: Policy) -> bool:
    """Whether a bound rule may fire: it needs no switch, or its switch is on."""
    return not rule.switch or bool(getattr(policy, rule.switch))
