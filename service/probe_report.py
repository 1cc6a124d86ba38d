"""The probe as tables for people, and as JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from cards.unread import reason_text
from service.probe import Probe
from service.probe_seen import Row

_SHOWN = 25
"""Codes that are listed; the rest is counted."""
_HOURS_A_DAY = 24


def as_data(probe: Probe) -> dict[str, Any]:
    """Everything that was found, as JSON data, with the exit status."""
    data: dict[str, Any] = msgspec.to_builtins(probe)
    return data | {"status": probe.status}


def as_tables(probe: Probe) -> RenderableType:
    """Everything that was found, for a terminal."""
    return Group(*_parts(probe))


def _parts(probe: Probe) -> Iterator[RenderableType]:
    server = probe.server
    what = (
        reason_text(server.problem)
        or f"{server.software or 'a server'}, FHIR {server.fhir_version}"
    )
    yield escape(f"{probe.base}: {what}")
    yield escape(f"Patient/{probe.patient.patient_id} ({probe.patient.how})")
    yield _inputs(probe)
    yield _queries(probe)
    if probe.unmapped:
        yield _unmapped(probe)
    for text in probe.medicines[:_SHOWN]:
        yield escape(f"Medicine not recognized: {text}")
    yield f"CRS: {_verdict(probe.crs_lacks)}"
    yield f"ICANS: {_verdict(probe.icans_lacks)}"


def _verdict(lacks: tuple[str, ...]) -> str:
    return f"cannot be graded, without {', '.join(lacks)}" if lacks else "can be graded"


def _inputs(probe: Probe) -> Table:
    table = _table("Inputs", "input", "for", "found", "newest", "unit", "query", "coded as")
    for row in probe.rows:
        how = row.coding if not row.problem else f"{row.coding}  ! {row.problem}".strip()
        query = ", ".join(row.query)
        cells = (row.name, row.used_for, str(row.count or "-"), _age(row), row.unit, query, how)
        table.add_row(*map(escape, cells), style="" if row.count else "yellow")
    return table


def _age(row: Row) -> str:
    if row.age_h is None:
        return ""
    if row.age_h < _HOURS_A_DAY:
        return f"{row.age_h:.1f} h"
    return f"{row.age_h / _HOURS_A_DAY:.1f} d"


def _queries(probe: Probe) -> Table:
    undeclared = dict(probe.server.undeclared)
    table = _table("Queries", "key", "resources", "problem", "not declared by the server")
    for read in probe.reads:
        lacking = ", ".join(undeclared.get(read.key, ()))
        cells = (read.key, str(read.resources), reason_text(read.problem), lacking)
        table.add_row(*map(escape, cells), style="yellow" if read.problem else "")
    return table


def _unmapped(probe: Probe) -> Table:
    table = _table("Codes without a meaning here (map the inputs)", "times", "unit", "code")
    for each in probe.unmapped[:_SHOWN]:
        table.add_row(*map(escape, (str(each.times), each.unit, each.coding)))
    if (more := len(probe.unmapped) - _SHOWN) > 0:
        table.caption = f"and {more} more; --json lists all"
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
