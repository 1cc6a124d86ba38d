"""Observations of consciousness and seizures (DEF-9 to DEF-11); signs have their own readers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from fhir_mappings.answers import (
    LEVELS,
    SEIZURES,
    level_of_eye,
    level_of_rass,
    level_of_total,
    rass_from_text,
)
from fhir_mappings.denial import (
    Said,
    answer_of,
    clauses_of,
    doubt_in,
    is_normal,
    is_untold,
    said_now,
    said_of,
    said_without_words,
)
from fhir_mappings.elements import Period
from fhir_mappings.errors import TimeError
from fhir_mappings.issues import IssueKind
from fhir_mappings.level_words import level_from_eye, level_from_text
from fhir_mappings.naming import words_of
from fhir_mappings.signs import SIGN_READERS
from fhir_mappings.standing import spoken_in
from fhir_mappings.times import read_when
from fhir_mappings.units import KINDS
from grading.model import MINUTE, Arousal, Level, Seizure, SeizureKind

if TYPE_CHECKING:
    from fhir_mappings.facts import Facts
    from fhir_mappings.values import Part


def _arousal(part: Part, level: Level, scale: str, text: str) -> None:
    part.facts.arousal.append(
        Arousal(part.at.t, level, text, part.ref, part.flags, part.other_cause, scale)
    )


def _coded_level(part: Part) -> bool:
    """Take a coded answer of any scale, of several the deepest (READ-4); False: there is none."""
    found = max(
        (LEVELS[pair] for pair in part.answers() if pair in LEVELS),
        key=lambda answer: answer.level,
        default=None,
    )
    if found is None:
        return False
    text = part.words() or found.level.name.lower().replace("_", " ")
    _arousal(part, found.level, found.scale, text)
    return True


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


_ROLES = re.compile(r"\b(eye|verbal|motor)")


def _role(part: Part) -> str:
    """Which item a GCS row is, by code, else by its name; one that names no item is the total."""
    told = part.attribute("role")
    named = next(filter(None, map(_ROLES.search, map(str.lower, words_of(part.concept)))), None)
    return str(told) if told else named[1] if named else "total"


def _gcs(part: Part) -> None:
    """The eye item, or a total that maps by itself (DEF-9); other totals are not charted."""
    if _coded_level(part):
        return
    role, words = _role(part), part.words()
    if role == "eye" and words:
        level = level_from_eye(words)
        if level is None:
            part.facts.log.add(IssueKind.REFUSED_VALUE, "consciousness", part.ref)
        shown = words
    elif role == "eye":
        score = part.whole("consciousness", 1, 4)
        level = None if score is None else level_of_eye(score)
        shown = f"GCS eye {score}"
    elif role == "total":
        score = part.whole("consciousness", 3, 15)
        level = None if score is None else level_of_total(score)
        shown = f"GCS {score}"
    else:
        return
    if level is not None:
        _arousal(part, level, "gcs", shown)


# --- seizures ------------------------------------------------------------------------------------


_NAMES_ONE = re.compile(
    r"(?<!anti)(?<!anti-)(?:seiz|convuls|epilep)|tonic|clonic|\bgtcs?\b|ictal\b|absence (?!of)"
)
_EVENT = re.compile(
    r"jerk|twitch|stiffen|eyes? deviat|shaking(?! chill)|\bstar(?:e|es|ing)\b|\baura\b"
    r"|\babsence\b|(?<!non-)(?<!non )\bfocal\b(?! (?:weak|deficit))"
    r"|\bgenerali[sz]ed\b(?! (?:weak|fatigue))|\bfits?\b|\bspells?\b|\bepisodes?\b"
    r"|(?<!oriented )(?<!&o )\bx ?\d"
    r"|\b(?:grand|petit) mal\b|\bpartial\b(?! \w)|\belectrographic\b|\bsubclinical\b|\bncse\b"
    r"|^(?:in )?status\W*$|\bgaze (?:deviat|preference)|\beyes? roll|\blip[- ]smack|\bautomatism"
    r"|\bdrop attack|^cluster\b(?! head)|^(?:had )?(?:one|two|three)\W*$"
    r"|^(?:terminated|aborted|stopped) (?:with|by|after)\b"
    r"|\b\d+(?:\.\d+)? ?(?:s|secs?|seconds?|m|mins?|minutes?)\b"
    r"|^(?:yes|y|true|positive|present|active|ongoing|witnessed|observed|occurred|resolved|new|brief"
    r"|prolonged|single|multiple|recurrent|intermittent|frequent|bilateral|unwitnessed|refractory"
    r"|occasional|continuous|possibl[ey]|probabl[ey]"
    r"|suspected|questionable)\b|^[+?]|^[1-9]\d?\b\W*$"
    r"|\bcontrolled\b|\bnot (?:\w+ )?(?:resolv|improv)|\bself[- ]?(?:limit|resol)"
)
"""What affirms a seizure where a row asks for one and its words do not name it."""
_CARE = re.compile(
    r"^(?:(?:continuous|routine|frequent|prolonged|ongoing|intermittent|video|spot) )*"
    r"(?:c?v?eeg|monitor\w*|(?:neuro\w* )?checks?)\b"
    r"(?!.*\b(?:show|reveal|with|captur|positive)|.*:)"
)
"""What is only done where a row asks for a seizure."""
_BARE = re.compile(
    r"^(?:none|no|nil|absent|negative|denies|denied)"
    r"(?: (?:so far|since|today|tonight|now|this|overnight|seen|noted|observed|witnessed|reported"
    r"|recorded|in the last|at this time)\b.*)?\W*$"
)
"""A later clause that denies what the row asks for: the second of "history of seizures, none"."""


def _said_of_seizure(clause: str) -> Said:
    """What a clause of a row that asks for seizures says; of anything else it tells nothing."""
    said = _said_of_status(clause)
    if said is not Said.PRESENT or _names_one(clause):
        return said
    now = spoken_in(clause).now.strip()
    return Said.PRESENT if _EVENT.search(now) and not _CARE.search(now) else Said.NOT_TOLD


def _said_of_status(clause: str) -> Said:
    return Said.ABSENT if is_normal(clause) else said_now(clause)


def _names_one(clause: str) -> bool:
    return _NAMES_ONE.search(spoken_in(clause).now) is not None


def _said_of_seizures(part: Part) -> Said:
    """What a value says of seizures: its first clause that tells something.

    A later one denies them only where it names them or says no more, and states them after a
    denial where it names one.
    """
    answer = said_without_words(part)
    if answer is not None:
        return answer
    first, *rest = clauses_of(part.words())
    said = _said_of_seizure(first)
    later = [(each, _said_of_seizure(each)) for each in rest]
    if any(each is Said.PRESENT and _names_one(clause) for clause, each in later):
        return Said.PRESENT
    if said is not Said.NOT_TOLD:
        return said
    named = (
        each
        for clause, each in later
        if each is Said.PRESENT or _NAMES_ONE.search(clause) or _BARE.search(clause)
    )
    return next((each for each in named if each is not Said.NOT_TOLD), Said.NOT_TOLD)


def _seizure(part: Part) -> None:
    """A seizure by its answer, else whatever is charted beside its code, unless that denies it."""
    kinds = [SEIZURES[pair] for pair in part.answers() if pair in SEIZURES]
    if kinds:
        _add_seizure(part, max(kinds, key=_WORSE.index))
        return
    said = _said_of_seizures(part)
    minutes = _minutes(part)
    coded = part.value.value_codeable_concept is not None and answer_of(part) is None
    is_odd = said is Said.PRESENT and coded and not part.words() and minutes is None
    if is_odd or said is Said.NOT_TOLD:
        _refuse(part, "seizure")
        return
    kind = SeizureKind.NONE if said is Said.ABSENT else SeizureKind.UNSPECIFIED
    _add_seizure(part, kind, minutes)


_WORSE = list(SeizureKind)
"""From none to prolonged (READ-4)."""


def _status_epilepticus(part: Part) -> None:
    said = said_of(part, _NAMES_ONE, _said_of_status)
    if said is Said.NOT_TOLD:
        _refuse(part, "seizure")
        return
    _add_seizure(part, SeizureKind.NONE if said is Said.ABSENT else SeizureKind.PROLONGED)


def _add_seizure(part: Part, kind: SeizureKind, minutes: Decimal | None = None) -> None:
    is_denied = kind is SeizureKind.NONE and not any(pair in SEIZURES for pair in part.answers())
    flags = part.flags if is_denied else (*part.flags, *doubt_in(part.words(), _NAMES_ONE))
    part.facts.seizures.append(Seizure(part.at.t, kind, minutes, part.ref, flags, part.other_cause))


def _refuse(part: Part, label: str) -> None:
    """Note what is charted and not understood; that nothing was charted is no issue."""
    if not is_untold(part):
        part.facts.log.add(IssueKind.REFUSED_VALUE, label, part.ref)


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


NEURO_READERS: Mapping[str, Callable[[Part], None]] = {
    "obs.consciousness": _level(""),
    "obs.level_of_arousal": _level(""),
    "obs.avpu": _level("avpu"),
    "obs.rass": _rass,
    "obs.gcs": _gcs,
    "obs.seizure": _seizure,
    "cond.seizure": _seizure,
    "cond.status_epilepticus": _status_epilepticus,
    **SIGN_READERS,
}
"""What reads each neurological concept."""
