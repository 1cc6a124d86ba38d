"""The basis of a grade as the card's table: criterion, what was charted, which grade it is."""

from __future__ import annotations

from collections.abc import Iterable

from cards.markdown import own_text, table
from cards.wording import Words
from grading.knowledge import KNOWLEDGE
from grading.model import Assessment, Basis, Criterion

_HEAD = ("Criterion", "Charted", "Points to")
_GATES = {True: "criterion met", False: "criterion not met", None: "not known"}

_CRITERIA: dict[tuple[str, str], Criterion] = {
    (row.id, row.text): row
    for axes in (KNOWLEDGE.crs, KNOWLEDGE.icans)
    for findings in axes.values()
    for row in findings.values()
}


def criterion_of(basis: Basis) -> Criterion | None:
    """The row of a grading table behind a basis; None for a gate, such as fever."""
    return _CRITERIA.get((basis.rule, basis.text))


def basis_table(assessment: Assessment, words: Words) -> str:
    """Every row of the basis with its charted values; empty where there is no basis."""
    if not assessment.basis:
        return ""
    return table(_HEAD, (_row(basis, words) for basis in assessment.basis))


def deciding(assessment: Assessment) -> tuple[str, ...]:
    """The texts of the met rows that make the lower bound of a grade of 1 or more."""
    return tuple(basis.text for basis in _deciding(assessment))


def deciding_rule(assessment: Assessment) -> str:
    """The id of the first of those rows; empty where there is none."""
    return next((basis.rule for basis in _deciding(assessment)), "")


def _deciding(assessment: Assessment) -> list[Basis]:
    """Where no row makes the grade, the gates that were passed."""
    rows = [(basis, criterion_of(basis)) for basis in assessment.basis if basis.met]
    made = [basis for basis, row in rows if row and row.lo == assessment.grade.lo > 0]
    return made or [basis for basis, row in rows if row is None]


def cited(assessment: Assessment) -> Iterable[str]:
    """The sources of the rows of the basis, in their order, with repeats."""
    for basis in assessment.basis:
        row = criterion_of(basis)
        if row is not None:
            yield from row.cites


def _row(basis: Basis, words: Words) -> tuple[str, str, str]:
    charted = "; ".join(words.evidence(fact) for fact in basis.evidence)
    return own_text(basis.text), charted or "-", _points_to(basis)


def _points_to(basis: Basis) -> str:
    """A grade or its bounds; "yes" or "no" would turn "no hypotension" into its opposite."""
    row = criterion_of(basis)
    if row is None:
        return f"{basis.axis} {_GATES[basis.met]}"
    if basis.met and row.lo == 0:
        return "last grade carried on"
    return f"grade {basis.lo}" if basis.lo == basis.hi else f"grade {basis.lo} to {basis.hi}"
