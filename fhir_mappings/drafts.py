"""Draft orders of an order-select or order-sign call, each recognized as far as it can be.

Drafts are read one by one: a broken one stays in the list as an order that is not recognized.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import NamedTuple

import msgspec

from fhir_mappings.bundle import Entry, read_entries
from fhir_mappings.codes import CodeableConcept
from fhir_mappings.dosages import HowMuch, every_hours, how_much
from fhir_mappings.draft_reasons import kinds_of, prn_reasons, stated_reasons
from fhir_mappings.draft_subjects import is_own
from fhir_mappings.drugs import Recognized
from fhir_mappings.elements import DoseAndRate, Timing
from fhir_mappings.errors import TimeError
from fhir_mappings.facts import Facts
from fhir_mappings.heads import text_of
from fhir_mappings.medications import Medications
from fhir_mappings.medicines import Ordered, what_is_ordered
from fhir_mappings.naming import study_named, wording, words_of
from fhir_mappings.parts import PERIODS, TEXTS, members_of
from fhir_mappings.resources import Condition, Medication, MedicationRequest, ServiceRequest
from fhir_mappings.routes import route_words
from fhir_mappings.selections import chosen, references_of
from fhir_mappings.site_codes import NO_SITE_CODES, SiteCodes
from fhir_mappings.times import read_when
from fhir_mappings.vaccines import vaccine_in
from grading.model import Instant
from grading.order_model import Draft

_ORDERS = frozenset({"MedicationRequest", "ServiceRequest"})
_NO_ORDER = frozenset({"cancelled", "entered-in-error"})
_STOPPED = "stopped"
_IDLE = frozenset({"completed", "on-hold"})


@dataclass(frozen=True, slots=True)
class DraftOrders:
    """The draft orders of one call, in order of delivery.

    `wrong_patient`: an order is of another patient; it is left out. `unresolved`: references to a
    Medication that nothing answers, sorted. `resources`: the JSON of each draft by its reference,
    without those of which two share one. `delivered`: references of all orders, void ones too.
    `ignored`: how many selections name nothing.
    """

    drafts: tuple[Draft, ...] = ()
    wrong_patient: bool = False
    unresolved: tuple[str, ...] = ()
    resources: Mapping[str, bytes] = field(default_factory=dict)
    delivered: frozenset[str] = frozenset()
    ignored: int = 0


class _Around(NamedTuple):
    """What drafts refer to."""

    medications: Medications
    conditions: Mapping[str, Condition]
    facts: Facts


def read_drafts(  # noqa: PLR0913 - the last has a default
    raw: bytes | msgspec.Raw,
    patient_id: str,
    zone: tzinfo,
    selections: Collection[str] | None,
    medications: Iterable[Medication] = (),
    *,
    codes: SiteCodes = NO_SITE_CODES,
    server: str | None = None,
) -> DraftOrders:
    """Read the Bundle of `draftOrders`; never raises, whatever is in it.

    `selections`: what names the orders to check, None: all. `medications`: those that were read
    elsewhere, for references that the Bundle does not answer. `codes`: those of the site.
    `server`: base of the FHIR server that `patient_id` is of; None: not known.
    """
    entries = [_translated(each, codes) for each in read_entries(raw)]
    found = [each.resource for each in entries]
    drugs = [item for item in found if isinstance(item, Medication)]
    around = _Around(
        Medications([*map(codes.medication, medications), *drugs]),
        {item.ref: item for item in found if isinstance(item, Condition)},
        Facts(zone, codes),
    )
    focus = chosen(selections, entries)
    delivered = [*_once(entries)]
    orders = [each for each in delivered if _counts(each)]
    own = [each for each in orders if is_own(each, patient_id, server)]
    drafts = [_draft(each, around, is_focus=focus.has(each)) for each in own]
    return DraftOrders(
        tuple(drafts),
        len(own) < len(orders),
        tuple(sorted(around.facts.unresolved)),
        _by_reference(own, delivered),
        frozenset(ref for each in delivered for ref in references_of(each)),
        focus.ignored,
    )


def _by_reference(own: Iterable[Entry], delivered: Iterable[Entry]) -> dict[str, bytes]:
    """The JSON of orders by reference; of two that share one neither can be told by it."""
    count = Counter(map(_ref, delivered))
    return {_ref(each): each.raw for each in own if _ref(each) and count[_ref(each)] == 1}


def _translated(entry: Entry, codes: SiteCodes) -> Entry:
    if entry.resource is None:
        return entry
    return entry._replace(resource=codes.translated(entry.resource))


def _once(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Orders, each once that is sent twice in the same words."""
    seen = set()
    for each in entries:
        if each.kind in _ORDERS and each.raw not in seen:
            seen.add(each.raw)
            yield each


