"""Hypothesis strategy for charts of what bears on ICANS, on the edges of its rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
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
    Dose,
    DoseStatus,
    IceTest,
    InfusionRecord,
    Instant,
    Level,
    Measured,
    Reach,
    Remark,
    Risk,
    RiskKind,
    Seizure,
    SeizureKind,
    Sign,
    SignKind,
    Snapshot,
)
from tests.snapshot_strategies import NOW, few

Strategy = st.SearchStrategy
CELLS = (
    *((75,), (75,), (10,), (24,), (3,), (20 * 24, 10 * 24), (100, 76), (29 * 24, 24)),
    *((60 * 24, 24), (91 * 24 - 1,), (91 * 24,)),
)
"""Hours since each record of cells."""
EDGES_H = (0, 1, 2, 3, 6, 7, 8, 12, 24, 26, 30, 48, 72, 75, 76, 168)
times: Strategy[Instant] = st.one_of(
    st.tuples(st.sampled_from(EDGES_H), st.sampled_from((0, -MINUTE, MINUTE, 30_000, -30_000))).map(
        lambda edge: min(NOW, NOW - edge[0] * HOUR + edge[1])
    ),
    st.integers(0, 30 * 60).map(lambda minutes: NOW - minutes * MINUTE),
    st.sampled_from((0, 20_000, 50_000)).map(lambda ms: NOW - 5 * HOUR + ms),
)
causes = st.sampled_from((False, False, False, False, False, True))
remarks = st.sampled_from(((), (), (), (Remark.UNCONFIRMED,)))
SEDATIVES = ("propofol", "midazolam", "fentanyl", "lorazepam")
BIRTHDAY = datetime(2014, 11, 22, 14, tzinfo=UTC)


def born(years: int, minutes: int = 0, span: int = 0) -> BirthDate:
    """Who is `years` old at NOW, or so many minutes later; the last instant `span` days after."""
    day = int(BIRTHDAY.replace(year=2026 - years).timestamp() * 1000) + minutes * MINUTE
    return BirthDate(day, day + span * DAY)


births = st.sampled_from(
    (born(60), born(60), born(12), born(12, 1), born(12, -1), born(11), born(12, -9999, 20), None)
)


def ice_test(t: Instant, one: int, other: int | None, cause: bool) -> IceTest:
    other = one if other is None else other
    return IceTest(t, min(one, other), max(one, other), "", (), (), cause)


def capd_score(t: Instant, one: int, other: int | None, cause: bool) -> CapdScore:
    other = one if other is None else other
    return CapdScore(t, min(one, other), max(one, other), "", (), cause)


def sign(  # noqa: PLR0913, PLR0917
    t: Instant,
    kind: SignKind,
    imaging: bool,
    flags: tuple[str, ...],
    cause: bool,
    denies: SignKind | None,
) -> Sign:
    is_motor = kind in (SignKind.MOTOR_WEAKNESS, SignKind.MOTOR_NONE, SignKind.MOTOR_OTHER)
    denied = denies if kind is SignKind.ICP_NONE else None
    return Sign(t, kind, imaging and not is_motor, "", flags, cause, denied)


def dose(drug: str, start: Instant, minutes: int, kind: str, systemic: bool) -> Dose:
    end = min(NOW, start + minutes * MINUTE)
    shapes: dict[str, dict[str, Any]] = {
        "interval": {"end": end, "status": DoseStatus.GIVEN, "has_period": True},
        "open": {"end": None, "status": DoseStatus.RUNNING, "has_period": True},
        "time": {"end": None, "status": DoseStatus.RUNNING},
        "rate": {"end": None, "status": DoseStatus.GIVEN, "rate": Decimal(4)},
        "bolus": {"end": None, "status": DoseStatus.GIVEN, "mg": Decimal(2)},
        "supposed": {"end": end, "status": DoseStatus.UNCERTAIN, "has_period": True},
    }
    return Dose(start=start, drug=drug, ref="", systemic=systemic, **shapes[kind])


ices = st.sampled_from((0, 1, 2, 3, 6, 7, 9, 10))
capds = st.sampled_from((0, 1, 8, 9, 32))
LENGTHS = (None, "0", "4.9", "5", "5.0", "5.1", "6", "90")
FACTS: dict[str, Strategy[tuple[Any, ...]]] = {
    "ice": few(st.builds(ice_test, times, ices, st.none() | ices, causes), 2),
    "capd": few(st.builds(capd_score, times, capds, st.none() | capds, causes), 2),
    "arousal": few(
        st.builds(
            lambda t, level, scale, cause: Arousal(t, level, "", "", (), cause, scale),
            *(times, st.sampled_from(Level), st.sampled_from(("", "rass", "avpu")), causes),
        ),
        2,
    ),
    "seizures": few(
        st.builds(
            lambda t, kind, length, flags, cause: Seizure(
                t, kind, None if length is None else Decimal(length), "", flags, cause
            ),
            *(times, st.sampled_from(SeizureKind), st.sampled_from(LENGTHS), remarks, causes),
        ),
        2,
    ),
    "signs": few(
        st.builds(
            sign,
            *(times, st.sampled_from(SignKind), st.booleans(), remarks, causes),
            st.sampled_from((None, None, SignKind.DIFFUSE_EDEMA, SignKind.CN6_PALSY)),
        ),
        3,
    ),
    "doses": few(
        st.builds(
            dose,
            *(st.sampled_from(SEDATIVES), times, st.sampled_from((30, 60, 119, 120, 121, 600))),
            st.sampled_from(("interval", "open", "time", "rate", "rate", "bolus", "supposed")),
            st.sampled_from((True, True, True, False)),
        ),
        2,
    ),
    "temperatures": few(st.builds(lambda t: Measured(t, Decimal(37), ""), times), 2),
}
HOUR_AGO = NOW - HOUR
WELL: dict[str, tuple[Any, ...]] = {
    "ice": (IceTest(HOUR_AGO, 10, 10, ""),),
    "capd": (CapdScore(HOUR_AGO, 0, 0, ""),),
    "arousal": (Arousal(HOUR_AGO, Level.SPONTANEOUS, "", "", scale="rass"),),
}
reaches = st.sampled_from((ALWAYS,) * 6 + (NEVER, NOW - 2 * HOUR, NOW - 30 * HOUR))


@st.composite
def charts(draw: Callable[[Strategy[Any]], Any], *only: str) -> Snapshot:
    """A chart of what bears on ICANS, its values and times on the edges of the rules.

    With `only`, such facts alone beside a full score and a patient awake, and everything was read:
    there nothing but them widens the bounds.
    """
    cells = draw(st.sampled_from(CELLS))
    risks = draw(st.sampled_from(((), (), (Risk(None, RiskKind.NON_VERBAL, "", ""),))))
    reach = Reach(bedside=draw(reaches), conditions=draw(reaches), doses=draw(reaches))
    facts = {name: draw(strategy) for name, strategy in FACTS.items() if not only or name in only}
    return Snapshot(
        now=NOW,
        birth=draw(births),
        infusions=tuple(InfusionRecord(NOW - h * HOUR, False, "axi-cel", "") for h in cells),
        risks=risks,
        reach=Reach() if only else reach,
        **(WELL | facts if only else facts),
    )
