"""Text of a chart never becomes markup, a link or a second line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cards.markdown import CHART_TEXT_LIMIT, escape, own_text
from grading.model import Offer, Order
from tests.cards.patients import CRS_3, cards_of, tocilizumab
from tests.cards.shape import shape_faults
from tests.grading.snapshots import NOW

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</td><script>alert(1)</script>",
    "[click](javascript:alert(1))",
    "![x](https://evil.example/p.png)",
    "https://evil.example/a www.evil.example a@evil.example",
    "| a | b |\n| --- | --- |",
    "**bold** _it_ `code` ~~no~~ # head $x$",
    "&lt;b&gt; &#60;i&#62;",
    "\u202eright to left\u0000\u200b",
    "{p.early_onset_h} {0} %s",
    "99999999999999999999",
    "\\",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_escaped_text_has_no_live_markup(text: str) -> None:
    escaped = escape(text)
    live = escaped.replace("\\\\", "").replace("\\", "\0")
    assert not set("<>@\n\r") & set(escaped)
    assert "://" not in escaped
    assert "www.e" not in escaped
    assert not [
        char for n, char in enumerate(live) if char in "`*_[]|~!" and live[n - 1 : n] != "\0"
    ]
    assert escaped.isprintable()


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("Nasal cannula", "Nasal cannula"),
        ("  a \t\r\n b ", "a b"),
        ("x\u200by", "x y"),
        ("a" * 90, "a" * (CHART_TEXT_LIMIT - 1) + "…"),
        ("a" * CHART_TEXT_LIMIT, "a" * CHART_TEXT_LIMIT),
        ("", ""),
    ],
)
def test_text_is_kept_on_one_short_line(text: str, escaped: str) -> None:
    assert escape(text) == escaped


def test_our_own_comparison_signs_are_no_tags() -> None:
    assert own_text("SBP <= 90, ICE >= 7, a<b") == "SBP ≤ 90, ICE ≥ 7, a&lt;b"


@pytest.mark.parametrize("text", HOSTILE)
def test_a_device_text_of_any_kind_stays_text(text: str) -> None:
    device = [{"h": -1, "is": "unrecognized", "text": text}]
    spo2 = [{"h": -1, "value": 88}]
    cards = cards_of({"temp": [{"h": -3, "value": 39}], "device": device, "spo2": spo2})
    assert escape(text) in cards[0]["detail"]
    assert shape_faults({"cards": cards}) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_a_drug_text_of_any_kind_stays_text(text: str) -> None:
    order = Order("tocilizumab", NOW, "MedicationRequest/1", text=text)
    already = replace(tocilizumab(), offer=Offer.ALREADY, already=order)
    cards = cards_of(CRS_3, [already])
    assert escape(text) in cards[0]["detail"]
    assert shape_faults({"cards": cards}) == []
