"""Everything that was read of one patient, parsed once, before any evaluation instant is chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from operator import attrgetter
from typing import Any

from fhir_mappings.bundle import KeyRead
from fhir_mappings.conditions import read_condition, read_report, read_test_order
from fhir_mappings.facts import Facts
from fhir_mappings.forms import read_form
from fhir_mappings.issues import DataIssue, IssueKind, IssueLog
from fhir_mappings.medicines import Medications, read_administration, read_medication_order
from fhir_mappings.observations import read_observation
from fhir_mappings.parts import METAS
from fhir_mappings.procedures import read_procedure
from fhir_mappings.reach import core_reach, key_reaches
from fhir_mappings.resources import (
    AnyResource,
    Condition,
    DiagnosticReport,
    Medication,
    MedicationAdministration,
    MedicationRequest,
    Observation,
    OfPatient,
    Patient,
    Procedure,
    QuestionnaireResponse,
    Resource,
    ServiceRequest,
    is_about,
)
from fhir_mappings.scores import Scores
from fhir_mappings.site_codes import NO_SITE_CODES, SiteCodes
from grading.model import DAY, HOUR, NEVER, BirthDate, Dose, Instant, Reach

TIMED = (
    "temperatures",
    "pressures",
    "spo2",
    "flows",
    "fio2",
    "supports",
    "ice",
    "capd",
    "arousal",
    "seizures",
    "signs",
    "opening_pressures",
    "weights",
    "charted_grades",
    "studies",
    "infusions",
    "overlap_signs",
)
"""Kinds of facts that stand at one time, named as in a Snapshot."""
_DATED = (*TIMED, "doses")
_BEDSIDE_WINDOWS = ((("temperatures",), 24), (("pressures",), 12), (("spo2", "supports"), 12))
_NEURO = (("ice", "capd", "arousal"), 24)


@dataclass(frozen=True, slots=True)
class PatientRecord:
    """The facts of one patient's chart, sorted by time; the same for any order of delivery.

    `facts`: by kind, each in order of time, then reference. `unresolved_medications`: references
    that no read resource answers. `unsure_keys`: keys with a record that may be the infusion and
    cannot be used. `wrong_patient`: the Patient that was read has another id.
    `key_reach`: per advertised key, from which instant on it is complete (design.md 7). `reach`:
    the same in the core's terms.
    """

    patient_id: str
    facts: Mapping[str, tuple[Any, ...]]
    labs: Mapping[str, tuple[Any, ...]]
    birth: BirthDate | None
    deceased: bool
    open_refs: frozenset[str]
    issues: tuple[DataIssue, ...]
    wrong_patient: bool = False
    unresolved_medications: tuple[str, ...] = ()
    unsure_keys: tuple[str, ...] = ()
    key_reach: Mapping[str, Instant] = field(default_factory=dict)
    reach: Reach = field(default_factory=Reach)

    def issues_at(self, now: Instant) -> tuple[DataIssue, ...]:
        """What was wrong with the data, sorted; facts after `now` are counted as `future`."""
        log = IssueLog()
        for name in _DATED:
            for fact in reversed(self.facts[name]):
                if start_of(fact) <= now:
                    break
                log.add(IssueKind.FUTURE, fact.ref.partition("/")[0] or name, fact.ref)
        for order in self.facts["orders"]:
            if order.t is not None and order.t > now:
                log.add(IssueKind.FUTURE, order.ref.partition("/")[0] or "orders", order.ref)
        found = (*self.issues, *log.issues())
        return tuple(sorted(found, key=lambda each: (each.kind, each.label)))

    def missing_bedside(self, now: Instant) -> bool:
        """Whether temperature, pressure, oxygen or a neuro check lacks a value that counts."""
        return any(
            not any(self._has(name, now - hours * HOUR, now) for name in names)
            for names, hours in (*_BEDSIDE_WINDOWS, _NEURO)
        )

    def _has(self, name: str, start: Instant, now: Instant) -> bool:
        return any(start <= fact.t <= now for fact in self.facts[name])


def start_of(fact: Any) -> Instant:
    """When a fact begins to hold."""
    start: Instant = fact.start if isinstance(fact, Dose) else fact.t
    return start


# --- building ------------------------------------------------------------------------------------


def build_record(
    reads: Mapping[str, KeyRead],
    patient_id: str,
    zone: tzinfo,
    codes: SiteCodes = NO_SITE_CODES,
) -> PatientRecord:
    """Parse all that was read of `patient_id`; `zone` is for times without one.

    `codes`: what the site's own codes and names mean.
    A key that is not in `reads` was not read. Resources of another patient and broken ones become
    issues; duplicates (type and id) count once. Never raises on patient data.
    """
    facts, scores = Facts(zone, codes), Scores()
    own = _own(_once(reads.values(), facts), patient_id, facts)
    if codes.rows:
        own = {kind: [codes.translated(item) for item in items] for kind, items in own.items()}
    medications = Medications(own.get(Medication, ()))
    for observation in own.get(Observation, ()):
        read_observation(observation, facts, scores)
    for administration in own.get(MedicationAdministration, ()):
        read_administration(administration, medications, facts)
    for order in own.get(MedicationRequest, ()):
        read_medication_order(order, medications, facts)
    for form in own.get(QuestionnaireResponse, ()):
        read_form(form, facts, scores)
    wrong = _read_patients(own.get(Patient, ()), patient_id, facts)
    for kind, reader in _READERS.items():
        for item in own.get(kind, ()):
            reader(item, facts)
    scores.into(facts)
    return _freeze(facts, patient_id, wrong, reads)


ByType = dict[type, list[Any]]
_READERS: Mapping[type, Callable[[Any, Facts], None]] = {
    Condition: read_condition,
    Procedure: read_procedure,
    DiagnosticReport: read_report,
    ServiceRequest: read_test_order,
}


def _once(reads: Iterable[KeyRead], facts: Facts) -> list[AnyResource]:
    """Every resource once; of two versions of one, the newer, else the greater text."""
    named: dict[tuple[type, str], AnyResource] = {}
    nameless: list[AnyResource] = []
    for read in reads:
        for page in read.all_pages():
            facts.log.extend(page.issues)
            for resource in page.resources:
                if not resource.id:
                    nameless.append(resource)
                    continue
                key = (type(resource), resource.id)
                there = named.setdefault(key, resource)
                if there is not resource and there != resource:
                    named[key] = max(there, resource, key=_version)
    return [*named.values(), *nameless]


def _version(resource: Resource) -> tuple[str, str, str]:
    meta = METAS.one(resource.meta)
    updated = (meta.last_updated or "", meta.version_id or "") if meta else ("", "")
    try:
        text = str(resource)
    except RecursionError:
        text = ""
    return (*updated, text)


def _own(resources: Iterable[AnyResource], patient_id: str, facts: Facts) -> ByType:
    """What is of this patient, or of no one, by type; another's is refused with an issue."""
    found: ByType = {}
    mine = f"Patient/{patient_id}"
    for item in resources:
        if isinstance(item, OfPatient):
            subject = item.subject
            named = subject is not None and subject.reference == mine
            if not named and not is_about(subject, patient_id):
                facts.log.add(IssueKind.FOREIGN, type(item).__name__, item.ref)
                continue
        found.setdefault(type(item), []).append(item)
    return found


