"""Text from a chart, made safe for GitHub Flavored Markdown and for HTML (SAFE-5).

A client may render `detail` as Markdown, as Markdown with raw HTML, or as HTML alone. So the
characters of Markdown are escaped with a backslash, those of HTML as entities, and what a renderer
turns into a link by itself is broken up in the text, because no escape stops every renderer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

CHART_TEXT_LIMIT = 80
"""Code points of chart text on a card; the rest is cut, with an ellipsis."""

_ESCAPES = str.maketrans(
    {
        **{char: f"\\{char}" for char in "\\`*_{}[]#|~$!"},
        "<": "&lt;",
        ">": "&gt;",
        "&": "&amp;",
        "@": " (at) ",
    }
)


@lru_cache(maxsize=4096)
def escape(text: str) -> str:
    """Text of unknown origin as literal text on one line, at most `CHART_TEXT_LIMIT` long.

    Control and formatting characters, line ends and other invisible ones become one space.
    """
    line = " ".join(_printable(text).split())
    if len(line) > CHART_TEXT_LIMIT:
        line = line[: CHART_TEXT_LIMIT - 1].rstrip() + "…"
    return _no_links(line).translate(_ESCAPES)


@lru_cache(maxsize=4096)
def own_text(text: str) -> str:
    """A text of our own content, with comparison signs that need no escape."""
    return text.replace("<=", "≤").replace(">=", "≥").translate(_ESCAPES)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are already escaped."""
    lines = [_row(head), _row(["---"] * len(head))]
    lines += [_row(row) for row in rows]
    return "\n".join(lines)


def bullets(lines: Iterable[str]) -> str:
    """A list, one item a line."""
    return "\n".join(f"- {line}" for line in lines)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else " " for char in text)


def _no_links(line: str) -> str:
    if "www." in line.lower():
        line = line.replace(".", ". ")
    return line.replace("://", ": //")


def lowered(text: str) -> str:
    """A text within a sentence; an abbreviation keeps its capitals."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
