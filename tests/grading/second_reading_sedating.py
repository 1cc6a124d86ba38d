"""The rules on sedating and seizure-threshold-lowering drugs (7.4) read a second time."""

from __future__ import annotations

from grading.model import RiskKind, SeizureKind
from grading.order_model import OrderReason
from tests.grading import second_reading_drugs as drugs
from tests.grading.second_reading_draft import Case, Lines, had_seizure, is_ventilated, soft

T1 = (
    *("bupropion", "tramadol", "meperidine", "clozapine", "chlorpromazine", "imipramine"),
    *("amitriptyline", "clomipramine", "nortriptyline", "doxepin", "desipramine", "imipenem"),
    *("cefepime", "theophylline", "aminophylline", "isoniazid", "flumazenil", "tapentadol"),
)
T2 = (
    *("ciprofloxacin", "levofloxacin", "moxifloxacin", "penicillin_g", "ampicillin"),
    *("piperacillin", "meropenem", "ertapenem", "doripenem", "linezolid", "olanzapine"),
    *("haloperidol", "quetiapine", "risperidone", "selegiline", "rasagiline"),
    *("methylphenidate", "amphetamine", "pseudoephedrine", "phenylephrine"),
)
BENZODIAZEPINES = (
    *("alprazolam", "clonazepam", "diazepam", "lorazepam", "midazolam", "temazepam", "clobazam"),
)
OPIOIDS = (
    *("morphine", "hydromorphone", "oxycodone", "fentanyl", "methadone", "hydrocodone", "codeine"),
)
SEIZURE_CARE = (*BENZODIAZEPINES, "phenobarbital", "propofol")
VENTILATION_CARE = (*OPIOIDS, "dexmedetomidine", "ketamine")
SEDATIVES = (
    *(*SEIZURE_CARE, *VENTILATION_CARE, "zolpidem", "eszopiclone", "zopiclone", "zaleplon"),
    *("diphenhydramine", "hydroxyzine", "promethazine", "gabapentin", "pregabalin", "baclofen"),
    *("tizanidine", "cyclobenzaprine", "methocarbamol", "trazodone", "mirtazapine"),
)
ANTISEIZURE = ("clobazam", "clonazepam", "phenobarbital", "gabapentin", "pregabalin")
ANTIBACTERIALS = (*T2[:10], "cefepime", "imipenem", "isoniazid")
LONG_TERM = (*BENZODIAZEPINES, *OPIOIDS, "phenobarbital", "baclofen", "gabapentin", "pregabalin")
ALL = (*T1, *T2, *SEDATIVES)


def cns_rules(case: Case, found: Lines) -> None:
    """OT-CNS-1, and the texts of OT-CNS-4 and -6 where it speaks."""
    name = case.draft.ingredients[0]
    indicator = cns_indicator(case, name)
    found.say("OT-CNS-1", indicator)
    if name in SEDATIVES and case.read(1)[0] == 0:
        found.open.add("OT-CNS-1")  # a seizure at ICANS 0: warning "if ICANS_lo >= 1", silent else
    if name == "phenylephrine" and case.draft.intravenous is None:
        found.open.add("OT-CNS-1")
    if not indicator:
        return
    if name in ANTIBACTERIALS:
        found.say("OT-CNS-4", "info", name == "isoniazid" or is_infection_work_up(case))
        if case.crs == 0 and case.highest[0] >= 1:
            found.open.add("OT-CNS-4")
    orders_read = case.chart.reach.medication_orders <= case.course
    long = name in LONG_TERM and (is_older(case, name) or not orders_read)
    found.say("OT-CNS-6", "info", long)  # no span is given for "long-term": before the cells


def cns_indicator(case: Case, name: str) -> str:
    """The tier of the drug by ICANS, or a seizure, with OT-CNS-2, -3, -5; empty: nothing."""
    (grade, softened), seized = case.read(1), had_seizure(case)
    if name not in ALL or (grade == 0 and not seized) or is_spared(case, name):
        return ""
    calms = name in ("haloperidol", "lorazepam") and OrderReason.AGITATION in case.draft.reasons
    mild = calms or (name in T2 and grade < 3)
    return soft("info" if mild else "warning", softened and not seized)


def is_spared(case: Case, name: str) -> bool:
    """OT-CNS-2 and -5 among the sedatives; phenylephrine but by mouth or nose."""
    if name == "phenylephrine":
        return case.draft.intravenous is True
    return name in SEDATIVES and (is_care(case, name) or is_antiseizure(case, name))


def is_older(case: Case, name: str) -> bool:
    """Whether an active order of it is older than the first infusion."""
    orders = drugs.active_orders(case, (name,))
    return any(o.t is not None and o.t < case.course for o in orders)


def is_care(case: Case, name: str) -> bool:
    """OT-CNS-2: needed to end a seizure, or under invasive ventilation."""
    status = any(s.kind is SeizureKind.PROLONGED for s in case.chart.seizures)
    seizes = status or had_seizure(case) or OrderReason.SEIZURE in case.draft.reasons
    if name in SEIZURE_CARE and seizes:
        return True
    return is_ventilated(case) and name in (*SEIZURE_CARE, *VENTILATION_CARE)


def is_antiseizure(case: Case, name: str) -> bool:
    """OT-CNS-5: for seizures by its reason, a coded disorder, or active before the cells."""
    if name not in ANTISEIZURE:
        return False
    coded = any(r.kind is RiskKind.SEIZURE_HISTORY for r in case.chart.risks)
    return OrderReason.SEIZURE in case.draft.reasons or coded or is_older(case, name)


def is_infection_work_up(case: Case) -> bool:
    """OT-CNS-4: ANC below 500 or not known, or the work-up of CRS."""
    last = max(case.chart.labs.get("anc", ()), key=lambda r: r.t, default=None)
    return last is None or last.value < case.policy.neutropenia_anc or case.crs >= 1