def is_wrong_patient(resources: Iterable[AnyResource], patient_id: str) -> bool:
    """Whether a Patient among them has another id."""
    return any(item.id != patient_id for item in resources if isinstance(item, Patient))


def _read_patients(patients: Sequence[Patient], patient_id: str, facts: Facts) -> bool:
    """Read the Patient; whether there is another one."""
    for item in patients:
        if item.id == patient_id:
            _read_patient(item, facts)
    return is_wrong_patient(patients, patient_id)


def _read_patient(patient: Patient, facts: Facts) -> None:
    facts.deceased = bool(patient.deceased_boolean or patient.deceased_date_time)
    if patient.birth_date and (found := facts.when(patient.birth_date, "Patient", patient.ref)):
        facts.birth = BirthDate(found.first, found.last + 1 - DAY)


def _freeze(
    facts: Facts,
    patient_id: str,
    wrong: bool,
    reads: Mapping[str, KeyRead],
) -> PatientRecord:
    by_time = attrgetter("t", "ref")
    kinds = {name: tuple(sorted(getattr(facts, name), key=by_time)) for name in TIMED}
    kinds["doses"] = tuple(sorted(facts.doses, key=attrgetter("start", "ref", "drug")))
    kinds["orders"] = tuple(sorted(facts.orders, key=lambda each: (each.key, each.ref)))
    kinds["risks"] = tuple(sorted(facts.risks, key=lambda each: (each.kind, each.ref)))
    keys = key_reaches(reads, facts.zone)
    unsure = tuple(key for key in INFUSION_KEYS if _is_unsure(reads.get(key), facts))
    reach = core_reach(keys)
    return PatientRecord(
        patient_id=patient_id,
        facts=kinds,
        labs={name: tuple(sorted(items, key=by_time)) for name, items in facts.labs.items()},
        birth=facts.birth,
        deceased=facts.deceased,
        open_refs=frozenset(facts.open_refs),
        issues=facts.log.issues(),
        wrong_patient=wrong,
        unresolved_medications=tuple(sorted(facts.unresolved)),
        key_reach=keys,
        reach=replace(reach, infusion=NEVER) if unsure else reach,
        unsure_keys=unsure,
    )


INFUSION_KEYS = ("procedures", "infusions", "given")
"""The keys that can say whether CAR-T was given."""


def _is_unsure(read: KeyRead | None, facts: Facts) -> bool:
    """Whether a key holds a record that may be the infusion and cannot be used."""
    if read is None:
        return False
    return any(
        any(issue.kind is IssueKind.BROKEN for issue in page.issues)
        or (facts.unplaced and any(each.ref in facts.unplaced for each in page.resources))
        for page in read.all_pages()
    )


def keys_short_of(record: PatientRecord, t: Instant) -> tuple[str, ...]:
    """The advertised keys that are not complete from `t` on, in advertised order."""
    return tuple(name for name, reach in record.key_reach.items() if reach > t)
