"""Levels of consciousness in charted words (DEF-9); what is denied is not what there is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from fhir_mappings.answers import level_of_eye
from fhir_mappings.denial import is_resolved
from grading.model import Level

_AVPU = {
    "a": Level.SPONTANEOUS,
    "alert": Level.SPONTANEOUS,
    "c": Level.SPONTANEOUS,
    "v": Level.VOICE,
    "voice": Level.VOICE,
    "verbal": Level.VOICE,
    "p": Level.TOUCH_OR_VIGOROUS,
    "pain": Level.TOUCH_OR_VIGOROUS,
    "u": Level.UNAROUSABLE,
    "unresponsive": Level.UNAROUSABLE,
}
_TO = r"\b(?:to|by|with)\s+(?:\w+ ){0,2}"
_LEVEL_WORDS: tuple[tuple[Level, str], ...] = (
    (
        Level.UNAROUSABLE,
        r"unarous|unrous|unrespons|vigorous|stupor|\bcoma"
        r"|\b(?:repetitive|repeated) (?:\w+ )?(?:stimul|touch|tactile|shak|pain)",
    ),
    (Level.TOUCH, rf"touch|tactile|{_TO}shak"),
    (
        Level.VOICE,
        rf"{_TO}(?:voice|speech|sound|verbal)|\bvoice\b|\bverbal (?:stimul|prompt|cue)"
        r"|\b(?:alert|awake|wak|arous|rous|respon|open)[a-z]* (?:eyes |only )?when (?:\w+ )?"
        r"(?:spoken to|called|addressed)\b"
        r"|\b(?:respon|arous|rous|awak|wak|open)[a-z]*(?: (?:eyes|only|well|[a-z]+ly))*"
        r" (?:to|by|on|with) (?:\w+ )?name\b|\bname (?:is |being )?called",
    ),
    (
        Level.TOUCH_OR_VIGOROUS,
        rf"{_TO}(?:pain|noxious)|\b(?:painful|noxious) stimul"
        r"|\b(?:withdraw|locali[sz])[a-z]* (?:from |to )?pain",
    ),
    (Level.SPONTANEOUS, r"spontan|\balert\b|\bawake\b"),
)
_LEVEL_PATTERNS = tuple((level, re.compile(words)) for level, words in _LEVEL_WORDS)
_ORDER = [level for level, _ in _LEVEL_WORDS]

_LETTERED = re.compile(
    r"(?:(?:[0-9]|([avpu])(?=\W+\1))\s*[-\u2013=:/(]\s*)?(alert|voice|verbal|pain|unresponsive)"
    r"(?:ful)?(?: only| response)?\)?(?:\s*\([avpu]\))?"
)
"""An AVPU word beside its letter or number, as "P - Pain" or "Verbal (V)"."""
_CLAUSE = re.compile(r"[,;:()\n]|\s[-\u2013]\s|\.(?!\d)|\b(?:but|and)\b")
_ASLEEP = re.compile(r"\basleep\b|\bsleep(?!y)|\bresting\b|\bnapping\b")
_NOT_WAKING = re.compile(
    r"(?:\b(?:can ?not|can't|could ?not|couldn't|unable to) (?:be )?(?:awak|wak|arous|rous)[a-z]*"
    r"|\bnot (?:a?rousable|a?wak(?:ing|eable|enable))|\bdoes(?: not|n't) a?wak(?:e|en)(?: up)?)"
    r"(?! (?:spontan|to\b|by\b|with|on\b|full|easi))(?!\w)"
)
"""That an attempt failed; a sleeper whom nobody tried to wake tells none."""
_NO_RESPONSE = re.compile(
    r"\b(?:no response|not respon[a-z]+|n't respond|non-?responsive)\s*(?:to (?:any|all)\b.*)?$"
)
_UNSAID = re.compile(
    r"\b(?:emerg|awaken|woken|recover)\w* from\b"
    r"|\b(?:alert|awake)[a-z]* (?:only )?(?:when|if|with|on|to)"
    r" (?:(?!not\b|verb|voice|touch|tactile|pain|noxious|vigorous|repe)\w+ )?stimulat"
)
"""A clause of what was, or of a stimulus that is not told."""
_PRIOR = re.compile(r"\b(?:prior|previous(?:ly)?) (?:coma|stupor|unrespons|obtund)")
_UNCHANGED = re.compile(r"^(?:is |remains? |still |and )*(?:unchanged|no change)\W*$")
_ONCE_AHEAD = re.compile(
    r"\b(?:history|hx)\b(?!.*\bnow\b)|(?<!\w)h/o\b(?!.*\bnow\b)"
    r"|\b(?:resolved|resolution of) (?:(?!now\b|with\b|after\b|then\b)\w+ ){0,3}$"
)
_STILL = re.compile(r"\b(?:not|never|incomplete\w*|partial\w*) (?:\w+ )?resol|\bpersist")
_ONCE_BEHIND = re.compile(
    r"^\w* (?:by )?(?:history|hx)\b"
    r"|^(?:(?!\b(?:after|(?:al)?though|despite|since|once|when|following|persist\w*|still|remains?)\b).)*"
    r"\bresolved\b"
)
"""That the level before these words, or behind them, is one of before."""
_DENIED = re.compile(
    r"\b(?:not|no|never|without|unable|cannot|fails?|failed|less|decreased|reduced|lacks?)\b|n't\b"
)
_UNANSWERED: Mapping[Level, tuple[Level, Level]] = {
    Level.VOICE: (Level.TOUCH, Level.TOUCH_OR_VIGOROUS),
    Level.TOUCH: (Level.TOUCH_OR_VIGOROUS, Level.UNAROUSABLE),
    Level.TOUCH_OR_VIGOROUS: (Level.UNAROUSABLE, Level.UNAROUSABLE),
}
"""By the stimulus that is not answered: the least level that is left, and what it says alone."""


@lru_cache(maxsize=1024)
def level_from_text(text: str) -> Level | None:
    """The level that a charted text names: an AVPU letter or word, or the words of ASTCT.

    A stimulus that is not answered leaves a deeper level. None: none is named, it is denied, or
    two clauses contradict each other.
    """
    lowered = text.strip().lower()
    if lowered in _AVPU:
        return _AVPU[lowered]
    if (lettered := _LETTERED.fullmatch(lowered)) is not None:
        return _AVPU[lettered[2]]
    is_asleep = _ASLEEP.search(lowered) is not None
    stated: set[Level] = set()
    unanswered: set[Level] = set()
    clauses = _told_of_now(_CLAUSE.split(lowered))
    for clause in clauses:
        is_not_waking = not is_asleep and _NOT_WAKING.search(clause)
        if is_not_waking or _NO_RESPONSE.search(clause):
            stated.add(Level.UNAROUSABLE)
        elif (found := _named(clause)) is not None:
            level, is_denied = found
            (unanswered if is_denied else stated).add(level)
    told = [_UNANSWERED[level] for level in unanswered if level in _UNANSWERED]
    if not stated:
        return max((alone for _, alone in told), default=None)
    level = min(stated, key=_ORDER.index)
    return level if all(level >= least for least, _ in told) else None


def _told_of_now(clauses: list[str]) -> list[str]:
    """The clauses that tell of now; one of before too where all that follows is "unchanged"."""
    told = [each for each in clauses if not _is_past(each)]
    is_same = all(map(_UNCHANGED.search, map(str.strip, told)))
    return clauses if told and is_same and any(map(_PRIOR.search, clauses)) else told


def _is_past(clause: str) -> bool:
    """Whether a clause tells no level of now: "coma resolved", not "coma, seizure resolved"."""
    is_standing = _STILL.search(clause) is not None
    if _UNSAID.search(clause) or (_PRIOR.search(clause) and not is_standing):
        return True
    found = _find(clause)
    if found is None:
        return False
    level, match = found
    ahead, behind = clause[: match.start()], clause[match.end() :]
    if is_standing or (level is Level.SPONTANEOUS and is_resolved(clause)):
        return False
    return bool(_ONCE_AHEAD.search(ahead) or _ONCE_BEHIND.search(behind))


_EYES_SHUT = re.compile(r"(?:none|no (?:eye )?(?:opening|response)|does(?: not|n't) open)\W*")


def level_from_eye(text: str) -> Level | None:
    """The level of a GCS eye item in words, as "3 - To speech"; None: it tells none (DEF-9)."""
    lowered = text.strip().lower().replace("pressure", "pain")
    if (found := re.match(r"[1-4](?!\d|[.,/])", lowered)) is not None:
        return level_of_eye(int(found[0]))
    return Level.UNAROUSABLE if _EYES_SHUT.fullmatch(lowered) else level_from_text(lowered)


def _named(clause: str) -> tuple[Level, bool] | None:
    """The level that a clause names, and whether what stands before it denies it."""
    found = _find(clause)
    if found is None:
        return None
    level, match = found
    return level, _DENIED.search(clause[: match.start()]) is not None


def _find(clause: str) -> tuple[Level, re.Match[str]] | None:
    """The level that a clause names, and where."""
    for level, pattern in _LEVEL_PATTERNS:
        if (match := pattern.search(clause)) is not None:
            return level, match
    return None
