"""What a denial or a doubt reaches, and what it leaves alone."""

from __future__ import annotations

from typing import Any

import pytest

from grading.model import RiskKind, SeizureKind, SignKind
from tests.builders import condition, finding, observation, report
from tests.fhir_basics import concept
from tests.fhir_mappings.reading import only, record_of
from tests.fhir_mappings.words import EDEMA, OPEN, WEAK

GONE = SignKind.ICP_NONE


def read(kind: str, *resources: Any) -> list[Any]:
    """What is read of a kind, a supposed one as a pair with "unconfirmed"."""
    found = record_of(*resources).facts[kind]
    return [each.kind if each.is_certain else (each.kind, OPEN) for each in found]


@pytest.mark.parametrize(
    ("words", "signs"),
    [
        ("No facial droop, left hemiparesis", [WEAK]),
        ("No aphasia, right hemiplegia", [WEAK]),
        ("Not oriented, right hemiparesis", [WEAK]),
        ("Not able to move right side, hemiplegia", [WEAK]),
        ("Left hemiparesis with reflexes absent", [WEAK]),
        ("Aphasia resolved, left hemiparesis", [WEAK]),
        ("No tremor and left hemiparesis", [WEAK]),
        ("Unchanged left hemiparesis", [WEAK]),
        ("No change in left hemiparesis", [WEAK]),
        ("Hemiparesis unchanged", [WEAK]),
        ("Hemiparesis, likely ICANS", [WEAK]),
        ("Hemiparesis likely due to ICANS", [WEAK]),
        ("Possible stroke; left hemiparesis", [WEAK]),
        ("Hemiparesis not seen previously", [WEAK]),
        ("No tremor, hemiparesis, agitation", [(WEAK, OPEN)]),
        ("Hemiparesis, possible", [(WEAK, OPEN)]),
        ("Hemiparesis (?)", [(WEAK, OPEN)]),
        ("No weakness, hemiparesis or posturing", [SignKind.MOTOR_NONE]),
        ("No tremor, agitation, or hemiparesis", [SignKind.MOTOR_NONE]),
        ("No tremor, no hemiparesis", [SignKind.MOTOR_NONE]),
        ("No left and right hemiparesis", [SignKind.MOTOR_NONE]),
        ("Hemiparesis not seen", [SignKind.MOTOR_NONE]),
        ("Hemiparesis, none", [SignKind.MOTOR_NONE]),
        ("Hemiparesis, resolved", [SignKind.MOTOR_NONE]),
        ("Hemiparesis, now resolved", [SignKind.MOTOR_NONE]),
        ("Hemiparesis no longer present", [SignKind.MOTOR_NONE]),
        ("No new hemiparesis", []),
        ("Unchanged", []),
        ("Deep focal weakness", [WEAK]),
        ("Left hemiparesis, at risk for falls", [WEAK]),
        ("Fall risk; right hemiparesis", [WEAK]),
        ("Old stroke, left hemiparesis new today", [WEAK]),
        ("Baseline left hemiparesis, now worse", [(WEAK, OPEN)]),
        ("No deep focal weakness", [SignKind.MOTOR_NONE]),
        ("History of left hemiparesis", []),
        ("H/o hemiparesis", []),
        ("Baseline left hemiparesis, unchanged", []),
        ("Monitor for hemiparesis", []),
    ],
)
def test_a_denial_of_one_motor_sign_leaves_the_other(words: str, signs: list[Any]) -> None:
    assert read("signs", finding("motor", f"text|{words}")) == signs


@pytest.mark.parametrize(
    ("words", "signs"),
    [
        ("No papilledema, CN VI palsy present", [SignKind.CN6_PALSY, GONE]),
        ("Unchanged papilledema", [SignKind.PAPILLEDEMA]),
        ("Cerebral edema. Possible tonsillar herniation.", [EDEMA]),
        ("Cerebral edema cannot be excluded", [(EDEMA, OPEN)]),
        ("Cerebral edema not excluded", [(EDEMA, OPEN)]),
        ("Cerebral edema excluded", [GONE]),
        ("Cerebral edema can be excluded", [GONE]),
        ("Papilledema not visualized", []),
        ("Papilledema with risk of herniation", [SignKind.PAPILLEDEMA]),
        ("Diffuse cerebral edema", [SignKind.DIFFUSE_EDEMA]),
        ("Focal cerebral edema", [SignKind.FOCAL_EDEMA]),
        ("Diffuse edema", [SignKind.DIFFUSE_EDEMA]),
        ("Focal oedema", [SignKind.FOCAL_EDEMA]),
        ("No diffuse edema; focal edema", [SignKind.FOCAL_EDEMA, GONE]),
        ("Posturing", [SignKind.POSTURING]),
        ("Possible posturing", [(SignKind.POSTURING, OPEN)]),
        ("No posturing", [GONE]),
        ("Sulcal effacement", [(EDEMA, OPEN)]),
        ("No sulcal effacement", []),
        ("Edema", []),
        ("Cannot rule out papilledema", [(SignKind.PAPILLEDEMA, OPEN)]),
        ("Rule out papilledema", []),
        ("Risk of papilledema", []),
        ("History of papilledema", []),
    ],
)
def test_a_denial_of_one_sign_of_pressure_leaves_the_other(words: str, signs: list[Any]) -> None:
    assert read("signs", finding("icp-edema", f"text|{words}")) == signs


