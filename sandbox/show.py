"""Prints what came back for each patient: grades, cards, suggestions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from rich.console import Group, RenderableType
from rich.markdown import Markdown
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from sandbox.client import Answer, Mode, Peers, discover, patient_view
from sandbox.story import Story

ALL: Final = "all"
"""In place of a patient's id: every patient in full."""
_COLORS: Final = {"info": "cyan", "warning": "yellow", "critical": "red"}
_STATES: Final = {
    "resolving": "resolving",
    "possible-masked": "may be masked",
    "not-assessable": "cannot grade",
}


class Opened(NamedTuple):
    """A chart that was opened and what the service answered."""

    story: Story
    answer: Answer


def chosen(stories: Iterable[Story], patient_id: str) -> tuple[Story, ...]:
    """The patient of that id, or all where it is empty or `ALL`; raises `KeyError` for no one."""
    if patient_id in {"", ALL}:
        return tuple(stories)
    return ({story.id: story for story in stories}[patient_id],)


def open_charts(peers: Peers, stories: Iterable[Story], mode: Mode) -> tuple[Opened, ...]:
    """Opens each chart once; raises `ClientError` where the service does not answer."""
    service = discover(peers)
    return tuple(Opened(story, patient_view(peers, service, story.id, mode)) for story in stories)


def as_json(opened: Iterable[Opened]) -> str:
    """Patients with status, assessment and cards, as a JSON list."""
    rows = [
        {
            "patient": each.story.id,
            "status": each.answer.status,
            "assessment": each.answer.assessment,
            "cards": each.answer.cards,
        }
        for each in opened
    ]
    return json.dumps(rows, indent=2)


def report(opened: Sequence[Opened], *, in_full: bool) -> RenderableType:
    """A table of all patients; in full, their cards below it."""
    parts: list[RenderableType] = [_overview(opened)]
    if in_full:
        parts += [part for each in opened for part in _patient(each)]
    return Group(*parts)


def grade(assessment: Mapping[str, Any], syndrome: str) -> str:
    """A grade as a nurse would read it: `2`, `2 to 4`, `0, resolving`, or a dash."""
    found = assessment.get(syndrome, {})
    if "lo" not in found:
        return "-"
    low, high = found["lo"], found["hi"]
    words = str(low) if low == high else f"{low} to {high}"
    state = _STATES.get(found.get("state", ""), "")
    return f"{words}, {state}" if state else words


def _overview(opened: Iterable[Opened]) -> Table:
    table = Table("Patient", "Chart", "CRS", "ICANS", "Cards", title="patient-view")
    for story, answer in opened:
        table.add_row(
            f"{story.label}  {story.id}",
            story.title,
            grade(answer.assessment, "crs"),
            grade(answer.assessment, "icans"),
            _summaries(answer),
        )
    return table


def _summaries(answer: Answer) -> Text:
    if answer.status != 200:  # noqa: PLR2004 - HTTP
        return Text(f"no answer: HTTP {answer.status} {answer.problem}", style="red")
    lines = [
        Text(f"{card['indicator']}: {card['summary']}", style=_COLORS[card["indicator"]])
        for card in answer.cards
    ]
    return Text("\n").join(lines) if lines else Text("no card", style="dim")


def _patient(opened: Opened) -> Iterator[RenderableType]:
    story, answer = opened
    yield Text(f"\nPatient {story.label} ({story.id}): {story.title}", style="bold")
    if answer.status != 200 or not answer.cards:  # noqa: PLR2004 - HTTP
        yield _summaries(answer)
    for card in answer.cards:
        yield _card(card)


def _card(card: Mapping[str, Any]) -> Panel:
    parts: list[RenderableType] = []
    if "detail" in card:
        parts.append(Markdown(card["detail"]))
    for suggestion in card.get("suggestions", ()):
        parts.append(Padding(_suggestion(suggestion), (1, 0, 0, 0)))
    parts += [Text(f"Link: {each['label']} {each['url']}") for each in card.get("links", ())]
    parts.append(Text(f"Source: {_source(card['source'])}", style="dim"))
    title = f"{card['indicator']}: {card['summary']}"
    return Panel(
        Group(*parts),
        title=Text(title),
        title_align="left",
        border_style=_COLORS[card["indicator"]],
    )


def _suggestion(suggestion: Mapping[str, Any]) -> Text:
    star = " (recommended)" if suggestion.get("isRecommended") else ""
    lines = [Text(f"[ {suggestion['label']} ]{star}", style="bold")]
    for action in suggestion.get("actions", ()):
        kind = action.get("resource", {}).get("resourceType", action.get("resourceId", ""))
        lines.append(Text(f"    {action['type']} {kind}: {action['description']}"))
    return Text("\n").join(lines)


def _source(source: Mapping[str, Any]) -> str:
    return " ".join(str(source[name]) for name in ("label", "url") if name in source)