def _counts(entry: Entry) -> bool:
    return text_of(entry.head.status) not in _NO_ORDER


# --- one draft -----------------------------------------------------------------------------------


def _ref(entry: Entry) -> str:
    return f"{entry.kind}/{entry.id}" if entry.id else ""


def _draft(entry: Entry, around: _Around, *, is_focus: bool) -> Draft:
    """One draft; what cannot be read has its reference and nothing else."""
    resource = entry.resource
    draft = Draft(_ref(entry), "", is_focus)
    if isinstance(resource, MedicationRequest):
        draft = _medicine(draft, resource, around)
    elif isinstance(resource, ServiceRequest):
        draft = _service(draft, resource)
    status = text_of(entry.head.status)
    return draft._replace(stops=draft.stops or status == _STOPPED, idle=status in _IDLE)


def _service(draft: Draft, request: ServiceRequest) -> Draft:
    code = request.code or CodeableConcept()
    return draft._replace(
        text=wording(code),
        study=study_named(code) or "",
        vaccine=vaccine_in(tuple(words_of(code)), ""),
        stops=bool(request.do_not_perform),
    )


def _medicine(draft: Draft, request: MedicationRequest, around: _Around) -> Draft:
    ordered = what_is_ordered(request, around.medications, around.facts)
    named, instruction = ordered.named, ordered.instruction
    doses = [_dose(amounts) for amounts in ordered.amounts]
    reasons = tuple(stated_reasons(request, instruction, around.conditions))
    reference = request.medication_reference
    draft = draft._replace(
        text=named.text,
        ingredients=_names(named.found),
        vaccine=vaccine_in(named.words, route_words(instruction.route)),
        systemic=ordered.passed.systemic,
        intravenous=ordered.passed.intravenous,
        mg=max((dose.mg for dose in doses if dose.mg is not None), default=None),
        mg_per_kg=max(
            (dose.mg_per_kg for dose in doses if dose.mg_per_kg is not None), default=None
        ),
        dose_unclear=_is_unclear(ordered, doses),
        every_h=every_hours(instruction),
        start=_start(instruction.timing or Timing(), around.facts.zone),
        stops=bool(request.do_not_perform),
        has_reason=bool(reasons),
        reasons=kinds_of(reasons) | prn_reasons(instruction.text or ""),
    )
    is_referred = reference is not None and bool(reference.reference)
    unread = is_referred and named.is_unclear and not draft.is_recognized
    return draft._replace(unread=unread)


def _names(found: Recognized) -> tuple[str, ...]:
    """Ingredients, and the classes of what only an ATC prefix tells."""
    return (*found.ingredients, *found.class_keys)


_AMOUNT = re.compile(r"\d\s*(?:mg|mcg|ug|g|ml|units?|tab|cap)", re.IGNORECASE)


def _dose(amounts: Iterable[DoseAndRate]) -> HowMuch:
    """The dose of one instruction: the greatest in mg, else in mg/kg.

    As ordered, as calculated and as drawn up it is the same one, written in several ways.
    """
    written = [(each, how_much(each.dose_quantity)) for each in amounts]
    mg = max((dose.mg for _, dose in written if dose.mg is not None), default=None)
    by_weight = (dose.mg_per_kg for _, dose in written if dose.mg_per_kg is not None)
    mg_per_kg = max(by_weight, default=None) if mg is None else None
    is_other = any(
        dose.is_unclear or dose.ml is not None or bool(members_of(each.dose_range))
        for each, dose in written
    )
    return HowMuch(mg, None, mg_per_kg, is_other and mg is None and mg_per_kg is None)


def _is_unclear(ordered: Ordered, doses: Collection[HowMuch]) -> bool:
    """Whether an amount is written that is neither mg nor mg/kg, or now the one and then the other.

    Of several instructions the greatest dose counts; one that cannot be compared makes it unclear.
    """
    by_mass = {dose.mg is not None for dose in doses if (dose.mg, dose.mg_per_kg) != (None, None)}
    if ordered.is_odd or len(by_mass) > 1 or any(dose.is_unclear for dose in doses):
        return True
    return not by_mass and _AMOUNT.search(ordered.instruction.text or "") is not None


def _start(timing: Timing, zone: tzinfo) -> Instant | None:
    """The first scheduled time: the earliest event, else the start of the bounds."""
    bounds = timing.repeat.bounds_period if timing.repeat else msgspec.Raw()
    times = [at for text in TEXTS.all(timing.event) for at in _when(text, zone)]
    times = times or [at for each in PERIODS.all(bounds) for at in _when(each.start or "", zone)]
    return min(times, default=None)


def _when(text: str, zone: tzinfo) -> tuple[Instant, ...]:
    try:
        return (read_when(text, zone).first,)
    except TimeError:
        return ()
