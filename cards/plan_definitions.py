"""The rules as FHIR R4: a PlanDefinition for each hook's rules and a Library of their logic.

The conditions are words (`text/plain`): the logic itself is code, and a reader elsewhere has to
build it anew from the words, the tables and the cases of the rule page. Only rules that are on
under the policy in force are exported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.library import Library
from fhir.resources.R4B.plandefinition import PlanDefinition

from cards.fhir_json import canonical_header, plain
from cards.rule_book import TITLE, RuleBook
from cards.rule_entries import Entry
from grading.knowledge import KNOWLEDGE
from grading.model import Citation, Urgency

_PLAN_TYPE = "http://terminology.hl7.org/CodeSystem/plan-definition-type"
_LIBRARY_TYPE = "http://terminology.hl7.org/CodeSystem/library-type"
_PRIORITIES = {
    Urgency.INFO: "routine",
    Urgency.WARNING: "urgent",
    Urgency.CRITICAL: "stat",
}
"""CDS Hooks indicator to FHIR RequestPriority."""
_LIBRARY = "cart-toxicity-logic"
_ON = ("on", "unverified, turned on")


class _Plan(NamedTuple):
    """What one PlanDefinition is about."""

    id: str
    name: str
    title: str
    hooks: tuple[str, ...]


_CRS = _Plan("crs-management", "CartCrsManagement", "CRS after CAR-T: options", ("patient-view",))
_ICANS = _Plan(
    "icans-management", "CartIcansManagement", "ICANS after CAR-T: options", ("patient-view",)
)
_IEC_HS = _Plan(
    "iec-hs-overlap", "CartIecHsOverlap", "IEC-HS after CAR-T: options", ("patient-view",)
)
_ORDERS = _Plan(
    "order-checks",
    "CartOrderChecks",
    "Orders after CAR-T: checks",
    ("order-select", "order-sign"),
)


def rule_bundle(book: RuleBook, base: str) -> dict[str, Any]:
    """All of them in one Bundle; `base`: base of the canonical URLs."""
    members = [_library(book, base)]
    members += [_plan(book, base, plan, rules) for plan, rules in _plans().items()]
    entries = [{"fullUrl": member["url"], "resource": member} for member in members]
    body = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    return plain(Bundle.model_validate(body))


def _plans() -> Mapping[_Plan, Mapping[str, Urgency]]:
    by_syndrome: dict[str, dict[str, Urgency]] = {"crs": {}, "icans": {}, "iec-hs": {}}
    for rule in KNOWLEDGE.rules.values():
        by_syndrome[rule.syndrome][rule.id] = rule.indicator
    orders = {rule.id: rule.indicator for rule in KNOWLEDGE.order_rules.values()}
    return {
        _CRS: by_syndrome["crs"],
        _ICANS: by_syndrome["icans"],
        _IEC_HS: by_syndrome["iec-hs"],
        _ORDERS: orders,
    }


def _library(book: RuleBook, base: str) -> dict[str, Any]:
    body = {
        "resourceType": "Library",
        **canonical_header(base, "Library", _LIBRARY, "CartToxicityLogic"),
        "title": TITLE,
        "description": "Grading tables, parameters and conditions stand on the rule page of the "
        "service, each beside its source and its code.",
        "type": {"coding": [{"system": _LIBRARY_TYPE, "code": "logic-library"}]},
        "relatedArtifact": [_citation(item) for item in book.sources],
    }
    return plain(Library.model_validate(body))


def _plan(book: RuleBook, base: str, plan: _Plan, rules: Mapping[str, Urgency]) -> dict[str, Any]:
    on = {rule: book.entries[rule] for rule in rules if book.entries[rule].state.startswith(_ON)}
    cited = {item.id: item for entry in on.values() for item in entry.cites}
    body = {
        "resourceType": "PlanDefinition",
        **canonical_header(base, "PlanDefinition", plan.id, plan.name),
        "title": plan.title,
        "type": {"coding": [{"system": _PLAN_TYPE, "code": "eca-rule"}]},
        "library": [f"{base}/Library/{_LIBRARY}"],
        "relatedArtifact": [_citation(item) for item in cited.values()],
        "action": [_action(entry, rules[rule], plan.hooks) for rule, entry in on.items()],
    }
    return plain(PlanDefinition.model_validate(body))


def _action(entry: Entry, indicator: Urgency, hooks: Iterable[str]) -> dict[str, Any]:
    documentation = {"documentation": [_citation(item) for item in entry.cites]}
    return {
        "id": entry.id,
        "title": entry.id,
        "description": " ".join(entry.says),
        "textEquivalent": "; ".join(entry.yields),
        "priority": _PRIORITIES[indicator],
        "code": [{"text": f"CDS Hooks indicator: {indicator}"}],
        "trigger": [{"type": "named-event", "name": hook} for hook in hooks],
        "condition": [
            {
                "kind": "applicability",
                "expression": {
                    "description": "The condition in words; its code stands on the rule page.",
                    "language": "text/plain",
                    "expression": entry.when,
                },
            }
        ],
        **(documentation if entry.cites else {}),
    }


def _citation(item: Citation) -> dict[str, Any]:
    """A source with its year and link, and what kind of evidence it is."""
    found = {"type": "citation", "label": item.tag, "display": item.label, "citation": item.label}
    return {**found, "url": item.url} if item.url else found
