"""Whatever is in an answer: nothing raises, and no entry is lost without a word."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fhir_mappings import read_drafts
from fhir_mappings.bundle import read_page
from fhir_mappings.errors import MappingError
from fhir_mappings.issues import DataIssue, IssueKind
from fhir_mappings.pages import MALFORMED, Page
from fhir_mappings.resources import TYPES
from fhir_mappings.times import UTC_ZONE
from tests import builders as b
from tests.fhir_mappings.drafting import bundled, draft_order
from tests.fhir_mappings.pages import as_bytes, entry, record_of, searchset

CHART = [
    b.patient(),
    b.temperature(39.1),
    b.pressure(88, 50, 62),
    b.spo2(91),
    b.flow(4),
    b.device("nasal-cannula"),
    b.lab("ferritin", 900),
    b.given("tocilizumab", mg=640),
    b.infused("norepinephrine", rate=5),
    b.cells(),
    b.ordered("dexamethasone", mg=10, every_h=6),
    b.order_test("eeg"),
    b.procedure("cart-infusion"),
    b.ongoing("ventilation"),
    b.condition("icd10|G40.909", "2d"),
    b.report("eeg", ["local|seizure"]),
    *b.ice(items=b.full_ice()),
    *b.ice(8, shape="form"),
    {
        "resourceType": "Medication",
        "id": "drug",
        "code": {"text": "propofol"},
        "ingredient": [{"itemReference": {"reference": "Medication/drug"}}],
    },
]
BUNDLE = searchset(*(entry(resource, "match") for resource in CHART), total=len(CHART))

# Numbers that Python cannot write stand as "#1e400#" and lose their quotes in `sent`.
NUMBERS = ("1e400", "-1e-400", "1e99999999999999999999", "9" * 30, "9" * 5_000, "-0", "0.1")
WORDS = ("", "NaN", "sNaN", "Infinity", "2026-11-22", "9999-12-31", "0", "Observation", "null", "é")
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 300),
    st.sampled_from([f"#{number}#" for number in NUMBERS]),
    st.sampled_from(WORDS),
)
NAMES = st.sampled_from(("id", "code", "coding", "value", "item", "reference", "start", "resource"))
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
FAST = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def sent(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False)
    return re.sub(r'"#([^"#]+)#"', r"\1", text).encode()


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container of a JSON value with each of its keys."""
    keys = value.keys() if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from places(value[key])


def entries_of(bundle: dict[str, Any]) -> list[Any]:
    """The entries of a Bundle, whatever stands in place of the list."""
    found = bundle.get("entry")
    return found if isinstance(found, list) else [] if found is None else [found]


def is_to_be_read(member: Any) -> bool:
    """Whether an entry must end as a resource or as an issue."""
    if not isinstance(member, dict):
        return True
    resource = member.get("resource")
    if not isinstance(resource, dict):
        return True
    kind = resource.get("resourceType")
    return not isinstance(kind, str) or kind.startswith("#") or kind in TYPES


def found_in(page: Page) -> int:
    return len(page.resources) + sum(issue.count for issue in page.issues)


@st.composite
def damaged(draw: st.DrawFn) -> dict[str, Any]:
    """The Bundle with one to three places replaced, removed, doubled or wrapped."""
    holder = {"bundle": copy.deepcopy(BUNDLE)}
    for _ in range(draw(st.integers(1, 3))):
        container, key = draw(st.sampled_from(list(places(holder["bundle"]))))
        old = container[key]
        change = draw(st.sampled_from(("replace", "remove", "double", "wrap", "null")))
        if change == "remove":
            del container[key]
        else:
            new = {"double": [old, old], "wrap": [old], "null": None}
            container[key] = copy.deepcopy(new[change]) if change in new else draw(ANYTHING)
    return holder["bundle"]


@FAST
@given(damaged())
def test_a_damaged_bundle_is_read_and_every_entry_accounted_for(bundle: dict[str, Any]) -> None:
    page = read_page(sent(bundle))
    if bundle.get("resourceType") == "Bundle":
        assert found_in(page) == sum(map(is_to_be_read, entries_of(bundle)))
    else:
        assert (page.resources, page.incomplete) == ((), MALFORMED)
    record = record_of(page)
    broken = {issue.label for issue in record.issues if issue.kind == IssueKind.BROKEN}
    assert broken == {issue.label for issue in page.issues}


