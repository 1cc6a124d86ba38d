"""Words of history, of other people, of risk and of plans: what they reach, and what they leave."""

from __future__ import annotations

import time
from typing import Any

import pytest

from fhir_mappings.codes import SHIPPED, CodeableConcept, Coding
from fhir_mappings.diagnosed import diagnosed
from fhir_mappings.standing import spoken_in
from grading.model import RiskKind, SignKind
from tests.builders import condition, report
from tests.fhir_basics import concept
from tests.fhir_mappings.reading import record_of
from tests.fhir_mappings.words import DIFFUSE, EDEMA, FIT, OPEN, STATUS, WEAK, graded


def risks(*resources: Any) -> list[RiskKind]:
    return [each.kind for each in record_of(*resources).facts["risks"]]


# --- a denial or a plan beside a finding ---------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Diffuse cerebral edema. No evidence of herniation.", [DIFFUSE]),
        ("Diffuse cerebral edema, no evidence of herniation", [DIFFUSE]),
        ("Diffuse cerebral edema with no evidence of herniation", [DIFFUSE]),
        ("No evidence of hemorrhage. Diffuse cerebral edema.", [DIFFUSE]),
        ("Negative for hemorrhage; positive for diffuse cerebral edema", [DIFFUSE]),
        ("Negative for hemorrhage and positive for diffuse cerebral edema", [DIFFUSE]),
        ("Diffuse cerebral edema with risk of herniation", [DIFFUSE]),
        ("Diffuse cerebral edema compared to prior", [DIFFUSE]),
        ("Diffuse cerebral edema, new since prior MRI", [DIFFUSE]),
        ("There is no change in the diffuse cerebral edema", [DIFFUSE]),
        ("MRI shows no hemorrhage but diffuse cerebral edema", [DIFFUSE]),
        ("Papilledema. No history of glaucoma", [SignKind.PAPILLEDEMA]),
        ("No diffuse edema; focal cerebral edema", [SignKind.FOCAL_EDEMA]),
        ("Cerebral edema, diffuse", [DIFFUSE]),
        ("Generalized cerebral edema", [DIFFUSE]),
        ("Nonfocal, nondiffuse cerebral edema", [EDEMA]),
        ("Vasogenic edema in the left frontal lobe", [EDEMA]),
        ("Cytotoxic edema", [EDEMA]),
        ("Diffuse sulcal effacement", [(DIFFUSE, OPEN)]),
        ("No sulcal effacement", []),
        ("Evaluation for cerebral edema: diffuse cerebral edema present", [DIFFUSE]),
        ("Interval worsening of diffuse cerebral edema compared with prior", [DIFFUSE]),
        ("Worse diffuse cerebral edema since previous MRI", [DIFFUSE]),
        ("Worsening diffuse cerebral edema after prior craniotomy", [DIFFUSE]),
        ("Prior diffuse cerebral edema is unchanged", [(DIFFUSE, OPEN)]),
        ("Prior diffuse cerebral edema is no longer seen", []),
        ("Evaluation for cerebral edema: none", []),
        ("Indication: cerebral edema. Findings: normal", []),
        ("Indication: cerebral edema. Diffuse cerebral edema.", [DIFFUSE]),
        ("No evidence of diffuse cerebral edema", []),
        ("No evidence of hemorrhage, edema or cerebral edema", []),
        ("MRI shows no cerebral edema", []),
        ("MRI negative for cerebral edema", []),
        ("Risk of cerebral edema", []),
        ("Chronic cerebral edema", []),
        ("Scalp edema", []),
    ],
)
def test_a_conclusion_of_imaging_by_clause(words: str, found: list[Any]) -> None:
    assert graded(report("mri-brain", [f"text|{words}"])) == found


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Nonconvulsive status epilepticus. No evidence of focal lesion.", [STATUS]),
        ("Electrographic seizures, no evidence of status", [FIT]),
        ("Seizure burden 30%", [FIT]),
        ("Seizure burden 0%", []),
        ("Seizures not recorded", []),
        ("Seizure not captured", []),
        ("Clinical event not associated with seizure", []),
        ("Lowered seizure threshold", []),
        ("Findings increase seizure risk", []),
        ("Consistent with epileptogenic potential for seizures", []),
        ("Psychogenic nonepileptic event", []),
    ],
)
def test_a_conclusion_of_an_eeg_by_clause(words: str, found: list[Any]) -> None:
    assert graded(report("eeg", [f"text|{words}"])) == found


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Left hemiparesis, stroke ruled out", [WEAK]),
        ("New onset seizure (no history of epilepsy)", [FIT]),
        ("Seizure (unprovoked, no family history of epilepsy)", [FIT]),
        ("Generalized seizure, on seizure precautions", [FIT]),
        ("Generalized seizure on seizure precautions", [FIT]),
        ("Generalized seizure requiring ICU monitoring", [FIT]),
        ("Seizure despite levetiracetam prophylaxis", [FIT]),
        ("Seizure witnessed by mother", [FIT]),
        ("Mother has seen a seizure", [FIT]),
        ("Seizure prior to admission", [FIT]),
        ("Seizure in the past 24 hours", [FIT]),
        ("Seizure then back to baseline mental status", [FIT]),
        ("Seizure 11/22/2026 10:00", [FIT]),
        ("Evaluated for stroke after seizure", [FIT]),
        ("65 year old with seizure", [FIT]),
        ("Chronic lymphocytic leukemia, seizure", [FIT]),
        ("Chronic kidney disease with seizure", [FIT]),
        ("Chronic headache and seizure", [(FIT, OPEN)]),
        ("Status epilepticus in epilepsy", [STATUS]),
        ("History of epilepsy with breakthrough seizure", [FIT]),
        ("History of lymphoma, new left hemiparesis", [WEAK]),
        ("Denies seizure, new left hemiparesis", [WEAK]),
        ("Old right hemiparesis, new left hemiparesis", [WEAK]),
        ("Baseline left hemiparesis, now worse", [(WEAK, OPEN)]),
        ("Acute on chronic left hemiparesis", [(WEAK, OPEN)]),
        ("Chronic small vessel disease and diffuse cerebral edema", [DIFFUSE]),
        ("Baseline CT: diffuse cerebral edema", [DIFFUSE]),
        ("Prior craniotomy, diffuse cerebral edema", [DIFFUSE]),
        ("Previous 24 h: 2 seizures", [FIT]),
        ("Seizure in a 6 year old child", [FIT]),
        ("Today no seizure but left hemiparesis", [WEAK]),
        ("Hemiparesis prevents ambulation", [WEAK]),
        ("Seizure prevented by lorazepam", [FIT]),
        ("Improving left hemiparesis", [WEAK]),
        ("Left hemiparesis following cerebral infarction", [WEAK]),
        ("Cytokine release syndrome, no evidence of infection", ["crs"]),
        ("Cytokine release syndrome with risk of ICANS", ["crs"]),
        ("Cytokine release syndrome after prior CAR-T", ["crs"]),
        ("ICANS, monitoring for cerebral edema", ["icans"]),
        ("ICANS grade 1", ["icans"]),
    ],
)
def test_a_finding_beside_what_is_none_counts(words: str, found: list[Any]) -> None:
    assert graded(condition(f"text|{words}", onset="2h")) == found


