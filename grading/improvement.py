"""Whether a patient improved since a treatment (clinical-rules.md 0.3, READ-13)."""

from __future__ import annotations

from enum import StrEnum

from grading.model import GradeRange


class Change(StrEnum):
    """Improvement against the grade at the reference time."""

    IMPROVED = "improved"
    NOT_IMPROVED = "not-improved"
    CANNOT_TELL = "cannot-tell"
    """For lack of data now, or of a grade at the reference time: nothing rests on it."""
    TOO_EARLY = "too-early"
    """The time from which the treatment is judged has not come."""


def change(now: GradeRange, then: int | None) -> Change:
    """Improved if certainly below the lower bound `then`, not improved if certainly not."""
    if then is None:
        return Change.CANNOT_TELL
    if now.hi < then:
        return Change.IMPROVED
    return Change.NOT_IMPROVED if now.lo >= then else Change.CANNOT_TELL
