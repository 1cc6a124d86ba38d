"""Readers of what the rule page tells beside the tables and the rules: computed rules, inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from grading.knowledge.errors import KnowledgeError
from grading.knowledge.rules import check_keys, check_status
from grading.model import Citation

GROUPS = ("crs", "icans", "iec-hs", "doses", "care", "orders")
_RULE_KEYS = frozenset({"id", "group", "says", "code", "cites", "status"})
_RULE_OPTIONS = frozenset({"reason", "switch"})
_INPUT_KEYS = frozenset({"name", "used", "rules"})
_INPUT_OPTIONS = frozenset({"stale"})
_ANY = "*"


class Computed(NamedTuple):
    """A rule that is code: `says` with numbers of the policy, `code` as module:function or file."""

    id: str
    group: str
    says: str
    code: str
    cites: tuple[str, ...]
    status: str
    reason: str = ""
    switch: str = ""


class Input(NamedTuple):
    """What rules read, how far back it counts, and from when on it is stale (empty: never)."""

    id: str
    name: str
    used: str
    rules: tuple[str, ...]
    stale: str = ""

    def is_read_by(self, rule: str) -> bool:
        """Whether the rule of that id reads it."""
        return any(_matches(pattern, rule) for pattern in self.rules)


def _matches(pattern: str, rule: str) -> bool:
    return rule.startswith(pattern[:-1]) if pattern.endswith(_ANY) else rule == pattern


def read_computed(data: Mapping[str, Any], sources: Mapping[str, Citation]) -> dict[str, Computed]:
    """The computed rules by id, in file order.

    Raises:
        KnowledgeError: one has unknown or missing keys, stands twice, is of no group, or names an
            unknown source. Only an unverified one may cite nothing.
    """
    found: dict[str, Computed] = {}
    for row in data["rule"]:
        where = f"computed.toml: {row.get('id', 'a rule without id')}"
        check_keys(where, row, _RULE_KEYS, _RULE_OPTIONS)
        check_status(where, row, sources)
        if row["group"] not in GROUPS:
            raise KnowledgeError(f"{where}: {row['group']} is not one of {', '.join(GROUPS)}")
        if row["id"] in found:
            raise KnowledgeError(f"{where}: stands twice")
        found[row["id"]] = Computed(**{**row, "cites": tuple(row["cites"])})
    return found


def read_inputs(data: Mapping[str, Mapping[str, Any]]) -> tuple[Input, ...]:
    """The inputs in file order.

    Raises:
        KnowledgeError: one has unknown or missing keys.
    """
    for name, row in data.items():
        check_keys(f"inputs.toml: {name}", row, _INPUT_KEYS, _INPUT_OPTIONS)
    return tuple(
        Input(**{"id": name, **row, "rules": tuple(row["rules"])}) for name, row in data.items()
    )