@pytest.mark.parametrize(
    ("words", "seizures"),
    [
        *(
            (words, [SeizureKind.UNSPECIFIED])
            for words in (
                "No LOC, tonic-clonic seizure",
                "No incontinence, seizure 2 min",
                "No LOC, tonic-clonic seizure, then postictal or asleep",
                "Not responding, tonic-clonic seizure",
                "Seizure, LOC absent",
                "Seizure not witnessed by staff, found postictal",
                "0.5 min tonic-clonic",
                "Unknown cause of seizure",
                "Unknown etiology seizure",
                "Seizure, likely due to ICANS",
                "Seizure (suspected ICANS)",
                "Seizure - possible ICANS",
                "Tonic-clonic 2 min, ? aspirated",
                "Seizure precautions in place, seizure 2 min",
                "Seizure prophylaxis raised after seizure",
            )
        ),
        ("No LOC, seizure", [(SeizureKind.UNSPECIFIED, OPEN)]),
        ("No LOC, generalized tonic-clonic", [SeizureKind.UNSPECIFIED]),
        ("No seizure, generalized tonic-clonic", [(SeizureKind.UNSPECIFIED, OPEN)]),
        ("Seizure, possible", [(SeizureKind.UNSPECIFIED, OPEN)]),
        *(
            (words, [SeizureKind.NONE])
            for words in (
                "No seizure, convulsion or LOC",
                "Seizures, none",
                "Seizure activity not witnessed",
                "None witnessed",
                "Patient denies seizures",
                "No seizures, EEG running",
                "No seizures, tonic-clonic or otherwise",
                "No seizures, seizure precautions in place",
                "No seizure, on levetiracetam for seizure prophylaxis",
                "No seizures today, last seizure 3 days ago",
                "Neg",
                "WDL",
                "No EEG evidence of seizure",
            )
        ),
        *(
            (words, [])
            for words in (
                "Not monitored",
                "Not checked",
                "No EEG",
                "Not able to assess",
                "No data",
                "Unknown if seizure",
                "No change from yesterday",
                "Unchanged exam",
                "Seizure precautions in place",
            )
        ),
    ],
)
def test_words_beside_a_seizure_neither_deny_nor_doubt_it(words: str, seizures: list[Any]) -> None:
    assert read("seizures", observation("snomed|91175000", "2h", "x", valueString=words)) == (
        seizures
    )


@pytest.mark.parametrize(
    ("words", "signs"),
    [
        ("Bilateral", [SignKind.PAPILLEDEMA]),
        ("Not seen", [GONE]),
        ("None", [GONE]),
        ("Normal", [GONE]),
        ("Discs sharp", [GONE]),
        ("Optic discs sharp and flat bilaterally", [GONE]),
        ("Sharp discs", [GONE]),
        ("Papilledema: normal", [GONE]),
        ("Right eye: normal", [SignKind.PAPILLEDEMA]),
        ("Right disc sharp", [SignKind.PAPILLEDEMA]),
        ("Discs sharp nasally, blurred temporally", [SignKind.PAPILLEDEMA]),
        ("Normal right, papilledema left", [SignKind.PAPILLEDEMA]),
        ("Not visualized", []),
        ("Not well visualized", []),
        ("No view", []),
        ("None performed", []),
        ("Not checked", []),
        ("No fundoscopy", []),
        ("+", [SignKind.PAPILLEDEMA]),
        ("Rule out", []),
        ("History of", []),
        ("Chronic", []),
        ("Present since 2015", []),
        ("-", []),
    ],
)
def test_a_fundus_that_was_not_seen_tells_nothing(words: str, signs: list[Any]) -> None:
    assert read("signs", observation("snomed|423341008", "2h", "x", valueString=words)) == signs


