"""The sentences of order alerts: a headline for each rule, and one for each `OrderNote`."""

from __future__ import annotations

from decimal import Decimal

from cards.regimens import plan_text
from cards.wording import Words, number_text
from grading.knowledge import KNOWLEDGE
from grading.model import DrugPlan, Urgency
from grading.order_model import Alert, Family, OrderNote

HEADLINES: dict[str, str] = {
    "OT-GCSF-3": "G-CSF while CRS is resolving",
    "OT-GCSF-4": "G-CSF while CRS cannot be excluded",
    "OT-GMCSF-2": "not recommended after CAR-T",
    "OT-TOCI-1": "ICANS without CRS",
    "OT-TOCI-2": "ICANS too, and no steroid with it",
    "OT-TOCI-3": "too soon after the last dose",
    "OT-TOCI-4": "limit of doses in 24 h reached",
    "OT-TOCI-5": "highest number of doses reached",
    "OT-TOCI-6": "above the highest single dose",
    "OT-TOCI-8": "weight needed for the dose",
    "OT-TOCI-9": "route is not IV",
    "OT-TOCI-10": "gastrointestinal perforation risk",
    "OT-TOCI-11": "supportive care first",
    "OT-STER-1": "steroid without a grade that asks for it",
    "OT-STER-2": "no antifungal prophylaxis ordered",
    "OT-STER-3": "steroid as prophylaxis",
    "OT-STER-4": "less than the grade asks for",
    "OT-STER-5": "second steroid",
    "OT-STER-6": "steroid stopped at a high grade",
    "OT-CNS-3": "low dose in agitation, under monitoring",
    "OT-VAC-1": "live vaccine too soon after CAR-T",
    "OT-VAC-2": "may not take this early after CAR-T",
    "OT-LEV-1": "ordered already",
}
"""What an alert is about, by the rule that decides it; else by its family."""

SIDES: dict[tuple[str, Urgency], str] = {
    ("OT-TOCI-7", Urgency.WARNING): "dose above the one by weight",
    ("OT-TOCI-7", Urgency.INFO): "dose below the one by weight",
}
"""The same for a rule that fires on both sides of what is expected, each with its own urgency."""

FAMILIES: dict[Family, str] = {
    Family.GCSF: "G-CSF can make CRS worse",
    Family.GMCSF: "GM-CSF is to be avoided in CRS",
    Family.IL6: "points to check before signing",
    Family.STEROID: "steroid and grade differ",
    Family.CNS: "sedates or lowers the seizure threshold",
    Family.VACCINE: "vaccine soon after CAR-T",
    Family.SECOND_LINE: "usually second line",
    Family.LEVETIRACETAM: "points to check before signing",
}

NOTES: dict[OrderNote, str] = {
    OrderNote.LONG_ACTING: "A long-acting G-CSF cannot be withdrawn once given.",
    OrderNote.GCSF_EVIDENCE: (
        "Sources disagree: ASCO allows G-CSF in neutropenic grade 1 CRS and NCCN (secondary "
        "restatement) has it as an option there; NCCN starts it from day 2 at high hematologic "
        "risk, EHA and EBMT give 5 ug/kg daily from day 2 without more severe CRS or ICANS, while "
        "one cohort of 22 axi-cel patients had more severe CRS with filgrastim (p = 0.042)."
    ),
    OrderNote.CRS_UNCERTAIN: "CRS is not established on what is charted.",
    OrderNote.DOSES_NOT_READ: (
        "Earlier tocilizumab doses were not read back to the infusion: the MAR has to tell whether "
        "interval and number of doses allow another one."
    ),
    OrderNote.POSSIBLE_DUPLICATE: (
        "Possible duplicate: another order for it is active or drafted without a charted "
        "administration."
    ),
    OrderNote.DOSE_NOT_CHECKED: "The dose is not in mg or mg/kg and was not checked.",
    OrderNote.WEIGHT_NEEDED: (
        "No accepted weight in the last {p.weight_max_age_d} days, so the dose was not checked."
    ),
    OrderNote.CHILD_DOSE: (
        "Under {p.min_age_adult} years no adult flat dose is shown: pediatric dose per protocol."
    ),
    OrderNote.NOT_COMPANION: (
        "Prednisone, prednisolone and hydrocortisone do not count as the companion steroid."
    ),
    OrderNote.DO_NOT_DELAY_ANTIBIOTICS: (
        "Antibiotics are not to be delayed; an alternative agent is an option."
    ),
    OrderNote.ISONIAZID: "Isoniazid is not to be stopped without infectious diseases advice.",
    OrderNote.REVIEW_WITH_PHARMACY: (
        "A long-term medicine is reviewed with pharmacy: a sudden stop can itself cause withdrawal "
        "or seizures."
    ),
    OrderNote.LIVE_TIMING: (
        "Live vaccines also wait for 8 months without IVIG, CD4 above 200 per uL, and no "
        "immunosuppression."
    ),
    OrderNote.ORDERS_NOT_READ: (
        "Active orders were not read: whether it is ordered already, or a companion is, is not "
        "known here."
    ),
    OrderNote.UNVERIFIED_CLASS: "That it belongs to this class rests on general knowledge.",
}
"""Notes without an argument; `{p.name}` is a number of the policy in force."""

_BY_WEIGHT: dict[OrderNote, str] = {
    OrderNote.EXPECTED_DOSE: "Expected: {}.",
    OrderNote.OTHER_WEIGHT: (
        "Two weights disagree, so no correction is offered; by the other one: {}."
    ),
}
"""Notes of a dose with its weight."""


def headline(alert: Alert) -> str:
    """What an alert is about, in a few words that tell it from the others of its draft."""
    rule, indicator = alert.lines[0].rule.id, alert.indicator
    return SIDES.get((rule, indicator)) or HEADLINES.get(rule) or FAMILIES[alert.family]


def note_text(key: str, words: Words) -> str:
    """The sentence of an `OrderNote`, with its arguments."""
    name, *arguments = key.split(":")
    match OrderNote(name):
        case OrderNote.NEXT_DOSE:
            return f"The next dose may be given from {words.time(int(arguments[0]))} on."
        case OrderNote.EXPECTED_DOSE | OrderNote.OTHER_WEIGHT as by_weight:
            mg, kg, at = arguments
            weight = f"weight {number_text(Decimal(kg), 'kg')}, {words.time(int(at))}"
            return _BY_WEIGHT[by_weight].format(f"{number_text(Decimal(mg), 'mg')} ({weight})")
        case OrderNote.STEROID_DUE:
            return f"With this grade goes: {_regimen(arguments[0])}."
        case OrderNote.EXPECTED_REGIMEN:
            return f"The grade asks for: {_regimen(arguments[0])}."
        case OrderNote.VACCINE_DUE:
            return f"Usual from {arguments[0]} months after the infusion on."
        case plain:
            return NOTES[plain].format(p=words.policy)


def _regimen(regimen_id: str) -> str:
    regimen = KNOWLEDGE.regimens[regimen_id]
    return plan_text(DrugPlan(regimen.drug, regimen_id, regimen.steps[0].mg))
