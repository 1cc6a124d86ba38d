"""The codes this project publishes where LOINC and SNOMED CT have none (`local-codes`).

Question codes and answer codes share one CodeSystem, so an answer that several questions take, such
as `none`, stands in it once.
"""

from __future__ import annotations

from typing import NamedTuple


class Code(NamedTuple):
    """A code of our own with its display."""

    code: str
    display: str


class IceItem(NamedTuple):
    """An item of the ICE form: its code, its question, the highest score, the items within it."""

    code: str
    text: str
    maximum: int
    parts: tuple[IceItem, ...] = ()


ICE_ITEMS = (
    IceItem(
        "ice-orientation",
        "ICE orientation",
        4,
        (
            IceItem("ice-orientation-year", "ICE orientation to the year", 1),
            IceItem("ice-orientation-month", "ICE orientation to the month", 1),
            IceItem("ice-orientation-city", "ICE orientation to the city", 1),
            IceItem("ice-orientation-hospital", "ICE orientation to the hospital", 1),
        ),
    ),
    IceItem(
        "ice-naming",
        "ICE naming",
        3,
        (
            IceItem("ice-naming-1", "ICE naming, first object", 1),
            IceItem("ice-naming-2", "ICE naming, second object", 1),
            IceItem("ice-naming-3", "ICE naming, third object", 1),
        ),
    ),
    IceItem("ice-command", "ICE following a command", 1),
    IceItem("ice-writing", "ICE writing", 1),
    IceItem("ice-attention", "ICE attention", 1),
)

ICE_TOTAL = Code("ice-total", "ICE score total")

CAPD = (
    Code("capd-total", "Cornell Assessment of Pediatric Delirium total"),
    *(Code(f"capd-{n}", f"Cornell Assessment of Pediatric Delirium item {n}") for n in range(1, 9)),
)

FINDINGS = (
    Code("consciousness", "Level of consciousness (ASTCT)"),
    Code("seizure", "Seizure finding"),
    Code("motor", "Motor finding"),
    Code("icp-edema", "Raised intracranial pressure or cerebral edema"),
    Code("oxygen-delivery-device", "Oxygen delivery device"),
    Code("crs-grade", "CRS grade charted by a clinician"),
    Code("icans-grade", "ICANS grade charted by a clinician"),
    Code("attribution", "Finding judged due to another cause"),
    Code("iec-hs-finding", "IEC-HS finding charted by a clinician"),
)

_NONE = Code("none", "None")

ANSWERS = {
    "consciousness": (
        Code("awakens-spontaneously", "Awakens spontaneously"),
        Code("awakens-to-voice", "Awakens to voice"),
        Code("awakens-to-touch", "Awakens only to tactile stimulus"),
        Code("unarousable", "Unarousable, or needs vigorous or repetitive stimuli"),
    ),
    "seizure": (
        _NONE,
        Code("resolved-rapidly", "Seizure that resolved rapidly"),
        Code("nonconvulsive-resolved", "Non-convulsive seizure that resolved with intervention"),
        Code("prolonged", "Seizure longer than 5 minutes"),
        Code("repetitive-no-baseline", "Repetitive seizures without return to baseline"),
    ),
    "motor": (_NONE, Code("deep-focal-weakness", "Deep focal weakness")),
    "icp-edema": (
        _NONE,
        Code("focal-edema", "Focal edema on imaging"),
        Code("diffuse-edema", "Diffuse edema on imaging"),
        Code("posturing", "Decerebrate or decorticate posturing"),
        Code("cn6-palsy", "Cranial nerve VI palsy"),
        Code("cushing-triad", "Cushing triad"),
        Code("intracranial-haemorrhage", "Intracranial hemorrhage (excluded from ICANS)"),
    ),
    "oxygen-delivery-device": (Code("blow-by", "Blow-by oxygen"),),
    "attribution": (Code("other", "Due to another cause"),),
    "iec-hs-finding": (
        _NONE,
        Code("haemophagocytosis", "Hemophagocytosis in marrow or tissue"),
        Code("worse-inflammation", "Worse inflammation while CRS resolves or after it improved"),
        Code("splenomegaly", "New splenomegaly"),
        Code("bleeding", "Bleeding"),
    ),
}
"""Our own answers by question."""

SNOMED_ANSWERS = {
    "motor": (Code("26079004", "Tremor (finding)"),),
    "icp-edema": (Code("423341008", "Edema of optic disc (disorder)"),),
    "oxygen-delivery-device": (
        Code("722742002", "Breathing room air (finding)"),
        Code("336623009", "Oxygen nasal cannula (physical object)"),
        Code("426854004", "High flow oxygen nasal cannula (physical object)"),
        Code("336602003", "Oxygen mask (physical object)"),
        Code("428285009", "Venturi mask (physical object)"),
        Code("427591007", "Nonrebreather oxygen mask (physical object)"),
        Code("425478008", "Blow by oxygen mask (physical object)"),
        Code(
            "47545007",
            "Continuous positive airway pressure ventilation treatment (regime/therapy)",
        ),
        Code("1186618000", "Bilevel artificial ventilation (regime/therapy)"),
        Code("1258985005", "Invasive mechanical ventilation (regime/therapy)"),
    ),
}
"""Answers that SNOMED CT has a code for, one for each device that the CRS table tells apart."""


def every_code() -> tuple[Code, ...]:
    """All codes of the CodeSystem, each once, questions before answers."""
    items = (Code(part.code, part.text) for item in ICE_ITEMS for part in (item, *item.parts))
    answers = (code for codes in ANSWERS.values() for code in codes)
    return tuple(dict.fromkeys((ICE_TOTAL, *items, *CAPD, *FINDINGS, *answers)))