@FAST
@given(st.sampled_from(CHART), st.data())
def test_anything_in_any_place_of_a_resource(resource: dict[str, Any], data: st.DataObject) -> None:
    whole = {"resource": copy.deepcopy(resource)}
    container, key = data.draw(st.sampled_from(list(places(whole["resource"]))))
    container[key] = data.draw(ANYTHING)
    page = read_page(sent(searchset(whole, entry(b.temperature(38.1, id="healthy")))))
    assert found_in(page) == 1 + is_to_be_read(whole)
    refs = {fact.ref for fact in record_of(page).facts["temperatures"]}
    assert "Observation/healthy" in refs


@FAST
@given(ANYTHING)
def test_any_json_is_a_page_or_is_refused(value: Any) -> None:
    if isinstance(value, dict):
        page = read_page(sent(value))
        assert (page.resources, page.incomplete) == ((), MALFORMED)
        assert record_of(page).facts["temperatures"] == ()
    else:
        with pytest.raises(MappingError):
            read_page(sent(value))


@FAST
@given(st.integers(0, 10**9), st.binary(min_size=1, max_size=3))
def test_bytes_that_are_no_text(place: int, noise: bytes) -> None:
    raw = as_bytes(searchset(entry(CHART[1]), entry(CHART[2])))
    at = place % len(raw)
    try:
        page = read_page(raw[:at] + noise + raw[at + len(noise) :])
    except MappingError:
        return  # no longer JSON
    assert record_of(page).patient_id == b.PATIENT_ID


def nested(depth: int, opening: str, closing: str) -> str:
    return opening * depth + "1" + closing * depth


@pytest.mark.parametrize("depth", [10, 150, 10_000, 200_000])
@pytest.mark.parametrize(
    ("opening", "closing"), [("[", "]"), ('{"item":', "}"), ('{"item":[', "]}")]
)
@pytest.mark.parametrize("element", ["id", "item", "extension", "contact", "code"])
def test_nesting_costs_its_entry_or_makes_the_page_unreadable(
    depth: int, opening: str, closing: str, element: str
) -> None:
    deep = f'{{"resourceType": "Patient", "{element}": {nested(depth, opening, closing)}}}'
    text = f'{{"resourceType": "Bundle", "entry": [{{"resource": {deep}}}]}}'
    page = read_page(text.encode())
    assert found_in(page) == 1 or page == Page(incomplete=MALFORMED)
    assert record_of(page).patient_id == b.PATIENT_ID


@pytest.mark.parametrize("depth", [10, 150, 10_000])
def test_deeply_nested_questions(depth: int) -> None:
    items = '{"linkId": "a", "item": [' * depth + "{}" + "]}" * depth
    forms = [
        f'{{"resource": {{"resourceType": "QuestionnaireResponse", "id": "f", "status": "{status}",'
        f' "authored": "2026-11-22", "item": [{items}]}}}}'
        for status in ("completed", "amended")
    ]
    page = read_page(f'{{"resourceType": "Bundle", "entry": [{",".join(forms)}]}}'.encode())
    assert len(page.resources) == 2 or page == Page(incomplete=MALFORMED)
    assert record_of(page).issues == ()


@pytest.mark.parametrize(
    ("number", "kinds"),
    [
        ("1e400", {IssueKind.REFUSED_RANGE}),
        ("-1e-400", {IssueKind.REFUSED_RANGE}),
        ("9" * 30, {IssueKind.REFUSED_RANGE}),
        ('"NaN"', {IssueKind.REFUSED_RANGE}),
        ('"sNaN"', {IssueKind.REFUSED_RANGE}),
        ('"-Infinity"', {IssueKind.REFUSED_RANGE}),
        ("1e99999999999999999999", {IssueKind.BROKEN}),
        ("{}", {IssueKind.BROKEN}),
        ("null", set()),
    ],
)
def test_a_value_that_is_no_temperature(number: str, kinds: set[IssueKind]) -> None:
    raw = as_bytes(searchset(entry(b.temperature(39.25)))).replace(b"39.25", number.encode())
    record = record_of(read_page(raw))
    assert {issue.kind for issue in record.issues} == kinds
    assert record.facts["temperatures"] == ()