# --- of old, of others, of risk ------------------------------------------------------------------

SEIZURES_ONCE = [
    "Childhood febrile seizures",
    "Febrile seizure (childhood)",
    "Seizure in childhood",
    "Prior seizure",
    "Prior seizure 2010",
    "Remote seizure",
    "PMH seizures",
    "PMH: HTN, seizures, stroke",
    "Seizure, history of",
    "Seizure history: febrile",
    "History of stroke, seizures",
    "Seizure since 2015",
    "Last seizure 2019",
    "Seizures 3 years ago",
    "Seizure disorder",
]


@pytest.mark.parametrize("words", SEIZURES_ONCE)
@pytest.mark.parametrize("told", [{"onset": "2h"}, {"recorded": "2h"}])
def test_seizures_of_once_are_a_risk_and_no_event(words: str, told: dict[str, str]) -> None:
    resource = condition(f"text|{words}", **told)

    assert graded(resource) == []
    assert RiskKind.SEIZURE_HISTORY in risks(resource)


@pytest.mark.parametrize(
    "words",
    [
        "Old left hemiparesis",
        "Chronic left hemiparesis",
        "Left hemiparesis, baseline",
        "Hemiparesis - chronic",
        "Residual hemiparesis from stroke",
        "Left hemiparesis due to old stroke",
        "Left hemiparesis, residual from old stroke",
        "Old stroke with left hemiparesis",
        "Sequelae of stroke: left hemiparesis",
        "Left hemiparesis since 2015",
        "Left hemiparesis at baseline",
        "Left hemiparesis, unchanged from baseline",
        "Left hemiparesis, long-standing",
        "Parents deny seizures",
        "Seizure prevention with levetiracetam",
        "ICANS - high risk",
        "Congenital sixth nerve palsy",
        "Sixth nerve palsy, congenital",
        "FH: seizures",
        "FHx seizure disorder",
        "Family history of epilepsy, seizures",
        "Mother with seizures",
        "Seizures in mother",
        "Monitoring for seizures",
        "Monitor for cerebral edema",
        "Seizure risk",
        "High risk of seizures",
        "Rule-out seizure",
        "Potential for seizures",
        "Prevention of seizures",
        "Precautions: seizures",
        "Seizure precautions",
        "Seizure medication",
        "Keppra for seizures",
        "Psychogenic seizure",
        "Seizures, psychogenic",
        "Denies fever, seizure",
        "Hemiparesis not due to seizure, resolved",
        "Cytokine release syndrome risk",
        "Cytokine release syndrome (CRS) monitoring",
        "Potential for cytokine release syndrome",
        "At risk for CRS, ICANS",
        "ICANS monitoring",
        "Monitor for ICANS",
        "ICANS risk",
        "Immune effector cell-associated neurotoxicity syndrome (ICANS), grade 0",
        "Cytokine release syndrome, grade 0",
    ],
)
def test_what_is_old_of_another_a_risk_or_a_plan_is_no_finding(words: str) -> None:
    assert [
        each
        for each in graded(condition(f"text|{words}", onset="2h"))
        if each != SignKind.MOTOR_NONE
    ] == []


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        ("Old stroke", [RiskKind.BRAIN_LESION]),
        ("Residual hemiparesis from stroke", [RiskKind.BRAIN_LESION]),
        ("Chronic oxygen therapy", [RiskKind.HOME_OXYGEN]),
        ("Childhood epilepsy", [RiskKind.SEIZURE_HISTORY]),
        ("Family history of stroke", []),
        ("Father died of stroke", []),
        ("Stroke risk", []),
    ],
)
def test_a_disease_of_long_standing_stays_a_risk(words: str, kinds: list[RiskKind]) -> None:
    assert risks(condition(f"text|{words}", recorded="40d")) == kinds


