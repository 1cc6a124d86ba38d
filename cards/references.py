"""The numbered sources of one card: marked where they are used, listed with year and link once."""

from __future__ import annotations

from collections.abc import Iterable

from cards.markdown import own_text
from cards.model import CardContext, Link
from grading.knowledge import KNOWLEDGE

_SECURE = "https://"


class References:
    """The sources that a card has named so far, in the order in which it named them."""

    def __init__(self, context: CardContext) -> None:
        """Start without a source; our own ones are on the rule page that `context` leads to."""
        self._context = context
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
        lines = (f"{n}. {self._cited(cite)}" for cite, n in self._numbers.items())
        return "\n".join(("**Sources**", "", *lines))

    def links(self) -> tuple[Link, ...]:
        """Every link of the section once more, for clients without links in text (LINK-8)."""
        sources = [KNOWLEDGE.sources[cite] for cite in self._numbers]
        secure = [source for source in sources if source.url.startswith(_SECURE)]
        links = {source.url: Link(source.label, source.url) for source in secure}
        if rules := self._context.rule_url():
            links[rules] = Link("All rules with their sources", rules)
        return tuple(links.values())

    def _cited(self, cite: str) -> str:
        source = KNOWLEDGE.sources[cite]
        url, label = source.url or self._context.rule_url() or "", own_text(source.label)
        return f"[{label}]({url})" if self._is_linked(url) else label

    def _is_linked(self, url: str) -> bool:
        """Whether it is ours, or a secure one."""
        return url == self._context.rule_url() or url.startswith(_SECURE)

    def _number(self, cite: str) -> int:
        return self._numbers.setdefault(cite, len(self._numbers) + 1)
