"""Hypothesis strategies for snapshots: charts of any content around the edges of the rules."""

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
    Arousal,
    BirthDate,
    CapdScore,
    ChartedGrade,
    Device,
    Dose,
    DoseStatus,
    IceTest,
    InfusionRecord,
    Level,
    Measured,
    Order,
    Pressure,
    Reach,
    Seizure,
    SeizureKind,
    Sign,
    SignKind,
    Snapshot,
    Support,
)

NOW = 1_795_356_000_000
"""2026-11-22T14:00:00Z."""

Strategy = st.SearchStrategy
_AGES = (20 * DAY, 8 * 365 * DAY, 13 * 365 * DAY, 60 * 365 * DAY)
_STARTS = (10 * HOUR, 75 * HOUR, 16 * DAY, 29 * DAY, 33 * DAY, 95 * DAY)
_PRESSORS = ("norepinephrine", "epinephrine", "phenylephrine", "vasopressin", "dopamine")
_DRUGS = (*_PRESSORS, "propofol", "midazolam", "tocilizumab", "dexamethasone", "acetaminophen")

times = st.one_of(
    st.integers(0, 30 * 60).map(lambda minutes: NOW - minutes * MINUTE),
    st.integers(0, 12 * 24 * 2).map(lambda halves: NOW - halves * 30 * MINUTE),
    st.sampled_from((6, 8, 12, 24, 48, 72)).map(lambda hours: NOW - hours * HOUR),
)
lately = st.integers(0, 11 * 60).map(lambda minutes: NOW - minutes * MINUTE)
refs = st.just("Observation/one")
SEQUENCES = (
    *("temperatures", "pressures", "spo2", "flows", "fio2", "supports", "doses", "ice", "capd"),
    *("arousal", "seizures", "signs", "charted_grades", "weights", "orders"),
)

causes = st.sampled_from((False, False, False, True))


def numbers(*written: str) -> Strategy[Decimal]:
    """One of the numbers, which stand on and beside the edges of a rule."""
    return st.sampled_from(tuple(Decimal(text) for text in written))


def measured(values: Strategy[Decimal], at: Strategy[int] = times) -> Strategy[Measured]:
    """A number charted at a time."""
    return st.builds(Measured, at, values, refs, other_cause=causes)


temperature_values = numbers("36.5", "37.9", "38.0", "38.6", "40.1")
spo2_values = numbers("85", "89.9", "90", "91.9", "92", "97")
flow_values = numbers("0", "2", "6.0", "6.1", "30")
fio2_values = numbers("21", "30", "40", "41", "100")
pressure_values = numbers("58", "69", "84", "89", "90", "118")
mean_values = numbers("50", "64", "65", "90")

pressures = st.builds(
    Pressure,
    times,
    st.none() | pressure_values,
    st.none() | mean_values,
    st.none() | numbers("40", "70"),
    refs,
    other_cause=causes,
)
points_of_support = st.builds(Support, times, st.sampled_from(Device), st.just("device"), refs)
runs_of_support = st.builds(
    lambda start, hours, device, ref: Support(
        start,
        device,
        "device",
        ref,
        True,
        None if hours is None else min(NOW, start + hours * HOUR),
    ),
    times,
    st.none() | st.integers(1, 30),
    st.sampled_from((Device.CPAP, Device.BIPAP, Device.VENTILATOR)),
    refs,
)


def _dose(start: int, hours: int | None, drug: str, kind: str, ref: str) -> Dose:
    common = {"drug": drug, "ref": ref, "intravenous": True}
    end = None if hours is None else min(NOW, start + hours * HOUR)
    match kind:
        case "interval":
            status = DoseStatus.RUNNING if end is None else DoseStatus.GIVEN
            return Dose(start, end, status=status, has_period=True, **common)
        case "rate":
            return Dose(start, None, status=DoseStatus.GIVEN, rate=Decimal(4), **common)
        case "uncertain":
            return Dose(start, end, status=DoseStatus.UNCERTAIN, has_period=True, **common)
    return Dose(start, None, status=DoseStatus.GIVEN, mg=Decimal(10), **common)


