"""Readers of the management rules and the drug regimens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from grading.knowledge.errors import KnowledgeError
from grading.knowledge.tables import check_cites
from grading.model import Citation, Regimen, Rule, Step, Strength, Urgency

STATUSES = ("active", "unverified", "text", "retired")
"""Active; off until a site turns it on; listed with its reason; an id that is never reused."""

_RULE_KEYS = frozenset(
    {"id", "syndrome", "topic", "when", "says", "strength", "indicator", "cites", "status"}
)
_RULE_OPTIONS = frozenset(
    {"tocilizumab", "steroid", "steroid_strength", "higher", "higher_late", "switch", "reason"}
)
_REGIMEN_KEYS = frozenset({"drug", "routes", "text", "without_dose", "cites"})
_REGIMEN_OPTIONS = frozenset({"step", "over_min", "rank", "covers_h", "repeat", "reassess"})
_STEP_NUMBERS = frozenset({"mg", "mg_max"})

Word = TypeVar("Word", bound=StrEnum)


def read_rules(
    data: Mapping[str, Any],
    sources: Mapping[str, Citation],
    regimens: Mapping[str, Regimen],
) -> dict[str, Rule]:
    """The management rules by id, in file order.

    Raises:
        KnowledgeError: a rule has unknown or missing keys, stands twice, uses a word outside its
            list, or names an unknown source or regimen; a rule that is not unverified has a switch,
            or a reason stands anywhere but on a text-only rule. Only an unverified rule may cite
            nothing.
    """
    rules: dict[str, Rule] = {}
    for row in data["rule"]:
        rule = _rule(f"management.toml: {row.get('id', 'a rule without id')}", row, sources)
        if rule.id in rules:
            raise KnowledgeError(f"management.toml: {rule.id} stands twice")
        if rule.steroid and rule.steroid not in regimens:
            raise KnowledgeError(f"management.toml: {rule.id}: no such regimen {rule.steroid}")
        rules[rule.id] = rule
    return rules


def _rule(where: str, row: Mapping[str, Any], sources: Mapping[str, Citation]) -> Rule:
    check_keys(where, row, _RULE_KEYS, _RULE_OPTIONS)
    check_status(where, row, sources)
    if ("steroid" in row) != ("steroid_strength" in row):
        raise KnowledgeError(f"{where}: a steroid needs its strength, and the strength a steroid")
    check_switch(where, row)
    if ("reason" in row) != (row["status"] == "text"):
        raise KnowledgeError(f"{where}: a text-only rule needs its reason, and no other has one")
    words = {
        "strength": as_word(where, Strength, row["strength"]),
        "indicator": as_word(where, Urgency, row["indicator"]),
        "cites": tuple(row["cites"]),
    }
    for name in row.keys() & {"tocilizumab", "steroid_strength"}:
        words[name] = as_word(where, Strength, row[name])
    return Rule(**{**row, **words})


def read_regimens(
    data: Mapping[str, Mapping[str, Any]], sources: Mapping[str, Citation]
) -> dict[str, Regimen]:
    """The drug regimens by id, in file order.

    Raises:
        KnowledgeError: a regimen or a step has unknown or missing keys or an unknown source.
    """
    return {name: _regimen(name, row, sources) for name, row in data.items()}


def _regimen(name: str, row: Mapping[str, Any], sources: Mapping[str, Citation]) -> Regimen:
    where = f"regimens.toml: {name}"
    check_keys(where, row, _REGIMEN_KEYS, _REGIMEN_OPTIONS)
    check_cites(where, row["cites"], sources)
    rest = {key: value for key, value in row.items() if key != "step"}
    lists = {"cites": tuple(row["cites"]), "routes": tuple(row["routes"])}
    steps = tuple(_step(where, step) for step in row.get("step", ()))
    return Regimen(id=name, steps=steps, **{**rest, **lists})


def _step(where: str, row: Mapping[str, Any]) -> Step:
    check_keys(f"{where}: step", row, frozenset({"mg"}), frozenset(Step._fields))
    values: dict[str, Any] = {
        key: Decimal(value) if key in _STEP_NUMBERS else value for key, value in row.items()
    }
    return Step(**values)


def check_keys(
    where: str, row: Iterable[str], needed: frozenset[str], allowed: frozenset[str]
) -> None:
    """Raise KnowledgeError where `row` lacks a needed key or has one that is not allowed."""
    keys = set(row)
    if strange := sorted((needed - keys) | (keys - needed - allowed)):
        raise KnowledgeError(f"{where}: unknown or missing keys {strange}")


def check_status(where: str, row: Mapping[str, Any], sources: Mapping[str, Citation]) -> None:
    """Raise KnowledgeError for an unknown status or source; only what is off may cite nothing."""
    if row["status"] not in STATUSES:
        raise KnowledgeError(f"{where}: status {row['status']} is not one of {STATUSES}")
    if row["cites"] or row["status"] == "active":
        check_cites(where, row["cites"], sources)


def check_switch(where: str, row: Mapping[str, Any]) -> None:
    """Raise KnowledgeError where a rule that is not unverified has a switch."""
    if "switch" in row and row["status"] != "unverified":
        raise KnowledgeError(f"{where}: only an unverified rule has a switch")


def as_word(where: str, words: type[Word], value: str) -> Word:
    """`value` as a member of `words`; KnowledgeError where it is none."""
    try:
        return words(value)
    except ValueError as error:
        raise KnowledgeError(f"{where}: {value} is not one of {[*words]}") from error
