"""The sentences behind the keys of an assessment: one for every `Note`.

The argument of a key (`late-crs:17`) stands at `{}` as it is, at `{at}` as a time, at `{drugs}` as
names of drugs, at `{hours}` as a number or range; a sentence with one has a second form without it.
`{p.name}` is a number of the policy in force.
"""

from __future__ import annotations

from typing import NamedTuple

from grading.model import Note


class Sentence(NamedTuple):
    """A sentence without an argument, and with one where it can take one."""

    plain: str
    with_argument: str = ""


NOTES: dict[str, Sentence] = {
    Note.AT_THRESHOLD: Sentence(
        "Fever at threshold: the temperature is exactly {p.fever_threshold_c} °C."
    ),
    Note.LATE_CRS: Sentence(
        "Late for CRS: look for another cause.",
        "Late for CRS (onset on day {}): look for another cause.",
    ),
    Note.LATE_ICANS: Sentence(
        "Late for ICANS: delayed neurotoxicity is an option to consider.",
        "Late for ICANS (day {}): delayed neurotoxicity is an option to consider.",
    ),
    Note.AFTER_WINDOW_FEVER: Sentence(
        "Fever after day {p.crs_late_max_day} without an open CRS episode is not graded as CRS; an "
        "infection work-up is the first option.",
        "Fever on day {}, after day {p.crs_late_max_day} and without an open CRS episode, is not "
        "graded as CRS; an infection work-up is the first option.",
    ),
    Note.FEVER_WAIVED: Sentence(
        "No fever is needed for the grade now: the episode is open, and a drug that masks fever "
        "was given.",
        "No fever is needed for the grade now: the episode is open, and {drugs} was given.",
    ),
    Note.FEVER_MASKED: Sentence(
        "A fever may be masked by a drug given in the last {p.mask_window_h} h; a new temperature "
        "helps to tell.",
        "A fever may be masked by {drugs}; a new temperature helps to tell.",
    ),
    Note.NOT_CRS_WITHOUT_FEVER: Sentence(
        "Hypotension or hypoxia without fever is not CRS by ASTCT; sepsis, a cardiac cause, "
        "bleeding and pulmonary embolism are to be looked for."
    ),
    Note.HYPOTENSION_RESOLVED: Sentence(
        "A single low blood pressure was followed by a normal one and does not count.",
        "A single low blood pressure ({at}) was followed by a normal one and does not count.",
    ),
    Note.VASOPRESSOR_ORDERED: Sentence(
        "A vasopressor is ordered, without a charted administration.",
        "{drugs} is ordered, without a charted administration.",
    ),
    Note.VASOPRESSOR_NOT_COUNTED: Sentence(
        "A drug that supports the circulation was given but does not count as a vasopressor.",
        "{drugs} was given but does not count as a vasopressor here.",
    ),
    Note.HIGH_FLOW_BY_NAME: Sentence(
        "The device is named high-flow, at {p.lowflow_max_lpm} L/min or less or with no flow "
        "charted; ASTCT defines high flow by the flow."
    ),
    Note.DEVICE_TEXT_UNKNOWN: Sentence(
        "The charted oxygen device is not in the code map; mapping it narrows the grade.",
        'The charted oxygen device "{}" is not in the code map; mapping it narrows the grade.',
    ),
    Note.VENTILATED_FOR_HYPOXIA: Sentence(
        "Ventilation is charted for airway protection or a procedure. Is the "
        "ventilation for hypoxia?"
    ),
    Note.BASELINE_SUPPORT: Sentence(
        "The present support is not above that before the infusion and does not count.",
        "The present support is not above that before the infusion ({at}) and does not count.",
    ),
    Note.OTHER_CAUSE: Sentence(
        "A finding that a clinician charted as due to another cause does not count.",
        "{} was charted by a clinician as due to another cause and does not count.",
    ),
    Note.CHARTED_DIFFERS: Sentence(
        "The grade charted by a clinician differs from the one computed here.",
        "A clinician charted grade {}, which differs from the one computed here.",
    ),
    Note.ICE_ITEMS_MISSING: Sentence(
        "Some ICE items are not charted: the grade is a range over what they could be.",
        "ICE items not charted: {}.",
    ),
    Note.ICE_ITEMS_DISAGREE: Sentence(
        "The charted ICE total and its items disagree; the lower one is used."
    ),
    Note.SEDATED: Sentence(
        "A sedative infusion runs or ran in the last {p.sedation_window_h} h: ICE and "
        "consciousness are not assessable, and the last grade before it is carried on.",
        "A sedative infusion runs or ran in the last {p.sedation_window_h} h: ICE and "
        "consciousness are not assessable, and the last grade before it (grade {}) is carried on.",
    ),
    Note.READ_UNDER_SEDATION: Sentence(
        "ICE or consciousness was last charted under a sedative infusion: it is not assessable "
        "until a newer reading, and the last grade before the infusion is carried on.",
        "ICE or consciousness was last charted under a sedative infusion: it is not assessable "
        "until a newer reading, and the last grade before the infusion (grade {}) is carried on.",
    ),
    Note.SEDATING_BOLUS: Sentence(
        "A sedating dose was given in the {p.sedation_window_h} h before the neurological check.",
        "A sedating dose ({drugs}) was given in the {p.sedation_window_h} h before the "
        "neurological check.",
    ),
    Note.SEIZURE_AT_THRESHOLD: Sentence(
        "Seizure at threshold: it lasted exactly {p.seizure_prolonged_min} min, which counts as "
        "resolved."
    ),
    Note.HEMORRHAGE_EXCLUDED: Sentence(
        "An intracranial hemorrhage is charted beside edema. Both are excluded from ICANS grading "
        "and are managed on their own."
    ),
    Note.OLD_SIGN: Sentence(
        "A neurological finding is older than its window and not charted as gone: a newer exam or "
        "image tells whether it still holds.",
        "A neurological finding ({}) is older than its window and not charted as gone: a newer "
        "exam or image tells whether it still holds.",
    ),
    Note.NO_NEURO_EXAM: Sentence("Neuro exam or imaging: not available in what was read."),
    Note.OPENING_PRESSURE: Sentence(
        "The opening pressure is at or above {p.op_advisory_mmhg} mmHg, which can go with grade 4; "
        "ASTCT does not grade by it. Papilledema, sixth nerve and imaging tell.",
        "The opening pressure of {} mmHg can go with grade 4; ASTCT does not grade by it. "
        "Papilledema, sixth nerve and imaging tell.",
    ),
    Note.CAPD_USED: Sentence("Graded by CAPD instead of ICE."),
    Note.EXTENT_UNKNOWN: Sentence(
        "It is not charted whether the edema is focal (grade 3) or diffuse (grade 4)."
    ),
    Note.HISTORY_FROM: Sentence(
        "The history was not read back to the infusion.", "History read only from {at} on."
    ),
    Note.ONSET_UNCERTAIN: Sentence(
        "The onset is not certain.", "The onset was at or before {at}; when exactly is not certain."
    ),
    Note.PRODUCT_CONFLICT: Sentence(
        "Two different CAR-T products are charted; the product counts as unknown."
    ),
    Note.ROOM_AIR_ASSUMED: Sentence(
        "Room air is assumed: SpO2 is normal and no oxygen is charted."
    ),
    Note.SPONTANEOUS_ASSUMED: Sentence(
        "Spontaneous waking is assumed: ICE is above 0 and consciousness is not charted."
    ),
    Note.ADULT_LINE_ASSUMED: Sentence(
        "The adult blood pressure line is used: the age is not known."
    ),
    Note.PROJECT_DECISION: Sentence(
        "A project decision fills what no guideline states.",
        "A project decision fills what no guideline states: {}.",
    ),
}
