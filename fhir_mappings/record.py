"""Everything that was read of one patient, parsed once, before any evaluation instant is chosen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from operator import attrgetter
from typing import Any

from fhir_mappings.conditions import read_condition, read_report
from fhir_mappings.facts import Facts
from fhir_mappings.forms import read_form
from fhir_mappings.issues import DataIssue, IssueKind, IssueLog
from fhir_mappings.medications import Medications
from fhir_mappings.medicines import read_administration, read_medication_order
from fhir_mappings.observations import read_observation
from fhir_mappings.ordered_tests import read_test_order
from fhir_mappings.owned import is_wrong_patient, once, own_of
from fhir_mappings.pages import KeyRead, Page
from fhir_mappings.procedures import read_procedure
from fhir_mappings.reach import core_reach, key_reaches
from fhir_mappings.resources import (
    Condition,
    DiagnosticReport,
    Medication,
    MedicationAdministration,
    MedicationRequest,
    Observation,
    Patient,
    Procedure,
    QuestionnaireResponse,
    ServiceRequest,
)
from fhir_mappings.scores import Scores
from fhir_mappings.site_codes import NO_SITE_CODES, SiteCodes
from fhir_mappings.times import When
from grading.age import full_years
from grading.knowledge import Policy
from grading.model import ALWAYS, DAY, HOUR, NEVER, BirthDate, Dose, Instant, Missing, Reach

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
_OLDEST = 120
"""Completed years that a patient may have (IN-21, inclusive)."""


@dataclass(frozen=True, slots=True)
class PatientRecord:
    """The facts of one patient's chart, sorted by time; the same for any order of delivery.

    `facts`: by kind, each in order of time, then reference. `unresolved_medications`: references
    that no read resource answers. `unsure_keys`: keys with a record that may be the infusion and
    cannot be used. `vague_infusions`: when one may have been of which only the month or year is
    told, and no other record stands in it. `until`: by reference, the last instant of a dose of
    which only that is told. `oxygen_refused`: when a device, flow or FiO2 was charted that cannot
    be used. `wrong_patient`: the Patient that was read has another id.
    `key_reach`: per advertised key, from which instant on it is complete (design.md 7). `reach`:
    the same in the core's terms.
    """

    patient_id: str
    facts: Mapping[str, tuple[Any, ...]]
    labs: Mapping[str, tuple[Any, ...]]
    birth: BirthDate | None
    died: Instant | None
    open_refs: frozenset[str]
    issues: tuple[DataIssue, ...]
    wrong_patient: bool = False
    unresolved_medications: tuple[str, ...] = ()
    unsure_keys: tuple[str, ...] = ()
    vague_infusions: tuple[When, ...] = ()
    until: Mapping[str, Instant] = field(default_factory=dict)
    oxygen_refused: tuple[Instant, ...] = ()
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
        patient = f"Patient/{self.patient_id}"
        if self.died is not None and self.died > now:
            log.add(IssueKind.FUTURE, "Patient", patient)
        if self.birth is not None and self.birth_at(now) is None:
            log.add(IssueKind.REFUSED_RANGE, Missing.AGE, patient)
        for order in self.facts["orders"]:
            if order.t is not None and order.t > now:
                log.add(IssueKind.FUTURE, order.ref.partition("/")[0] or "orders", order.ref)
        found = (*self.issues, *log.issues())
        return tuple(sorted(found, key=lambda each: (each.kind, each.label)))

    def birth_at(self, now: Instant) -> BirthDate | None:
        """The birth date where it gives an age that can be (IN-21); None: it is not known."""
        if self.birth is None or self.birth.earliest > now:
            return None
        return self.birth if full_years(self.birth.latest, now) <= _OLDEST else None

    def missing_bedside(self, now: Instant, policy: Policy) -> bool:
        """Whether temperature, pressure, oxygen or a neuro check lacks a value that counts."""
        windows = (
            (("temperatures",), policy.fever_window_h),
            (("pressures",), policy.bp_window_h),
            (("spo2", "supports"), policy.oxygen_window_h),
            (("ice", "capd", "arousal"), policy.neuro_window_h),
        )
        return not all(self._has(names, now - hours * HOUR, now) for names, hours in windows)

    def missing_oxygen(self, now: Instant, policy: Policy) -> bool:
        """Whether nothing says what the patient breathes, so that room air is assumed (DEF-8)."""
        start = now - policy.room_air_assume_h * HOUR
        return not self._has(("supports", "flows", "fio2"), start, now)

    def _has(self, names: Iterable[str], start: Instant, now: Instant) -> bool:
        return any(start <= fact.t <= now for name in names for fact in self.facts[name])


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
    own = own_of(once(reads.values(), facts), patient_id, facts)
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


_READERS: Mapping[type, Callable[[Any, Facts], None]] = {
    Condition: read_condition,
    Procedure: read_procedure,
    DiagnosticReport: read_report,
    ServiceRequest: read_test_order,
}


def _read_patients(patients: Sequence[Patient], patient_id: str, facts: Facts) -> bool:
    """Read the Patient; whether there is another one."""
    for item in patients:
        if item.id == patient_id:
            _read_patient(item, facts)
    return is_wrong_patient(patients, patient_id)


def _read_patient(patient: Patient, facts: Facts) -> None:
    if patient.deceased_boolean:
        facts.died = ALWAYS
    if patient.deceased_date_time:
        died = facts.when(patient.deceased_date_time, "Patient", patient.ref)
        facts.died = ALWAYS if died is None else died.first
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
    keys = key_reaches(reads, patient_id, facts.zone)
    unsure = _keys_with(reads, lambda page: _is_unsure(page, facts))
    vague = [(ref, when) for ref, when in facts.vague if not _has_infusion(facts, when)]
    refs = {ref for ref, _ in vague}
    reach = core_reach(keys)
    return PatientRecord(
        patient_id=patient_id,
        facts=kinds,
        labs={name: tuple(sorted(items, key=by_time)) for name, items in facts.labs.items()},
        birth=facts.birth,
        died=facts.died,
        open_refs=frozenset(facts.open_refs),
        issues=facts.log.issues(),
        wrong_patient=wrong,
        unresolved_medications=tuple(sorted(facts.unresolved)),
        key_reach=keys,
        reach=replace(reach, infusion=NEVER) if unsure else reach,
        unsure_keys=unsure or _keys_with(reads, lambda page: _holds(page, refs)),
        vague_infusions=tuple(sorted(when for _, when in vague)),
        until=facts.until,
        oxygen_refused=tuple(sorted(facts.oxygen_refused)),
    )


INFUSION_KEYS = ("procedures", "infusions", "given")
"""The keys that can say whether CAR-T was given."""


def _keys_with(reads: Mapping[str, KeyRead], holds: Callable[[Page], bool]) -> tuple[str, ...]:
    """The keys that can hold the infusion, and of which a page holds what is asked for."""
    found = {key: reads[key].all_pages() for key in INFUSION_KEYS if key in reads}
    return tuple(key for key, pages in found.items() if any(map(holds, pages)))


def _is_unsure(page: Page, facts: Facts) -> bool:
    """Whether a page holds a record that may be the infusion and cannot be used."""
    is_broken = any(issue.kind is IssueKind.BROKEN for issue in page.issues)
    return is_broken or _holds(page, facts.unplaced)


def _holds(page: Page, refs: Collection[str]) -> bool:
    return bool(refs) and any(each.ref in refs for each in page.resources)


def _has_infusion(facts: Facts, when: When) -> bool:
    """Whether a record that is placed is the one of which another tells the month or year."""
    return any(when.first <= infusion.t <= when.last for infusion in facts.infusions)


def keys_short_of(record: PatientRecord, t: Instant) -> tuple[str, ...]:
    """The advertised keys that are not complete from `t` on, in advertised order."""
    return tuple(name for name, reach in record.key_reach.items() if reach > t)
