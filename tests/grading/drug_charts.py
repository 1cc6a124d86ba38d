"""Charts dense around the edges of the drug rules: three times of charting, doses, orders, weights.

At each of the times CRS and ICANS have one grade of an adult or child; what is given and ordered
stands beside the intervals and windows of clinical-rules.md 5.1 and READ-13.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple

from hypothesis import strategies as st

from grading.model import (
    DAY,
    HOUR,
    MINUTE,
    NEVER,
    Arousal,
    BirthDate,
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
    Risk,
    RiskKind,
    Seizure,
    SeizureKind,
    Snapshot,
    Study,
    StudyKind,
    Support,
)
from tests.snapshot_strategies import NOW

PRODUCTS = ("axi-cel", "brexu-cel", "tisa-cel", "liso-cel", "ide-cel", "cilta-cel", "obe-cel", None)
WEIGHTS = ("12.5", "29.9", "30", "30.1", "70", "99.9", "100", "100.1", "110")
AGES_D = (400, 8 * 365, 17 * 365, 60 * 365)
TOCILIZUMAB_H = ("1", "7.9", "8", "8.1", "15.9", "16.1", "23.9", "24", "24.1", "25.9", "40", "50")
STEROID_H = ("1", "5.9", "6", "6.1", "11.9", "12.1", "17", "23.9", "24", "24.1", "30", "35")
ICE = (10, 8, 5, 2, 0)
HOURS = (
    *((1,), (9, 1), (30, 9, 1), (28, 20, 1), (5, 1), (26, 9, 4, 1), (7, 5, 3)),
    *((80, 60, 40, 20, 9, 1), (70, 59, 48, 37, 26, 15, 4)),
)
"""When vital signs and ICE are charted."""


class Phase(NamedTuple):
    """The grades at one time of charting, in hours before now; `low`: by pressure, not oxygen."""

    hours: int
    crs: int
    icans: int
    low: bool = True


def ago(hours: Any) -> int:
    return NOW - round(Decimal(hours) * HOUR)


def vitals(phase: Phase, until: int | None) -> dict[str, Any]:
    """Facts that make the grade at the time; pressors run on to `until`, or still."""
    t = ago(phase.hours)
    low = phase.low and phase.crs == 2
    level = Level.UNAROUSABLE if phase.icans == 4 else Level.SPONTANEOUS
    devices = {2: Device.NASAL_CANNULA, 3: Device.MASK, 4: Device.CPAP}
    device = Device.ROOM_AIR if phase.low else devices.get(phase.crs, Device.ROOM_AIR)
    facts: dict[str, Any] = {
        "temperatures": (Measured(t, Decimal("38.6" if phase.crs else "36.8"), ""),),
        "pressures": (Pressure(t, Decimal(60 if low else 118), None, None, ""),),
        "spo2": (Measured(t, Decimal(97), ""),),
        "supports": (Support(t, device, device.value, ""),),
        "ice": (IceTest(t, ICE[phase.icans], ICE[phase.icans], ""),),
        "arousal": (Arousal(t, level, level.name, ""),),
    }
    if device is Device.NASAL_CANNULA:
        facts["flows"] = (Measured(t, Decimal(2), ""),)
    if phase.low and phase.crs >= 3:
        names = ("norepinephrine", "epinephrine")[: phase.crs - 2]
        facts["doses"] = tuple(pressor(name, t, until) for name in names)
    return facts


def pressor(name: str, start: int, until: int | None) -> Dose:
    status = DoseStatus.RUNNING if until is None else DoseStatus.GIVEN
    return Dose(start, until, name, "", status, has_period=True, rate=Decimal(4))


def joined(phases: tuple[Phase, ...]) -> dict[str, Any]:
    """The facts of all times; a later time ends what ran before it."""
    found: dict[str, Any] = {}
    ends: list[int | None] = [ago(phase.hours) for phase in phases[1:]]
    for phase, end in zip(phases, [*ends, None], strict=True):
        for key, facts in vitals(phase, end).items():
            found[key] = (*found.get(key, ()), *facts)
    return found


def born(days: int | None) -> BirthDate | None:
    return None if days is None else BirthDate(NOW - days * DAY, NOW - days * DAY)


def chart(phases: tuple[Phase, ...], infused_h: int, product: str | None) -> Snapshot:
    """An adult of 70 kg."""
    return Snapshot(
        now=NOW,
        birth=born(AGES_D[-1]),
        infusions=(InfusionRecord(ago(infused_h), False, product, "Procedure/cells"),),
        weights=(Measured(ago(6), Decimal(70), ""),),
        **joined(phases),
    )


def tocilizumab(hours: str, status: DoseStatus, intravenous: bool | None) -> Dose:
    mg = Decimal(560)
    return Dose(ago(hours), None, "tocilizumab", "", status, mg=mg, intravenous=intravenous)


def antipyretic(hours: int) -> Dose:
    return Dose(ago(hours), None, "acetaminophen", "", DoseStatus.GIVEN, mg=Decimal(1000))


def a_steroid(hours: str, drug: str, mg: int) -> Dose:
    status = DoseStatus.GIVEN
    return Dose(ago(hours), None, drug, "", status, mg=Decimal(mg), intravenous=True)


def an_order(drug: str, mg: int, every: int | None, state: str) -> Order:
    interval = None if every is None else Decimal(every)
    t = None if state == "undated" else NOW - HOUR
    found = Order(drug, t, "", mg=Decimal(mg), every_h=interval)
    return found._replace(draft=state == "draft", on_hold=state == "held")


def some_of(items: st.SearchStrategy[Any], most: int) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(items, max_size=most).map(tuple)


def rarely(items: st.SearchStrategy[Any], most: int) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.one_of(st.just(()), st.just(()), some_of(items, most))


states = st.sampled_from(("active", "active", "draft", "held", "undated"))
tocilizumab_doses = st.builds(
    tocilizumab,
    st.sampled_from(TOCILIZUMAB_H),
    st.sampled_from((*[DoseStatus.GIVEN] * 5, DoseStatus.HELD, DoseStatus.UNCERTAIN)),
    st.sampled_from((*[True] * 5, None, False)),
)
antipyretics = st.sampled_from((2, 10, 25, 50)).map(antipyretic)
steroid_doses = st.builds(
    a_steroid,
    st.sampled_from(STEROID_H),
    st.just("dexamethasone"),
    st.sampled_from((4, 10, 10, 10, 20)),
) | st.builds(
    a_steroid,
    st.sampled_from(STEROID_H),
    st.just("methylprednisolone"),
    st.sampled_from((500, 1000)),
)
steroid_orders = st.builds(
    an_order,
    st.just("dexamethasone"),
    st.sampled_from((4, 10, 10, 20)),
    st.sampled_from((None, 6, 8, 12, 24)),
    states,
) | st.builds(
    an_order,
    st.just("methylprednisolone"),
    st.sampled_from((500, 1000)),
    st.sampled_from((12, 24)),
    states,
)
other_orders = st.builds(
    an_order,
    st.sampled_from(("tocilizumab", "levetiracetam", "lacosamide", "mri-brain", "ct-head", "eeg")),
    st.just(100),
    st.none(),
    states,
)
studies = st.builds(
    lambda hours, kind: Study(ago(hours), kind, ""),
    st.sampled_from(("47.9", "48", "48.1", "71.9", "72", "72.1")),
    st.sampled_from((StudyKind.MRI_BRAIN, StudyKind.CT_HEAD, StudyKind.EEG)),
)
weights = st.builds(
    lambda days, kg: Measured(NOW - days * DAY - MINUTE * (days == 30), Decimal(kg), ""),
    st.sampled_from((0, 0, 1, 6, 8, 29, 30)),
    st.sampled_from(WEIGHTS),
)
risks = st.builds(lambda kind: Risk(None, kind, "", ""), st.sampled_from(RiskKind))
seizures = st.builds(
    lambda hours, kind: Seizure(ago(hours), kind, Decimal(2), ""),
    st.sampled_from(("1", "23.9", "24.1", "40")),
    st.sampled_from(SeizureKind),
)


def _kept(hours: tuple[int, ...], grades: list[tuple[int, int, bool]]) -> Iterator[Phase]:
    for at, (crs, icans, low) in zip(hours, grades, strict=True):
        yield Phase(at, crs, icans, low)


REACHES = (Reach(doses=ago(10)), Reach(doses=NEVER), Reach(temperature=ago(30)))


@st.composite
def drug_charts(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Snapshot:
    """Any of them; the earlier phases are left out in some."""
    hours = draw(st.sampled_from(HOURS))
    grade = st.sampled_from((0, 1, 1, 2, 2, 3, 4))
    steady = draw(st.booleans())
    one = st.tuples(grade, st.sampled_from((0, 0, 1, 2, 3, 4)), st.booleans())
    grades = [draw(one)] * len(hours) if steady else [draw(one) for _ in hours]
    infused = draw(st.sampled_from((60, 71, 72, 73, 74, 100, 360, 362, 500)))
    found = chart(tuple(_kept(hours, grades)), infused, draw(st.sampled_from(PRODUCTS)))
    return numbered(
        replace(
            found,
            birth=born(draw(st.sampled_from((*AGES_D, AGES_D[-1], AGES_D[-1], None)))),
            weights=draw(some_of(weights, 2)),
            doses=(
                *found.doses,
                *draw(some_of(tocilizumab_doses, 4)),
                *draw(rarely(steroid_doses, 3)),
                *draw(rarely(antipyretics, 3)),
            ),
            orders=draw(rarely(steroid_orders, 2)) + draw(rarely(other_orders, 2)),
            studies=draw(rarely(studies, 2)),
            risks=draw(rarely(risks, 1)),
            seizures=draw(rarely(seizures, 1)),
            reach=draw(st.sampled_from((Reach(), Reach(), Reach(), *REACHES))),
        )
    )


def numbered(found: Snapshot) -> Snapshot:
    """With a reference of its own for every dose and order."""
    return replace(
        found,
        doses=tuple(d._replace(ref=f"dose/{i}") for i, d in enumerate(found.doses)),
        orders=tuple(o._replace(ref=f"order/{i}") for i, o in enumerate(found.orders)),
    )
