"""What holds of every chart: bounds, order, worse findings, findings that are not known, time.

The comparisons of CRS are made under a fever of the last hour, where the grade is the worse of the
two axes (2.4). Without one, a change of pressure or oxygen also changes which episodes are open
(READ-12) and whether fever may be masked (CRS-F4), so that the rules themselves are not monotone.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from grading import KNOWLEDGE, assess, prepare, recommend
from grading.model import (
    HOUR,
    NEVER,
    Arousal,
    CapdScore,
    Device,
    DoseStatus,
    GradeRange,
    IceTest,
    Level,
    Measured,
    Reach,
    Scope,
    Seizure,
    SeizureKind,
    Sign,
    SignKind,
    Snapshot,
    State,
    Support,
    Verdict,
)
from tests import snapshot_strategies as some
from tests.snapshot_strategies import NOW, febrile, snapshots

POLICY = KNOWLEDGE.policy
SIGNS = tuple(
    kind
    for kind in SignKind
    if kind not in (SignKind.MOTOR_NONE, SignKind.ICP_NONE, SignKind.HEMORRHAGE)
)
INEXACT = {"DEF-10", "CRS-F4"}
"""Rules that leave a grade open without a missing input: sedation hides it, fever may be masked."""
RISING_DEVICES = (
    Device.ROOM_AIR,
    Device.NASAL_CANNULA,
    Device.HIGH_FLOW_CANNULA,
    Device.MASK,
    Device.CPAP,
    Device.VENTILATOR,
)
brief = settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
thorough = settings(brief, max_examples=200)


def verdict_of(snapshot: Snapshot) -> Verdict:
    return assess(prepare(snapshot, POLICY))


def crs_of(snapshot: Snapshot) -> GradeRange:
    return verdict_of(snapshot).crs.grade


def icans_of(snapshot: Snapshot) -> GradeRange:
    return verdict_of(snapshot).icans.grade


def not_lower(worse: GradeRange, before: GradeRange) -> bool:
    return worse.lo >= before.lo and worse.hi >= before.hi


def not_narrower(unknown: GradeRange, known: GradeRange) -> bool:
    return unknown.lo <= known.lo and unknown.hi >= known.hi


# --- every chart ---------------------------------------------------------------------------------


@thorough
@given(snapshots())
def test_bounds_are_ordered_and_say_why_they_are_apart_and_nothing_raises(
    snapshot: Snapshot,
) -> None:
    """One chart for all three, since drawing it takes longest."""
    course = prepare(snapshot, POLICY)
    verdict = assess(course)

    recommend(course, verdict)
    for one in (verdict.crs, verdict.icans):
        assert 0 <= one.grade.lo <= one.grade.hi <= 4
        assert one.grade.exact or one.missing or set(one.rules) & INEXACT
        if verdict.scope is Scope.IN:
            assert (one.state is State.ACTIVE) is (one.grade.lo >= 1)


@brief
@given(snapshots(), st.randoms(use_true_random=False))
def test_order_of_facts_never_matters(snapshot: Snapshot, chance: object) -> None:
    shuffled = some.shuffled(snapshot, chance)
    course, other = prepare(snapshot, POLICY), prepare(shuffled, POLICY)

    assert assess(other) == assess(course)
    assert recommend(other, assess(other)) == recommend(course, assess(course))


@brief
@given(snapshots(read=True), some.lately)
def test_the_grade_at_a_point_uses_only_what_was_charted_by_then(
    snapshot: Snapshot, at: int
) -> None:
    course = prepare(snapshot, POLICY)
    then = prepare(some.as_of(snapshot, at), POLICY)
    assume(course.infusion is not None and course.infusion.t0 <= at)

    assert (course.crs_at(at), course.icans_at(at)) == (then.crs_at(at), then.icans_at(at))


@brief
@given(some.reopened(), st.integers(0, 60))
def test_a_later_fever_changes_no_grade_before_it(snapshot: Snapshot, hours: int) -> None:
    """A fever that opens an episode again leaves the days between closed (READ-11, CRS-W2)."""
    at = NOW - hours * HOUR
    course = prepare(snapshot, POLICY)
    then = prepare(some.as_of(snapshot, at), POLICY)

    assert course.crs_at(at) == then.crs_at(at)


@brief
@given(snapshots(read=True))
def test_the_peak_is_the_highest_lower_bound_of_the_episode(snapshot: Snapshot) -> None:
    course = prepare(snapshot, POLICY)
    crs = assess(course).crs
    assume(course.infusion is not None and crs.onset is not None)
    drugs = (dose.start for dose in course.chart.fever_drugs)
    points = (crs.onset, *course.points, *drugs)
    grades = {at: course.crs_at(at).lo for at in points if crs.onset <= at <= course.now}
    highest = max(grades.values())

    assert crs.peak == highest
    assert crs.peak_at == (min(at for at in grades if grades[at] == highest) if highest else None)


# --- a worse finding never lowers a grade --------------------------------------------------------


@brief
@given(febrile(), some.pressures, some.pressure_values, some.mean_values)
def test_a_lower_pressure(
    snapshot: Snapshot, reading: some.Pressure, sbp: Decimal, mean: Decimal
) -> None:
    before = replace(snapshot, pressures=(*snapshot.pressures, reading))
    lower = reading._replace(
        sbp=None if reading.sbp is None else min(reading.sbp, sbp),
        mean=None if reading.mean is None else min(reading.mean, mean),
    )

    worse = replace(snapshot, pressures=(*snapshot.pressures, lower))
    assert not_lower(crs_of(worse), crs_of(before))


@brief
@given(febrile(), some.doses(("norepinephrine", "epinephrine", "vasopressin"), some.lately))
def test_one_more_vasopressor(snapshot: Snapshot, dose: some.Dose) -> None:
    before = replace(snapshot, orders=())

    worse = replace(before, doses=(*before.doses, dose))
    assert not_lower(crs_of(worse), crs_of(before))


@brief
@given(febrile(), some.lately, st.sampled_from(RISING_DEVICES), st.sampled_from(RISING_DEVICES))
def test_a_stronger_oxygen_device(snapshot: Snapshot, at: int, one: Device, other: Device) -> None:
    weak, strong = sorted((one, other), key=RISING_DEVICES.index)
    plain = replace(snapshot, flows=(), fio2=(), supports=())

    def on(device: Device) -> Snapshot:
        return replace(plain, supports=(Support(at, device, "device", "Observation/device"),))

    assert crs_of(on(strong)).lo >= crs_of(on(weak)).lo


@brief
@given(febrile(), some.lately, some.flow_values, some.flow_values)
def test_a_higher_oxygen_flow(snapshot: Snapshot, at: int, one: Decimal, other: Decimal) -> None:
    """A flow of 0 ends a device, so that the need for oxygen is open again (READ-6, DEF-8)."""
    low, high = sorted((one, other))
    assume(low > 0)

    def at_flow(value: Decimal) -> Snapshot:
        return replace(snapshot, flows=(*snapshot.flows, Measured(at, value, "Observation/flow")))

    assert not_lower(crs_of(at_flow(high)), crs_of(at_flow(low)))


@brief
@given(febrile(), some.lately, some.spo2_values, some.spo2_values)
def test_a_lower_saturation(snapshot: Snapshot, at: int, one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))

    def at_spo2(value: Decimal) -> Snapshot:
        return replace(snapshot, spo2=(*snapshot.spo2, Measured(at, value, "Observation/spo2")))

    assert not_lower(crs_of(at_spo2(low)), crs_of(at_spo2(high)))


@brief
@given(snapshots(), some.times, some.temperature_values)
def test_a_fever_of_the_last_day(snapshot: Snapshot, at: int, value: Decimal) -> None:
    assume(at >= NOW - 24 * HOUR and verdict_of(snapshot).scope is Scope.IN)
    lower = replace(snapshot, temperatures=(*snapshot.temperatures, Measured(at, value, "t")))
    higher = replace(
        snapshot, temperatures=(*snapshot.temperatures, Measured(at, Decimal("40.1"), "t"))
    )

    assert not_lower(crs_of(higher), crs_of(lower))


@brief
@given(snapshots(), some.lately, some.ice_scores, some.ice_scores)
def test_a_lower_ice(snapshot: Snapshot, at: int, one: int, other: int) -> None:
    low, high = sorted((one, other))

    def with_ice(score: int) -> Snapshot:
        return replace(snapshot, ice=(*snapshot.ice, IceTest(at, score, score, "Observation/ice")))

    assert not_lower(icans_of(with_ice(low)), icans_of(with_ice(high)))


@brief
@given(snapshots(), some.lately, some.capd_scores, some.capd_scores)
def test_a_higher_capd(snapshot: Snapshot, at: int, one: int, other: int) -> None:
    low, high = sorted((one, other))

    def with_capd(score: int) -> Snapshot:
        return replace(
            snapshot, capd=(*snapshot.capd, CapdScore(at, score, score, "Observation/c"))
        )

    assert not_lower(icans_of(with_capd(high)), icans_of(with_capd(low)))


@brief
@given(snapshots(), some.lately, st.sampled_from(Level), st.sampled_from(Level))
def test_a_deeper_consciousness(snapshot: Snapshot, at: int, one: Level, other: Level) -> None:
    light, deep = sorted((one, other))

    def at_level(level: Level) -> Snapshot:
        return replace(
            snapshot, arousal=(*snapshot.arousal, Arousal(at, level, "", "Observation/a"))
        )

    assert not_lower(icans_of(at_level(deep)), icans_of(at_level(light)))


@brief
@given(snapshots(), some.seizures)
def test_one_more_seizure(snapshot: Snapshot, event: Seizure) -> None:
    assume(event.kind is not SeizureKind.NONE)

    worse = replace(snapshot, seizures=(*snapshot.seizures, event))
    assert not_lower(icans_of(worse), icans_of(snapshot))


@brief
@given(snapshots(), some.times, st.sampled_from(SIGNS), st.booleans())
def test_one_more_sign(snapshot: Snapshot, at: int, kind: SignKind, imaging: bool) -> None:
    worse = replace(snapshot, signs=(*snapshot.signs, Sign(at, kind, imaging, "Observation/sign")))

    assert not_lower(icans_of(worse), icans_of(snapshot))


# --- a finding that is not known never narrows the range -----------------------------------------


@brief
@given(febrile())
def test_pressure_not_known(snapshot: Snapshot) -> None:
    unknown = replace(snapshot, pressures=())

    assert not_narrower(crs_of(unknown), crs_of(snapshot))


@brief
@given(febrile())
def test_administrations_not_read(snapshot: Snapshot) -> None:
    unknown = replace(snapshot, doses=(), reach=Reach(doses=NEVER))

    assert not_narrower(crs_of(unknown), crs_of(snapshot))


@brief
@given(febrile())
def test_oxygen_not_known(snapshot: Snapshot) -> None:
    """Saturation goes too: with it alone, room air is assumed (DEF-8)."""
    unknown = replace(snapshot, spo2=(), flows=(), fio2=(), supports=())

    assert not_narrower(crs_of(unknown), crs_of(snapshot))


@brief
@given(snapshots())
def test_ice_and_capd_not_known(snapshot: Snapshot) -> None:
    unknown = replace(snapshot, ice=(), capd=())

    assert not_narrower(icans_of(unknown), icans_of(snapshot))


@brief
@given(snapshots())
def test_consciousness_not_known_without_a_score(snapshot: Snapshot) -> None:
    """Beside an ICE of 1 or more, absence of consciousness is read as awake (3.3)."""
    unscored = replace(snapshot, ice=(), capd=())
    unknown = replace(unscored, arousal=())

    assert not_narrower(icans_of(unknown), icans_of(unscored))


@brief
@given(snapshots())
def test_seizures_not_read(snapshot: Snapshot) -> None:
    """Read and empty means none (READ-8), so not known is absence together with not read."""
    unknown = replace(snapshot, seizures=(), reach=replace(snapshot.reach, conditions=NEVER))

    assert not_narrower(icans_of(unknown), icans_of(snapshot))


@brief
@given(febrile())
def test_an_administration_that_is_not_certain(snapshot: Snapshot) -> None:
    certain = replace(snapshot, orders=())
    uncertain = replace(
        certain, doses=tuple(d._replace(status=DoseStatus.UNCERTAIN) for d in certain.doses)
    )

    assert crs_of(uncertain).lo <= crs_of(certain).lo


@pytest.mark.parametrize("unread", ["bedside", "conditions"])
def test_no_seizure_is_none_only_where_it_was_read(unread: str) -> None:
    chart = some.quiet()

    assert (icans_of(chart).hi, icans_of(replace(chart, reach=Reach(**{unread: NEVER}))).hi) == (
        0,
        4,
    )