# --- words beside a code -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "found", "kinds"),
    [
        ("icd10|R56.9", [FIT], []),
        ("icd10|R56.9 text|Seizure", [FIT], []),
        ("icd10|R56.9 text|Witnessed by family", [FIT], []),
        ("icd10|R56.9 text|No seizures since admission", [], []),
        ("icd10|R56.9 text|History of seizures", [], [RiskKind.SEIZURE_HISTORY]),
        ("icd10|R56.9 text|Seizure disorder", [], [RiskKind.SEIZURE_HISTORY]),
        ("snomed|91175000 text|Family history of seizure", [], []),
        ("snomed|230456007 text|Status epilepticus (disorder)", [STATUS], []),
        ("icd10|I69.351 text|Left hemiparesis", [], []),
        ("icd10|I69.351 text|Hemiplegia after stroke", [], [RiskKind.BRAIN_LESION]),
        ("icd10|D89.832 text|Cytokine release syndrome, grade 2", ["crs"], []),
        ("icd10|D89.832 text|History of cytokine release syndrome", [], []),
        ("icd10|G92.02 text|ICANS risk", [], []),
        ("icd10|I63.9 text|Left hemiparesis", [WEAK], []),
        ("icd10|Z86.69 text|Seizures", [], [RiskKind.SEIZURE_HISTORY]),
        ("icd10|Z82.0 text|Seizures", [], []),
    ],
)
def test_words_beside_a_code_may_say_that_it_is_not_of_now(
    code: str, found: list[Any], kinds: list[RiskKind]
) -> None:
    resource = condition(code, recorded="20h")

    assert (graded(resource), risks(resource)) == (found, kinds)


def test_no_display_states_what_the_text_denies() -> None:
    coded = concept("http://example.org/ehr|77") | {"text": "No seizures"}
    coded["coding"][0]["display"] = "Seizure"

    assert graded(condition("text|x", onset="2h") | {"code": coded}) == []


def test_the_display_of_a_listed_code_bears_the_code_out() -> None:
    for key, each in SHIPPED.sets.items():
        for entry in each.entries if key.startswith("cond.") else ():
            coding = Coding(entry.system, entry.code, entry.display)
            told = CodeableConcept(coding=(coding,), text=entry.display)

            assert diagnosed(told).keys == SHIPPED.concepts(told), entry.code


# --- the parts of a clause -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clause", "now", "history", "old"),
    [
        ("seizure", "seizure", "", ""),
        ("history of seizure", "", "seizure", ""),
        ("history", "", "", ""),
        ("old hemiparesis", "", "", "old hemiparesis"),
        ("old hemiparesis and seizure", "and seizure ?", "", "old hemiparesis"),
        ("seizure risk", "", "", ""),
        ("risk of seizure", "", "", ""),
        ("seizure with risk of stroke", "seizure with", "", ""),
        ("family history of seizure", "", "", ""),
    ],
)
def test_what_a_clause_says_of_now_and_of_before(
    clause: str, now: str, history: str, old: str
) -> None:
    told = spoken_in(clause)

    assert [part.strip() for part in told] == [now, history, old]
    assert told.says_now is bool(now)


@pytest.mark.parametrize(
    "words", ["last seizure ", "residual ", "history of ", "old ", "risk of ", ", seizure"]
)
def test_long_words_are_read_in_time_that_grows_with_them(words: str) -> None:
    started = time.process_time()
    record_of(condition("text|x", onset="2h") | {"code": {"text": words * 60}})
    spoken_in(words * 2_000)

    assert time.process_time() - started < 2
