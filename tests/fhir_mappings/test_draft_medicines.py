"""The medicine of a draft order, its form and its route."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_mappings import read_drafts
from fhir_mappings.codes import CodeableConcept, Coding
from fhir_mappings.drugs import RXNORM
from fhir_mappings.resources import Medication
from fhir_mappings.times import UTC_ZONE
from tests.fhir_basics import PATIENT_ID, concept
from tests.fhir_codes import Resource
from tests.fhir_mappings.drafting import bundled, dosed, draft_order, drafts_of, study, the_draft

TOCILIZUMAB = {"resourceType": "Medication", "id": "m1", "code": concept("rxnorm|612865")}


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
