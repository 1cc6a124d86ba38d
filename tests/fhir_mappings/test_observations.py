"""Observations to facts: by any code, in any shape, and what is refused with a reason."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from fhir_mappings.readers import label_of
from grading.model import Remark
from tests.builders import (
    fio2,
    flow,
    grade,
    lab,
    mean_pressure,
    observation,
    pressure,
    quantity,
    spo2,
    temperature,
    weight,
)
from tests.fhir_basics import concept
from tests.fhir_codes import LOCAL, Resource
from tests.fhir_mappings.reading import ago, only, problems, record_of

OTHER = {"url": f"{LOCAL}#attribution", "valueCode": "other"}


# --- the number and its unit ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resource", "kind", "value", "flags"),
    [
        (temperature(38.2), "temperatures", "38.2", ()),
        (temperature(100.4, unit="[degF]"), "temperatures", "38.00", ()),
        (temperature(100.4, unit="unit:F"), "temperatures", "38.00", ()),
        (temperature(38.2, unit=None), "temperatures", "38.2", (Remark.NO_UNIT,)),
        (temperature(38.2, status="preliminary"), "temperatures", "38.2", (Remark.PRELIMINARY,)),
        (temperature(38.2, code="snomed|386725007"), "temperatures", "38.2", ()),
        (temperature(38.2, code="site|6 loinc|8716-3 loinc|8310-5"), "temperatures", "38.2", ()),
        (temperature(38.2, code="site|6 text|Temp"), "temperatures", "38.2", (Remark.BY_TEXT,)),
        (spo2(0.93, code="loinc|59408-5", valueQuantity=quantity(0.93, "1")), "spo2", "93.00", ()),
        (spo2(93, code="loinc|2708-6"), "spo2", "93", ()),
        (
            spo2(93) | {"code": {"coding": [{"code": "10", "display": "Pulse ox"}]}},
            "spo2",
            "93",
            (Remark.BY_TEXT,),
        ),
        (weight(70, code="site|14 text|Daily weight"), "weights", "70", (Remark.BY_TEXT,)),
        (flow(2), "flows", "2", ()),
        (flow(2000, unit="mL/min"), "flows", "2.000", ()),
        (fio2(0.4, unit=None), "fio2", "40.0", (Remark.NO_UNIT,)),
        (weight(154.3, unit="[lb_av]"), "weights", "69.98930280910", ()),
    ],
)
def test_a_number_is_read_in_the_canonical_unit(
    resource: Resource, kind: str, value: str, flags: tuple[str, ...]
) -> None:
    fact = only(kind, resource)

    assert fact.value == pytest.approx(Decimal(value))
    assert fact.flags == flags
    assert fact.ref == f"Observation/{resource['id']}"


@pytest.mark.parametrize(
    ("resource", "problem"),
    [
        (temperature(43.1), ("refused-range", "temperature")),
        (temperature(38.2, unit="mmHg"), ("refused-unit", "temperature")),
        (temperature(60, unit=None), ("refused-unit", "temperature")),
        (spo2(49), ("refused-range", "spo2")),
        (weight(70, unit=None), ("refused-unit", "weight")),
        (temperature(38, at=None), ("no-time", "temperature")),
        (temperature(38, at="2026-13-01"), ("unreadable-time", "temperature")),
        (temperature(38, status="done"), ("refused-status", "temperature")),
        (
            observation("loinc|8310-5", "1h", "vital-signs", valueString="warm"),
            ("refused-value", "temperature"),
        ),
        (
            observation("loinc|8478-0", "1h", "vital-signs", valueString="low"),
            ("refused-value", "blood-pressure"),
        ),
        (
            observation("local|ice-total", "1h", "survey", valueInteger=11),
            ("refused-range", "ice"),
        ),
        (
            observation("local|ice-total", "1h", "survey", valueQuantity=quantity(8.5, "{score}")),
            ("refused-range", "ice"),
        ),
        (
            observation("local|oxygen-delivery-device", "1h", "exam", valueCodeableConcept={}),
            ("refused-value", "o2-device"),
        ),
        (
            observation("local|crs-grade", "1h", "survey", valueInteger=6),
            ("refused-range", "crs-grade"),
        ),
        (
            observation("loinc|2276-4", "1h", "laboratory", valueQuantity=quantity(500, "pmol/L")),
            ("refused-unit", "ferritin"),
        ),
    ],
)
def test_what_is_refused_is_named_and_read_as_nothing(
    resource: Resource, problem: tuple[str, str]
) -> None:
    record = record_of(resource)

    assert problems(record) == [problem]
    assert not any(record.facts.values())


def limit(resource: Resource, comparator: str | None) -> Resource:
    """A reading whose number is only a limit of the true one."""
    told = {} if comparator is None else {"comparator": comparator}
    return resource | {"valueQuantity": resource["valueQuantity"] | told}


@pytest.mark.parametrize("comparator", ["<", "<=", ">", ">="])
@pytest.mark.parametrize(
    ("resource", "label"),
    [
        (spo2(90), "spo2"),
        (flow(6), "o2-flow"),
        (fio2(60), "fio2"),
        (temperature(38.0), "temperature"),
        (mean_pressure(65), "blood-pressure"),
        (weight(70), "weight"),
        (
            observation("loinc|2951-2", "1h", "laboratory", valueQuantity=quantity(140, "mmol/L")),
            "sodium",
        ),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_limit_is_no_reading_and_is_told(resource: Resource, label: str, comparator: str) -> None:
    record = record_of(limit(resource, comparator))

    assert problems(record) == [("refused-value", label)]
    assert not any((*record.facts.values(), *record.labs.values()))
    assert record_of(limit(resource, None)).issues == ()


def test_a_limit_among_the_pressures_of_a_reading_leaves_the_others() -> None:
    reading = pressure(85, mean=60)
    reading["component"][0]["valueQuantity"]["comparator"] = "<"
    record = record_of(reading)

    assert problems(record) == [("refused-value", "blood-pressure")]
    assert [(each.sbp, each.mean) for each in record.facts["pressures"]] == [(None, 60)]


@pytest.mark.parametrize(
    ("comparator", "pressures", "issues"),
    [
        (">", [(40, (Remark.LIMIT, Remark.BY_TEXT))], []),
        (">=", [(40, (Remark.LIMIT, Remark.BY_TEXT))], []),
        ("<", [], [("refused-value", "opening-pressure")]),
    ],
)
def test_only_the_upper_end_of_a_manometer_is_taken_as_it_is(
    comparator: str, pressures: list[Any], issues: list[tuple[str, str]]
) -> None:
    measured = observation(
        "text|Opening pressure", "1h", "exam", valueQuantity=quantity(55, "cm[H2O]")
    )
    record = record_of(limit(measured, comparator))

    found = [(each.value, each.flags) for each in record.facts["opening_pressures"]]
    assert (found, problems(record)) == (pressures, issues)


@pytest.mark.parametrize(
    ("name", "value", "comparator", "flags"),
    [
        ("ferritin", 40000, ">", (Remark.LIMIT,)),
        ("ferritin", 40000, None, ()),
        ("platelets", 5, "<", (Remark.LIMIT,)),
        ("crp", 0.3, "<", (Remark.LIMIT,)),
    ],
)
def test_a_limit_of_a_laboratory_is_taken_with_a_flag(
    name: str, value: float, comparator: str | None, flags: tuple[str, ...]
) -> None:
    (found,) = record_of(limit(lab(name, value), comparator)).labs[name]

    assert found.flags == flags


KINDS_OF_VALUE = [
    {"valueRange": {"low": {"value": 8}, "high": {"value": 10}}},
    {"valueRatio": {"numerator": {"value": 60}, "denominator": {"value": 100}}},
    {"valueSampledData": {"data": "1 2"}},
    {"valueBoolean": True},
    {"valueTime": "08:00:00"},
    {"valueDateTime": "2026-11-22"},
    {"valuePeriod": {"start": "2026-11-22"}},
]


@pytest.mark.parametrize("value", KINDS_OF_VALUE, ids=lambda each: next(iter(each)))
@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("loinc|3151-8", "o2-flow"),
        ("loinc|3150-0", "fio2"),
        ("loinc|59408-5", "spo2"),
        ("loinc|8310-5", "temperature"),
        ("loinc|8480-6", "blood-pressure"),
        ("loinc|85354-9", "blood-pressure"),
        ("loinc|2276-4", "ferritin"),
        ("local|ice-total", "ice"),
    ],
)
def test_a_value_of_a_kind_that_is_not_read_is_told(code: str, label: str, value: Resource) -> None:
    alone = observation(code, "1h", "exam", **value)
    inside = observation("text|Chart", "1h", "exam", component=[{"code": concept(code)} | value])
    for resource in (alone, inside):
        record = record_of(resource)
        assert problems(record) == [("refused-value", label)]
        assert not any((*record.facts.values(), *record.labs.values()))


@pytest.mark.parametrize("code", ["loinc|3151-8", "loinc|85354-9", "local|ice-total"])
def test_no_value_at_all_is_no_problem(code: str) -> None:
    assert record_of(observation(code, "1h", "exam")).issues == ()


@pytest.mark.parametrize(("tick", "points"), [(True, 1), (False, 0)])
def test_a_tick_at_an_item_of_one_point_is_that_point(tick: bool, points: int) -> None:
    test = only("ice", observation("local|ice-writing", "1h", "survey", valueBoolean=tick))

    assert (test.worst, "ice-writing" in test.missing_items) == (points, False)


@pytest.mark.parametrize("code", ["local|ice-orientation", "local|capd-1"])
def test_a_tick_at_an_item_of_more_points_is_refused(code: str) -> None:
    record = record_of(observation(code, "1h", "survey", valueBoolean=True))

    assert [kind for kind, _ in problems(record)] == ["refused-value"]


# --- time ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("elements", "at", "flags"),
    [
        ({"effectiveDateTime": "2026-11-22T15:00:00+02:00"}, "1h", ()),
        ({"effectiveInstant": "2026-11-22T13:00:00Z", "effectiveDateTime": None}, "1h", ()),
        ({"effectiveDateTime": "2026-11-22"}, "14h", (Remark.DATE_ONLY,)),
        (
            {
                "effectiveDateTime": None,
                "effectivePeriod": {
                    "start": "2026-11-22T10:00:00Z",
                    "end": "2026-11-22T13:00:00Z",
                },
            },
            "1h",
            (),
        ),
        ({"effectiveDateTime": None, "issued": "2026-11-22T13:00:00Z"}, "1h", ()),
        (
            {"effectiveDateTime": None, "effectivePeriod": {}, "issued": "2026-11-22T13:00:00Z"},
            "1h",
            (),
        ),
    ],
)
def test_when_an_observation_stands(
    elements: dict[str, Any], at: str, flags: tuple[str, ...]
) -> None:
    fact = only("temperatures", temperature(38, **elements))

    assert fact.t == ago(at)
    assert fact.flags == flags


def test_the_effective_time_comes_before_when_it_was_issued() -> None:
    fact = only("temperatures", temperature(38, at="3h", issued="2026-11-22T13:00:00Z"))

    assert fact.t == ago("3h")


# --- weight and labs -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "detail"),
    [("loinc|29463-7", ""), ("loinc|3141-9", "measured"), ("loinc|3142-7", "stated")],
)
def test_a_weight_tells_how_it_was_found(code: str, detail: str) -> None:
    assert only("weights", weight(70, code=code)).detail == detail


def test_a_lab_is_read_under_its_name() -> None:
    labs = record_of(lab("anc", 0.4)).labs

    assert [fact.value for fact in labs["anc"]] == [400]


# --- grades of a clinician -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resource", "found"),
    [
        (grade("crs", 2), ("crs", 2)),
        (grade("icans", 0), ("icans", 0)),
        (
            observation("local|crs-grade", "1h", "survey", valueString="Grade 3"),
            ("crs", 3),
        ),
        (observation("local|crs-grade", "1h", "survey", valueString="2 to 3"), None),
        (observation("local|crs-grade", "1h", "survey", valueString="Grade 7"), None),
        (observation("local|crs-grade", "1h", "survey"), None),
    ],
)
def test_a_charted_grade(resource: Resource, found: tuple[str, int] | None) -> None:
    charted = [(g.syndrome, g.grade) for g in record_of(resource).facts["charted_grades"]]

    assert charted == ([] if found is None else [found])


@pytest.mark.parametrize("words", ["N/A", "Not applicable"])
def test_a_grade_that_does_not_apply_is_no_problem(words: str) -> None:
    record = record_of(observation("local|icans-grade", "1h", "survey", valueString=words))

    assert (record.facts["charted_grades"], problems(record)) == ((), [])


@pytest.mark.parametrize("words", ["2 to 3", "CRS not grade 3", "Grade \N{SUPERSCRIPT TWO}"])
def test_a_charted_grade_that_cannot_be_told_is_named(words: str) -> None:
    record = record_of(observation("local|crs-grade", "1h", "survey", valueString=words))

    assert problems(record) == [("refused-value", "crs-grade")]


# --- attribution ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("extension", "is_other"),
    [
        ([OTHER], True),
        ([{"url": f"{LOCAL}/attribution", "valueCoding": {"code": "other"}}], True),
        (
            [
                {
                    "url": "http://x/attribution",
                    "valueCodeableConcept": {"coding": [{"code": "other"}]},
                }
            ],
            True,
        ),
        ([{"url": f"{LOCAL}#attribution", "valueCode": "cells"}], False),
        ([{"url": "http://x/other", "valueCode": "other"}], False),
        ([{"valueCode": "other"}], False),
        (None, False),
    ],
)
def test_a_finding_due_to_another_cause(extension: Any, is_other: bool) -> None:
    fact = only("temperatures", temperature(39, extension=extension))

    assert fact.other_cause is is_other


def test_a_component_due_to_another_cause_is_the_only_one() -> None:
    charted = spo2(88, flow=8)
    charted["component"][0]["extension"] = [OTHER]
    facts = record_of(charted).facts

    assert [fact.other_cause for fact in (*facts["spo2"], *facts["flows"])] == [False, True]


def test_a_pressure_alone_due_to_another_cause_is_not_of_the_reading() -> None:
    charted = pressure(80, mean=70)
    charted["component"][0]["extension"] = [OTHER]
    whole = pressure(80, mean=70, extension=[OTHER])

    alone = pressure(80)
    alone["component"][0]["extension"] = [OTHER]

    assert only("pressures", charted)[1:3] == (None, Decimal(70))
    assert not only("pressures", charted).other_cause
    assert (only("pressures", alone).sbp, only("pressures", alone).other_cause) == (80, True)
    assert (only("pressures", whole).sbp, only("pressures", whole).other_cause) == (80, True)


@pytest.mark.parametrize(
    ("key", "label"),
    [
        ("obs.body_temperature", "temperature"),
        ("obs.o2_flow", "o2-flow"),
        ("val.o2_device.cpap", "o2-device"),
        ("obs.ice_item.naming", "ice"),
        ("obs.capd_item", "capd"),
        ("cond.seizure", "neuro-exam"),
        ("obs.opening_pressure", "opening-pressure"),
        ("lab.ferritin", "ferritin"),
    ],
)
def test_every_concept_has_the_name_of_its_input(key: str, label: str) -> None:
    assert label_of(key) == label
