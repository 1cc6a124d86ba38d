"""What is charted for the IEC-HS check and never derived: findings, diagnoses, dialysis."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fhir_mappings.answers import OVERLAP
from fhir_mappings.codes import SHIPPED, CodeableConcept
from fhir_mappings.facts import At, Facts
from fhir_mappings.issues import IssueKind
from fhir_mappings.naming import pairs_of, wording, words_of
from grading.model import OverlapKind, OverlapSign

if TYPE_CHECKING:
    from fhir_mappings.values import Part

OVERLAP_QUESTION = "obs.iec_hs"
DIAGNOSED = "cond.hlh_iechs"
_DIALYSIS = re.compile(
    r"\bha?emodialy|\bdialysis\b|renal replacement|\bcrrt\b|\bcvvh|\bha?emo(?:dia)?filtration",
    re.IGNORECASE,
)
_NO_DIALYSIS = re.compile(
    r"catheter|access|fistula|shunt|remov|educat|discontin|consult", re.IGNORECASE
)


def read_overlap_answer(part: Part) -> None:
    """Add what a clinician charted to our own question; its absence where the value says no."""
    kinds = {OVERLAP[pair] for pair in part.answers() if pair in OVERLAP}
    if part.value.value_boolean is False:
        kinds = {OverlapKind.NONE}
    if not kinds:
        part.facts.log.add(IssueKind.REFUSED_VALUE, "iec-hs-finding", part.ref)
    part.facts.overlap_signs += [
        OverlapSign(part.at.t, kind, part.words(), part.ref, part.flags, part.other_cause)
        for kind in sorted(kinds)
    ]


def add_diagnosis(concept: CodeableConcept, at: At, ref: str, facts: Facts) -> None:
    """Add hemophagocytosis as a Condition or a conclusion names it, by code or in words.

    One in words carries its mark, since it is shown and never counted.
    """
    pairs = [pair for pair in pairs_of(concept) if DIAGNOSED in SHIPPED.of_code(*pair)]
    if pairs and all(SHIPPED.attribute(*pair, "other") for pair in pairs):
        return
    kind = OverlapKind.HEMOPHAGOCYTOSIS
    facts.overlap_signs.append(OverlapSign(at.t, kind, wording(concept), ref, at.flags))


def add_conclusion(concept: CodeableConcept, at: At, ref: str, facts: Facts) -> None:
    """Add the answers of our CodeSystem that a report concludes with; `none` tells nothing."""
    kinds = {OVERLAP[pair] for pair in pairs_of(concept) if pair in OVERLAP}
    facts.overlap_signs += [
        OverlapSign(at.t, kind, wording(concept), ref, at.flags)
        for kind in sorted(kinds - {OverlapKind.NONE})
    ]


def is_dialysis(concept: CodeableConcept) -> bool:
    """Whether a Procedure is dialysis by its words: no code for it was verified."""
    return any(
        _DIALYSIS.search(text) and not _NO_DIALYSIS.search(text) for text in words_of(concept)
    )
