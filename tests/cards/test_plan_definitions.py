"""The rules as FHIR R4: valid, with sources, and only what is on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import fhirkit
import pytest

from cards.plan_definitions import rule_bundle
from cards.rule_book import rule_book
from grading.knowledge import AS_SHIPPED, EDITION, KNOWLEDGE

BASE = "https://site.example.org/fhir"
SHIPPED = rule_bundle(rule_book(KNOWLEDGE.policy, AS_SHIPPED), BASE)
MEMBERS: dict[str, dict[str, Any]] = {
    entry["resource"]["id"]: entry["resource"] for entry in SHIPPED["entry"]
}
PLANS = [member for member in MEMBERS.values() if member["resourceType"] == "PlanDefinition"]


def actions(bundle: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        action["id"]: action
        for entry in bundle["entry"]
        for action in entry["resource"].get("action", ())
    }


@pytest.mark.parametrize("resource", [SHIPPED, *MEMBERS.values()], ids=lambda r: r.get("id", "all"))
def test_it_is_valid_r4_for_a_second_validator(resource: dict[str, Any]) -> None:
    assert [str(issue) for issue in fhirkit.validate(resource)] == []


def test_the_bundle_has_a_library_and_four_plans_at_their_canonical_urls() -> None:
    assert list(MEMBERS) == [
        "cart-toxicity-logic",
        "crs-management",
        "icans-management",
        "iec-hs-overlap",
        "order-checks",
    ]
    for entry in SHIPPED["entry"]:
        member = entry["resource"]
        url = f"{BASE}/{member['resourceType']}/{member['id']}"
        assert entry["fullUrl"] == member["url"] == url
        assert member["version"] == EDITION
    assert all(plan["library"] == [MEMBERS["cart-toxicity-logic"]["url"]] for plan in PLANS)


def test_every_active_rule_is_one_action_and_no_rule_that_is_off() -> None:
    rules = [*KNOWLEDGE.rules.values(), *KNOWLEDGE.order_rules.values()]
    assert actions(SHIPPED).keys() == {rule.id for rule in rules if rule.status == "active"}
    assert sum(len(plan["action"]) for plan in PLANS) == len(actions(SHIPPED))


def test_a_rule_that_a_site_turned_on_is_an_action_without_a_source() -> None:
    policy = replace(KNOWLEDGE.policy, icp_numbers=True, renal_order_check=True)
    found = actions(rule_bundle(rule_book(policy, AS_SHIPPED), BASE))
    assert found.keys() - actions(SHIPPED).keys() == {"MGMT-ICP-2", "OT-RENAL-1"}
    assert "documentation" not in found["OT-RENAL-1"]


def test_an_action_says_condition_text_urgency_and_source() -> None:
    action = actions(SHIPPED)["MGMT-CRS-3"]
    rule = KNOWLEDGE.rules["MGMT-CRS-3"]
    assert action["description"] == rule.says
    assert action["priority"] == "stat"
    assert action["code"] == [{"text": "CDS Hooks indicator: critical"}]
    assert action["trigger"] == [{"type": "named-event", "name": "patient-view"}]
    [condition] = action["condition"]
    assert condition["kind"] == "applicability"
    assert condition["expression"]["language"] == "text/plain"
    assert condition["expression"]["expression"] == rule.when
    assert {item["type"] for item in action["documentation"]} == {"citation"}
    assert [item["display"] for item in action["documentation"]] == [
        KNOWLEDGE.sources[cite].label for cite in rule.cites
    ]


@pytest.mark.parametrize(
    ("rule", "priority"), [("OT-TOCI-5", "stat"), ("OT-TOCI-2", "urgent"), ("OT-LEV-1", "routine")]
)
def test_an_order_check_is_asked_at_both_order_hooks(rule: str, priority: str) -> None:
    action = actions(SHIPPED)[rule]
    assert [item["name"] for item in action["trigger"]] == ["order-select", "order-sign"]
    assert action["priority"] == priority


def test_every_source_of_the_content_is_cited_with_its_year_once() -> None:
    cited = MEMBERS["cart-toxicity-logic"]["relatedArtifact"]
    assert [item["display"] for item in cited] == [
        source.label for source in KNOWLEDGE.sources.values()
    ]
    unlinked = [item["display"] for item in cited if "url" not in item]
    assert len(unlinked) == 2
