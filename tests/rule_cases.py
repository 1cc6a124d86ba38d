"""Which case of the test suite reaches which rule: written to `cards/rule_cases.json`, and printed.

`python -m tests.rule_cases` runs every case of `tests/grading/cases` and reads the scenarios; `make
docs` calls it. A case counts for a rule where the rule holds in it; it is named where the case asks
for the rule, or a scenario gives it as its reason. `test_rule_pages.py` fails when it is stale.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from grading import KNOWLEDGE, assess, prepare
from tests.grading import test_grades, test_orders, test_recommend
from tests.grading.advice import recommended
from tests.grading.advice import rules as advised
from tests.grading.drafted import reviewed
from tests.grading.snapshots import cases, snapshot

SCENARIOS = Path(__file__).parent / "scenarios"
TARGET = Path(__file__).parents[1] / "cards" / "rule_cases.json"
MOST_NAMES, FALLBACK_NAMES = 8, 3
TABLES = (KNOWLEDGE.crs, KNOWLEDGE.icans)
KNOWN = {row.id for table in TABLES for axis in table.values() for row in axis.values()} | {
    *KNOWLEDGE.rules,
    *KNOWLEDGE.order_rules,
    *KNOWLEDGE.order_principles,
    *KNOWLEDGE.computed,
}
ID = re.compile(r"\b(?:[A-Z]+-)+[0-9A-Z]+[a-z]?\b")

Found = Iterator[tuple[str, str, set[str], set[str]]]
"""What was tested, the name of the case, the rules that held, the rules that it names."""


def graded() -> Found:
    for name in test_grades.FILES:
        for case in cases(name):
            policy = replace(KNOWLEDGE.policy, **case.get("policy", {}))
            verdict = assess(prepare(snapshot(case), policy))
            both = (verdict.crs, verdict.icans)
            held = {rule for each in both for rule in each.rules}
            held |= {line.rule for each in both for line in each.basis}
            told = (case.get("crs", {}), case.get("icans", {}))
            named = {rule for each in told for rule in each.get("rules", ())}
            yield "grading", f"{name}: {case['name']}", held, named


def advised_on() -> Found:
    for name in test_recommend.FILES:
        for case in cases(name):
            expect = case["expect"]
            named = {*expect.get("rules", ()), *expect.get("care", {})}
            label = f"{name.removeprefix('recommend_')}: {case['name']}"
            yield "management", label, advised(recommended(case)), named


def ordered() -> Found:
    for name in test_orders.FILES:
        for case in cases(name):
            expect = case["expect"]
            held = {rule for _, rules in reviewed(case).checked for rule in rules}
            lines = (line.split()[-1] for line in expect.get("lines", ()))
            label = f"{name.removeprefix('orders_')}: {case['name']}"
            yield "orders", label, held, {*lines, *expect.get("rules", ())}


def scenarios() -> Found:
    for path in sorted(SCENARIOS.rglob("*.toml")):
        for case in tomllib.loads(path.read_text("utf-8"))["case"]:
            named = set(ID.findall(case.get("why", "")))
            yield "scenarios over HTTP", f"scenario {case['name']}", named, named


def collected() -> dict[str, Any]:
    """The content of the file."""
    totals: dict[str, int] = {}
    held: dict[str, list[str]] = {}
    named: dict[str, list[str]] = {}
    for kind, label, holds, names in (*graded(), *advised_on(), *ordered(), *scenarios()):
        totals[kind] = totals.get(kind, 0) + 1
        _add(held, (holds | names) & KNOWN, label)
        _add(named, names & KNOWN, label)
    rules = {
        rule: {"count": len(labels), "names": _shown(named.get(rule, []), labels)}
        for rule, labels in sorted(held.items())
    }
    return {"totals": totals, "rules": rules}


def text_of(content: Mapping[str, Any]) -> str:
    return f"{json.dumps(content, indent=1, ensure_ascii=False)}\n"


def _add(found: dict[str, list[str]], rules: Iterable[str], label: str) -> None:
    for rule in rules:
        found.setdefault(rule, []).append(label)


def _shown(named: list[str], held: list[str]) -> list[str]:
    return named[:MOST_NAMES] or held[:FALLBACK_NAMES]


def main() -> None:
    content = collected()
    TARGET.write_text(text_of(content), "utf-8")
    lines = [f"{kind}: {count} cases" for kind, count in content["totals"].items()]
    lines.append(f"{len(content['rules'])} rules are reached by a case")
    sys.stdout.write("\n".join([*lines, ""]))


if __name__ == "__main__":
    main()
