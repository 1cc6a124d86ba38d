"""Card text as an EHR shows it: GitHub Flavored Markdown, with no markup of anyone's making."""

from __future__ import annotations

from typing import Final

import nh3
from markdown_it import MarkdownIt

_READER: Final = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_TAGS: Final = {
    *("p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "a"),
    *("ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}


def as_html(text: str) -> str:
    """HTML that holds text, lists, tables and http(s) links, and nothing that acts or loads."""
    return nh3.clean(
        _READER.render(text),
        tags=_TAGS,
        attributes={"a": {"href", "title"}},
        url_schemes={"http", "https"},
        link_rel="noopener noreferrer",
    )
