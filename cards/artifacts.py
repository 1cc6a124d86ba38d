"""What the service publishes of its own codes: CodeSystem, answer sets and the ICE form.

Each is built from `cards.local_codes` and validated as a `fhir.resources` model. `base` is the
canonical base URL (`https://cart-toxicity-cds.example.org/fhir` unless a site sets its own).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fhir.resources.R4B.codesystem import CodeSystem
from fhir.resources.R4B.questionnaire import Questionnaire
from fhir.resources.R4B.valueset import ValueSet

from cards.fhir_json import canonical_header, plain
from cards.local_codes import (
    ANSWERS,
    FINDINGS,
    ICE_ITEMS,
    ICE_TOTAL,
    SNOMED_ANSWERS,
    Code,
    IceItem,
    every_code,
)
from cards.orderables import SNOMED

_MIN = "http://hl7.org/fhir/StructureDefinition/minValue"
_MAX = "http://hl7.org/fhir/StructureDefinition/maxValue"
_ICE_MAX = sum(item.maximum for item in ICE_ITEMS)
_PURPOSE = "For CRS and ICANS grading by ASTCT 2019, where LOINC and SNOMED CT have no code."


def code_system(base: str) -> dict[str, Any]:
    """The CodeSystem `bedside`: every question and answer code once."""
    concepts = [code._asdict() for code in every_code()]
    body = {
        "resourceType": "CodeSystem",
        **canonical_header(base, "CodeSystem", "bedside", "CartToxicityBedside"),
        "title": "Bedside findings after CAR-T",
        "description": _PURPOSE,
        "caseSensitive": True,
        "content": "complete",
        "count": len(concepts),
        "concept": concepts,
    }
    return plain(CodeSystem.model_validate(body))


def value_sets(base: str) -> dict[str, dict[str, Any]]:
    """The answers of each question by the question's code, which is the id of its ValueSet."""
    questions = (code for code in FINDINGS if code.code in ANSWERS)
    return {question.code: _value_set(base, question) for question in questions}


def questionnaire(base: str) -> dict[str, Any]:
    """The ICE form; each linkId is the code of its question, and nothing is required."""
    total = IceItem(ICE_TOTAL.code, "ICE score total, where the items are not charted", _ICE_MAX)
    body = {
        "resourceType": "Questionnaire",
        **canonical_header(base, "Questionnaire", "ice", "CartToxicityIce"),
        "title": "Immune effector cell-associated encephalopathy (ICE) score",
        "subjectType": ["Patient"],
        "item": [_item(base, item) for item in (*ICE_ITEMS, total)],
    }
    return plain(Questionnaire.model_validate(body))


def _value_set(base: str, question: Code) -> dict[str, Any]:
    """SNOMED CT first, then what only our own codes can say."""
    name = f"Cart{''.join(map(str.capitalize, question.code.split('-')))}"
    includes = [
        _include(SNOMED, SNOMED_ANSWERS.get(question.code, ())),
        _include(_system(base), ANSWERS[question.code]),
    ]
    body = {
        "resourceType": "ValueSet",
        **canonical_header(base, "ValueSet", question.code, name),
        "title": f"Answers: {question.display}",
        "description": _PURPOSE,
        "compose": {"include": [found for found in includes if found["concept"]]},
    }
    return plain(ValueSet.model_validate(body))


def _include(system: str, codes: Iterable[Code]) -> dict[str, Any]:
    return {"system": system, "concept": [code._asdict() for code in codes]}


def _system(base: str) -> str:
    return f"{base}/CodeSystem/bedside"


def _item(base: str, item: IceItem) -> dict[str, Any]:
    """A question with its range; items within it make a group, whose score is their sum."""
    display = next(code.display for code in every_code() if code.code == item.code)
    found: dict[str, Any] = {
        "linkId": item.code,
        "code": [{"system": _system(base), "code": item.code, "display": display}],
        "text": item.text,
    }
    if item.parts:
        return {**found, "type": "group", "item": [_item(base, part) for part in item.parts]}
    limits = [{"url": _MIN, "valueInteger": 0}, {"url": _MAX, "valueInteger": item.maximum}]
    return {"extension": limits, **found, "type": "integer"}
