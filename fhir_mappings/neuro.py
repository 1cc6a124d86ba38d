"""Observations of consciousness, seizures, motor findings and raised pressure (DEF-9 to DEF-13)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from fhir_mappings.answers import (
    ICP,
    LEVELS,
    MOTOR,
    SEIZURES,
    level_from_text,
    level_of_eye,
    level_of_rass,
    level_of_total,
    rass_from_text,
)
from fhir_mappings.codes import SHIPPED
from fhir_mappings.errors import TimeError
from fhir_mappings.issues import IssueKind
from fhir_mappings.quantities import KINDS
from fhir_mappings.resources import Period
from fhir_mappings.times import read_when
from grading.model import MINUTE, Arousal, Level, Seizure, SeizureKind, Sign, SignKind

if TYPE_CHECKING:
    from fhir_mappings.facts import Facts
    from fhir_mappings.values import Part

SIGNS_OF_CONDITIONS: Mapping[str, tuple[SignKind, bool]] = {
    "cond.cerebral_edema": (SignKind.EDEMA_EXTENT_UNKNOWN, True),
    "cond.papilledema": (SignKind.PAPILLEDEMA, False),
    "cond.intracranial_hemorrhage": (SignKind.HEMORRHAGE, True),
    "cond.focal_weakness": (SignKind.MOTOR_WEAKNESS, False),
    "cond.posturing": (SignKind.POSTURING, False),
    "cond.cn6_palsy": (SignKind.CN6_PALSY, False),
    "cond.cushing_triad": (SignKind.CUSHING_TRIAD, False),
}
"""Signs that a condition names, and whether imaging shows them."""


def _arousal(part: Part, level: Level, scale: str, text: str) -> None:
    part.facts.arousal.append(
        Arousal(part.at.t, level, text, part.ref, part.flags, part.other_cause, scale)
    )


def _coded_level(part: Part) -> bool:
    """Take a coded answer of any scale; False: there is none."""
    for pair in part.answers():
        if pair in LEVELS:
            found = LEVELS[pair]
            text = part.words() or found.level.name.lower().replace("_", " ")
            _arousal(part, found.level, found.scale, text)
            return True
    return False


def _level(scale: str) -> Callable[[Part], None]:
    """A level by code, else by its words (AVPU letters too)."""

    def read(part: Part) -> None:
        if _coded_level(part):
            return
        words = part.words()
        level = level_from_text(words) if words else None
        if level is not None:
            _arousal(part, level, scale, words)
        elif words or part.quantity() is not None or part.value.value_codeable_concept:
            part.facts.log.add(IssueKind.REFUSED_VALUE, "consciousness", part.ref)

    return read


def _rass(part: Part) -> None:
    if _coded_level(part):
        return
    words = part.words()
    level = rass_from_text(words) if words else None
    shown = words
    if not words:
        score = part.whole("consciousness", -5, 4)
        level = None if score is None else level_of_rass(score)
        shown = f"RASS {score}"
    if level is not None:
        _arousal(part, level, "rass", shown)
    elif words:
        part.facts.log.add(IssueKind.REFUSED_VALUE, "consciousness", part.ref)


def _gcs(part: Part) -> None:
    """The eye item, or a total that maps by itself (DEF-9); other totals are not charted."""
    if _coded_level(part):
        return
    role = part.attribute("role")
    if role == "eye":
        score = part.whole("consciousness", 1, 4)
        level = None if score is None else level_of_eye(score)
        name = "GCS eye"
    elif role == "total":
        score = part.whole("consciousness", 3, 15)
        level = None if score is None else level_of_total(score)
        name = "GCS"
    else:
        return
    if level is not None:
        _arousal(part, level, "gcs", f"{name} {score}")


# --- seizures ------------------------------------------------------------------------------------


def _seizure(part: Part) -> None:
    kind = next((SEIZURES[pair] for pair in part.answers() if pair in SEIZURES), None)
    if part.value.value_boolean is False:
        kind = SeizureKind.NONE
    minutes = _minutes(part)
    if kind is None:
        words = part.words().lower()
        kind = SeizureKind.NONE if words in _NO_WORDS else SeizureKind.UNSPECIFIED
        if not words and minutes is None and part.value.value_codeable_concept is not None:
            part.facts.log.add(IssueKind.REFUSED_VALUE, "seizure", part.ref)
            return
    part.facts.seizures.append(
        Seizure(part.at.t, kind, minutes, part.ref, part.flags, part.other_cause)
    )


def _status_epilepticus(part: Part) -> None:
    no = part.value.value_boolean is False or part.words().lower() in _NO_WORDS
    kind = SeizureKind.NONE if no else SeizureKind.PROLONGED
    part.facts.seizures.append(
        Seizure(part.at.t, kind, None, part.ref, part.flags, part.other_cause)
    )


_NO_WORDS = frozenset({"none", "no", "no seizure", "no seizures", "absent", "negative"})


def minutes_between(facts: Facts, period: Period | None) -> Decimal | None:
    """Length of a period whose start and end are both charted with their time; None: not told."""
    if period is None or not period.start or not period.end:
        return None
    try:
        start = read_when(period.start, facts.zone)
        end = read_when(period.end, facts.zone)
    except TimeError:
        return None
    if start.date_only or end.date_only or end.first < start.first:
        return None
    return Decimal(end.first - start.first) / MINUTE


def _minutes(part: Part) -> Decimal | None:
    """A charted duration: a number with a unit of time, else the length of the period."""
    components = part.observation.component or ()
    values = [part.quantity(), *(each.value_quantity for each in components)]
    for quantity in values:
        if quantity is None or quantity.value is None:
            continue
        unit = (quantity.code or quantity.unit or "").strip().lower()
        if unit in KINDS["minutes"].aliases:
            amount = part.facts.amount("minutes", quantity, "seizure-duration", part.ref)
            return None if amount is None else amount.value
    return minutes_between(part.facts, part.observation.effective_period)


# --- signs ---------------------------------------------------------------------------------------


def _sign(table: Mapping[tuple[str, str], SignKind], absent: SignKind) -> Callable[[Part], None]:
    def read(part: Part) -> None:
        kinds = {table[pair] for pair in part.answers() if pair in table}
        if not kinds:
            kinds = _kinds_in_words(part.words(), absent)
        if part.value.value_boolean is False:
            kinds = {absent}
        if not kinds and part.words():
            part.facts.log.add(IssueKind.REFUSED_VALUE, "neuro-exam", part.ref)
        for kind in sorted(kinds):
            imaging = kind in _BY_IMAGING
            part.facts.signs.append(
                Sign(part.at.t, kind, imaging, part.ref, part.flags, part.other_cause)
            )

    return read


_BY_IMAGING = frozenset(
    {
        SignKind.FOCAL_EDEMA,
        SignKind.DIFFUSE_EDEMA,
        SignKind.EDEMA_EXTENT_UNKNOWN,
        SignKind.HEMORRHAGE,
    }
)


def _finding(key: str) -> Callable[[Part], None]:
    """A sign that is itself what was observed; its absence where the value says no."""

    def read(part: Part) -> None:
        kind, imaging = SIGNS_OF_CONDITIONS[key]
        if part.value.value_boolean is False or part.words().lower() in _NO_WORDS:
            kind = absence_of(kind)
        part.facts.signs.append(
            Sign(part.at.t, kind, imaging, part.ref, part.flags, part.other_cause)
        )

    return read


def absence_of(kind: SignKind) -> SignKind:
    """What is charted of a sign that is gone, or was not found."""
    return SignKind.MOTOR_NONE if kind is SignKind.MOTOR_WEAKNESS else SignKind.ICP_NONE


def _kinds_in_words(words: str, absent: SignKind) -> set[SignKind]:
    """Signs that a text names; "none" is their absence."""
    if words.strip().lower() in {*_NO_WORDS, "normal", "no deficit", "no focal deficit"}:
        return {absent}
    keys = SHIPPED.text_concepts(words, "cond") if words else ()
    return {SIGNS_OF_CONDITIONS[key][0] for key in keys if key in SIGNS_OF_CONDITIONS}


NEURO_READERS: Mapping[str, Callable[[Part], None]] = {
    "obs.consciousness": _level(""),
    "obs.level_of_arousal": _level(""),
    "obs.avpu": _level("avpu"),
    "obs.rass": _rass,
    "obs.gcs": _gcs,
    "obs.seizure": _seizure,
    "obs.motor": _sign(MOTOR, SignKind.MOTOR_NONE),
    "obs.icp_edema": _sign(ICP, SignKind.ICP_NONE),
    "cond.seizure": _seizure,
    "cond.status_epilepticus": _status_epilepticus,
    **{key: _finding(key) for key in SIGNS_OF_CONDITIONS},
}
"""What reads each neurological concept."""
