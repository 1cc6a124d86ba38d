"""What was wrong with charted data: counted, named and shown, never raised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

MAX_REFS = 5
"""References that one issue names at most."""


class IssueKind(StrEnum):
    """Why a resource, or a value of one, was not used."""

    BROKEN = "broken"
    """The resource has not the shape of its type."""
    FOREIGN = "foreign"
    """Its subject is another patient."""
    FUTURE = "future"
    """It is dated after the evaluation instant."""
    NO_TIME = "no-time"
    """It carries no time that counts (READ-1)."""
    UNREADABLE_TIME = "unreadable-time"
    """Its time cannot be read."""
    REFUSED_UNIT = "refused-unit"
    """The unit is unknown, missing where it is needed, or of another kind (READ-16)."""
    REFUSED_RANGE = "refused-range"
    """The value is outside the accepted range of its input (IN-1 to IN-19)."""
    REFUSED_VALUE = "refused-value"
    """The value is of a kind that the input does not take, or says nothing that is known."""
    REFUSED_STATUS = "refused-status"
    """A status that FHIR does not define; entered-in-error and the like are no issue."""
    UNCLASSIFIED_DRUG = "unclassified-drug"
    """A medicine that was not recognized, or whose Medication could not be read."""


@dataclass(frozen=True, slots=True)
class DataIssue:
    """How often one kind of problem was met in one input or resource type.

    `label` names the input (`temperature`, `ice`, a lab name) or the resource type. `refs` are
    FHIR references in sorted order, at most `MAX_REFS`; `count` counts all.
    """

    kind: IssueKind
    label: str
    count: int
    refs: tuple[str, ...] = ()


class IssueLog:
    """Collects problems while a record is built; the same problem of one resource counts once."""

    __slots__ = ("_named", "_nameless")

    def __init__(self) -> None:
        """Start with none."""
        self._named: dict[tuple[IssueKind, str], set[str]] = {}
        self._nameless: dict[tuple[IssueKind, str], int] = {}

    def add(self, kind: IssueKind, label: str, ref: str) -> None:
        """Note one problem; `ref` is empty for a resource without id."""
        if ref:
            self._named.setdefault((kind, label), set()).add(ref)
        else:
            self._add_nameless(kind, label, 1)

    def _add_nameless(self, kind: IssueKind, label: str, count: int) -> None:
        self._nameless[kind, label] = self._nameless.get((kind, label), 0) + count

    def has_refused(self, label: str, ref: str) -> bool:
        """Whether a value of that input was refused, in that resource."""
        kinds = (IssueKind.REFUSED_UNIT, IssueKind.REFUSED_RANGE, IssueKind.REFUSED_VALUE)
        if ref:
            return any(ref in self._named.get((kind, label), ()) for kind in kinds)
        return any((kind, label) in self._nameless for kind in kinds)

    def extend(self, issues: Iterable[DataIssue]) -> None:
        """Take over issues that name each of their resources, or the count of nameless ones."""
        for issue in issues:
            for ref in issue.refs:
                self.add(issue.kind, issue.label, ref)
            if issue.count > len(issue.refs):
                self._add_nameless(issue.kind, issue.label, issue.count - len(issue.refs))

    def issues(self) -> tuple[DataIssue, ...]:
        """Return all problems, sorted by kind and label."""
        keys = sorted(self._named.keys() | self._nameless.keys())
        return tuple(self._issue(key) for key in keys)

    def _issue(self, key: tuple[IssueKind, str]) -> DataIssue:
        refs = sorted(self._named.get(key, ()))
        count = len(refs) + self._nameless.get(key, 0)
        return DataIssue(key[0], key[1], count, tuple(refs[:MAX_REFS]))
