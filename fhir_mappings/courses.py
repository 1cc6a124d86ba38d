"""When a condition began and when it was over, as far as its Condition tells (READ-15)."""

from __future__ import annotations

import re

from fhir_mappings.codes import CodeableConcept
from fhir_mappings.denial import is_gone, names_of
from fhir_mappings.elements import Period
from fhir_mappings.facts import At, Facts
from fhir_mappings.naming import wording
from fhir_mappings.parts import TEXTS, codes_in
from fhir_mappings.resources import Condition

_OVER = frozenset({"resolved", "inactive", "remission"})
_LONG_AGO = re.compile(
    r"\bchild|\binfan|\bbirth|\by(?:ea)?rs?\b|\bremote|\bold\b|(?<!acute on )\bchronic|\bdecade"
    r"|^\D*\b(?:19|20)\d\d\b\D*$"
)
"""Words for a time that is none of the last days; a year alone is one."""
_PERHAPS_LONG_AGO = re.compile(
    r"\bage[sd]?\b(?!.*\bday \d)|\bmonths?\b(?! (?:after|post|since|following|s/p)\b)|\blong"
    r"|\bhistory"
)
"""Words that seldom are of the last days."""
_CLOCK = re.compile(
    r"\b(?:at|around|about|by|today|tonight|yesterday|night|evening)(?: at| around|,)? \d{4}\b(?!-)"
)
_YEAR = re.compile(r"\b20\d\d\b")


def has_onset(condition: Condition) -> bool:
    """Whether it is charted by a date when it began, or by when it had begun."""
    return bool(condition.onset_date_time or _began(condition.onset_period))


def _began(period: Period | None) -> str | None:
    """The start of the onset; with its end alone it began no later than then."""
    return None if period is None else period.start or period.end


def onset_of(condition: Condition, facts: Facts) -> At | None:
    """Onset, else when it was recorded or had abated, whichever is the earlier.

    None: it is not told, or charted as an age, a range or words of long ago.
    """
    written = condition.onset_date_time or _began(condition.onset_period)
    if written:
        return facts.at(written, None, "Condition", condition.ref)
    if is_of_old(condition):
        return None
    known = (
        facts.at(each, None, "Condition", condition.ref)
        for each in (condition.recorded_date, lasted(condition).end)
    )
    return min((at for at in known if at is not None), key=lambda at: at.t, default=None)


def is_of_old(condition: Condition) -> bool:
    """Whether it is charted by an age, a range or words of long ago."""
    ages = (
        condition.onset_age,
        condition.onset_range,
        condition.abatement_age,
        condition.abatement_range,
    )
    is_aged = any(bytes(each) not in (b"", b"null") for each in ages)
    return is_aged or _is_told(_LONG_AGO, condition) or _is_told(_PERHAPS_LONG_AGO, condition)


def is_perhaps_of_old(condition: Condition) -> bool:
    """Whether only words that seldom are of the last days tell that it is of long ago."""
    return _is_told(_PERHAPS_LONG_AGO, condition) and not _is_told(_LONG_AGO, condition)


def _is_told(marks: re.Pattern[str], condition: Condition) -> bool:
    """Whether the words of its onset or abatement have one of the marks."""
    return any(
        marks.search(_without_times_of_now(text.lower(), condition.recorded_date))
        for each in (condition.onset_string, condition.abatement_string)
        for text in TEXTS.all(each)
    )


def _without_times_of_now(text: str, recorded: str | None) -> str:
    """The text without times of the day, and without the year in which it was recorded."""
    year = (recorded or "9999")[:4]
    text = _CLOCK.sub(" ", text)
    return _YEAR.sub(lambda found: " " if found[0] >= year else found[0], text)


def lasted(condition: Condition) -> Period:
    """From onset to abatement, as far as both are charted."""
    onset, ended = condition.onset_period, condition.abatement_period
    return Period(
        condition.onset_date_time or (onset.start if onset else None),
        condition.abatement_date_time or (ended.end or ended.start if ended else None),
    )


def is_closed(condition: Condition) -> bool:
    """Whether its clinical status says that it is over."""
    return bool(_OVER & codes_in(condition.clinical_status))


def has_abated(condition: Condition, key: str) -> bool:
    """Whether it is over without a date that says since when."""
    told = (condition.abatement_age, condition.abatement_range, condition.abatement_string)
    return (
        is_closed(condition)
        or any(bytes(each) not in (b"", b"null") for each in told)
        or is_gone(wording(condition.code or CodeableConcept()), names_of(key))
    )
