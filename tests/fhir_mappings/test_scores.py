"""ICE and CAPD: totals, items, components and forms make the same test (ICE-1, ICE-2, READ-3)."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_mappings import build_snapshot
from grading.knowledge import KNOWLEDGE
from grading.model import Remark
from tests.builders import capd, full_ice, ice, observation
from tests.fhir_basics import PATIENT_ID
from tests.fhir_codes import LOCAL, Resource
from tests.fhir_mappings.reading import NOW_AT, ago, only, problems, record_of

SHAPES = ["total", "components", "separate", "form"]
FULL = full_ice()
CAPD_8 = {f"capd-{n}": 1 for n in range(1, 9)}


def _ice(written: list[Resource]) -> list[tuple[int, int, int, bool]]:
    """Worst, best, missing items and whether total and items disagree."""
    found = record_of(written).facts["ice"]
    return [
        (test.worst, test.best, len(test.missing_items), Remark.ITEMS_DISAGREE in test.flags)
        for test in found
    ]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("total", "items", "read"),
    [
        (7, {}, (7, 7, 0, False)),
        (None, FULL, (10, 10, 0, False)),
        (10, FULL, (10, 10, 0, False)),
        (7, FULL, (7, 7, 0, True)),
        (10, FULL | {"ice-naming": 0}, (7, 7, 0, True)),
        (None, FULL | {"ice-naming": None}, (7, 10, 3, False)),
        (None, {"ice-orientation": 4}, (4, 10, 6, False)),
        (9, FULL | {"ice-naming": None}, (9, 9, 0, False)),
        (6, FULL | {"ice-naming": None}, (6, 6, 0, True)),
        (
            None,
            FULL
            | {"ice-naming": None, "ice-orientation": None}
            | {f"ice-naming-{n}": 1 for n in (1, 2, 3)}
            | {
                "ice-orientation-year": 1,
                "ice-orientation-month": 0,
                "ice-orientation-city": 1,
            },
            (8, 9, 1, False),
        ),
    ],
)
def test_every_shape_is_read_alike(
    shape: str, total: int | None, items: dict[str, Any], read: tuple[int, int, int, bool]
) -> None:
    assert _ice(ice(total, items, shape=shape)) == [read]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("total", "items", "low", "high"),
    [
        (9, {}, 9, 9),
        (None, CAPD_8, 8, 8),
        (8, CAPD_8, 8, 8),
        (6, CAPD_8, 8, 8),
        (9, CAPD_8, 9, 9),
        (None, CAPD_8 | {"capd-8": None}, 7, 11),
        (10, CAPD_8 | {"capd-8": None}, 10, 10),
        (5, CAPD_8 | {"capd-8": None}, 7, 7),
    ],
)
def test_the_worse_of_capd_total_and_items(
    shape: str, total: int | None, items: dict[str, Any], low: int, high: int
) -> None:
    fact = only("capd", *capd(total, items, shape=shape))

    assert (fact.low, fact.high) == (low, high)


def test_items_of_one_minute_are_one_test_and_of_two_are_two() -> None:
    items = [
        observation("local|ice-command", "2h", "survey", valueInteger=1),
        observation("local|ice-writing", "1h59m30s", "survey", valueInteger=1),
        observation("local|ice-attention", "1h58m", "survey", valueInteger=1),
    ]

    assert len(record_of(*items).facts["ice"]) == 2


@pytest.mark.parametrize(
    ("codes", "read"),
    [(["ice-total", "ice-total"], 4), (["capd-total", "capd-total"], 8)],
    ids=["ice-lower", "capd-higher"],
)
def test_two_totals_of_one_minute_count_as_the_worse(codes: list[str], read: int) -> None:
    kind = codes[0].split("-")[0]
    both = [
        observation(f"local|{code}", "2h", "survey", valueInteger=value)
        for code, value in zip(codes, (4, 8), strict=True)
    ]
    fact = only(kind, *both)

    assert fact[1] == read


def test_an_item_charted_twice_in_one_minute_counts_as_the_worse() -> None:
    items = [
        observation("local|ice-naming", "2h", "survey", valueInteger=value) for value in (3, 1)
    ]

    assert only("ice", *items).worst == 1


def test_an_item_of_which_only_the_site_knows_the_number_is_passed_over() -> None:
    known = observation("site|9 text|CAPD item 3", "2h", "survey", valueInteger=3)

    assert record_of(known).facts["capd"] == ()


@pytest.mark.parametrize("key", ["obs.capd_item", "obs.ice_score"])
def test_a_chart_cannot_name_a_concept_by_our_own_key(key: str) -> None:
    known = observation("site|9", "2h", "survey", valueInteger=3)
    known["code"]["coding"].append({"system": "urn:cart-toxicity-cds:concept", "code": key})
    record = record_of(known)

    assert (record.facts["capd"], record.facts["ice"]) == ((), ())


def test_an_ice_total_by_the_site_s_name_is_marked() -> None:
    named = observation("site|9 text|ICE score", "2h", "survey", valueInteger=9)
    fact = only("ice", named)

    assert (fact.worst, fact.flags) == (9, (Remark.BY_TEXT,))


# --- forms ---------------------------------------------------------------------------------------


def _form(*items: Resource, **elements: Any) -> Resource:
    return {
        "resourceType": "QuestionnaireResponse",
        "id": "form-1",
        "status": "completed",
        "subject": {"reference": f"Patient/{PATIENT_ID}"},
        "authored": "2026-11-22T12:00:00Z",
        "item": list(items),
    } | elements


def _answer(code: str, **value: Any) -> Resource:
    return {"linkId": code, "answer": [value]}


@pytest.mark.parametrize(
    "item",
    [
        _answer("ice-total", valueInteger=9),
        _answer("ice-total", valueDecimal=9.0),
        _answer("ice-total", valueQuantity={"value": 9, "unit": "{score}"}),
        _answer(f"{LOCAL}/ice-total", valueInteger=9),
        {"linkId": "group", "item": [_answer("ice-total", valueInteger=9)]},
        {
            "linkId": "done",
            "answer": [{"valueBoolean": True, "item": [_answer("ice-total", valueInteger=9)]}],
        },
    ],
)
def test_an_answer_in_whatever_way_it_is_written(item: Resource) -> None:
    fact = only("ice", _form(item))

    assert (fact.worst, fact.t, fact.ref) == (9, ago("2h"), "QuestionnaireResponse/form-1")


def test_a_tick_counts_one() -> None:
    ticked = _form(*(_answer(f"ice-naming-{n}", valueBoolean=n < 3) for n in (1, 2, 3)))

    assert only("ice", ticked).worst == 2


@pytest.mark.parametrize(
    "item",
    [
        _answer("ice-total", valueInteger=11),
        _answer("ice-total", valueQuantity={"value": 5, "comparator": ">"}),
        _answer("ice-total", valueInteger=-1),
        _answer("ice-total", valueDecimal=8.5),
        _answer("ice-total", valueDecimal="1e1000000"),
        _answer("ice-total", valueDecimal="Infinity"),
        _answer("ice-total", valueDecimal="NaN"),
        _answer("ice-total", valueDecimal="sNaN"),
        _answer("ice-total", valueString="nine"),
    ],
)
def test_an_answer_out_of_range_or_kind_is_named(item: Resource) -> None:
    record = record_of(_form(item))

    assert record.facts["ice"] == ()
    assert [kind for kind, _ in problems(record)] == ["refused-range"]


@pytest.mark.parametrize(
    ("form", "kinds"),
    [
        (_form(_answer("ice-total", valueInteger=9), status="in-progress"), []),
        (_form(_answer("mood", valueInteger=9)), []),
        (_form(), []),
        (_form(_answer("ice-total", valueInteger=9), authored=None), ["no-time"]),
        (_form(_answer("ice-total", valueInteger=9), authored="noon"), ["unreadable-time"]),
    ],
)
def test_a_form_that_does_not_count(form: Resource, kinds: list[str]) -> None:
    record = record_of(form)

    assert record.facts["ice"] == ()
    assert [kind for kind, _ in problems(record)] == kinds


def test_a_form_nested_without_end_is_read_to_a_depth() -> None:
    item = _answer("ice-total", valueInteger=9)
    for _ in range(60):
        item = {"linkId": "group", "item": [item]}

    assert record_of(_form(item)).facts["ice"] == ()


@pytest.mark.parametrize(("point", "running"), [("a", "b"), ("b", "a")])
def test_an_item_over_an_open_period_is_no_test_with_those_of_its_start(
    point: str, running: str
) -> None:
    at, period = "2026-11-22T12:00:00Z", {"start": "2026-11-22T12:00:00Z"}
    total = observation("local|ice-total", at, "survey", valueInteger=3, id=point)
    item = observation("local|ice-writing", None, "survey", valueInteger=1, id=running)
    record = record_of(total, item | {"effectivePeriod": period})
    tests = build_snapshot(record, NOW_AT, KNOWLEDGE.policy).ice

    assert {test.ref: test.t for test in tests} == {
        f"Observation/{point}": ago("2h"),
        f"Observation/{running}": NOW_AT,
    }
