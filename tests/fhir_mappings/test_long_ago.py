"""Times that are of old, times of the day that look like years, and causes that are of old."""

from __future__ import annotations

from typing import Any

import pytest

from grading.model import RiskKind, SignKind
from tests.builders import condition, finding, report
from tests.fhir_mappings.reading import record_of
from tests.fhir_mappings.words import DIFFUSE, FIT, OPEN, STATUS, WEAK, graded


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Seizure at 2015", [FIT]),
        ("Seizure in 2015", []),
        ("Seizure since 2015", []),
        ("Seizure since 1930", [(FIT, OPEN)]),
        ("Seizure since 1975", []),
        ("Status epilepticus from 2010 to 2130", [STATUS]),
        ("Status epilepticus from 1940", [(STATUS, OPEN)]),
        ("Status epilepticus from 1940 to 2110", [STATUS]),
        ("Status epilepticus from 1940 to 2010", [(STATUS, OPEN)]),
        ("Seizures from 2010 to 2015", [(FIT, OPEN)]),
        ("Seizures from 1990 to 1995", []),
        ("Status epilepticus from 1940 hrs", [STATUS]),
        ("Left hemiparesis since 2015", []),
        ("Left hemiparesis since 2015 hrs", [WEAK]),
        ("Left hemiparesis since 2030", [WEAK]),
        ("Left hemiparesis since 1959", [(WEAK, OPEN)]),
        ("Left hemiparesis since 1960", []),
        ("Left hemiparesis noted since 2015", [WEAK]),
        ("Left hemiparesis noted in 2015", []),
        ("New left hemiparesis since 2015", [WEAK]),
        ("New left hemiparesis since 1930", [WEAK]),
        ("Left hemiparesis, last known well 2015", [WEAK]),
        ("ICANS grade 3 since 1930", ["icans"]),
    ],
)
def test_a_year_is_of_old_and_a_time_of_the_day_is_not(words: str, found: list[Any]) -> None:
    assert graded(condition(f"text|{words}", onset="2h")) == found


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("text|ICANS after CAR-T given 2 weeks ago", ["icans"]),
        ("icd10|D89.832 text|Cytokine release syndrome after CAR-T 1 week ago", ["crs"]),
        ("icd10|R56.9 text|Seizure after CAR-T 1 week ago", [FIT]),
        ("icd10|R56.9 text|Seizure 1 week ago", []),
        ("text|Seizure after infusion of axi-cel 1 week ago", [FIT]),
        ("text|Seizure after stroke 1 week ago", [(FIT, OPEN)]),
        ("text|Seizures 3 years ago", []),
        ("text|Papilledema new since exam 2 weeks ago", [SignKind.PAPILLEDEMA]),
        ("text|Left hemiparesis 2 months ago", []),
        ("text|Left hemiparesis after stroke 3 weeks ago", [(WEAK, OPEN)]),
        ("text|Seizures since CAR-T 2 weeks ago", [FIT]),
        ("text|Hemiparesis since stroke 2 years ago", []),
        ("text|Paraplegia after spinal cord injury 10 years ago", []),
        ("text|Seizure in patient with DLBCL diagnosed 2 years ago", [(FIT, OPEN)]),
        ("text|Left hemiparesis in patient with transplant in 2019", [(WEAK, OPEN)]),
        ("text|Seizure in patient with lymphoma", [FIT]),
        ("text|Seizure after axi-cel 1 week ago", [FIT]),
        ("text|Stroke 3 years ago now with seizure", [FIT]),
        ("text|Stroke 3 years ago now with headache", []),
    ],
)
def test_so_long_ago_is_what_is_told_so(words: str, found: list[Any]) -> None:
    assert graded(condition(words, onset="2h")) == found


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("New diffuse cerebral edema compared to MRI 2 weeks ago", [DIFFUSE]),
        ("Diffuse cerebral edema compared to MRI 2 years ago", [DIFFUSE]),
        ("New diffuse cerebral edema since 2025 MRI", [DIFFUSE]),
        ("Diffuse cerebral edema since 2025 MRI", [DIFFUSE]),
        ("Diffuse cerebral edema 2 years ago", []),
        ("Chronic left MCA infarct with diffuse cerebral edema", [DIFFUSE]),
    ],
)
def test_an_earlier_image_is_no_time_of_the_finding(words: str, found: list[Any]) -> None:
    assert graded(report("mri-brain", [f"text|{words}"])) == found


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("text|Old stroke with left hemiparesis", []),
        ("text|Old stroke with residual left hemiparesis", []),
        ("text|Chronic stroke with sixth nerve palsy", []),
        ("text|Old stroke with new left hemiparesis", [WEAK]),
        ("text|Old stroke now with left hemiparesis", [WEAK]),
        ("text|Prior stroke with seizure today", [FIT]),
        ("text|Left hemiparesis due to old stroke", []),
        ("text|Left hemiparesis as late effect of stroke", []),
        ("icd10|R56.9 text|Seizure due to old stroke", [FIT]),
        ("icd10|G41.9 text|Status epilepticus due to chronic stroke", [STATUS]),
        ("icd10|R56.9 text|Seizure as late effect of chemotherapy", [(FIT, OPEN)]),
        ("text|Left hemiparesis at baseline", []),
        ("text|Left hemiparesis unchanged from baseline", []),
        ("text|Worsening left hemiparesis from baseline", [WEAK]),
        ("text|Increased left hemiparesis from baseline", [WEAK]),
    ],
)
def test_an_old_cause_makes_a_deficit_old_and_no_fit(words: str, found: list[Any]) -> None:
    assert graded(condition(words, onset="2h")) == found


@pytest.mark.parametrize(
    ("words", "found", "risks"),
    [
        ("icd10|R56.9 text|Seizure disorder with breakthrough seizure", [FIT], []),
        ("icd10|R56.9 text|Breakthrough seizure in epilepsy", [FIT], []),
        ("text|Seizure disorder with breakthrough seizure", [FIT], [RiskKind.SEIZURE_HISTORY]),
        ("icd10|R56.9 text|Seizure disorder", [], [RiskKind.SEIZURE_HISTORY]),
    ],
)
def test_a_fit_of_now_in_epilepsy_is_one(
    words: str, found: list[Any], risks: list[RiskKind]
) -> None:
    record = record_of(condition(words, onset="2h"))

    assert [each.kind for each in record.facts["seizures"]] == found
    assert [each.kind for each in record.facts["risks"]] == risks


@pytest.mark.parametrize(
    ("words", "certain"),
    [
        ("Left hemiparesis since 2030", [True]),
        ("Left hemiparesis since 1930", [False]),
        ("Worsening left hemiparesis from baseline", [True]),
        ("New left hemiparesis with unclear medical history", [True]),
        ("Left hemiparesis - by history", []),
    ],
)
def test_a_row_of_motor_findings_reads_times_alike(words: str, certain: list[bool]) -> None:
    signs = record_of(finding("motor", f"text|{words}")).facts["signs"]

    assert [each.is_certain for each in signs] == certain
