"""The small parts of the core: series, age, infusion, runs, and instants in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from grading import KNOWLEDGE, assess, prepare
from grading.age import age_days, age_years, could_be_younger
from grading.chart import Chart
from grading.infusion import current_infusion, infusions
from grading.model import (
    DAY,
    HOUR,
    MINUTE,
    BirthDate,
    Dose,
    DoseStatus,
    GradeRange,
    InfusionRecord,
    Measured,
    Missing,
    Note,
    Pressure,
    RiskKind,
)
from grading.readings import readings
from grading.runs import Run, is_active, is_bolus, runs_of
from grading.series import Series
from tests.grading.snapshots import NOW, at, snapshot

POLICY = KNOWLEDGE.policy


def instant(year: int, month: int, day: int, hour: int = 0) -> int:
    return round(datetime(year, month, day, hour, tzinfo=UTC).timestamp() * 1000)


def measured(hours: float, value: float, ref: str = "a") -> Measured:
    return Measured(at(hours), Decimal(str(value)), ref)


# --- series --------------------------------------------------------------------------------------


def test_a_series_is_sorted_whatever_order_the_facts_come_in() -> None:
    facts = [measured(-1, 37), measured(-3, 36), measured(-3, 38, "0")]
    assert Series(facts).facts == Series(reversed(facts)).facts == (facts[2], facts[1], facts[0])


def test_a_reading_of_a_minute_is_the_same_whatever_order_its_pressures_come_in() -> None:
    minute = NOW // MINUTE * MINUTE
    pair = [
        Pressure(minute + offset, Decimal(sbp), None, None, ref)
        for offset, sbp, ref in ((1, 84, "a"), (0, 90, "b"))
    ]
    (reading,) = readings(pair, 0)

    assert readings(pair[::-1], 0) == (reading,)
    assert (reading.t, reading.sbp, reading.ref) == (minute, Decimal(84), "b")


@pytest.mark.parametrize(
    ("start", "end", "values"),
    [(-3, -1, [36, 37, 38]), (-2.9, -1.1, [37]), (-3, -3, [36]), (0, 0, [])],
)
def test_a_window_includes_both_ends(start: float, end: float, values: list[int]) -> None:
    series = Series([measured(-3, 36), measured(-2, 37), measured(-1, 38)])
    assert [item.value for item in series.window(at(start), at(end))] == values


def test_the_last_minute_holds_all_facts_of_the_newest_minute() -> None:
    minute = NOW // MINUTE * MINUTE
    old, one, two = (
        Measured(minute + offset, Decimal(1), ref)
        for offset, ref in ((-1, "old"), (0, "one"), (59_999, "two"))
    )
    series = Series([two, old, one])
    assert series.last_minute(0, minute + MINUTE) == (one, two)
    assert series.last_minute(0, minute) == (one,)
    assert series.last_minute(minute + 1, minute + MINUTE) == (two,)
    assert series.last_minute(minute + MINUTE, minute + 2 * MINUTE) == ()
    assert Series[Measured]([]).last_minute(0, NOW) == ()


def test_the_latest_of_one_minute_is_the_worst() -> None:
    series = Series([measured(-1, 37, "x"), measured(-1, 39, "y"), measured(-2, 41)])
    assert series.latest(at(-3), at(0), lambda item: item.value) == measured(-1, 39, "y")
    assert series.latest(at(0), at(1), lambda item: item.value) is None


# --- age -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("born", "now", "years"),
    [
        (instant(2014, 11, 23), instant(2026, 11, 22), 11),
        (instant(2014, 11, 22), instant(2026, 11, 22), 12),
        (instant(2012, 2, 29), instant(2026, 2, 28), 13),
        (instant(2012, 2, 29), instant(2026, 3, 1), 14),
        (instant(2026, 11, 22), instant(2026, 11, 22), 0),
        (instant(2008, 11, 21, 23), instant(2026, 11, 21, 22), 17),
        (instant(2008, 11, 21, 23), instant(2026, 11, 21, 23), 18),
        (instant(2008, 11, 22, 5), instant(2026, 11, 22, 4), 17),
        (instant(2008, 11, 22, 5), instant(2026, 11, 22, 5), 18),
    ],
)
def test_completed_years(born: int, now: int, years: int) -> None:
    assert age_years(BirthDate(born, born), now) == years


def test_of_a_partial_birth_date_the_greatest_age_counts() -> None:
    year_only = BirthDate(instant(2008, 1, 1), instant(2008, 12, 31))
    now = instant(2026, 11, 22)
    assert age_years(year_only, now) == 18
    assert could_be_younger(year_only, 18, now)
    assert not could_be_younger(year_only, 17, now)


def test_an_unknown_birth_date_has_no_age_and_could_be_a_child() -> None:
    assert age_years(None, NOW) is None
    assert could_be_younger(None, 18, NOW)


@pytest.mark.parametrize(("hours", "days"), [(24 * 28, 28), (24 * 29 - 1, 28), (24 * 29, 29)])
def test_age_in_days(hours: int, days: int) -> None:
    assert age_days(BirthDate(NOW - hours * HOUR, NOW), NOW) == days


# --- infusion ------------------------------------------------------------------------------------


def cells(*rows: tuple[float, str | None, bool]) -> list[InfusionRecord]:
    return [
        InfusionRecord(at(hours), date_only, product, f"Procedure/{index}")
        for index, (hours, product, date_only) in enumerate(rows)
    ]


@pytest.mark.parametrize(
    ("rows", "t0", "course", "product", "date_only"),
    [
        ([(-75, "axi-cel", False)], -75, -75, "axi-cel", False),
        ([(-75, None, False)], -75, -75, None, False),
        ([(-75, None, False), (-74, "axi-cel", False)], -75, -75, "axi-cel", False),
        ([(-80, "axi-cel", True), (-75, None, False)], -75, -75, "axi-cel", False),
        ([(-80, "axi-cel", True)], -80, -80, "axi-cel", True),
        ([(-99, "axi-cel", False), (-75, "axi-cel", False)], -99, -99, "axi-cel", False),
        ([(-99.1, "obe-cel", False), (-75, "obe-cel", False)], -75, -99.1, "obe-cel", False),
        ([(-747, "obe-cel", False), (-75, "obe-cel", False)], -75, -747, "obe-cel", False),
        ([(-747.1, "obe-cel", False), (-75, "obe-cel", False)], -75, -75, "obe-cel", False),
    ],
    ids=[
        "one",
        "unnamed",
        "a named product beats an unnamed one",
        "a time beats a date",
        "a date alone",
        "24 h apart are one",
        "more than 24 h apart are two of one course",
        "28 d apart are one course",
        "more than 28 d apart are two courses",
    ],
)
def test_which_records_make_the_infusion(
    rows: list[tuple[float, str | None, bool]],
    t0: float,
    course: float,
    product: str | None,
    date_only: bool,
) -> None:
    found = current_infusion(replace(snapshot({}), infusions=tuple(cells(*rows))), POLICY)
    assert found is not None
    assert (found.t0, found.course_t0) == (at(t0), at(course))
    assert (found.product, found.date_only, found.notes) == (product, date_only, ())


def test_two_different_products_are_an_unknown_product_with_a_flag() -> None:
    rows = cells((-75, "axi-cel", False), (-74, "liso-cel", False))
    found = current_infusion(replace(snapshot({}), infusions=tuple(rows)), POLICY)
    assert found is not None
    assert (found.product, found.notes) == (None, (Note.PRODUCT_CONFLICT,))
    assert found.refs == ("Procedure/0", "Procedure/1")


def test_day_counts_whole_days_from_the_latest_infusion() -> None:
    found = current_infusion(snapshot({"cells": [{"h": -71.9}]}), POLICY)
    assert found is not None
    assert found.day == 2
    assert infusions(snapshot({"cells": [{"h": 1}]}), POLICY) == ()


def test_hours_of_an_earlier_onset_count_from_the_infusion_before_it() -> None:
    rows = {"cells": [{"h": -240}, {"h": -10}], "temp": [{"h": -30, "value": 38.5}]}
    course = prepare(snapshot(rows), POLICY)
    assert course.chart.infusion_before(at(-30)) == at(-240)
    assert course.chart.infusion_before(at(-300)) == at(-240)
    assert course.chart.infusion_before(at(-5)) == at(-10)


# --- runs ----------------------------------------------------------------------------------------


def dose(hours: float, **more: object) -> Dose:
    base = Dose(
        at(hours), None, "norepinephrine", f"MedicationAdministration/{hours}", DoseStatus.GIVEN
    )
    return base._replace(**more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("doses", "spans"),
    [
        ([dose(-5, end=at(-3), has_period=True)], [(-5, -3, True)]),
        ([dose(-5, has_period=True, status=DoseStatus.RUNNING)], [(-5, None, False)]),
        ([dose(-5, status=DoseStatus.RUNNING)], [(-5, None, False)]),
        ([dose(-5, has_period=True)], [(-5, -5, False)]),
        ([dose(-5, rate=Decimal(4))], [(-5, -4, False)]),
        ([dose(-5, rate=Decimal(4)), dose(-3, rate=Decimal(4))], [(-5, -2, False)]),
        (
            [dose(-5, rate=Decimal(4)), dose(-2.9, rate=Decimal(4))],
            [(-5, -4, False), (-2.9, -1.9, False)],
        ),
        ([dose(-5, rate=Decimal(4)), dose(-4, rate=Decimal(0))], [(-5, -4, True)]),
        ([dose(-5)], [(-5, -4, False)]),
        ([dose(-5, drug="epinephrine")], []),
    ],
    ids=[
        "a period",
        "an open period in progress",
        "a single time in progress",
        "an open period that is over",
        "one charted rate stands for 1 h",
        "rates 2 h apart join",
        "rates further apart do not",
        "a rate of 0 stops",
        "norepinephrine without rate is a point",
        "epinephrine without rate is a bolus",
    ],
)
def test_what_makes_a_run(doses: list[Dose], spans: list[tuple[float, float | None, bool]]) -> None:
    found = [(run.start, run.end, run.stopped) for run in runs_of(doses, POLICY)]
    assert found == [(at(a), None if b is None else at(b), stopped) for a, b, stopped in spans]


def test_a_bolus_is_neither_interval_nor_rate() -> None:
    assert is_bolus(dose(-1, drug="lorazepam"))
    assert not is_bolus(dose(-1, drug="propofol", rate=Decimal(5)))


@pytest.mark.parametrize(
    ("run", "active"),
    [
        (Run("x", at(-9), at(-6), False, ()), True),
        (Run("x", at(-9), at(-6.1), False, ()), False),
        (Run("x", at(-9), at(-2), True, ()), True),
        (Run("x", at(-9), at(-2.1), True, ()), False),
        (Run("x", at(-9), None, False, ()), True),
        (Run("x", at(-9), at(1), True, ()), True),
        (Run("x", at(1), None, False, ()), False),
    ],
)
def test_when_a_run_is_active(run: Run, active: bool) -> None:
    assert is_active(run, NOW, POLICY, 6) is active


# --- the course ----------------------------------------------------------------------------------


def test_grades_at_earlier_instants_use_only_what_was_charted_then() -> None:
    case = {
        "temp": [{"h": -10, "value": 38.5}, {"h": -1, "value": 37}],
        "bp": [{"h": -8, "sbp": 84}, {"h": -1, "sbp": 118}],
        "ice": [{"h": -20, "score": 10}, {"h": -6, "score": 5}],
    }
    course = prepare(snapshot(case), POLICY)
    assert course.crs_at(at(-9)) == GradeRange(1, 4)
    assert course.crs_at(at(-7)) == GradeRange(2, 4)
    assert course.crs_at(at(-7)) is course.crs_at(at(-7))
    assert course.icans_at(at(-7)).lo == 0
    assert course.icans_at(at(-5)).lo == 2


def test_without_trailing_windows_a_weaned_patient_has_improved() -> None:
    case = {
        "temp": [{"h": -1, "value": 38.5}],
        "bp": [{"h": -4, "sbp": 84}, {"h": -3, "sbp": 84}, {"h": -1, "sbp": 118}],
        "dose": [{"drug": "norepinephrine", "h": -5, "end": -1}],
    }
    course = prepare(snapshot(case), POLICY)
    assert course.crs_at(NOW) == GradeRange(3, 3)
    assert course.crs_untrailed_at(NOW) == GradeRange(1, 1)


def test_evaluation_points_are_the_times_of_inputs_since_the_course_began() -> None:
    case = {
        "cells": [{"h": -20}],
        "temp": [{"h": -30, "value": 37}, {"h": -10, "value": 37}],
        "bp": [],
        "spo2": [],
        "ice": [],
        "arousal": [],
        "device": [
            {"h": -9, "is": "cpap", "interval": True, "end": -8},
            {"h": -7.5, "is": "cpap", "interval": True},
        ],
        "dose": [
            {"drug": "norepinephrine", "h": -7, "end": -6},
            {"drug": "propofol", "h": -5, "status": "running"},
        ],
    }
    points = prepare(snapshot(case), POLICY).points
    assert points == tuple(at(hours) for hours in (-10, -9, -8, -7.5, -7, -6, -5, 0))


@pytest.mark.parametrize(
    ("syndrome", "hours", "lo"),
    [("crs", -9, 1), ("crs", -60, None), ("icans", -4, 2), ("icans", -6.5, 0)],
)
def test_the_reference_is_the_last_point_not_after(
    syndrome: str, hours: float, lo: int | None
) -> None:
    case = {
        "temp": [{"h": -10, "value": 38.5}, {"h": -1, "value": 37}],
        "ice": [{"h": -20, "score": 10}, {"h": -5, "score": 5}],
    }
    assert prepare(snapshot(case), POLICY).reference(syndrome, at(hours)) == lo


def test_there_is_no_reference_before_the_read_span() -> None:
    case = {"temp": [{"h": -10, "value": 38.5}], "reach": {"temperature": -8, "bedside": -8}}
    course = prepare(snapshot(case), POLICY)
    assert course.reference("crs", at(-9)) is None
    assert course.reference("icans", at(-9)) is None
    assert course.reference("crs", at(-2)) == 1


def test_75_days_of_readings_under_sedation_are_graded_from_the_last_one() -> None:
    """Each reading is under the rate before it: the last unsedated point is sought step by step."""
    starts = [-0.5 - 7.1 * number for number in range(250)]
    case = {
        "cells": [{"h": -1800}],
        "temp": [{"h": start - 0.05, "value": 36.8} for start in starts],
        "dose": [{"drug": "fentanyl", "h": start, "rate": 5} for start in starts],
        "ice": [{"h": start + 0.1, "score": 2} for start in starts],
        "arousal": [],
    }
    assert prepare(snapshot(case), POLICY).icans_at(NOW) == GradeRange(0, 4)


def test_given_leaves_out_what_is_not_counted() -> None:
    case = {
        "dose": [
            {"drug": "dexamethasone", "h": -120},
            {"drug": "dexamethasone", "h": -90},
            {"drug": "dexamethasone", "h": -3, "systemic": False},
            {"drug": "dexamethasone", "h": -2, "status": "uncertain"},
            {"drug": "acetaminophen", "h": -1},
        ]
    }
    found = prepare(snapshot(case), POLICY).given(frozenset({"dexamethasone"}))
    assert [item.start for item in found] == [at(-90)]


def test_a_course_names_its_onsets_and_fevers() -> None:
    case = {"temp": [{"h": -10, "value": 38.5}], "ice": [{"h": -5, "score": 5}]}
    course = prepare(snapshot(case), POLICY)
    assert (course.crs.onset, course.crs.onset_known) == (at(-10), True)
    assert (course.icans.onset, course.icans.onset_known) == (at(-5), True)
    assert [item.t for item in course.fevers] == [at(-10)]
    assert (course.age_y, course.maybe_child) == (50, False)


def test_two_conditions_of_one_kind_name_the_first_by_reference() -> None:
    case = {"risk": [{"is": "home-cpap", "text": "a"}, {"is": "home-cpap", "text": "b"}]}
    chart = Chart(snapshot(case), POLICY)
    risk = chart.risk(RiskKind.HOME_CPAP)
    assert risk is not None
    assert risk.text == "a"
    assert chart.risk(RiskKind.NON_VERBAL) is None


def test_a_verdict_out_of_scope_names_no_infusion() -> None:
    verdict = assess(prepare(snapshot({"cells": [{"h": -2400}]}), POLICY))
    assert (verdict.infusion, verdict.ledger) == (None, None)


def test_unknown_scope_names_the_missing_infusion() -> None:
    verdict = assess(prepare(snapshot({"cells": [], "reach": {"infusion": "never"}}), POLICY))
    assert verdict.crs.missing == verdict.icans.missing == (Missing.INFUSION,)


def test_a_day_is_24_hours() -> None:
    assert DAY == 24 * HOUR
