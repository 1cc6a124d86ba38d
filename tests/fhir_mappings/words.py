"""What is read of sentences: the findings that grade, and short names for them."""

from __future__ import annotations

from typing import Any

from grading.model import SeizureKind, SignKind
from tests.fhir_mappings.reading import record_of

WEAK, EDEMA, DIFFUSE = (
    SignKind.MOTOR_WEAKNESS,
    SignKind.EDEMA_EXTENT_UNKNOWN,
    SignKind.DIFFUSE_EDEMA,
)
FIT, STATUS = SeizureKind.UNSPECIFIED, SeizureKind.PROLONGED
OPEN = "unconfirmed"


def graded(*resources: Any) -> list[Any]:
    """Seizures, signs and syndromes that are read; a supposed one as a pair with "unconfirmed"."""
    facts = record_of(*resources).facts
    found = [*facts["seizures"], *facts["signs"]]
    kinds = [each.kind if each.is_certain else (each.kind, OPEN) for each in found]
    return [*kinds, *(each.syndrome for each in facts["charted_grades"])]
