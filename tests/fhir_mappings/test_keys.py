"""The eleven reads, word for word as design.md section 7 has them."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

import pytest

from fhir_mappings.keys import EXTRA_KEYS, KEYS, KeySpec
from grading.model import ALWAYS, DAY

CART = ",".join(
    [
        "1987398,1987407",  # axi-cel
        "2387277,2572005",  # brexu-cel
        "1986438,2044975",  # tisa-cel
        "2479136,2479145,2479140",  # liso-cel
        "2536430,2536437",  # ide-cel
        "2594775,2594792",  # cilta-cel
        "2700173",  # obe-cel
    ]
)
CODES = ",".join(
    [
        "8310-5,8331-1,8332-9,8328-7,8333-7,76011-6,75539-7,8329-5",  # body temperature
        "8334-5,60836-4,60838-0,60834-9,76010-8,104063-3,11289-6",
        "29463-7,3141-9,3142-7,8335-2,8341-0,8340-2,75292-3",  # body weight
        "2276-4,14723-1,20567-4,24373-3",  # ferritin
        "3255-7",  # fibrinogen
        "1742-6,1743-4,1744-2,76625-3",  # ALT
        "1920-8,30239-8,88112-8",  # AST
        "2532-0,14804-9,14805-6",  # LDH
        "2571-8,3043-7,14927-8,12951-0",  # triglycerides
        "1988-5,30522-7,48421-2,71426-1,105126-7,76485-2",  # CRP
        "751-8,753-4,26499-4",  # ANC
        "777-3,26515-7,778-1,49497-1",  # platelets
        "718-7,20509-6,30313-1,30350-3,59260-0",  # hemoglobin
        "1975-2,14631-6,42719-5,35194-0",  # bilirubin
        "5902-2,5964-2",  # PT
        "3173-2,14979-9",  # aPTT
        "2160-0,14682-9,38483-4,59826-8",  # creatinine
        "2951-2",  # sodium
    ]
)
TABLE = {  # P is the patient; the second column is what a date window adds
    "patient": ("Patient/P", ""),
    "procedures": (
        "Procedure?patient=P&_sort=-date&_count=200",
        "&date=ge{{today() - 366 days}}",
    ),
    "infusions": (f"MedicationAdministration?patient=P&code={CART}&_count=20", ""),
    "given": (
        "MedicationAdministration?patient=P&_sort=-effective-time&_count=200",
        "&effective-time=ge{{today() - 92 days}}",
    ),
    "medicationOrders": (
        "MedicationRequest?patient=P&status=active,on-hold,draft&_count=200",
        "",
    ),
    "testOrders": (
        "ServiceRequest?patient=P&_sort=-authored&_count=200",
        "&authored=ge{{today() - 4 days}}",
    ),
    "bedside": (
        "Observation?patient=P&category=vital-signs,survey,exam&_sort=-date&_count=200",
        "&date=ge{{today() - 32 days}}",
    ),
    "trends": (
        f"Observation?patient=P&code={CODES}&_sort=-date&_count=200",
        "&date=ge{{today() - 92 days}}",
    ),
    "conditions": ("Condition?patient=P&_count=200", ""),
    "reports": (
        "DiagnosticReport?patient=P&_sort=-date&_count=100",
        "&date=ge{{today() - 4 days}}",
    ),
    "questionnaires": (
        "QuestionnaireResponse?patient=P&_sort=-authored&_count=50",
        "&authored=ge{{today() - 32 days}}",
    ),
}
ALL = [*KEYS.values(), *EXTRA_KEYS.values()]
SEARCHES = [spec for spec in ALL if spec.name != "patient"]


def named(spec: KeySpec) -> str:
    return spec.name


def filled(template: str) -> str:
    return template.replace("{{context.patientId}}", "P")


def test_the_eleven_templates() -> None:
    templates = {name: filled(spec.template()) for name, spec in KEYS.items()}
    assert list(templates.items()) == [(name, text) for name, (text, _) in TABLE.items()]


def test_the_dated_templates() -> None:
    templates = {name: filled(spec.template(dates=True)) for name, spec in KEYS.items()}
    assert templates == {name: text + window for name, (text, window) in TABLE.items()}


def test_trends_asks_for_72_codes_each_once() -> None:
    codes = dict(KEYS["trends"].query)["code"].split(",")
    assert (len(codes), len(set(codes))) == (72, 72)


def test_key_names_are_those_of_the_table() -> None:
    assert all(name == spec.name for name, spec in {**KEYS, **EXTRA_KEYS}.items())


# --- lint: cds-hooks.md section 4 and PREF-8 -----------------------------------------------------


@pytest.mark.parametrize("spec", KEYS.values(), ids=named)
def test_only_the_patient_token_is_used(spec: KeySpec) -> None:
    assert re.findall(r"{{.*?}}", spec.template()) == ["{{context.patientId}}"]


@pytest.mark.parametrize("spec", KEYS.values(), ids=named)
def test_the_only_further_token_is_the_date_of_a_window(spec: KeySpec) -> None:
    tokens = re.findall(r"{{.*?}}", spec.template(dates=True))
    window = [f"{{{{today() - {spec.window_days} days}}}}"] if spec.window_days else []
    assert tokens == ["{{context.patientId}}", *window]


@pytest.mark.parametrize("dates", [False, True])
@pytest.mark.parametrize("spec", KEYS.values(), ids=named)
def test_only_portable_parameters_none_twice(spec: KeySpec, dates: bool) -> None:
    template = filled(spec.template(dates=dates)).replace("{{", "").replace("}}", "")
    _, _, query = template.partition("?")
    names = [name for name, _ in parse_qsl(query, strict_parsing=True)] if query else []
    portable = {"patient", "code", "category", "status", "_sort", "_count"}
    dated = {"date", "effective-time", "authored"} if dates else set()
    assert set(names) <= portable | dated  # so no modifier, chain, _include or _revinclude
    assert len(names) == len(set(names))


@pytest.mark.parametrize("spec", SEARCHES, ids=named)
def test_codes_are_bare_and_need_no_escape(spec: KeySpec) -> None:
    assert re.fullmatch(r"[\w,.=?&{}/-]+", spec.template(), re.ASCII)


# --- own reads -----------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", SEARCHES, ids=named)
def test_own_searches_are_the_template_with_the_id_filled_in(spec: KeySpec) -> None:
    searches = [dict(query) for query in spec.searches("P")]
    codes = [query["code"] for query in searches if "code" in query]
    joined = searches[0] | ({"code": ",".join(codes)} if codes else {})
    written = "&".join(f"{name}={value}" for name, value in joined.items())
    assert f"{spec.resource_type}?{written}" == filled(spec.template())


@pytest.mark.parametrize(
    ("spec", "sizes"),
    [
        (KEYS["infusions"], [14]),
        (KEYS["trends"], [40, 32]),
        (KEYS["bedside"], [0]),
        (
            KeySpec("x", "Observation", (("code", ",".join("a" * 40)),), None, True, None, None),
            [40],
        ),
        (
            KeySpec("x", "Observation", (("code", ",".join("a" * 81)),), None, True, None, None),
            [40, 40, 1],
        ),
    ],
)
def test_code_lists_are_split_at_40(spec: KeySpec, sizes: list[int]) -> None:
    codes = [dict(query).get("code", "") for query in spec.searches("P")]
    assert [len(text.split(",")) if text else 0 for text in codes] == sizes


@pytest.mark.parametrize("spec", SEARCHES, ids=named)
def test_each_part_of_a_split_read_differs_in_its_codes_only(spec: KeySpec) -> None:
    without = [[pair for pair in query if pair[0] != "code"] for query in spec.searches("P")]
    assert all(query == without[0] for query in without)


def test_the_patient_is_read_not_searched() -> None:
    assert KEYS["patient"].searches("P", "2026-11-22T14:00:00Z") == ()


@pytest.mark.parametrize(
    ("name", "parameter"),
    [
        ("procedures", "date"),
        ("infusions", None),
        ("given", "effective-time"),
        ("medicationOrders", None),
        ("testOrders", "authored"),
        ("bedside", "date"),
        ("trends", "date"),
        ("conditions", None),
        ("reports", "date"),
        ("questionnaires", "authored"),
        ("vitals", "date"),
        ("medications", None),
    ],
)
def test_evaluate_at_bounds_a_read_where_it_has_a_date(name: str, parameter: str | None) -> None:
    spec = {**KEYS, **EXTRA_KEYS}[name]
    bound = [] if parameter is None else [(parameter, "le2026-11-22T14:00:00Z")]
    expected = [(*query, *bound) for query in spec.searches("P")]
    assert list(spec.searches("P", "2026-11-22T14:00:00Z")) == expected


@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("procedures", 366),
        ("given", 92),
        ("testOrders", 4),
        ("bedside", 32),
        ("trends", 92),
        ("reports", 4),
        ("questionnaires", 32),
    ],
)
def test_a_dated_template_is_complete_for_its_window(name: str, days: int) -> None:
    assert KEYS[name].window_from(1_000 * DAY) == (1_000 - days) * DAY


@pytest.mark.parametrize("name", ["patient", "infusions", "medicationOrders", "conditions"])
def test_without_a_window_nothing_is_left_out(name: str) -> None:
    assert KEYS[name].window_from(1_000 * DAY) == ALWAYS
