"""A site's own codes, names and answers, brought to ours before a resource is read.

Where no shipped code matches, the coding that a site's code map gives is added to a concept; what
reads facts then needs to know nothing of sites (design.md decision 6).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple, TypeVar

from msgspec.structs import replace

from fhir_mappings.codes import BY_TEXT, SHIPPED, CodeableConcept, Coding, canonical
from fhir_mappings.elements import Component
from fhir_mappings.naming import is_standard, words_of
from fhir_mappings.resources import (
    AnyResource,
    Condition,
    DiagnosticReport,
    Medication,
    MedicationAdministration,
    MedicationRequest,
    Observation,
    Procedure,
    ServiceRequest,
)

Pair = tuple[str, str]
V = TypeVar("V", Observation, Component)
_CODED = (Procedure, Condition, DiagnosticReport, ServiceRequest)
_MARK = Coding(BY_TEXT)

BY_SITE: Mapping[str, tuple[str, ...]] = {
    "ice": ("obs.ice_score", "obs.ice_item.orientation"),
    "capd": ("obs.capd", "obs.capd_item"),
    "consciousness": ("obs.consciousness",),
    "o2-device": ("obs.o2_device",),
}
"""Inputs that have no common standard code, with the concepts that a site has to map for them."""


class SiteConcept(NamedTuple):
    """One row of a code map: what of the site means `target`, and what its answers mean.

    `patterns` match a whole charted name in lower case. `answers`: by (system, code), or by
    ("", text in lower case).
    """

    target: Coding
    keys: tuple[str, ...]
    pairs: tuple[Pair, ...] = ()
    patterns: tuple[re.Pattern[str], ...] = ()
    answers: Mapping[Pair, Coding] = {}


class SiteCodes:
    """The code map of a site, ready to be asked; without rows it changes nothing."""

    def __init__(self, rows: Iterable[SiteConcept] = ()) -> None:
        """Index the rows."""
        self.rows = tuple(rows)
        self._targets = {pair: row.target for row in self.rows for pair in row.pairs}
        self._answers: dict[str, dict[Pair, Coding]] = {}
        for row in self.rows:
            for key in row.keys:
                self._answers.setdefault(key, {}).update(row.answers)
        self.concept = lru_cache(maxsize=8192)(self._concept)

    def pairs_of(self, keys: Collection[str]) -> Iterator[Pair]:
        """The site's (system, code) of concepts, in order of the file."""
        for row in self.rows:
            if not set(row.keys).isdisjoint(keys):
                yield from row.pairs

    def unmapped(self) -> tuple[str, ...]:
        """Inputs of `BY_SITE` that the map gives nothing for; none where there is no map."""
        mapped = {key for row in self.rows if row.pairs or row.patterns for key in row.keys}
        lacking = (name for name, keys in BY_SITE.items() if mapped.isdisjoint(keys))
        return tuple(lacking) if self.rows else ()

    def translated(self, item: AnyResource) -> AnyResource:
        """The resource with our codings beside the site's."""
        if not self.rows:
            return item
        if isinstance(item, Observation):
            return self._observation(item)
        if isinstance(item, MedicationAdministration | MedicationRequest):
            return self._of_medicine(item)
        if isinstance(item, Medication):
            return self.medication(item)
        if isinstance(item, _CODED) and item.code is not None:
            return replace(item, code=self.concept(item.code))
        return item

    def _observation(self, item: Observation) -> Observation:
        found = self._value(item)
        if not item.component:
            return found
        return replace(found, component=tuple(self._value(each) for each in item.component))

    def _value(self, item: V) -> V:
        """An Observation or component with its code and its answer."""
        if item.code is None:
            return item
        code = self.concept(item.code)
        answer = self._answer(code, item)
        if answer is None:
            return replace(item, code=code)
        value: CodeableConcept = item.value_codeable_concept or CodeableConcept()
        text = value.text or item.value_string
        meant = CodeableConcept((answer, *value.coding), text)
        return replace(item, code=code, value_codeable_concept=meant)

    def _answer(self, code: CodeableConcept, item: Observation | Component) -> Coding | None:
        """What a value means by the answers of the concept that it is about; None: nothing."""
        for key in SHIPPED.concepts(code):
            table = self._answers.get(key, {})
            for pair in _answered(item) if table else ():
                if pair in table:
                    return table[pair]
        return None

    def _of_medicine(
        self, item: MedicationAdministration | MedicationRequest
    ) -> MedicationAdministration | MedicationRequest:
        concept = item.medication_codeable_concept
        if concept is None:
            return item
        return replace(item, medication_codeable_concept=self.concept(concept))

    def medication(self, item: Medication) -> Medication:
        """A Medication with our codings beside the site's, in its ingredients too."""
        code = None if item.code is None else self.concept(item.code)
        ingredients = tuple(
            each
            if each.item_codeable_concept is None
            else replace(each, item_codeable_concept=self.concept(each.item_codeable_concept))
            for each in item.ingredient or ()
        )
        return replace(item, code=code, ingredient=ingredients or None)

    def _concept(self, concept: CodeableConcept) -> CodeableConcept:
        """The concept with our coding, by a site's code, else by a site's name for it."""
        pairs = [canonical(each.system, each.code) for each in concept.coding]
        if not self.rows or any(SHIPPED.of_code(*pair) for pair in pairs):
            return concept
        found = tuple(dict.fromkeys(self._targets[pair] for pair in pairs if pair in self._targets))
        if not found and not any(is_standard(pair) for pair in pairs):
            found = self._by_name(concept)
        return replace(concept, coding=(*concept.coding, *found)) if found else concept

    def _by_name(self, concept: CodeableConcept) -> tuple[Coding, ...]:
        for text in words_of(concept):
            name = " ".join(text.lower().split())
            for row in self.rows:
                if any(pattern.fullmatch(name) for pattern in row.patterns):
                    return (row.target, _MARK)
        return ()


def _answered(item: Observation | Component) -> Iterator[Pair]:
    """What may be looked up of a value: its codes, then its words."""
    concept = item.value_codeable_concept
    if concept is not None:
        yield from (canonical(each.system, each.code) for each in concept.coding)
        yield from (("", text.strip().lower()) for text in words_of(concept))
    if item.value_string:
        yield "", item.value_string.strip().lower()
    if item.value_integer is not None:
        yield "", str(item.value_integer)


NO_SITE_CODES = SiteCodes()
"""No site code map: the shipped codes alone."""
