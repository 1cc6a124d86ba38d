"""Words by which a whole clause tells of long ago, or may: years, spans, old causes (READ-15).

A time of the day may look like a year ("at 2015"), and what is told as weeks ago may be the
infusion: where both can be meant, a doubt is left and nothing is lost.
"""

from __future__ import annotations

import re

_SINCE_LONG = re.compile(
    r"\b(?:in|during|since|from|at) (?:early |late )?"
    r"(?:childhood|infancy|youth|adolescence|birth)\b"
    r"|\bas an? (?:young )?(?:infant|child|teen\w*)\b|[-(:] *(?:at |high |low )*risk\W*$"
    r"|(?:[,(:-]|\bis|\bwas|^)\s*(?:at )?(?:old|remote|chronic|congenital|childhood|baseline"
    r"|long-?standing|by history|previous|past)[\s)]*$"
    r"|\b(?:previous|prior) (?:known )?seizure\b.{0,200}\b(?:yesterday|ago|admission)\b"
    r"|\blast (?:known |documented )?(?:seizure|convulsion)\b(?!.{0,200}\b(?:today|tonight)\b)"
    r".{0,200}(?:\b(?:yesterday|ago|admission)\b|(?<!\bat )\b(?:19[6-9]\d|20\d\d)\b)"
)
"""That the whole clause is of old."""
_OLD_CAUSE = re.compile(
    r"\b(?:(?:due|secondary) to|from) (?:an? |his |her )?(?:old|prior|previous|remote|chronic)"
    r" (?:\w+ )?(?:strokes?|cva|infarct\w*)\b"
    r"|\bresidual\b.{0,200}\b(?:stroke|cva|infarct\w*|trauma\w*|injury|surgery|resection)\b"
    r"|\bfollowing (?:\w+ ){0,3}(?:infarction|cerebrovascular disease|h(?:a)?emorrhage)"
    r" affecting\b"
)
"""A cause by which a deficit is of old, and a fit is not."""
_SEQUEL = re.compile(r"\b(?:sequelae?|late effects?) of\b")
"""The same; the fit then is only perhaps of now."""
_A_FIT = re.compile(r"seiz|convuls|status epilepticus")
_FROM_YEAR = re.compile(
    r"\b(?:in|during) (?:early |late )?(?:19|20)\d\d\b(?!-)"
    r"|\b(?:since|from) (?:early |late )?(?:19[6-9]\d|20[0-2]\d\b(?! (?:hrs?|hours?|to \d)))\b"
    r"(?![-/:]| (?:mri|ct|eeg|scan|study|exam)\b)"
)
"""A year; from 20:30 to 20:59, "at 2015" and "from 2010 to 2130" are times of the day."""
_YEAR_OR_TIME = re.compile(
    r"\b(?:since|from|last (?:known )?seizure) 19[0-5]\d\b"
    r"(?![-/:]| (?:hrs?|hours?|to 2[1-4]\d\d)\b)"
    r"|\bfrom 20[0-2]\d to 20[0-2]\d\b"
)
_AGO = re.compile(
    r"^(?:(?!\b(?:compared|mri|ct|eeg|scan|study|exam)\b).)*"
    r"\b(?:years?|yrs?|months?|weeks?|wks?) ago\b"
)
_AFTER_AGO = re.compile(
    r"\b(?:after|since|post|s/p|following|received|given|complicated)\b"
    r"(?P<cells>.{0,60}\b(?:car-?t?\b|cart\b|cells?\b|infus\w*|[\w-]+cel\b|product))?"
    r".{0,60}\b(?:months?|weeks?|wks?) ago\b"
)
"""That something else was so long ago: the infusion, else perhaps what came after it too."""
_IN_PATIENT = re.compile(r"\bin (?:an? |the )?(?:patient|pt)\b(?=.{0,200}(?:\bago\b|\b\d{4}\b))")
"""That the time may be that of another disease: "seizure in patient with lymphoma in 2019"."""
_AT_BASELINE = re.compile(
    r"(?:paresis|plegia|palsy|edema),? (?:is |was |present |unchanged )*"
    r"(?:at|from) (?:his |her )?baseline\b"
)
_FRESH = re.compile(r"\b(?:new|acute|worse\w*|(?:in|de)creas\w*|chang\w*)\b")
_NOTED = re.compile(
    r"\b(?:onset|noted|witnessed|last known)\b.{0,80}\b(?:since|from) (?:19|20)\d\d\b"
)


def end_of_old(text: str) -> int | None:
    """Where the words end that make what stands before them old; None: there are none."""
    marks = [_SINCE_LONG]
    if not _A_FIT.search(text):
        marks += [_OLD_CAUSE, _SEQUEL]
    if not _FRESH.search(text):
        marks += [_AT_BASELINE]
        is_other = _IN_PATIENT.search(text) is not None
        marks += [] if is_other or _NOTED.search(text) else [_FROM_YEAR]
        marks += [] if is_other or _AFTER_AGO.search(text) else [_AGO]
    found = next(filter(None, (mark.search(text) for mark in marks)), None)
    return None if found is None else found.end()


def is_perhaps_old(text: str) -> bool:
    """Whether words that may mean a time of old stand in a text that says of nothing new."""
    if _FRESH.search(text):
        return False
    after = _AFTER_AGO.search(text)
    is_after = after is not None and not after["cells"]
    return is_after or any(mark.search(text) for mark in (_SEQUEL, _YEAR_OR_TIME, _IN_PATIENT))
