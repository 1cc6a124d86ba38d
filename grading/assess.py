"""What the core says of one patient at one instant."""

from __future__ import annotations

from dataclasses import replace

from grading.course import Course
from grading.infusion import scope
from grading.knowledge import Policy
from grading.ledger import ledger
from grading.model import Assessment, GradeRange, Missing, Overlap, Scope, Snapshot, State, Verdict
from grading.ties import with_ties

_UNGRADED = Assessment("", GradeRange(0, 0), State.OUT_OF_SCOPE)
_UNSCREENED = Overlap(None, missing=(Missing.INFUSION,))


def prepare(snapshot: Snapshot, policy: Policy) -> Course:
    """The patient's course, to be asked for grades at any instant up to `snapshot.now`."""
    return Course(snapshot, policy)


def assess(course: Course) -> Verdict:
    """Scope, both grades and the tocilizumab ledger at `now`; never raises on patient data.

    Out of scope both assessments are `out-of-scope`; with scope unknown they are `not-assessable`,
    0 to 4, with the infusion missing (local-codes.md).
    """
    snapshot = course.snapshot
    found = scope(snapshot, course.infusion, course.policy)
    if found is Scope.IN:
        return Verdict(
            course.now,
            found,
            course.infusion,
            course.age_y,
            with_ties(course.chart, course.crs),
            with_ties(course.chart, _icans(course)),
            ledger(course),
            course.overlap,
        )
    return Verdict(
        course.now,
        found,
        None,
        course.age_y,
        _not_graded("crs", found),
        _not_graded("icans", found),
        overlap=_UNSCREENED if found is Scope.UNKNOWN else None,
    )


def _icans(course: Course) -> Assessment:
    """ICANS, but after `icans_max_day` no automatic grade (ICANS-W1)."""
    if course.chart.day_at(course.now) > course.policy.icans_max_day:
        return _not_graded("icans", Scope.NO_INFUSION)
    return course.icans


def _not_graded(syndrome: str, found: Scope) -> Assessment:
    if found is Scope.UNKNOWN:
        return Assessment(
            syndrome, GradeRange(0, 4), State.NOT_ASSESSABLE, missing=(Missing.INFUSION,)
        )
    return replace(_UNGRADED, syndrome=syndrome)
