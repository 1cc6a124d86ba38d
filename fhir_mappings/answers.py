"""What charted answers mean to the core: levels of consciousness, devices, seizures, signs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple, TypeVar

from fhir_mappings.codes import (
    CONCEPT_SYSTEM,
    LOCAL_SYSTEM,
    SHIPPED,
    Coding,
    canonical,
    concept_coding,
    read_toml,
    system_url,
)
from fhir_mappings.errors import CodeError
from grading.model import Device, Level, OverlapKind, SeizureKind, SignKind

Member = TypeVar("Member", bound=Enum)
Pair = tuple[str, str]


class LevelAnswer(NamedTuple):
    """A level and the scale it came from (`rass`, `avpu`, `gcs` or empty)."""

    level: Level
    scale: str = ""


_DEVICE = "val.o2_device."
_ANSWERS = read_toml("answers.toml")


def _member(kind: type[Member], name: str) -> Member:
    try:
        return kind[name]
    except KeyError as error:
        raise CodeError(f"answers.toml: no such {kind.__name__} {name}") from error


def _table(section: str, kind: type[Member]) -> dict[Pair, Member]:
    return {
        canonical(system_url(system), row["code"]): _member(kind, row["is"])
        for system, rows in _ANSWERS[section].items()
        for row in rows
    }


def _levels() -> dict[Pair, LevelAnswer]:
    return {
        canonical(system_url(system), row["code"]): LevelAnswer(
            _member(Level, row["is"]), row.get("scale", "")
        )
        for system, rows in _ANSWERS["levels"].items()
        for row in rows
    }


def _devices() -> dict[Pair, Device]:
    found = {
        canonical(entry.system, entry.code): Device(each.attributes["device"])
        for each in SHIPPED.sets.values()
        if "device" in each.attributes
        for entry in each.entries
        if entry.verified
    }
    own = {
        (CONCEPT_SYSTEM, each.key): Device(each.attributes["device"])
        for each in SHIPPED.sets.values()
        if each.key.startswith(_DEVICE)
    }
    return {**found, **own, (LOCAL_SYSTEM, "blow-by"): Device.BLOW_BY}


LEVELS: Mapping[Pair, LevelAnswer] = _levels()
DEVICES: Mapping[Pair, Device] = _devices()
SEIZURES: Mapping[Pair, SeizureKind] = _table("seizures", SeizureKind)
SIGNS: Mapping[Pair, SignKind] = {**_table("motor", SignKind), **_table("icp", SignKind)}
"""Signs by code; `none` of motor and of icp share a code, so ask `MOTOR` or `ICP` for those."""
MOTOR: Mapping[Pair, SignKind] = _table("motor", SignKind)
ICP: Mapping[Pair, SignKind] = _table("icp", SignKind)
OVERLAP: Mapping[Pair, OverlapKind] = _table("overlap", OverlapKind)


def _own(table: Mapping[Pair, object]) -> dict[str, Coding]:
    return {code: Coding(system, code) for system, code in table if system == LOCAL_SYSTEM}


ANSWER_CODES: Mapping[str, Mapping[str, Coding]] = {
    **dict.fromkeys(
        ("obs.consciousness", "obs.level_of_arousal", "obs.avpu", "obs.rass", "obs.gcs"),
        _own(LEVELS),
    ),
    "obs.seizure": _own(SEIZURES),
    "obs.motor": _own(MOTOR),
    "obs.icp_edema": _own(ICP),
    "obs.o2_device": {
        key.removeprefix(_DEVICE): concept_coding(key)
        for system, key in DEVICES
        if system == CONCEPT_SYSTEM
    },
}
"""The answers that a site's code map may give, by concept: name and coding."""

# --- levels by score -----------------------------------------------------------------------------

_RASS = re.compile(
    r"(?:^|\b(?:rass|actual|current|now)[\s:=]*)([+-]?\d)(?!\d)"
    r"(?:\s*(?:to|or|/|-)\s*([+-]\d(?!\d)|\d(?![\d%]|\s*[a-z/])))?"
)
_GOAL = re.compile(r"\b(?:goal|target)\b[\s:=]*(?:rass )?[+-]?\d(?:\s*(?:to|-)\s*[+-]?\d)?[\s,;/]*")
_MINUS = str.maketrans("\u2212\u2013", "--")
"""Other signs that are typed for a minus."""


