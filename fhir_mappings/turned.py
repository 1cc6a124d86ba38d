"""Resources that do not mean what they seem to: with a modifier, or of another than the patient."""

from __future__ import annotations

import re

from msgspec.structs import replace

from fhir_mappings.elements import NO_RAW, Reference
from fhir_mappings.issues import IssueKind, IssueLog
from fhir_mappings.parts import REFERENCES, members_of
from fhir_mappings.resources import (
    MedicationAdministration,
    Observation,
    OfPatient,
    Procedure,
    is_about,
)

_TYPED = re.compile(r"(?:^|/)([A-Z][A-Za-z]+)/[^/]+(?:/_history/[^/]+)?$")
_PERSONS = frozenset({"Patient", "RelatedPerson", "Person", "Group", "Practitioner"})
_NOT_GIVEN = frozenset({"not-done", "entered-in-error", "preparation"})
_MAY_BE = "unknown"


def usable(item: OfPatient, patient_id: str, log: IssueLog) -> OfPatient | None:
    """The resource as far as it may be used; None: not at all (noted).

    FHIR forbids to use one with a modifier extension that is not known, and none is. Of what was
    given or done it leaves that it may have been, as a status does that is not known (READ-2).
    """
    if isinstance(item, Observation) and item.focus is not NO_RAW:
        written = members_of(item.focus)
        focus = REFERENCES.all(item.focus)
        if len(focus) < len(written) or not all(_may_be_of(each, patient_id) for each in focus):
            log.add(IssueKind.FOREIGN, "Observation", item.ref)
            return None
    if item.modifier_extension is NO_RAW or not members_of(item.modifier_extension):
        return item
    log.add(IssueKind.REFUSED_VALUE, type(item).__name__, item.ref)
    if isinstance(item, MedicationAdministration | Procedure):
        return item if item.status in _NOT_GIVEN else replace(item, status=_MAY_BE)
    return None


def _may_be_of(focus: Reference, patient_id: str) -> bool:
    """Whether what is observed is the patient, or no person: a device, a part of the body."""
    found = _TYPED.search(focus.reference or "")
    if found is None:
        return False
    return found[1] not in _PERSONS or is_about(focus, patient_id)
