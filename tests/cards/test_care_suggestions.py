"""Suggestions beside a sentence of care: drafts, stops of active orders, and how many."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import fhirkit
import pytest
from fhir.resources.R4B.medicationrequest import MedicationRequest
from fhir.resources.R4B.servicerequest import ServiceRequest

from cards.care_names import care_name
from cards.drafts import BY_PROTOCOL, care_request
from cards.orderables import CARE_MEDICINES, LABS, STUDIES
from cards.suggestions import MOST, within_limit
from grading import KNOWLEDGE
from grading.model import CareOrder, DrugPlan, Offer, Order, Recommendation
from tests.cards.patients import (
    CONTEXT,
    CRS_3,
    GRADE_3_ADVICE,
    ICANS_2,
    WORDS,
    cards_of,
    drug,
    recommended,
    study_of,
    tocilizumab,
)
from tests.grading.snapshots import NOW, at

REASON = "CRS grade 1 (ASTCT 2019)"
MODELS: dict[str, Any] = {"MedicationRequest": MedicationRequest, "ServiceRequest": ServiceRequest}
THIAMINE = CareOrder("thiamine", Offer.SUGGEST, drug=DrugPlan("thiamine", "thiamine", Decimal(500)))
LAB_SET = CareOrder("crs-labs", Offer.SUGGEST, labs=tuple(LABS))
DRAFTS = [
    *(CareOrder(item, Offer.SUGGEST) for item in KNOWLEDGE.care_orders if item != "thiamine"),
    THIAMINE,
    LAB_SET,
]


def drafted(order: CareOrder) -> dict[str, Any]:
    return care_request(order, CONTEXT, NOW, REASON)


@pytest.mark.parametrize("order", DRAFTS, ids=lambda order: f"{order.item}-{len(order.labs)}")
def test_a_draft_is_valid_for_two_validators(order: CareOrder) -> None:
    draft = drafted(order)
    MODELS[draft["resourceType"]].model_validate(draft)
    assert [str(issue) for issue in fhirkit.validate(draft)] == []
    assert (draft["status"], draft["intent"]) == ("draft", "proposal")
    assert draft["subject"] == {"reference": "Patient/crs-3"}
    assert draft["reasonCode"] == [{"text": REASON}]


def test_every_row_can_be_ordered_and_named() -> None:
    items = set(KNOWLEDGE.care_orders)
    assert items <= {*STUDIES, *CARE_MEDICINES, "thiamine"}
    labs = KNOWLEDGE.care_orders["crs-labs"].labs
    assert set(labs) == set(LABS)
    assert [care_name(order) for order in DRAFTS[4:6]] == ["Acetaminophen", "ICU consultation"]


def test_a_set_is_one_order_with_its_tests_in_detail() -> None:
    draft = drafted(LAB_SET)
    assert draft["code"] == {"text": "CRS laboratory set"}
    codes = [detail["coding"][0]["code"] for detail in draft["orderDetail"]]
    assert codes == [
        *("57021-8", "24323-8", "19123-9", "2777-1", "1988-5", "2532-0", "3084-1"),
        *("3255-7", "5902-2", "14979-9", "2276-4"),
    ]


def test_an_antipyretic_is_drafted_without_a_dose() -> None:
    draft = drafted(CareOrder("acetaminophen", Offer.SUGGEST))
    assert draft["dosageInstruction"] == [{"sequence": 1, "text": BY_PROTOCOL}]
    assert draft["medicationCodeableConcept"]["coding"][0]["code"] == "161"


def test_thiamine_has_the_dose_of_the_handbook_and_no_route() -> None:
    [instruction] = drafted(THIAMINE)["dosageInstruction"]
    assert instruction["text"] == "500 mg every 8 h"
    assert "route" not in instruction


# --- on the card ----------------------------------------------------------------------------------


def infection(*orders: CareOrder, **changes: Any) -> Recommendation:
    return recommended("MGMT-CRS-01", orders=orders, **changes)


def suggestions(recommendations: Sequence[Recommendation]) -> list[dict[str, Any]]:
    [card] = cards_of(CRS_3, recommendations)
    found: list[dict[str, Any]] = card.get("suggestions", [])
    return found


def detail(recommendations: Sequence[Recommendation]) -> str:
    [card] = cards_of(CRS_3, recommendations)
    return str(card["detail"])


CULTURES = CareOrder("blood-cultures", Offer.SUGGEST)


def test_an_order_is_a_suggestion_with_one_action() -> None:
    [found] = suggestions([infection(CULTURES)])
    assert found["label"] == "Blood cultures"
    assert found["isRecommended"] is True
    [action] = found["actions"]
    assert action["type"] == "create"
    assert action["description"] == "Draft for review: Blood cultures."
    assert action["resource"]["code"]["coding"][0]["code"] == "600-7"


def test_only_what_is_recommended_is_marked_so() -> None:
    found = suggestions([infection(CULTURES), recommended("MGMT-CRS-02", orders=(THIAMINE,))])
    assert [each.get("isRecommended") for each in found] == [True, None]


def test_a_set_names_its_tests_in_full_and_is_short_on_the_button() -> None:
    [found] = suggestions([infection(replace(LAB_SET, labs=("cbc", "crp", "ferritin")))])
    assert found["label"] == "CRS laboratory set"
    description = found["actions"][0]["description"]
    assert description == "Draft for review: CRS laboratory set: CBC, CRP and ferritin."


@pytest.mark.parametrize(
    ("orders", "lead"),
    [
        ((), "**Recommended:** Work-up for infection"),
        ((CULTURES,), "**Recommended, draft below:** Work-up for infection"),
        ((CULTURES, LAB_SET), "**Recommended, drafts below:** Work-up for infection"),
    ],
)
def test_the_sentence_says_that_drafts_go_with_it(orders: tuple[CareOrder, ...], lead: str) -> None:
    assert lead in detail([infection(*orders)])


@pytest.mark.parametrize(
    ("order", "text"),
    [
        (
            CareOrder(
                "blood-cultures",
                Offer.ALREADY,
                Order("blood-cultures", at(-2), "ServiceRequest/1", text="BCx_2"),
                at(-2),
            ),
            "Blood cultures: already ordered 2026-11-22 12:00 UTC (BCx\\_2).",
        ),
        (
            CareOrder("chest-radiograph", Offer.ALREADY, None, at(-2)),
            "Chest radiograph: already done 2026-11-22 12:00 UTC.",
        ),
        (
            CareOrder("acetaminophen", Offer.ALREADY, None, at(-2)),
            "Acetaminophen: already given 2026-11-22 12:00 UTC.",
        ),
        (
            replace(LAB_SET, labs=("cbc",), labs_there=("crp", "ferritin")),
            "Resulted or ordered lately, so not in the set: CRP and ferritin.",
        ),
    ],
)
def test_what_is_there_is_said(order: CareOrder, text: str) -> None:
    assert text in detail([infection(order)])


# --- stops ----------------------------------------------------------------------------------------

MARKUP = "Zolpidem 5 mg <img src=x onerror=alert(1)> [click](http://evil.example.org)"
ZOLPIDEM = Order("zolpidem", at(-10), "MedicationRequest/z1", text=MARKUP)
RAW = {
    "resourceType": "MedicationRequest",
    "id": "z1",
    "meta": {"versionId": "3"},
    "extension": [{"url": "https://ehr.example.org/x", "valueString": "kept"}],
    "status": "active",
    "intent": "order",
    "subject": {"reference": "Patient/crs-3"},
    "medicationCodeableConcept": {"text": "Zolpidem 5 mg"},
}


def stopping(order: Order = ZOLPIDEM, **orders: bytes) -> list[dict[str, Any]]:
    context = replace(
        CONTEXT, orders={f"MedicationRequest/{name}": raw for name, raw in orders.items()}
    )
    item = recommended("MGMT-ICANS-2", stops=(order,))
    [card] = [
        card for card in cards_of(ICANS_2, [item], context=context) if "ICANS" in card["summary"]
    ]
    found: list[dict[str, Any]] = card.get("suggestions", [])
    return found


def test_a_stop_is_an_update_of_the_whole_order() -> None:
    [found] = stopping(z1=json.dumps(RAW).encode())
    assert found["label"] == "Order of zolpidem: status stopped"
    assert "isRecommended" not in found
    [action] = found["actions"]
    assert action["type"] == "update"
    assert action["resource"] == {**RAW, "status": "stopped"}
    assert "resourceId" not in action
    when = WORDS.time(at(-10))
    assert action["description"] == (
        f"For review: the active order of zolpidem from {when} with the status stopped."
    )


def test_an_order_without_a_time_is_named_by_its_drug() -> None:
    [found] = stopping(ZOLPIDEM._replace(t=None), z1=json.dumps(RAW).encode())
    [action] = found["actions"]
    assert action["description"] == (
        "For review: the active order of zolpidem with the status stopped."
    )


def test_an_order_that_cannot_be_sent_back_is_not_offered() -> None:
    assert stopping(z1=b"\xff") == []


def test_without_the_order_itself_there_is_no_stop() -> None:
    assert stopping() == []


# --- how many -------------------------------------------------------------------------------------

MANY = (
    *GRADE_3_ADVICE[:2],
    study_of("MGMT-ICANS-MRI", "mri-brain"),
    infection(*(CareOrder(item, Offer.SUGGEST) for item in ("blood-cultures", "icu-consult"))),
    recommended("MGMT-ICANS-2", stops=tuple(ZOLPIDEM._replace(ref=f"m/{n}") for n in range(4))),
    recommended("MGMT-ICANS-4", orders=(THIAMINE, CareOrder("fundoscopy", Offer.ALREADY))),
    drug("SZ-1", "lev", 500, topic="levetiracetam"),
)


def test_a_card_has_at_most_eight_suggestions_the_first_ones() -> None:
    kept = within_limit(MANY)
    offered = sum(item.offer is Offer.SUGGEST for item in kept)
    offered += sum(order.offer is Offer.SUGGEST for item in kept for order in item.orders)
    offered += sum(len(item.stops) for item in kept)
    assert offered == MOST == 8
    assert kept[:4] == MANY[:4]
    assert len(kept[4].stops) == 3


def test_what_is_beyond_the_limit_is_said_without_a_draft() -> None:
    kept = within_limit(MANY)
    assert [order.offer for order in kept[5].orders] == [Offer.TEXT, Offer.ALREADY]
    assert kept[6].offer is Offer.TEXT


def test_a_card_within_the_limit_is_left_as_it_is() -> None:
    assert within_limit([tocilizumab(), infection(CULTURES)]) == (
        tocilizumab(),
        infection(CULTURES),
    )
