"""The card about orders of which it could not be read what they order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from cards import dump_cards, unknown_order_card
from grading.order_model import Draft, OrderReview
from tests.cards.patients import CONTEXT, CRS_3, as_sent, chart, verdict_of
from tests.cards.shape import shape_faults

UNREAD = Draft("MedicationRequest/d1", "", unread=True)
OTHER = Draft("MedicationRequest/d2", "Drug X")
KNOWN = Draft("MedicationRequest/d3", "filgrastim", ingredients=("filgrastim",))


def cards_of(*drafts: Draft, rows: Mapping[str, Any] = CRS_3) -> list[dict[str, Any]]:
    review = OrderReview(checked=tuple((draft, ()) for draft in drafts))
    card = unknown_order_card(review, verdict_of(rows), chart(rows), CONTEXT)
    found = as_sent(dump_cards([card] if card else []))
    assert shape_faults({"cards": found}) == []
    return found


def test_an_order_that_could_not_be_read_is_told_as_not_checked() -> None:
    (card,) = cards_of(UNREAD, OTHER, KNOWN)

    assert card["summary"] == (
        "An order could not be recognized and was not checked (CRS grade 3, ICANS grade 0)"
    )
    assert card["indicator"] == "info"
    assert card["source"]["topic"]["code"] == "OrderUnknown"
    assert card["detail"].startswith(
        "**1 order of this call could not be recognized and was not checked.** The medicine stands "
        "in a Medication resource"
    )
    assert "is not known here. Day 3 after axi-cel" in card["detail"]
    assert "suggestions" not in card


def test_several_such_orders_are_one_card() -> None:
    (card,) = cards_of(UNREAD, UNREAD._replace(ref=""))

    assert card["summary"].startswith("Orders could not be recognized and were not checked (")
    assert "**2 orders of this call could not be recognized and were not" in card["detail"]


@pytest.mark.parametrize("drafts", [(), (OTHER,), (KNOWN,)], ids=["none", "not ours", "known"])
def test_an_order_that_could_be_read_is_none_of_them(drafts: tuple[Draft, ...]) -> None:
    assert cards_of(*drafts) == []


def test_where_nobody_is_graded_no_rule_would_have_been_asked() -> None:
    assert cards_of(UNREAD, rows={"cells": []}) == []
