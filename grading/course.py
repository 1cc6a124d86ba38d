"""One patient's course: both grades at any instant, worked out once each (READ-11 to READ-14)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cached_property

from grading.age import could_be_younger
from grading.chart import Chart
from grading.crs import grade_crs
from grading.crs_point import CrsPoint, crs_point
from grading.encephalopathy import instruments
from grading.fever import Fever
from grading.history import history_of
from grading.icans import IcansPoint, icans_point
from grading.icans_assessment import grade_icans
from grading.iechs import screen
from grading.knowledge import Policy
from grading.model import (
    HOUR,
    Assessment,
    Dose,
    GradeRange,
    Infusion,
    Instant,
    Measured,
    Overlap,
    Snapshot,
)
from grading.runs import Run


class Course:
    """A snapshot with its policy, asked for grades at instants; the same question costs once."""

    def __init__(self, snapshot: Snapshot, policy: Policy) -> None:
        """Prepare `snapshot`."""
        self.snapshot = snapshot
        self.policy = policy
        self.now: Instant = snapshot.now
        self.chart = Chart(snapshot, policy)
        self.infusion: Infusion | None = self.chart.infusion
        self._crs: dict[tuple[Instant, bool], CrsPoint] = {}
        self._icans: dict[Instant, IcansPoint] = {}

    @cached_property
    def fever(self) -> Fever:
        """Fevers and episodes."""
        return Fever(self.chart)

    # --- the patient ---------------------------------------------------------------------------

    @property
    def age_y(self) -> int | None:
        """Completed years at `now`, the greatest possible; None: not known."""
        return self.chart.age_at(self.now)

    @property
    def maybe_child(self) -> bool:
        """Whether the patient could be younger than an adult, so too where age is not known."""
        return could_be_younger(self.snapshot.birth, self.policy.min_age_adult, self.now)

    # --- grades at instants --------------------------------------------------------------------

    def crs_at(self, at: Instant) -> GradeRange:
        """CRS grade at `at` by what was charted up to then."""
        return self.crs_point(at).grade

    def crs_untrailed_at(self, at: Instant) -> GradeRange:
        """CRS grade at `at` for a comparison over time: no trailing windows (READ-13)."""
        return self.crs_point(at, trailing=False).grade

    def icans_at(self, at: Instant) -> GradeRange:
        """ICANS grade at `at` by what was charted up to then."""
        return self.icans_point(at).grade

    def crs_point(self, at: Instant, *, trailing: bool = True) -> CrsPoint:
        """CRS at `at` with its gate and axes; `trailing`: see READ-13."""
        key = (at, trailing)
        if key not in self._crs:
            self._crs[key] = crs_point(self.chart, self.fever, at, trailing=trailing)
        return self._crs[key]

    def icans_point(self, at: Instant) -> IcansPoint:
        """ICANS at `at` with its domains."""
        if at not in self._icans:
            self._icans[at] = icans_point(self.chart, at, self._carry)
        return self._icans[at]

    def _carry(self, at: Instant, runs: Sequence[Run]) -> int:
        """ICANS lower bound at the last point before sedation, if recent enough (DEF-10).

        A point whose newest reading was taken under an earlier sedation is none: what that carried
        is not carried again.
        """
        oldest, before = at - self.policy.sedation_carry_h * HOUR, at
        while runs:
            index = bisect_left(self.points, min(run.start for run in runs))
            if index == 0 or self.points[index - 1] < oldest:
                return 0
            before = self.points[index - 1]
            runs = self.chart.sedation.at(before) or instruments(self.chart, before).sedated
        return self.icans_at(before).lo

    # --- history -------------------------------------------------------------------------------

    @cached_property
    def points(self) -> tuple[Instant, ...]:
        """Evaluation points from the start of the course to now, `now` included (READ-11)."""
        chart = self.chart
        series = (
            chart.temperatures,
            chart.readings,
            chart.spo2,
            chart.flows,
            chart.fio2,
            chart.points_of_support,
            chart.supposed_supports,
            chart.ice,
            chart.capd,
            chart.arousal,
            chart.seizures,
            chart.supposed_seizures,
            chart.signs,
            chart.supposed_signs,
        )
        times = {t for items in series for t in items.times}
        for run in (*chart.pressor_runs.all, *chart.sedative_runs):
            times |= {run.start, run.end} if run.stopped and run.end else {run.start}
        for item in chart.intervals.all:
            times |= {item.t, item.end} if item.end else {item.t}
        inside = {t for t in times if chart.start <= t <= self.now}
        return tuple(sorted(inside | {self.now}))

    def reference(self, syndrome: str, at: Instant) -> int | None:
        """Lower bound at the last evaluation point not after `at`; None: there is none (READ-13).

        None too where its inputs were not all read back to `at` (READ-14).
        """
        index = bisect_right(self.points, at)
        history = history_of(self.chart, syndrome)
        if index == 0 or (history.is_cut and history.read_from > at):
            return None
        point = self.points[index - 1]
        grade = self.crs_at(point) if syndrome == "crs" else self.icans_at(point)
        return grade.lo

    def given(self, drugs: frozenset[str]) -> tuple[Dose, ...]:
        """Systemic, counted administrations of `drugs` by start, since course_t0 - 24 h."""
        return self.chart.given(drugs)

    @property
    def fevers(self) -> tuple[Measured, ...]:
        """Qualifying fevers since course_t0, oldest first."""
        return self.fever.fevers

    # --- assessments ---------------------------------------------------------------------------

    @cached_property
    def crs(self) -> Assessment:
        """CRS at `now` with its basis."""
        return grade_crs(self.chart, self.fever, self.points, self.crs_point)

    @cached_property
    def icans(self) -> Assessment:
        """ICANS at `now` with its basis."""
        return grade_icans(self.chart, self.icans_point)

    @cached_property
    def overlap(self) -> Overlap:
        """Whether IEC-HS is possible at `now`."""
        return screen(self.chart, self.fever)
