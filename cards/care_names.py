"""What an order that goes with a sentence of care is called: on a button, and in full."""

from __future__ import annotations

from collections.abc import Iterable

from cards.markdown import lowered
from cards.orderables import LABS, STUDIES
from cards.regimens import plan_text
from cards.wording import drug_name, listed
from grading.model import CareOrder


def care_name(order: CareOrder) -> str:
    """The order in a word or two."""
    study = STUDIES.get(order.item)
    return drug_name(order.item).capitalize() if study is None else study.text


def care_label(order: CareOrder) -> str:
    """The order in full: with its dose, or with the tests of a set that are due."""
    if order.drug is not None:
        return plan_text(order.drug)
    return f"{care_name(order)}: {labs_text(order.labs)}" if order.labs else care_name(order)


def labs_text(labs: Iterable[str]) -> str:
    """The tests of a set: "CBC, CMP and ferritin"."""
    return listed(lowered(LABS[name].text) for name in labs)
