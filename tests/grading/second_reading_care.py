"""Levetiracetam, tests and intensive care of clinical-rules.md read a second time, and the whole.

What the text says of one chart stands in `read`; the drugs stand beside this file.
"""

from __future__ import annotations

from dataclasses import dataclass

from grading import Policy, Verdict
from grading.model import HOUR, SeizureKind, Snapshot
from tests.grading import second_reading_drugs as drugs
from tests.grading.second_reading_drugs import NONE, Patient
from tests.grading.second_reading_steroid import running_course, steroid

MAINTENANCE = ("levetiracetam", "lacosamide", "phenytoin", "valproate")


@dataclass(frozen=True)
class Reading:
    """What the text says of one chart."""

    tocilizumab: str
    steroid: str
    levetiracetam: str
    imaging: str
    eeg: str
    lumbar_puncture: str
    rules: frozenset[str]


def read(chart: Snapshot, verdict: Verdict, policy: Policy) -> Reading:
    """The whole of it."""
    p = Patient(chart, verdict, policy)
    if verdict.infusion is None:
        return Reading(NONE, NONE, NONE, NONE, NONE, NONE, frozenset())
    return Reading(
        tocilizumab=drugs.tocilizumab(p),
        steroid=steroid(p),
        levetiracetam=levetiracetam(p),
        imaging=study(p, ("mri-brain", "ct-head"), policy.imaging_recent_h),
        eeg=study(p, ("eeg",), policy.eeg_recent_h),
        lumbar_puncture="consider" if p.icans >= policy.lp_min_icans else NONE,
        rules=rules(p),
    )


# ------------------------------------------------------------------------------ 6.3 levetiracetam
def levetiracetam(p: Patient) -> str:
    """SZ-1 to SZ-7: one rule that holds is enough; a seizure or a maintenance drug ends it."""
    if not is_prophylaxis_due(p) or had_seizure(p):
        return NONE
    if drugs.active_orders(p, MAINTENANCE):
        return "consider already"
    return "consider suggest" if drugs.is_surely_adult(p) else "consider text"


def is_prophylaxis_due(p: Patient) -> bool:
    """SZ-1, SZ-2, SZ-5 by product and ICANS; SZ-4 by CRS; SZ-3 by risk up to day 30."""
    table = p.policy.lev_min_icans
    least = table.get(p.product, table.get("_other"))
    by_grade = least is not None and p.icans >= least
    by_crs = p.product in p.policy.lev_on_crs and p.crs >= 1
    real = [s for s in p.chart.seizures if s.kind is not SeizureKind.NONE]  # an older one is a risk
    kinds = ("seizure-history", "cns-disease", "brain-lesion", "epileptiform-eeg")
    assert p.verdict.infusion is not None
    by_risk = p.verdict.infusion.day <= 30 and (
        bool(real) or any(r.kind in kinds for r in p.chart.risks)
    )
    return by_grade or by_crs or by_risk


def had_seizure(p: Patient) -> bool:
    """SZ-7 and the EEG rule: a seizure since the infusion, in the last 24 h (IN-14)."""
    since = max(p.course, p.now - p.policy.seizure_window_h * HOUR)
    return any(s.kind is not SeizureKind.NONE and s.t >= since for s in p.chart.seizures)


# ---------------------------------------------------------------------------------- 6.2 and 8
def study(p: Patient, kinds: tuple[str, ...], hours: int) -> str:
    """Imaging and EEG rules: from ICANS 2 where none is ordered or recent."""
    if p.icans < p.policy.neuroimaging_min_icans and not (kinds == ("eeg",) and had_seizure(p)):
        return NONE
    done = any(s.kind in kinds and p.now - s.t <= hours * HOUR for s in p.chart.studies)
    return "recommended already" if done or drugs.active_orders(p, kinds) else "recommended suggest"


def rules(p: Patient) -> frozenset[str]:
    """ICU-1, ICU-3, ICU-4 and MGMT-CRS-R."""
    found = {
        "ICU-1": p.crs >= 3,
        "ICU-3": p.icans >= 3,
        "ICU-4": p.icans == 2 and p.crs >= 2,
        "MGMT-CRS-R": is_refractory_to_both(p),
    }
    return frozenset(rule for rule, holds in found.items() if holds)


def is_refractory_to_both(p: Patient) -> bool:
    """MGMT-CRS-R: 8 h after tocilizumab and 24 h into steroids, by grade and count."""
    starts, course, grade = drugs.tocilizumab_starts(p), running_course(p), drugs.bare_crs(p)
    if not starts or not course or grade < 2 or p.now - course[0].start < 24 * HOUR:
        return False
    if p.now - starts[-1] < 8 * HOUR or drugs.improvement(p, starts[-1], 0) != "no improvement":
        return False
    at_limit = len(starts) >= 4 or sum(t > p.now - 24 * HOUR for t in starts) >= 3
    return at_limit or (grade >= 3 and len(starts) >= 2)
