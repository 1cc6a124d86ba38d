"""Reports and orders of tests to facts."""

from __future__ import annotations

from typing import Any

import pytest

from grading.model import Remark, RiskKind, SeizureKind, SignKind, StudyKind
from tests.builders import order_test, report
from tests.fhir_basics import concept
from tests.fhir_codes import EDEMA, SEIZURE, Resource
from tests.fhir_mappings.reading import ago, only, problems, record_of

# --- reports -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resource", "kind"),
    [
        (report("mri-brain", []), StudyKind.MRI_BRAIN),
        (report("ct-head", []), StudyKind.CT_HEAD),
        (report("eeg", []), StudyKind.EEG),
        (report("text|MRI brain with contrast", []), StudyKind.MRI_BRAIN),
        (report("text|CT head without contrast", []), StudyKind.CT_HEAD),
        (report("text|Routine EEG", []), StudyKind.EEG),
        (report("text|Lumbar puncture", []), StudyKind.LUMBAR_PUNCTURE),
        (report("eeg", [], effectiveDateTime=None, issued="2026-11-22T11:00:00Z"), StudyKind.EEG),
    ],
)
def test_a_result_is_a_study(resource: Resource, kind: StudyKind) -> None:
    fact = only("studies", resource)

    assert (fact.kind, fact.t) == (kind, ago("3h"))


@pytest.mark.parametrize(
    ("conclusion", "signs", "seizures", "risks"),
    [
        ("local|focal-edema", [SignKind.FOCAL_EDEMA], [], []),
        ("local|none", [], [], []),
        ("local|prolonged", [], [SeizureKind.PROLONGED], []),
        (EDEMA, [SignKind.EDEMA_EXTENT_UNKNOWN], [], []),
        ("text|Diffuse cerebral edema", [SignKind.DIFFUSE_EDEMA], [], []),
        ("text|No evidence of cerebral edema", [], [], []),
        (SEIZURE, [], [SeizureKind.UNSPECIFIED], []),
        ("text|Status epilepticus", [], [SeizureKind.PROLONGED], []),
        ("text|Brain lesion", [], [], [RiskKind.BRAIN_LESION]),
        ("text|Epileptiform discharges", [], [], [RiskKind.EPILEPTIFORM_EEG]),
        ("text|No epileptiform activity", [], [], []),
        ("text|Normal background; no epileptiform activity", [], [], []),
        ("text|Possible papilledema", [SignKind.PAPILLEDEMA], [], []),
        ("text|Cerebral edema resolved", [SignKind.ICP_NONE], [], []),
        ("text|Interval resolution of cerebral edema", [SignKind.ICP_NONE], [], []),
        ("text|Cerebral edema, partially resolved", [SignKind.EDEMA_EXTENT_UNKNOWN], [], []),
    ],
)
def test_a_coded_conclusion(
    conclusion: str, signs: list[SignKind], seizures: list[SeizureKind], risks: list[RiskKind]
) -> None:
    facts = record_of(report("mri-brain", [conclusion])).facts

    assert [sign.kind for sign in facts["signs"]] == signs
    assert all(sign.imaging for sign in facts["signs"])
    assert [seizure.kind for seizure in facts["seizures"]] == seizures
    assert [risk.kind for risk in facts["risks"]] == risks


@pytest.mark.parametrize(
    ("resource", "kinds"),
    [
        (report("text|Abdominal ultrasound", []), []),
        (report("text|Brain", [EDEMA], status="registered"), []),
        (report("mri-brain", []) | {"code": None}, []),
        (report("mri-brain", [], status="cancelled"), []),
        (report("mri-brain", [], effectiveDateTime=None), ["no-time"]),
        (report("mri-brain", [], status="done"), ["refused-status"]),
    ],
)
def test_a_report_that_does_not_count(resource: Resource, kinds: list[str]) -> None:
    record = record_of(resource)

    assert not any(record.facts.values())
    assert [kind for kind, _ in problems(record)] == kinds


def test_a_conclusion_counts_whatever_was_examined() -> None:
    facts = record_of(report("text|Brain", [EDEMA])).facts

    assert len(facts["signs"]) == 1
    assert facts["studies"] == ()


def test_a_conclusion_of_a_preliminary_report_is_marked() -> None:
    sign = only("signs", report("mri-brain", ["text|Diffuse brain edema"], status="preliminary"))

    assert sign.flags == (Remark.PRELIMINARY, Remark.BY_TEXT)


# --- test orders ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("elements", "orders", "studies"),
    [
        ({}, [False], 0),
        ({"status": "on-hold"}, [False], 0),
        ({"status": "draft"}, [True], 0),
        ({"intent": "plan"}, [True], 0),
        ({"status": "completed"}, [], 1),
        ({"status": "completed", "authoredOn": None}, [], 0),
        ({"status": "revoked"}, [], 0),
        ({"doNotPerform": True}, [], 0),
        ({"code": None}, [], 0),
        ({"code": {"text": "Lipid panel"}}, [], 0),
        ({"code": {"text": "CBC"}}, [False], 0),
        ({"code": {"text": "CBC"}, "status": "completed"}, [], 0),
        ({"code": {"text": "Reticulocytes"}}, [], 0),
    ],
)
def test_a_test_order(elements: dict[str, Any], orders: list[bool], studies: int) -> None:
    facts = record_of(order_test("eeg", **elements)).facts

    assert [order.draft for order in facts["orders"]] == orders
    assert len(facts["studies"]) == studies


# --- orders that go with care ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "keys"),
    [
        ("loinc|600-7", ["blood-cultures"]),
        ("text|Blood culture x2", ["blood-cultures"]),
        ("text|Culture, urine", ["urine-culture"]),
        ("text|XR chest 1 view", ["chest-radiograph"]),
        ("text|Chest radiograph", ["chest-radiograph"]),
        ("text|CXR portable", ["chest-radiograph"]),
        ("text|CT chest", []),
        ("snomed|183521007", ["neurology-consult"]),
        ("text|Inpatient consult to neurology", ["neurology-consult"]),
        ("text|Neurology clinic", []),
        ("text|Consult to intensive care", ["icu-consult"]),
        ("text|ICU consultation", ["icu-consult"]),
        ("snomed|410453006", ["fundoscopy"]),
        ("text|Bedside fundoscopy", ["fundoscopy"]),
        ("text|CRS laboratory set", ["crs-labs"]),
        ("loinc|57021-8", ["lab-cbc"]),
        ("loinc|24323-8", ["lab-metabolic-panel"]),
        ("loinc|1988-5", ["lab-crp"]),
        ("loinc|6301-6", ["lab-pt"]),
        ("text|PT and aPTT", ["lab-pt", "lab-ptt"]),
        ("text|Ferritin, LDH", ["lab-ferritin", "lab-ldh"]),
        ("text|Magnesium and phosphorus", ["lab-magnesium", "lab-phosphate"]),
        ("text|Physical therapy", []),
    ],
)
def test_an_order_that_goes_with_care(code: str, keys: list[str]) -> None:
    orders = record_of(order_test("eeg", code=concept(code))).facts["orders"]
    assert [order.key for order in orders] == keys
