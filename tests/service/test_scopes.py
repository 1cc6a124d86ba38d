"""What scopes say may be read, in three styles; what is not authorized is told, never normal."""

from __future__ import annotations

import pytest
from flask import Flask

from service.scopes import Scopes, read_scopes
from tests.builders import cells, patient
from tests.fhir_stub import refused, running
from tests.service.calls import AUTHORIZATION, FEBRILE, detail, graded, post, reading, searched

CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category|"


@pytest.mark.parametrize(
    ("text", "forbidden"),
    [
        ("user/*.read", False),
        ("user/*.*", False),
        ("system/*.cruds", False),
        ("launch patient/Condition.read", False),
        ("patient/Condition.rs", False),
        ("patient/Condition.s", False),
        ("patient/Condition.rs?category=problem-list-item", False),
        ("patient/Observation.read", True),
        ("patient/Condition.write patient/Observation.rs", True),
        ("user/Condition.cud user/Observation.rs", True),
        ("user/Condition.write", False),
        ("", False),
        ("openid fhirUser launch", False),
        ("PATIENT.READ MedicationRequest.Read (R4)", False),
        ("patient/Observation.read MEDICATIONREQUEST.SEARCH (R4)", False),
    ],
)
def test_only_complete_scopes_make_a_search_hopeless(text: str, forbidden: bool) -> None:
    assert read_scopes(text).forbids("Condition") is forbidden


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ("user/*.rs", False),
        ("CONDITION.SEARCH (PROBLEMS) (R4)", False),
        ("PATIENT.READ MedicationRequest.Read (R4)", True),
        ("openid", False),
    ],
)
def test_any_style_may_explain_a_refusal(text: str, lacks: bool) -> None:
    assert read_scopes(text).lacks("Condition") is lacks


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("patient/Observation.rs", False),
        ("patient/Observation.rs?category=laboratory patient/Observation.rs", False),
        (f"patient/Observation.rs?category={CATEGORY}laboratory", True),
        (f"patient/Observation.rs?category={CATEGORY}laboratory,{CATEGORY}vital-signs", False),
        (
            f"user/Observation.rs?category={CATEGORY}laboratory"
            f" user/Observation.rs?category={CATEGORY}vital-signs",
            False,
        ),
        ("user/Observation.rs?category=laboratory,vital-signs&status=final", True),
        ("user/Observation.rs?status=final", True),
        ("user/Condition.rs?category=laboratory,vital-signs user/Observation.rs?x=y", True),
        ("OBSERVATION.SEARCH (LABS) (R4)", False),
    ],
)
def test_a_restriction_may_leave_something_out(text: str, part: bool) -> None:
    scopes = read_scopes(text)

    assert scopes.gives_part("Observation", ("vital-signs", "laboratory")) is part
    assert not scopes.gives_part("Procedure", ())


def test_a_restriction_of_another_type_leaves_out_what_cannot_be_told() -> None:
    assert read_scopes("patient/Condition.rs?category=problem-list-item").gives_part("Condition")


def test_nothing_known_is_nothing_refused() -> None:
    assert read_scopes("") == Scopes()


# --- on the card ---------------------------------------------------------------------------------


def with_scope(text: str) -> dict[str, str | int]:
    return AUTHORIZATION | {"scope": text}


@pytest.mark.parametrize(
    "text",
    ["user/*.read", "user/*.rs", "PATIENT.READ OBSERVATION.SEARCH (VITALS) (R4)", "gibberish", " "],
)
def test_every_style_of_scopes_is_taken(app: Flask, text: str) -> None:
    with running(FEBRILE) as stub:
        answer = post(app, reading(stub, fhirAuthorization=with_scope(text)))

    assert graded(answer)["crs"]["lo"] == 1
    assert "not authorize" not in detail(answer)


def test_a_type_that_is_not_authorized_is_not_asked_for_and_told(app: Flask) -> None:
    scopes = "user/Procedure.rs user/MedicationAdministration.rs user/Condition.rs"
    with running(FEBRILE) as stub:
        answer = post(app, reading(stub, fhirAuthorization=with_scope(scopes)))

    assert searched(stub, "Observation") == searched(stub, "MedicationRequest") == []
    assert not any("/Patient/" in call.url for call in stub.calls)
    assert "the token does not authorize reading it" in detail(answer)
    assert "temperature (not read)" in detail(answer)
    assert graded(answer)["crs"]["hi"] == 4


def test_medications_that_are_not_authorized_are_not_asked_for(app: Flask) -> None:
    given = {"resourceType": "MedicationAdministration", "id": "g1", "status": "completed"}
    given |= {"medicationReference": {"reference": "Medication/m1"}}
    given |= {"effectiveDateTime": "2026-11-21"}
    scopes = "user/MedicationAdministration.rs user/Procedure.rs user/Observation.rs"
    with running([*FEBRILE, given]) as stub:
        post(app, reading(stub, fhirAuthorization=with_scope(scopes)))

    assert searched(stub, "Medication") == []


def test_an_infusion_record_that_is_not_authorized_leaves_the_scope_unknown(app: Flask) -> None:
    with running([patient(), cells("axi-cel", at="75h")]) as stub:
        answer = post(app, reading(stub, fhirAuthorization=with_scope("user/Observation.rs")))

    assert graded(answer)["crs"]["state"] == "not-assessable"
    assert "the token does not authorize reading it" in detail(answer)


def test_a_part_that_is_authorized_is_not_the_whole(app: Flask) -> None:
    scopes = f"user/Observation.rs?category={CATEGORY}laboratory user/*.r?x=y"
    others = "Patient Procedure MedicationAdministration MedicationRequest ServiceRequest Condition"
    scopes += "".join(f" user/{kind}.rs" for kind in (*others.split(), "DiagnosticReport"))
    with running([patient(), cells("axi-cel", at="75h")]) as stub:
        answer = post(app, reading(stub, fhirAuthorization=with_scope(scopes)))

    assert "the token authorizes reading only a part of it" in detail(answer)
    assert "temperature (not read)" in detail(answer)


def test_a_refusal_is_explained_by_a_vendors_scopes(app: Flask) -> None:
    with running(FEBRILE, [refused("/Condition", 403), refused("/DiagnosticReport", 500)]) as stub:
        body = reading(stub, fhirAuthorization=with_scope("OBSERVATION.SEARCH (VITALS) (R4)"))
        answer = post(app, body)

    assert "problems and diagnoses: the token does not authorize reading it" in detail(answer)
    assert "imaging and EEG reports: the FHIR server answered with status 500" in detail(answer)
