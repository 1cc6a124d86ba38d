"""Oxygen, CPAP or BiPAP that a patient has at home, as a problem list words it (DEF-14).

It takes the device of now out of the grade, so only a text that plainly states it counts.
"""

from __future__ import annotations

import re
from functools import lru_cache

from fhir_mappings.codes import CodeableConcept
from fhir_mappings.denial import doubt_in, names_of
from fhir_mappings.naming import words_of

KEYS = frozenset(
    {
        "cond.supplemental_o2_dependence",
        "cond.home_oxygen_text",
        "cond.home_cpap",
        "cond.home_bipap",
    }
)
"""Concepts of support at home."""

_PART = re.compile(r"[,;()\n]|\.(?!\d)|\s[-\u2013]\s")
_NOT_USED = (
    r"(?:not|never|no longer|\w+n't)\b|non-?(?:complian|adheren|user|usage)"
    r"|(?:poor|low) (?:compl|adh)|declin|refus|denie[ds]|intoleran|unable|fail(?:ed|s)?\b"
)
_PAST = (
    r"previous|prior\b(?! to (?:admission|arrival|hospital|car|infusion|transfer))|former|used to"
    r"|past\b|(?:history|hx|h/o)\b(?! (?:of )?(?:\w+ )?(?:copd|osa|apn|sleep|lung|ild|ohs|emphys))"
    r"|weaned|(?:off|until)\b|discontinu|stopp|d/?c'?d\b|return"
)
_AHEAD = (
    r"order|recommend|evaluat|eval\b|assess|plan|pending|await|qualif|candidate|consider|discuss"
    r"|counsel|educat|teaching|refer|request|arrange|arranging|set-? ?up|offered|advised|suggest"
    r"|would|will\b|to (?:start|begin|initiate)|(?:at|for|on|upon|before|after) discharge|if needed"
    r"|study|trial"
)
_OF_ANOTHER = (
    r"(?:family|husband|wife|spouse|partner|mother|father|parents?|brother|sister|sibling|son"
    r"|daughter|roommate|caregiver)\b"
)
_VETO = re.compile(rf"\b(?:{_NOT_USED}|{_PAST}|{_AHEAD}|{_OF_ANOTHER})")
_REMARK = (
    rf"(?:{_OF_ANOTHER}(?!\W*$|'s\b| (?:uses?|has|on|is on|also)\b)|discuss\w* with\b"
    r"|study\b(?! (?:pending|ordered|planned))"
    r"|will\b(?! (?:be )?(?:need|start|order|arrange|requir|get|obtain|set|begin|initiate)))"
)
"""What is told of a device that is in use: "wife brought machine"."""
_VETO_NEXT = re.compile(
    r"^(?:(?:but|and|currently|now|patient|pt|he|she|is|was|does|did|has|been) )*"
    rf"(?!{_REMARK})(?:{_VETO.pattern})"
)
_ACUTE = re.compile(
    r"\bacute|\bnew\b|\bnow\b|\btoday\b|distress|pneumonia|hypoxia\b|hypoxemia\b"
    r"|^(?!.*\bchronic).*respiratory failure"
)
_AT_HOME = re.compile(r"\bhome\b|\b(?:chronic|long[ -]term) oxygen")
_STANDING = re.compile(
    r"\bosa\b|apn(?:o)?ea|\bnight|nocturnal|\bqhs\b|\bchronic|\buses\b|dependent"
)
_BARE = re.compile(r"\bon (?:cpap|bipap)\b")


@lru_cache(maxsize=1024)
def is_at_home(concept: CodeableConcept, key: str) -> bool:
    """Whether a condition states support at home, of this patient and in use before the infusion.

    Not where it is denied, not used, past, only planned or supposed, another person's, or given
    for something acute.
    """
    lowered, names = _text(concept), names_of(key)
    if doubt_in(lowered, names) or _is_vetoed(lowered, names):
        return False
    return bool(_AT_HOME.search(lowered)) or not _ACUTE.search(lowered)


def needs_date(concept: CodeableConcept) -> bool:
    """Whether it may be of now, as "on CPAP" is: then only an earlier date makes it old."""
    lowered = _text(concept)
    is_standing = _AT_HOME.search(lowered) or _STANDING.search(lowered)
    return bool(_BARE.search(lowered)) and not is_standing


def _text(concept: CodeableConcept) -> str:
    return ". ".join(words_of(concept)).lower()


def _is_vetoed(lowered: str, names: re.Pattern[str]) -> bool:
    """Whether the part that names it, or a remark right behind it, takes it back."""
    parts = [part.strip() for part in _PART.split(lowered)]
    named = [at for at, part in enumerate(parts) if names.search(part)]
    if not named:
        return bool(_VETO.search(lowered))
    return all(
        _VETO.search(parts[at]) or any(map(_VETO_NEXT.search, parts[at + 1 : at + 2]))
        for at in named
    )
