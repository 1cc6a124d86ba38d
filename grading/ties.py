"""The other values of the minute of one that was used: shown beside it, never graded (READ-4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from grading.chart import Chart
from grading.component import flagged
from grading.encephalopathy import shown_capd, shown_ice
from grading.model import (
    MINUTE,
    Arousal,
    Assessment,
    Basis,
    CapdScore,
    Evidence,
    IceTest,
    Instant,
    Label,
    Measured,
    Pressure,
    Remark,
)

Shown = tuple[Decimal | str, Instant, str, tuple[str, ...]]
"""A value as the basis shows it, its time, its reference and its flags."""


def with_ties(chart: Chart, assessment: Assessment) -> Assessment:
    """The assessment with the other values of those minutes in its basis, each marked as one.

    Of a device that runs there is none: it holds for more than its minute.
    """
    basis = tuple(_with_others(chart, item) for item in assessment.basis)
    return assessment if basis == assessment.basis else replace(assessment, basis=basis)


def _with_others(chart: Chart, basis: Basis) -> Basis:
    used = {(item.label, item.value) for item in basis.evidence}
    others = {
        (row.label, row.value): row
        for item in basis.evidence
        for row in _others(chart, item)
        if (row.label, row.value) not in used
    }
    if not others:
        return basis
    return replace(basis, evidence=(*basis.evidence, *others.values()))


def _others(chart: Chart, used: Evidence) -> Iterator[Evidence]:
    """Every value of the same input and minute, up to the instant of the chart."""
    read = _INPUTS.get(used.label)
    if read is None or used.t is None:
        return
    minute = used.t // MINUTE * MINUTE
    until = min(minute + MINUTE - 1, chart.now)
    for value, t, ref, flags in read(chart, minute, until):
        yield Evidence(used.label, value, used.unit, t, ref, flagged(flags, Remark.TIED))


# --- what there is of each input -----------------------------------------------------------------


def _flags(item: Measured | Pressure | IceTest | CapdScore | Arousal) -> tuple[str, ...]:
    return (*item.flags, Remark.OTHER_CAUSE) if item.other_cause else item.flags


def _number(name: str) -> Callable[[Chart, Instant, Instant], Iterator[Shown]]:
    def read(chart: Chart, start: Instant, end: Instant) -> Iterator[Shown]:
        for item in getattr(chart, name).window(start, end):
            yield item.value, item.t, item.ref, _flags(item)

    return read


def _pressure(kind: str) -> Callable[[Chart, Instant, Instant], Iterator[Shown]]:
    def read(chart: Chart, start: Instant, end: Instant) -> Iterator[Shown]:
        for item in chart.snapshot.pressures:
            value: Decimal | None = getattr(item, kind)
            if value is not None and start <= item.t <= end:
                yield value, item.t, item.ref, _flags(item)

    return read


def _ice(chart: Chart, start: Instant, end: Instant) -> Iterator[Shown]:
    for item in chart.ice.window(start, end):
        yield shown_ice(item), item.t, item.ref, _flags(item)


def _capd(chart: Chart, start: Instant, end: Instant) -> Iterator[Shown]:
    for item in chart.capd.window(start, end):
        yield shown_capd(item), item.t, item.ref, _flags(item)


def _level(chart: Chart, start: Instant, end: Instant) -> Iterator[Shown]:
    for item in chart.arousal.window(start, end):
        yield item.text, item.t, item.ref, _flags(item)


_INPUTS: Mapping[Label, Callable[[Chart, Instant, Instant], Iterator[Shown]]] = {
    Label.TEMPERATURE: _number("temperatures"),
    Label.SPO2: _number("spo2"),
    Label.O2_FLOW: _number("flows"),
    Label.FIO2: _number("fio2"),
    Label.SBP: _pressure("sbp"),
    Label.MAP: _pressure("mean"),
    Label.ICE: _ice,
    Label.CAPD: _capd,
    Label.CONSCIOUSNESS: _level,
}