@pytest.mark.parametrize(
    ("words", "kind", "found"),
    [
        ("Not hypoxic, seizure", "seizures", [SeizureKind.UNSPECIFIED]),
        ("Status epilepticus, possible ICANS", "seizures", [SeizureKind.PROLONGED]),
        ("Denies fever, seizure", "seizures", []),
        ("Seizure ruled out", "seizures", []),
        ("Seizure cannot be ruled out", "seizures", [(SeizureKind.UNSPECIFIED, OPEN)]),
        ("Cannot rule out seizure", "seizures", [(SeizureKind.UNSPECIFIED, OPEN)]),
        ("EEG to rule out seizure", "seizures", []),
        ("Unchanged diffuse cerebral edema", "signs", [SignKind.DIFFUSE_EDEMA]),
        ("No significant change in diffuse cerebral edema", "signs", [SignKind.DIFFUSE_EDEMA]),
        ("Not significantly changed diffuse cerebral edema", "signs", [SignKind.DIFFUSE_EDEMA]),
        ("Diffuse cerebral edema; suspected infarct", "signs", [SignKind.DIFFUSE_EDEMA]),
        ("Diffuse cerebral edema, concerning for herniation", "signs", [SignKind.DIFFUSE_EDEMA]),
        ("Concerning for diffuse cerebral edema", "signs", [(SignKind.DIFFUSE_EDEMA, OPEN)]),
        ("No diffuse cerebral edema", "signs", []),
    ],
)
def test_words_of_a_condition_that_deny_or_doubt_something_else(
    words: str, kind: str, found: list[Any]
) -> None:
    assert read(kind, condition(f"text|{words}", onset="2h")) == found


@pytest.mark.parametrize(
    ("words", "risks"),
    [
        ("0.8 cm enhancing brain lesion", [RiskKind.BRAIN_LESION]),
        ("Negative margins, brain metastases", [RiskKind.BRAIN_LESION]),
        ("Negative for brain metastases", []),
        ("On CPAP", [RiskKind.HOME_CPAP]),
        ("No wheeze, home oxygen", []),
        ("Possible home oxygen", []),
        ("0 brain lesions", []),
        (
            "Epilepsy, unspecified, not intractable, without status epilepticus",
            [RiskKind.SEIZURE_HISTORY],
        ),
        ("Generalized idiopathic epilepsy and epileptic syndromes", [RiskKind.SEIZURE_HISTORY]),
        ("History of epilepsy", [RiskKind.SEIZURE_HISTORY]),
        ("Family history of epilepsy", []),
    ],
)
def test_words_of_a_condition_that_name_a_risk(words: str, risks: list[RiskKind]) -> None:
    found = record_of(condition(f"text|{words}", onset="2h")).facts["risks"]

    assert [each.kind for each in found] == risks


@pytest.mark.parametrize(
    ("words", "signs"),
    [
        ("Resolved subdural hematoma. New diffuse cerebral edema.", ["edema", "no bleeding"]),
        ("Hemorrhage resolved. Diffuse cerebral edema", ["edema"]),
        ("Near resolution of diffuse cerebral edema", ["edema"]),
        ("Diffuse cerebral edema nearly resolved", ["edema"]),
        ("Diffuse cerebral edema resolved", ["no edema"]),
        ("Diffuse cerebral edema, resolved", ["no edema"]),
        ("Diffuse cerebral edema. Now resolved.", ["no edema"]),
    ],
)
def test_what_resolved_is_what_the_clause_names(words: str, signs: list[str]) -> None:
    names = {SignKind.DIFFUSE_EDEMA: "edema", SignKind.HEMORRHAGE: "bleeding"}
    found = record_of(report("mri-brain", [f"text|{words}"])).facts["signs"]

    assert [f"no {names[each.denies]}" if each.denies else names[each.kind] for each in found] == (
        signs
    )


@pytest.mark.parametrize(
    ("answer", "is_gone"),
    [
        ("local|diffuse-edema text|Resolved hemorrhage. Diffuse cerebral edema", False),
        ("local|diffuse-edema text|Diffuse cerebral edema resolved", True),
        ("snomed|26079004 text|Tremor resolved", True),
    ],
)
def test_a_coded_conclusion_resolved_by_its_words(answer: str, is_gone: bool) -> None:
    signs = record_of(report("mri-brain", [answer])).facts["signs"]

    assert {sign.denies is not None for sign in signs} == {is_gone}


@pytest.mark.parametrize(
    ("answer", "is_there"),
    [
        ("snomed|373066001", True),
        ("loinc|LA33-6", True),
        ("http://terminology.hl7.org/CodeSystem/v2-0136|Y", True),
        ("loinc|LA32-8", False),
        ("loinc|LA9634-2", False),
    ],
)
def test_a_yes_or_no_by_its_code_alone(answer: str, is_there: bool) -> None:
    value = {"valueCodeableConcept": concept(answer)}
    seizure = only("seizures", observation("snomed|91175000", "2h", "exam", **value))
    sign = only("signs", observation("snomed|423341008", "2h", "exam", **value))

    assert seizure.kind is (SeizureKind.UNSPECIFIED if is_there else SeizureKind.NONE)
    assert sign.kind is (SignKind.PAPILLEDEMA if is_there else GONE)