@pytest.mark.parametrize(
    ("noise", "refs"),
    [
        (b"\xff", ("Observation/t",)),
        (b"\xed\xa0\x80", ("Observation/t",)),  # a surrogate
        (b"\xc3", ("Observation/t",)),  # half of a letter
    ],
)
def test_a_resource_with_bytes_that_are_no_text_is_broken_and_named(
    noise: bytes, refs: tuple[str, ...]
) -> None:
    bad = b.temperature(39.2, id="t", status="@")
    raw = as_bytes(searchset(entry(bad), entry(b.temperature(38.1)))).replace(b"@", noise)
    record = record_of(read_page(raw))
    assert record.issues == (DataIssue(IssueKind.BROKEN, "Observation", 1, refs),)
    assert [float(fact.value) for fact in record.facts["temperatures"]] == [38.1]


def test_duplicates_count_once() -> None:
    reading = b.temperature(39.2, id="t")
    page = read_page(as_bytes(searchset(*[entry(reading)] * 3)))
    assert (len(page.resources), page.entries) == (3, 3)
    assert len(record_of(page, page).facts["temperatures"]) == 1


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_versions_the_newer_counts_in_any_order(order: int) -> None:
    versions = [
        b.temperature(value, id="t", meta={"lastUpdated": f"2026-11-22T{hour}:00:00Z"})
        for value, hour in ((39.2, "09"), (38.4, "10"))
    ]
    page = read_page(as_bytes(searchset(*map(entry, versions[::order]))))
    assert [float(fact.value) for fact in record_of(page).facts["temperatures"]] == [38.4]


def test_the_same_id_in_two_types_is_two_resources() -> None:
    page = read_page(
        as_bytes(searchset(entry(b.temperature(39.2, id="x")), entry(b.patient(id="x"))))
    )
    record = record_of(page, patient_id="x")
    assert record.birth is not None
    assert [issue.kind for issue in record.issues] == [IssueKind.FOREIGN]


def test_broken_resources_of_one_id_are_one_issue() -> None:
    bad = entry({"resourceType": "Observation", "id": "t", "status": 5})
    record = record_of(read_page(as_bytes(searchset(bad, bad))))
    assert record.issues == (DataIssue(IssueKind.BROKEN, "Observation", 1, ("Observation/t",)),)


ODD_SIZES = ("1e30", "1e9999999", "-9e999999", "1e-30", "1e-9999999", "9" * 30, "9" * 5_000)
SITES = [
    *(b.temperature(41.25, unit=unit) for unit in ("Cel", "[degF]", "K", None)),
    b.mean_pressure(41.25),
    b.pressure(41.25, 41.25, 41.25),
    b.spo2(41.25, valueQuantity={"value": 41.25, "unit": "1"}, flow=41.25, fio2=41.25),
    *(b.flow(41.25, unit=unit) for unit in ("L/min", "mL/min", None)),
    *(b.weight(41.25, unit=unit) for unit in ("kg", "[lb_av]", "g")),
    b.lab("ferritin", 41.25, low=41.25, high=41.25),
    b.lab("platelets", 41.25),
    *b.ice(41, items={"ice-naming": 41.25}),
    *b.ice(items={"ice-naming": 41.25}, shape="form"),
    *(b.consciousness(f"{scale}:41") for scale in ("rass", "gcs", "eye")),
    b.grade("crs", 41),
]


@pytest.mark.parametrize("number", ODD_SIZES)
@pytest.mark.parametrize("resource", SITES, ids=lambda each: each["id"])
def test_a_number_of_no_usual_size_is_refused_wherever_it_stands(
    resource: dict[str, Any], number: str
) -> None:
    raw = re.sub(rb"41(\.25)?(?=[,}])", number.encode(), as_bytes(searchset(entry(resource))))
    record = record_of(read_page(raw))

    assert not any(record.facts.values())
    assert not any(record.labs.values())
    assert {issue.kind for issue in record.issues} == {IssueKind.REFUSED_RANGE}


