"""The order rules of clinical-rules.md 7 read a second time, from the text alone: plain and slow.

What is said of one draft is a set of lines, an indicator and a rule id (`warning OT-TOCI-2`). Where
the text leaves open whether a rule speaks, its id stands in `open`, and nothing is compared of it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

from grading import Draft, Policy, Verdict
from grading.model import HOUR, Instant, Order, RiskKind, Scope, Snapshot
from tests.grading import second_reading_drugs as drugs
from tests.grading.second_reading_care import is_refractory_to_both
from tests.grading.second_reading_draft import Case, Lines, soft
from tests.grading.second_reading_sedating import cns_rules, is_older
from tests.grading.second_reading_steroid import running_course

IL6 = ("tocilizumab", "sarilumab", "siltuximab")
COMPANIONS = ("dexamethasone", "methylprednisolone")
STEROIDS = (*COMPANIONS, "prednisone", "prednisolone", "hydrocortisone")
ANTIFUNGALS = ("fluconazole", "voriconazole", "posaconazole", "micafungin", "caspofungin")
LONG_ACTING = ("pegfilgrastim", "lipegfilgrastim", "eflapegrastim", "efbemalenograstim")
SUPPRESSANTS = (*STEROIDS, *IL6[:2], "anakinra", "ruxolitinib", "tacrolimus", "mycophenolate")


def read_draft(
    chart: Snapshot, verdict: Verdict, policy: Policy, drafts: tuple[Draft, ...], draft: Draft
) -> Lines:
    """Every rule that fires on one draft in focus (OT-0; scope by 0.4)."""
    found = Lines()
    case = Case(chart, verdict, policy, drafts, draft)
    if verdict.scope in (Scope.DECEASED, Scope.UNKNOWN):
        return found
    if not draft.stops:
        vaccine_rules(case, found)
    if verdict.scope is not Scope.IN:
        return found
    if draft.stops:
        stop_rule(case, found)
        return found
    names = draft.ingredients
    table: tuple[tuple[bool, Callable[[Case, Lines], None]], ...] = (
        (any("grastim" in name for name in names), gcsf_rules),
        (any("gramostim" in name for name in names), gmcsf_rules),
        (bool(set(names) & set(IL6)), il6_rules),
        ("tocilizumab" in names, tocilizumab_rules),
        (bool(set(names) & set(STEROIDS)) and draft.systemic, steroid_rules),
        (bool(names), cns_rules),
        (bool(set(names) & {"anakinra", "ruxolitinib"}), second_line_rules),
        ("levetiracetam" in names, levetiracetam_rules),
    )
    for holds, rules in table:
        if holds:
            rules(case, found)
    return found


# ------------------------------------------------------------------------------------------- 7.1
def gcsf_rules(case: Case, found: Lines) -> None:
    """OT-GCSF-1 to -4: on lo; resolving; not to be excluded. Never two (OT-0b)."""
    if case.crs >= 1:
        rule = "OT-GCSF-1" if case.crs <= 2 else "OT-GCSF-2"
        found.say(rule, case.policy.gcsf_severity[str(case.crs)])
        long_acting = case.draft.ingredients[0] in LONG_ACTING
        found.say("OT-GCSF-6", "info", long_acting)
    elif case.highest[0] >= 1:
        found.say("OT-GCSF-4", "warning")
    elif case.resolving:
        found.say("OT-GCSF-3", "info")


def gmcsf_rules(case: Case, found: Lines) -> None:
    """OT-GMCSF-1 in CRS, softened where it is not certain; OT-GMCSF-2 without, day 0-30."""
    grade, softened = case.read(0)
    if grade >= 1:
        found.say("OT-GMCSF-1", soft(case.policy.gmcsf_severity, softened))
    elif case.highest[0] == 0:
        found.say("OT-GMCSF-2", "warning", case.day <= case.policy.crs_late_max_day)


# ------------------------------------------------------------------------------------------- 7.2
def il6_rules(case: Case, found: Lines) -> None:
    """OT-TOCI-1 or -2: ICANS without CRS, or with CRS and without a steroid."""
    (_, soft_crs), (icans, soft_icans) = case.read(0), case.read(1)
    if icans == 0:
        return
    if case.crs == 0:  # CRS not established is softened once, whatever the day
        unsure = case.highest[0] >= 1
        found.say("OT-TOCI-1", soft("critical" if icans >= 3 else "warning", unsure, soft_icans))
        found.open |= {"OT-TOCI-2"} if unsure else set()
        found.open |= {"OT-TOCI-1"} if unsure and (soft_icans or not soft_crs) else set()
    else:
        found.say("OT-TOCI-2", soft("warning", soft_icans), not has_companion(case))
    if "tocilizumab" not in case.draft.ingredients:
        found.open.add("OT-TOCI-2")  # "same OT-TOCI-1 logic" may or may not mean the row beside it


def has_companion(case: Case) -> bool:
    """OT-0a: ordered, drafted beside, or given in the last 24 h."""
    ordered = drugs.active_orders(case, COMPANIONS)
    return bool(ordered or case.beside(COMPANIONS)) or case.given_lately(COMPANIONS)


def tocilizumab_rules(case: Case, found: Lines) -> None:
    """OT-TOCI-3 to -11; every one that holds is said."""
    draft, policy = case.draft, case.policy
    when = max(case.now, draft.start or case.now)
    starts = drugs.tocilizumab_starts(case)
    critical = {
        "OT-TOCI-3": bool(starts) and when - starts[-1] < policy.toci_min_interval_h * HOUR,
        "OT-TOCI-4": sum(t > when - 24 * HOUR for t in starts) >= policy.toci_max_24h,
        "OT-TOCI-5": len(starts) >= policy.toci_max_total,
    }
    for rule, holds in critical.items():
        found.say(rule, "critical", holds)
    found.say("OT-TOCI-MAR", "info", case.chart.reach.doses > case.course)
    waiting = [
        *(o for o in drugs.active_orders(case, ("tocilizumab",)) if drugs.is_open(o, starts)),
        *(d for d in case.beside(("tocilizumab",)) if d.intravenous is not False),
    ]
    found.say("OT-TOCI-DUP", "info", bool(waiting))
    amount_rules(case, found)
    found.say("OT-TOCI-9", "warning", draft.intravenous is False)
    perforated = any(r.kind is RiskKind.GI_PERFORATION for r in case.chart.risks)
    found.say("OT-TOCI-10", "warning", perforated)
    if case.crs == 1 and case.icans == 0:
        found.say("OT-TOCI-11", "info", not drugs.is_persistent(case) and not drugs.is_early(case))
        found.open |= {"OT-TOCI-11"} if drugs.is_early(case) is None else set()


def amount_rules(case: Case, found: Lines) -> None:
    """OT-TOCI-6 to -8: the cap, 10 % about the expected dose, the weight."""
    draft, weight = case.draft, drugs.weight_of(case)
    mg = draft.mg
    if mg is None and draft.mg_per_kg is not None and weight is not None:
        mg = draft.mg_per_kg * weight.value
    found.say("OT-TOCI-6", "critical", mg is not None and mg > case.policy.toci_max_mg)
    if draft.intravenous is False:  # silent: OT-TOCI-9 says that another dosing is meant
        return
    found.say("OT-TOCI-8", "info", weight is None)
    found.say("OT-TOCI-UNIT", "info", draft.dose_unclear)
    if mg is None or weight is None:
        return
    per_kg = 12 if weight.value < 30 else 8
    expected = min(per_kg * weight.value, case.policy.toci_max_mg)
    off = mg / expected * 100 - 100
    if abs(off) > case.policy.toci_dose_tolerance_pct:
        found.say("OT-TOCI-7", "warning" if off > 0 else "info")


# ------------------------------------------------------------------------------------------- 7.3
def steroid_rules(case: Case, found: Lines) -> None:
    """OT-STER-1 to -5 for a systemic glucocorticoid."""
    running = drugs.active_orders(case, STEROIDS)
    there = bool(running) or case.given_lately(STEROIDS)
    clear = case.highest == (0, 0)
    lately = [t for t in drugs.points(case) if t >= case.now - 24 * HOUR]
    quiet = clear and not case.resolving and all(drugs.grades_at(case, t)[1] == 0 for t in lately)
    early = case.draft.ingredients == ("dexamethasone",) and case.day <= 2
    if early and clear:
        found.say("OT-STER-3", "warning")  # silent on what tells prophylaxis from another use
        found.open |= {"OT-STER-3"} if not quiet or there or case.draft.has_reason else set()
    elif quiet and not there and not case.draft.has_reason:
        found.say("OT-STER-1", "info", case.day <= case.policy.crs_onset_max_day)
    if case.beside(STEROIDS) or "OT-STER-3" in found.open:
        found.open.add("OT-STER-1")
    covered = drugs.active_orders(case, ANTIFUNGALS) or case.beside(ANTIFUNGALS)
    found.say("OT-STER-2", "info", max(case.crs, case.icans) >= 1 and not covered)
    if case.draft.has_reason or case.given_lately(ANTIFUNGALS):
        found.open.add("OT-STER-2")
    daily_dose_rule(case, found, running)
    others = {o.key for o in running} | {n for d in case.beside(STEROIDS) for n in d.ingredients}
    found.say("OT-STER-5", "info", bool(others - set(case.draft.ingredients)))
    if others and not others - set(case.draft.ingredients):
        found.open.add("OT-STER-5")  # the same drug twice: silent


def daily_dose_rule(case: Case, found: Lines, running: list[Order]) -> None:
    """OT-STER-4: judged on lo, by the 24 h sum of orders and drafts; adults only."""
    wants_mp = case.icans >= 4 or case.crs >= 4
    if not (wants_mp or case.icans == 3) or not drugs.is_surely_adult(case):
        return
    weighed = drugs.weight_of(case)
    rows: list[tuple[str, Decimal | None, Decimal | None]] = []  # others stand for neither: silent
    rows += [(o.key, o.mg, o.every_h) for o in running if o.key in COMPANIONS]
    for draft in (case.draft, *case.beside(STEROIDS)):
        mg = draft.mg
        if draft.mg_per_kg is not None and weighed is not None:
            mg = draft.mg_per_kg * weighed.value
        rows += [(name, mg, draft.every_h) for name in draft.ingredients if name in COMPANIONS]
    daily = dict.fromkeys(COMPANIONS, Decimal(0))
    for name, mg, every in rows:
        if mg is None or every is None:
            return
        daily[name] += mg * 24 / every
    tapers = bool(drugs.given(case, ("methylprednisolone",))) and daily["methylprednisolone"] > 0
    low = daily["methylprednisolone"] < 1000
    if not wants_mp:
        low = low and daily["dexamethasone"] < 40
        enough = weighed is not None and daily["methylprednisolone"] >= 2 * weighed.value
        low = low and not enough
    unweighed = not wants_mp and weighed is None and daily["methylprednisolone"] > 0
    mixed = not wants_mp and sum(amount > 0 for amount in daily.values()) > 1
    found.open |= {"OT-STER-4"} if low and (tapers or mixed or unweighed) else set()
    found.say("OT-STER-4", "warning", low)


def stop_rule(case: Case, found: Lines) -> None:
    """OT-STER-6: a stop while ICANS or CRS is 3 or more; softened on upper bounds (OT-0b)."""
    if not case.draft.systemic or not set(case.draft.ingredients) & set(STEROIDS):
        return
    severe = [softened for grade, softened in (case.read(0), case.read(1)) if grade >= 3]
    found.say("OT-STER-6", soft("warning", all(severe)), bool(severe))


# ------------------------------------------------------------------------------------------- 7.5
def months_on(t: Instant, months: int) -> Instant:
    """The same day and time so many calendar months later."""
    then = datetime.fromtimestamp(t / 1000, UTC)
    year, month = divmod(then.year * 12 + then.month - 1 + months, 12)
    return round(then.replace(year=year, month=month + 1).timestamp() * 1000)


def vaccine_rules(case: Case, found: Lines) -> None:
    """OT-VAC-1 and -2: months since the last infusion, out of scope too (0.4)."""
    vaccine, last = case.draft.vaccine, max((r.t for r in case.chart.infusions), default=None)
    if vaccine is None or last is None:
        return
    if vaccine.live:
        since = case.now - case.policy.steroid_companion_h * HOUR
        taken = any(d.drug in SUPPRESSANTS and d.start >= since for d in case.chart.doses)
        worse = taken or bool(drugs.active_orders(case, SUPPRESSANTS))
        worse = worse or case.now < months_on(last, 6)
        within = case.now < months_on(last, case.policy.live_vaccine_months)
        found.say("OT-VAC-1", "critical" if worse else "warning", within)
        found.open |= {"OT-VAC-1"} if not worse and case.beside(SUPPRESSANTS) else set()
    else:
        months = 3 if vaccine.early else 6
        found.say("OT-VAC-2", "info", case.now < months_on(last, months))


def second_line_rules(case: Case, found: Lines) -> None:
    """OT-ANA-1, OT-RUX-1: not refractory, no possible IEC-HS, not active before the cells."""
    name = case.draft.ingredients[0]
    overlap = case.verdict.overlap
    if (overlap is not None and overlap.possible) or is_older(case, name):
        return
    course = running_course(case)
    steroid = bool(course) and case.now - course[0].start >= case.policy.refractory_h * HOUR
    treated = steroid or bool(drugs.given(case, ("tocilizumab",)))
    if name == "anakinra":
        found.say("OT-ANA-1", "info", not treated)
    else:
        found.say("OT-RUX-1", "info", not is_refractory(case))


def is_refractory(case: Case) -> bool:
    """MGMT-CRS-R or MGMT-ICANS-R: the latter 24 h after q6h dexamethasone or MP."""
    course = running_course(case)
    if is_refractory_to_both(case):
        return True
    waited = bool(course) and case.now - course[0].start >= case.policy.refractory_h * HOUR
    since = course[0].start if course else case.now
    return waited and case.icans >= 3 and drugs.improvement(case, since, 1) == "no improvement"


def levetiracetam_rules(case: Case, found: Lines) -> None:
    """OT-LEV-1: another active order of it."""
    found.say("OT-LEV-1", "info", bool(drugs.active_orders(case, ("levetiracetam",))))
    found.open |= {"OT-LEV-1"} if case.beside(("levetiracetam",)) else set()
