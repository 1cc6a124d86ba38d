"""The sentences behind the keys of a recommendation: one for every `Advice`.

Written as in `cards.sentences`: facts and options, no imperative.
"""

from __future__ import annotations

from cards.sentences import Sentence
from grading.model import Advice
from grading.rulebook import UNVERIFIED

ADVICE: dict[str, Sentence] = {
    # why no dose is shown
    Advice.WEIGHT_MISSING: Sentence(
        "No accepted weight in the last {p.weight_max_age_d} days, so no dose is calculated: "
        "{p.toci_mgkg_ge30} mg/kg ({p.toci_mgkg_lt30} mg/kg under {p.toci_weight_break_kg} kg), "
        "at most {p.toci_max_mg} mg."
    ),
    Advice.AGE_UNKNOWN: Sentence("The age is not known, so no dose is shown."),
    Advice.PEDIATRIC_DOSE: Sentence(
        "Under {p.min_age_adult} years no adult flat dose is shown: pediatric dose per protocol."
    ),
    Advice.TOCI_DOSES_NOT_READ: Sentence(
        "Earlier tocilizumab doses were not read back to the infusion, so no dose is shown. To "
        "check: at most {p.toci_max_total} in total, {p.toci_max_24h} in 24 h, "
        "{p.toci_min_interval_h} h apart."
    ),
    Advice.TOCI_DOSES_UNCERTAIN: Sentence(
        "A tocilizumab administration of uncertain status would, if it was given, rule out a dose "
        "now; no draft is offered until that is settled."
    ),
    Advice.ONSET_NOT_CERTAIN: Sentence(
        "The time of onset is not certain: this holds only for an onset within {p.early_onset_h} h "
        "of the infusion, so no draft is offered."
    ),
    Advice.RUNNING_NOT_READABLE: Sentence(
        "A steroid is running whose strength cannot be told, so no draft is offered: its dose or "
        "frequency is not charted, or amounts are not compared, as under {p.min_age_adult} years "
        "and where age is not known."
    ),
    # tocilizumab
    Advice.TOCI_NOT_ALONE: Sentence(
        "The sources advise against tocilizumab alone with ICANS present: ICANS may worsen, and "
        "a steroid goes with it."
    ),
    Advice.CRS_NOT_ESTABLISHED: Sentence(
        "CRS is not established on what is charted; until it is, this holds as for ICANS without "
        "CRS."
    ),
    Advice.TOCI_INTERVAL: Sentence(
        "Not yet due: at least {p.toci_min_interval_h} h lie between the starts of two doses."
    ),
    Advice.TOCI_COUNT_24H: Sentence("Not yet due: {p.toci_max_24h} doses in 24 h are the limit."),
    Advice.NO_FURTHER_DOSE: Sentence("No further dose: the highest number of doses is reached."),
    Advice.TOCI_NO_IMPROVEMENT: Sentence(
        "No improvement since the last dose.", "No improvement since the dose of {at}."
    ),
    Advice.TOCI_IMPROVED: Sentence(
        "Improved since the last dose: no repeat on these findings.",
        "Improved since the dose of {at}: no repeat on these findings.",
    ),
    Advice.TOCI_CANNOT_TELL: Sentence(
        "Whether there is improvement since the last dose cannot be told from what is charted; no "
        "repeat is offered on it.",
        "Whether there is improvement since the dose of {at} cannot be told from what is charted; "
        "no repeat is offered on it.",
    ),
    Advice.TOCI_GRADE_1: Sentence("A repeat dose is for grade 2 or more without improvement."),
    Advice.DOSES_UNCERTAIN: Sentence(
        "Tocilizumab administrations of uncertain status are not counted.",
        "Tocilizumab administrations of uncertain status, not counted: {}.",
    ),
    Advice.DOSES_AT_LEAST: Sentence(
        "Not all earlier administrations were read.",
        "Tocilizumab doses so far: at least {}; not all earlier administrations were read.",
    ),
    Advice.DOSE_CAPPED: Sentence("Capped at {p.toci_max_mg} mg."),
    Advice.WEIGHTS_DISAGREE: Sentence(
        "Two weights disagree, both are shown; the dose rests on the first."
    ),
    Advice.WEIGHT_STALE: Sentence(
        "The weight is older than expected.", "The weight is of {at}: older than expected."
    ),
    Advice.TOCI_SHORTAGE: Sentence(
        "Shortage mode: at most {p.toci_shortage_max} doses in an episode, more steroid where "
        "ICANS coexists; siltuximab or anakinra may take the place of the second dose (very "
        "limited evidence)."
    ),
    # steroid
    Advice.COMPANION: Sentence(
        "Offered together with tocilizumab because ICANS is present, not on its own."
    ),
    Advice.REPLACES: Sentence(
        "Replaces the running order, not in addition to it.",
        "Replaces the running order of {at}, not in addition to it.",
    ),
    Advice.WEAKER_STEROID_GIVEN: Sentence(
        "The last steroid dose was weaker than what is due.",
        "The last steroid dose ({at}) was weaker than what is due.",
    ),
    Advice.STEROID_DUE_AGAIN: Sentence(
        "The last steroid dose is over: the next one is due.",
        "The last steroid dose was given {at}: the next one is due.",
    ),
    Advice.TAPER_RUNS: Sentence(
        "A taper of it runs already and is not begun anew, so no draft is offered."
    ),
    Advice.TAPER_STEP: Sentence("Its next step is due.", "Due now: {}."),
    Advice.TAPER_OVER: Sentence("Its days are over.", "Its {} days are over."),
    Advice.TAPER_DAY: Sentence("A taper of it runs.", "A taper of it runs, now at {}."),
    Advice.WEAKER_ORDER: Sentence(
        "The running order is weaker than this; the next dose needs another one.",
        "The running order of {drugs} is weaker than this; the next dose needs another one.",
    ),
    Advice.OTHER_STEROID: Sentence(
        "Another steroid is active; it does not count as the one meant here.",
        "{drugs} is active as well; it does not count as the steroid meant here.",
    ),
    Advice.STEROID_NO_IMPROVEMENT: Sentence(
        "No improvement since the last steroid dose: a repeat is an option.",
        "No improvement since the steroid of {at}: a repeat dose is an option.",
    ),
    Advice.STEROID_IMPROVED: Sentence(
        "Improved since the last steroid dose.", "Improved since the steroid of {at}."
    ),
    Advice.STEROID_CANNOT_TELL: Sentence(
        "Whether there is improvement since the last steroid dose cannot be told from what is "
        "charted; nothing is stepped up or repeated on it.",
        "Whether there is improvement since the steroid of {at} cannot be told from what is "
        "charted; nothing is stepped up or repeated on it.",
    ),
    Advice.TWO_DOSES_GIVEN: Sentence(
        "Both doses of this course were given: reassessment is what remains."
    ),
    Advice.ONE_DOSE_GIVEN: Sentence(
        "One of the two doses of this course was given and the second one is what remains, so no "
        "draft of both is offered."
    ),
    Advice.BECAUSE_ICANS: Sentence("Recommended here because ICANS is present."),
    Advice.BECAUSE_PRODUCT: Sentence(
        "Recommended here because of the product: earlier steroid use lowers the rate of severe "
        "toxicity.",
        "Recommended here because of the product ({}): earlier steroid use lowers the rate of "
        "severe toxicity.",
    ),
    Advice.BECAUSE_EARLY_ONSET: Sentence(
        "Recommended here because the onset was within {p.early_onset_h} h of the infusion."
    ),
    Advice.BECAUSE_NO_IMPROVEMENT: Sentence(
        "Recommended here because there is no improvement {p.toci_response_h} h after tocilizumab."
    ),
    Advice.BECAUSE_HYPOTENSION: Sentence(
        "Recommended here because hypotension persists {p.toci_response_h} h after an IL-6 blocker."
    ),
    Advice.EARLY_WOULD_RECOMMEND: Sentence(
        "With an onset within {p.early_onset_h} h of the infusion it would be recommended; the "
        "time of onset is not certain."
    ),
    Advice.EARLY_STEROID: Sentence("For this product an early steroid is an option (ASCO 2021)."),
    Advice.MP_TWICE_DAILY_OPTION: Sentence(
        "If not improving, methylprednisolone 1000 mg IV twice daily or an alternative is an "
        "option."
    ),
    Advice.MP_OPTION: Sentence(
        "Other sources differ: ASCO has dexamethasone every 6 to 12 h or methylprednisolone "
        "1 mg/kg every 12 h; NCCN (secondary restatement) has methylprednisolone 1 g daily for "
        "axi-cel and brexu-cel."
    ),
    Advice.ANAKINRA_DOSE: Sentence(
        "Anakinra 100 mg every 6 h (NCCN, secondary restatement), route by institution."
    ),
    Advice.ANAKINRA_DOSE_CRS: Sentence(
        f"{UNVERIFIED}anakinra for CRS in the dose for ICANS, 100 mg every 6 h, route by "
        "institution."
    ),
    Advice.ANAKINRA_RENAL: Sentence(
        f"{UNVERIFIED}anakinra is reduced below a creatinine clearance of 30 mL/min; kidney "
        "function is not read here."
    ),
    Advice.RUXOLITINIB_DOSE: Sentence(f"{UNVERIFIED}ruxolitinib 5 to 10 mg PO twice daily."),
    Advice.LEVETIRACETAM_RENAL: Sentence(
        f"{UNVERIFIED}levetiracetam is adjusted below a creatinine clearance of 80 mL/min; kidney "
        "function is not read here."
    ),
    Advice.PEDIATRIC_DEXAMETHASONE: Sentence(
        f"{UNVERIFIED}dexamethasone for children 0.5 mg/kg, at most 10 mg."
    ),
    Advice.PEDIATRIC_METHYLPREDNISOLONE: Sentence(
        f"{UNVERIFIED}methylprednisolone for children 30 mg/kg, at most 1 g."
    ),
    Advice.STEROIDS_NOT_READ: Sentence(
        "Orders or administrations of steroids were not read: whether one is running could not be "
        "checked."
    ),
    # sedating medicines (MGMT-ICANS-2)
    Advice.SEDATING_ACTIVE: Sentence(
        "Such a medicine is ordered now.", "Ordered now, of these: {drugs}."
    ),
    Advice.ANTIBACTERIALS: Sentence(
        "Antibiotics are not to be delayed; an alternative agent is an option.",
        "{drugs}: antibiotics are not to be delayed; an alternative agent is an option.",
    ),
    Advice.NOT_STOPPED: Sentence(
        "For some no stop is offered: the reason of the order is not known here.",
        "For {drugs} no stop is offered here: it may be needed for seizures or agitation, or a "
        "sudden stop can itself cause withdrawal or seizures; reviewed with pharmacy.",
    ),
    # neurotoxicity of BCMA products (MGMT-ICANS-11)
    Advice.PARKINSONISM: Sentence("Parkinsonism is charted.", "Parkinsonism is charted ({at})."),
    Advice.CRANIAL_NERVE_PALSY: Sentence(
        "A cranial nerve palsy (not of the sixth nerve) is charted.",
        "A cranial nerve palsy (not of the sixth nerve) is charted ({at}).",
    ),
    Advice.POLYRADICULONEURITIS: Sentence(
        "Polyradiculoneuritis is charted.", "Polyradiculoneuritis is charted ({at})."
    ),
    Advice.PARKINSONISM_OPTION: Sentence(
        "If mild, dexamethasone 10 mg two to four times daily for 3 to 5 days is an option (NCCN "
        "2026, secondary restatement)."
    ),
    Advice.FACIAL_PALSY_OPTION: Sentence(
        "For a mild facial palsy prednisone 1 mg/kg for 7 to 10 days is an option, for a bilateral "
        "one IVIG (NCCN 2026, secondary restatement)."
    ),
    Advice.IVIG_OPTION: Sentence(
        "For a picture of acute inflammatory demyelinating polyneuropathy IVIG is an option (NCCN "
        "2026, secondary restatement)."
    ),
    # care
    Advice.LOW_AFTER_BOTH: Sentence(
        "The pressure is still low after fluid boluses and an IL-6 blocker: a vasopressor, ICU "
        "review and an echocardiogram are the next options (NCCN 2026, secondary restatement).",
        "The pressure is still low after {} fluid boluses in {p.bp_window_h} h and an IL-6 "
        "blocker: a vasopressor, ICU review and an echocardiogram are the next options (NCCN 2026, "
        "secondary restatement).",
    ),
    Advice.LOW_AFTER_BOLUSES: Sentence(
        "The pressure is still low after fluid boluses.",
        "The pressure is still low after {} fluid boluses in {p.bp_window_h} h.",
    ),
    Advice.OXYGEN_RISING: Sentence("More oxygen is charted than 6 h ago."),
    # all drugs and tests
    Advice.REASSESS: Sentence("Reassessment follows.", "Reassessment after {hours} h."),
    Advice.LATE_ONSET_CAP: Sentence(
        'Strength lowered to "consider": the CRS began after day {p.crs_onset_max_day}.'
    ),
    Advice.LATE_CRS_REGIMEN: Sentence(
        "For ICANS a steroid is recommended here, a weaker regimen than this one.",
        "For ICANS a steroid is recommended here, at least this: {}.",
    ),
    Advice.ORDERS_NOT_READ: Sentence(
        "Active medication orders were not read: whether it is already ordered could not be "
        "checked."
    ),
    Advice.ORDER_ON_HOLD: Sentence(
        "An order is there on hold; it does not count as active.",
        "The order of {at} is on hold; it does not count as active.",
    ),
    Advice.TESTS_NOT_READ: Sentence(
        "Earlier tests and orders were not read far enough back: whether it was already done or "
        "ordered could not be checked."
    ),
    Advice.ADJUST_RENAL: Sentence("Adjust for renal function."),
    Advice.STOP_DAY_30: Sentence("Stop date: day 30 unless a seizure occurs."),
    Advice.CT_IF_NO_MRI: Sentence("CT of the head if MRI is not feasible."),
    Advice.CONTRAST_TO_ORDERER: Sentence(
        "Contrast is left to the orderer (kidney function, allergy)."
    ),
    Advice.COULD_BE: Sentence(
        "The grade could be higher with the missing items.",
        "Could be grade {} with the missing items.",
    ),
    # IEC-HS
    Advice.IECHS_POSSIBLE: Sentence(
        "By the results charted IEC-HS is possible: it has its own card."
    ),
    Advice.IECHS_OPEN: Sentence(
        "Whether IEC-HS is possible cannot be told from what is charted.",
        "Whether IEC-HS is possible cannot be told: {inputs} missing.",
    ),
    Advice.IECHS_NOT_MET: Sentence("The results charted do not meet the IEC-HS screen now."),
    Advice.IECHS_THRESHOLDS: Sentence(
        "Thresholds restated from secondary sources; confirm with hematology."
    ),
    Advice.IECHS_AFTER_CRS: Sentence("CRS is refractory or has lasted for more than 7 days."),
    Advice.IECHS_AFTER_FEVER: Sentence("Fever came back while blood counts fall."),
    Advice.IECHS_AFTER_PRODUCT: Sentence(
        "The CAR-T product is one after which IEC-HS is looked for.",
        "After {} IEC-HS is looked for.",
    ),
}
