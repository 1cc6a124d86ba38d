"""Draft orders: which count, what is ordered, how much, when, why and for whom."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from fhir_mappings import read_drafts
from fhir_mappings.codes import CodeableConcept, Coding
from fhir_mappings.drugs import RXNORM
from fhir_mappings.resources import Medication
from fhir_mappings.times import UTC_ZONE
from grading.order_model import Draft, OrderReason
from tests.fhir_basics import PATIENT_ID, concept, subject
from tests.fhir_codes import Resource
from tests.fhir_mappings.drafting import bundled, dosed, draft_order, drafts_of, the_draft
from tests.fhir_mappings.reading import ago

TOCILIZUMAB = {"resourceType": "Medication", "id": "m1", "code": concept("rxnorm|612865")}
SEIZURE, AGITATION = frozenset({OrderReason.SEIZURE}), frozenset({OrderReason.AGITATION})
NO_REASON: frozenset[OrderReason] = frozenset()


def study(code: str, **elements: Any) -> Resource:
    return {
        "resourceType": "ServiceRequest",
        "id": "s1",
        "status": "draft",
        "intent": "order",
        "subject": subject(),
        "code": concept(code),
    } | elements


# --- which drafts there are ----------------------------------------------------------------------


@pytest.mark.parametrize("status", ["draft", "active", "on-hold", "completed", "unknown", None])
def test_a_draft_of_any_status_that_is_not_void_counts(status: str | None) -> None:
    draft = the_draft(draft_order(status=status))

    assert (draft.ref, draft.ingredients, draft.stops) == (
        "MedicationRequest/d1",
        ("tocilizumab",),
        False,
    )
    assert draft.idle is (status in {"on-hold", "completed"})


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error"])
def test_a_void_draft_does_not_count(status: str) -> None:
    orders = drafts_of(draft_order(status=status), study("text|EEG", status=status))

    assert (orders.drafts, dict(orders.resources)) == ((), {})
    assert {"MedicationRequest/d1", "ServiceRequest/s1"} <= orders.delivered


@pytest.mark.parametrize(
    "resource",
    [
        draft_order(status="stopped"),
        draft_order(doNotPerform=True),
        study("text|EEG", status="stopped"),
        study("text|EEG", doNotPerform=True),
        draft_order(medicationCodeableConcept=7, status="stopped"),
    ],
)
def test_a_draft_that_stops_or_forbids(resource: Resource) -> None:
    assert the_draft(resource).stops is True


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"7",
        b"[]",
        b"{",
        b"\xff",
        b'{"entry": 7}',
        b'{"entry": [7, null, {}, {"resource": null}, {"resource": 7}, {"resource": {}}]}',
        b"[" * 10_000,
        b'{"entry": ' + b"[" * 100_000,
        bundled({"resourceType": "NutritionOrder", "id": "n1"}),
        bundled({"resourceType": ["MedicationRequest"], "id": "d1"}),
    ],
)
def test_what_holds_no_draft(raw: bytes) -> None:
    orders = read_drafts(raw, PATIENT_ID, UTC_ZONE, None)

    assert (orders.drafts, orders.wrong_patient, orders.unresolved) == ((), False, ())


@pytest.mark.parametrize(
    ("focus", "in_focus"),
    [
        (None, [True, True]),
        (["MedicationRequest/d2"], [False, True]),
        (["MedicationRequest/d2", "MedicationRequest/gone"], [False, True]),
        (["MedicationRequest/gone"], [True, True]),
        (["NutritionOrder/n1"], [False, False]),
        (["MedicationRequest/void"], [False, False]),
        ([], [False, False]),
    ],
)
def test_only_selected_drafts_are_in_focus(focus: list[str] | None, in_focus: list[bool]) -> None:
    meal = {"resourceType": "NutritionOrder", "id": "n1"}
    void = draft_order(id="void", status="cancelled")
    orders = drafts_of(draft_order(), draft_order(id="d2"), meal, void, focus=focus)

    assert [draft.is_focus for draft in orders.drafts] == in_focus


URN = "urn:uuid:33333333-1111-4111-8111-111111111111"
EHR = "https://ehr.example.org/fhir"


@pytest.mark.parametrize(
    ("full_url", "name", "selection", "is_named"),
    [
        (None, "d1", "MedicationRequest/d1", True),
        (None, "d1", "d1", True),
        (None, "d1", "/MedicationRequest/d1", True),
        (None, "d1", "MedicationRequest/d1/", True),
        (None, "d1", " MedicationRequest/d1 ", True),
        (None, "d1", "MedicationRequest/d1|1", True),
        (None, "d1", f"{EHR}/MedicationRequest/d1/_history/3", True),
        (None, "a|b", "MedicationRequest/a|b", True),
        (URN, "d1", URN, True),
        (URN, None, URN, True),
        (f"{EHR}/MedicationRequest/d1", None, "MedicationRequest/d1", True),
        (f"{EHR}/MedicationRequest/d1", None, f"{EHR}/MedicationRequest/d1", True),
        (None, "d1", "d", False),
        (None, "d1", "ServiceRequest/d1", False),
        (None, "d1", "MedicationRequest/d11", False),
        (None, None, "", False),
        (URN, "d1", URN.replace("3", "4"), False),
    ],
)
def test_a_selection_names_a_draft_in_any_way(
    full_url: str | None, name: str | None, selection: str, is_named: bool
) -> None:
    other = draft_order("text|filgrastim", id="other")
    named = (full_url, draft_order(id=name))
    orders = drafts_of(named, other, focus=[selection, "MedicationRequest/other"])

    assert [draft.is_focus for draft in orders.drafts] == [is_named, True]
    assert orders.ignored == (0 if is_named else 1)


def test_an_id_alone_names_every_draft_that_has_it() -> None:
    orders = drafts_of(
        draft_order(), study("text|EEG", id="d1"), draft_order(id="d2"), focus=["d1"]
    )

    assert [draft.is_focus for draft in orders.drafts] == [True, True, False]


def test_an_id_of_200_characters_is_legal() -> None:
    name = "e" * 200
    orders = drafts_of(draft_order(id=name))

    assert [draft.ref for draft in orders.drafts] == [f"MedicationRequest/{name}"]
    assert json.loads(orders.resources[f"MedicationRequest/{name}"])["id"] == name


def test_the_json_of_a_draft_is_kept_as_it_was_sent() -> None:
    sent = draft_order(note=[{"text": "1.10"}])

    assert json.loads(drafts_of(sent).resources["MedicationRequest/d1"]) == sent


@pytest.mark.parametrize(
    "second",
    [
        draft_order("text|vincristine"),
        draft_order(status="cancelled"),
        draft_order(medicationCodeableConcept=7),
    ],
    ids=["another drug", "void", "not readable"],
)
def test_of_two_drafts_of_one_id_neither_is_told_by_it(second: Resource) -> None:
    apart = draft_order(id="d2")
    orders = drafts_of(draft_order(), second, apart)

    assert list(orders.resources) == ["MedicationRequest/d2"]
    assert orders.drafts[0].ref == "MedicationRequest/d1"


def test_a_draft_without_id_has_no_reference() -> None:
    orders = drafts_of(draft_order(id=None))

    assert ([draft.ref for draft in orders.drafts], dict(orders.resources)) == ([""], {})


def test_a_draft_that_is_sent_twice_counts_once() -> None:
    assert len(drafts_of(draft_order(), draft_order()).drafts) == 1


# --- for whom ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("whom", "is_wrong"),
    [
        ({"reference": "Patient/patient-a"}, False),
        ({"reference": "https://ehr.example.org/fhir/Patient/patient-a"}, False),
        ({"reference": "Patient/patient-a/_history/2"}, False),
        ({"reference": "/Patient/patient-a"}, False),
        ({"reference": "Patient/patient-a", "identifier": {"value": "7"}}, False),
        ({"display": "A"}, False),
        ({"identifier": None}, False),
        ({}, False),
        (None, False),
        ("Patient/patient-a", False),
        ({"identifier": {"value": "7"}}, True),
        ({"identifier": {"value": "7"}, "display": "A"}, True),
        ({"reference": "Group/x/Patient/patient-a"}, True),
        ({"reference": "https://ehr.example.org/?x=/Patient/patient-a"}, True),
        ({"reference": "Patient/patient-a/Observation/1"}, True),
        ({"reference": "Patient/patient-b"}, True),
        ({"reference": "urn:uuid:1"}, True),
    ],
)
@pytest.mark.parametrize("broken", [False, True])
def test_an_order_of_another_patient_is_left_out(whom: Any, is_wrong: bool, broken: bool) -> None:
    orders = drafts_of(draft_order(subject=whom, intent=7 if broken else "order"))

    assert orders.wrong_patient is is_wrong
    assert len(orders.drafts) == (0 if is_wrong else 1)


@pytest.mark.parametrize(
    ("server", "reference", "is_wrong"),
    [
        ("https://ehr.example.org/fhir", "https://ehr.example.org/fhir/Patient/patient-a", False),
        (
            "https://ehr.example.org/fhir/",
            "https://EHR.example.org:443/fhir/Patient/patient-a",
            False,
        ),
        ("https://ehr.example.org/fhir", "http://ehr.example.org/fhir/Patient/patient-a", False),
        ("https://ehr.example.org/fhir", "Patient/patient-a", False),
        ("https://ehr.example.org/fhir", "https://other.example.org/fhir/Patient/patient-a", True),
        ("https://ehr.example.org/fhir", "https://ehr.example.org/other/Patient/patient-a", True),
        (
            "https://ehr.example.org/fhir",
            "https://ehr.example.org:8443/fhir/Patient/patient-a",
            True,
        ),
        ("https://ehr.example.org/fhir", "https://[/fhir/Patient/patient-a", True),
        (None, "https://other.example.org/fhir/Patient/patient-a", False),
        ("ehr", "https://other.example.org/fhir/Patient/patient-a", False),
        ("https://ehr.example.org:x", "https://other.example.org/fhir/Patient/patient-a", False),
    ],
)
def test_an_order_for_a_patient_of_another_server_is_left_out(
    server: str | None, reference: str, is_wrong: bool
) -> None:
    raw = bundled(draft_order(subject={"reference": reference}))
    orders = read_drafts(raw, PATIENT_ID, UTC_ZONE, None, server=server)

    assert orders.wrong_patient is is_wrong


# --- which medicine ------------------------------------------------------------------------------


def by_reference(reference: str, display: str | None = None, **elements: Any) -> Resource:
    named = {"reference": reference, "display": display}
    return draft_order(None, medicationReference=named, **elements)


@pytest.mark.parametrize(
    "resources",
    [
        [draft_order("rxnorm|612865")],
        [draft_order("site|77 text|Tocilizumab-bavi 20 mg/mL")],
        [by_reference("Medication/m1"), TOCILIZUMAB],
        [by_reference("Medication/m1/_history/3"), TOCILIZUMAB],
        [by_reference("https://ehr.example.org/fhir/Medication/m1"), TOCILIZUMAB],
        [by_reference("urn:uuid:5"), ("urn:uuid:5", TOCILIZUMAB | {"id": "x"})],
        [by_reference("#m1", contained=[TOCILIZUMAB])],
        [by_reference("#m1", contained=TOCILIZUMAB)],
        [by_reference("#m1", contained=[TOCILIZUMAB | {"id": "#m1"}])],
        [by_reference("", display="Actemra 400 mg")],
        [draft_order(None, medicationReference={"display": "Actemra 400 mg"})],
    ],
)
def test_a_medicine_is_known_however_it_is_named(resources: list[Any]) -> None:
    orders = drafts_of(*resources)

    assert [draft.ingredients for draft in orders.drafts] == [("tocilizumab",)]
    assert orders.unresolved == ()


def test_a_reference_that_nothing_answers_is_told() -> None:
    orders = drafts_of(by_reference("Medication/m9", display="Actemra"))

    assert orders.unresolved == ("Medication/m9",)
    assert orders.drafts[0].ingredients == ("tocilizumab",)


@pytest.mark.parametrize(
    ("resource", "unread"),
    [
        (by_reference("Medication/m9"), True),
        (by_reference("#gone"), True),
        (by_reference("Medication/m9", display="Premix 250 mL"), True),
        (by_reference("Medication/m9", display="Actemra"), False),
        (by_reference("Medication/m9", display="Ondansetron"), False),
        (draft_order(None, medicationReference={"identifier": {"value": "1"}}), False),
        (draft_order(None, medicationReference={}), False),
        (draft_order(None), False),
        (draft_order("text|Premix 250 mL"), False),
    ],
)
def test_a_medicine_that_is_behind_a_reference_and_not_known(
    resource: Resource, unread: bool
) -> None:
    assert the_draft(resource).unread is unread


def test_a_medication_that_was_read_elsewhere_answers() -> None:
    code = CodeableConcept((Coding(RXNORM, "612865"),))
    read = Medication(id="m9", code=code)
    orders = read_drafts(bundled(by_reference("Medication/m9")), PATIENT_ID, UTC_ZONE, None, [read])

    assert (orders.drafts[0].ingredients, orders.unresolved) == (("tocilizumab",), ())


@pytest.mark.parametrize(
    ("resource", "text"),
    [
        (draft_order("text|a drug of no list"), "a drug of no list"),
        (draft_order(None), ""),
        (draft_order(medicationCodeableConcept="tocilizumab"), ""),
        (draft_order(intent={}), ""),
        (study("text|Reticulocyte count"), "Reticulocyte count"),
        (study("text|x") | {"code": None}, ""),
    ],
)
def test_a_draft_that_is_not_recognized_stays(resource: Resource, text: str) -> None:
    draft = the_draft(resource)

    assert (draft.is_recognized, draft.text, draft.is_focus) == (False, text, True)
    assert draft.ref == f"{resource['resourceType']}/{resource['id']}"


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("N05CD09", "class:sedative"),
        ("N05CJ01", "class:sedative"),
        ("R06AA09", "class:sedative"),
        ("H02AB08", "class:corticosteroid"),
        ("N03AX99", "class:antiseizure"),
        ("C01CA19", "class:vasopressor"),
    ],
)
def test_a_class_is_an_ingredient_by_its_name(code: str, name: str) -> None:
    assert the_draft(draft_order(f"atc|{code}")).ingredients == (name,)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("loinc|24587-8", "mri-brain"),
        ("text|CT head without contrast", "ct-head"),
        ("text|EEG", "eeg"),
    ],
)
def test_a_test_is_known(code: str, kind: str) -> None:
    assert the_draft(study(code)).study == kind


def test_a_vaccine_may_be_ordered_as_a_service() -> None:
    vaccine = the_draft(study("text|Yellow fever vaccination")).vaccine

    assert vaccine is not None
    assert vaccine.live


# --- form and route ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("drug", "route", "systemic", "intravenous"),
    [
        ("rxnorm|612865", "iv", True, True),
        ("rxnorm|612865", "sc", True, False),
        ("rxnorm|612865", None, True, None),
        ("rxnorm|1657974", None, True, None),
        ("rxnorm|1441527", None, True, False),
        ("rxnorm|2106075", None, True, False),
        ("text|tocilizumab 162 mg subcutaneous injection", None, True, False),
        ("text|phenylephrine 10 mg tablet", None, True, False),
        ("text|phenylephrine", "nasal", False, False),
        ("text|dexamethasone 0.1 % eye drops", None, False, False),
        ("text|dexamethasone elixir", "swish and spit", False, False),
        ("text|Depo-Medrol 80 mg", None, False, False),
        ("rxnorm|197696", None, True, False),
        ("text|fentanyl 25 mcg/h patch", "topical", True, False),
        ("text|fentanyl", "Transdermal", True, False),
        ("text|fentanyl", "epidural", False, False),
        ("text|midazolam 5 mg nasal spray", "nasal", True, False),
        ("text|hydrocortisone 1 % patch", "Transdermal", False, False),
    ],
)
def test_form_and_route(
    drug: str, route: str | None, systemic: bool, intravenous: bool | None
) -> None:
    draft = the_draft(draft_order(drug, dosageInstruction=[dosed(route)] if route else None))

    assert (draft.systemic, draft.intravenous) == (systemic, intravenous)


# --- how much and when ---------------------------------------------------------------------------

NONE: tuple[Any, ...] = (None, None, False)
UNCLEAR = (None, None, True)


def written(*amounts: Resource) -> Resource:
    """One instruction whose amount is written in several ways."""
    return {"doseAndRate": list(amounts)}


def amount(value: Any, unit: str | None = None, code: str | None = None) -> Resource:
    return {"doseQuantity": {"value": value, "unit": unit, "code": code}}


@pytest.mark.parametrize(
    ("instruction", "expected"),
    [
        (dosed(**amount(560, "mg")), (Decimal(560), None, False)),
        (dosed(**amount(1, "g")), (Decimal(1000), None, False)),
        (dosed(**amount(8, "mg/kg")), (None, Decimal(8), False)),
        (dosed(**amount(5, code="ug/kg")), (None, Decimal("0.005"), False)),
        (dosed(**amount(0.4, "mg/kg/dose")), (None, Decimal("0.4"), False)),
        (dosed(**amount(20, "mL")), UNCLEAR),
        (dosed(**amount(1, "tablet")), UNCLEAR),
        (dosed(**amount(400)), UNCLEAR),
        (dosed(**amount("NaN", "mg")), UNCLEAR),
        (dosed(doseQuantity={"value": 560, "unit": "mg", "comparator": "<"}), UNCLEAR),
        (dosed(**amount(-5, "mg")), UNCLEAR),
        (dosed(doseRange={"low": {"value": 1, "unit": "mg"}}), UNCLEAR),
        (dosed(text="400 mg IV once"), UNCLEAR),
        (dosed(text="once, over 60 minutes"), NONE),
        (dosed(**amount(None, "mg")), NONE),
        (dosed(rateQuantity={"value": 100, "unit": "mL/h"}), NONE),
        (dosed("iv"), NONE),
        (amount(900, "mg"), (Decimal(900), None, False)),
        (amount(8, "mg/kg"), (None, Decimal(8), False)),
        (amount(45, "mL"), UNCLEAR),
        ({"doseRange": {"low": {"value": 800, "unit": "mg"}}}, UNCLEAR),
        ({"doseRange": None, "doseQuantity": None}, NONE),
        ({"rateQuantity": {"value": 100, "unit": "mL/h"}}, NONE),
        (dosed(**amount(560, "mg")) | amount(900, "mg"), (Decimal(900), None, False)),
        (None, NONE),
        ("400 mg", UNCLEAR),
    ],
)
def test_how_much(instruction: Any, expected: tuple[Any, ...]) -> None:
    draft = the_draft(draft_order(dosageInstruction=None if instruction is None else [instruction]))

    assert (draft.mg, draft.mg_per_kg, draft.dose_unclear) == expected


@pytest.mark.parametrize(
    ("instructions", "expected"),
    [
        ([dosed(**amount(560, "mg")), dosed(**amount(8000, "mg"))], (Decimal(8000), None, False)),
        ([dosed(**amount(8000, "mg")), dosed(**amount(560, "mg"))], (Decimal(8000), None, False)),
        ([written(amount(8, "mg/kg"), amount(12, "mg/kg"))], (None, Decimal(12), False)),
        ([written(amount(8, "mg/kg"), amount(560, "mg"))], (Decimal(560), None, False)),
        ([written(amount(28, "mL"), amount(560, "mg"))], (Decimal(560), None, False)),
        ([written(amount(28, "mL"), amount(1, "vial"))], UNCLEAR),
        (
            [dosed(**amount(560, "mg")), dosed(**amount(8, "mg/kg"))],
            (Decimal(560), Decimal(8), True),
        ),
        ([dosed(**amount(560, "mg")), dosed(**amount(40, "mL"))], (Decimal(560), None, True)),
        ([dosed(**amount(560, "mg")), dosed(**amount(560))], (Decimal(560), None, True)),
        ([dosed(**amount(560, "mg")), 5], (Decimal(560), None, True)),
        ([dosed(**amount(560, "mg")), dosed(text="after 8 h")], (Decimal(560), None, False)),
    ],
)
def test_of_several_amounts_the_greatest_counts(
    instructions: Any, expected: tuple[Any, ...]
) -> None:
    draft = the_draft(draft_order(dosageInstruction=instructions))

    assert (draft.mg, draft.mg_per_kg, draft.dose_unclear) == expected


@pytest.mark.parametrize(
    ("timing", "start"),
    [
        ({"event": ["2026-11-22T13:00:00Z"]}, ago("1h")),
        ({"event": ["2026-11-22T13:00:00Z", "2026-11-22T11:00:00Z"]}, ago("3h")),
        ({"event": "2026-11-22T13:00:00Z"}, ago("1h")),
        ({"event": ["soon", "2026-11-22T13:00:00Z"]}, ago("1h")),
        ({"repeat": {"boundsPeriod": {"start": "2026-11-22T12:00:00Z"}}}, ago("2h")),
        (
            {"event": ["2026-11-22T13:00:00Z"], "repeat": {"boundsPeriod": {"start": "2026"}}},
            ago("1h"),
        ),
        ({"event": [7, "soon"], "repeat": {"boundsPeriod": {"end": "2026-11-22"}}}, None),
        ({"repeat": {"boundsPeriod": 7}}, None),
        ({}, None),
    ],
)
def test_the_first_scheduled_time(timing: Resource, start: int | None) -> None:
    assert the_draft(draft_order(dosageInstruction=[{"timing": timing}])).start == start


@pytest.mark.parametrize(
    ("repeat", "hours"),
    [
        ({"frequency": 1, "period": 8, "periodUnit": "h"}, Decimal(8)),
        ({"frequency": 2, "period": 1, "periodUnit": "d"}, Decimal(12)),
        ({"period": 6, "periodUnit": "h"}, Decimal(6)),
        ({"frequency": 0, "period": 6, "periodUnit": "h"}, Decimal(6)),
        ({"frequency": "NaN", "period": 6, "periodUnit": "h"}, Decimal(6)),
        ({"frequency": 1, "period": "Infinity", "periodUnit": "h"}, None),
        ({"frequency": 1, "period": 1e9, "periodUnit": "h"}, None),
        ({"frequency": 1, "period": 8}, None),
    ],
)
def test_hours_between_doses(repeat: Resource, hours: Decimal | None) -> None:
    timing = {"timing": {"repeat": repeat}}
    assert the_draft(draft_order(dosageInstruction=[timing])).every_h == hours


# --- why -----------------------------------------------------------------------------------------

EPILEPSY = {"resourceType": "Condition", "id": "c1", "code": concept("icd10|G40.909")}


@pytest.mark.parametrize(
    ("elements", "has_reason", "reasons"),
    [
        ({"reasonCode": [concept("text|Seizure prophylaxis")]}, True, SEIZURE),
        ({"reasonCode": [concept("icd10|G40.909")]}, True, SEIZURE),
        ({"reasonCode": [concept("text|Delirium with agitation")]}, True, AGITATION),
        ({"reasonCode": concept("text|status epilepticus")}, True, SEIZURE),
        ({"reasonCode": [concept("text|pneumonia")]}, True, NO_REASON),
        ({"reasonCode": [concept("text|rule out seizure")]}, True, NO_REASON),
        ({"reasonCode": [concept("text|no agitation")]}, True, NO_REASON),
        ({"reasonCode": [{}, 7, None]}, False, NO_REASON),
        ({"reasonReference": [{"display": "Epilepsy"}]}, True, SEIZURE),
        ({"reasonReference": [{"reference": "Condition/c1"}]}, True, SEIZURE),
        ({"reasonReference": [{"reference": "Condition/c9"}]}, True, NO_REASON),
        ({"reasonReference": [{"reference": "Condition/c2"}]}, True, NO_REASON),
        ({"reasonReference": [{"reference": "#c1"}], "contained": [EPILEPSY]}, True, SEIZURE),
        (
            {
                "reasonReference": [{"reference": "#c1"}],
                "contained": [EPILEPSY | {"id": "#c1"}],
            },
            True,
            SEIZURE,
        ),
        ({"reasonReference": [{}]}, False, NO_REASON),
        ({}, False, NO_REASON),
    ],
)
def test_why(elements: Resource, has_reason: bool, reasons: frozenset[OrderReason]) -> None:
    (draft,) = drafts_of(
        draft_order(**elements), EPILEPSY, {"resourceType": "Condition", "id": "c2"}
    ).drafts

    assert (draft.has_reason, draft.reasons) == (has_reason, reasons)


@pytest.mark.parametrize(
    ("instruction", "has_reason", "reasons"),
    [
        ({"asNeededCodeableConcept": concept("text|agitation")}, True, AGITATION),
        ({"text": "2 mg IV PRN seizure lasting 5 minutes"}, False, SEIZURE),
        ({"text": "as needed for severe agitation"}, False, AGITATION),
        ({"text": "may lower the seizure threshold"}, False, NO_REASON),
        ({"text": "hold for seizures"}, False, NO_REASON),
    ],
)
def test_why_as_needed(
    instruction: Resource, has_reason: bool, reasons: frozenset[OrderReason]
) -> None:
    draft = the_draft(draft_order(dosageInstruction=[instruction]))

    assert (draft.has_reason, draft.reasons) == (has_reason, reasons)


def test_a_minimal_draft_is_read() -> None:
    assert the_draft(draft_order("text|filgrastim")) == Draft(
        "MedicationRequest/d1", "filgrastim", ingredients=("filgrastim",)
    )
