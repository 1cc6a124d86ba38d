"""A draft order beside the chart, for the second reading of the order rules (OT-0a, OT-0b)."""

from __future__ import annotations

from dataclasses import dataclass

from grading import Draft
from grading.model import HOUR, Device, SeizureKind, State
from tests.grading import second_reading_drugs as drugs
from tests.grading.second_reading_drugs import Patient

SOFTER = {"critical": "warning", "warning": "info", "info": ""}


class Lines:
    """What was said of one draft so far."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self.open: set[str] = set()

    def say(self, rule: str, indicator: str, holds: bool = True) -> None:
        if holds and indicator:
            self.found[rule] = indicator


@dataclass(frozen=True)
class Case(Patient):
    """A patient with the drafts of one call and the one that is looked at."""

    drafts: tuple[Draft, ...]
    draft: Draft

    @property
    def day(self) -> int:
        assert self.verdict.infusion is not None
        return self.verdict.infusion.day

    @property
    def highest(self) -> tuple[int, int]:
        """CRS_hi and ICANS_hi."""
        return self.verdict.crs.grade.hi, self.verdict.icans.grade.hi

    @property
    def resolving(self) -> bool:
        return self.verdict.crs.state is State.RESOLVING

    def read(self, syndrome: int) -> tuple[int, bool]:
        """OT-0b: the grade that a row is read with, and whether it fires one level softer."""
        lo, hi = (self.crs, self.icans)[syndrome], self.highest[syndrome]
        soft = lo == 0 and hi >= 1 and self.day <= self.policy.soften_max_day
        return (hi, True) if soft else (lo, False)

    def beside(self, names: tuple[str, ...]) -> list[Draft]:
        """Other drafts of the same context that would stand beside this one (OT-0a)."""
        others = (d for d in self.drafts if d is not self.draft and not d.stops and not d.idle)
        return [d for d in others if d.systemic and set(d.ingredients) & set(names)]

    def given_lately(self, names: tuple[str, ...]) -> bool:
        since = self.now - self.policy.steroid_companion_h * HOUR
        return any(dose.start >= since for dose in drugs.given(self, names))


def soft(indicator: str, *softened: bool) -> str:
    """One level softer where any grade was read from its upper bound (OT-0b)."""
    return SOFTER[indicator] if any(softened) else indicator


def is_ventilated(case: Case) -> bool:
    """Whether the newest device is a ventilator (READ-6)."""
    last = max(case.chart.supports, key=lambda s: s.t, default=None)
    return last is not None and last.device is Device.VENTILATOR


def had_seizure(case: Case) -> bool:
    """A certain seizure in the last 24 h."""
    since = case.now - case.policy.seizure_window_h * HOUR
    real = (s for s in case.chart.seizures if s.kind is not SeizureKind.NONE and s.is_certain)
    return any(s.t >= since for s in real)
