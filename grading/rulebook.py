"""Binds every management rule to its condition, by id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple, TypeVar

from grading.knowledge import KnowledgeError, Policy
from grading.knowledge.policy import SWITCHES
from grading.model import Rule
from grading.order_model import OrderRule
from grading.situation import Situation

AnyRule = TypeVar("AnyRule", Rule, OrderRule)
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


def rules_in_use(
    file: str, rules: Mapping[str, AnyRule], conditions: AbstractSet[str]
) -> tuple[AnyRule, ...]:
    """The rules of a file that are active, or that a switch turns on, in its order.

    Raises:
        KnowledgeError: such a rule has no condition, a condition has no such rule, or the switch is
            none of the policy.
    """
    used = tuple(rule for rule in rules.values() if rule.status == "active" or rule.switch)
    if differing := sorted({rule.id for rule in used} ^ conditions):
        raise KnowledgeError(f"{file}: rules and conditions that differ: {differing}")
    if unknown := sorted({rule.switch for rule in used} - {"", *SWITCHES}):
        raise KnowledgeError(f"{file}: no such switch of the policy: {unknown}")
    return used


def bind_rules(rules: Mapping[str, Rule], predicates: Mapping[str, Predicate]) -> tuple[Bound, ...]:
    """Every management rule in use with its condition, in file order.

    Raises:
        KnowledgeError: rules and conditions do not fit together.
    """
    bound = rules_in_use("management.toml", rules, predicates.keys())
    return tuple(Bound(rule, predicates[rule.id]) for rule in bound)


def words_of(rule: Rule) -> str:
    """What a rule says; of one that a site turned on, that it did."""
    return f"{UNVERIFIED}{rule.says}" if rule.switch else rule.says


def is_on(rule: Rule | OrderRule, policy: Policy) -> bool:
    """Whether a bound rule may fire: it needs no switch, or its switch is on."""
    return not rule.switch or bool(getattr(policy, rule.switch))