def doses(drugs: tuple[str, ...] = _DRUGS, at: Strategy[int] = times) -> Strategy[Dose]:
    """An administration of any kind."""
    kinds = st.sampled_from(("interval", "interval", "rate", "bolus", "uncertain"))
    return st.builds(_dose, at, st.none() | st.integers(1, 30), st.sampled_from(drugs), kinds, refs)


def _ice(t: int, one: int, other: int, ref: str) -> IceTest:
    return IceTest(t, min(one, other), max(one, other), ref)


def _capd(t: int, one: int, other: int, ref: str) -> CapdScore:
    return CapdScore(t, min(one, other), max(one, other), ref)


ice_scores = st.sampled_from((0, 1, 2, 3, 6, 7, 9, 10))
capd_scores = st.sampled_from((0, 1, 8, 9, 32))
ice_tests = st.builds(_ice, times, ice_scores, ice_scores, refs)
capd_tests = st.builds(_capd, times, capd_scores, capd_scores, refs)
arousals = st.builds(
    Arousal,
    times,
    st.sampled_from(Level),
    st.just("words"),
    refs,
    scale=st.sampled_from(("", "rass")),
)
seizures = st.builds(
    Seizure, times, st.sampled_from(SeizureKind), st.none() | numbers("2", "5", "6"), refs
)
signs = st.builds(Sign, times, st.sampled_from(SignKind), st.booleans(), refs)
charted = st.builds(
    ChartedGrade, times, st.sampled_from(("crs", "icans")), st.none() | st.integers(0, 4), refs
)
charted_grades = st.builds(
    lambda items, again: (*items, *(item._replace(grade=None) for item in items if again)),
    st.lists(charted, max_size=2),
    st.booleans(),
)
"""Some of them are charted again at the same time without a grade."""
orders = st.builds(Order, st.sampled_from(_DRUGS), st.none() | times, refs, draft=st.booleans())
reaches = st.sampled_from((ALWAYS, ALWAYS, ALWAYS, NEVER, NOW - 2 * HOUR, NOW - 30 * HOUR))


def few(items: Strategy[Any], most: int = 3) -> Strategy[tuple[Any, ...]]:
    """At most a few of them."""
    return st.lists(items, max_size=most).map(tuple)


def _born(age: int | None) -> BirthDate | None:
    return None if age is None else BirthDate(NOW - age, NOW - age)


def numbered(chart: Snapshot) -> Snapshot:
    """The chart with a reference of its own for every fact."""
    named = {
        name: tuple(f._replace(ref=f"{name}/{i}") for i, f in enumerate(getattr(chart, name)))
        for name in SEQUENCES
    }
    return replace(chart, **named)


@st.composite
def snapshots(draw: Callable[[Strategy[Any]], Any], *, read: bool = False) -> Snapshot:
    """Any chart; with `read`, everything was read back to the beginning."""
    start = draw(st.sampled_from(_STARTS))
    reach = (
        Reach()
        if read
        else Reach(
            temperature=draw(reaches),
            bedside=draw(reaches),
            doses=draw(reaches),
            conditions=draw(reaches),
        )
    )
    chart = Snapshot(
        now=NOW,
        birth=_born(draw(st.none() | st.sampled_from(_AGES))),
        infusions=(InfusionRecord(NOW - start, False, "axi-cel", "Procedure/cells"),),
        temperatures=draw(few(measured(temperature_values), 4)),
        pressures=draw(few(pressures)),
        spo2=draw(few(measured(spo2_values))),
        flows=draw(few(measured(flow_values), 2)),
        fio2=draw(few(measured(fio2_values), 2)),
        supports=draw(few(points_of_support, 2)) + draw(few(runs_of_support, 1)),
        doses=draw(few(doses(), 4)),
        ice=draw(few(ice_tests, 2)),
        capd=draw(few(capd_tests, 2)),
        arousal=draw(few(arousals, 2)),
        seizures=draw(few(seizures, 2)),
        signs=draw(few(signs, 2)),
        charted_grades=draw(charted_grades),
        weights=draw(few(measured(numbers("25", "70"), lately), 1)),
        orders=draw(few(orders, 2)),
        reach=reach,
    )
    return numbered(chart)


