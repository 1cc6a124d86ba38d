"""Servers that want to be asked otherwise: they are, the answer is the same, and it is kept."""

from __future__ import annotations

import itertools
import json
import time
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from service import create_app, demo_settings, dialects
from service.access import Access
from service.dialects import Dialects, Way
from service.fhir_client import FhirClient
from service.settings import ScopeUnknown
from tests.builders import cells, given, patient, procedure, temperature
from tests.fhir_codes import Resource
from tests.fhir_stub import Fault, refused, running
from tests.service.calls import FEBRILE, graded, post, reading, request, searched, told

BARE = refused("code=8310-5", 400, "not-supported")
SELF_MADE = [refused(where, 400) for where in ("_sort", "&code=", "&category=", "&status=")]


def statement(**kinds: str) -> Fault:
    """A CapabilityStatement with the search parameters of each type."""
    resources = [
        {"type": kind, "searchParam": [{"name": name} for name in names.split()]}
        for kind, names in kinds.items()
    ]
    body = {"resourceType": "CapabilityStatement", "rest": [{"resource": resources}]}
    return Fault("/metadata", body=json.dumps(body))


ORACLE = [
    statement(
        MedicationAdministration="patient status effective-time",
        MedicationRequest="patient status",
        Nothing="",
    ),
    refused("MedicationAdministration?patient=patient-a&code=", 400),
]


@pytest.fixture
def app() -> Flask:
    """An application that has learned nothing yet."""
    return create_app(demo_settings(deadline_ms=10_000))


@pytest.mark.parametrize(
    ("faults", "query"),
    [
        ([BARE], "code=http://loinc.org|8310-5,http://loinc.org|8331-1"),
        ([*ORACLE, refused("rxnorm|", 400)], "patient=patient-a&_count=200"),
        (
            [statement(Procedure="patient code"), refused("/Procedure?patient=patient-a&_s", 400)],
            "/Procedure?patient=patient-a&_count=200",
        ),
        (SELF_MADE, "patient=patient-a&_count=200"),
        ([Fault("/metadata", body="[]"), *SELF_MADE], "patient=patient-a&_count=200"),
        ([Fault("/metadata", status=500, body=""), *SELF_MADE], "patient=patient-a&_count=200"),
        ([refused("_sort", 501), refused("_sort", 422)], "patient=patient-a&_count=100"),
    ],
    ids=[
        "codes with systems",
        "by its statement",
        "unsorted",
        "by patient",
        "odd",
        "silent",
        "no sort",
    ],
)
def test_the_answer_is_the_same_however_the_server_is_asked(
    app: Flask, faults: list[Fault], query: str
) -> None:
    with running(FEBRILE, faults) as stub:
        answer = post(app, reading(stub))

    assert answer.data == post(app, request()).data
    assert any(query in call.url for call in stub.calls)


def test_what_was_learned_is_asked_first_the_next_time(app: Flask) -> None:
    with running(FEBRILE, [*ORACLE, refused("rxnorm|", 400)]) as stub:
        for _ in range(2):
            post(app, reading(stub))
        first = len(searched(stub, "MedicationAdministration"))
        post(app, reading(stub))

    assert first == 8
    assert len(searched(stub, "MedicationAdministration")) - first == 2
    assert sum("/metadata" in call.url for call in stub.calls) == 1


def test_a_passing_refusal_teaches_nothing(app: Flask) -> None:
    """A server that refuses one search of procedures once is asked in full the next time."""
    with running(FEBRILE, [Fault("/Procedure?", status=400, body="", times=1)]) as stub:
        for _ in range(3):
            post(app, reading(stub))
        asked = searched(stub, "Procedure")

    assert ["_sort=-date" in query for query in asked] == [True, False, True, True]


