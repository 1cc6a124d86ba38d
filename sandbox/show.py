"""Prints what came back for each patient: grades, cards, order alerts, suggestions."""

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

from sandbox.client import Answer, Hook, Mode, Peers, discover, drafted, fire, opened
from sandbox.drafts import draft_orders
from sandbox.story import Draft, Scenario, Story

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


class Ordered(NamedTuple):
    """Draft orders, and the answers when the first was selected and when all were signed."""

    story: Story
    scenario: Scenario
    selected: Answer
    signed: Answer


def chosen(stories: Iterable[Story], patient_id: str) -> tuple[Story, ...]:
    """The patient of that id, or all where it is empty or `ALL`; raises `KeyError` for no one."""
    if patient_id in {"", ALL}:
        return tuple(stories)
    return ({story.id: story for story in stories}[patient_id],)


def open_charts(peers: Peers, stories: Iterable[Story], mode: Mode) -> tuple[Opened, ...]:
    """Opens each chart once; raises `ClientError` where the service does not answer."""
    service = discover(peers, Hook.PATIENT_VIEW)
    return tuple(Opened(story, fire(peers, service, opened(story.id), mode)) for story in stories)


def enter_orders(peers: Peers, stories: Iterable[Story], mode: Mode) -> tuple[Ordered, ...]:
    """Selects and signs the drafts of each scenario; raises `ClientError` as above."""
    select, sign = discover(peers, Hook.ORDER_SELECT), discover(peers, Hook.ORDER_SIGN)
    found = []
    for story in stories:
        for scenario in story.scenarios:
            drafts = draft_orders(story, scenario)
            answers = (
                fire(peers, service, drafted(story.id, drafts, service.hook), mode)
                for service in (select, sign)
            )
            found.append(Ordered(story, scenario, *answers))
    return tuple(found)


def as_json(charts: Iterable[Opened], orders: Sequence[Ordered]) -> str:
    """Patients with status, assessment and cards, and the same of their orders, as a JSON list."""
    rows = [
        {"patient": story.id, **_told(answer), "orders": _entered(story, orders)}
        for story, answer in charts
    ]
    return json.dumps(rows, indent=2)


def _entered(story: Story, orders: Iterable[Ordered]) -> list[dict[str, Any]]:
    return [
        {
            "scenario": each.scenario.title,
            str(Hook.ORDER_SELECT): _told(each.selected),
            str(Hook.ORDER_SIGN): _told(each.signed),
        }
        for each in orders
        if each.story is story
    ]


def _told(answer: Answer) -> dict[str, Any]:
    return {"status": answer.status, "assessment": answer.assessment, "cards": answer.cards}


def report(charts: Sequence[Opened], orders: Sequence[Ordered], *, in_full: bool) -> RenderableType:
    """A table of all patients and one of their orders; in full, the cards below them."""
    parts: list[RenderableType] = [_overview(charts)]
    if orders:
        parts.append(_order_table(orders))
    if in_full:
        parts += [part for each in charts for part in _patient(each)]
        parts += [part for each in orders for part in _scenario(each)]
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


def _order_table(orders: Iterable[Ordered]) -> Table:
    table = Table(title="Order entry: the first draft selected, then all signed", show_lines=True)
    for name in ("Patient", "Orders drafted", Hook.ORDER_SELECT, Hook.ORDER_SIGN):
        table.add_column(str(name))
    for story, scenario, selected, signed in orders:
        lines = (
            f"{number}. {order_text(draft)}" for number, draft in enumerate(scenario.drafts, 1)
        )
        table.add_row(
            f"{story.label}  {story.id}",
            Text("\n".join(lines)),
            _summaries(selected),
            _summaries(signed),
        )
    return table


def order_text(draft: Draft) -> str:
    """A draft in a line: `tocilizumab 584 mg IV, one dose`."""
    fields = draft.fields
    what = [fields[name] for name in ("drug", "test", "dose", "route") if name in fields]
    how = [fields["sig"]] if "sig" in fields else []
    if "every_h" in fields:
        how.append(f"every {fields['every_h']} h")
    return ", ".join([" ".join(what), *how])


def _summaries(answer: Answer) -> Text:
    if answer.status != 200:  # noqa: PLR2004 - HTTP
        return Text(f"no answer: HTTP {answer.status} {answer.problem}", style="red")
    lines = [
        Text(f"{card['indicator']}: {card['summary']}", style=_COLORS[card["indicator"]])
        for card in answer.cards
    ]
    return Text("\n").join(lines) if lines else Text("no card", style="dim")


def _patient(chart: Opened) -> Iterator[RenderableType]:
    story, answer = chart
    yield Text(f"\nPatient {story.label} ({story.id}): {story.title}", style="bold")
    yield from _cards(answer)


def _scenario(orders: Ordered) -> Iterator[RenderableType]:
    story, scenario, _, signed = orders
    title = f"\nPatient {story.label} ({story.id}), {Hook.ORDER_SIGN}: {scenario.title}"
    yield Text(title, style="bold")
    yield from _cards(signed)


def _cards(answer: Answer) -> Iterator[RenderableType]:
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
