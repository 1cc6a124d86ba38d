"""What the management rules ask about one patient, answered once each."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from typing import TYPE_CHECKING

from grading.improvement import Change, change
from grading.knowledge import KNOWLEDGE, Policy
from grading.ledger import TOCILIZUMAB, ledger
from grading.model import (
    HOUR,
    NEVER,
    Advice,
    Assessment,
    Dose,
    Instant,
    LabResult,
    Measured,
    Overlap,
    Seizure,
    SeizureKind,
    TocilizumabLedger,
    Verdict,
)
from grading.pressure import hypotension
from grading.regimen import COMPANIONS, SteroidCourse, intensive_since, running_course

if TYPE_CHECKING:
    from grading.course import Course

_ANTIPYRETICS = KNOWLEDGE.drugs["antipyretic"]
_IL6_BLOCKERS = KNOWLEDGE.drugs["il6-blocker"]
_ANTIPYRETIC_DOSES = 2
_DAY_H = 24


class Situation:
    """A course with its verdict; the bounds of both grades as plain numbers, the rest on demand."""

    def __init__(self, course: Course, verdict: Verdict) -> None:
        """Take the grades of `verdict`; nothing else is computed yet."""
        self.course = course
        self.verdict = verdict
        self.policy: Policy = course.policy
        self.now: Instant = course.now
        self.start: Instant = course.now if course.infusion is None else course.infusion.course_t0
        self.product = course.infusion.product if course.infusion else None
        self.day = course.infusion.day if course.infusion else 0
        self.crs_lo = verdict.crs.grade.lo
        self.crs_hi = verdict.crs.grade.hi
        self.icans_lo = verdict.icans.grade.lo
        self.icans_hi = verdict.icans.grade.hi

    # --- the grades ----------------------------------------------------------------------------

    def is_crs(self, grade: int) -> bool:
        """Whether CRS_lo is that grade."""
        return self.crs_lo == grade

    def has_crs(self, least: int) -> bool:
        """Whether CRS_lo is at least that grade."""
        return self.crs_lo >= least

    def is_icans(self, grade: int) -> bool:
        """Whether ICANS_lo is that grade."""
        return self.icans_lo == grade

    def has_icans(self, least: int) -> bool:
        """Whether ICANS_lo is at least that grade."""
        return self.icans_lo >= least

    # --- the patient ---------------------------------------------------------------------------

    @property
    def is_age_known(self) -> bool:
        """Whether any dose may be printed at all (READ-16)."""
        return self.course.age_y is not None

    @property
    def why_no_flat_dose(self) -> str:
        """Why no adult flat dose may be printed (PED-1, READ-16); empty: it may."""
        if not self.is_age_known:
            return Advice.AGE_UNKNOWN
        child = self.course.maybe_child and not self.policy.ped_adult_doses
        return Advice.PEDIATRIC_DOSE if child else ""

    @property
    def prints_flat_dose(self) -> bool:
        """Whether an adult flat dose may be printed."""
        return not self.why_no_flat_dose

    # --- onset ---------------------------------------------------------------------------------

    @cached_property
    def crs_early(self) -> bool | None:
        """Whether the CRS episode began within `early_onset_h` of the infusion (exclusive)."""
        return self._early(self.verdict.crs)

    @cached_property
    def icans_early(self) -> bool | None:
        """Whether ICANS began within `early_onset_h` of the infusion (exclusive)."""
        return self._early(self.verdict.icans)

    def _early(self, found: Assessment) -> bool | None:
        """None: the onset is not certain (READ-14), so too by an infusion of a date (READ-9)."""
        if not found.onset_known or found.onset_hours is None:
            return None
        return found.onset_hours < self.policy.early_onset_h

    @property
    def is_late_crs(self) -> bool:
        """Whether the CRS episode began after `crs_onset_max_day` (CRS-W1)."""
        crs = self.verdict.crs
        if not crs.onset_known or crs.onset_hours is None:
            return False
        return crs.onset_hours // _DAY_H > self.policy.crs_onset_max_day

    @cached_property
    def crs_untrailed_lo(self) -> int:
        """CRS_lo without what only a trailing window holds up (READ-13)."""
        return self.course.crs_untrailed_at(self.now).lo

    # --- fever ---------------------------------------------------------------------------------

    @cached_property
    def fever_run(self) -> tuple[Measured, ...]:
        """Fevers of the present run, oldest first; 24 h without one end it (5.3)."""
        window = self.policy.fever_window_h * HOUR
        run: list[Measured] = []
        later = self.now
        for fever in reversed(self.course.fevers):
            if later - fever.t > window:
                break
            run.append(fever)
            later = fever.t
        return tuple(reversed(run))

    @cached_property
    def is_fever_persistent(self) -> bool:
        """Whether the run lasts more than `toci_crs1_persist_h`, or is refractory (MGMT-CRS-1B).

        Refractory: still there `refractory_h` after its start despite two antipyretic doses. To be
        asked only where there is a fever now.
        """
        first, last = self.fever_run[0].t, self.fever_run[-1].t
        if last - first > self.policy.toci_crs1_persist_h * HOUR:
            return True
        if last - first < self.policy.refractory_h * HOUR:
            return False
        given = self.course.given(_ANTIPYRETICS)
        return sum(first <= dose.start <= last for dose in given) >= _ANTIPYRETIC_DOSES

    # --- tocilizumab ---------------------------------------------------------------------------

    @cached_property
    def ledger(self) -> TocilizumabLedger:
        """The tocilizumab doses of the course."""
        return self.verdict.ledger or ledger(self.course)

    @cached_property
    def tocilizumab_given(self) -> bool:
        """Whether any was given in the course, subcutaneous ones too."""
        given = self.course.given(frozenset({TOCILIZUMAB}))
        return any(dose.start >= self.start for dose in given)

    @cached_property
    def first_in_episode(self) -> Dose | None:
        """The first tocilizumab of the CRS episode; None too where not all doses were read."""
        onset = self.verdict.crs.onset
        if self.ledger.at_least or onset is None:
            return None
        return next((dose for dose in self.ledger.doses if dose.start >= onset), None)

    @cached_property
    def tocilizumab_change(self) -> Change | None:
        """CRS since the last tocilizumab, judged from `toci_response_h` on; None: none given."""
        if not self.ledger.doses:
            return None
        return self.crs_change(self.ledger.doses[-1].start, self.policy.toci_response_h)

    def crs_change(self, since: Instant, after_h: int) -> Change:
        """CRS now, without trailing windows, against the grade at `since` (READ-13)."""
        if self.now - since < after_h * HOUR:
            return Change.TOO_EARLY
        now = self.course.crs_untrailed_at(self.now)
        return change(now, self.course.reference("crs", since))

    def icans_change(self, since: Instant, after_h: int) -> Change:
        """ICANS now against the grade at `since` (READ-13)."""
        if self.now - since < after_h * HOUR:
            return Change.TOO_EARLY
        return change(self.verdict.icans.grade, self.course.reference("icans", since))

    def is_crs_at_least(self, grade: int, since: Instant) -> bool:
        """Whether CRS_lo was at least `grade` at every evaluation point from `since` to now."""
        if self.crs_untrailed_lo < grade:
            return False
        points = self.course.points[bisect_left(self.course.points, since) :]
        return all(self.course.crs_at(point).lo >= grade for point in reversed(points))

    @cached_property
    def is_hypotension_persistent(self) -> bool:
        """Whether there is hypotension `toci_response_h` or more after an IL-6 blocker."""
        latest = self.now - self.policy.toci_response_h * HOUR
        given = self.course.given(_IL6_BLOCKERS)
        if not any(self.start <= dose.start <= latest for dose in given):
            return False
        return hypotension(self.course.chart, self.now, trailing=False).lo > 0

    # --- steroid -------------------------------------------------------------------------------

    @cached_property
    def steroid_course(self) -> SteroidCourse | None:
        """The running course of dexamethasone or methylprednisolone."""
        return running_course(self.course.given(COMPANIONS), self.now, self.policy)

    @cached_property
    def intensive_since(self) -> Instant | None:
        """Since when that course is methylprednisolone or dexamethasone about every 6 h."""
        if self.steroid_course is None:
            return None
        return intensive_since(self.steroid_course, self.now, self.policy)

    def had_icans(self, grade: int, since: Instant) -> bool:
        """Whether ICANS_lo was at least `grade` at `since` or at a point from then to now."""
        points = self.course.points[bisect_left(self.course.points, since) :]
        return any(self.course.icans_at(point).lo >= grade for point in (since, *points))

    # --- IEC-HS --------------------------------------------------------------------------------

    @property
    def overlap(self) -> Overlap:
        """Whether IEC-HS is possible (IECHS-3)."""
        return self.course.overlap

    @property
    def is_overlap_possible(self) -> bool:
        """Whether it certainly is: `possible_IECHS`."""
        return self.overlap.possible is True

    # --- neutrophils ---------------------------------------------------------------------------

    @cached_property
    def neutrophils(self) -> LabResult | None:
        """The latest neutrophil count per uL of the last 48 h (IN-19); None: not known."""
        return self.course.chart.labs.latest("anc")

    @property
    def is_neutropenic(self) -> bool:
        """Whether that count is below `neutropenia_anc` (exclusive)."""
        count = self.neutrophils
        return count is not None and count.value < self.policy.neutropenia_anc

    # --- seizures and what was read ------------------------------------------------------------

    @cached_property
    def seizures(self) -> tuple[Seizure, ...]:
        """Every charted seizure, of any time and cause: a history of seizures is a risk (SZ-3).

        One that was only supposed is none.
        """
        charted = (item for item in self.course.snapshot.seizures if item.is_certain)
        return tuple(item for item in charted if item.kind is not SeizureKind.NONE)

    @cached_property
    def has_recent_seizure(self) -> bool:
        """Whether there was one since the infusion, within `seizure_window_h` (inclusive).

        One that was charted as due to another cause is meant too: that takes it out of the grade
        alone (DEF-14).
        """
        since = max(self.start, self.now - self.policy.seizure_window_h * HOUR)
        return any(item.t >= since for item in self.seizures)

    @property
    def doses_from(self) -> Instant:
        """From when on administrations are complete; `NEVER`: the site does not publish them."""
        published = self.policy.administrations_published
        return self.course.snapshot.reach.doses if published else NEVER
