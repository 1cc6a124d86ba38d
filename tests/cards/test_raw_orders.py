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
        f'{{"extension":[{ODD}],"dosageInstruction":[{{"text":"800 mg","doseAndRate":'
        '[{"doseQuantity":{"value":800.0},"rateRatio":{"numerator":{"value":1.50}}}],'
        '"maxDose":1.10},{"text":"later"}]}'
    )
    found = with_dose(order.encode(), Decimal(560))

    assert found is not None
    dose = '{"value":560,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}'
    changed = order.replace('{"value":800.0}', dose).replace("800 mg", "560 mg")
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
    ],
    ids=str,
)
def test_an_order_with_no_dose_or_several_has_none_to_correct(instructions: Any) -> None:
    order = json.dumps({"dosageInstruction": instructions}).encode()

    assert with_dose(order, Decimal(560)) is None


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