@st.composite
def febrile(draw: Callable[[Strategy[Any]], Any]) -> Snapshot:
    """A wholly read chart inside the window of CRS with a fever an hour ago (CRS-F2 holds)."""
    chart = draw(snapshots(read=True))
    hour = NOW - HOUR
    fever = Measured(hour, Decimal("38.6"), "Observation/fever")
    start = draw(st.sampled_from((10 * HOUR, 75 * HOUR, 16 * DAY)))
    return replace(
        chart,
        infusions=(InfusionRecord(NOW - start, False, "axi-cel", "Procedure/cells"),),
        temperatures=(*chart.temperatures, fever),
    )


@st.composite
def reopened(draw: Callable[[Strategy[Any]], Any]) -> Snapshot:
    """A wholly read chart with two treated fevers and a day of measured absence between them.

    After that day pressures may be low; what else is charted of oxygen and drugs may lie there too.
    """
    chart = draw(snapshots(read=True))
    first, again = draw(st.integers(70, 90)), draw(st.integers(0, 30))
    every = range(first, -1, -6)
    low = draw(st.lists(st.sampled_from([h for h in every if h < first - 24]), max_size=4))

    def measured_at(hours: int, value: str) -> Measured:
        return Measured(NOW - hours * HOUR, Decimal(value), "")

    def pressure_at(hours: int) -> Pressure:
        return Pressure(NOW - hours * HOUR, Decimal(84 if hours in low else 118), None, None, "")

    treated = Dose(NOW - first * HOUR, None, "tocilizumab", "", DoseStatus.GIVEN, mg=Decimal(560))
    fevers = (measured_at(first, "38.6"), measured_at(again, "38.6"))
    found = replace(
        chart,
        infusions=(InfusionRecord(NOW - 5 * DAY, False, "axi-cel", "Procedure/cells"),),
        temperatures=(*(measured_at(hours, "36.8") for hours in every), *fevers),
        pressures=tuple(pressure_at(hours) for hours in every),
        spo2=(*chart.spo2, *(measured_at(hours, "97") for hours in every)),
        doses=(*chart.doses, treated),
        charted_grades=(),
    )
    return numbered(found)


def quiet() -> Snapshot:
    """An adult on day 3 with a full ICE an hour ago, awake, and nothing else."""
    hour = NOW - HOUR
    return Snapshot(
        now=NOW,
        birth=_born(_AGES[-1]),
        infusions=(InfusionRecord(NOW - 75 * HOUR, False, "axi-cel", "Procedure/cells"),),
        ice=(IceTest(hour, 10, 10, "Observation/ice"),),
        arousal=(Arousal(hour, Level.SPONTANEOUS, "", "Observation/awake"),),
    )


def shuffled(snapshot: Snapshot, chance: Any) -> Snapshot:
    """The same facts in another order."""
    mixed = {name: list(getattr(snapshot, name)) for name in SEQUENCES}
    for facts in mixed.values():
        chance.shuffle(facts)
    return replace(snapshot, **{name: tuple(facts) for name, facts in mixed.items()})


def as_of(snapshot: Snapshot, at: int) -> Snapshot:
    """What was charted by `at`, with `at` as now: what ended later was running then.

    Orders have no history: they stand at the instant of the chart alone.
    """
    timed = [name for name in SEQUENCES if name not in ("doses", "supports", "orders")]
    facts = {name: tuple(f for f in getattr(snapshot, name) if f.t <= at) for name in timed}
    running = {"end": None, "status": DoseStatus.RUNNING}
    doses_then = tuple(
        d._replace(**running)
        if d.has_period and d.status is DoseStatus.GIVEN and (d.end or at) > at
        else d
        for d in snapshot.doses
        if d.start <= at
    )
    supports_then = tuple(
        s._replace(end=None) if s.end is not None and s.end > at else s
        for s in snapshot.supports
        if s.t <= at
    )
    facts["orders"] = snapshot.orders if at == snapshot.now else ()
    return replace(snapshot, now=at, doses=doses_then, supports=supports_then, **facts)
