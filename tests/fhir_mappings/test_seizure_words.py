"""Words in a row that asks for seizures: what states one, what denies it, what tells nothing."""

from __future__ import annotations

import pytest

from grading.model import SeizureKind
from tests.builders import finding, observation
from tests.fhir_mappings.reading import problems, record_of

FIT, NONE, STATUS = SeizureKind.UNSPECIFIED, SeizureKind.NONE, SeizureKind.PROLONGED


@pytest.mark.parametrize(
    "words",
    [
        "Yes",
        "Yes - see comment",
        "True",
        "+",
        "Present",
        "2",
        "Witnessed",
        "Unwitnessed",
        "Ongoing",
        "Resolved",
        "Not controlled",
        "Generalized",
        "Focal, left arm",
        "GTC x 2 min",
        "30 sec, self resolved",
        "Staring spell",
        "Rhythmic jerking of left arm",
        "Eye deviation and stiffening",
        "Unresponsive, shaking",
        "Postictal",
        "Nonconvulsive",
        "Seizure this AM, none since",
        "No seizure overnight; seizure at 0600",
        "Unable to assess; seizure noted by family",
        "Hx seizures, had seizure at 0800",
        "On keppra. Seizure x1",
        "Ativan given for seizure",
        "Last seizure 0800",
        "Family reports seizure at home",
        "Seizure precautions in place, seizure 2 min",
        "Seizure at 2015",
        "GTC at 2030",
        "Last seizure at 2010",
        "Last seizure tonight at 2010",
        "Grand mal",
        "Petit mal",
        "Complex partial",
        "Partial",
        "Electrographic",
        "EEG: electrographic",
        "Subclinical",
        "NCSE",
        "Status",
        "Gaze deviation to left",
        "Eyes rolled back",
        "Lip smacking",
        "Automatisms",
        "Drop attack",
        "Cluster",
        "One",
        "Terminated with lorazepam",
        "Stopped after Ativan",
        "Continuous",
        "Frequent",
        "PRN lorazepam given for seizure",
        "Keppra increased for seizure today",
        "Status epilepticus protocol initiated",
    ],
)
def test_what_states_a_seizure(words: str) -> None:
    found = record_of(finding("seizure", None, valueCodeableConcept={"text": words}))

    assert [each.kind for each in found.facts["seizures"]] == [FIT]


@pytest.mark.parametrize(
    "words",
    [
        "False",
        "No seizures",
        "None since admission",
        "No, but twitching noted",
        "On Keppra, no seizures",
        "Hx of seizures; none this shift",
        "Hx of seizure disorder, none today",
        "EEG in progress, no seizures so far",
        "Seizures not recorded",
        "Not captured",
        "Within defined limits",
        "Keppra given; denies",
        "Alert, oriented x4, no seizures",
    ],
)
def test_what_denies_seizures(words: str) -> None:
    found = record_of(finding("seizure", None, valueCodeableConcept={"text": words}))

    assert [each.kind for each in found.facts["seizures"]] == [NONE]


@pytest.mark.parametrize(
    "words",
    [
        "-",
        ".",
        "UTA",
        "History",
        "Hx",
        "History of seizures",
        "Family history of seizures",
        "Prior seizure yesterday",
        "Last seizure 2019",
        "Precautions in place",
        "Seizure log updated",
        "Keppra given",
        "Keppra given, no distress",
        "Antiepileptic given",
        "Levetiracetam for seizures",
        "Monitoring",
        "EEG in progress",
        "Tremor",
        "Myoclonus",
        "Psychogenic nonepileptic seizure",
        "Clinical event not associated with seizure",
        "Other (see comments)",
        "Continuous EEG monitoring",
        "EEG for 30 minutes",
        "Frequent neuro checks",
        "Neuro checks x 4",
        "Alert, oriented x4",
        "Generalized weakness",
        "Non-focal",
        "Cluster headache",
        "PRN lorazepam not given for seizure",
        "Partial thromboplastin time",
        "Infusion stopped after 2 h",
    ],
)
def test_what_tells_nothing_of_seizures_is_named(words: str) -> None:
    record = record_of(finding("seizure", None, valueCodeableConcept={"text": words}))

    assert record.facts["seizures"] == ()
    assert problems(record) == [("refused-value", "seizure")]


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        ("Refractory", [STATUS]),
        ("From 2010 to 2130", [STATUS]),
        ("On EEG", [STATUS]),
        ("Ruled out", [NONE]),
        ("WNL", [NONE]),
        ("History of", []),
        ("-", []),
    ],
)
def test_words_beside_the_code_of_status_epilepticus(words: str, kinds: list[SeizureKind]) -> None:
    resource = observation("snomed|230456007", "2h", "exam", valueString=words)

    assert [each.kind for each in record_of(resource).facts["seizures"]] == kinds


@pytest.mark.parametrize("words", ["Grand mal", "Cluster", "Stopped after Ativan"])
def test_words_beside_the_code_of_a_seizure(words: str) -> None:
    resource = observation("snomed|91175000", "2h", "exam", valueString=words)

    assert [each.kind for each in record_of(resource).facts["seizures"]] == [FIT]


def test_a_row_that_is_unsure_supposes_a_seizure() -> None:
    (seizure,) = record_of(finding("seizure", "text|Unsure if seizure")).facts["seizures"]

    assert not seizure.is_certain
