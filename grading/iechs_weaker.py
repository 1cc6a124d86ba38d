"""Weaker features of IEC-HS and the HLH-2004 criteria, both for information (IECHS-2, IECHS-7)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from grading.chart import Chart
from grading.fever import Fever
from grading.findings import OverlapCriterion
from grading.iechs_facts import any_met, check, lab_row, sign_row, signs_of
from grading.model import DAY, HOUR, Evidence, Label, OverlapCheck, OverlapKind
from grading.oxygen import hypoxia

_TRIGLYCERIDES = Decimal(265)
_HLH_FEVER = Decimal("38.5")
_HLH_FIBRINOGEN = Decimal(150)
_HLH_FERRITIN = Decimal(500)
_HLH_COUNTS = {"hemoglobin": Decimal(9), "platelets": Decimal(100_000), "anc": Decimal(1000)}
_LINEAGES = 2


def weaker(chart: Chart, fever: Fever) -> tuple[OverlapCheck, ...]:
    """The weaker features, which never decide."""
    return (
        _above_limit(chart, OverlapCriterion.LDH, "ldh"),
        _above_limit(chart, OverlapCriterion.COAGULATION, "pt", "aptt"),
        _triglycerides(chart),
        _splenomegaly(chart, OverlapCriterion.SPLENOMEGALY),
        _above_limit(chart, OverlapCriterion.RENAL, "creatinine"),
        _hypoxia(chart),
        _persistent_fever(chart, fever),
    )


def _above_limit(chart: Chart, key: OverlapCriterion, *names: str) -> OverlapCheck:
    """Whether one of the results is above its own upper limit."""
    found = []
    for name in names:
        latest = chart.labs.latest(name)
        if latest is None or latest.high is None:
            lacks = name if latest is None else f"{name}-reference-range"
            shown = () if latest is None else (lab_row(chart, name, latest),)
            found.append(check(key, None, shown, lacks))
        else:
            above = latest.value > latest.high
            found.append(check(key, above, (lab_row(chart, name, latest),)))
    missing = (name for item in found for name in item.missing)
    return check(key, any_met(found), (row for item in found for row in item.evidence), *missing)


def _triglycerides(chart: Chart) -> OverlapCheck:
    latest, key = chart.labs.latest("triglycerides"), OverlapCriterion.TRIGLYCERIDES
    if latest is None:
        return check(key, None, (), "triglycerides")
    shown = (lab_row(chart, "triglycerides", latest),)
    return check(key, latest.value > _TRIGLYCERIDES, shown)


def _splenomegaly(chart: Chart, key: OverlapCriterion) -> OverlapCheck:
    found = signs_of(chart, OverlapKind.SPLENOMEGALY)
    return check(key, bool(found), (sign_row(item) for item in found[-1:]))


def _hypoxia(chart: Chart) -> OverlapCheck:
    found = hypoxia(chart, chart.now)
    met = True if found.lo > 0 else (False if found.hi == 0 else None)
    return check(OverlapCriterion.HYPOXIA, met, found.evidence, *found.missing)


def _persistent_fever(chart: Chart, fever: Fever) -> OverlapCheck:
    key, last = OverlapCriterion.FEVER, fever.recent_fever(chart.now)
    if last is None:
        return check(key, False)
    before = [item for item in fever.fevers if DAY <= last.t - item.t <= 2 * DAY]
    shown = [
        Evidence(Label.FEVER, item.value, "Cel", item.t, item.ref, item.flags)
        for item in (*before[:1], last)
    ]
    return check(key, bool(before), shown)


# --- IECHS-7 -------------------------------------------------------------------------------------


def hlh_2004(chart: Chart) -> tuple[OverlapCheck, ...]:
    """The eight criteria as far as they are read; NK activity and sCD25 never are."""
    since = chart.now - chart.policy.fever_window_h * HOUR
    temperatures = [item.value for item in chart.temperatures.window(since, chart.now)]
    return (
        check(
            OverlapCriterion.HLH_FEVER,
            max(temperatures) >= _HLH_FEVER if temperatures else None,
            (),
            "temperature",
        ),
        _splenomegaly(chart, OverlapCriterion.HLH_SPLENOMEGALY),
        _lineages(chart),
        _lipids_or_fibrinogen(chart),
        check(
            OverlapCriterion.HLH_HEMOPHAGOCYTOSIS,
            bool(signs_of(chart, OverlapKind.HEMOPHAGOCYTOSIS)),
        ),
        check(OverlapCriterion.HLH_NK, None, (), "nk-activity"),
        _compared(chart, OverlapCriterion.HLH_FERRITIN, "ferritin", _HLH_FERRITIN),
        check(OverlapCriterion.HLH_SCD25, None, (), "scd25"),
    )


def _compared(chart: Chart, key: OverlapCriterion, name: str, least: Decimal) -> OverlapCheck:
    latest = chart.labs.latest(name)
    return check(key, None if latest is None else latest.value >= least, (), name)


def _lineages(chart: Chart) -> OverlapCheck:
    results = {name: chart.labs.latest(name) for name in _HLH_COUNTS}
    low = {
        name: None if item is None else item.value < _HLH_COUNTS[name]
        for name, item in results.items()
    }
    missing = [name for name, is_low in low.items() if is_low is None]
    certain = sum(is_low is True for is_low in low.values())
    met = _at_least(_LINEAGES, certain, len(missing))
    return check(OverlapCriterion.HLH_CYTOPENIA, met, (), *missing)


def _at_least(needed: int, certain: int, open_ones: int) -> bool | None:
    if certain >= needed:
        return True
    return None if certain + open_ones >= needed else False


def _lipids_or_fibrinogen(chart: Chart) -> OverlapCheck:
    key, fibrinogen = OverlapCriterion.HLH_LIPIDS, chart.labs.latest("fibrinogen")
    low = None if fibrinogen is None else fibrinogen.value <= _HLH_FIBRINOGEN
    found: Iterable[OverlapCheck] = (
        _compared(chart, key, "triglycerides", _TRIGLYCERIDES),
        check(key, low, (), "fibrinogen"),
    )
    parts = tuple(found)
    return check(key, any_met(parts), (), *(name for item in parts for name in item.missing))
