"""Readers of the grading tables, the sources, the products and the drug classes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from grading.knowledge.errors import KnowledgeError
from grading.model import Citation, Criterion, OverlapRow

_ROW_KEYS = {"id", "axis", "finding", "lo", "hi", "text", "cites", "missing"}
_MAX_GRADE = 4
TAGS = ("V", "V2", "SEED", "DESIGN")
"""Evidence (clinical-rules.md 0.1): read; read in a restatement; ward note; our own choice."""

Table = Mapping[str, Mapping[str, Criterion]]
"""Axis to finding to row."""


@dataclass(frozen=True, slots=True)
class Product:
    """A CAR-T product: short name, generic name, brand, target antigen."""

    name: str
    generic: str
    brand: str
    target: str


def read_sources(data: Mapping[str, Mapping[str, Any]]) -> dict[str, Citation]:
    """The sources by id.

    Raises:
        KnowledgeError: a label names another year than the source's `year`, or the tag is none.
    """
    sources = {
        key: Citation(
            key,
            str(row["label"]),
            int(row["year"]),
            str(row["url"]),
            row.get("read", ""),
            row.get("tag", ""),
        )
        for key, row in data.items()
    }
    for source in sources.values():
        if str(source.year) not in source.label:
            raise KnowledgeError(f"sources.toml: {source.id}: its label lacks {source.year}")
        if source.tag not in TAGS:
            raise KnowledgeError(
                f"sources.toml: {source.id}: tag {source.tag} is not one of {TAGS}"
            )
    return sources


def check_cites(where: str, cites: Collection[str], sources: Mapping[str, Citation]) -> None:
    """Raise KnowledgeError where `cites` is empty or names a source that is not there."""
    if not cites or (unknown := sorted(set(cites) - sources.keys())):
        raise KnowledgeError(f"{where}: no such source {unknown if cites else '(none cited)'}")


def read_table(
    name: str,
    data: Mapping[str, Any],
    axes: Mapping[str, Iterable[str]],
    sources: Mapping[str, Citation],
) -> Table:
    """A grading table, axis by axis; `axes` names the findings that the classifiers can return.

    Raises:
        KnowledgeError: a row has unknown or missing keys, an impossible grade or an unknown source,
            a finding stands twice, or the table and the classifiers differ.
    """
    table: dict[str, dict[str, Criterion]] = {axis: {} for axis in axes}
    for row in data["row"]:
        criterion = _criterion(name, row, sources)
        findings = table.setdefault(criterion.axis, {})
        if criterion.finding in findings:
            raise KnowledgeError(f"{name}: {criterion.id}: {criterion.finding} stands twice")
        findings[criterion.finding] = criterion
    expected = {(axis, finding) for axis, findings in axes.items() for finding in findings}
    found = {(axis, finding) for axis, findings in table.items() for finding in findings}
    if differing := sorted(expected ^ found):
        raise KnowledgeError(f"{name}: findings that differ from the classifiers: {differing}")
    return table


def _criterion(name: str, row: Mapping[str, Any], sources: Mapping[str, Citation]) -> Criterion:
    where = f"{name}: {row.get('id', 'a row without id')}"
    if strange := sorted((row.keys() ^ _ROW_KEYS) - {"missing"}):
        raise KnowledgeError(f"{where}: unknown or missing keys {strange}")
    check_cites(where, row["cites"], sources)
    if not 0 <= row["lo"] <= row["hi"] <= _MAX_GRADE:
        raise KnowledgeError(f"{where}: impossible grades {row['lo']} to {row['hi']}")
    lists = {"cites": tuple(row["cites"]), "missing": tuple(row.get("missing", ()))}
    return Criterion(**{**row, **lists})


def read_products(data: Mapping[str, Mapping[str, str]]) -> dict[str, Product]:
    """The CAR-T products by short name."""
    return {name: Product(name, **row) for name, row in data.items()}


def read_drugs(
    data: Mapping[str, Mapping[str, list[str]]], sources: Mapping[str, Citation]
) -> dict[str, frozenset[str]]:
    """The classes of ingredients by name.

    Raises:
        KnowledgeError: a class cites an unknown source or names an ingredient twice.
    """
    for name, row in data.items():
        check_cites(f"drugs.toml: {name}", row["cites"], sources)
        if len(set(row["ingredients"])) != len(row["ingredients"]):
            raise KnowledgeError(f"drugs.toml: {name}: an ingredient stands twice")
    return {name: frozenset(row["ingredients"]) for name, row in data.items()}


def read_overlap(
    data: Mapping[str, Any], keys: Collection[str], sources: Mapping[str, Citation]
) -> dict[str, OverlapRow]:
    """The criteria of the IEC-HS check by key, in file order; `keys`: those that are checked.

    Raises:
        KnowledgeError: a row has unknown or missing keys or an unknown source, or the rows and what
            is checked differ.
    """
    rows = {}
    for row in data["row"]:
        where = f"iechs.toml: {row.get('key', 'a row without key')}"
        if strange := sorted(row.keys() ^ {*OverlapRow.__dataclass_fields__}):
            raise KnowledgeError(f"{where}: unknown or missing keys {strange}")
        check_cites(where, row["cites"], sources)
        rows[row["key"]] = OverlapRow(**{**row, "cites": tuple(row["cites"])})
    if differing := sorted(set(keys) ^ rows.keys()):
        raise KnowledgeError(f"iechs.toml: criteria that differ from those checked: {differing}")
    return rows
