"""Observations to facts: by any code, in any shape, and what is refused with a reason."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from fhir_mappings.readers import label_of
from grading.model import Device, Level, Remark, SeizureKind, SignKind
from tests.builders import (
    consciousness,
    device,
    finding,
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


# --- a pressure in words -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "flags"),
    [
        ("80/45", (Remark.NO_UNIT, Remark.BY_TEXT)),
        (" 80 / 45 mmHg ", (Remark.BY_TEXT,)),
        ("80/45 mm[Hg]", (Remark.BY_TEXT,)),
    ],
)
def test_a_pressure_may_be_written_as_one_text(words: str, flags: tuple[str, ...]) -> None:
    found = only("pressures", pressure(None, component=None, valueString=words))

    assert (found.sbp, found.dbp, found.mean) == (80, 45, None)
    assert found.flags == flags


@pytest.mark.parametrize(
    ("elements", "problem"),
    [
        ({"valueString": "80"}, "refused-value"),
        ({"valueString": "80/45 kPa"}, "refused-value"),
        ({"valueString": "80/45/60"}, "refused-value"),
        ({"valueString": "low"}, "refused-value"),
        ({"valueString": "20/10"}, "refused-range"),
        ({"valueString": "80/05"}, "refused-range"),
        ({"valueQuantity": quantity(80, "mm[Hg]")}, "refused-value"),
    ],
)
def test_what_is_no_pressure_in_words_is_refused(elements: Resource, problem: str) -> None:
    record = record_of(pressure(None, component=None, **elements))

    assert problems(record) == [(problem, "blood-pressure")]
    assert record.facts["pressures"] == ()


@pytest.mark.parametrize("status", ["final", "preliminary"])
def test_words_beside_the_pressures_themselves_are_not_read(status: str) -> None:
    record = record_of(pressure(118, 70, valueString="80/45", status=status))

    assert problems(record) == []
    assert [each.sbp for each in record.facts["pressures"]] == [118]


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled", "registered", "unknown"])
def test_a_status_that_never_counts_is_no_problem(status: str) -> None:
    record = record_of(temperature(39, status=status))

    assert record.issues == ()
    assert record.facts["temperatures"] == ()


def test_a_number_may_be_sent_as_an_integer() -> None:
    """Without a unit, so it is marked; a pressure too, alone or as a component (DEF-1, READ-16)."""
    fever = record_of(observation("loinc|8310-5", "1h", "vital-signs", valueInteger=39))
    systolic = {"code": concept("loinc|8480-6"), "valueInteger": 84}
    reading = record_of(observation("loinc|85354-9", "1h", "vital-signs", component=[systolic]))
    alone = record_of(observation("loinc|8480-6", "1h", "vital-signs", valueInteger=84))

    assert [(item.value, item.flags) for item in fever.facts["temperatures"]] == [
        (Decimal(39), (Remark.NO_UNIT,))
    ]
    for record in (reading, alone):
        assert [(item.sbp, item.flags) for item in record.facts["pressures"]] == [
            (Decimal(84), (Remark.NO_UNIT,))
        ]


def test_a_word_in_place_of_a_number_is_refused() -> None:
    spoken = {"code": concept("loinc|8480-6"), "valueString": "low"}
    record = record_of(observation("loinc|85354-9", "1h", "vital-signs", component=[spoken]))

    assert record.facts["pressures"] == ()
    assert problems(record) == [("refused-value", "blood-pressure")]


@pytest.mark.parametrize(
    "resource",
    [
        temperature(38, valueQuantity=None),
        temperature(38, valueQuantity={"unit": "Cel"}),
        observation("loinc|9999-9", "1h", "vital-signs", valueQuantity=quantity(38, "Cel")),
        observation("loinc|9999-9 text|Temperature", "1h", "exam", valueInteger=38),
        observation("loinc|60955-2", "1h", "vital-signs", valueQuantity=quantity(39, "Cel")),
        observation("site|1 text|Skin temperature", "1h", "exam", valueInteger=38),
        observation("loinc|96607-7", "1h", "vital-signs"),
        observation("loinc|96608-5", "1h", "vital-signs", valueQuantity=quantity(80, "mm[Hg]")),
        observation("loinc|2708-6", "1h", "laboratory", valueQuantity=quantity(60, "%")),
        temperature(38, code=""),
        {"resourceType": "Observation", "status": "final"},
    ],
)
def test_what_says_nothing_to_a_grade_is_passed_over(resource: Resource) -> None:
    record = record_of(resource)

    assert not any(record.facts.values())
    assert record.issues == ()


def test_two_codes_of_one_concept_are_one_value() -> None:
    assert only("spo2", spo2(91)).value == 91


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


# --- pressures -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resource", "sbp", "mean", "dbp"),
    [
        (pressure(118, 72), 118, None, 72),
        (pressure(118, 72, 87), 118, 87, 72),
        (pressure(None, None, 64), None, 64, None),
        (mean_pressure(64), None, 64, None),
        (
            observation("loinc|8480-6", "1h", "vital-signs", valueQuantity=quantity(88, "mm[Hg]")),
            88,
            None,
            None,
        ),
        (
            observation("site|5 text|BP systolic", "1h", "exam", valueQuantity=quantity(88, None)),
            88,
            None,
            None,
        ),
        (
            observation("text|MAP (mmHg)", "1h", "exam", valueQuantity=quantity(64, "mm[Hg]")),
            None,
            64,
            None,
        ),
        (
            observation("text|PA mean pressure", "1h", "exam", valueQuantity=quantity(40, None)),
            ...,
            ...,
            ...,
        ),
    ],
)
def test_pressures_of_one_observation_are_one_reading(
    resource: Resource, sbp: Any, mean: Any, dbp: Any
) -> None:
    found = [(p.sbp, p.mean, p.dbp) for p in record_of(resource).facts["pressures"]]

    assert found == ([] if sbp is ... else [(sbp, mean, dbp)])


@pytest.mark.parametrize(
    ("code", "readings"),
    [
        ("loinc|85354-9", 1),
        ("site|5 text|Blood pressure", 1),
        ("loinc|76284-9", 0),
        ("loinc|60985-9", 0),
        ("site|9 text|Pulmonary artery pressure", 0),
    ],
)
def test_components_of_a_pressure_elsewhere_are_not_read(code: str, readings: int) -> None:
    panel = pressure(60, 40) | {"code": concept(code)}

    assert len(record_of(panel).facts["pressures"]) == readings


def test_of_two_systolic_pressures_in_one_observation_the_lower_counts() -> None:
    twice = pressure(118, 72)
    again = {"code": twice["component"][0]["code"], "valueQuantity": quantity(88, "mm[Hg]")}
    twice["component"].append(again)

    assert only("pressures", twice).sbp == 88


def test_a_pressure_without_unit_is_marked() -> None:
    bare = observation("loinc|8480-6", "1h", "vital-signs", valueQuantity=quantity(88, None))

    assert only("pressures", bare).flags == (Remark.NO_UNIT,)


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


# --- oxygen --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resource", "named", "text"),
    [
        (device("nasal-cannula"), Device.NASAL_CANNULA, "nasal-cannula"),
        (device("site|7 text|Nasal cannula"), Device.NASAL_CANNULA, "Nasal cannula"),
        (
            device("snomed|722742002 snomed|1186618000 text|Room air, NIV"),
            Device.BIPAP,
            "Room air, NIV",
        ),
        (device("text|HFNC 40 L"), Device.HIGH_FLOW_CANNULA, "HFNC 40 L"),
        (device("text|CPAP declined"), Device.UNRECOGNIZED, "CPAP declined"),
        (
            observation("loinc|20124-4", "1h", "exam", valueString="Not intubated"),
            Device.UNRECOGNIZED,
            "Not intubated",
        ),
        (device("text|OptiX"), Device.UNRECOGNIZED, "OptiX"),
        (
            observation("loinc|20124-4", "1h", "exam", valueString="SIMV"),
            Device.VENTILATOR,
            "SIMV",
        ),
        (
            observation("local|oxygen-delivery-device", "1h", "exam", valueString="Blow-by"),
            Device.BLOW_BY,
            "Blow-by",
        ),
        (
            observation("snomed|722742002 text|Breathing room air", "1h", "exam"),
            Device.ROOM_AIR,
            "Breathing room air",
        ),
    ],
)
def test_a_device_by_code_or_words(resource: Resource, named: Device, text: str) -> None:
    fact = only("supports", resource)

    assert (fact.device, fact.text, fact.interval) == (named, text, False)


def test_a_device_finding_that_is_denied_is_none() -> None:
    denied = observation("snomed|722742002", "1h", "exam", valueBoolean=False)

    assert record_of(denied).facts["supports"] == ()


def test_flow_and_fio2_as_components_of_the_saturation() -> None:
    record = record_of(spo2(94, flow=3, fio2=32))

    assert [fact.value for fact in record.facts["flows"]] == [3]
    assert [fact.value for fact in record.facts["fio2"]] == [32]


@pytest.mark.parametrize(
    ("value", "supports"), [(94, [Device.ROOM_AIR]), (49, [])], ids=["accepted", "refused"]
)
def test_a_saturation_on_room_air_charts_the_room_air(value: int, supports: list[Device]) -> None:
    record = record_of(spo2(value, code="loinc|59410-1"))

    assert [fact.device for fact in record.facts["supports"]] == supports


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


# --- consciousness -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resource", "level", "scale"),
    [
        (consciousness("voice"), Level.VOICE, ""),
        (consciousness("unarousable"), Level.UNAROUSABLE, ""),
        (consciousness("avpu:P"), Level.TOUCH_OR_VIGOROUS, "avpu"),
        (consciousness("rass:-4"), Level.TOUCH_OR_VIGOROUS, "rass"),
        (consciousness("rass:+1"), Level.SPONTANEOUS, "rass"),
        (consciousness("gcs:15"), Level.SPONTANEOUS, "gcs"),
        (consciousness("gcs:3"), Level.UNAROUSABLE, "gcs"),
        (consciousness("gcs:12"), None, ""),
        (consciousness("eye:3"), Level.VOICE, "gcs"),
        (consciousness("arousal:LA25175-3"), Level.TOUCH, ""),
        (consciousness("arousal:LA9347-1 loinc|LA9343-0"), Level.UNAROUSABLE, ""),
        (
            observation("snomed|1345050000", "1h", "exam", valueString="RASS -2"),
            Level.VOICE,
            "rass",
        ),
        (
            observation(
                "snomed|1345050000", "1h", "exam", valueCodeableConcept={"text": "-5 unarousable"}
            ),
            Level.UNAROUSABLE,
            "rass",
        ),
        (
            observation(
                "loinc|9267-6",
                "1h",
                "exam",
                valueCodeableConcept={
                    "coding": [{"system": "http://loinc.org", "code": "LA6555-2"}]
                },
            ),
            Level.VOICE,
            "gcs",
        ),
        (
            observation(
                "snomed|1345050000", "1h", "exam", valueCodeableConcept=concept("snomed|248234008")
            ),
            Level.SPONTANEOUS,
            "avpu",
        ),
        (observation("loinc|9270-0", "1h", "exam", valueInteger=5), None, ""),
        (observation("text|GCS Motor", "1h", "exam", valueInteger=3), None, ""),
        (observation("text|GCS", "1h", "exam", valueInteger=12), None, ""),
        (
            observation("text|Glasgow Coma Scale Score", "1h", "exam", valueInteger=3),
            Level.UNAROUSABLE,
            "gcs",
        ),
        (
            observation(
                "text|Glasgow Coma Scale Eye Opening", "1h", "exam", valueString="To voice"
            ),
            Level.VOICE,
            "gcs",
        ),
        (
            observation("loinc|9267-6", "1h", "exam", valueString="3 - To speech"),
            Level.VOICE,
            "gcs",
        ),
        (observation("text|ACVPU", "1h", "exam", valueString="V"), Level.VOICE, "avpu"),
        (observation("local|consciousness", "1h", "exam"), None, ""),
    ],
)
def test_every_scale_is_one_input(resource: Resource, level: Level | None, scale: str) -> None:
    found = [(fact.level, fact.scale) for fact in record_of(resource).facts["arousal"]]

    assert found == ([] if level is None else [(level, scale)])


@pytest.mark.parametrize(
    "resource",
    [
        finding("consciousness", "text|drowsy at times"),
        finding("consciousness", "snomed|1 local|voice"),
        consciousness("rass:5"),
        observation("snomed|1345050000", "1h", "exam", valueString="calm"),
        observation("loinc|80288-4", "1h", "exam", valueInteger=3),
        observation("loinc|9267-6", "1h", "exam", valueString="Swollen shut"),
    ],
)
def test_a_level_that_is_not_understood_is_named(resource: Resource) -> None:
    record = record_of(resource)

    assert record.facts["arousal"] == ()
    assert [label for _, label in problems(record)] == ["consciousness"]


# --- seizures ------------------------------------------------------------------------------------


def _seizure(**elements: Any) -> Resource:
    return observation("local|seizure", "2h", "exam", **elements)


def _lasted(value: float, unit: str) -> list[Resource]:
    return [{"code": {"text": "Duration"}, "valueQuantity": quantity(value, unit)}]


@pytest.mark.parametrize(
    ("resource", "kind", "minutes"),
    [
        (finding("seizure", "none"), SeizureKind.NONE, None),
        (finding("seizure", "resolved-rapidly"), SeizureKind.RESOLVED, None),
        (finding("seizure", "prolonged"), SeizureKind.PROLONGED, None),
        (finding("seizure", "text|Yes, generalized"), SeizureKind.UNSPECIFIED, None),
        (finding("seizure", "text|No"), SeizureKind.NONE, None),
        (_seizure(valueBoolean=False), SeizureKind.NONE, None),
        (_seizure(valueBoolean=True), SeizureKind.UNSPECIFIED, None),
        (_seizure(valueQuantity=quantity(6, "min")), SeizureKind.UNSPECIFIED, 6),
        (_seizure(valueQuantity=quantity(90, "s")), SeizureKind.UNSPECIFIED, Decimal("1.5")),
        (_seizure(component=_lasted(4, "min")), SeizureKind.UNSPECIFIED, 4),
        (_seizure(component=_lasted(4, "mm[Hg]")), SeizureKind.UNSPECIFIED, None),
        (_seizure(component=_lasted(2000, "min")), SeizureKind.UNSPECIFIED, None),
        (
            _seizure(
                effectiveDateTime=None,
                effectivePeriod={"start": "2026-11-22T12:00:00Z", "end": "2026-11-22T12:07:00Z"},
            ),
            SeizureKind.UNSPECIFIED,
            7,
        ),
        (
            _seizure(
                effectiveDateTime=None,
                effectivePeriod={"start": "2026-11-21", "end": "2026-11-22T12:07:00Z"},
            ),
            SeizureKind.UNSPECIFIED,
            None,
        ),
        (
            _seizure(
                effectiveDateTime=None,
                effectivePeriod={"start": "noon", "end": "2026-11-22T12:07:00Z"},
            ),
            SeizureKind.UNSPECIFIED,
            None,
        ),
        (observation("snomed|91175000", "2h", "exam"), SeizureKind.UNSPECIFIED, None),
        (observation("snomed|230456007", "2h", "exam"), SeizureKind.PROLONGED, None),
        (
            observation("snomed|230456007", "2h", "exam", valueBoolean=False),
            SeizureKind.NONE,
            None,
        ),
    ],
)
def test_a_seizure_and_how_long_it_lasted(
    resource: Resource, kind: SeizureKind, minutes: Decimal | None
) -> None:
    fact = only("seizures", resource)

    assert (fact.kind, fact.minutes) == (kind, minutes)


def test_a_seizure_answer_that_no_file_knows_is_named() -> None:
    record = record_of(finding("seizure", "snomed|404684003"))

    assert record.facts["seizures"] == ()
    assert problems(record) == [("refused-value", "seizure")]


# --- motor and raised pressure -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resource", "kinds"),
    [
        (finding("motor", "none"), [SignKind.MOTOR_NONE]),
        (finding("motor", "deep-focal-weakness"), [SignKind.MOTOR_WEAKNESS]),
        (finding("motor", "snomed|26079004"), [SignKind.MOTOR_OTHER]),
        (finding("motor", "text|Left hemiparesis"), [SignKind.MOTOR_WEAKNESS]),
        (finding("motor", "text|No focal deficit"), [SignKind.MOTOR_NONE]),
        (finding("icp-edema", "none"), [SignKind.ICP_NONE]),
        (finding("icp-edema", "diffuse-edema"), [SignKind.DIFFUSE_EDEMA]),
        (finding("icp-edema", "text|Papilledema"), [SignKind.PAPILLEDEMA]),
        (observation("local|motor", "2h", "exam", valueBoolean=False), [SignKind.MOTOR_NONE]),
        (observation("local|motor", "2h", "exam"), []),
        (observation("snomed|423341008", "2h", "exam"), [SignKind.PAPILLEDEMA]),
        (
            observation("snomed|423341008", "2h", "exam", valueString="No"),
            [SignKind.ICP_NONE],
        ),
        (
            observation("snomed|423341008", "2h", "exam", valueBoolean=False),
            [SignKind.ICP_NONE],
        ),
    ],
)
def test_signs_by_answer_by_words_and_as_the_finding_itself(
    resource: Resource, kinds: list[SignKind]
) -> None:
    assert [fact.kind for fact in record_of(resource).facts["signs"]] == kinds


def test_edema_counts_as_seen_on_imaging() -> None:
    assert only("signs", finding("icp-edema", "focal-edema")).imaging
    assert not only("signs", finding("icp-edema", "cn6-palsy")).imaging


def test_a_sign_that_is_not_understood_is_named() -> None:
    record = record_of(finding("motor", "text|Unsteady"))

    assert record.facts["signs"] == ()
    assert problems(record) == [("refused-value", "neuro-exam")]


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


def _oxygen(code: str, unit: str, at: str = "1h", **more: Any) -> Resource:
    value = {"value": 4, "unit": unit}
    return observation(code, at, "exam", valueQuantity=value) | more


_FLOW, _FIO2 = "loinc|3151-8", "loinc|3150-0"


def _inhaled(code: str, value: Any, unit: str | None = None) -> Resource:
    """A row of oxygen with words, or a number with its unit."""
    if isinstance(value, str):
        return observation(code, "1h", "exam", valueString=value)
    amount = {"value": value} | ({} if unit is None else {"unit": unit})
    return observation(code, "1h", "exam", valueQuantity=amount)


_UNTOLD: Resource = {"dataAbsentReason": {"coding": [{"code": "unknown"}]}}


@pytest.mark.parametrize(
    "resource",
    [
        *(_inhaled(_FLOW, text) for text in ("RA", "Room Air", "room-air", "None", "off", "N/A")),
        *(_inhaled(_FLOW, text) for text in ("-", "0", "0 L", "0 L/min", "0 (RA)")),
        *(_inhaled(_FLOW, 0, unit) for unit in ("L", "mL", "x")),
        *(
            _inhaled(_FIO2, text)
            for text in ("RA", "room air", "21%", "21 % (room air)", "0.21", "21")
        ),
        *(_inhaled(_FIO2, text) for text in ("N/A", "-")),
        *(_inhaled(_FIO2, number, "%") for number in (20.9, 20, 0)),
        *(_inhaled(_FIO2, number) for number in (0.2, 0.209)),
        observation("text|O2 device", "1h", "exam", **_UNTOLD),
        observation("text|O2 device", "1h", "exam"),
    ],
)
def test_a_row_of_room_air_or_of_nothing_is_no_oxygen_that_cannot_be_read(
    resource: Resource,
) -> None:
    assert record_of(resource).oxygen_refused == ()


@pytest.mark.parametrize(
    "resource",
    [
        *(_inhaled(_FLOW, text) for text in ("2", "2 L", "RA, 2 L", "15 L NRB", "see comment")),
        *(_inhaled(_FLOW, text) for text in ("10", "off at night", "21", "21 L")),
        _inhaled(_FLOW, 20, "%"),
        *(_inhaled(_FIO2, text) for text in ("28%", "210")),
        *(_inhaled(_FIO2, number, "%") for number in (19.9, 2, 101)),
        *(_inhaled(_FIO2, number, "L/min") for number in (4, 21)),
        observation(_FLOW, "1h", "exam", valueQuantity={"value": 0, "comparator": ">"}),
        observation(_FLOW, "1h", "exam", valueRange={"low": {"value": 2}}),
        observation(_FLOW, "1h", "exam", valueBoolean=True),
    ],
)
def test_a_row_that_may_tell_of_oxygen_and_cannot_be_read_is_kept(resource: Resource) -> None:
    assert len(record_of(resource).oxygen_refused) == 1


@pytest.mark.parametrize(
    ("resource", "times"),
    [
        (_oxygen("loinc|3151-8", "L"), ["1h"]),
        (_oxygen("loinc|3151-8", "L", id=None), ["1h"]),
        (_oxygen("loinc|3150-0", "torr"), ["1h"]),
        (observation("text|O2 device", "2h", "exam", valueInteger=4), ["2h"]),
        (_oxygen("loinc|3151-8", "L/min"), []),
        (_oxygen("loinc|3151-8", "L", status="entered-in-error"), []),
        (_oxygen("loinc|8310-5", "L"), []),
    ],
)
def test_when_oxygen_was_charted_that_cannot_be_read_is_told(
    resource: Resource, times: list[str]
) -> None:
    """DEF-8: then room air is not assumed."""
    assert list(record_of(resource).oxygen_refused) == [ago(each) for each in times]


def _mean(code: str, **more: Any) -> Resource:
    return observation(code, "1h", "exam", valueQuantity=quantity(58, "mm[Hg]")) | more


@pytest.mark.parametrize(
    ("resource", "is_calculated"),
    [
        (_mean("text|MAP (Calculated)"), True),
        (_mean("loinc|8478-0 text|MAP (calc)"), True),
        (_mean("loinc|8478-0", method={"text": "Calculated"}), True),
        (_mean("text|Derived MAP"), True),
        (_mean("text|MAP"), False),
        (_mean("loinc|8478-0 text|MAP"), False),
        (_mean("loinc|8478-0", method={"text": "Oscillometry"}), False),
    ],
)
def test_a_mean_pressure_that_is_charted_as_calculated_says_so(
    resource: Resource, is_calculated: bool
) -> None:
    """DEF-2: such a one never decides beside a systolic pressure."""
    fact = only("pressures", resource)

    assert (fact.sbp, fact.mean) == (None, 58)
    assert (Remark.CALCULATED in fact.flags) is is_calculated


def test_a_calculated_mean_of_a_panel_is_kept_apart() -> None:
    parts = (("8480-6", 98, None), ("8462-4", 38, None), ("8478-0", 58, "MAP (calculated)"))
    components = [
        {
            "code": concept(f"loinc|{code}") | ({"text": text} if text else {}),
            "valueQuantity": quantity(value, "mm[Hg]"),
        }
        for code, value, text in parts
    ]
    panel = observation("loinc|85354-9", "1h", "vital-signs", component=components)
    found = record_of(panel).facts["pressures"]

    assert {(each.sbp, each.mean, Remark.CALCULATED in each.flags) for each in found} == {
        (98, None, False),
        (None, 58, True),
    }


@pytest.mark.parametrize(
    ("row", "pressure"),
    [
        ("NIBP Mean", (None, 58)),
        ("ABP Mean", (None, 58)),
        ("Mean NIBP", (None, 58)),
        ("BP Mean", (None, 58)),
        ("BP - mean", (None, 58)),
        ("Art mean", (None, 58)),
        ("Systolic BP (after 5 min)", (58, None)),
        ("NIBP systolic q15 min", (58, None)),
        ("Left leg systolic BP", (58, None)),
        ("Mean airway pressure", None),
        ("RV systolic pressure", None),
        ("RVSP systolic", None),
        ("Right ankle systolic BP", None),
        ("Min systolic BP (24 h)", None),
        ("Lowest systolic BP", None),
        ("24 hour BP mean", None),
        ("Average systolic BP", None),
    ],
)
def test_a_row_of_pressure_by_its_words(row: str, pressure: tuple[Any, Any] | None) -> None:
    """Pressures elsewhere, and those of no one time, are none of the arteries of now."""
    found = record_of(_mean(f"text|{row}")).facts["pressures"]

    assert [(each.sbp, each.mean) for each in found] == ([pressure] if pressure else [])