def level_of_rass(score: int) -> Level | None:
    """DEF-9 for a RASS of -5 to +4; None: no such score."""
    if not -5 <= score <= 4:  # noqa: PLR2004  DEF-9
        return None
    if score >= 0:
        return Level.SPONTANEOUS
    if score >= -3:  # noqa: PLR2004  DEF-9
        return Level.VOICE
    return Level.TOUCH_OR_VIGOROUS if score == -4 else Level.UNAROUSABLE  # noqa: PLR2004


_EYE = {
    1: Level.UNAROUSABLE,
    2: Level.TOUCH_OR_VIGOROUS,
    3: Level.VOICE,
    4: Level.SPONTANEOUS,
}
_TOTAL = {15: Level.SPONTANEOUS, 3: Level.UNAROUSABLE}


def level_of_eye(score: int) -> Level | None:
    """DEF-9 for the GCS eye item of 1 to 4; None: no such score."""
    return _EYE.get(score)


def level_of_total(score: int) -> Level | None:
    """DEF-9 for a GCS total without its eye item: only 15 and 3 map."""
    return _TOTAL.get(score)


def rass_from_text(text: str) -> Level | None:
    """The level of a RASS written in words, as "RASS -2" or "-4 deep sedation".

    Of a range the deeper end counts (READ-4), a goal does not. None: none is told, or a range of
    which one end lacks its sign, as "-3 to 4".
    """
    found = _RASS.search(_GOAL.sub("", text.lower().translate(_MINUS)).strip())
    if found is None:
        return None
    first, last = found[1], found[2] or found[1]
    if int(first) < 0 < int(last) and not last.startswith("+"):
        return None
    return level_of_rass(min(int(first), int(last)))


# --- grades in words -----------------------------------------------------------------------------

_GRADE = re.compile(r"\bgrade\s*[:=]?\s*([0-5]|i{1,3}|iv|v)\b(?![.,]\d)", re.ASCII)
_STEP = r"(?:[0-5]|i{1,3}|iv|v)"
_NO_AMOUNT = r"(?![\w.%])(?!\s*(?:l|lpm|liters?|doses?|(?:vaso)?pressors?)\b)"
_FROM_TO = rf"{_STEP}\s*(?:-|\u2013|/|to|or)\s*(?:grade\s*)?(?:[0-5]{_NO_AMOUNT}|[iv]+\b)"
_SEVERAL_TOLD = re.compile(rf"\bgrade\s*[:=]?\s*{_FROM_TO}")
_SEVERAL_GRADES = re.compile(rf"(?<![0-9a-z]){_FROM_TO}")
_NUMBERS = re.compile(r"[0-9]+(?:[.,][0-9]+)?")
_NO_GRADE = re.compile(r"\b(?:no|not|non|rule[ds]? out|denies)\b")
_NO_SYNDROME = re.compile(
    r"(?:none|no (?:crs|icans|cytokine release syndrome|neurotoxicity))\W*(?:\(0\))?", re.ASCII
)
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5}
_GRADES = {**_ROMAN, **{str(n): n for n in range(6)}}


def grade_in_words(text: str) -> int | None:
    """The grade of 0 to 5 that a text tells, as "Grade II" or "CRS 2".

    "No CRS" is grade 0. A denial is of a grade where it stands before it. None: it tells none or
    several, or denies one.
    """
    lowered = text.strip().lower()
    if _NO_SYNDROME.fullmatch(lowered):
        return 0
    told, several = set(_GRADE.findall(lowered)), _SEVERAL_TOLD
    if not told:
        told, several = set(_NUMBERS.findall(lowered)), _SEVERAL_GRADES
    if len(told) != 1 or several.search(lowered):
        return None
    (grade,) = told
    is_denied = _NO_GRADE.search(lowered[: _place(grade, lowered)]) is not None
    return None if is_denied else _GRADES.get(grade)


def _place(grade: str, lowered: str) -> int:
    """Where a text tells a grade, by its word if it has one."""
    found = _GRADE.search(lowered)
    return found.start() if found else lowered.index(grade)
