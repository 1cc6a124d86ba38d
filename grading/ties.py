"""The other values of the minute of one that was used: shown beside it, never graded (READ-4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from operator import attrgetter
from typing import Any

from grading.chart import Chart
from grading.component import flagged
from grading.encephalopathy import shown_capd, shown_ice
from grading.model import MINUTE, Assessment, Basis, Evidence, Label, Remark

_VALUE = attrgetter("value")
_INPUTS: Mapping[Label, tuple[str, Callable[[Any], Decimal | str | None]]] = {
    Label.TEMPERATURE: ("temperatures", _VALUE),
    Label.SPO2: ("spo2", _VALUE),
    Label.O2_FLOW: ("flows", _VALUE),
    Label.FIO2: ("fio2", _VALUE),
    Label.SBP: ("pressures", attrgetter("sbp")),
    Label.MAP: ("pressures", attrgetter("mean")),
    Label.ICE: ("ice", shown_ice),
    Label.CAPD: ("capd", shown_capd),
    Label.CONSCIOUSNESS: ("arousal", attrgetter("text")),
}
"""Where the facts of an input are in a `Chart`, and what of a fact the basis shows."""


def with_ties(chart: Chart, assessment: Assessment) -> Assessment:
    """The assessment with the other values of those minutes in its basis, each marked as one.

    Of a device and of laboratory results there is none.
    """
    basis = tuple(_with_others(chart, item) for item in assessment.basis)
    return assessment if basis == assessment.basis else replace(assessment, basis=basis)


def _with_others(chart: Chart, basis: Basis) -> Basis:
    used = {(item.label, item.value) for item in basis.evidence}
    others = {
        (row.label, row.value): row
        for item in basis.evidence
        for row in _of_its_minute(chart, item)
        if (row.label, row.value) not in used
    }
    return replace(basis, evidence=(*basis.evidence, *others.values())) if others else basis


def _of_its_minute(chart: Chart, used: Evidence) -> Iterator[Evidence]:
    """Every value of the same input and minute, up to the instant of the chart."""
    if used.label not in _INPUTS or used.t is None:
        return
    series, shown = _INPUTS[used.label]
    minute = used.t // MINUTE * MINUTE
    for item in getattr(chart, series).window(minute, min(minute + MINUTE - 1, chart.now)):
        value = shown(item)
        cause = (Remark.OTHER_CAUSE,) if item.other_cause else ()
        notes = flagged(item.flags, *cause, Remark.TIED)
        if value is not None:
            yield Evidence(used.label, value, used.unit, item.t, item.ref, notes)
