"""The few elements of each FHIR resource that are read, as typed structs.

Elements that servers get wrong and that a fact can do without (`dosage`, `category`, extensions)
stay raw and are read where they are needed, so that an odd one never costs the whole resource.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec

from fhir_mappings.codes import CodeableConcept
from fhir_mappings.elements import (
    NO_RAW,
    Component,
    Element,
    Ingredient,
    Item,
    OutcomeIssue,
    Period,
    Quantity,
    Reference,
    Written,
)


class Resource(Element, tag_field="resourceType"):
    """What every resource has; `id` is empty where the sender gave none."""

    id: str = ""
    meta: msgspec.Raw = NO_RAW
    extension: msgspec.Raw = NO_RAW

    @property
    def ref(self) -> str:
        """The relative FHIR reference; empty without an id."""
        return f"{type(self).__name__}/{self.id}" if self.id else ""


class Patient(Resource, tag="Patient"):
    """The patient: birth and death."""

    birth_date: str | None = None
    deceased_boolean: bool | None = None
    deceased_date_time: str | None = None


_PATIENT = re.compile(r"(?:^|/)Patient/([^/|]+)")


def is_about(subject: Reference | None, patient_id: str) -> bool:
    """Whether a subject is this patient, or no one that is named by a literal reference."""
    reference = subject.reference if subject is not None else None
    if not reference or reference == f"Patient/{patient_id}":
        return True
    found = _PATIENT.search(reference)
    return found is not None and found[1] == patient_id


def unversioned(reference: str) -> str:
    """A reference without the version that it names: "Medication/x/_history/1" is Medication/x."""
    return reference.split("/_history/", maxsplit=1)[0]


class OfPatient(Resource):
    """A resource about one patient.

    `modifier_extension`: what may turn the meaning of all the rest round.
    """

    subject: Reference | None = None
    modifier_extension: msgspec.Raw = NO_RAW


_CONCEPT: msgspec.json.Decoder[CodeableConcept | None] = msgspec.json.Decoder(
    CodeableConcept | None
)
_LONGEST_KEPT = 2_000
"""Bytes of a concept that is remembered, so that what is kept stays small."""


def with_concepts(observation: Observation) -> None:
    """Decode the codes of an Observation and of its components, in place, each wording once.

    Raises:
        msgspec.ValidationError: one of them is no CodeableConcept.
    """
    if observation.code is not None:
        observation.code = _concept(observation.code)
    for component in observation.component or ():
        if component.code is not None:
            component.code = _concept(component.code)


def _concept(written: Any) -> CodeableConcept | None:
    text = bytes(written)
    return _CONCEPT.decode(text) if len(text) > _LONGEST_KEPT else _kept_concept(text)


_kept_concept = lru_cache(maxsize=8192)(_CONCEPT.decode)


class Observation(OfPatient, tag="Observation"):
    """A measurement, score or finding.

    `focus`: what it is of, where that is not the patient in whose chart it stands.
    """

    focus: msgspec.Raw = NO_RAW
    status: str | None = None
    code: Written = None
    effective_date_time: str | None = None
    effective_instant: str | None = None
    effective_period: Period | None = None
    issued: str | None = None
    value_quantity: Quantity | None = None
    value_codeable_concept: CodeableConcept | None = None
    value_integer: Decimal | None = None
    value_string: str | None = None
    value_boolean: bool | None = None
    data_absent_reason: msgspec.Raw = NO_RAW
    value_range: msgspec.Raw = NO_RAW
    value_ratio: msgspec.Raw = NO_RAW
    value_sampled_data: msgspec.Raw = NO_RAW
    value_time: msgspec.Raw = NO_RAW
    value_date_time: msgspec.Raw = NO_RAW
    value_period: msgspec.Raw = NO_RAW
    component: tuple[Component, ...] | None = None
    category: msgspec.Raw = NO_RAW
    method: msgspec.Raw = NO_RAW
    reference_range: msgspec.Raw = NO_RAW


class MedicationAdministration(OfPatient, tag="MedicationAdministration"):
    """A medicine as given."""

    status: str | None = None
    medication_codeable_concept: CodeableConcept | None = None
    medication_reference: Reference | None = None
    effective_date_time: str | None = None
    effective_period: Period | None = None
    dosage: msgspec.Raw = NO_RAW
    contained: msgspec.Raw = NO_RAW


class MedicationRequest(OfPatient, tag="MedicationRequest"):
    """A medicine as ordered."""

    status: str | None = None
    intent: str | None = None
    do_not_perform: bool | None = None
    medication_codeable_concept: CodeableConcept | None = None
    medication_reference: Reference | None = None
    authored_on: str | None = None
    dosage_instruction: msgspec.Raw = NO_RAW
    contained: msgspec.Raw = NO_RAW
    reason_code: msgspec.Raw = NO_RAW
    reason_reference: msgspec.Raw = NO_RAW


class Medication(Resource, tag="Medication"):
    """What a reference to a medicine points at; `full_url` is that of its Bundle entry."""

    code: CodeableConcept | None = None
    ingredient: tuple[Ingredient, ...] | None = None
    full_url: str | None = None


class Procedure(OfPatient, tag="Procedure"):
    """Something that was done, at a time or over a period."""

    status: str | None = None
    code: CodeableConcept | None = None
    performed_date_time: str | None = None
    performed_period: Period | None = None
    reason_code: msgspec.Raw = NO_RAW


class Condition(OfPatient, tag="Condition"):
    """A diagnosis or problem."""

    code: CodeableConcept | None = None
    clinical_status: msgspec.Raw = NO_RAW
    verification_status: msgspec.Raw = NO_RAW
    category: msgspec.Raw = NO_RAW
    onset_date_time: str | None = None
    onset_period: Period | None = None
    onset_age: msgspec.Raw = NO_RAW
    onset_range: msgspec.Raw = NO_RAW
    onset_string: msgspec.Raw = NO_RAW
    abatement_date_time: str | None = None
    abatement_period: Period | None = None
    abatement_age: msgspec.Raw = NO_RAW
    abatement_range: msgspec.Raw = NO_RAW
    abatement_string: msgspec.Raw = NO_RAW
    recorded_date: str | None = None


class DiagnosticReport(OfPatient, tag="DiagnosticReport"):
    """A report with coded conclusions; free text is not read."""

    status: str | None = None
    code: CodeableConcept | None = None
    effective_date_time: str | None = None
    effective_period: Period | None = None
    issued: str | None = None
    conclusion_code: msgspec.Raw = NO_RAW


class ServiceRequest(OfPatient, tag="ServiceRequest"):
    """A test as ordered."""

    status: str | None = None
    intent: str | None = None
    do_not_perform: bool | None = None
    code: CodeableConcept | None = None
    authored_on: str | None = None


class QuestionnaireResponse(OfPatient, tag="QuestionnaireResponse"):
    """A form as filled in."""

    status: str | None = None
    authored: str | None = None
    item: tuple[Item, ...] | None = None


class OperationOutcome(Resource, tag="OperationOutcome"):
    """What a server says of a read that went wrong, or only partly well."""

    issue: tuple[OutcomeIssue, ...] | None = None


AnyResource = (
    Observation
    | MedicationAdministration
    | MedicationRequest
    | Condition
    | Procedure
    | DiagnosticReport
    | ServiceRequest
    | QuestionnaireResponse
    | Patient
    | Medication
    | OperationOutcome
)
TYPES: frozenset[str] = frozenset(kind.__name__ for kind in AnyResource.__args__)
"""The resource types that are read; every other one is passed over."""
