"""Active orders as they were delivered: whole, by reference, where there is one of each."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fhir_mappings.bundle import read_page
from fhir_mappings.delivered import delivered_orders
from fhir_mappings.pages import KeyRead
from tests.builders import ordered, temperature
from tests.fhir_codes import Resource
from tests.fhir_mappings.reading import page

ZOLPIDEM = ordered("text|Zolpidem 5 mg", id="z1")
OTHER = ordered("text|Lorazepam 1 mg", id="l1")
ZOLPIDEM_ONLY = {"MedicationRequest/z1"}


def found(*pages: bytes, refs: set[str] = ZOLPIDEM_ONLY) -> dict[str, Any]:
    reads = [KeyRead((read_page(raw),)) for raw in pages]
    return {ref: json.loads(raw) for ref, raw in delivered_orders(reads, refs).items()}


def test_an_order_is_found_whole() -> None:
    assert found(page(ZOLPIDEM, OTHER)) == {"MedicationRequest/z1": ZOLPIDEM}


def test_one_that_two_pages_deliver_alike_is_one() -> None:
    assert found(page(ZOLPIDEM), page(OTHER, ZOLPIDEM)) == {"MedicationRequest/z1": ZOLPIDEM}


def test_a_page_that_is_broken_elsewhere_still_has_it() -> None:
    broken: Resource = {"resourceType": "MedicationRequest", "id": "b", "status": 7}
    assert found(page(broken, ZOLPIDEM)) == {"MedicationRequest/z1": ZOLPIDEM}


@pytest.mark.parametrize(
    ("pages", "refs"),
    [
        ((page(ZOLPIDEM),), set()),
        ((page(OTHER),), ZOLPIDEM_ONLY),
        ((page(temperature(38.6)),), ZOLPIDEM_ONLY),
        ((page(ZOLPIDEM), page(ZOLPIDEM | {"priority": "stat"})), ZOLPIDEM_ONLY),
    ],
    ids=["none-asked-for", "another", "no-orders", "two-versions"],
)
def test_nothing_is_found(pages: tuple[bytes, ...], refs: set[str]) -> None:
    assert found(*pages, refs=refs) == {}


def test_only_a_page_with_orders_keeps_its_text() -> None:
    assert read_page(page(temperature(38.6))).raw == b""
    assert read_page(page(ZOLPIDEM)).raw == page(ZOLPIDEM)
