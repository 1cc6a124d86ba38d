"""The numbered sources of one card: marked where they are used, listed with year and link once."""

from __future__ import annotations

from collections.abc import Iterable

from cards.markdown import own_text
from cards.model import CardContext, Link
from grading.knowledge import KNOWLEDGE
from grading.model import Citation

_SECURE = "https://"


class References:
    """The sources that a card has named so far, in the order in which it named them."""

    def __init__(self) -> None:
        """Start without a source."""
        self._numbers: dict[str, int] = {}

    def mark(self, cites: Iterable[str]) -> str:
        """Numbers of sources as they follow a sentence: " (source 1)", " (sources 1, 3)"."""
        found = sorted({self._number(cite) for cite in cites})
        if not found:
            return ""
        word = "source" if len(found) == 1 else "sources"
        return f" ({word} {', '.join(map(str, found))})"

    def section(self) -> str:
        """The list of the sources, each with its year and link."""
        lines = (f"{n}. {_cited(KNOWLEDGE.sources[cite])}" for cite, n in self._numbers.items())
        return "\n".join(("**Sources**", "", *lines))

    def links(self, context: CardContext) -> tuple[Link, ...]:
        """Every link of the section once more, for clients without links in text (LINK-8)."""
        sources = [KNOWLEDGE.sources[cite] for cite in self._numbers]
        links = {source.url: Link(source.label, source.url) for source in sources}
        if context.base_url:
            rules = f"{context.base_url.rstrip('/')}/rules"
            links[rules] = Link("All rules with their sources", rules)
        return tuple(link for url, link in links.items() if url.startswith(_SECURE))

    def _number(self, cite: str) -> int:
        return self._numbers.setdefault(cite, len(self._numbers) + 1)


def _cited(source: Citation) -> str:
    label = own_text(source.label)
    return f"[{label}]({source.url})" if source.url.startswith(_SECURE) else label
