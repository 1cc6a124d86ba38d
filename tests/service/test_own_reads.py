"""What was not delivered is read from the EHR: the same answer, whatever is delivered and paged."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask

from fhir_mappings.keys import KEYS
from tests.builders import (
    PATIENT_ID,
    cells,
    device,
    fio2,
    flow,
    given,
    ice,
    identified,
    patient,
    prefetch_for,
    pressure,
    spo2,
    temperature,
)
from tests.fhir_codes import Resource
from tests.fhir_stub import Fault, refused, running
from tests.service.calls import (
    FEBRILE,
    TOKEN,
    detail,
    graded,
    only,
    post,
    reading,
    request,
    searched,
    told,
    whole,
    without,
)

IN_SCOPE = [patient(), cells("axi-cel", at="75h")]
HOURLY = [temperature(37.0 + hour % 3 / 10, at=f"{hour}h") for hour in range(60)]


@pytest.mark.parametrize(
    "delivered",
    [..., {}, *(only(key) for key in KEYS), *(without(key) for key in KEYS)],
)
@pytest.mark.parametrize("most", [200, 2])
def test_any_share_of_prefetch_gives_the_same_answer(app: Flask, delivered: Any, most: int) -> None:
    with running(FEBRILE, most=most) as stub:
        answer = post(app, reading(stub, delivered))

    assert answer.data == post(app, request()).data


def test_what_was_delivered_is_not_read_again(app: Flask) -> None:
    with running(FEBRILE) as stub:
        post(app, reading(stub, whole()))

    assert stub.calls == []


@pytest.mark.parametrize(
    "value",
    [None, {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "x"}]}],
)
def test_a_null_and_an_error_are_not_asked_for_again(app: Flask, value: Any) -> None:
    with running(FEBRILE) as stub:
        post(app, reading(stub, whole() | {"conditions": value}))

    assert searched(stub, "Condition") == []


def test_every_read_carries_the_token(app: Flask) -> None:
    with running(FEBRILE) as stub:
        post(app, reading(stub))

    assert {call.headers["Authorization"] for call in stub.calls} == {f"Bearer {TOKEN}"}
    assert {call.headers["Accept"] for call in stub.calls} == {"application/fhir+json"}
    assert {call.headers["Cache-Control"] for call in stub.calls} == {"no-cache"}
    assert {call.method for call in stub.calls} == {"GET"}


def test_without_a_token_none_is_sent(app: Flask) -> None:
    with running(FEBRILE) as stub:
        answer = post(app, reading(stub, fhirAuthorization=...))

    assert graded(answer)["crs"]["lo"] == 1
    assert not any("Authorization" in call.headers for call in stub.calls)


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"expires_in": 0}, "the token has expired"),
        ({"expires_in": -5}, "the token has expired"),
        ({"patient": "patient-b"}, "the token is of another patient"),
    ],
)
def test_a_token_that_is_not_for_this_call_is_not_used(
    app: Flask, members: dict[str, Any], reason: str
) -> None:
    with running(FEBRILE) as stub:
        body = reading(stub)
        answer = post(app, body | {"fhirAuthorization": body["fhirAuthorization"] | members})

    assert stub.calls == []
    assert reason in detail(answer)


def test_a_server_that_may_not_be_read_is_named_as_the_reason(app: Flask) -> None:
    answer = post(app, request(prefetch=..., fhirServer="http://169.254.169.254/fhir"))

    assert "the FHIR server may not be read" in detail(answer)


def test_another_patient_than_the_context_names_stops_before_any_read(app: Flask) -> None:
    with running(FEBRILE) as stub:
        answer = post(app, reading(stub, {"patient": patient(id="patient-b")}))

    assert answer.status_code == 422
    assert told(answer) == "prefetch key patient: not the patient of the context"
    assert stub.calls == []


def test_an_evaluation_instant_bounds_the_searches(app: Flask) -> None:
    with running(FEBRILE) as stub:
        post(app, reading(stub))

    (procedures,) = searched(stub, "Procedure")
    assert procedures.endswith("&date=le2026-11-22T14:00:00Z")


def test_without_one_there_is_no_bound(app: Flask) -> None:
    with running(FEBRILE) as stub:
        post(app, reading(stub, extension=...))

    assert not any("=le" in call.url for call in stub.calls)


# --- pages ---------------------------------------------------------------------------------------


def test_pages_are_followed_until_a_day_before_the_infusion(app: Flask) -> None:
    older = [temperature(37.0, at=f"{hour}h") for hour in range(100, 200)]
    with running([*IN_SCOPE, *HOURLY, *older], most=20) as stub:
        found = graded(post(app, reading(stub)))

    offsets = [query for query in searched(stub, "Observation") if "category=" in query]
    assert "temperature" not in found["crs"].get("missing", [])
    assert 60 <= 20 * len(offsets) <= 100


def test_pages_are_not_followed_where_no_infusion_is_found(app: Flask) -> None:
    with running([patient(), *HOURLY], most=20) as stub:
        answer = post(app, reading(stub))

    assert graded(answer)["crs"] == {"state": "out-of-scope"}
    assert answer.get_json()["cards"] == []
    assert len([query for query in searched(stub, "Observation") if "category=" in query]) == 1


@pytest.mark.parametrize("status", [404, 410])
def test_a_patient_that_the_server_does_not_know_is_not_out_of_scope(
    app: Flask, status: int
) -> None:
    with running([], [Fault("/Patient/", status=status)]) as stub:
        answer = post(app, reading(stub))

    assert graded(answer)["crs"]["state"] == "not-assessable"
    assert f"the patient's own record: the FHIR server answered with status {status}" in detail(
        answer
    )


def test_a_long_drug_chart_is_followed_to_say_whether_an_infusion_was_given(app: Flask) -> None:
    long_ago = [given("norepinephrine", at=f"{day}d") for day in range(95)]
    with running([patient(), *long_ago], most=10) as stub:
        found = graded(post(app, reading(stub, without("procedures", "infusions", "given"))))

    assert found["crs"] == {"state": "out-of-scope"}


def test_an_infusion_on_a_later_page_is_found(app: Flask) -> None:
    recent = [given("norepinephrine", at=f"{hour}h") for hour in range(1, 40)]
    charted_as_text = given("text|axicabtagene ciloleucel", at="75h")
    with running([patient(), *recent, charted_as_text], most=10) as stub:
        unread = {"infusions": {"resourceType": "OperationOutcome"}}
        found = graded(post(app, reading(stub, unread)))

    assert found["infusion"]["time"] == "2026-11-19T11:00:00Z"


def test_what_is_not_sorted_is_read_to_its_end(app: Flask) -> None:
    products = [given("axi-cel", at=f"{day}d") for day in (3, 40, 80)]
    with running([patient(), *products], most=1) as stub:
        post(app, reading(stub))

    by_code = [q for q in searched(stub, "MedicationAdministration") if "code=" in q]
    assert len(by_code) == 3


def test_a_prefetched_page_is_gone_on_with_from_its_link(app: Flask) -> None:
    first, later = HOURLY[:30], HOURLY[30:]
    with running([*FEBRILE, *later]) as stub:
        url = f"{stub.url}/Observation?patient={PATIENT_ID}&_sort=-date"
        page = {
            "resourceType": "Bundle",
            "type": "searchset",
            "entry": [{"resource": each} for each in first],
            "link": [{"relation": "next", "url": url}],
        }
        post(app, reading(stub, whole() | {"bedside": page}))

    assert url in {f"{stub.url}{call.url}" for call in stub.calls}
    assert {call.headers["Authorization"] for call in stub.calls} == {f"Bearer {TOKEN}"}


def test_a_link_to_another_origin_is_not_followed(app: Flask) -> None:
    with running() as elsewhere, running(FEBRILE) as stub:
        page = {
            "resourceType": "Bundle",
            "link": [{"relation": "next", "url": f"{elsewhere.url}/Procedure?page=2"}],
        }
        stub.faults = [
            Fault("/Procedure", body=json.dumps(page)),
            Fault("/MedicationAdministration", body=json.dumps(page)),
        ]
        answer = post(app, reading(stub))

    assert elsewhere.calls == []
    assert "leads to another server" in detail(answer)


@pytest.mark.parametrize(
    ("link", "kind"), [("/Procedure?page=2", "page-loop"), ("http://[::1", "bad-link")]
)
def test_a_link_that_leads_nowhere_ends_the_search(
    app: Flask, capsys: pytest.CaptureFixture[str], link: str, kind: str
) -> None:
    page = {"resourceType": "Bundle", "link": [{"relation": "next", "url": link}]}
    faults = [Fault("/Procedure", body=json.dumps(page))]
    with running([patient()], faults) as stub:
        answer = post(app, reading(stub))

    assert graded(answer)["crs"]["state"] == "not-assessable"
    assert f'"procedures":"{kind}"' in capsys.readouterr().err


@pytest.mark.parametrize("resources", [0, 100])
def test_endless_pages_end(app: Flask, capsys: pytest.CaptureFixture[str], resources: int) -> None:
    done = {"resourceType": "Procedure", "status": "completed"}
    entries = [{"resource": identified(done)}] * resources

    class Endless(list[Fault]):
        """A page that always leads on."""

        def __iter__(self) -> Any:
            link = {"relation": "next", "url": f"/Procedure?page={len(stub.calls)}"}
            page = {"resourceType": "Bundle", "entry": entries, "link": [link]}
            yield Fault("/Procedure", body=json.dumps(page))

    with running([patient()]) as stub:
        stub.faults = Endless()
        answer = post(app, reading(stub))

    assert graded(answer)["crs"]["state"] == "not-assessable"
    assert '"procedures":"too-many"' in capsys.readouterr().err
    assert len(stub.calls) < 330


# --- the second round ----------------------------------------------------------------------------


def bare(resource: Resource) -> Resource:
    """An Observation without its category."""
    return identified({k: v for k, v in resource.items() if k not in ("category", "id")})


BREATHING = [*IN_SCOPE, temperature(38.6), pressure(118, 72), spo2(97), *ice(10)]
"""A febrile chart in which no row says what the patient breathes."""
UNCATEGORIZED = [
    bare(temperature(38.6)),
    bare(pressure(118, 72)),
    bare(spo2(97)),
]


def test_bedside_values_without_category_are_looked_for(app: Flask) -> None:
    with running([*IN_SCOPE, *UNCATEGORIZED]) as stub:
        found = graded(post(app, reading(stub)))

    assert found["crs"]["lo"] == 1
    assert "blood-pressure" not in found["crs"].get("missing", [])


HIGH_FLOW = [bare(flow(40)), bare(fio2(60))]
"""Oxygen under a category of its own, as the ventilation data of the German ICU profiles."""


def test_oxygen_without_category_is_looked_for_before_room_air_is_assumed(app: Flask) -> None:
    with running([*BREATHING, *HIGH_FLOW]) as stub:
        found = graded(post(app, reading(stub)))

    assert found["crs"]["lo"] == 3


@pytest.mark.parametrize(
    ("charted", "searches"), [([], 5), ([device("room-air")], 3), ([flow(0)], 3)]
)
def test_it_is_not_where_a_row_says_what_is_breathed(
    app: Flask, charted: list[Resource], searches: int
) -> None:
    with running([*BREATHING, *charted]) as stub:
        answer = post(app, reading(stub))

    assert graded(answer)["crs"]["lo"] == 1
    assert len(searched(stub, "Observation")) == searches


def test_nor_where_the_client_delivered_the_bedside_values(app: Flask) -> None:
    chart = prefetch_for(BREATHING)
    with running(BREATHING) as stub:
        post(app, reading(stub, {"bedside": chart["bedside"]}))

    assert len(searched(stub, "Observation")) == 2


def test_they_are_not_where_nothing_is_missing(app: Flask) -> None:
    with running([*FEBRILE, *UNCATEGORIZED]) as stub:
        post(app, reading(stub))

    assert len(searched(stub, "Observation")) == len(set(searched(stub, "Observation"))) == 3


def medicine(number: int, words: str) -> Resource:
    return {"resourceType": "Medication", "id": f"m{number}", "code": {"text": words}}


def referring(reference: str, at: str = "1h") -> Resource:
    written = given("text|x", at=at, medicationReference={"reference": reference})
    return {k: v for k, v in written.items() if k != "medicationCodeableConcept"}


def test_medications_behind_references_are_read(app: Flask) -> None:
    used = [referring(f"Medication/m{number}", at=f"{number}h") for number in range(1, 46)]
    known = [medicine(number, "norepinephrine") for number in range(1, 46)]
    with running([*FEBRILE, *used, *known]) as stub:
        answer = post(app, reading(stub))

    asked = [query.partition("&")[0] for query in searched(stub, "Medication")]
    assert sorted(query.count(",") + 1 for query in asked) == [5, 40]
    assert "not recognized" not in detail(answer)


def test_every_page_of_the_medications_is_read(app: Flask) -> None:
    used = [referring(f"Medication/m{number}", at=f"{number}h") for number in range(1, 10)]
    known = [medicine(number, "norepinephrine") for number in range(1, 10)]
    with running([*FEBRILE, *used, *known]) as stub:
        page = json.dumps(stub.answer(f"/MedicationAdministration?patient={PATIENT_ID}")[1])
        stub.most = 2
        stub.faults = [Fault("/MedicationAdministration", body=page)]
        answer = post(app, reading(stub))

    assert len(searched(stub, "Medication")) == 5
    assert "not recognized" not in detail(answer)


def test_a_medication_that_cannot_be_read_is_named_as_not_recognized(app: Flask) -> None:
    with running([*FEBRILE, referring("Medication/m1")], [refused("/Medication?", 403)]) as stub:
        answer = post(app, reading(stub))

    assert "not recognized" in detail(answer)


def test_an_infusion_behind_a_reference_is_found(app: Flask) -> None:
    with running([patient(), medicine(1, "axicabtagene ciloleucel")]) as stub:
        for reference in ("Medication/m1", f"{stub.url}/Medication/m1"):
            stub.resources = [*stub.resources[:2], referring(reference, at="75h")]

            assert "infusion" in graded(post(app, reading(stub)))


@pytest.mark.parametrize(
    "reference", ["http://elsewhere.example.org/Medication/m1", "#m1", "Medication/a,b", "Group/m1"]
)
def test_references_that_this_server_cannot_answer_are_not_asked(
    app: Flask, reference: str
) -> None:
    with running([*FEBRILE, referring(reference)]) as stub:
        answer = post(app, reading(stub))

    assert answer.status_code == 200
    assert searched(stub, "Medication") == []


# --- what a server may say -----------------------------------------------------------------------


def test_another_patients_resources_are_refused_and_named(app: Flask) -> None:
    stranger = temperature(41.0, subject={"reference": "Patient/patient-b"})
    page = {"resourceType": "Bundle", "entry": [{"resource": stranger}]}
    with running(FEBRILE, [Fault("category=", body=json.dumps(page))]) as stub:
        answer = post(app, reading(stub))

    assert "of another patient" in detail(answer)
    assert "41" not in detail(answer)


def test_a_server_that_searched_for_everyone_counts_as_not_read(app: Flask) -> None:
    page = {
        "resourceType": "Bundle",
        "link": [{"relation": "self", "url": "http://127.0.0.1/x?_count=200"}],
        "entry": [{"resource": FEBRILE[1]}],
    }
    faults = [
        Fault("/Procedure", body=json.dumps(page)),
        Fault("/MedicationAdministration", body=json.dumps(page)),
    ]
    with running(FEBRILE, faults) as stub:
        answer = post(app, reading(stub))

    assert "the server searched without the patient" in detail(answer)


@pytest.mark.parametrize(
    ("issue", "state"),
    [
        ({"severity": "error", "code": "processing"}, "not-assessable"),
        ({"severity": "warning", "code": "suppressed"}, "not-assessable"),
        ({"severity": "warning", "code": "informational"}, "out-of-scope"),
    ],
)
def test_an_outcome_beside_the_results_leaves_a_gap_where_it_says_so(
    app: Flask, issue: Resource, state: str
) -> None:
    outcome = {"resourceType": "OperationOutcome", "issue": [issue]}
    page = {
        "resourceType": "Bundle",
        "entry": [{"search": {"mode": "outcome"}, "resource": outcome}],
    }
    with running([patient()], [Fault("/Procedure", body=json.dumps(page))]) as stub:
        found = graded(post(app, reading(stub)))

    assert found["crs"]["state"] == state


def test_a_patient_that_is_answered_with_another_has_no_age(app: Flask) -> None:
    other = Fault("/Patient/", body=json.dumps(patient(id="patient-b", birth="2020-01-01")))
    with running(FEBRILE, [other]) as stub:
        answer = post(app, reading(stub))

    assert graded(answer)["crs"]["lo"] == 1
    assert "patient-b" not in answer.text
