"""What a charted concept is called in our own keys: by code, else by its words.

Words speak only where no code does. A code of LOINC, SNOMED CT or IEEE 11073 that no file lists is
another concept than ours, however it is named, so its words are not read. But what has no code at
all, or none that is usual, is known by its words: RASS, ICE, CAPD, charted grades, oxygen devices.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from fhir_mappings.codes import (
    BY_TEXT,
    CONCEPT_SYSTEM,
    SHIPPED,
    CodeableConcept,
    canonical,
    system_url,
)
from fhir_mappings.observed_words import is_other_pressure, keys_in
from grading.model import StudyKind

Pair = tuple[str, str]


class Named(NamedTuple):
    """Concept keys of a charted concept; `by_text`: found in its words."""

    keys: tuple[str, ...] = ()
    by_text: bool = False


NAMELESS = Named()

_STANDARD = frozenset(system_url(name) for name in ("loinc", "snomed", "mdc"))
_LISTED = frozenset(
    canonical(entry.system, entry.code) for each in SHIPPED.sets.values() for entry in each.entries
) | {(CONCEPT_SYSTEM, name) for name in SHIPPED.names}

_EXCLUDED = frozenset(key for key, each in SHIPPED.sets.items() if each.attributes.get("excluded"))
_UNCODED = frozenset(key for key, each in SHIPPED.sets.items() if each.attributes.get("uncoded"))
"""What has no code of its own, so that a code beside its words is none against them."""
_ONLY_NAMED: dict[Pair, str] = {
    canonical(entry.system, entry.code): key
    for key, each in SHIPPED.sets.items()
    for entry in each.entries
    if entry.attributes.get("named")
}
"""Codes that count only where the words beside them, if any, name the concept as well."""


def words_of(concept: CodeableConcept) -> Iterator[str]:
    """The text of a concept, then the displays of its codings."""
    if concept.text:
        yield concept.text
    for coding in concept.coding:
        if coding.display:
            yield coding.display


def wording(concept: CodeableConcept) -> str:
    """The concept as it is charted: its text, else the first display, else the first code."""
    codes = (coding.code for coding in concept.coding if coding.code)
    return next(words_of(concept), next(codes, ""))


def pairs_of(concept: CodeableConcept) -> Iterator[Pair]:
    """System and code of each coding in the form in which they are compared."""
    for coding in concept.coding:
        yield canonical(coding.system, coding.code)


@lru_cache(maxsize=8192)
def is_excluded(concept: CodeableConcept) -> bool:
    """Whether it is coded as what looks like one of our inputs and is none, as a venous pressure.

    So too by the words beside a code that no file lists; its pressures are not read either.
    """
    if _is_coded_as_excluded(concept):
        return True
    if any(pair in _LISTED for pair in pairs_of(concept)) or observed(concept).keys:
        return False
    return any(is_other_pressure(text) for text in words_of(concept))


def _is_coded_as_excluded(concept: CodeableConcept) -> bool:
    return not _EXCLUDED.isdisjoint(SHIPPED.concepts(concept))


def is_standard(pair: Pair) -> bool:
    """Whether a code is of LOINC, SNOMED CT or IEEE 11073, beside which words do not speak."""
    return pair[0] in _STANDARD


@lru_cache(maxsize=8192)
def observed(concept: CodeableConcept) -> Named:
    """What an Observation, a component or an answer in a form is about.

    An excluded code wins over every other one: a skin temperature is coded as a temperature too.
    """
    if _is_coded_as_excluded(concept):
        return NAMELESS
    if keys := _coded(concept):
        return Named(keys, by_text=any(each.system == BY_TEXT for each in concept.coding))
    is_coded = any(is_standard(pair) and pair not in _LISTED for pair in pairs_of(concept))
    for text in words_of(concept):
        named = (key for key in keys_in(text) if not is_coded or key in _UNCODED)
        if found := tuple(named):
            return Named(found, by_text=True)
    return NAMELESS


def _coded(concept: CodeableConcept) -> tuple[str, ...]:
    """Keys of the codes, without those that the words beside them do not bear out."""
    keys = SHIPPED.concepts(concept)
    doubted = {_ONLY_NAMED[pair] for pair in pairs_of(concept) if pair in _ONLY_NAMED}
    words = tuple(words_of(concept)) if doubted else ()
    if not words:
        return keys
    doubted.difference_update(key for text in words for key in keys_in(text))
    return tuple(key for key in keys if key not in doubted)


# --- tests ---------------------------------------------------------------------------------------

_TESTS = {
    "order.mri_brain_wo_w": StudyKind.MRI_BRAIN,
    "order.ct_head_wo": StudyKind.CT_HEAD,
    "order.eeg": StudyKind.EEG,
    "order.lumbar_puncture": StudyKind.LUMBAR_PUNCTURE,
    "order.neurology_consult": StudyKind.NEUROLOGY_CONSULT,
    "order.fundoscopy_ophthalmology": StudyKind.FUNDOSCOPY,
}
_BLOOD_CULTURE = (system_url("loinc"), "600-7")
_CONSULT = r"(?s)^(?=.*(consult|referral|review|evaluat))"
_TEST_WORDS: tuple[tuple[StudyKind, re.Pattern[str]], ...] = (
    (
        StudyKind.MRI_BRAIN,
        re.compile(r"(?s)^(?=.*(\bmri?\b|magnetic resonance))(?=.*\b(brain|head)\b)"),
    ),
    (
        StudyKind.CT_HEAD,
        re.compile(r"(?s)^(?=.*(\bct\b|computed tomography))(?=.*\b(brain|head)\b)"),
    ),
    (StudyKind.EEG, re.compile(r"\beeg\b|electroencephalogra")),
    (StudyKind.LUMBAR_PUNCTURE, re.compile(r"lumbar puncture|spinal tap")),
    (StudyKind.BLOOD_CULTURES, re.compile(r"blood cultures?\b|cultures?,? blood\b")),
    (StudyKind.URINE_CULTURE, re.compile(r"urine cultures?\b|cultures?,? urine\b")),
    (
        StudyKind.CHEST_RADIOGRAPH,
        re.compile(r"(?s)^(?=.*\bchest\b)(?=.*(x-?ray|radiogra|\bxr\b))|\bcxr\b"),
    ),
    (StudyKind.CRS_LABS, re.compile(r"\bcrs lab")),
    (StudyKind.NEUROLOGY_CONSULT, re.compile(_CONSULT + r"(?=.*\bneurolog)")),
    (
        StudyKind.ICU_CONSULT,
        re.compile(
            r"(?s)^(?=.*(consult|referral|transfer))(?=.*(\bicu\b|(intensive|critical) care))"
        ),
    ),
    (StudyKind.FUNDOSCOPY, re.compile(r"fund(?:o|u)scop|ophthalmoscop|fundus exam")),
)


@lru_cache(maxsize=2048)
def study_named(concept: CodeableConcept) -> StudyKind | None:
    """The test that is ordered, done or reported; None: none of ours."""
    coded = next((_TESTS[key] for key in SHIPPED.concepts(concept) if key in _TESTS), None)
    if coded is not None:
        return coded
    if _BLOOD_CULTURE in pairs_of(concept):
        return StudyKind.BLOOD_CULTURES
    for text in words_of(concept):
        lowered = text.lower()
        for kind, pattern in _TEST_WORDS:
            if pattern.search(lowered):
                return kind
    return None


# --- laboratory orders ---------------------------------------------------------------------------

_LAB_TESTS = {
    "lab.crp": "crp",
    "lab.ferritin": "ferritin",
    "lab.fibrinogen": "fibrinogen",
    "lab.triglycerides": "triglycerides",
    "lab.ldh": "ldh",
    "lab.magnesium": "magnesium",
    "lab.phosphate": "phosphate",
    "lab.urate": "uric-acid",
    "lab.pt": "pt",
    "lab.inr": "pt",
    "lab.aptt": "ptt",
}
_LAB_WORDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("cbc", r"\bcbc\b|complete blood count|full blood count"),
        (
            "metabolic-panel",
            r"\bcmp\b|comprehensive metabolic|(?:liver|hepatic) function|\blfts?\b",
        ),
        ("magnesium", r"\bmagnesium\b"),
        ("phosphate", r"\bphosph(?:ate|orus)\b"),
        ("crp", r"\bcrp\b|c-reactive"),
        ("ldh", r"\bldh\b|lactate dehydrogenase"),
        ("triglycerides", r"\btriglycerides?\b"),
        ("uric-acid", r"\buric acid\b|\burate\b"),
        ("fibrinogen", r"\bfibrinogen\b"),
        ("pt", r"\bpt\b|prothrombin|\binr\b"),
        ("ptt", r"\ba?ptt\b|thromboplastin"),
        ("ferritin", r"\bferritin\b"),
    )
)


@lru_cache(maxsize=2048)
def labs_named(concept: CodeableConcept) -> tuple[str, ...]:
    """The laboratory tests that an order names (MGMT-CRS-01, IECHS-5); by code, else by words."""
    panels = (SHIPPED.attribute(*pair, "study") for pair in pairs_of(concept))
    coded = [str(panel) for panel in panels if panel]
    coded += [_LAB_TESTS[key] for key in SHIPPED.concepts(concept) if key in _LAB_TESTS]
    if coded:
        return tuple(dict.fromkeys(coded))
    texts = [text.lower() for text in words_of(concept)]
    return tuple(name for name, words in _LAB_WORDS if any(words.search(each) for each in texts))
