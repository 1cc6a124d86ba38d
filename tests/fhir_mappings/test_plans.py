"""Plans, risks, relatives and lists: where their reach ends, and what they leave in doubt."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_mappings.denial import clauses_of
from grading.model import SignKind
from tests.builders import condition, finding, report
from tests.fhir_mappings.reading import problems, record_of
from tests.fhir_mappings.words import DIFFUSE, EDEMA, FIT, OPEN, STATUS, WEAK, graded


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("PRN lorazepam given for seizure", [FIT]),
        ("PRN lorazepam for seizure given at 0800", [FIT]),
        ("Lorazepam given PRN for seizure", [FIT]),
        ("Lorazepam PRN for seizure", []),
        ("PRN lorazepam to be given for seizure", []),
        ("Patient on prophylactic Keppra had seizure at 0400", [FIT]),
        ("Keppra increased for seizure today", [FIT]),
        ("Keppra started for seizure today", [FIT]),
        ("Keppra for seizures", []),
        ("Keppra given for seizure prophylaxis", []),
        ("Patient had no aura before seizure", [FIT]),
        ("Patient had no seizure", []),
        ("Patient evaluated for new left hemiparesis", [WEAK]),
        ("Patient evaluated for stroke", []),
        ("Evaluate for new left hemiparesis", [(WEAK, OPEN)]),
        ("Evaluate for left hemiparesis", [(WEAK, OPEN)]),
        ("Evaluate for hemiparesis", []),
        ("Monitoring for left hemiparesis", [(WEAK, OPEN)]),
        ("Monitor for new seizures", []),
        ("Monitor for seizures given high risk", []),
        ("ICU monitoring for cytokine release syndrome grade 3", ["crs"]),
        ("Monitoring for cytokine release syndrome", []),
        ("R/O stroke - left hemiparesis", [WEAK]),
        ("R/O - left hemiparesis", []),
        ("R/O stroke - hemiparesis", []),
        ("Hypertonic saline to prevent herniation from diffuse cerebral edema", [DIFFUSE]),
        ("At risk for herniation given diffuse cerebral edema", [DIFFUSE]),
        ("Prevent seizures from fever", []),
        ("Unclear if seizure", [(FIT, OPEN)]),
        ("Unsure if seizure", [(FIT, OPEN)]),
        ("Call if seizure", []),
        ("If patient had seizures call neurology", []),
        ("Prophylaxis given for seizures", []),
        ("PRN lorazepam not given for seizure", []),
        ("Status epilepticus protocol initiated", [STATUS]),
        ("Status epilepticus protocol", []),
        ("icd10|D89.832 text|Cytokine release syndrome protocol", ["crs"]),
        ("icd10|D89.832 text|Cytokine release syndrome monitoring and treatment", ["crs"]),
        ("Cytokine release syndrome monitoring and treatment", ["crs"]),
        ("Cytokine release syndrome protocol", []),
        ("icd10|D89.832 text|Risk of cytokine release syndrome", []),
    ],
)
def test_a_plan_ends_at_what_was_done_or_happened(words: str, found: list[Any]) -> None:
    code = words if "text|" in words else f"text|{words}"

    assert graded(condition(code, onset="2h")) == found


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Recommend neurosurgery evaluation for diffuse cerebral edema", [(DIFFUSE, OPEN)]),
        ("Evaluation for cerebral edema", []),
        ("Evaluation for diffuse cerebral edema: none", []),
        ("Evaluate for new cerebral edema. Findings: no edema", []),
    ],
)
def test_what_an_image_is_evaluated_for(words: str, found: list[Any]) -> None:
    signs = graded(report("mri-brain", [f"text|{words}"]))

    assert [each for each in signs if each is not SignKind.ICP_NONE] == found


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Mother with patient when seizure occurred", [FIT]),
        ("Wife and brother with patient during seizure", [FIT]),
        ("Mother with seizures", []),
        ("Mother has video of seizure", [FIT]),
        ("Mother has seizures", []),
        ("Mother with seizures when young", []),
        ("Mother with her during seizure", [FIT]),
        ("Seizure in the mother's arms", [FIT]),
        ("Seizures in mother's family", []),
        ("Family history: brother had seizures", []),
        ("FH: mother had seizures", []),
        ("Family history of lymphoma with seizure", []),
        ("Family history of lymphoma, status epilepticus", []),
    ],
)
def test_relatives_who_saw_it_and_relatives_who_had_it(words: str, found: list[Any]) -> None:
    assert graded(condition(f"text|{words}", onset="2h")) == found


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("PMH DLBCL, cerebral edema", [(EDEMA, OPEN)]),
        ("H/o DLBCL, status epilepticus", [(STATUS, OPEN)]),
        ("H/o DLBCL, seizures", []),
        ("icd10|R56.9 text|Hx of DLBCL with seizure", [(FIT, OPEN)]),
        ("History of lymphoma with new diffuse cerebral edema", [DIFFUSE]),
        ("History of lymphoma, had seizure today", [FIT]),
        ("History of lymphoma who had a witnessed seizure", [(FIT, OPEN)]),
        ("icd10|R56.9 text|Hx of stroke with seizure", []),
        ("Seizure in patient with complex medical history", [FIT]),
        ("Seizure by history", []),
    ],
)
def test_a_history_of_cancer_beside_what_is_seldom_of_before(words: str, found: list[Any]) -> None:
    code = words if "text|" in words else f"text|{words}"

    assert graded(condition(code, onset="2h")) == found


def test_papilledema_after_a_history_is_a_doubt_in_a_row_too() -> None:
    (sign,) = record_of(finding("icp-edema", "text|History of diabetes, papilledema")).facts[
        "signs"
    ]

    assert (sign.kind, sign.is_certain) == (SignKind.PAPILLEDEMA, False)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Non-epileptic seizure", []),
        ("Known PNES", []),
        ("Known psychogenic seizures", []),
        ("PNES with events", []),
        ("Seizures in patient with known PNES", [(FIT, OPEN)]),
        ("Known PNES now with epileptic seizure on EEG", [(FIT, OPEN)]),
        ("One electrographic seizure and one nonepileptic event", [FIT]),
    ],
)
def test_a_seizure_beside_fits_that_are_none(words: str, found: list[Any]) -> None:
    assert graded(condition(f"text|{words}", onset="2h")) == found


def test_commas_in_a_row_are_one() -> None:
    assert list(clauses_of("no seizures, ,, left hemiparesis")) == [
        "no seizures",
        "left hemiparesis",
    ]


@pytest.mark.parametrize(
    ("words", "noted"),
    [
        ("icd10|G92.02 text|ICANS risk", True),
        ("icd10|R56.9 text|Keppra for seizures", True),
        ("icd10|R56.9 text|Seizure precautions", True),
        ("icd10|R56.9 text|Seizure, on seizure precautions", False),
        ("icd10|R56.9 text|No seizures", False),
        ("icd10|R56.9 text|History of seizures", False),
        ("icd10|R56.9 text|Family history of seizures", False),
        ("text|Keppra for seizures", False),
        ("icd10|R56.9", False),
    ],
)
def test_a_code_that_a_plan_takes_back_is_noted(words: str, noted: bool) -> None:
    charted = record_of(condition(words, onset="2h"))
    concluded = record_of(report("eeg", [words]))

    assert (problems(charted) == [("refused-value", "Condition")]) is noted
    assert (problems(concluded) == [("refused-value", "DiagnosticReport")]) is noted
