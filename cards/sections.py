"""The parts that every detail is made of."""

from __future__ import annotations

from collections.abc import Iterable

from grading.knowledge import KNOWLEDGE

CLOSING = (
    "*This holds only if the finding is not better explained by another cause. A clinician "
    f"confirms before acting. Content edition {KNOWLEDGE.edition}.*"
)


def titled(title: str, body: str) -> str:
    """A body under its title; nothing where the body is empty."""
    return f"**{title}**\n\n{body}" if body else ""


def joined(parts: Iterable[str]) -> str:
    """The parts that say something, one paragraph each."""
    return "\n\n".join(part for part in parts if part)
