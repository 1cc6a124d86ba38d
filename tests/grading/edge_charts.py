"""Charts around the edges of the CRS rules: times by the minute, values on and beside a line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from grading.model import (
    ALWAYS,
    DAY,
    HOUR,
    MINUTE,
    NEVER,
    BirthDate,
    ChartedGrade,
    Device,
    Dose,
    DoseStatus,
    InfusionRecord,
    Measured,
    Order,
    Pressure,
    Reach,
    Remark,
    Risk,
    RiskKind,
    Snapshot,
    Support,
)
from tests import snapshot_strategies as some
from tests.snapshot_strategies import NOW, Strategy, few

YEAR = 36525 * DAY // 100
AGES = (
    *(28 * DAY, 29 * DAY, 364 * DAY, 367 * DAY, 4018 * DAY, 11 * YEAR + DAY, 12 * YEAR),
    *(18 * YEAR - 2 * DAY, 18 * YEAR + 2 * DAY, 50 * YEAR),
)
STARTS = (10 * HOUR, 75 * HOUR, 75 * HOUR, 15 * DAY, 30 * DAY, 31 * DAY, 31 * DAY + HOUR, 33 * DAY)
_EDGES = tuple(
    hours * 60 + minutes for hours in (0, 1, 2, 3, 6, 12, 24, 48) for minutes in (-1, 0, 1)
)
PRESSORS = ("norepinephrine", "epinephrine", "phenylephrine", "vasopressin")
FEVER_DRUGS = ("acetaminophen", "tocilizumab", "dexamethasone")

minutes = st.sampled_from(tuple(m for m in _EDGES if m >= 0)) | st.integers(0, 14 * 60)
recent = minutes.map(lambda each: NOW - each * MINUTE)
older = st.integers(0, 2 * 24 * 4).map(lambda halves: NOW - halves * 30 * MINUTE)
times = recent | older
schedules = st.tuples(st.sampled_from((6, 12, 12, 13)), st.sampled_from((0, 30, 60, 90)))
"""Every so many hours, from so many hours ago on."""


def _points(at: Strategy[int]) -> Strategy[Support]:
    return st.builds(
        lambda t, device, cause, airway: Support(
            t, device, "device", "", airway_only=airway, other_cause=cause
        ),
        at,
        st.sampled_from(Device),
        some.causes,
        st.booleans(),
    )


def _running(start: int, minutes_long: int | None, device: Device) -> Support:
    """A device from a start to an end that is not after now; None: it runs."""
    end = None if minutes_long is None else min(NOW, start + minutes_long * MINUTE)
    return Support(start, device, "device", "", True, end)


intervals = st.builds(
    _running, times, st.none() | st.sampled_from((60, 120, 360, 720)), st.sampled_from(Device)
)
pressures = st.builds(
    lambda t, sbp, mean, cause, calculated: Pressure(
        t, sbp, mean, None, "", (Remark.CALCULATED,) if calculated and sbp is None else (), cause
    ),
    times,
    st.none() | some.pressure_values,
    st.none() | some.mean_values,
    some.causes,
    st.sampled_from((False, False, True)),
)


def _dose(start: int, drug: str, kind: str, minutes_long: int) -> Dose:
    """An administration as a period, a rate, one in progress or on hold, or a single time."""
    one = Dose(start, None, drug, "", DoseStatus.GIVEN, intravenous=True)
    end = min(NOW, start + minutes_long * MINUTE)
    match kind:
        case "period":
            return one._replace(end=end, has_period=True)
        case "running":
            return one._replace(status=DoseStatus.RUNNING, has_period=minutes_long > 60)
        case "held":
            return one._replace(status=DoseStatus.HELD, has_period=minutes_long > 60)
        case "uncertain":
            return one._replace(status=DoseStatus.UNCERTAIN, has_period=minutes_long > 60)
        case "rate":
            return one._replace(rate=Decimal(4))
    return one


def doses(drugs: tuple[str, ...]) -> Strategy[Dose]:
    """An administration of one of the drugs."""
    kinds = st.sampled_from(("period", "period", "running", "held", "uncertain", "rate", "single"))
    return st.builds(
        _dose, times, st.sampled_from(drugs), kinds, st.sampled_from((15, 61, 120, 240, 600))
    )


charted = st.builds(
    lambda t, grade: ChartedGrade(t, "crs", grade, ""), times, st.none() | st.integers(0, 2)
)
orders = st.builds(
    lambda key, t, draft, held: Order(key, t, "", draft=draft, intravenous=True, on_hold=held),
    st.sampled_from(PRESSORS),
    st.none() | times,
    st.sampled_from((False, False, True)),
    st.sampled_from((False, False, True)),
)
risks = st.builds(
    lambda kind, t: Risk(t, kind, "", ""),
    st.sampled_from((RiskKind.HOME_CPAP, RiskKind.HOME_BIPAP)),
    st.none() | times,
)
reaches = st.sampled_from(
    (ALWAYS, ALWAYS, ALWAYS, NEVER, NOW - 2 * HOUR, NOW - 24 * HOUR, NOW - 30 * HOUR)
)


def on_schedule(every: int, first: int) -> tuple[int, ...]:
    """Times of a schedule, newest first."""
    return tuple(NOW - hours * HOUR for hours in range(0, first, every))


@st.composite
def edge_charts(draw: Callable[[Strategy[Any]], Any], *, read: bool = False) -> Snapshot:
    """Any chart whose facts lie near an edge; half of them have normal values on a schedule."""
    age = draw(st.none() | st.sampled_from(AGES))
    starts = [draw(st.sampled_from(STARTS))]
    if draw(st.sampled_from((False, False, False, True))):
        starts.append(starts[0] + draw(st.sampled_from((20 * HOUR, 3 * DAY, 28 * DAY, 29 * DAY))))
    quiet = on_schedule(*draw(schedules))
    by_mean = draw(st.sampled_from((False, False, True)))
    normal = {
        "temperatures": tuple(Measured(t, Decimal("36.8"), "") for t in quiet),
        "pressures": tuple(
            Pressure(t, None if by_mean else Decimal(118), Decimal(80), None, "") for t in quiet
        ),
        "spo2": tuple(Measured(t, Decimal(97), "") for t in quiet),
    }
    reach = Reach() if read else Reach(temperature=draw(reaches), doses=draw(reaches))
    chart = Snapshot(
        now=NOW,
        birth=None if age is None else BirthDate(NOW - age, NOW - age),
        infusions=tuple(InfusionRecord(NOW - t, False, "axi-cel", "") for t in starts),
        temperatures=draw(few(some.measured(some.temperature_values, times), 3)),
        pressures=draw(few(pressures)),
        spo2=draw(few(some.measured(some.spo2_values, times), 2)),
        flows=draw(few(some.measured(some.flow_values, times), 2)),
        fio2=draw(few(some.measured(some.fio2_values, times), 2)),
        supports=draw(few(_points(times), 2)) + draw(few(intervals, 1)),
        doses=draw(few(doses(PRESSORS))) + draw(few(doses(FEVER_DRUGS), 2)),
        charted_grades=draw(few(charted, 1)),
        orders=draw(few(orders, 1)),
        risks=draw(few(risks, 1)),
        reach=reach,
    )
    chart = replace(
        chart,
        infusions=tuple(
            item._replace(ref=f"infusions/{index}") for index, item in enumerate(chart.infusions)
        ),
        **{name: getattr(chart, name) + facts for name, facts in normal.items()},
    )
    return tidy(some.numbered(chart))


def tidy(chart: Snapshot) -> Snapshot:
    """The chart without oxygen that ends before it begins, or a reason for more than one row.

    Which rows share the reason of an intubation (DEF-15) is not written in the rules.
    """
    alone = sum(item.device is Device.VENTILATOR for item in chart.supports) == 1
    supports = (
        item._replace(
            end=item.end if item.interval else None,
            airway_only=item.airway_only and alone,
            flags=(),
        )
        for item in chart.supports
    )
    return replace(
        chart, supports=tuple(s for s in supports if s.end is None or s.t <= s.end <= chart.now)
    )
