"""Loading puts every resource at its own id, again and again."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import requests
import responses

from sandbox.loader import LoadError, load, transaction
from sandbox.story import Story, stories
from sandbox.timeline import resources

BASE = "http://127.0.0.1:9/fhir"


def total(session: requests.Session, query: str) -> int:
    found: int = session.get(query, timeout=10).json()["total"]
    return found


def test_a_transaction_puts_each_resource_at_its_id() -> None:
    bundle = transaction([{"resourceType": "Patient", "id": "p"}])

    assert bundle["type"] == "transaction"
    assert bundle["entry"][0]["request"] == {"method": "PUT", "url": "Patient/p"}


@pytest.mark.parametrize("kind", ["Observation", "MedicationAdministration", "Condition"])
@pytest.mark.parametrize("patient_id", ["crs-3", "child", "ordinary"])
def test_the_server_holds_what_the_chart_says(
    fhir: str, session: requests.Session, now: datetime, patient_id: str, kind: str
) -> None:
    story = next(each for each in stories() if each.id == patient_id)
    expected = sum(each["resourceType"] == kind for each in resources(story, now))

    assert total(session, f"{fhir}/{kind}?patient={patient_id}&_count=1") == expected


def test_loading_again_overwrites(
    fhir: str, session: requests.Session, everyone: tuple[Story, ...], now: datetime
) -> None:
    query = f"{fhir}/Observation?patient=none-1&_count=1"
    before = total(session, query)

    (loaded,) = load(session, fhir, everyone[:1], now + timedelta(minutes=0))

    assert loaded.story.id == "none-1"
    assert total(session, query) == before


@responses.activate
def test_a_server_that_refuses_is_an_error(everyone: tuple[Story, ...], now: datetime) -> None:
    responses.post(BASE, status=422, json={"resourceType": "OperationOutcome"})

    with pytest.raises(LoadError, match="answered 422"):
        next(load(requests.Session(), BASE, everyone, now))


@responses.activate
def test_a_server_that_does_not_answer_is_an_error(
    everyone: tuple[Story, ...], now: datetime
) -> None:
    with pytest.raises(LoadError, match="does not answer"):
        next(load(requests.Session(), BASE, everyone, now))
