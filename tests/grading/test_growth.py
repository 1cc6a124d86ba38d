"""The work of grading grows with the chart: twice as much charted costs about twice as much.

Two weeks in intensive care, charted ever more densely. Work is counted in lines that run, which no
other load of the machine changes. What holds at one instant is looked at together: a chart that
ends none of its infusions, or denies none of its signs, costs more.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import cycle
from types import FrameType
from typing import Any

import pytest

from grading import KNOWLEDGE, assess, prepare, recommend
from grading.model import (
    DAY,
    Arousal,
    BirthDate,
    CapdScore,
    ChartedGrade,
    Device,
    Dose,
    DoseStatus,
    IceTest,
    InfusionRecord,
    Instant,
    LabResult,
    Level,
    Measured,
    Order,
    Pressure,
    Risk,
    RiskKind,
    Seizure,
    SeizureKind,
    Sign,
    SignKind,
    Snapshot,
    Study,
    StudyKind,
    Support,
)
from tests.grading.snapshots import NOW

SPAN = 14 * DAY
CELLS = InfusionRecord(NOW - SPAN, False, "axi-cel", "Procedure/cells")
Charted = Callable[[int], Any]
MOST = 3.2
"""Work for 120 more against that for 60 more before: 2 is linear, 4 would be quadratic."""


def times(count: int) -> Iterator[Instant]:
    return (NOW - SPAN + (number + 1) * SPAN // (count + 1) for number in range(count))


def every(make: Callable[[Instant, Any, str], Any], *values: Any) -> Charted:
    """`make(t, value, ref)` through two weeks, with each of `values` in turn."""

    def charted(count: int) -> tuple[Any, ...]:
        rows = zip(times(count), cycle(values), range(count), strict=False)
        return tuple(make(t, value, f"Observation/{number}") for t, value, number in rows)

    return charted


def measured(*values: float) -> Charted:
    return every(lambda t, value, ref: Measured(t, Decimal(str(value)), ref), *values)


def given(*drugs: str, status: DoseStatus = DoseStatus.GIVEN) -> Charted:
    """Single doses."""
    return every(
        lambda t, drug, ref: Dose(
            t, None, drug, ref, status, mg=Decimal(10), intravenous=True, systemic=True
        ),
        *drugs,
    )


def rates(*drugs: str) -> Charted:
    """Charted rates."""
    return every(
        lambda t, drug, ref: Dose(
            t, None, drug, ref, DoseStatus.GIVEN, rate=Decimal("0.1"), intravenous=True
        ),
        *drugs,
    )


def bags(*drugs: str, status: DoseStatus = DoseStatus.GIVEN) -> Charted:
    """Infusions one after the other, each of which reaches into the third one after it."""

    def charted(count: int) -> tuple[Dose, ...]:
        lasts = 3 * SPAN // count
        made = every(
            lambda t, drug, ref: Dose(
                t, min(t + lasts, NOW), drug, ref, status, has_period=True, intravenous=True
            ),
            *drugs,
        )
        rows: tuple[Dose, ...] = made(count)
        return rows

    return charted


def in_use(*devices: Device) -> Charted:
    """Devices with a period, as procedures are charted."""

    def charted(count: int) -> tuple[Support, ...]:
        lasts = 3 * SPAN // count
        made = every(
            lambda t, device, ref: Support(t, device, "", ref, True, min(t + lasts, NOW)), *devices
        )
        rows: tuple[Support, ...] = made(count)
        return rows

    return charted


def devices(*found: Device) -> Charted:
    return every(lambda t, device, ref: Support(t, device, "", ref), *found)


def ventilated(count: int) -> tuple[Support, ...]:
    """One intubation for an operation, and rows that carry it on."""
    act = Support(NOW - SPAN, Device.VENTILATOR, "", "Procedure/1", airway_only=True)
    return (act._replace(procedure=True), *devices(Device.VENTILATOR)(count))


def labs(count: int) -> dict[str, tuple[LabResult, ...]]:
    made = every(lambda t, value, ref: LabResult(t, Decimal(value), ref, "ng/mL"), 400, 9000)
    return {name: made(count) for name in ("ferritin", "crp", "ldh", "fibrinogen", "platelets")}


FEVER = measured(38.6, 37.0, 36.9)
PRESSURES = every(lambda t, sbp, ref: Pressure(t, Decimal(sbp), None, None, ref), 84, 104, 118)
SPO2, FLOWS, FIO2 = measured(88, 95, 97), measured(2, 8, 0), measured(21, 40)
AROUSAL = every(lambda t, level, ref: Arousal(t, level, "", ref), *Level)
ICE = every(lambda t, score, ref: IceTest(t, score, score, ref), 0, 2, 6, 9, 10)
CAPD = every(lambda t, score, ref: CapdScore(t, score, score, ref), 0, 8, 12)
CHARTS: dict[str, dict[str, Charted]] = {
    "temperatures and antipyretics": {"doses": given("acetaminophen", "dexamethasone")},
    "pressures": {"pressures": PRESSURES},
    "vasopressors by the bag": {"pressures": PRESSURES, "doses": bags("norepinephrine")},
    "two vasopressors by rate": {
        "pressures": PRESSURES,
        "doses": rates("norepinephrine", "epinephrine"),
    },
    "vasopressors that are not certain": {
        "pressures": PRESSURES,
        "doses": bags("norepinephrine", "phenylephrine", status=DoseStatus.UNCERTAIN),
    },
    "vasopressors as single doses": {
        "pressures": PRESSURES,
        "doses": given("phenylephrine", "epinephrine"),
    },
    "sedation by the bag": {"arousal": AROUSAL, "ice": ICE, "doses": bags("propofol")},
    "sedation by rate": {
        "arousal": AROUSAL,
        "ice": ICE,
        "capd": CAPD,
        "doses": rates("propofol", "midazolam"),
    },
    "sedation that is not certain": {
        "arousal": AROUSAL,
        "ice": ICE,
        "doses": bags("propofol", status=DoseStatus.UNCERTAIN),
    },
    "sedating single doses": {"arousal": AROUSAL, "ice": ICE, "doses": given("lorazepam")},
    "neurological checks": {
        "ice": ICE,
        "arousal": AROUSAL,
        "signs": every(
            lambda t, kind, ref: Sign(t, kind, False, ref),
            *(SignKind.MOTOR_NONE, SignKind.ICP_NONE, SignKind.PAPILLEDEMA, SignKind.ICP_NONE),
        ),
        "seizures": every(
            lambda t, kind, ref: Seizure(t, kind, None, ref),
            *(SeizureKind.NONE, SeizureKind.NONE, SeizureKind.RESOLVED),
        ),
    },
    "oxygen": {
        "spo2": SPO2,
        "flows": FLOWS,
        "fio2": FIO2,
        "supports": devices(Device.NASAL_CANNULA, Device.MASK, Device.ROOM_AIR),
    },
    "oxygen before an order of home oxygen": {
        "flows": FLOWS,
        "supports": devices(Device.NASAL_CANNULA),
        "risks": every(lambda t, kind, ref: Risk(t, kind, ref, ""), *RiskKind),
    },
    "a ventilator after an operation": {"spo2": SPO2, "fio2": FIO2, "supports": ventilated},
    "devices with a period": {
        "spo2": SPO2,
        "flows": FLOWS,
        "supports": in_use(Device.NASAL_CANNULA, Device.BIPAP),
    },
    "grades by a clinician": {
        "charted_grades": every(lambda t, grade, ref: ChartedGrade(t, "crs", grade, ref), 0, 1, 2)
    },
    "infusions": {
        "infusions": every(lambda t, name, ref: InfusionRecord(t, False, name, ref), "axi-cel")
    },
    "weights": {"weights": measured(70, 71)},
    "laboratory results": {"labs": labs},
    "orders and doses": {
        "ice": ICE,
        "orders": every(
            lambda t, key, ref: Order(key, t, ref, intravenous=True, mg=Decimal(10)),
            *("tocilizumab", "dexamethasone", "levetiracetam"),
        ),
        "doses": given("tocilizumab", "dexamethasone", "methylprednisolone", "anakinra"),
    },
    "tests": {"ice": ICE, "studies": every(Study, *StudyKind)},
}


def work(chart: dict[str, Charted], count: int) -> int:
    """The lines that run when a chart with `count` facts of each kind is graded and answered."""
    facts = {name: made(count) for name, made in ({"temperatures": FEVER} | chart).items()}
    known = {"birth": BirthDate(0, 0), "infusions": (CELLS,)} | facts
    snapshot = Snapshot(now=NOW, **known)
    lines = 0

    def count_line(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal lines
        lines += 1
        return count_line

    tracing = sys.gettrace()
    sys.settrace(count_line)
    try:
        course = prepare(snapshot, KNOWLEDGE.policy)
        recommend(course, assess(course))
    finally:
        sys.settrace(tracing)
    return lines


@pytest.mark.parametrize("name", CHARTS)
def test_twice_the_chart_is_about_twice_the_work(name: str) -> None:
    few, more, most = (work(CHARTS[name], count) for count in (60, 120, 240))

    assert (most - more) / (more - few) < MOST
