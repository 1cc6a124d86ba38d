"""Whether IEC-HS is possible: screen, supporting features, severity (IECHS-1 to IECHS-3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from grading.chart import Chart
from grading.fever import Fever
from grading.findings import OverlapCriterion
from grading.iechs_facts import any_met, check, lab_row, sign_row, signs_of
from grading.iechs_weaker import hlh_2004, weaker
from grading.model import (
    DAY,
    HOUR,
    MINUTE,
    Device,
    Evidence,
    Label,
    LabResult,
    Overlap,
    OverlapCheck,
    OverlapKind,
    Remark,
)
from grading.oxygen_use import deliveries
from grading.pressor import active_runs, run_row

BASELINE = 7 * DAY
"""The value at infusion is the latest of the 7 days up to course_t0 (IECHS-1)."""
EARLIER_FROM, EARLIER_TO = 96 * HOUR, 48 * HOUR
"""The count that a cytopenia is held against is the last one of this long before it (IECHS-2 c)."""
_FERRITIN_TIMES_LIMIT = 2
_PER_UL = 1000
"""Cells per uL in 10*9/L (READ-16)."""
_VENTILATED = frozenset({Device.VENTILATOR, Device.ECMO})
_LIMIT_MISSING = "{}-reference-range"
_EARLIER_MISSING = "earlier-{}"


def screen(chart: Chart, fever: Fever) -> Overlap:
    """Whether IEC-HS is possible at `chart.now`, with its criteria.

    Missing results never make a criterion fail: it stays open, so that the answer is "not
    assessable" with the names of what is missing, unless what is known settles it.
    """
    trigger = tuple(_trigger(chart))
    features = tuple(_features(chart))
    met, least, most = any_met(trigger), *_count(features)
    possible = _is_possible(met, least, most, chart.policy.iechs_min_features)
    open_checks = (*(trigger if met is None else ()), *features)
    missing = (name for item in open_checks if item.met is None for name in item.missing)
    checks = (*trigger, *features)
    return Overlap(
        possible,
        met,
        least,
        most,
        checks=(*checks, *weaker(chart, fever)) if possible else checks,
        missing=() if possible is False else tuple(dict.fromkeys(missing)),
        severe=tuple(_severe(chart, features)) if possible else (),
        hlh_2004=hlh_2004(chart) if possible else (),
        by_text=any(
            Remark.BY_TEXT in item.flags
            for item in signs_of(chart, OverlapKind.HEMOPHAGOCYTOSIS, by_text=True)
        ),
    )


def _count(features: Sequence[OverlapCheck]) -> tuple[int, int]:
    """How many features there are at least and at most."""
    least = sum(item.met is True for item in features)
    return least, least + sum(item.met is None for item in features)


def _is_possible(trigger: bool | None, least: int, most: int, needed: int) -> bool | None:
    if trigger is False or most < needed:
        return False
    return True if trigger and least >= needed else None


# --- IECHS-1 -------------------------------------------------------------------------------------


def _trigger(chart: Chart) -> Iterator[OverlapCheck]:
    """The three ways in which ferritin screens positive; any of them is enough."""
    latest = chart.labs.latest("ferritin")
    if latest is None:
        for key in (
            OverlapCriterion.FERRITIN_LIMIT,
            OverlapCriterion.FERRITIN_INFUSION,
            OverlapCriterion.FERRITIN_RISE,
        ):
            yield check(key, None, (), "ferritin")
        return
    yield _above_limit(chart, latest)
    yield _above_infusion(chart, latest)
    yield _rising(chart, latest)


def _above_limit(chart: Chart, latest: LabResult) -> OverlapCheck:
    above = None if latest.high is None else latest.value > _FERRITIN_TIMES_LIMIT * latest.high
    shown = (lab_row(chart, "ferritin", latest),)
    return check(OverlapCriterion.FERRITIN_LIMIT, above, shown, _LIMIT_MISSING.format("ferritin"))


def _above_infusion(chart: Chart, latest: LabResult) -> OverlapCheck:
    baseline = _baseline(chart, "ferritin")
    shown = (lab_row(chart, "ferritin", latest),)
    if baseline is None:
        return check(OverlapCriterion.FERRITIN_INFUSION, None, shown, "ferritin-at-infusion")
    return check(
        OverlapCriterion.FERRITIN_INFUSION,
        latest.value > baseline.value,
        (*shown, lab_row(chart, "ferritin", baseline, Remark.BASELINE)),
    )


def _rising(chart: Chart, latest: LabResult) -> OverlapCheck:
    """The latest value against the lowest of the 48 h before it."""
    start = latest.t - chart.policy.iechs_ferritin_fold_h * HOUR
    before = chart.labs.window("ferritin", start, latest.t // MINUTE * MINUTE - 1)
    shown = [lab_row(chart, "ferritin", latest)]
    missing = _EARLIER_MISSING.format("ferritin")
    if not before:
        return check(OverlapCriterion.FERRITIN_RISE, None, shown, missing)
    lowest = min(before, key=lambda item: item.value)
    shown.append(lab_row(chart, "ferritin", lowest, Remark.EARLIER))
    is_rising = latest.value >= chart.policy.iechs_ferritin_fold * lowest.value > 0
    unread = not is_rising and chart.snapshot.reach.labs > start
    return check(OverlapCriterion.FERRITIN_RISE, None if unread else is_rising, shown, missing)


def _baseline(chart: Chart, name: str) -> LabResult | None:
    return chart.labs.between(name, chart.start - BASELINE, chart.start)


# --- IECHS-2 -------------------------------------------------------------------------------------


def _features(chart: Chart) -> Iterator[OverlapCheck]:
    yield _merged(
        OverlapCriterion.TRANSAMINASES, (_transaminase(chart, name) for name in ("alt", "ast"))
    )
    yield _fibrinogen(chart)
    policy = chart.policy
    limits = {
        "anc": policy.neutropenia_anc,
        "platelets": policy.iechs_platelets * _PER_UL,
        "hemoglobin": policy.iechs_hb,
    }
    yield _merged(
        OverlapCriterion.CYTOPENIA, (_cytopenia(chart, *limit) for limit in limits.items())
    )
    yield _charted(chart, OverlapCriterion.HEMOPHAGOCYTOSIS, OverlapKind.HEMOPHAGOCYTOSIS)
    yield _charted(chart, OverlapCriterion.INFLAMMATION, OverlapKind.WORSE_INFLAMMATION)


def _merged(key: OverlapCriterion, parts: Iterable[OverlapCheck]) -> OverlapCheck:
    """One feature of several results: any of them is enough, and all must be known to say no."""
    found = tuple(parts)
    met = any_met(found)
    named = [item for item in found if item.met is True] if met else found
    evidence = tuple(fact for item in named for fact in item.evidence)
    missing = (name for item in found if item.met is None for name in item.missing)
    return check(key, met, evidence, *missing)


def _transaminase(chart: Chart, name: str) -> OverlapCheck:
    latest, key = chart.labs.latest(name), OverlapCriterion.TRANSAMINASES
    if latest is None:
        return check(key, None, (), name)
    times, baseline = chart.policy.iechs_alt_xuln, _baseline(chart, name)
    shown = (lab_row(chart, name, latest),)
    if baseline is not None and _is_abnormal(baseline) and latest.value > times * baseline.value:
        return check(key, True, (*shown, lab_row(chart, name, baseline, Remark.BASELINE)))
    above = None if latest.high is None else latest.value > times * latest.high
    return check(key, above, shown, _LIMIT_MISSING.format(name))


def _is_abnormal(baseline: LabResult) -> bool:
    return baseline.high is not None and baseline.value > baseline.high


def _fibrinogen(chart: Chart) -> OverlapCheck:
    latest, key = chart.labs.latest("fibrinogen"), OverlapCriterion.FIBRINOGEN
    if latest is None:
        return check(key, None, (), "fibrinogen")
    shown = (lab_row(chart, "fibrinogen", latest),)
    if latest.value < chart.policy.iechs_fibrinogen:
        return check(key, True, shown)
    low = None if latest.low is None else latest.value < latest.low
    return check(key, low, shown, _LIMIT_MISSING.format("fibrinogen"))


def _cytopenia(chart: Chart, name: str, limit: Decimal) -> OverlapCheck:
    """A count below its limit that is new or worse; without an earlier one it stays open."""
    latest, key = chart.labs.latest(name), OverlapCriterion.CYTOPENIA
    if latest is None:
        return check(key, None, (), name)
    shown = [lab_row(chart, name, latest)]
    if latest.value >= limit:
        return check(key, False, shown)
    earlier = earlier_count(chart, name, latest)
    if earlier is None:
        return check(key, None, shown, _EARLIER_MISSING.format(name))
    shown.append(lab_row(chart, name, earlier, Remark.EARLIER))
    return check(key, latest.value < earlier.value, shown)


def earlier_count(chart: Chart, name: str, latest: LabResult) -> LabResult | None:
    """The last count taken 48 to 96 h before `latest`, both inclusive; None: there is none."""
    return chart.labs.between(name, latest.t - EARLIER_FROM, latest.t - EARLIER_TO)


def _charted(chart: Chart, key: OverlapCriterion, kind: OverlapKind) -> OverlapCheck:
    """A feature that counts as charted and is never derived; not charted means none (READ-8)."""
    found = signs_of(chart, kind)
    if found:
        return check(key, True, [sign_row(item) for item in found[-1:]])
    reach = chart.snapshot.reach
    unread = max(reach.conditions, reach.reports, reach.bedside) > chart.now
    return check(key, None if unread else False, (), "coded-findings")


# --- IECHS-3 -------------------------------------------------------------------------------------


def _severe(chart: Chart, features: Iterable[OverlapCheck]) -> Iterator[Evidence]:
    """What makes a possible IEC-HS critical; empty: nothing does."""
    if any(item.row.key == OverlapCriterion.FIBRINOGEN and item.met for item in features):
        yield from _bleeding(chart)
    for run in active_runs(chart, chart.now, trailing=True):
        yield run_row(run, chart.now)
    for item in deliveries(chart, chart.now, chart.policy.oxygen_window_h):
        support = item.support
        if support is not None and support.device in _VENTILATED:
            yield Evidence(
                Label.O2_DEVICE, support.device.value, "", support.t, support.ref, support.flags
            )
    for sign in signs_of(chart, OverlapKind.DIALYSIS, within_h=24, by_text=True):
        yield sign_row(sign)


def _bleeding(chart: Chart) -> Iterator[Evidence]:
    """Bleeding and intracranial hemorrhage of the imaging window; neither where charted as gone."""
    hours = chart.policy.imaging_window_h
    for found in signs_of(chart, OverlapKind.BLEEDING, within_h=hours):
        yield sign_row(found)
    for sign in chart.hemorrhages.window(chart.now - hours * HOUR, chart.now):
        if not chart.denials.is_gone(sign, chart.now):
            yield Evidence(Label.FINDING, sign.kind.value, "", sign.t, sign.ref, sign.flags)
