"""The fever gate of CRS (CRS-F1 to F6) at an instant."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from grading.chart import FEVER_DRUGS, Chart
from grading.component import age_remark, flagged
from grading.episode import Episode, charted_crs, episodes, fevers, is_fever
from grading.model import (
    HOUR,
    ChartedGrade,
    Dose,
    Evidence,
    Instant,
    Label,
    Measured,
    Missing,
    Remark,
)
from grading.runs import lasts_to
from grading.series import Series


class FeverState(StrEnum):
    """How fever bears on the grade; the value is the rule."""

    PRESENT = "CRS-F2"
    WAIVED = "CRS-F3"
    MASKED = "CRS-F4"
    ABSENT = "CRS-F5"
    UNKNOWN = "CRS-F6"
    CLOSED = "CRS-W1"
    """After `crs_late_max_day` without an open episode: nothing is graded as CRS."""


@dataclass(frozen=True, slots=True)
class Gate:
    """The gate at one instant; `history_gap`: what was not read and could change it."""

    state: FeverState
    evidence: tuple[Evidence, ...]
    episode: Episode | None
    history_gap: tuple[str, ...] = ()
    temperature: Measured | None = None


class Fever:
    """Fevers and episodes of one course, found once."""

    def __init__(self, chart: Chart) -> None:
        """Find the episodes of `chart`."""
        self.chart = chart
        self.fevers = fevers(chart)
        self._fevers = Series(self.fevers)
        self.charted: tuple[ChartedGrade, ...] = charted_crs(chart)
        self.episodes = episodes(chart)

    def episode_at(self, at: Instant) -> Episode | None:
        """The episode open at `at`, or None."""
        return next((item for item in reversed(self.episodes) if item.is_open(at)), None)

    def last_fever(self, at: Instant) -> Measured | None:
        """The latest qualifying fever up to `at`, of one minute the highest (READ-4)."""
        return self._fevers.latest(self.chart.start, at, lambda item: item.value)

    def recent_fever(self, at: Instant) -> Measured | None:
        """A qualifying fever within `fever_window_h` before `at` (inclusive)."""
        last = self.last_fever(at)
        window = self.chart.policy.fever_window_h * HOUR
        return last if last is not None and at - last.t <= window else None

    def drug_since(self, since: Instant, at: Instant) -> Dose | None:
        """The latest drug that waives or masks fever, given from `since` to `at`."""
        found = [dose for dose in self.chart.fever_drugs if dose.start <= at]
        running = [dose for dose in found if lasts_to(dose, at) >= since]
        return running[-1] if running else None

    def _is_uncertain_since(self, since: Instant, at: Instant) -> bool:
        """Whether such a drug may have been given from `since` to `at` (READ-2)."""
        return any(
            dose.drug in FEVER_DRUGS and dose.start <= at and lasts_to(dose, at) >= since
            for dose in self.chart.uncertain
        )

    def gate(self, at: Instant, *, component_lo: int) -> Gate:
        """The gate at `at`; `component_lo` is the higher lo of hypotension and hypoxia."""
        chart = self.chart
        episode = self.episode_at(at)
        late = chart.day_at(at) > chart.policy.crs_late_max_day
        fever = self.recent_fever(at)
        latest = self._latest_temperature(at)
        shown = self._temperature_rows(at, fever, latest)
        if late and episode is None:
            return self._after_window(at, component_lo, shown, latest, fever)
        if fever is not None:
            return Gate(FeverState.PRESENT, shown, episode, temperature=fever)
        if episode is not None and (drug := self._waiver(episode, at)):
            return Gate(FeverState.WAIVED, (*shown, _drug_row(drug)), episode, temperature=latest)
        supported = component_lo >= 2  # noqa: PLR2004
        if supported and (masked := self._masked(at, episode, shown, latest)):
            return masked
        state = FeverState.UNKNOWN if latest is None else FeverState.ABSENT
        return Gate(state, shown, episode, temperature=latest)

    def _after_window(
        self,
        at: Instant,
        component_lo: int,
        shown: tuple[Evidence, ...],
        latest: Measured | None,
        fever: Measured | None,
    ) -> Gate:
        """After the last day, no episode found: open only where history was not read (READ-14)."""
        unsettled = component_lo >= 2 or fever is not None  # noqa: PLR2004
        if unsettled and self._history_unknown():
            return Gate(FeverState.MASKED, shown, None, (Missing.HISTORY,), latest)
        return Gate(FeverState.CLOSED, shown, None, temperature=fever or latest)

    def _history_unknown(self) -> bool:
        """Whether an open episode can be neither shown nor excluded (READ-14)."""
        unread = self.chart.snapshot.reach.temperature > self.chart.start
        return unread and not self.episodes

    def _waiver(self, episode: Episode, at: Instant) -> Dose | None:
        return self.drug_since(self._waives_from(episode), at)

    def _waives_from(self, episode: Episode) -> Instant:
        return episode.onset - self.chart.policy.waiver_margin_h * HOUR

    def _masked(
        self,
        at: Instant,
        episode: Episode | None,
        shown: tuple[Evidence, ...],
        latest: Measured | None,
    ) -> Gate | None:
        """CRS-F4: no fever since the infusion and a drug that may hide it, or that is not known."""
        gaps: list[str] = []
        if self.last_fever(at) is None:
            since = at - self.chart.policy.mask_window_h * HOUR
            drug = self.drug_since(since, at)
            if drug is not None:
                return Gate(FeverState.MASKED, (*shown, _drug_row(drug)), episode, (), latest)
            if not self.chart.doses_read(at) or self._is_uncertain_since(since, at):
                gaps.append(Missing.ADMINISTRATIONS)
        if episode is not None and self._is_waiver_open(episode, at):
            gaps.append(Missing.ADMINISTRATIONS)
        if self._history_unknown():
            gaps.append(Missing.HISTORY)
        return Gate(FeverState.MASKED, shown, episode, tuple(gaps), latest) if gaps else None

    def _is_waiver_open(self, episode: Episode, at: Instant) -> bool:
        """Whether administrations are not certain, or not read, back to where they waive fever."""
        since = self._waives_from(episode)
        unread = self.chart.snapshot.reach.doses > since
        published = self.chart.policy.administrations_published
        return unread or not published or self._is_uncertain_since(since, at)

    # --- what the basis shows ------------------------------------------------------------------

    def _latest_temperature(self, at: Instant) -> Measured | None:
        window = self.chart.policy.fever_window_h * HOUR
        return self.chart.temperatures.latest(at - window, at, lambda item: item.value)

    def _temperature_rows(
        self, at: Instant, fever: Measured | None, latest: Measured | None
    ) -> tuple[Evidence, ...]:
        shown = [item for item in (fever, latest) if item is not None]
        if fever is None and (last := self.last_fever(at)) is not None:
            shown.insert(0, last)
        return tuple(self._row(item, at) for item in dict.fromkeys(shown))

    def _row(self, item: Measured, at: Instant) -> Evidence:
        policy = self.chart.policy
        stale = age_remark(at - item.t, policy.mon_temperature_h * HOUR)
        cause = (Remark.OTHER_CAUSE,) if item.other_cause else ()
        notes = flagged(item.flags, *cause, *(() if is_fever(item, policy) else stale))
        return Evidence(Label.TEMPERATURE, item.value, "Cel", item.t, item.ref, notes)


def _drug_row(dose: Dose) -> Evidence:
    return Evidence(Label.DRUG_GIVEN, dose.drug, "", dose.start, dose.ref, dose.flags)
