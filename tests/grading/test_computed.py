"""Computed rules, inputs and switches of order rules that are broken stop the process at start."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from grading.knowledge import KNOWLEDGE, KnowledgeError
from grading.knowledge.computed import Input, read_computed, read_inputs
from grading.knowledge.orders import read_order_rules
from grading.order_rulebook import ORDER_CHECKS, bind_order_rules
from tests.grading.test_knowledge import read


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"color": "red"}, "CRS-W1: unknown or missing keys ['color']"),
        ({"status": "maybe"}, "CRS-W1: status maybe is not one of"),
        ({"cites": []}, "CRS-W1: no such source (none cited)"),
        ({"group": "labs"}, "CRS-W1: labs is not one of crs, icans, iec-hs, doses, care, orders"),
        ({"id": "CRS-W2"}, "CRS-W2: stands twice"),
    ],
)
def test_a_broken_computed_rule_is_refused(change: dict[str, Any], message: str) -> None:
    data = deepcopy(read("computed.toml"))
    data["rule"][0].update(change)
    with pytest.raises(KnowledgeError) as refused:
        read_computed(data, KNOWLEDGE.sources)
    assert message in str(refused.value)


def test_a_computed_rule_without_id_is_named_so() -> None:
    data = deepcopy(read("computed.toml"))
    del data["rule"][0]["id"]
    with pytest.raises(KnowledgeError, match="a rule without id"):
        read_computed(data, KNOWLEDGE.sources)


def test_a_broken_input_is_refused() -> None:
    with pytest.raises(KnowledgeError, match=r"inputs.toml: IN-1: unknown or missing keys"):
        read_inputs({"IN-1": {"name": "Temperature", "used": "24 h"}})


@pytest.mark.parametrize(
    ("rule", "expected"),
    [("CRS-P1", True), ("CRS-P10", True), ("CRS-O1", False), ("MON-7", True), ("MON-70", False)],
)
def test_an_input_names_rules_or_the_start_of_their_ids(rule: str, expected: bool) -> None:
    assert Input("IN-2", "SBP", "12 h", ("CRS-P*", "MON-7")).is_read_by(rule) is expected


def test_only_an_unverified_order_rule_has_a_switch() -> None:
    data = deepcopy(read("orders.toml"))
    data["rule"][0]["switch"] = "renal_order_check"
    with pytest.raises(KnowledgeError, match="only an unverified rule has a switch"):
        read_order_rules(data, KNOWLEDGE.sources)


def test_a_switch_of_an_order_rule_is_one_of_the_policy() -> None:
    changed = replace(KNOWLEDGE.order_rules["OT-RENAL-1"], switch="kidneys")
    with pytest.raises(KnowledgeError, match=r"orders.toml: no such switch .*\['kidneys'\]"):
        bind_order_rules({**KNOWLEDGE.order_rules, "OT-RENAL-1": changed}, ORDER_CHECKS)
