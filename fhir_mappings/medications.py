"""Which medicine a resource means: by its concept, or by the Medication behind a reference."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

import msgspec

from fhir_mappings.codes import CodeableConcept, canonical_system, system_url
from fhir_mappings.drugs import READ_CLASSES, Recognized, recognize, words_in
from fhir_mappings.elements import Reference
from fhir_mappings.facts import Facts
from fhir_mappings.parts import MEDICATIONS
from fhir_mappings.resources import Medication, unversioned


class Named(NamedTuple):
    """A medicine with the words it is shown by; `words`: every text and display that was read.

    `is_unclear`: there is nothing to know it by, or one of its ingredients is behind a reference
    that leads nowhere.
    """

    found: Recognized
    text: str
    is_unclear: bool
    words: tuple[str, ...] = ()

    @property
    def is_unclassified(self) -> bool:
        """Whether it may be a medicine that matters and is told as one that is not known.

        So is one of which only a class is known (terminology.md 6.2, item 7); not so one that has a
        name or code of its own and is none of ours, for a chart is full of those.
        """
        found = self.found
        is_named = found.ingredients or found.products
        return self.is_unclear or not (is_named or READ_CLASSES.issuperset(found.classes))


class Medications:
    """The Medications of a record, by every reference that may lead to them."""

    def __init__(self, medications: Iterable[Medication]) -> None:
        """Index `medications` by relative reference and by full URL."""
        self._by_ref: dict[str, Medication] = {}
        for each in medications:
            for ref in (each.ref, each.full_url):
                if ref:
                    self._by_ref[ref] = each

    def find(self, reference: str, contained: Mapping[str, Medication]) -> Medication | None:
        """The Medication that a reference leads to: contained, by full URL, or by type and id.

        One of the same type and id on another server is another one.
        """
        if reference.startswith("#"):
            return contained.get(reference[1:])
        path = unversioned(reference)
        found = self._by_ref.get(reference) or self._by_ref.get("/".join(path.split("/")[-2:]))
        servers = {_server(path), _server((found.full_url if found else None) or "")} - {""}
        return found if len(servers) < 2 else None  # noqa: PLR2004  one server or none is told


def _server(url: str) -> str:
    """The base of an absolute address of a resource, however it is reached; empty: it is none."""
    _, is_absolute, rest = url.partition("://")
    return rest.rsplit("/", 2)[0].lower() if is_absolute else ""


def name_of(
    concept: CodeableConcept | None,
    reference: Reference | None,
    raw_contained: msgspec.Raw,
    medications: Medications,
    facts: Facts,
) -> Named:
    """What a medicine is, from its concept, or the Medication behind its reference."""
    concepts = [concept] if concept is not None else []
    if reference is None:
        return _named(tuple(concepts), ())
    inside = map(facts.codes.medication, MEDICATIONS.all(raw_contained))
    contained = {each.id.removeprefix("#"): each for each in inside}
    target = reference.reference or ""
    medication = medications.find(target, contained) if target else None
    if medication is not None:
        parts, is_part_lost = _concepts(medication, contained, medications)
        return _named((*concepts, *parts), _display(reference), is_part_lost=is_part_lost)
    if target and not target.startswith("#"):
        facts.unresolved.add(target)
    return _named(tuple(concepts), _display(reference))


def _display(reference: Reference) -> tuple[str, ...]:
    return (reference.display,) if reference.display else ()


@lru_cache(maxsize=4096)
def _named(
    concepts: tuple[CodeableConcept, ...], texts: tuple[str, ...], *, is_part_lost: bool = False
) -> Named:
    found = recognize(concepts, texts)
    words = tuple(words_in(concepts, texts))
    is_known = found.is_known or _is_coded(concepts) or any(map(_names_something, words))
    return Named(found, _shown(concepts, texts, found), is_part_lost or not is_known, words)


def _concepts(
    medication: Medication, contained: Mapping[str, Medication], medications: Medications
) -> tuple[list[CodeableConcept], bool]:
    """Code of a Medication and of its ingredients, one level deep; whether one leads nowhere.

    The display of an ingredient that leads nowhere stands for it where it is a medicine of ours.
    """
    found = [medication.code] if medication.code is not None else []
    is_lost = False
    for ingredient in medication.ingredient or ():
        reference = ingredient.item_reference
        if ingredient.item_codeable_concept is not None:
            found.append(ingredient.item_codeable_concept)
        elif reference and reference.reference:
            inner = medications.find(reference.reference, contained)
            if inner is not None and inner.code is not None:
                found.append(inner.code)
                continue
            named = CodeableConcept(text=reference.display)
            found.append(named)
            is_lost = is_lost or not recognize((named,), ()).is_known
    return found, is_lost


_DRUG_SYSTEMS = frozenset(system_url(name) for name in ("rxnorm", "ndc", "atc", "snomed"))
_WORD = re.compile(r"(?<!\w)[^\W\d_]\w*")
_OF_ANY = re.compile(
    r"premix(?:ed)?|infusions?|continuous|bags?|drips?|solution|mixture|additives?"
    r"|inject(?:ion|able)|syringe|vial|pump|bolus|line|central|peripheral|custom|compound(?:ed)?"
    r"|piggyback|ivpb|intravenous|volume|titrated?|concentration|standard|medications?|medicine"
    r"|drugs?|dose|order|pharmacy|see|mar|comments?|unknown|other|misc(?:ellaneous)?|and|for|the"
    r"|with|of|in|at|to|by|per|x|iv|min|h|hr|hour|mls?|l|m?cg|ug|m?g|kg|units?|meq|mmol"
)
"""Words that any medicine may be called by, so that they name none."""
_NO_DRUG = re.compile(r"\bpharmacy (?:to dose|to manage|consult|dosing)\b|\bfluids?\b")
"""What is ordered beside medicines and is none that matters by its class."""


def _is_coded(concepts: Iterable[CodeableConcept]) -> bool:
    """Whether it has a code by which anybody can look it up."""
    codings = (coding for concept in concepts for coding in concept.coding)
    return any(each.code and canonical_system(each.system) in _DRUG_SYSTEMS for each in codings)


def _names_something(text: str) -> bool:
    """Whether a text says what it is of: "Premix 250 mL" does not, "IV fluids" does."""
    lowered = text.lower()
    if _NO_DRUG.search(lowered):
        return True
    return not all(map(_OF_ANY.fullmatch, _WORD.findall(lowered)))


def _shown(concepts: Iterable[CodeableConcept], texts: Iterable[str], found: Recognized) -> str:
    for concept in concepts:
        for text in (concept.text, *(coding.display for coding in concept.coding)):
            if text:
                return text
    return next(iter(texts), "") or ", ".join(found.ingredients)
