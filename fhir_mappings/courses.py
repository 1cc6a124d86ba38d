"""When a condition began and when it was over, as far as its Condition tells (READ-15)."""

from __future__ import annotations

import re

from fhir_mappings.codes import CodeableConcept
from fhir_mappings.denial import is_gone, names_of
from fhir_mappings.facts import At, Facts
from fhir_mappings.naming import wording
from fhir_mappings.parts import TEXTS, codes_in
from fhir_mappings.resources import Condition, Period

_OVER = frozenset({"resolved", "inactive", "remission"})
_LONG_AGO = re.compile(
    r"\bchild|\binfan|\bbirth|\bage[sd]?\b|\by(?:ea)?rs?\b|\bmonths?\b|\bremote|\bold\b|\bchronic"
    r"|\blong|\bhistory|\bdecade|^\D*\b(?:19|20)\d\d\b\D*$"
)
"""Words for a time that is none of the last days; a year alone is one."""


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
    words = (condition.onset_string, condition.abatement_string)
    return any(bytes(each) not in (b"", b"null") for each in ages) or any(
        _LONG_AGO.search(text.lower()) for each in words for text in TEXTS.all(each)
    )


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
