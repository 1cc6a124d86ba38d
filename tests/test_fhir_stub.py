"""The stub FHIR server itself: it must be right for what it proves to be worth anything."""

from __future__ import annotations

import pytest
import requests

from tests.builders import PATIENT_ID, given, moment, observation, patient, temperature
from tests.fhir_stub import Fault, html, refused, running

CHART = [
    patient(),
    *(temperature(36.5, at=f"{hour}h") for hour in range(1, 8)),
    temperature(39.0, at="1h", subject={"reference": "Patient/patient-b"}),
    observation("local|motor", "1h", "exam"),
    given("tocilizumab", at="2h"),
    given("norepinephrine", at="1h", status="not-done"),
]
TEMPERATURES = f"Observation?patient={PATIENT_ID}&code=8310-5&_sort=-date"


def entries(bundle: dict) -> list[dict]:
    return [entry["resource"] for entry in bundle.get("entry", [])]


def get(url: str) -> requests.Response:
    return requests.get(url, timeout=5)


def test_a_search_finds_only_the_patients_own() -> None:
    with running(CHART) as stub:
        assert get(f"{stub.url}/{TEMPERATURES}").json()["total"] == 7


def test_a_search_is_sorted_newest_first() -> None:
    with running(CHART) as stub:
        found = entries(get(f"{stub.url}/{TEMPERATURES}").json())

    assert [r["effectiveDateTime"] for r in found] == [
        moment(f"{hour}h").strftime("%Y-%m-%dT%H:%M:%SZ") for hour in range(1, 8)
    ]


def test_next_links_lead_through_every_page() -> None:
    with running(CHART) as stub:
        first = get(f"{stub.url}/{TEMPERATURES}&_count=4").json()
        second = get(first["link"][1]["url"]).json()

    assert [len(entries(page)) for page in (first, second)] == [4, 3]
    assert [link["relation"] for link in second["link"]] == ["self"]


def test_the_server_may_page_smaller_than_asked() -> None:
    with running(CHART, most=3) as stub:
        assert len(entries(get(f"{stub.url}/{TEMPERATURES}&_count=200").json())) == 3


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (f"Observation?patient={PATIENT_ID}&category=exam,survey", 1),
        (f"MedicationAdministration?patient={PATIENT_ID}&code=612865", 1),
        (f"MedicationAdministration?patient={PATIENT_ID}&status=completed", 1),
        (f"Observation?patient={PATIENT_ID}&date=ge2026-11-22T10:00:00Z&code=8310-5", 4),
        (f"Observation?patient={PATIENT_ID}&date=le2026-11-22T10:00:00Z&code=8310-5", 4),
        ("Condition?patient=patient-a", 0),
    ],
)
def test_a_search_by_each_parameter(query: str, found: int) -> None:
    with running(CHART) as stub:
        assert get(f"{stub.url}/{query}").json()["total"] == found


def test_a_read_gives_the_resource() -> None:
    with running(CHART) as stub:
        assert get(f"{stub.url}/Patient/{PATIENT_ID}").json()["birthDate"] == "1966-04-10"


def test_a_read_of_nobody_is_not_found() -> None:
    with running(CHART) as stub:
        answered = get(f"{stub.url}/Patient/nobody")

    assert (answered.status_code, answered.json()["resourceType"]) == (404, "OperationOutcome")


def test_post_search_finds_the_same() -> None:
    with running(CHART) as stub:
        form = {"patient": PATIENT_ID, "code": "8310-5"}
        posted = requests.post(f"{stub.url}/Observation/_search", data=form, timeout=5)

    assert posted.json()["total"] == 7


def test_a_fault_touches_only_its_calls() -> None:
    with running(CHART, faults=[refused("Observation", 403)]) as stub:
        statuses = [
            get(f"{stub.url}/{TEMPERATURES}").status_code,
            get(f"{stub.url}/Condition?patient={PATIENT_ID}").status_code,
        ]

    assert statuses == [403, 200]


def test_html_instead_of_fhir() -> None:
    with running(CHART, faults=[html("Patient")]) as stub:
        assert get(f"{stub.url}/Patient/{PATIENT_ID}").headers["Content-Type"] == "text/html"


def test_a_body_that_is_cut_off() -> None:
    with (
        running(CHART, faults=[Fault("Patient", cut=20)]) as stub,
        pytest.raises(requests.exceptions.RequestException),
    ):
        get(f"{stub.url}/Patient/{PATIENT_ID}")


def test_a_slow_answer() -> None:
    with (
        running(CHART, faults=[Fault("Patient", delay_s=0.3)]) as stub,
        pytest.raises(requests.exceptions.Timeout),
    ):
        requests.get(f"{stub.url}/Patient/{PATIENT_ID}", timeout=0.05)


def test_every_call_is_noted_with_its_headers() -> None:
    with running(CHART) as stub:
        requests.get(f"{stub.url}/Patient/x", headers={"Authorization": "Bearer t"}, timeout=5)

    assert [(c.method, c.url, c.headers["Authorization"]) for c in stub.calls] == [
        ("GET", "/Patient/x", "Bearer t")
    ]
