"""The ICANS of the product against the second reading of the same rules, chart by chart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import combinations_with_replacement, product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from grading import KNOWLEDGE, assess, prepare
from grading.model import (
    DAY,
    HOUR,
    MINUTE,
    Arousal,
    CapdScore,
    GradeRange,
    IceTest,
    InfusionRecord,
    Level,
    Remark,
    Seizure,
    SeizureKind,
    Sign,
    SignKind,
    Snapshot,
    State,
)
from tests.grading.icans_charts import HOUR_AGO, LENGTHS, WELL, born, charts, dose, sign
from tests.grading.second_reading_icans import Bounds, icans
from tests.snapshot_strategies import NOW, snapshots

POLICY = KNOWLEDGE.policy
ICE_EDGES = (0, 1, 2, 3, 6, 7, 9, 10)
brief = settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def graded(chart: Snapshot) -> Bounds | None:
    """What the product says; None: out of scope."""
    found = assess(prepare(chart, POLICY)).icans
    return None if found.state is State.OUT_OF_SCOPE else (found.grade.lo, found.grade.hi)


# --- any chart -----------------------------------------------------------------------------------


@settings(brief, max_examples=12)
@given(snapshots())
def test_any_chart_is_read_alike(chart: Snapshot) -> None:
    assert graded(chart) == icans(chart, POLICY)


@settings(brief, max_examples=80)
@given(charts())
def test_a_chart_on_the_edges_is_read_alike(chart: Snapshot) -> None:
    assert graded(chart) == icans(chart, POLICY)


@pytest.mark.parametrize(
    "only",
    [("ice", "arousal"), ("capd", "arousal"), ("seizures",), ("signs",), ("doses", "ice")],
    ids="-".join,
)
def test_one_finding_beside_a_well_patient_is_read_alike(only: tuple[str, ...]) -> None:
    @settings(brief, max_examples=50)
    @given(charts(*only))
    def is_read_alike(chart: Snapshot) -> None:
        assert graded(chart) == icans(chart, POLICY)

    is_read_alike()


# --- every value on an edge ----------------------------------------------------------------------


def well(**facts: Any) -> Snapshot:
    """An adult on day 10, awake with full scores, beside the given facts."""
    cells = (InfusionRecord(NOW - 10 * DAY, False, "axi-cel", ""),)
    return Snapshot(now=NOW, birth=born(60), infusions=cells, **(WELL | facts))


def levels() -> Iterator[tuple[Arousal, ...]]:
    """No level, and each level of each scale."""
    yield ()
    for level, scale in product(Level, ("rass", "avpu")):
        yield (Arousal(HOUR_AGO, level, "", "", scale=scale),)


def of_scores() -> Iterator[Snapshot]:
    """Every pair of bounds of ICE and of CAPD beside every level; a child for CAPD."""
    for arousal in levels():
        yield well(ice=(), arousal=arousal)
        yield replace(well(capd=(), arousal=arousal), birth=born(8))
        for worst, best in combinations_with_replacement(ICE_EDGES, 2):
            yield well(ice=(IceTest(HOUR_AGO, worst, best, ""),), arousal=arousal)
        for low, high in combinations_with_replacement((0, 1, 8, 9, 32), 2):
            chart = well(capd=(CapdScore(HOUR_AGO, low, high, ""),), arousal=arousal)
            yield replace(chart, birth=born(8))


def of_events() -> Iterator[Snapshot]:
    """Every seizure and sign at every edge of a window."""
    for hours, ms in product((0, 24, 72, 168, 240), (0, MINUTE, -MINUTE)):
        t = min(NOW, NOW - hours * HOUR + ms)
        for kind, length in product(SeizureKind, LENGTHS):
            minutes = None if length is None else Decimal(length)
            yield well(seizures=(Seizure(t, kind, minutes, ""),))
        for kind, imaging, flags in product(SignKind, (False, True), ((), (Remark.UNCONFIRMED,))):
            yield well(signs=(sign(t, kind, imaging, flags, False, None),))


def of_sedation() -> Iterator[Snapshot]:
    """A test before a sedative of every kind of record, at every edge of its windows."""
    kinds = ("interval", "open", "time", "rate", "bolus", "supposed")
    for kind, minutes, ms in product(kinds, (0, 120, 121, 300, 360, 361, 420), (0, 1, -1)):
        given_at = NOW - minutes * MINUTE - ms
        for drug, ago in product(("propofol", "acetaminophen"), (7, 23, 24, 25)):
            test = IceTest(NOW - ago * HOUR, 5, 5, "")
            given_dose = dose(drug, min(NOW, given_at), 0, kind, True)
            yield well(ice=(test,), arousal=(), doses=(given_dose,))


def as_range(bounds: Bounds | None) -> GradeRange | None:
    return None if bounds is None else GradeRange(*bounds)


@pytest.mark.parametrize("grid", [of_scores, of_events, of_sedation])
def test_every_edge_is_read_alike(grid: Callable[[], Iterator[Snapshot]]) -> None:
    differing = [
        chart
        for chart in grid()
        if prepare(chart, POLICY).icans_at(NOW) != as_range(icans(chart, POLICY))
    ]

    assert differing == []


def test_the_second_reading_gives_the_worked_examples() -> None:
    """W22 to W27, W29, W31 to W35, W52, as the text prints them."""
    minute = Decimal(1)
    palsy = Sign(HOUR_AGO, SignKind.CN6_PALSY, False, "")
    propofol = dose("propofol", NOW - 5 * HOUR, 0, "open", True)
    voice, deep, none = (
        (Arousal(HOUR_AGO, level, "", ""),)
        for level in (Level.VOICE, Level.TOUCH_OR_VIGOROUS, Level.UNAROUSABLE)
    )

    def score(value: int, ago: int = 1) -> tuple[IceTest, ...]:
        return (IceTest(NOW - ago * HOUR, value, value, ""),)

    def seizure(minutes: Decimal) -> tuple[Seizure, ...]:
        return (Seizure(HOUR_AGO, SeizureKind.UNSPECIFIED, minutes, ""),)

    def child(value: int, **facts: Any) -> Snapshot:
        return replace(well(capd=(CapdScore(HOUR_AGO, value, value, ""),), **facts), birth=born(8))

    printed = [
        *((well(ice=score(9)), (1, 1)), (well(ice=score(7)), (1, 1)), (well(ice=score(6)), (2, 2))),
        *((well(ice=score(3)), (2, 2)), (well(ice=score(2)), (3, 3)), (well(ice=score(0)), (3, 3))),
        (well(ice=score(0), arousal=none), (4, 4)),
        (well(ice=score(0), arousal=()), (3, 4)),
        (well(seizures=seizure(5 * minute)), (3, 3)),
        (well(seizures=seizure(6 * minute)), (4, 4)),
        (well(ice=score(8), arousal=voice), (2, 2)),
        (well(ice=score(9), signs=(palsy,)), (4, 4)),
        (well(ice=score(5, ago=7), arousal=deep, doses=(propofol,)), (2, 4)),
        *((child(10), (3, 3)), (child(8), (1, 1)), (child(8, arousal=voice), (2, 2))),
        (well(ice=(), arousal=voice), (2, 3)),
    ]
    assert [icans(chart, POLICY) for chart, _ in printed] == [bounds for _, bounds in printed]
