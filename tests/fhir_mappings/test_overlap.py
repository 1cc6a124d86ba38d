"""What is charted for the IEC-HS check: a clinician's answer, a diagnosis, a report, dialysis."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_mappings.snapshot import build_snapshot
from grading import KNOWLEDGE
from grading.model import OverlapKind, Remark, StudyKind
from tests.builders import condition, finding, ongoing, order_test, procedure, report
from tests.fhir_codes import Resource
from tests.fhir_mappings.reading import NOW_AT, ago, only, problems, record_of

HEMOPHAGOCYTOSIS = OverlapKind.HEMOPHAGOCYTOSIS
BY_TEXT = (Remark.BY_TEXT,)


def kinds(resource: Resource | list[Resource]) -> list[tuple[OverlapKind, tuple[str, ...]]]:
    return [(each.kind, each.flags) for each in record_of(resource).facts["overlap_signs"]]


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (finding("iec-hs-finding", "haemophagocytosis"), [(HEMOPHAGOCYTOSIS, ())]),
        (finding("iec-hs-finding", "worse-inflammation"), [(OverlapKind.WORSE_INFLAMMATION, ())]),
        (finding("iec-hs-finding", "splenomegaly"), [(OverlapKind.SPLENOMEGALY, ())]),
        (finding("iec-hs-finding", "bleeding"), [(OverlapKind.BLEEDING, ())]),
        (finding("iec-hs-finding", "none"), [(OverlapKind.NONE, ())]),
        (
            finding("iec-hs-finding", None, valueCodeableConcept=None, valueBoolean=False),
            [(OverlapKind.NONE, ())],
        ),
        (condition("icd10|D76.1", "5h"), [(HEMOPHAGOCYTOSIS, ())]),
        (condition("snomed|234437005", "5h"), [(HEMOPHAGOCYTOSIS, ())]),
        (condition("icd10|D76.3", "5h"), []),
        (condition("text|Hemophagocytic syndrome", "5h"), [(HEMOPHAGOCYTOSIS, BY_TEXT)]),
        (condition("text|No hemophagocytosis", "5h"), []),
        (condition("icd10|D76.1", "5h", verified="refuted"), []),
        (report("text|Bone marrow", ["snomed|234437005"]), [(HEMOPHAGOCYTOSIS, ())]),
        (report("text|Bone marrow", ["local|haemophagocytosis"]), [(HEMOPHAGOCYTOSIS, ())]),
        (report("text|Bone marrow", ["text|hemophagocytosis"]), [(HEMOPHAGOCYTOSIS, BY_TEXT)]),
        (report("text|Bone marrow", ["local|none"]), []),
        (procedure("text|Hemodialysis"), [(OverlapKind.DIALYSIS, BY_TEXT)]),
        (procedure("text|CRRT", status="stopped"), [(OverlapKind.DIALYSIS, BY_TEXT)]),
        (procedure("text|CRRT", status="not-done"), []),
        (procedure("text|CRRT", status="unknown"), []),
        (procedure("text|CRRT", performedDateTime=None), []),
        (procedure("text|Dialysis catheter insertion"), []),
    ],
)
def test_what_is_charted(resource: Resource | list[Resource], expected: list[Any]) -> None:
    assert kinds(resource) == expected


def test_an_answer_that_is_not_ours_is_an_issue() -> None:
    record = record_of(finding("iec-hs-finding", "text|perhaps"))

    assert record.facts["overlap_signs"] == ()
    assert problems(record) == [("refused-value", "iec-hs-finding")]


def test_dialysis_stands_at_its_end() -> None:
    assert only("overlap_signs", ongoing("text|CRRT", "30h", "5h", status="completed")).t == ago(
        "5h"
    )


def test_dialysis_that_runs_stands_at_the_instant_that_is_looked_at() -> None:
    record = record_of(ongoing("text|CRRT", "30h"))
    [sign] = build_snapshot(record, NOW_AT, KNOWLEDGE.policy).overlap_signs

    assert sign.t == NOW_AT


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("loinc|2276-4", StudyKind.FERRITIN),
        ("loinc|14723-1", StudyKind.FERRITIN),
        ("text|Ferritin level", StudyKind.FERRITIN),
        ("loinc|3255-7", StudyKind.FIBRINOGEN),
        ("text|fibrinogen activity", StudyKind.FIBRINOGEN),
        ("loinc|2571-8", StudyKind.TRIGLYCERIDES),
        ("text|Triglycerides", StudyKind.TRIGLYCERIDES),
        ("loinc|2532-0", StudyKind.LDH),
        ("text|LDH", StudyKind.LDH),
        ("loinc|24323-8", StudyKind.METABOLIC_PANEL),
        ("text|LFTs", StudyKind.METABOLIC_PANEL),
        ("text|Hepatic function panel", StudyKind.METABOLIC_PANEL),
        ("loinc|57021-8", StudyKind.CBC),
        ("loinc|58410-2", StudyKind.CBC),
        ("text|CBC with differential", StudyKind.CBC),
    ],
)
def test_a_laboratory_order_is_recognized(code: str, kind: StudyKind) -> None:
    assert only("orders", order_test(code)).key == kind.value


@pytest.mark.parametrize("code", ["text|Transferrin", "text|Cold agglutinins"])
def test_another_laboratory_order_is_not(code: str) -> None:
    assert record_of(order_test(code)).facts["orders"] == ()
