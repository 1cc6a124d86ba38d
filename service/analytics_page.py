"""GET /analytics: the use of cards as JSON, CSV or a page with bars, behind a token of its own."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, NamedTuple

from flask import Flask, Response, request

from fhir_mappings.times import iso
from service import operator_token
from service.analytics import Report, report, rows
from service.errors import BadRequest, Unavailable
from service.log import Event, write
from service.messages import JSON, json_response
from service.pages import html, page
from service.runtime import Runtime
from service.settings import Mode, Settings
from service.store import Store, StoreError

_CSV: Final = "text/csv"
_HTML: Final = "text/html"
_KINDS: Final = {"json": JSON, "csv": _CSV, "html": _HTML}
_WEEKS, _MOST_WEEKS = 12, 104
_COLUMNS: Final = (
    "rule",
    "week",
    "fewerThan",
    "fired",
    "shown",
    "suppressed",
    "shadow",
    "accepted",
    "overridden",
    "ignored",
    "medianSeconds",
    "p90Seconds",
    "contentEditions",
    "reasons",
)
_PARTS: Final = ("accepted", "overridden", "ignored", "suppressed", "shadow")
"""What the cards of a bar are made of, from left to right."""
_WIDTH: Final = 600
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class _Desk:
    """What an answer is made from; `token` empty: nobody is asked."""

    store: Store
    runtime: Runtime
    token: str


class Part(NamedTuple):
    """A piece of a bar."""

    name: str
    x: float
    width: float
    cards: int


def register(app: Flask, store: Store, runtime: Runtime) -> None:
    """Serve it where a token is set, and in the demo; elsewhere it does not exist."""
    settings = runtime.settings
    if operator_token.exists(settings, settings.analytics_token):
        desk = _Desk(store, runtime, settings.analytics_token)
        app.add_url_rule("/analytics", "analytics", partial(_answer, desk), methods=["GET"])


def _answer(desk: _Desk) -> Response:
    operator_token.check(desk.token)
    kind, weeks = _kind(), _weeks()
    now, settings = desk.runtime.clock(), desk.runtime.settings
    try:
        found = report(desk.store, now, weeks, settings)
    except StoreError as error:
        raise Unavailable("the record of cards could not be read") from error
    told = rows(found)
    write(Event.ANALYTICS_ANSWERED, status=200, points=len(told))
    if kind == _CSV:
        return Response(_csv(told), mimetype=_CSV)
    if kind == _HTML:
        return _page(found, told, settings)
    since = iso(found.since)
    return json_response({"since": since, "unmatchedFeedback": found.unmatched, "rows": told})


def _kind() -> str:
    """The media type that is asked for: by `format`, else by `Accept`, JSON where all will do."""
    chosen = request.args.get("format")
    if chosen is None:
        return request.accept_mimetypes.best_match(list(_KINDS.values()), JSON)
    if chosen not in _KINDS:
        raise BadRequest(f"format: use one of {', '.join(_KINDS)}")
    return _KINDS[chosen]


def _weeks() -> int:
    text = request.args.get("weeks", str(_WEEKS))
    digits = text.isascii() and text.isdecimal() and len(text) <= len(str(_MOST_WEEKS))
    if not (digits and 1 <= int(text) <= _MOST_WEEKS):
        raise BadRequest(f"weeks: use a whole number from 1 to {_MOST_WEEKS}")
    return int(text)


def _csv(told: Sequence[Mapping[str, Any]]) -> str:
    """The rows as a table that a spreadsheet does not take for formulas."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    for row in told:
        writer.writerow([_cell(row.get(name, "")) for name in _COLUMNS])
    return text.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, Mapping):
        value = "; ".join(f"{name}: {count}" for name, count in value.items())
    if isinstance(value, list):
        value = " ".join(value)
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _page(found: Report, told: Sequence[Mapping[str, Any]], settings: Settings) -> Response:
    most = max((row.get("fired", 0) for row in told if "week" in row), default=0)
    by_rule: dict[str, dict[str, Any]] = {}
    for row in told:
        entry = by_rule.setdefault(row["rule"], {"rule": row["rule"], "weeks": []})
        if "week" in row:
            entry["weeks"].append((row, _bar(row, most)))
        else:
            entry["total"] = row
    text = page(
        "analytics.html",
        settings.mode is Mode.DEMO,
        since=iso(found.since)[:10],
        unmatched=found.unmatched,
        rules=list(by_rule.values()),
        parts=_PARTS,
        width=_WIDTH,
        hours=settings.suppression_h,
    )
    return html(text)


def _bar(row: Mapping[str, Any], most: int) -> list[Part]:
    """The pieces of the bar of a week, `_WIDTH` long for the week with the most cards."""
    parts, x = [], 0.0
    for name in _PARTS:
        count = row.get(name, 0)
        width = round(_WIDTH * count / most, 1) if count else 0.0
        if width:
            parts.append(Part(name, round(x, 1), width, count))
        x += width
    return parts
