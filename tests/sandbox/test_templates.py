"""The server answers the kinds of query that the service's prefetch templates are made of."""

from __future__ import annotations

import pytest
import requests

from sandbox.catalog import Resource

CART = "1987407,2572005,2044975,2479145,2536437,2594792"
LOINC = "8310-5,8331-1,29463-7,2276-4,3255-7,1742-6,1988-5,751-8,777-3,2160-0"
BEDSIDE = "Observation?patient=crs-3&category=vital-signs,survey,exam&_sort=-date&_count=200"
TRENDS = f"Observation?patient=crs-3&code={LOINC}&_sort=-date&_count=200"


def search(session: requests.Session, url: str) -> Resource:
    bundle: Resource = session.get(url, timeout=10).json()
    return bundle


def links(bundle: Resource) -> dict[str, str]:
    return {link["relation"]: link["url"] for link in bundle["link"]}


def dates(bundle: Resource) -> list[str]:
    return [entry["resource"]["effectiveDateTime"] for entry in bundle["entry"]]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("Procedure?patient=crs-3&_sort=-date&_count=200", 1),
        (f"MedicationAdministration?patient=crs-3&code={CART}&_count=20", 1),
        (f"MedicationAdministration?patient=ordinary&code={CART}&_count=20", 0),
        ("MedicationAdministration?patient=crs-3&_sort=-effective-time&_count=200", 13),
        ("MedicationRequest?patient=crs-3&status=active,on-hold,draft&_count=200", 2),
        ("ServiceRequest?patient=crs-1&_sort=-authored&_count=200", 2),
        ("Condition?patient=icans-3-seizure&_count=200", 2),
        ("DiagnosticReport?patient=icans-4&_sort=-date&_count=100", 1),
    ],
)
def test_a_query_finds_the_patients_own(
    fhir: str, session: requests.Session, query: str, count: int
) -> None:
    bundle = search(session, f"{fhir}/{query}")

    assert (bundle["total"], len(bundle.get("entry", ()))) == (count, count)


@pytest.mark.parametrize("query", [BEDSIDE, TRENDS])
def test_observations_come_newest_first(fhir: str, session: requests.Session, query: str) -> None:
    found = dates(search(session, f"{fhir}/{query}"))

    assert found == sorted(found, reverse=True)


def test_a_page_that_is_full_has_a_next_one(fhir: str, session: requests.Session) -> None:
    first = search(session, f"{fhir}/{BEDSIDE}")
    second = search(session, links(first)["next"])

    assert (len(first["entry"]), first["total"]) == (200, 308)
    assert len(second["entry"]) == 108
    assert max(dates(second)) <= min(dates(first))
    assert "next" not in links(second)


def test_questionnaire_responses_are_not_searched_by_patient(
    fhir: str, session: requests.Session
) -> None:
    bundle = search(session, f"{fhir}/QuestionnaireResponse?patient=crs-3&_count=50")

    assert "patient=" not in links(bundle)["self"]
    assert bundle["entry"][0]["search"]["mode"] == "outcome"


def test_a_medication_behind_a_reference_can_be_read(fhir: str, session: requests.Session) -> None:
    query = "Medication?_id=medication-acetaminophen,medication-normal-saline"

    assert search(session, f"{fhir}/{query}")["total"] == 2
