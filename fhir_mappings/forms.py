"""ICE and CAPD as filled-in forms: linkIds are the codes of our CodeSystem (local-codes.md)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from fhir_mappings.elements import Answer, Item
from fhir_mappings.facts import Facts
from fhir_mappings.issues import IssueKind
from fhir_mappings.resources import QuestionnaireResponse
from fhir_mappings.scores import Scores, maximum

_FILLED_IN = frozenset({"completed", "amended"})
_DEPTH = 20


def read_form(form: QuestionnaireResponse, facts: Facts, scores: Scores) -> None:
    """Add the items of one form; answers that are no whole number in range become an issue."""
    if form.status not in _FILLED_IN:
        return
    answers = [(code, answer) for code, answer in _answers(form.item or (), _DEPTH)]
    if not answers:
        return
    if not form.authored:
        facts.log.add(IssueKind.NO_TIME, "QuestionnaireResponse", form.ref)
        return
    at = facts.at(form.authored, None, "QuestionnaireResponse", form.ref)
    if at is None:
        return
    for code, answer in answers:
        value = _whole(answer, maximum(code) or 0)
        if value is None:
            facts.log.add(IssueKind.REFUSED_RANGE, code, form.ref)
        else:
            scores.put(code, value, at.t, form.ref, at.flags)


def _answers(items: tuple[Item, ...], depth: int) -> Iterator[tuple[str, Answer]]:
    """Each answered item of our codes, groups and nested items included."""
    for item in items:
        code = (item.link_id or "").rsplit("/", 1)[-1]
        for answer in item.answer or ():
            if maximum(code) is not None:
                yield code, answer
            if answer.item and depth:
                yield from _answers(answer.item, depth - 1)
        if item.item and depth:
            yield from _answers(item.item, depth - 1)


def _whole(answer: Answer, most: int) -> int | None:
    """A whole number from 0 to `most` (inclusive), however answered; a tick is 1, a limit none."""
    if answer.value_boolean is not None:
        return int(answer.value_boolean)
    value: Decimal | None = answer.value_integer
    if value is None:
        value = answer.value_decimal
    if value is None and answer.value_quantity is not None:
        if answer.value_quantity.comparator:
            return None
        value = answer.value_quantity.value
    if value is None or not value.is_finite() or not 0 <= value <= most:
        return None
    return int(value) if value == value.to_integral_value() else None
