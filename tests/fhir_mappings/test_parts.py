"""Raw elements, and the repair of what servers get wrong."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from fhir_mappings.codes import CodeableConcept, Coding
from fhir_mappings.elements import Component, Item, Quantity
from fhir_mappings.parts import CONCEPTS, RESOURCES, Part, members_of
from fhir_mappings.resources import Observation, Patient, QuestionnaireResponse

FIRST, SECOND = (CodeableConcept(text=text) for text in ("first", "second"))


@pytest.mark.parametrize(
    ("text", "members"),
    [
        (b"", ()),
        (b"null", ()),
        (b"[]", ()),
        (b"[1, [2], {}]", (b"1", b"[2]", b"{}")),
        (b"[null]", (b"null",)),
        (b'{"a": 1}', (b'{"a": 1}',)),
        (b'"x"', (b'"x"',)),
        (b"[1, ", ()),
        (b"[" * 100_000, ()),
    ],
)
def test_members_of_a_list_or_of_what_stands_for_one(
    text: bytes, members: tuple[bytes, ...]
) -> None:
    assert tuple(bytes(member) for member in members_of(msgspec.Raw(text))) == members


@pytest.mark.parametrize(
    ("text", "concepts"),
    [
        (b"", ()),
        (b"null", ()),
        (b'{"text": "first"}', (FIRST,)),
        (b'[{"text": "first"}, {"text": "second"}]', (FIRST, SECOND)),
        (b'[null, 5, {"text": 5}, {"text": "second"}]', (SECOND,)),
        (b'"first"', ()),
    ],
)
def test_what_can_be_read_of_a_raw_element(
    text: bytes, concepts: tuple[CodeableConcept, ...]
) -> None:
    assert CONCEPTS.all(msgspec.Raw(text)) == concepts
    assert CONCEPTS.one(msgspec.Raw(text)) == (concepts[0] if concepts else None)


@pytest.mark.parametrize(
    ("text", "resource"),
    [
        (b'{"resourceType": "Patient", "id": "p"}', Patient("p")),
        (b'{"resourceType": "Patient", "id": null, "birthDate": null}', Patient()),
        (b'{"resourceType": "Patient", "deceasedBoolean": "true"}', Patient(deceased_boolean=True)),
        (b'{"resourceType": "Patient", "deceasedBoolean": "perhaps"}', None),
        (b'{"resourceType": "Patient", "id": ["p"]}', None),
        (b'{"resourceType": "Patient", "id": 5}', None),
        (b'{"resourceType": "Encounter"}', None),
        (b'{"id": "p"}', None),
        (b"[]", None),
        (b'{"resourceType": "Patient", "id": "\xff"}', None),
        (b'{"resourceType": "Patient", ', None),
        (b'{"resourceType": "Patient", "id": null, "contact": ' + b"[" * 2_000, None),
    ],
)
def test_a_resource_is_mended_as_far_as_can_be(text: bytes, resource: object) -> None:
    assert RESOURCES.read(text) == resource


@pytest.mark.parametrize(
    ("element", "read"),
    [
        ('"code": {"coding": {"code": "a"}}', {"code": CodeableConcept((Coding(code="a"),))}),
        (
            '"code": {"coding": [null, {"code": "a"}]}',
            {"code": CodeableConcept((Coding(code="a"),))},
        ),
        (
            '"component": {"valueString": "x"}',
            {"component": (Component(value_string="x"),)},
        ),
        (
            '"component": [null, {"valueString": "x", "code": null}]',
            {"component": (Component(value_string="x"),)},
        ),
    ],
)
def test_a_single_object_stands_for_a_list_and_nulls_are_dropped(
    element: str, read: dict[str, Any]
) -> None:
    text = f'{{"resourceType": "Observation", "id": "o", {element}}}'
    assert RESOURCES.read(text.encode()) == Observation("o", **read)


def test_nested_items_are_mended_too() -> None:
    text = b'{"resourceType": "QuestionnaireResponse", "item": {"item": {"linkId": "a"}}}'
    inner = Item(link_id="a")
    assert RESOURCES.read(text) == QuestionnaireResponse(item=(Item(item=(inner,)),))


@pytest.mark.parametrize(
    ("number", "value"),
    [
        ("38.50", "38.50"),
        ("1e400", "1E+400"),
        ("-0.1", "-0.1"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ('"38.5"', "38.5"),
        ("1e99999999999999999999", None),
    ],
)
def test_a_number_survives_the_mending_as_it_was_written(number: str, value: str | None) -> None:
    text = f'[{{"resourceType": "Observation", "component": {{"valueInteger": {number}}}}}]'
    read = Part(Observation).one(msgspec.Raw(text.encode()))
    mended = (
        None if value is None else Observation(component=(Component(value_integer=Decimal(value)),))
    )
    assert read == mended


def test_a_part_reads_its_own_kind() -> None:
    assert Part(Quantity).one(msgspec.Raw(b'[{"value": "x"}, {"value": 2}]')) == Quantity(
        Decimal(2)
    )
