"""Binds every order rule to its condition, by id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from grading.knowledge import KnowledgeError, Policy
from grading.knowledge.policy import SWITCHES
from grading.model import Urgency
from grading.order_case import OrderCase
from grading.order_model import Act, OrderRule


class Hit(NamedTuple):
    """That a rule holds on a draft; `indicator` None: that of the rule."""

    indicator: Urgency | None = None
    notes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    acts: tuple[Act, ...] = ()


Check = Callable[[OrderCase], Hit | None]
"""Whether a rule holds on a draft; None: it does not."""


class Binding(NamedTuple):
    """A condition.

    `beside`: rules that it only joins. `silent`: it keeps others from speaking and is not asked
    here. `stops`: it looks at drafts that stop or forbid a medicine, which no other rule does.
    """

    check: Check
    beside: frozenset[str] = frozenset()
    silent: bool = False
    stops: bool = False


class BoundOrderRule(NamedTuple):
    """An active rule with its condition."""

    rule: OrderRule
    binding: Binding


ORDER_CHECKS: dict[str, Binding] = {}


def checks(
    rule_id: str, *beside: str, silent: bool = False, stops: bool = False
) -> Callable[[Check], Check]:
    """Bind the decorated condition to a rule of `knowledge/orders.toml`."""

    def bind(check: Check) -> Check:
        ORDER_CHECKS[rule_id] = Binding(check, frozenset(beside), silent, stops)
        return check

    return bind


def bind_order_rules(
    rules: Mapping[str, OrderRule], bindings: Mapping[str, Binding]
) -> tuple[BoundOrderRule, ...]:
    """Every rule that is active, or that a switch turns on, with its condition, in file order.

    Raises:
        KnowledgeError: such a rule has no condition, a condition has no such rule, or the switch is
            none of the policy.
    """
    bound = [rule for rule in rules.values() if rule.status == "active" or rule.switch]
    if differing := sorted({rule.id for rule in bound} ^ bindings.keys()):
        raise KnowledgeError(f"orders.toml: rules and conditions that differ: {differing}")
    if unknown := sorted({rule.switch for rule in bound} - {"", *SWITCHES}):
        raise KnowledgeError(f"orders.toml: no such switch of the policy: {unknown}")
    return tuple(BoundOrderRule(rule, bindings[rule.id]) for rule in bound)


def is_order_rule_on(rule: OrderRule, policy: Policy) -> bool:
    """Whether a bound rule may fire: it needs no switch, or its switch is on."""
    return not rule.switch or bool(getattr(policy, rule.switch))


_SOFTER = {Urgency.CRITICAL: Urgency.WARNING, Urgency.WARNING: Urgency.INFO, Urgency.INFO: None}


def softer(indicator: Urgency) -> Urgency | None:
    """One level softer (OT-0b); None: nothing is left to say."""
    return _SOFTER[indicator]
