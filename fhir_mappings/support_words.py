"""Ventilation and other support that a procedure's words name (CRS-O), and what only sounds so."""

from __future__ import annotations

import re
from functools import lru_cache

from fhir_mappings.device_words import device_from_text
from grading.model import Device

_NAMES = (
    r"(?:mechanical ventilation|ventilat(?:or|ion) (?:(?:evaluation|assessment) and )?"
    r"(?:management|support|assist)|(?:re-?)?intubat"
    r"|cpap\b|bi-?pap\b|niv\b|non-?invasive ventilation|high[ -]flow nasal|hfnc\b|ecmo\b"
    r"|extracorporeal membrane)"
)
_SUPPORT = re.compile(rf"\b{_NAMES}")
_ORGAN = (
    r"(?:(?:naso-?|oro-?)?(?:gastric|jejunal|duodenal|enteric|intestinal|lacrimal)|stomach|[no]gt?"
    r"|duoden\w*|jejun\w*|ile\w*|ca?ec\w*|bowel|intestin\w*|o?esophag\w*|tear|urete?r\w*|feeding"
    r"|bil(?:e|iary)|duct\w*|eustachian|uter\w*|fallopian|pancrea\w*)"
)
_OF_OTHER_ORGAN = re.compile(
    rf"\b{_ORGAN}(?: (?:tube|duct|tract))?[ -]intubat\w*"
    rf"|\bintubat\w* (?:of|into) (?:the )?(?:\w+ )?{_ORGAN}\b"
)
"""Intubation of what is no airway."""


def _beside(words: str) -> re.Pattern[str]:
    """`words` that speak of a support because they stand next to it."""
    return re.compile(
        rf"\b(?:{words})\w*[ :-]+(?:\w+[ -]+){{0,2}}{_NAMES}"
        rf"|\b{_NAMES}\w*[ -]+(?:\w+[ -]+)?(?:{words})"
    )


_NOT_GIVEN = _beside(
    r"educat|teaching|titrat|fitting|complian|adheren|checklist|(?:sleep )?study|polysomnogra"
    r"|history|hx|h/o|cancel|defer|postpon|abort|not (?:done|performed)|do not|suppl(?:y|ies)"
    r"|remov|wean|discontinu"
)
_TALK = r"(?:consult|evaluat|assess|discuss|consider)"
_TALKED_OF = _beside(_TALK)
"""It may have been given all the same: "Airway assessment and intubation"."""
_CALLED_OFF = re.compile(
    rf"\b{_NAMES}\w*\W+(?:{_TALK}\w*\W+(?:\w+ ){{0,4}}?)?"
    r"(?:cancel|defer|postpon|abort|not (?:done|performed)|educat|teaching)"
)
_ENDED = re.compile(r"\bextubat|decannulat")
_AGAIN = re.compile(r"\bre-?intubat")
_NOT_IT = re.compile(
    r"\b(?:pre|post|after|before|prior to|following|awaiting)[ -]+(?:\w+[ -]+){0,1}"
    rf"{_NAMES}|\b(?:xr|x-?ray|radiogra\w*|ct(?! surg))\b.*\b{_NAMES}|\b(?:planned|difficult)\b"
    r"|\bconsent (?:for|to)\b|\bset-? ?up\b"
)


@lru_cache(maxsize=2048)
def support_named(text: str) -> Device | None:
    """The support that a done procedure says was given; None: none.

    Unrecognized, which leaves the grade open, where it speaks of support beside what was done, as
    "XR chest (post intubation)", or only perhaps says that it was given.
    """
    lowered = _OF_OTHER_ORGAN.sub("", text.lower())
    if not _SUPPORT.search(lowered):
        return None
    vetoes = (_NOT_GIVEN, _CALLED_OFF, _ENDED)
    if not _AGAIN.search(lowered) and any(words.search(lowered) for words in vetoes):
        return None
    if is_supposed(lowered):
        return Device.UNRECOGNIZED
    return device_from_text(lowered) or Device.UNRECOGNIZED


def is_supposed(text: str) -> bool:
    """Whether the support is only beside what was done, so that it raises the upper bound alone."""
    return any(words.search(text.lower()) for words in (_NOT_IT, _TALKED_OF))
