"""Every rule as the rule page tells it: words, inputs, thresholds, sources, state, code, cases."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from cards.rule_code import Code, code_at, code_of
from cards.site_policy import value_text
from grading import claims, orders
from grading.knowledge import KNOWLEDGE, Input, Policy
from grading.knowledge.policy import allowed, shipped_entries
from grading.model import Citation, Criterion, Rule
from grading.order_model import OrderRule
from grading.order_rulebook import ORDER_CHECKS
from grading.rulebook import PREDICATES

_CLASSIFIERS = {
    "hypotension": "grading.pressure:hypotension",
    "hypoxia": "grading.oxygen:hypoxia",
    "ice": "grading.encephalopathy:_ice_finding",
    "capd": "grading.encephalopathy:_capd_finding",
    "consciousness": "grading.encephalopathy:consciousness",
    "seizure": "grading.neuro:_finding",
    "motor": "grading.neuro:motor",
    "icp": "grading.neuro:_icp_of",
}
"""What turns readings into the findings of an axis."""
_TEXTS: Mapping[str, str] = {
    "OT-0": "grading.orders:review_orders",
    "OT-0a": "grading.order_case:OrderCase.is_there",
    "OT-0b": "grading.orders:_views",
    "OT-0c": "cards.override:reasons_for",
}
"""Where the general order rules are."""
_CASES = "rule_cases.json"
_BINDING = (claims, orders)
"""Imported for the conditions that they bind."""


class Parameter(NamedTuple):
    """A number or switch of the policy in words; `changed`: the site chose it."""

    name: str
    means: str
    value: str
    shipped: str
    allowed: str
    rules: tuple[str, ...]
    unused: str
    changed: bool


class Cases(NamedTuple):
    """In how many cases of the test suite a rule held, and the names of some."""

    number: int = 0
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One rule; `yields`: grades, or strength and urgency; `note`: what is unverified though on."""

    id: str
    group: str
    says: tuple[str, ...]
    when: str
    yields: tuple[str, ...]
    state: str
    note: str
    inputs: tuple[Input, ...]
    parameters: tuple[Parameter, ...]
    cites: tuple[Citation, ...]
    code: Code | None
    cases: Cases


def parameters(policy: Policy) -> tuple[Parameter, ...]:
    """Every parameter of the policy, in file order."""
    found = []
    for name, row in shipped_entries().items():
        value, shipped = getattr(policy, name), getattr(KNOWLEDGE.policy, name)
        found.append(
            Parameter(
                name,
                row["means"],
                value_text(value, row["unit"]),
                value_text(shipped, row["unit"]),
                allowed(name, row),
                tuple(row["rules"]),
                row.get("unused", ""),
                value != shipped,
            )
        )
    return tuple(found)


def entries(policy: Policy) -> dict[str, Entry]:
    """Every rule by id, under `policy`, in the order of the page."""
    told = _Teller(policy)
    found = (
        *told.rows("CRS grading", KNOWLEDGE.crs),
        *told.computed("CRS grading", "crs"),
        *told.rows("ICANS grading", KNOWLEDGE.icans),
        *told.computed("ICANS grading", "icans"),
        *told.computed("IEC-HS overlap", "iec-hs"),
        *told.computed("Doses and children", "doses"),
        *(told.management(rule) for rule in KNOWLEDGE.rules.values()),
        *told.computed("Monitoring", "care"),
        *told.principles(),
        *(told.order(rule) for rule in KNOWLEDGE.order_rules.values()),
        *told.computed("Order checks", "orders"),
    )
    return {entry.id: entry for entry in found}


@cache
def case_data() -> Mapping[str, Any]:
    """What `tests/rule_cases.py` found: cases by rule, and totals by what was tested."""
    text = (files(__package__) / _CASES).read_text("utf-8")
    found: Mapping[str, Any] = json.loads(text)
    return found


_SYNDROMES: Mapping[str, str] = {"crs": "CRS", "icans": "ICANS", "iec-hs": "IEC-HS"}


