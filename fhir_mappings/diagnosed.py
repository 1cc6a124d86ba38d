"""What a Condition, a conclusion of a report or a charted finding names (READ-15).

By code, else by its words; words beside a code may say that the finding is not there, not of this
patient or not of now.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from fhir_mappings.codes import BY_TEXT, SHIPPED, CodeableConcept, system_url
from fhir_mappings.denial import clauses_of, stated_in
from fhir_mappings.home_support import KEYS as SUPPORT_AT_HOME
from fhir_mappings.naming import NAMELESS, Named, pairs_of, words_of
from fhir_mappings.signs import SIGNS_OF_CONDITIONS
from fhir_mappings.standing import is_planned

_FITS = frozenset({"cond.seizure", "cond.status_epilepticus", "cond.seizure_history"})
_SEIZURE, _HISTORY = "cond.seizure", "cond.seizure_history"
_LASTING = frozenset({"cond.gi_perforation", "cond.epilepsy_baseline"}) | SUPPORT_AT_HOME
"""Risks that a history of is enough for (OT-TOCI-10), epilepsy, and support at home (DEF-14)."""
_SYNDROMES = ("cond.crs_", "cond.icans_")
_GRADED = _FITS.union(
    SIGNS_OF_CONDITIONS,
    (key for key in SHIPPED.sets if key.startswith(_SYNDROMES)),
)
"""What is baseline and never graded where it is there since long; other diseases stay (READ-15)."""
_GRADE = re.compile(r"_grade_\d$")
"""A syndrome of one grade, which words name as the syndrome of any."""
_STANDING = re.compile(r"(?<!\()disorder|epilepsy")
_A_FIT_OF_NOW = re.compile(r"\b(?:breakthrough|witnessed|acute|today|tonight|now)\b")
_CARE_OF = re.compile(r" (?:monitoring|surveillance|protocol|pathway)\b")
"""What a coded syndrome is treated by; it revokes no code."""
_NOT_OF_NOW: Mapping[str, tuple[str, ...]] = {
    key: tuple(each.attributes["icd10cm_prefixes"])
    for key, each in SHIPPED.sets.items()
    if "icd10cm_prefixes" in each.attributes
}
_ICD = system_url("icd10cm")


@lru_cache(maxsize=4096)
def diagnosed(concept: CodeableConcept) -> Named:
    """What a Condition, a conclusion of a report or a charted finding names.

    A code holds unless the text beside it names the same and says that it is not there, not of
    this patient or not of now. What a text denies, no display beside it states.
    """
    is_by_text = any(each.system == BY_TEXT for each in concept.coding)
    coded = SHIPPED.concepts(concept)
    if coded:
        keys = coded if is_by_text else _borne_out(coded, concept.text or "")
        return Named(_of_now(keys, concept), by_text=is_by_text)
    settled: set[str] = set()
    for text in words_of(concept):
        if found := tuple(key for key in _told_in(text) if key not in settled):
            return Named(_of_now(found, concept), by_text=True)
        settled.update(SHIPPED.text_concepts(text, "cond"))
    return NAMELESS


def is_coded_and_planned(concept: CodeableConcept) -> bool:
    """Whether a code names what is graded, and words of a risk or a plan take it back."""
    lost = _GRADED.intersection(SHIPPED.concepts(concept)).difference(diagnosed(concept).keys)
    return bool(lost) and any(map(is_planned, clauses_of(concept.text or "")))


def _told_in(text: str) -> tuple[str, ...]:
    """What a text says that there is, and what of old is a risk still (READ-15)."""
    stated = stated_in(text)
    told = {key for each in stated for key in _standing(each.now)}
    for each in stated:
        told.update(_once(SHIPPED.text_concepts(each.history, "cond")))
        told.update(_since_long(SHIPPED.text_concepts(each.old, "cond")))
    return tuple(key for key in SHIPPED.sets if key in told)


def _standing(text: str) -> tuple[str, ...]:
    """What words of now name: a disorder with seizures is a risk and no seizure."""
    keys = SHIPPED.text_concepts(text, "cond")
    if _SEIZURE not in keys or not _STANDING.search(text):
        return keys
    if _A_FIT_OF_NOW.search(text):
        return (*keys, _HISTORY)
    return (*(key for key in keys if key != _SEIZURE), _HISTORY)


def _once(keys: tuple[str, ...]) -> tuple[str, ...]:
    """What is left of keys that once were: no finding of now, but a risk."""
    return (*(key for key in keys if key in _LASTING), *_history_of(keys))


def _since_long(keys: tuple[str, ...]) -> tuple[str, ...]:
    """What is left of keys that are there since long: what is never graded, and the risk."""
    return (*(key for key in keys if key not in _GRADED), *_history_of(keys))


def _history_of(keys: tuple[str, ...]) -> tuple[str, ...]:
    return () if _FITS.isdisjoint(keys) else (_HISTORY,)


def _borne_out(keys: tuple[str, ...], text: str) -> tuple[str, ...]:
    """The coded keys, without those that the text names and does not state."""
    if any(key.startswith(_SYNDROMES) for key in keys):
        text = _CARE_OF.sub("", text.lower())
    told = _told_in(text)
    unsaid = set(SHIPPED.text_concepts(text, "cond")) - set(told)
    kept = [key for key in keys if _GRADE.sub("_any", key) not in unsaid]
    is_history = _HISTORY in told and len(kept) < len(keys)
    return tuple(dict.fromkeys([*kept, _HISTORY] if is_history else kept))


def _of_now(keys: tuple[str, ...], concept: CodeableConcept) -> tuple[str, ...]:
    """The keys, unless a code beside the words is of a sequela, a history or a family's."""
    codes = [code for system, code in pairs_of(concept) if system == _ICD]
    for kind, prefixes in _NOT_OF_NOW.items():
        if any(code.startswith(prefixes) for code in codes):
            return _LEFT[kind](keys)
    return keys


_LEFT: Mapping[str, Callable[[tuple[str, ...]], tuple[str, ...]]] = {
    "cond.sequela": _since_long,
    "cond.personal_history": _once,
    "cond.family_history": lambda _: (),
}
"""What is left of what stands beside such a code."""


def is_affirmed(text: str, word: str) -> bool:
    """Whether a text says `word` (lower case) of now and does not deny it."""
    return any(word in each.now for each in stated_in(text))
