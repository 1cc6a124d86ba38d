"""The product grades CRS as the second reading of clinical-rules.md does."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import HealthCheck, assume, given, settings

from grading import KNOWLEDGE, assess, prepare
from grading.model import (
    DAY,
    HOUR,
    MINUTE,
    BirthDate,
    Device,
    Dose,
    DoseStatus,
    InfusionRecord,
    Measured,
    Pressure,
    Scope,
    Snapshot,
    Support,
)
from tests.grading.edge_charts import edge_charts, tidy
from tests.grading.second_reading_crs import crs
from tests.snapshot_strategies import NOW, reopened, snapshots

POLICY = KNOWLEDGE.policy
brief = settings(
    max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def graded(chart: Snapshot) -> tuple[int, int]:
    grade = assess(prepare(chart, POLICY)).crs.grade
    return grade.lo, grade.hi


@brief
@given(edge_charts())
def test_charts_around_the_edges(chart: Snapshot) -> None:
    assert graded(chart) == crs(chart, POLICY)


@settings(brief, max_examples=12)
@given(snapshots().map(tidy))
def test_charts_of_any_content(chart: Snapshot) -> None:
    assume(assess(prepare(chart, POLICY)).scope is Scope.IN)
    assert graded(chart) == crs(chart, POLICY)


@settings(brief, max_examples=8)
@given(reopened().map(tidy))
def test_episodes_that_are_opened_again(chart: Snapshot) -> None:
    assert graded(chart) == crs(chart, POLICY)


# --- every value on and beside a line ------------------------------------------------------------


def adult(temperature: str, minutes: int, **facts: object) -> Snapshot:
    """An adult on day 3 with one temperature so many minutes ago."""
    return Snapshot(
        now=NOW,
        birth=BirthDate(NOW - 18000 * DAY, NOW - 18000 * DAY),
        infusions=(InfusionRecord(NOW - 75 * HOUR, False, "axi-cel", "cells"),),
        temperatures=(Measured(NOW - minutes * MINUTE, Decimal(temperature), "t"),),
        **facts,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("minutes", [0, 12 * 60 - 1, 12 * 60, 12 * 60 + 1])
def test_pressures_at_their_line_and_window(minutes: int) -> None:
    at = NOW - minutes * MINUTE
    for temperature, sbp, mean in product(("37.9", "38.0"), (None, 89, 90), (None, 64, 65)):
        values = (None if value is None else Decimal(value) for value in (sbp, mean))
        chart = adult(temperature, 60, pressures=(Pressure(at, *values, None, "bp"),))
        assert graded(chart) == crs(chart, POLICY)


@pytest.mark.parametrize("device", [None, *Device])
def test_devices_by_flow_and_fio2(device: Device | None) -> None:
    """Left out: an FiO2 of 21 % beside a flow without a device, which the text leaves open."""
    hour = NOW - HOUR
    for flow, fio2, spo2 in product((None, "0", "6.0", "6.1"), (None, "21", "40", "41"), (89, 92)):
        if device is None and fio2 == "21" and flow in ("6.0", "6.1"):
            continue
        chart = adult(
            "38.0",
            24 * 60,
            supports=() if device is None else (Support(hour, device, "", "d", airway_only=True),),
            flows=() if flow is None else (Measured(hour, Decimal(flow), "f"),),
            fio2=() if fio2 is None else (Measured(hour, Decimal(fio2), "i"),),
            spo2=(Measured(hour, Decimal(spo2), "s"),),
        )
        assert graded(chart) == crs(chart, POLICY)


@pytest.mark.parametrize("stopped", [0, 119, 120, 121, 359, 360, 361])
def test_vasopressors_by_start_and_stop(stopped: int) -> None:
    stop = NOW - stopped * MINUTE
    one = Dose(NOW - 8 * HOUR, stop, "norepinephrine", "one", DoseStatus.GIVEN, has_period=True)
    for apart, drug in product((-1, 0, 1), ("epinephrine", "vasopressin", "norepinephrine")):
        begin = min(NOW, stop + apart * MINUTE)
        other = Dose(begin, None, drug, "other", DoseStatus.RUNNING, True, intravenous=True)
        chart = adult("39.0", 60, doses=(one, other))
        assert graded(chart) == crs(chart, POLICY)


@pytest.mark.parametrize("drug", ["acetaminophen", "tocilizumab", "dexamethasone", "cefepime"])
def test_fever_that_was_treated(drug: str) -> None:
    """A fever on either side of 24 h, the drug on either side of 24 h before it, low pressure."""
    low = (Pressure(NOW, Decimal(84), None, None, "bp"),)
    for fever, given_before in product((1439, 1440, 1441), (-60, 0, 1439, 1440, 1441)):
        at = NOW - (fever + given_before) * MINUTE
        dose = Dose(at, None, drug, "dose", DoseStatus.GIVEN)
        chart = adult("38.0", fever, doses=(dose,), pressures=low)
        assert graded(chart) == crs(chart, POLICY)