def test_what_is_used_is_not_kept_for_longer_by_that(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(dialects, "time", SimpleNamespace(monotonic=lambda: now[0]))
    known = Dialects(FhirClient(1000))
    query = (("patient", "p"), ("_sort", "-date"))

    def used(way: Way) -> Way:
        access = Access("http://127.0.0.1", None, now[0])
        first = next(known.ways(access, "Procedure", query, ())).way
        known.learn(access, "Procedure", query, way)
        now[0] += dialects.KEPT_S / 2
        return first

    assert [used(Way.PLAIN) for _ in range(2)] == [Way.AS_IS, Way.AS_IS]
    assert [used(Way.PLAIN) for _ in range(2)] == [Way.PLAIN, Way.AS_IS]


def test_it_is_learned_anew_after_its_time(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialects, "KEPT_S", 0.0)
    with running(FEBRILE, [*ORACLE, refused("rxnorm|", 400)]) as stub:
        post(app, reading(stub))
        post(app, reading(stub))

    assert sum("/metadata" in call.url for call in stub.calls) == 2


def test_a_server_that_refuses_every_way_is_told(app: Flask) -> None:
    with running(FEBRILE, [refused("/Procedure", 400), refused("/MedicationAdmin", 400)]) as stub:
        answer = post(app, reading(stub))

    assert graded(answer)["crs"]["state"] == "not-assessable"
    assert "status 400" in answer.get_data(as_text=True)


def test_another_failure_on_the_way_ends_it(app: Flask) -> None:
    with running(FEBRILE, [refused("http://loinc.org|", 403), BARE]) as stub:
        answer = post(app, reading(stub))

    assert graded(answer)["crs"]["lo"] == 1
    assert not any("patient=patient-a&_count=200" in q for q in searched(stub, "Observation"))


def test_a_search_by_id_is_never_widened(app: Flask) -> None:
    behind = given("text|x", at="1h", medicationReference={"reference": "Medication/m1"})
    behind.pop("medicationCodeableConcept")
    with running([*FEBRILE, behind], [refused("/Medication?", 400)]) as stub:
        post(app, reading(stub))

    assert searched(stub, "Medication") == ["_id=m1&_count=1"]


LONG = [procedure("intubation", f"{hours}h") for hours in range(1, 40)]
CHART = [patient(), *LONG, procedure("cart-infusion", "75h"), temperature(38.6)]


def test_what_is_not_sorted_is_read_to_its_end(app: Flask) -> None:
    with running(CHART, [refused("_sort", 400)], most=5) as stub:
        found = graded(post(app, reading(stub)))

    assert found["infusion"]["day"] == 3
    assert len([query for query in searched(stub, "Procedure") if "_offset" in query]) == 7


@pytest.mark.parametrize(
    ("query", "state"), [("&_sort=-date", "out-of-scope"), ("", "not-assessable")]
)
def test_a_server_that_does_not_say_that_it_sorted_is_not_taken_to(
    app: Flask, query: str, state: str
) -> None:
    """A page of procedures that is full, the oldest one 100 days old."""
    link = {"relation": "self", "url": f"http://ehr.example.org/Procedure?patient=a{query}"}
    old = [procedure("intubation", f"{days}d") for days in (1, 100)]
    page: Resource = {"resourceType": "Bundle", "total": 9, "link": [link]}
    page["entry"] = [{"resource": each} for each in old]
    prefetch: dict[str, Any] = {"patient": patient(), "procedures": page, "given": None}

    assert graded(post(app, request(prefetch=prefetch)))["crs"]["state"] == state


# --- what is kept --------------------------------------------------------------------------------


def test_what_is_kept_has_an_end() -> None:
    kept = Dialects(FhirClient(1000))
    query = (("patient", "p"), ("code", "1"))
    for number, call in itertools.product(range(600), range(2)):
        access = Access(f"http://127.0.0.1:{number}", None, call)
        kept.learn(access, "Procedure", query, Way.PLAIN)

    def first(number: int) -> Way:
        access = Access(f"http://127.0.0.1:{number}", None, time.monotonic() + 1)
        return next(kept.ways(access, "Procedure", query, (("1", "urn:x"),))).way

    assert (first(0), first(599)) == (Way.AS_IS, Way.PLAIN)


def test_a_strict_service_says_412_with_the_status() -> None:
    strict = create_app(demo_settings(scope_unknown=ScopeUnknown.STATUS_412, deadline_ms=10_000))
    with running([patient(), cells("axi-cel")], [refused("patient=", 400)]) as stub:
        answer = post(strict, reading(stub))

    assert answer.status_code == 412
    assert "status 400" in told(answer)


def test_kept_values_hold_no_patient() -> None:
    known = Dialects(FhirClient(1000))
    for call in range(2):
        access = Access("http://127.0.0.1", "canary", call)
        known.learn(access, "Procedure", (("patient", "canary"),), Way.PLAIN)

    assert known._ways._items
    assert "canary" not in str(known._ways._items) + str(known._seen._items)
