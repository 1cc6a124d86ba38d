"""Drugs, orders, conditions, procedures and reports."""

from __future__ import annotations

import pytest

from sandbox.story import StoryError
from tests.sandbox.story_text import chart, only

EPIC = "style = { ehr = 'epic' }\n"
CERNER = "style = { ehr = 'cerner' }\n"
DOSE = "given = [{ at = -1, drug = 'tocilizumab', dose = '560 mg' }]"


@pytest.mark.parametrize(
    ("how", "kinds"),
    [
        ("procedure", ["Procedure"]),
        ("administration", ["MedicationAdministration"]),
        ("both", ["Procedure", "MedicationAdministration"]),
    ],
)
def test_an_infusion_is_a_procedure_an_administration_or_both(how: str, kinds: list[str]) -> None:
    written = chart(f"infusion = [{{ at = -75, product = 'axi-cel', as = '{how}' }}]")

    assert [each["resourceType"] for each in written] == kinds


def test_an_infusion_may_have_a_date_only() -> None:
    row = "{ at = -75, product = 'cilta-cel', as = 'procedure', day_only = true }"

    assert only(f"infusion = [{row}]")["performedDateTime"] == "2026-11-19"


def test_a_dose_stands_at_a_time() -> None:
    dose = only(DOSE)

    assert dose["status"] == "completed"
    assert dose["effectiveDateTime"] == "2026-11-22T13:00:00Z"
    assert dose["dosage"]["dose"]["value"] == 560
    assert dose["medicationCodeableConcept"]["coding"][0]["code"] == "1657979"


@pytest.mark.parametrize(
    ("times", "status", "period"),
    [
        ("from = -4", "in-progress", {"start": "2026-11-22T10:00:00Z"}),
        (
            "from = -4, to = -2",
            "completed",
            {"start": "2026-11-22T10:00:00Z", "end": "2026-11-22T12:00:00Z"},
        ),
    ],
)
def test_a_drip_runs_until_its_end(times: str, status: str, period: dict[str, str]) -> None:
    drip = only(f"given = [{{ {times}, drug = 'norepinephrine', rate = '4 ug/min' }}]")

    assert (drip["status"], drip["effectivePeriod"]) == (status, period)
    assert drip["dosage"]["rateQuantity"]["code"] == "ug/min"


def test_a_row_may_say_its_status() -> None:
    row = "{ at = -1, drug = 'cefepime', dose = '2 g', status = 'not-done' }"

    assert only(f"given = [{row}]")["status"] == "not-done"


def test_a_drug_without_a_code_is_text() -> None:
    bolus = only("given = [{ at = -1, drug = 'normal saline', dose = '500 mL' }]")

    assert bolus["medicationCodeableConcept"] == {"text": "sodium chloride 0.9 % bolus"}


def test_an_epic_like_chart_refers_to_one_medication() -> None:
    medication, first, second = chart(EPIC + DOSE.replace("-1", "[-9, -1]"))

    assert medication["id"] == "medication-tocilizumab"
    assert first["medicationReference"]["reference"] == "Medication/medication-tocilizumab"
    assert second["medicationReference"] == first["medicationReference"]


def test_a_cerner_like_chart_contains_the_medication() -> None:
    dose = only(CERNER + DOSE)

    ingredient = dose["contained"][0]["ingredient"][0]["itemCodeableConcept"]
    assert dose["medicationReference"] == {"reference": "#med"}
    assert ingredient["coding"][0]["code"] == "1657979"


def test_an_order_for_a_drug_is_active_with_its_instruction() -> None:
    row = "{ at = -2, drug = 'dexamethasone', dose = '10 mg', route = 'IV', sig = 'once' }"
    order = only(f"orders = [{row}]")

    assert (order["resourceType"], order["status"]) == ("MedicationRequest", "active")
    assert order["dosageInstruction"][0]["text"] == "once"
    assert order["authoredOn"] == "2026-11-22T12:00:00Z"


def test_an_order_for_a_test_is_a_service_request() -> None:
    order = only("orders = [{ at = -2, test = 'MRI brain' }]")

    assert (order["resourceType"], order["code"]["coding"][0]["code"]) == (
        "ServiceRequest",
        "24587-8",
    )


@pytest.mark.parametrize(
    ("times", "status"), [("from = -9", "active"), ("from = -9, to = -8", "resolved")]
)
def test_a_condition_is_over_where_it_has_an_end(times: str, status: str) -> None:
    condition = only(f"conditions = [{{ {times}, name = 'generalized seizure' }}]")

    assert condition["clinicalStatus"]["coding"][0]["code"] == status
    assert ("abatementDateTime" in condition) == (status == "resolved")


def test_a_procedure_stands_at_its_time() -> None:
    procedure = only("procedures = [{ at = -5, name = 'intubation' }]")

    assert procedure["performedDateTime"] == "2026-11-22T09:00:00Z"


@pytest.mark.parametrize(("answer", "coded"), [("", False), (", answer = 'diffuse edema'", True)])
def test_a_report_may_code_its_conclusion(answer: str, coded: bool) -> None:
    report = only(f"reports = [{{ at = -3, test = 'MRI brain', conclusion = 'Edema.'{answer} }}]")

    assert report["conclusion"] == "Edema."
    assert ("conclusionCode" in report) == coded


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("given = [{ at = -1, drug = 'elixir' }]", "no drug is called 'elixir'; known are toci"),
        ("given = [{ at = -1, drug = 'cefepime', dose = '2' }]", "'2' is not a number and a unit"),
        ("given = [{ at = -1, drug = 'cefepime', dose = 'some mg' }]", "'some mg' is not a number"),
    ],
)
def test_what_the_catalog_does_not_have_is_refused(rows: str, message: str) -> None:
    with pytest.raises(StoryError, match=message):
        chart(rows)
