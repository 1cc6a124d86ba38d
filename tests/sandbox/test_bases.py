"""The page talks to plain addresses of servers, and to nothing that they point to."""

from __future__ import annotations

import pytest
import requests
import responses

from sandbox.bases import BaseUrlError, checked_base, new_session
from sandbox.fhir import Fhir, FhirError

BASE = "http://ehr.example.org/fhir"


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://127.0.0.1:8043/fhir/", "http://127.0.0.1:8043/fhir"),
        (" http://localhost:8043/fhir ", "http://localhost:8043/fhir"),
        ("http://[::1]:8043", "http://[::1]:8043"),
    ],
)
def test_a_plain_address_is_taken(url: str, base: str) -> None:
    assert checked_base(url) == base


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "such as"),
        ("ftp://127.0.0.1/fhir", "such as"),
        ("file:///etc", "such as"),
        ("127.0.0.1:8043", "such as"),
        ("http://127.0.0.1/" + 300 * "x", "such as"),
        ("http://me:word@127.0.0.1/fhir", "no user"),
        ("http://127.0.0.1/fhir?x=1", "no query"),
        ("http://127.0.0.1/fhir#x", "no query"),
        ("http://127.0.0.1:0x50/", "no server is called"),
        ("http://nobody.invalid/fhir", "no server is called nobody.invalid"),
        ("http://169.254.1.2/latest", "not an address of a server"),
        ("http://[fe80::1]/fhir", "not an address of a server"),
        ("http://0.0.0.0:8043/fhir", "not an address of a server"),
        ("http://224.0.0.1/fhir", "not an address of a server"),
    ],
)
def test_any_other_is_refused(url: str, message: str) -> None:
    with pytest.raises(BaseUrlError, match=message):
        checked_base(url)


@responses.activate
def test_a_redirect_is_not_followed() -> None:
    responses.get(f"{BASE}/Patient/p", status=302, headers={"Location": "http://elsewhere/"})
    responses.get("http://elsewhere/", json={"resourceType": "Patient"})
    with new_session() as session, pytest.raises(FhirError, match="TooManyRedirects"):
        Fhir(session, BASE).read("Patient/p")

    assert [call.request.url for call in responses.calls] == [f"{BASE}/Patient/p"]


def page(number: int, link: str | None) -> dict[str, object]:
    entry = [{"resource": {"resourceType": "Observation", "id": str(number)}}]
    links = [{"relation": "next", "url": link}] if link else []
    return {"resourceType": "Bundle", "entry": entry, "link": links}


@responses.activate
def test_pages_are_followed_below_the_base_alone() -> None:
    responses.get(f"{BASE}/Observation", json=page(1, f"{BASE}/Observation?page=2"))
    responses.get(f"{BASE}/Observation?page=2", json=page(2, "http://elsewhere/fhir?page=3"))
    with requests.Session() as session:
        found = [each["id"] for each in Fhir(session, BASE).search("Observation", {"_count": "1"})]

    assert found == ["1", "2"]
    assert [call.request.headers["Cache-Control"] for call in responses.calls] == 2 * ["no-cache"]


@responses.activate
def test_what_the_server_says_of_a_refusal_is_told() -> None:
    issue = [{"severity": "error", "code": "invalid", "diagnostics": "no such patient"}]
    outcome = {"resourceType": "OperationOutcome", "issue": issue}
    responses.post(f"{BASE}/Observation", json=outcome, status=422)
    with requests.Session() as session, pytest.raises(FhirError, match="422: no such patient"):
        Fhir(session, BASE).create({"resourceType": "Observation"})