@pytest.mark.parametrize("number", [*ODD_SIZES, '"NaN"', '"sNaN"', '"Infinity"', "-1", "1e400"])
def test_a_rate_dose_or_timing_that_is_no_number_raises_nothing(number: str) -> None:
    chart = [
        b.infused("norepinephrine", rate=41.25),
        b.given("dexamethasone", mg=41.25),
        b.ordered("dexamethasone", mg=41.25, every_h=41.25),
    ]
    raw = as_bytes(searchset(*map(entry, chart))).replace(b"41.25", number.encode())
    record = record_of(read_page(raw))
    assert {dose.drug for dose in record.facts["doses"]} == {"dexamethasone", "norepinephrine"}
    assert [order.every_h for order in record.facts["orders"]] == [None]


# --- draft orders --------------------------------------------------------------------------------

FULL_DRAFT = draft_order(
    None,
    medicationReference={"reference": "#m1", "display": "Neupogen"},
    contained=[{"resourceType": "Medication", "id": "m1", "code": {"text": "filgrastim"}}],
    reasonCode=[{"text": "seizure"}],
    reasonReference=[{"reference": "Condition/c1", "display": "agitation"}],
    doNotPerform=False,
    dosageInstruction=[
        {
            "text": "5 mcg/kg daily",
            "route": {"coding": [{"system": "http://snomed.info/sct", "code": "34206005"}]},
            "timing": {
                "event": ["2026-11-22T15:00:00Z"],
                "repeat": {
                    "frequency": 1,
                    "period": 24,
                    "periodUnit": "h",
                    "boundsPeriod": {"start": "2026-11-22"},
                },
                "code": {"coding": [{"code": "QD"}], "text": "daily"},
            },
            "doseAndRate": [
                {
                    "doseQuantity": {"value": 300, "unit": "ug"},
                    "rateRatio": {"numerator": {"value": 1}},
                    "rateQuantity": {"value": 1},
                    "doseRange": {"low": {"value": 1}},
                }
            ],
            "asNeededCodeableConcept": {"text": "agitation"},
        }
    ],
)
DRAFTS = [FULL_DRAFT, b.order_test("eeg", id="s1"), b.condition("icd10|G40.909", "2d", id="c1")]


@FAST
@given(st.integers(0, len(DRAFTS) - 1), st.data())
def test_anything_in_any_place_of_a_draft(which: int, data: st.DataObject) -> None:
    bundle = json.loads(bundled(*DRAFTS, draft_order("text|sargramostim", id="healthy")))
    container, key = data.draw(st.sampled_from(list(places(bundle["entry"][which]))))
    container[key] = data.draw(ANYTHING)
    orders = read_drafts(sent(bundle), b.PATIENT_ID, UTC_ZONE, None)
    found = {draft.ref: draft.ingredients for draft in orders.drafts}
    assert found["MedicationRequest/healthy"] == ("sargramostim",)
    assert set(orders.resources) <= set(found)


@FAST
@given(ANYTHING)
def test_any_json_is_read_as_drafts(value: Any) -> None:
    whole = {"resourceType": "Bundle", "entry": value}
    for each in (value, whole):
        orders = read_drafts(sent(each), b.PATIENT_ID, UTC_ZONE, ())
        assert not any(draft.is_focus for draft in orders.drafts)


@FAST
@given(st.integers(0, 10**9), st.binary(min_size=1, max_size=3))
def test_drafts_with_bytes_that_are_no_text(place: int, noise: bytes) -> None:
    raw = bundled(*DRAFTS)
    at = place % len(raw)
    orders = read_drafts(raw[:at] + noise + raw[at + len(noise) :], b.PATIENT_ID, UTC_ZONE, None)
    assert len(orders.drafts) <= 2


@pytest.mark.parametrize("depth", [10, 150, 10_000, 200_000])
@pytest.mark.parametrize(
    "element",
    ["id", "subject", "dosageInstruction", "contained", "reasonCode", "medicationReference"],
)
def test_a_nested_draft_is_unrecognized_or_no_draft_can_be_read(depth: int, element: str) -> None:
    deep = f'{{"resourceType": "MedicationRequest", "{element}": {nested(depth, "[", "]")}}}'
    text = f'{{"resourceType": "Bundle", "entry": [{{"resource": {deep}}}]}}'
    drafts = read_drafts(text.encode(), b.PATIENT_ID, UTC_ZONE, None).drafts
    assert [draft.is_recognized for draft in drafts] in ([], [False])