class _Teller:
    """Makes entries under one policy."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._parameters = parameters(policy)

    def rows(self, group: str, table: Mapping[str, Mapping[str, Criterion]]) -> Iterator[Entry]:
        """The rows of a grading table; those of one id are one entry."""
        by_id: dict[str, list[Criterion]] = {}
        for axis in table.values():
            for row in axis.values():
                by_id.setdefault(row.id, []).append(row)
        for rule, rows in by_id.items():
            yield self._entry(
                rule,
                group,
                [f"{row.axis}: {row.text}" for row in rows],
                cites=[cite for row in rows for cite in row.cites],
                yields=[_grades(row) for row in rows],
                code=code_at(_CLASSIFIERS[rows[0].axis]),
            )

    def computed(self, heading: str, group: str) -> Iterator[Entry]:
        """The rules of a group that are code."""
        for row in KNOWLEDGE.computed.values():
            if row.group == group:
                yield self._entry(
                    row.id,
                    heading,
                    [row.says],
                    cites=row.cites,
                    state=self._state(row.status, row.switch, row.reason),
                    code=code_at(row.code),
                )

    def management(self, rule: Rule) -> Entry:
        """A management rule."""
        predicate = PREDICATES.get(rule.id)
        return self._entry(
            rule.id,
            f"Management: {_SYNDROMES[rule.syndrome]}",
            [rule.says],
            when=rule.when,
            cites=rule.cites,
            yields=_strengths(rule),
            state=self._state(rule.status, rule.switch, rule.reason),
            code=code_of(predicate) if predicate else None,
        )

    def principles(self) -> Iterator[Entry]:
        """The general order rules."""
        for row in KNOWLEDGE.order_principles.values():
            yield self._entry(
                row.id, "Order checks", [row.says], cites=row.cites, code=code_at(_TEXTS[row.id])
            )

    def order(self, rule: OrderRule) -> Entry:
        """An order rule."""
        binding = ORDER_CHECKS.get(rule.id)
        return self._entry(
            rule.id,
            "Order checks",
            [rule.says],
            when=rule.when,
            cites=rule.cites,
            yields=[str(rule.indicator)],
            state=self._state(rule.status, rule.switch, ""),
            code=code_of(binding.check) if binding else None,
        )

    def _entry(  # noqa: PLR0913 - one for each part of the page
        self,
        rule: str,
        group: str,
        says: Iterable[str],
        *,
        cites: Iterable[str],
        when: str = "",
        yields: Iterable[str] = (),
        state: str = "on",
        code: Code | None,
    ) -> Entry:
        cases = case_data()["rules"].get(rule, {"count": 0, "names": []})
        return Entry(
            rule,
            group,
            tuple(text.format(p=self._policy) for text in says),
            when,
            tuple(yields),
            state,
            KNOWLEDGE.unverified_on.get(rule, ""),
            tuple(item for item in KNOWLEDGE.inputs if item.is_read_by(rule)),
            tuple(item for item in self._parameters if rule in item.rules),
            tuple(KNOWLEDGE.sources[cite] for cite in dict.fromkeys(cites)),
            code,
            Cases(cases["count"], tuple(cases["names"])),
        )

    def _state(self, status: str, switch: str, reason: str) -> str:
        if status == "active":
            return "on"
        if status == "text":
            return f"text only, never fires: {reason}"
        if status == "retired":
            return "retired"
        if not switch:
            return "off: unverified (0.5)"
        if getattr(self._policy, switch):
            return f"unverified, turned on by this site ({switch})"
        return f"off: unverified (0.5); {switch} turns it on"


def _grades(row: Criterion) -> str:
    grade = f"grade {row.lo}" if row.lo == row.hi else f"grade {row.lo} to {row.hi}"
    missing = f", missing: {', '.join(row.missing)}" if row.missing else ""
    return f"{row.text}: {grade}{missing}"


def _strengths(rule: Rule) -> list[str]:
    found = [f"{rule.strength}, {rule.indicator}"]
    if rule.tocilizumab is not None:
        found.append(f"tocilizumab: {rule.tocilizumab}")
    if rule.steroid_strength is not None:
        regimen = KNOWLEDGE.regimens[rule.steroid]
        found.append(f"steroid: {rule.steroid_strength}, {regimen.text}")
    return found
