"""Procedures: the CAR-T infusion, ventilation and other support, tests that were done."""

from __future__ import annotations

import re

from fhir_mappings.answers import DEVICES
from fhir_mappings.codes import SHIPPED, CodeableConcept, canonical
from fhir_mappings.facts import Facts, is_other_cause
from fhir_mappings.issues import IssueKind
from fhir_mappings.naming import study_named, wording, words_of
from fhir_mappings.overlap import is_dialysis
from fhir_mappings.parts import CONCEPTS
from fhir_mappings.products import (
    cart_product,
    coded_products,
    may_be_procedure,
    procedure_product,
)
from fhir_mappings.resources import Procedure
from fhir_mappings.support_words import is_supposed, support_named
from fhir_mappings.times import When
from grading.model import (
    Device,
    Instant,
    OverlapKind,
    OverlapSign,
    Remark,
    Study,
    Support,
)

_DONE = frozenset({"completed", "in-progress"})
_STOPPED = "stopped"
_NEVER_DONE = frozenset({"not-done", "entered-in-error", "preparation"})
_PREPARATION = "proc.cart_collection_prep"
_INFUSION = "proc.cart_infusion"
_NOT_FOR_HYPOXIA = re.compile(
    r"protect\w*[^.]{0,20}airway|airway[^.]{0,20}protect|\bprocedur", re.IGNORECASE
)


def read_procedure(procedure: Procedure, facts: Facts) -> None:
    """Add what one Procedure says; only done, running and stopped ones count.

    A CAR-T infusion counts where it is done or running (READ-9); one that may have been is noted.
    """
    concept = procedure.code
    if concept is None or procedure.status in _NEVER_DONE:
        return
    if is_dialysis(concept):
        _dialysis(procedure, facts)
        return
    products = _infused(concept)
    is_prepared = _PREPARATION in SHIPPED.concepts(concept)
    if not products and not is_prepared and any(map(may_be_procedure, words_of(concept))):
        facts.unplaced.add(procedure.ref)
    _read_done(procedure, concept, products, facts)


def _read_done(
    procedure: Procedure, concept: CodeableConcept, products: tuple[str, ...], facts: Facts
) -> None:
    counts = procedure.status in {*_DONE, _STOPPED}
    device, study = _device(concept), study_named(concept)
    if not products and (not counts or (device is None and study is None)):
        return
    start, end = _times(procedure, facts)
    if products and (start is None or procedure.status not in _DONE):
        facts.unplaced.add(procedure.ref)
    if start is None or not counts:
        return
    if procedure.status in _DONE:
        for product in products:
            facts.infused(start, product or None, "Procedure", procedure.ref)
    if device is not None:
        _support(procedure, device, start, end, facts)
    if study is not None:
        facts.studies.append(Study(start.first, study, procedure.ref))


def _infused(concept: CodeableConcept) -> tuple[str, ...]:
    """Products of a CAR-T infusion, an empty one where it has no name; none: it is none.

    Two that are named make the product unknown (READ-9), so both are kept.
    """
    found = set(SHIPPED.concepts(concept))
    if _PREPARATION in found:
        return ()
    if coded := coded_products((concept,)):
        return coded
    if _INFUSION in found:
        return (cart_product(wording(concept)) or "",)
    named = (procedure_product(text) for text in words_of(concept))
    return tuple(dict.fromkeys(product for product in named if product is not None))


def _device(concept: CodeableConcept) -> Device | None:
    """The device or mode of ventilation, by code, else by words that name a support."""
    for coding in concept.coding:
        pair = canonical(coding.system, coding.code)
        if pair in DEVICES:
            return DEVICES[pair]
    named = map(support_named, words_of(concept))
    return next((device for device in named if device is not None), None)


def _times(procedure: Procedure, facts: Facts) -> tuple[When | None, When | None]:
    """Start and charted end; an issue where there is no start."""
    period = procedure.performed_period
    ref = procedure.ref
    if procedure.performed_date_time:
        return facts.when(procedure.performed_date_time, "Procedure", ref), None
    if period is None or not (period.start or period.end):
        facts.log.add(IssueKind.NO_TIME, "Procedure", ref)
        return None, None
    start = facts.when(period.start or period.end or "", "Procedure", ref)
    end = facts.when(period.end, "Procedure", ref) if period.end else None
    return start, end


def _dialysis(procedure: Procedure, facts: Facts) -> None:
    """Dialysis stands at its end; while it runs, at whatever instant is looked at (IECHS-3)."""
    if procedure.status not in {*_DONE, _STOPPED}:
        return
    start, end = _times(procedure, facts)
    if start is None:
        return
    if end is None and procedure.status == "in-progress":
        facts.open_refs.add(procedure.ref)
    at = start.first if end is None else end.last
    text = wording(procedure.code or CodeableConcept())
    flags = (Remark.BY_TEXT,)
    facts.overlap_signs.append(OverlapSign(at, OverlapKind.DIALYSIS, text, procedure.ref, flags))


def _support(
    procedure: Procedure, device: Device, start: When, end: When | None, facts: Facts
) -> None:
    """A period runs to its end; open it runs on while the procedure is in progress (READ-6)."""
    running = procedure.status == "in-progress"
    has_period = procedure.performed_period is not None
    interval = (has_period and (end is not None or running)) or running
    stop: Instant | None = end.last if end is not None else None
    concept = procedure.code or CodeableConcept()
    text = wording(concept) or device.value
    flags = (Remark.DATE_ONLY,) if start.date_only else ()
    if device is Device.UNRECOGNIZED and any(map(is_supposed, words_of(concept))):
        flags = (*flags, Remark.UNCONFIRMED)
    facts.supports.append(
        Support(
            start.first,
            device,
            text,
            procedure.ref,
            interval=interval,
            end=stop,
            airway_only=_is_airway_only(procedure),
            flags=flags,
            other_cause=is_other_cause(procedure),
            procedure=True,
        )
    )


def _is_airway_only(procedure: Procedure) -> bool:
    """Whether every reason that is given says that it was not for hypoxia (DEF-15)."""
    reasons = CONCEPTS.all(procedure.reason_code)
    return bool(reasons) and all(
        any(_NOT_FOR_HYPOXIA.search(text) for text in words_of(reason)) for reason in reasons
    )
