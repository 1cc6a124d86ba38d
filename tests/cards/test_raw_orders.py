"""Orders that are sent back: one thing is changed, all else is byte for byte as it came."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from cards.raw_orders import lean, with_dose, with_status

ODD = (
    '{"url":"https://e/x","valueDecimal":2.50},{"valueDecimal":1e400},'
    '{"valueDecimal":12345678901234567890.10},{"valueInteger":' + "9" * 5000 + "}"
)


def deep(levels: int) -> str:
    return '{"a":[' * levels + '{"b":1}' + "]}" * levels


def test_a_status_is_changed_and_nothing_else() -> None:
    order = f'{{"status":"active","extension":[{ODD}],"id":"z\\u00e9\\"]"}}'
    found = with_status(order.encode(), "stopped")

    assert found is not None
    assert bytes(found).decode() == order.replace("active", "stopped")


def test_a_dose_is_changed_and_nothing_else() -> None:
    order = (
        f'{{"extension":[{ODD}],"dosageInstruction":[{{"text":"give 800 mg IV, once",'
        '"doseAndRate":[{"doseQuantity":{"value":800.0,"unit":"mg"},"type":{"text":"x"}}],'
        '"sequence":1.10},{"text":"later"}]}'
    )
    found = with_dose(order.encode(), Decimal(560))

    assert found is not None
    dose = '{"value":560,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}'
    changed = order.replace('{"value":800.0,"unit":"mg"}', dose).replace("800 mg", "560 mg")
    assert bytes(found).decode() == changed


def test_a_range_becomes_the_one_dose() -> None:
    order = {"dosageInstruction": [{"doseAndRate": [{"doseRange": {}, "type": {"text": "x"}}]}]}
    found = with_dose(json.dumps(order).encode(), Decimal("7.5"))

    assert found is not None
    (rate,) = json.loads(bytes(found))["dosageInstruction"][0]["doseAndRate"]
    assert rate.keys() == {"type", "doseQuantity"}
    assert rate["doseQuantity"]["value"] == 7.5


@pytest.mark.parametrize(
    "instructions",
    [
        *(None, [], ["text"], [{}], [{"doseAndRate": []}]),
        *([{"doseAndRate": {"x": 1}}], [{"doseAndRate": ["x"]}]),
        [{"doseAndRate": [{"doseQuantity": {"value": 800}}, {"doseQuantity": {"value": 10}}]}],
        [{"doseAndRate": [{"doseQuantity": {"value": 800}}]}] * 2,
        [{"doseAndRate": [{"doseQuantity": {"value": 800}}]}, {"doseQuantity": {"value": 10}}],
        [{"doseAndRate": [{"doseQuantity": {"value": 800}}], "doseRange": {"low": {"value": 9}}}],
    ],
    ids=str,
)
def test_an_order_with_no_dose_or_several_has_none_to_correct(instructions: Any) -> None:
    order = json.dumps({"dosageInstruction": instructions}).encode()

    assert with_dose(order, Decimal(560)) is None


def ordered(text: Any = None, dose: Any = 300, unit: str = "mg", **members: Any) -> bytes:
    """An order of 300 mg with these words; `members` stand in its instruction."""
    amount = {"doseQuantity": {"value": dose, "unit": unit}}
    instruction = {"doseAndRate": [amount], **members}
    told = instruction if text is None else instruction | {"text": text}
    return json.dumps({"dosageInstruction": [told]}).encode()


def text_after(order: bytes) -> str | None:
    """The words once 560 mg are set; None: the dose is not set."""
    found = with_dose(order, Decimal(560))
    if found is None:
        return None
    return str(json.loads(bytes(found))["dosageInstruction"][0].get("text", "-"))


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (ordered("300 mg IV over 60 minutes, every 8 hours, at most 3 doses"), "560 mg IV over 60"),
        (ordered("Infuse 300mg once"), "Infuse 560 mg once"),
        (ordered("300.0 MG IV"), "560 mg IV"),
        (ordered("1,000 mg IV", 1000), "560 mg IV"),
        (ordered("1000 mg IV", 1000), "560 mg IV"),
        (ordered("7.5 mg IV", 7.5), "560 mg IV"),
        (ordered("8 mg/kg IV", 8, "mg/kg"), "560 mg IV"),
        (ordered("300 mg in 100 mL saline over 1 h"), "560 mg in 100 mL saline"),
        (ordered("300 mg IV q8h x1, max 3 doses in 24 h"), "560 mg IV q8h x1, max 3"),
        (ordered("300 mg, Intravenous, ONCE, On Wed 11/25/26 at 1000, For 1 dose"), "560 mg, I"),
        (ordered("300 mg IV on Nov 25, 2026 10:30 over 30-60 min"), "560 mg IV on Nov 25, 2026"),
        (ordered("300 mg IV for T > 38.5 C or SpO2 < 90 %, 0.22 um filter"), "560 mg IV for T"),
        (ordered("8 mg IV every 8 hours until day 30", 8), "560 mg IV every 8 hours until day"),
        (ordered("300 mg IV, then 19"), "560 mg IV, then 19"),
        (ordered("Give 300 mg IV, grade 2, room 12"), "Give 560 mg IV, grade 2, room 12"),
        (ordered("IV over 60 minutes, once"), "IV over 60 minutes, once"),
        (ordered(), "-"),
        (ordered(patientInstruction=None, maxDosePerPeriod=None, doseQuantity=None), "-"),
    ],
)
def test_the_old_amount_gives_way_in_the_words(order: bytes, words: str) -> None:
    assert (text_after(order) or "").startswith(words)


@pytest.mark.parametrize(
    "order",
    [
        ordered("800 mg IV"),
        ordered("1300 mg IV"),
        ordered("300 mg/h IV"),
        ordered("300 mg IV, at most 300 mg a day"),
        ordered("300 mg (4.3 mg/kg) IV"),
        ordered("300 mg (15 mL) IV"),
        ordered("three hundred milligrams IV"),
        ordered("1 vial IV"),
        ordered("300mgs IV"),
        ordered("300 MGS"),
        ordered("300mgIV"),
        ordered("8mgIV"),
        ordered("Give 300 IV once"),
        ordered("tocilizumab 300 IV x1"),
        ordered("two 150s"),
        ordered("15 cc IV"),
        ordered("1,300 IV"),
        ordered("300 mg x1 dose; repeat 300 if no response"),
        ordered("8 mg IV, then 8 more", 8),
        ordered("300 mg IV, then 20"),
        ordered("300 mg IV", None),
        ordered("300 mg IV", unit=""),
        ordered("300 mg IV", "NaN"),
        ordered("300 mg IV", "1e9000"),
        ordered("300 mg IV", -300),
        ordered(7),
        ordered("300 mg IV", patientInstruction="you get 15 mL"),
        ordered("300 mg IV", maxDosePerAdministration={"value": 300, "unit": "mg"}),
        ordered("300 mg IV", rateQuantity={"value": 100, "unit": "mL/h"}),
        ordered(doseAndRate=[{"doseQuantity": {"value": 300}, "rateRatio": {"numerator": {}}}]),
        ordered(doseAndRate=[{"doseRange": {}}], text="300 to 400 mg IV"),
        ordered(doseAndRate=[{"doseQuantity": {"value": "x"}}]),
    ],
)
def test_where_something_would_contradict_the_dose_it_is_not_set(order: bytes) -> None:
    assert text_after(order) is None


def test_a_null_in_place_of_words_says_nothing() -> None:
    order = b"""{"dosageInstruction":[{"text" : null ,"doseAndRate":[{"doseQuantity":{"value":3,
        "unit":"mg"},"rateRatio":null}]},{"doseAndRate":null}]}"""
    found = with_dose(order, Decimal(560))

    assert found is not None
    assert b'"value":560' in bytes(found)
    assert b"text" not in bytes(found)


def test_words_for_the_patient_change_too() -> None:
    found = with_dose(ordered(patientInstruction="You get 300 mg."), Decimal(560))

    assert found is not None
    assert b'"patientInstruction":"You get 560 mg."' in bytes(found)


@pytest.mark.parametrize("order", [b"[]", b"{", b'{"id":"\xff"}', b""], ids=repr)
def test_what_cannot_be_read_cannot_be_changed(order: bytes) -> None:
    assert with_status(order, "stopped") is None
    assert with_dose(order, Decimal(560)) is None


def test_an_order_of_any_depth_is_changed_or_left_alone() -> None:
    for levels in (100, 200, 400, 5000, 50_000):
        order = f'{{"status":"active","x":{deep(levels)}}}'
        found = with_status(order.encode(), "stopped")
        assert found is None or bytes(found).decode() == order.replace("active", "stopped")
        assert found is not None or levels > 400


def test_an_order_that_nobody_would_write_is_not_sent_back() -> None:
    order = '{"id":"%s"}'
    around = len(order % "") + len(',"status":"stopped"')

    assert with_status((order % ("x" * ((1 << 18) - around))).encode(), "stopped") is not None
    assert with_status((order % ("x" * ((1 << 18) - around + 1))).encode(), "stopped") is None


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ('{"note":[],"groupIdentifier":null,"dose":0}', '{"dose":0}'),
        (
            '{"supportingInformation":[{}],"x":"","y":{"z":[[]]},"asNeeded":false}',
            '{"asNeeded":false}',
        ),
        ('{"note":[{},"b",""]}', '{"note":["b"]}'),
        ('{"given":[null,"Ann"],"_given":[{"id":"x"},null]}',) * 2,
        ('{ "a" : [ 1.0 , 2 ] , "b" : "x, y: {" }', '{"a":[1.0,2],"b":"x, y: {"}'),
        ('{"a":"null","b":"\\""}',) * 2,
    ],
)
def test_what_has_no_value_is_left_out(sent: str, kept: str) -> None:
    assert lean(sent.encode()).decode() == kept
