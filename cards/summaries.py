"""Summaries: the grade and no other number of the patient, on one line of plain text."""

from __future__ import annotations

from collections.abc import Sequence

from cards.model import SUMMARY_LIMIT
from cards.wording import grade_text, listed, missing_name
from grading.model import Assessment, Note, State

_SCALE = "(ASTCT 2019)"
_MASKED = "fever may be masked"
_NOTED: dict[str, str] = {
    Note.OPENING_PRESSURE: "opening pressure raised",
    Note.HEMORRHAGE_EXCLUDED: "intracranial hemorrhage charted, not graded",
    Note.NOT_CRS_WITHOUT_FEVER: "hypotension or hypoxia without fever",
    Note.AFTER_WINDOW_FEVER: "late fever, infection work-up is an option",
    Note.CHARTED_DIFFERS: "a clinician charted another grade",
}
"""Notes that make a card of their own at grade 0, the most urgent first."""
_LATE = (Note.LATE_CRS, Note.LATE_ICANS)


def speaking_note(assessment: Assessment) -> str | None:
    """The note that is to be said even at grade 0; None without one."""
    names = {key.partition(":")[0] for key in assessment.notes}
    return next((note for note in _NOTED if note in names), None)


def syndrome_summary(name: str, assessment: Assessment) -> str:
    """The summary of a syndrome's own card."""
    grade, state = assessment.grade, assessment.state
    if state is State.POSSIBLE_MASKED:
        return f"Possible {name}, could be grade {grade.hi}: {_MASKED}"
    if state is State.RESOLVING:
        return _resolving(name, assessment)
    if grade.exact:
        return f"{name} grade {grade.lo} {_SCALE}{_noted(assessment)}"
    stem = f"{name} {grade_text(grade)}" if grade.lo else f"{name} cannot be graded"
    return _fit(stem, assessment.missing, f"{stem} {_SCALE}")


def ungraded_summary(names: Sequence[str], missing: Sequence[str], reason: str) -> str:
    """The summary where syndromes cannot be graded; `reason` stands for a single missing input."""
    stem = f"{listed(names)} cannot be graded"
    if reason and len(missing) == 1:
        return f"{stem}: {missing_name(missing[0])} {reason}"
    return _fit(stem, missing, f"{stem} from what is charted")


def overlap_summary(possible: bool, missing: Sequence[str]) -> str:
    """The summary of the IEC-HS card: what is possible, or what a due check lacks."""
    if possible:
        return "Possible IEC-HS (HLH-like) overlap: hematology consult is an option"
    return _fit("IEC-HS check is due and not settled", missing, "IEC-HS check is due")


def _resolving(name: str, assessment: Assessment) -> str:
    if assessment.grade.exact:
        return f"{name} resolving: grade 0 now, episode open {_SCALE}"
    stem = f"{name} resolving, could be grade {assessment.grade.hi}"
    return _fit(stem, assessment.missing, stem)


def _noted(assessment: Assessment) -> str:
    if any(key.partition(":")[0] in _LATE for key in assessment.notes):
        return ", late: look for another cause"
    note = speaking_note(assessment)
    return f": {_NOTED[note]}" if note and assessment.grade.lo == 0 else ""


def _fit(stem: str, missing: Sequence[str], without: str) -> str:
    """The stem with as many missing inputs as the line takes; `without` where there are none."""
    if not missing:
        return without
    names = [missing_name(key) for key in missing]
    full = f"{stem}: {listed(names)} missing"
    return full if len(full) <= SUMMARY_LIMIT else f"{stem}: several inputs missing"
