"""What the words of a flowsheet row name in our own keys, and what only looks like it."""

from __future__ import annotations

import re

from fhir_mappings.codes import SHIPPED

_PRESSURES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("obs.bp_systolic", re.compile(r"systolic|\bsbp\b")),
    ("obs.bp_diastolic", re.compile(r"diastolic|\bdbp\b")),
    (
        "obs.bp_mean",
        re.compile(
            r"\bmap\b|mean arterial|mean blood|blood pressure mean|\bmean b"
            r"|\b(?:n?i?bp|abp|art)\W+mean\b|\bmean\W+(?:nibp|nbp|ibp|abp|art)\b"
        ),
    ),
)
_PRESSURE = re.compile(r"pressure|\bbp\b|\bpap?\b|\bicp\b|\bcvp\b|wedge|diastolic|systolic|\bmap\b")
_ELSEWHERE = (
    r"pulmonary|\bpap?\b|venous|intracran|\bicp\b|\bcvp\b|wedge|atrial|ventric|goal|target"
    r"|alarm|limit|\b[lr]v\b|rvsp|\bankle|\btoe\b|brachial index|\babi\b"
    r"|(?<!\d)(?<!\d )\bmin(?:imum)?\b|\bmax(?:imum)?\b|lowest|highest|\baverage|\bavg\b"
    r"|\b24[ -]?(?:h|hr|hours?)\b"
)
_OTHER_PRESSURE = re.compile(_ELSEWHERE)
_NO_PRESSURE = re.compile(_ELSEWHERE + r"|cuff (?:size|site)|(?:site|method)\W*$")
_WEIGHT = re.compile(r"^(?:body |patient |daily |measured |admission )?weight(?: \(?kg\)?)?$")
_NOT_MEASURED = re.compile(r"\bgoal|\btarget")
_NOT_MEANT: dict[str, re.Pattern[str]] = {
    "obs.bp_mean": _NO_PRESSURE,
    "obs.body_temperature": re.compile(
        r"skin|surface|airway|water|room|ambient|blanket|incubator|dialys|crrt|circuit|injectate"
        r"|warmer|cooling|\bset\b|set ?point|alarm|limit|\bgoal|\btarget"
        r"|(?:site|source|src|method|route)\W*$"
    ),
    "obs.spo2": re.compile(r"venous|svo2|alarm|limit|target|goal|site\W*$"),
    "obs.fio2": re.compile(r"alarm|limit|target|goal"),
    "obs.o2_flow": re.compile(r"alarm|limit|target|goal|blood flow|dialysate|urine"),
    "obs.o2_device": re.compile(r"alarm|target|goal|\bindex\b|\brate\b|consumption"),
    "obs.seizure": re.compile(
        r"precaution|history|hx\b|risk|prophyla|last|free|medication|frequency|family"
        r"|monitor\w* for"
        r"|seizure (?:monitor|watch|protocol|pads?\b|padding|threshold|screen|educat|log\b|chart)"
    ),
    "obs.rass": re.compile(r"goal|target"),
    "obs.avpu": re.compile(r"history|loss of|pupil|light|\bgoal|\btarget"),
    "obs.capd": re.compile(r"item|question|\d"),
    "obs.ice_score": re.compile(r"item|orientation|naming|command|writing|attention"),
}
"""What else the words of a concept name; of a concept without a row: what is to be reached."""


def keys_in(text: str) -> tuple[str, ...]:
    """Keys of the observations and laboratory tests that a text names, each once."""
    lowered = text.lower()
    named = [*SHIPPED.text_concepts(text, "obs"), *SHIPPED.text_concepts(text, "lab")]
    kept = [key for key in named if not _NOT_MEANT.get(key, _NOT_MEASURED).search(lowered)]
    if not kept and not _NO_PRESSURE.search(lowered):
        kept = [key for key, pattern in _PRESSURES if pattern.search(lowered)]
    if not kept and _WEIGHT.match(lowered):
        kept = ["obs.body_weight"]
    return tuple(dict.fromkeys(kept))


def is_other_pressure(text: str) -> bool:
    """Whether a text names a pressure that is none of the arteries of the body, or none measured.

    "Pulmonary artery pressure" and "BP goal" are; "Pulmonary assessment" and "BP (cuff)" are not.
    """
    lowered = text.lower()
    return bool(_PRESSURE.search(lowered) and _OTHER_PRESSURE.search(lowered))


_CALCULATED = re.compile(r"\bcalc|\bderiv|\bcomput|\bestimat|\best\b")


def is_calculated(text: str) -> bool:
    """Whether a text says that the value was reckoned from others and not measured (DEF-2)."""
    return _CALCULATED.search(text.lower()) is not None
