"""What was wrong with charted data, in words."""

from __future__ import annotations

from cards.markdown import escape
from cards.wording import missing_name
from fhir_mappings.issues import DataIssue, IssueKind

_SHOWN_REFS = 2

KINDS: dict[str, str] = {
    IssueKind.BROKEN: "that cannot be read",
    IssueKind.FOREIGN: "of another patient",
    IssueKind.FUTURE: "dated after the time of this card",
    IssueKind.NO_TIME: "without a time",
    IssueKind.UNREADABLE_TIME: "with a time that cannot be read",
    IssueKind.REFUSED_UNIT: "with a unit that is missing or not accepted",
    IssueKind.REFUSED_RANGE: "outside the accepted range",
    IssueKind.REFUSED_VALUE: "with a value that cannot be used",
    IssueKind.REFUSED_STATUS: "with a status that FHIR does not know",
    IssueKind.UNCLASSIFIED_DRUG: "with a medicine that is not recognized",
}


def issue_text(issue: DataIssue) -> str:
    """One kind of problem: "temperature: 1 entry outside the accepted range (Observation/t1)"."""
    refs = ", ".join(escape(ref) for ref in issue.refs[:_SHOWN_REFS])
    named = f" ({refs}{', ...' if issue.count > _SHOWN_REFS else ''})" if refs else ""
    entries = "entry" if issue.count == 1 else "entries"
    return f"{missing_name(issue.label)}: {issue.count} {entries} {KINDS[issue.kind]}{named}"
