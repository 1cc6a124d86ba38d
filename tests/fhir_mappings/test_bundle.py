"""What becomes of an answer: a Bundle, one resource, an outcome, or something else."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_mappings.bundle import read_page
from fhir_mappings.codes import CodeableConcept
from fhir_mappings.errors import MappingError
from fhir_mappings.issues import DataIssue, IssueKind
from fhir_mappings.pages import KeyRead, Page
from fhir_mappings.resources import Medication, Observation
from tests.builders import condition, patient, pressure, temperature
from tests.fhir_codes import Resource
from tests.fhir_mappings.pages import as_bytes, entry, outcome, page_of, searchset

ONE, OTHER = ({"resourceType": "Observation", "id": name} for name in ("one", "other"))
READ_ONE, READ_OTHER = Observation(id="one"), Observation(id="other")
DRUG = {"resourceType": "Medication", "id": "drug"}
ENCOUNTER = {"resourceType": "Encounter", "id": "visit"}
BROKEN = {"resourceType": "Observation", "id": "one", "status": 5}
NULL_LINK = {"link": [None]}
"""A fault that leaves the entries alone: with it a Bundle is read entry by entry."""


def broken(label: str, *refs: str) -> tuple[DataIssue, ...]:
    return (DataIssue(IssueKind.BROKEN, label, 1, refs),)


@pytest.mark.parametrize("fault", [{}, NULL_LINK], ids=["as a whole", "entry by entry"])
@pytest.mark.parametrize(
    ("entries", "read", "counted"),
    [
        ([], (), 0),
        ([entry(ONE)], (READ_ONE,), 1),
        ([entry(ONE, "match"), entry(OTHER, "match")], (READ_ONE, READ_OTHER), 2),
        ([entry(ONE, "match"), entry(OTHER, "include")], (READ_ONE, READ_OTHER), 1),
        ([{"resource": ONE, "search": {"score": 1}}], (READ_ONE,), 1),
        ([entry(ONE) | {"response": {"status": "200 OK"}}], (READ_ONE,), 1),
        ([entry(ONE) | {"response": {"lastModified": "2026-11-22T14:00:00Z"}}], (READ_ONE,), 1),
        ([entry(outcome("information"), "outcome"), entry(ONE)], (READ_ONE,), 1),
        ([entry(outcome("information"))], (), 0),
        (
            [{"resource": DRUG, "fullUrl": "urn:uuid:1"}],
            (Medication("drug", full_url="urn:uuid:1"),),
            1,
        ),
        ([entry(DRUG)], (Medication("drug"),), 1),
        ([entry(ENCOUNTER), entry(ONE)], (READ_ONE,), 2),
        ([entry(ENCOUNTER, "include"), entry(ONE)], (READ_ONE,), 1),
    ],
)
def test_entries_are_read_and_those_that_matched_are_counted(
    fault: dict[str, Any], entries: list[Any], read: tuple[Any, ...], counted: int
) -> None:
    page = page_of(searchset(*entries, **fault))
    assert page == Page(read, entries=counted, included=page.included)
    assert len(page.included) == max(0, len(read) - counted)


@pytest.mark.parametrize(
    ("bad", "issues", "counted"),
    [
        (entry(BROKEN), broken("Observation", "Observation/one"), 1),
        (entry(BROKEN, "include"), broken("Observation", "Observation/one"), 0),
        (entry({**BROKEN, "id": 7}), broken("Observation"), 1),
        (entry({**BROKEN, "id": ""}), broken("Observation"), 1),
        (entry({"id": "typeless"}), broken("Resource"), 1),
        (entry({"resourceType": None}), broken("Resource"), 1),
        (entry([ONE]), broken("Bundle.entry"), 1),
        (entry("Observation/one"), broken("Bundle.entry"), 1),
        (None, broken("Bundle.entry"), 1),
        (entry(None), broken("Bundle.entry"), 1),
        ({"fullUrl": "http://ehr/1"}, broken("Bundle.entry"), 1),
        ({"fullUrl": "http://ehr/1", "search": {"mode": "match"}}, broken("Bundle.entry"), 1),
        ({"response": {"status": "200"}}, broken("Bundle.entry"), 1),
        (5, broken("Bundle.entry"), 1),
        ([entry(ONE)], broken("Bundle.entry"), 1),
        ({"resource": BROKEN, "search": "match"}, broken("Observation", "Observation/one"), 1),
    ],
)
def test_a_broken_entry_is_an_issue_and_costs_no_other(
    bad: Any, issues: tuple[DataIssue, ...], counted: int
) -> None:
    assert page_of(searchset(bad, entry(OTHER))) == Page((READ_OTHER,), issues, counted + 1)


@pytest.mark.parametrize(
    ("elements", "total", "next_url", "self_url"),
    [
        ({}, None, None, None),
        ({"total": 7}, 7, None, None),
        ({"total": "7"}, 7, None, None),
        ({"total": 7.5}, None, None, None),
        ({"total": [7]}, None, None, None),
        ({"link": [{"relation": "next", "url": "http://n"}]}, None, "http://n", None),
        ({"link": {"relation": "next", "url": "http://n"}}, None, "http://n", None),
        (
            {"link": [{"relation": "self", "url": "http://s"}, {"relation": "next", "url": "n"}]},
            None,
            "n",
            "http://s",
        ),
        (
            {"link": [5, {"relation": 5, "url": "x"}, {"relation": "next", "url": "n"}]},
            None,
            "n",
            None,
        ),
        ({"link": [{"relation": "self"}]}, None, None, None),
        ({"link": "next"}, None, None, None),
    ],
)
def test_total_and_links(
    elements: dict[str, Any], total: int | None, next_url: str | None, self_url: str | None
) -> None:
    assert page_of(searchset(**elements)) == Page(total=total, next_url=next_url, self_url=self_url)


@pytest.mark.parametrize(
    "link", [{}, {"url": None}, {"url": ""}, {"url": " "}, {"url": 5}, {"url": ["http://n"]}]
)
def test_a_further_page_without_an_address_leaves_the_answer_incomplete(
    link: dict[str, Any],
) -> None:
    page = page_of(searchset(entry(ONE), link=[{"relation": "next"} | link]))
    assert (page.resources, page.incomplete) == ((READ_ONE,), "malformed")


@pytest.mark.parametrize(
    ("response", "incomplete"),
    [
        ({"status": "200"}, None),
        ({"status": "206 Partial Content"}, None),
        ({"status": "403 Forbidden"}, "outcome"),
        ({"status": "503"}, "outcome"),
        ({"status": "304"}, "outcome"),
        ({"status": "200", "outcome": outcome("warning")}, None),
        ({"status": "200", "outcome": outcome("error")}, "outcome"),
        ({"status": "200", "outcome": outcome("warning", "incomplete")}, "outcome"),
        ({"outcome": outcome("fatal")}, "outcome"),
        ({"status": 403}, None),
        ("403", None),
    ],
)
@pytest.mark.parametrize("resource", [ONE, outcome("information")], ids=["with", "without"])
def test_an_entry_that_answers_a_request_with_no_success_is_told(
    response: Any, incomplete: str | None, resource: Resource
) -> None:
    page = page_of(searchset(entry(resource) | {"response": response}, entry(OTHER)))
    assert page.incomplete == incomplete


def test_a_refused_request_has_no_resource_and_is_no_broken_entry() -> None:
    refused = {"response": {"status": "403 Forbidden", "outcome": outcome("error")}}
    assert page_of(searchset(refused)) == Page(incomplete="outcome")


@pytest.mark.parametrize("fault", [{}, NULL_LINK], ids=["as a whole", "entry by entry"])
@pytest.mark.parametrize(
    ("told", "incomplete"),
    [
        (outcome("fatal"), "outcome"),
        (outcome("error"), "outcome"),
        (outcome("warning"), None),
        (outcome("information"), None),
        (outcome("warning", "suppressed"), "outcome"),
        (outcome("information", "suppressed"), "outcome"),
        (outcome("warning", "security"), "outcome"),
        (outcome("warning", "login"), "outcome"),
        (outcome("warning", "unknown"), "outcome"),
        (outcome("warning", "expired"), "outcome"),
        (outcome("warning", "forbidden"), "outcome"),
        (outcome("warning", "incomplete"), "outcome"),
        (outcome("information", "incomplete"), "outcome"),
        (outcome("warning", "timeout"), "outcome"),
        (outcome("warning", "transient"), "outcome"),
        (outcome("warning", "throttled"), "outcome"),
        (outcome("warning", "too-costly"), "outcome"),
        (outcome("warning", "lock-error"), "outcome"),
        (outcome("warning", "no-store"), "outcome"),
        (outcome("warning", "exception"), "outcome"),
        (outcome("warning", "not-found"), None),
        (outcome("warning", "not-supported"), None),
        (outcome("warning", "processing", "59204"), "outcome"),
        (outcome("warning", "processing", "4101"), None),
        ({"resourceType": "OperationOutcome"}, None),
    ],
)
def test_an_outcome_beside_results_may_say_that_some_are_left_out(
    fault: dict[str, Any], told: dict[str, Any], incomplete: str | None
) -> None:
    page = page_of(searchset(entry(ONE), entry(told, "outcome"), **fault))
    assert page == Page((READ_ONE,), entries=1, incomplete=incomplete)


@pytest.mark.parametrize("fault", [{}, NULL_LINK], ids=["as a whole", "entry by entry"])
def test_one_of_several_outcomes_is_enough(fault: dict[str, Any]) -> None:
    told = [entry(outcome(severity)) for severity in ("warning", "error", "information")]
    assert page_of(searchset(*told, **fault)) == Page(incomplete="outcome")


@pytest.mark.parametrize(
    ("value", "page"),
    [
        (ONE, Page((READ_ONE,), entries=1)),
        (BROKEN, Page((), broken("Observation", "Observation/one"), 1, incomplete="malformed")),
        ({}, Page((), broken("Resource"), 1, incomplete="malformed")),
        ({"message": "no quota"}, Page((), broken("Resource"), 1, incomplete="malformed")),
        ({"entry": [entry(ONE)]}, Page((), broken("Resource"), 1, incomplete="malformed")),
        (ENCOUNTER, Page(incomplete="malformed")),
        (outcome("information"), Page(incomplete="outcome")),
        (outcome("error"), Page(incomplete="outcome")),
    ],
)
def test_a_single_resource_instead_of_a_bundle(value: Any, page: Page) -> None:
    assert page_of(value) == page


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("null", Page()),
        ("[]", Page()),
        ("[ \t\r\n]", Page()),
        (
            '{"resource": {"resourceType": "Observation", "id": "one"}}',
            Page((READ_ONE,), entries=1),
        ),
        ('"one"', Page((), broken("Bundle.entry"), 1, incomplete="malformed")),
        ("0", Page((), broken("Bundle.entry"), 1, incomplete="malformed")),
    ],
)
def test_the_entry_element_may_be_anything(text: str, page: Page) -> None:
    raw = f'{{"resourceType": "Bundle", "link": [null], "entry": {text}}}'
    assert read_page(raw.encode()) == page


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b"5",
        b'"x"',
        b"<html>",
        b"{",
        b'{"a": NaN}',
        b"\xff",
        b'{"a":"\\ud800"}',
    ],
)
def test_what_is_no_json_object_is_refused(raw: bytes) -> None:
    with pytest.raises(MappingError, match="not a JSON object"):
        read_page(raw)


def test_both_ways_of_reading_agree() -> None:
    chart = [temperature(38.4), pressure(95, 60), condition("icd10|G40.909"), patient()]
    entries = [entry(resource) for resource in chart]
    as_whole, by_entry = page_of(searchset(*entries)), page_of(searchset(*entries, **NULL_LINK))
    assert as_whole == by_entry
    assert len(as_whole.resources) == len(chart)


def test_the_pages_of_a_key_are_those_of_all_its_searches() -> None:
    one, two, three = (read_page(as_bytes(searchset(total=n))) for n in (1, 2, 3))
    inner = KeyRead((three,))
    read = KeyRead((one,), also=(KeyRead((two,), also=(inner,)), KeyRead(not_read="failed")))
    assert list(read.all_pages()) == [one, two, three]


@pytest.mark.parametrize("words", ["Temperature", "", "x" * 999])
def test_a_code_that_is_written_alike_is_decoded_once(words: str) -> None:
    code = {"coding": [{"system": "http://loinc.org", "code": "8310-5"}], "text": words}
    one, other = read_codes(code, code)

    assert one is other
    assert one is not None
    assert one.text == words


def test_a_code_with_much_beside_it_is_read_and_not_kept() -> None:
    code = {"text": "Temperature", "extension": [{"url": "u", "valueString": "x" * 2_000}]}
    one, other = read_codes(code, code)

    assert one == other
    assert one is not other


def read_codes(*codes: Any) -> list[CodeableConcept | None]:
    found = [{"resourceType": "Observation", "id": f"o{n}", "code": c} for n, c in enumerate(codes)]
    page = read_page(as_bytes(searchset(*map(entry, found))))
    return [each.code for each in page.resources if isinstance(each, Observation)]
