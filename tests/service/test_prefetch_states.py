"""Every state that a prefetch key can come in, and what the card says of it (cds-hooks.md 6.5).

Blood pressure is the measurement of the table (key `bedside`), administrations are its events (key
`given`). Everything else of the chart is delivered.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from flask import Flask

from fhir_mappings.keys import KEYS
from fhir_mappings.reach import key_reaches
from fhir_mappings.times import UTC_ZONE
from grading.model import NEVER
from service import create_app
from service.prefetch import read_prefetch
from service.unread import reason_of
from tests.builders import pressure, temperature
from tests.fhir_basics import PATIENT_ID
from tests.fhir_codes import Resource
from tests.service.calls import PATH, detail, graded, post, request, whole, without
from tests.service.identities import NOW, bearer, ec, production, public, token


@dataclass(frozen=True)
class State:
    """A value of a key, and what it means; `...` as value: the key is not there.

    `measured`: what the card says of the blood pressure. `why`: why the key was not read; empty:
    it was. `unknown_events`: whether administrations are missing when it is the value of `given`.
    """

    value: Any
    measured: str
    why: str = ""
    unknown_events: bool = False


NOT_CHARTED = "blood pressure (not charted for 12 h)"
NOT_READ = "blood pressure (not read)"
NO_SERVER = "not delivered, and no FHIR server to read from"
ERROR = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "timeout"}]}
NO_RESULTS = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "x"}]}
WITHHELD = {
    "resourceType": "OperationOutcome",
    "issue": [
        {"severity": "warning", "code": "x", "details": {"coding": [{"code": "59204"}]}},
    ],
}


def searchset(*resources: Resource, **elements: Any) -> Resource:
    entries = [{"resource": each} for each in resources]
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries} | elements


def outcome(issue: Resource) -> Resource:
    entry = {"search": {"mode": "outcome"}, "resource": issue}
    return {"resourceType": "Bundle", "type": "searchset", "total": 0, "entry": [entry]}


NEXT = [{"relation": "next", "url": "http://ehr.example.org/fhir?page=2"}]
ABSENT = State(..., NOT_READ, NO_SERVER, unknown_events=True)
EMPTY = State(None, NOT_CHARTED)
STATES = {
    "key absent": ABSENT,
    "null": EMPTY,
    "empty, no entry": State({"resourceType": "Bundle", "type": "searchset"}, NOT_CHARTED),
    "empty, no entries": State(searchset(), NOT_CHARTED),
    "empty, total 0": State({"resourceType": "Bundle", "total": 0}, NOT_CHARTED),
    "empty, warning entry": State(outcome(NO_RESULTS), NOT_CHARTED),
    "empty collection": State(searchset(type="collection"), NOT_CHARTED),
    "OperationOutcome": State(ERROR, NOT_READ, "the server answered with an error", True),
    "outcome entry, error": State(
        outcome(ERROR), NOT_READ, "the server answered with an error", True
    ),
    "outcome entry, part withheld": State(
        searchset() | {"entry": [{"resource": WITHHELD}]},
        NOT_READ,
        "the server answered with an error",
        True,
    ),
    "text": State("x", NOT_READ, NO_SERVER, True),
    "number": State(7, NOT_READ, NO_SERVER, True),
    "truth value": State(True, NOT_READ, NO_SERVER, True),
    "list": State([], NOT_READ, NO_SERVER, True),
    "empty object": State({}, NOT_READ, NO_SERVER, True),
    "another resource": State({"resourceType": "Location", "id": "x"}, NOT_READ, NO_SERVER, True),
    "a bundle of others": State(
        searchset({"resourceType": "Location", "id": "x"}), NOT_READ, NO_SERVER, True
    ),
    "everyone's": State(
        searchset(link=[{"relation": "self", "url": "http://ehr.example.org/X?_count=200"}]),
        NOT_READ,
        "the server searched without the patient",
        True,
    ),
}


def delivered(key: str, value: Any) -> dict[str, Any]:
    return without(key) if value is ... else whole() | {key: value}


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_what_a_state_means_for_a_measurement(app: Flask, state: State) -> None:
    answer = post(app, request(prefetch=delivered("bedside", state.value)))

    assert state.measured in detail(answer)
    assert ("Not read, so not known" in detail(answer)) is bool(state.why)
    assert state.why in detail(answer)
    assert graded(answer)["crs"]["hi"] > graded(post(app, request()))["crs"]["hi"]


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_what_a_state_means_for_an_event(app: Flask, state: State) -> None:
    """Empty means that none was given, and the grade stays; not read leaves it open."""
    answer = post(app, request(prefetch=delivered("given", state.value)))
    missing = graded(answer)["crs"].get("missing", [])

    assert ("medication-administrations" in missing) is state.unknown_events
    assert ("medication administrations (not read)" in detail(answer)) is state.unknown_events
    assert ("Not read, so not known" in detail(answer)) is bool(state.why)
    full = graded(post(app, request()))["crs"]["hi"]
    assert (graded(answer)["crs"]["hi"] > full) is state.unknown_events


def test_a_page_that_leads_on_speaks_for_what_is_newer_than_its_oldest_entry(app: Flask) -> None:
    page = searchset(pressure(118, 72, at="1h"), temperature(38.6, at="2h"), link=NEXT, total=2)
    answer = post(app, request(prefetch=whole() | {"bedside": page}))

    assert "SpO2 (read only back to " in detail(answer)
    assert "blood pressure (" not in detail(answer)


def test_a_single_resource_in_place_of_a_bundle_is_taken(app: Flask) -> None:
    answer = post(app, request(prefetch=whole() | {"bedside": pressure(118, 72, at="1h")}))

    assert "blood pressure (" not in detail(answer)


def test_keys_of_others_change_nothing(app: Flask) -> None:
    others = {"-user": {"resourceType": "PractitionerRole"}, "coverage": None, "x": 7}

    assert post(app, request(prefetch=whole() | others)).data == post(app, request()).data


# --- vendor-renamed keys -------------------------------------------------------------------------

RENAMED = {f"OPA-{number}": key for number, key in enumerate(KEYS)}


def as_raw(values: dict[str, Any]) -> dict[str, msgspec.Raw]:
    return {key: msgspec.Raw(msgspec.json.encode(value)) for key, value in values.items()}


def test_renamed_keys_are_read_by_the_aliases_of_the_client() -> None:
    ours = whole()
    theirs = {name: ours[key] for name, key in RENAMED.items()}

    assert read_prefetch(as_raw(theirs), RENAMED) == read_prefetch(as_raw(ours))
    assert read_prefetch(as_raw(theirs)) == {}


def test_a_key_by_our_name_wins_over_its_alias() -> None:
    found = read_prefetch(as_raw({"a": {}, "conditions": None}), {"a": "conditions"})

    assert set(found) == {"conditions"}


def test_an_alias_of_a_key_that_is_not_ours_is_ignored() -> None:
    assert read_prefetch(as_raw({"a": None}), {"a": "coverage"}) == {}


PARTS = {"-vitals": "bedside", "-survey": "bedside"}


@pytest.mark.parametrize("first", ["-vitals", "-survey"])
def test_two_names_of_one_key_are_both_read(first: str) -> None:
    vitals, survey = searchset(pressure(118, 72, at="1h")), searchset(temperature(38.6, at="2h"))
    sent = as_raw({"-vitals": vitals, "-survey": survey})
    names = sorted(PARTS, key=lambda name: name != first)
    read = read_prefetch(sent, dict.fromkeys(names, "bedside"))["bedside"]

    assert sum(len(page.resources) for page in read.all_pages()) == 2


@pytest.mark.parametrize("other", [..., "x", ERROR], ids=["absent", "no answer", "error"])
@pytest.mark.parametrize("missing", PARTS)
def test_a_key_of_two_names_of_which_one_did_not_come_is_not_whole(
    missing: str, other: Any
) -> None:
    page = searchset(pressure(118, 72, at="1h"))
    sent = {name: page for name in PARTS if name != missing}
    sent |= {} if other is ... else {missing: other}
    read = read_prefetch(as_raw(sent), PARTS)["bedside"]

    assert sum(len(each.resources) for each in read.all_pages()) == 1
    assert key_reaches({"bedside": read}, PATIENT_ID, UTC_ZONE)["bedside"] == NEVER
    assert reason_of(read) is not None


def test_a_key_of_which_no_name_came_is_absent() -> None:
    assert read_prefetch(as_raw({"-vitals": "x"}), PARTS) == {}


def test_names_of_one_key_reach_the_grade(tmp_path: Path) -> None:
    bedside = whole()["bedside"]
    half = len(bedside["entry"]) // 2
    parts = {
        name: {"resourceType": "Bundle", "type": "searchset", "entry": entries}
        for name, entries in zip(
            PARTS, (bedside["entry"][:half], bedside["entry"][half:]), strict=True
        )
    }
    ours = {key: value for key, value in whole().items() if key != "bedside"}
    client = {"name": "a", "issuer": "https://sandbox.example.org", "keys": [public(ec())]}
    aliased = production(
        tmp_path,
        client | {"prefetch_aliases": PARTS},
        database_url=f"sqlite:///{tmp_path / 's.sqlite3'}",
        allow_evaluate_at=True,
        prefetch_dates=True,
    )
    app = create_app(aliased, clock=lambda: NOW)
    send = app.test_client().post
    found = [
        graded(send(PATH, json=request(prefetch=prefetch), headers=bearer(token(jti=jti))))
        for jti, prefetch in (("1", ours | parts), ("2", whole()))
    ]

    assert found[0] == found[1]
