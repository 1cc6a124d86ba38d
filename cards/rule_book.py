"""The rule page as data: what is the same in Markdown, in HTML and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from cards.rule_entries import Entry, Parameter, entries, parameters
from grading.knowledge import KNOWLEDGE, Overrides, Policy
from grading.model import Citation

TITLE = "Rules of CRS and ICANS grading, management and order checks"
TAGS: Mapping[str, str] = {
    "V": "read in the source that is named",
    "V2": "read in a secondary restatement of a guideline; the guideline itself was not opened",
    "SEED": "stated in the ward note that the project started from",
    "DESIGN": "a choice of this project where no guideline gives one; a parameter of the policy",
    "UNVERIFIED": "not read in any source that was opened: off until a site turns it on",
}
SIGN_OFF = (
    "Name and role",
    "Rules and tables reviewed",
    "Site policy reviewed",
    "Date",
    "Signature",
)
"""The lines of the block at the end of the page."""


class GradeRow(NamedTuple):
    """A row of a grading table."""

    rule: str
    axis: str
    text: str
    grade: str
    missing: str
    sources: str


class DoseRow(NamedTuple):
    """A regimen: its text for adults, the text without a dose, and its sources."""

    id: str
    text: str
    without_dose: str
    sources: str


class InputRow(NamedTuple):
    """An input with its windows in force."""

    id: str
    name: str
    used: str
    stale: str


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All of it, under one policy; `overrides`: what of that the site chose."""

    edition: str
    overrides: Overrides
    entries: Mapping[str, Entry]
    tables: Mapping[str, tuple[GradeRow, ...]]
    doses: tuple[DoseRow, ...]
    parameters: tuple[Parameter, ...]
    inputs: tuple[InputRow, ...]
    sources: tuple[Citation, ...]

    @property
    def groups(self) -> Mapping[str, tuple[Entry, ...]]:
        """The entries by heading, in the order of the page."""
        found: dict[str, tuple[Entry, ...]] = {}
        for entry in self.entries.values():
            found[entry.group] = (*found.get(entry.group, ()), entry)
        return found


def rule_book(policy: Policy, overrides: Overrides) -> RuleBook:
    """Everything under `policy`, of which the site chose `overrides`."""
    tables = {"CRS by ASTCT 2019": KNOWLEDGE.crs, "ICANS by ASTCT 2019": KNOWLEDGE.icans}
    return RuleBook(
        KNOWLEDGE.edition,
        overrides,
        entries(policy),
        {name: _grade_rows(table) for name, table in tables.items()},
        tuple(
            DoseRow(item.id, item.text, item.without_dose, _labels(item.cites))
            for item in KNOWLEDGE.regimens.values()
        ),
        parameters(policy),
        inputs(policy),
        tuple(KNOWLEDGE.sources.values()),
    )


def inputs(policy: Policy) -> tuple[InputRow, ...]:
    """What is read, with the windows of `policy`."""
    return tuple(
        InputRow(item.id, item.name, item.used.format(p=policy), item.stale.format(p=policy))
        for item in KNOWLEDGE.inputs
    )


def as_json(book: RuleBook) -> dict[str, Any]:
    """The rules as plain values: id, group, words, state, thresholds, sources, cases."""
    rules = [_plain(entry) for entry in book.entries.values()]
    return {"contentEdition": book.edition, "rules": rules}


def _plain(entry: Entry) -> dict[str, Any]:
    found = {
        "id": entry.id,
        "group": entry.group,
        "says": list(entry.says),
        "when": entry.when,
        "gives": list(entry.yields),
        "state": entry.state,
        "note": entry.note,
        "inputs": [item.id for item in entry.inputs],
        "thresholds": {item.name: item.value for item in entry.parameters},
        "sources": [
            {"tag": item.tag, "label": item.label, "year": item.year, "url": item.url}
            for item in entry.cites
        ],
        "code": f"{entry.code.path} {entry.code.name}".strip() if entry.code else "",
        "cases": entry.cases.number,
    }
    return {name: value for name, value in found.items() if value not in ("", [], {})}


def _grade_rows(table: Mapping[str, Mapping[str, Any]]) -> tuple[GradeRow, ...]:
    return tuple(
        GradeRow(
            row.id,
            axis,
            row.text,
            str(row.lo) if row.lo == row.hi else f"{row.lo} to {row.hi}",
            ", ".join(row.missing),
            _labels(row.cites),
        )
        for axis, findings in table.items()
        for row in findings.values()
    )


def _labels(cites: Iterable[str]) -> str:
    return "; ".join(KNOWLEDGE.sources[cite].label for cite in cites)
