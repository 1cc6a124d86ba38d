"""Tests as ordered: what a rule may suggest and what is on its way (READ-8)."""

from __future__ import annotations

from fhir_mappings.facts import Facts
from fhir_mappings.naming import labs_named, study_named, wording
from fhir_mappings.resources import ServiceRequest
from grading.model import LAB, Order, Study

_OPEN_ORDERS = frozenset({"active", "on-hold", "draft"})
_PLANNED = frozenset({"proposal", "plan"})


def read_test_order(request: ServiceRequest, facts: Facts) -> None:
    """An open order for tests that a rule may suggest; a completed one is a test that was done."""
    if request.code is None or request.do_not_perform:
        return
    kind = study_named(request.code)
    labs = labs_named(request.code) if kind is None else ()
    if kind is None and not labs:
        return
    found = None
    if request.authored_on:
        found = facts.at(request.authored_on, None, "ServiceRequest", request.ref)
    if kind is not None and request.status == "completed" and found is not None:
        facts.studies.append(Study(found.t, kind, request.ref))
    if request.status not in _OPEN_ORDERS:
        return
    draft = request.status == "draft" or request.intent in _PLANNED
    keys = [kind.value] if kind is not None else [f"{LAB}{name}" for name in labs]
    facts.orders += [
        Order(
            key,
            found.t if found else None,
            request.ref,
            draft=draft,
            text=wording(request.code),
            on_hold=request.status == "on-hold",
        )
        for key in keys
    ]
