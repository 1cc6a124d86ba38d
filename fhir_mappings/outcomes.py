"""What a server says in an OperationOutcome beside its results (design.md 7)."""

from __future__ import annotations

from fhir_mappings.elements import OutcomeIssue
from fhir_mappings.resources import OperationOutcome

_SEVERE = frozenset({"error", "fatal"})
_SECURITY = frozenset({"security", "login", "unknown", "expired", "forbidden", "suppressed"})
_CUT_SHORT = frozenset(
    {
        "incomplete",
        "timeout",
        "transient",
        "throttled",
        "too-costly",
        "lock-error",
        "no-store",
        "exception",
    }
)
"""Codes of issues with which a server says that it did not come to the end of the work."""
_LEFT_OUT = frozenset({"59204"})
"""Codes in `details` with which a vendor warns that it left results out (Epic)."""


def says_gap(outcome: OperationOutcome) -> bool:
    """Whether it says that results are left out, or that the work did not come to its end."""
    return any(_is_gap(issue) for issue in outcome.issue or ())


def _is_gap(issue: OutcomeIssue) -> bool:
    if issue.severity in _SEVERE or issue.code in _SECURITY | _CUT_SHORT:
        return True
    return issue.details is not None and any(
        coding.code in _LEFT_OUT for coding in issue.details.coding
    )
