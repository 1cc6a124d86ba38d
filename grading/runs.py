"""Running infusions made of administration records (READ-7)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from grading.knowledge import KNOWLEDGE, Policy
from grading.model import HOUR, MINUTE, Dose, DoseStatus, Instant
from grading.series import Spans

_POINT_DRUGS = KNOWLEDGE.drugs["vasopressor-point"]
_CHANGE_OF_BAGS = 30 * MINUTE
"""How long a new bag may run beside the old one before the old one's rate of 0 (project choice)."""


class Run(NamedTuple):
    """One drug running from `start` to `end`, both inclusive.

    `stopped`: its end was charted. `end` None: still running. `doses`: the records it is made of.
    """

    drug: str
    start: Instant
    end: Instant | None
    stopped: bool
    doses: tuple[Dose, ...]

    @property
    def t(self) -> Instant:
        """When it began, as every fact that lasts says it."""
        return self.start

    def overlap(self, start: Instant, end: Instant) -> Instant:
        """Milliseconds of the run inside `start` to `end`; negative: none, 0: it touches."""
        stop = end if self.end is None else min(self.end, end)
        return stop - max(self.start, start)


def _is_point(dose: Dose) -> bool:
    if dose.rate == 0:
        return True
    if dose.has_period or dose.status is DoseStatus.RUNNING:
        return False
    return dose.rate is not None or dose.drug in _POINT_DRUGS


def is_bolus(dose: Dose) -> bool:
    """Whether the record is neither an interval nor a charted rate: a single dose (READ-7)."""
    return not (dose.has_period or dose.status is DoseStatus.RUNNING or _is_point(dose))


def _interval(dose: Dose) -> Run:
    """A record with a period or in progress: open ends run only while it is in progress."""
    if dose.end is not None:
        return Run(dose.drug, dose.start, dose.end, stopped=True, doses=(dose,))
    if dose.status is DoseStatus.RUNNING:
        return Run(dose.drug, dose.start, None, stopped=False, doses=(dose,))
    return Run(dose.drug, dose.start, dose.start, stopped=False, doses=(dose,))


def _join(drug: str, points: Sequence[Dose], policy: Policy) -> list[Run]:
    """Charted rates of one drug as runs; the last one stands for a while, a rate of 0 ends it."""
    runs: list[Run] = []
    held: list[Dose] = []
    for point in points:
        if held and point.start - held[-1].start > policy.pressor_join_h * HOUR:
            runs.append(_close(drug, held, policy))
            held = []
        if point.rate == 0:
            if held:
                runs.append(Run(drug, held[0].start, point.start, stopped=True, doses=tuple(held)))
            held = []
        else:
            held.append(point)
    return [*runs, _close(drug, held, policy)] if held else runs


def _close(drug: str, held: Sequence[Dose], policy: Policy) -> Run:
    end = held[-1].start + policy.pressor_point_h * HOUR
    return Run(drug, held[0].start, end, stopped=False, doses=tuple(held))


def lasts_to(dose: Dose, at: Instant) -> Instant:
    """The last instant of a record as seen at `at`: an open one in progress lasts until then."""
    if dose.end is not None:
        return dose.end
    return at if dose.status is DoseStatus.RUNNING else dose.start


def runs_of(doses: Iterable[Dose], policy: Policy) -> tuple[Run, ...]:
    """The runs of `doses` in order of start; boluses make none, a rate of 0 ends one that is open.

    The caller leaves out what does not count (status, form, other cause).
    """
    runs: list[Run] = []
    points: dict[str, list[Dose]] = {}
    for dose in sorted(doses, key=lambda item: (item.start, item.ref)):
        if is_bolus(dose):
            continue
        if _is_point(dose):
            points.setdefault(dose.drug, []).append(dose)
        else:
            runs.append(_interval(dose))
    runs = _ended(runs, points)
    for drug, charted in points.items():
        runs.extend(_join(drug, charted, policy))
    return tuple(sorted(runs, key=lambda run: (run.start, run.drug)))


def _ended(runs: Sequence[Run], points: Mapping[str, Sequence[Dose]]) -> list[Run]:
    """`runs`, by start, with each rate of 0 as the end of the open ones started before it.

    One started within half an hour before it goes on beside an older one: a change of bags.
    """
    ended = [run for run in runs if run.end is not None]
    for drug, opened in _open_by_drug(runs).items():
        stops = [point.start for point in points.get(drug, ()) if point.rate == 0]
        for stop in stops:
            latest = stop - 1
            while opened and opened[0].start <= latest:
                ended.append(opened.popleft()._replace(end=stop, stopped=True))
                latest = stop - _CHANGE_OF_BAGS
        ended.extend(opened)
    return ended


def _open_by_drug(runs: Iterable[Run]) -> dict[str, deque[Run]]:
    found: dict[str, deque[Run]] = {}
    for run in runs:
        if run.end is None:
            found.setdefault(run.drug, deque()).append(run)
    return found


def is_active(run: Run, at: Instant, policy: Policy, window_h: int) -> bool:
    """Whether the run counts at `at`: in the last `window_h`, less where its stop is charted."""
    if run.start > at:
        return False
    stopped = run.stopped and run.end is not None and run.end <= at
    hours = min(policy.stopped_support_h, window_h) if stopped else window_h
    return run.overlap(at - hours * HOUR, at) >= 0


class Runs:
    """Runs in order of start, of which those that count at an instant are found without a search.

    `all`: every run, by start, then drug.
    """

    __slots__ = ("_policy", "_spans", "all")

    def __init__(self, runs: Iterable[Run], policy: Policy) -> None:
        """Sort `runs`."""
        self.all: tuple[Run, ...] = tuple(sorted(runs, key=lambda run: (run.start, run.drug)))
        self._policy = policy
        self._spans = Spans(self.all)

    def active(self, at: Instant, window_h: int) -> tuple[Run, ...]:
        """Those that count at `at` (see `is_active`), by start."""
        found = self._spans.touching(at - window_h * HOUR, at)
        return tuple(run for run in found if is_active(run, at, self._policy, window_h))


def each_alone(doses: Iterable[Dose], policy: Policy) -> Runs:
    """Records that would each count as a run of its own, whatever stands beside it (READ-7)."""
    return Runs((_interval(dose) for dose in doses), policy)
