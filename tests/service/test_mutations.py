"""Null, empty and wrong values in every place of a request: an answer or a 4xx, never a crash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tests.builders import given, infused, ordered, procedure, temperature
from tests.ehr import prefetch_for
from tests.service.calls import FEBRILE, detail, graded, post, request

CHART = [
    *FEBRILE,
    infused("norepinephrine", start="3h", rate=8),
    given("tocilizumab", at="2h", mg=560),
    ordered("dexamethasone"),
    procedure("intubation", "2h"),
]
Path = tuple[str | int, ...]


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every place of a tree, the root excepted."""
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for name, item in members:
        yield (*path, name)
        if isinstance(item, dict | list):
            yield from places(item, (*path, name))


def shape(path: Path) -> Path:
    """The place without its indexes: entries of one list are alike."""
    return tuple("*" if isinstance(name, int) else name for name in path)


def changed(text: str, path: Path, value: Any) -> Any:
    """The tree with another value in one place."""
    tree = json.loads(text)
    at = tree
    for name in path[:-1]:
        at = at[name]
    at[path[-1]] = value
    return tree


@pytest.mark.parametrize("value", [None, "", [], {}, 0, "x", [None], {"x": 1}, True], ids=repr)
def test_no_value_in_any_place_is_a_crash(app: Flask, value: Any) -> None:
    whole = request(prefetch=prefetch_for(CHART))
    text, client_errors = json.dumps(whole), (400, 412, 422)
    for path in {shape(path): path for path in places(whole)}.values():
        response = post(app, changed(text, path, value))

        assert response.status_code in (200, *client_errors), path
        assert ("issue" in response.get_json()) == (response.status_code in client_errors)


@pytest.mark.parametrize("link", ["http://[::1", "http://a:b/", "\u0000", "?" * 10_000])
def test_no_link_of_a_page_is_a_crash(app: Flask, link: str) -> None:
    prefetch = prefetch_for(FEBRILE)
    for key in ("bedside", "procedures"):
        page = dict(prefetch[key] or {})
        page["link"] = [{"relation": name, "url": link} for name in ("self", "next")]

        assert post(app, request(prefetch=prefetch | {key: page})).status_code == 200


def test_resources_of_another_fhir_version_are_no_crash_and_are_not_hidden(app: Flask) -> None:
    dstu2 = [
        {"resourceType": "MedicationOrder", "id": "m1", "patient": {"reference": "Patient/a"}},
        {"resourceType": "Procedure", "id": "p1", "status": "completed", "request": "x"},
        {"resourceType": "Observation", "id": "o1", "valueQuantity": "38.6 C", "status": "final"},
    ]
    entries = [{"resource": each} for each in dstu2]
    prefetch = prefetch_for(FEBRILE)
    for key in ("bedside", "procedures", "medicationOrders"):
        page = dict(prefetch[key] or {})
        prefetch[key] = page | {"entry": [*page.get("entry", []), *entries], "total": None}
    answer = post(app, request(prefetch=prefetch))

    assert graded(answer)["crs"]["lo"] == 1
    assert "Observation/o1" in detail(answer)


def test_two_thousand_observations_are_graded(app: Flask) -> None:
    many = [temperature(38.6, at=f"{minute}m") for minute in range(2000)]
    answer = post(app, request(prefetch=prefetch_for([*FEBRILE, *many])))
    whole = prefetch_for(FEBRILE)
    page = dict(whole["bedside"] or {})
    entries = [*page["entry"], *({"resource": each} for each in many)]
    unpaged = whole | {"bedside": page | {"entry": entries, "total": len(entries)}}

    assert graded(answer)["crs"]["lo"] == 1
    assert graded(post(app, request(prefetch=unpaged)))["crs"]["lo"] == 1
