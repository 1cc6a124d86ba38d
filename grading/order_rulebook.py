"""Binds every order rule to its condition, by id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from grading.model import Urgency
from grading.order_case import OrderCase
from grading.order_model import Act, OrderRule
from grading.rulebook import rules_in_use


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
    """A rule that may fire, with its condition."""

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
    """Every order rule in use with its condition, in file order.

    Raises:
        KnowledgeError: rules and conditions do not fit together.
    """
    bound = rules_in_use("orders.toml", rules, bindings.keys())
    return tuple(BoundOrderRule(rule, bindings[rule.id]) for rule in bound)


_SOFTER = {Urgency.CRITICAL: Urgency.WARNING, Urgency.WARNING: Urgency.INFO, Urgency.INFO: None}


def softer(indicator: Urgency) -> Urgency | None:
    """One level softer (OT-0b); None: nothing is left to say."""
    return _SOFTER[indicator]
