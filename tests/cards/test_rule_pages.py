"""The rule page: whole, current, and with the numbers in force."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cards.rule_book import SIGN_OFF, RuleBook, as_json, rule_book
from cards.rule_code import code_at, code_of
from cards.rule_entries import Entry, case_data, entries
from cards.rule_markdown import markdown
from grading.knowledge import AS_SHIPPED, EDITION, KNOWLEDGE, Policy, read_site_policy
from grading.order_vaccine import months_after
from tests import rule_cases
from tests.grading.test_accounting import BY_CODE, NOT_BUILT, TEXT_ONLY, rows

ROOT = Path(__file__).parents[2]
SHIPPED = rule_book(KNOWLEDGE.policy, AS_SHIPPED)
ENTRIES = list(SHIPPED.entries.values())
WORDS = markdown(SHIPPED, KNOWLEDGE.policy)
SITE = f'[site]\nname = "Ward *3*"\nversion = "7"\nbased_on = "{EDITION}"\n'


def of_site(text: str) -> tuple[RuleBook, Policy]:
    policy, overrides = read_site_policy(text + SITE, "ward.toml")
    return rule_book(policy, overrides), policy


def section(rule: str, page: str = WORDS) -> str:
    """What the page says of one rule."""
    return page.split(f"\n### {rule}\n")[1].split("\n### ", maxsplit=1)[0]


# --- current -------------------------------------------------------------------------------------


def test_the_cases_of_each_rule_are_current() -> None:
    kept = rule_cases.TARGET.read_text("utf-8")
    assert rule_cases.text_of(rule_cases.collected()) == kept, "stale: run `make docs`"


def test_the_page_in_docs_is_current() -> None:
    kept = (ROOT / "docs" / "rules.md").read_text("utf-8")
    assert kept == WORDS, "stale: run `make docs`"


# --- whole ---------------------------------------------------------------------------------------


def test_every_rule_of_the_specification_that_is_built_has_an_entry() -> None:
    wanted = rows() | BY_CODE.keys() | TEXT_ONLY.keys()
    assert wanted - NOT_BUILT.keys() - SHIPPED.entries.keys() == set()


def test_every_rule_that_a_case_reaches_has_an_entry() -> None:
    found = (*rule_cases.graded(), *rule_cases.advised_on(), *rule_cases.ordered())
    held = {rule for _, _, holds, _ in found for rule in holds}
    assert held - SHIPPED.entries.keys() == set()


def test_what_is_code_says_where_as_the_account_does() -> None:
    for rule, path in BY_CODE.items():
        code = SHIPPED.entries[rule].code
        assert code is not None
        assert code.path == path, rule


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_an_entry_is_whole(entry: Entry) -> None:
    off = entry.state.startswith(("off", "text only"))
    assert all(entry.says)
    assert entry.inputs
    assert entry.cites or "unverified" in entry.state
    assert entry.code is not None or off
    assert all(item.tag for item in entry.cites)
    if entry.code is not None:
        assert (ROOT / entry.code.path).is_file()
        assert bool(entry.code.text) is entry.code.path.endswith(".py")


def test_every_active_management_and_order_rule_has_a_case() -> None:
    rules = [*KNOWLEDGE.rules.values(), *KNOWLEDGE.order_rules.values()]
    silent = {"OT-CNS-5", "OT-IMG-1"}
    active = [rule.id for rule in rules if rule.status == "active" and rule.id not in silent]
    assert [rule for rule in active if not SHIPPED.entries[rule].cases.number] == []


def test_every_parameter_stands_on_the_page_and_under_the_rules_it_bears_on() -> None:
    assert {item.name for item in SHIPPED.parameters} == {item.name for item in fields(Policy)}
    for item in SHIPPED.parameters:
        for rule in set(item.rules) & SHIPPED.entries.keys():
            assert item in SHIPPED.entries[rule].parameters
        assert f"| {item.name.replace('_', chr(92) + '_')} |" in WORDS


def test_the_page_ends_with_a_block_to_sign() -> None:
    end = WORDS.split("## Sign-off")[1]
    assert all(f"- {line}: ____" in end for line in SIGN_OFF)


def test_every_source_of_a_rule_is_linked_with_its_evidence() -> None:
    told = section("DOSE-TOCI")
    assert "V2 [FDA tocilizumab CRS dosing" in told
    assert "V [ASCO 2021 pocket guide, CRS grades 3 and 4](https://" in told
    assert "DESIGN Project decision 2026" in told


def test_code_that_rules_share_is_shown_once() -> None:
    assert "```python\ndef _ice(" in section("ICE-Y")
    assert "```" not in section("ICE-M")
    assert "Code: `fhir_mappings/scores.py` `_ice`, shown under ICE-Y." in section("ICE-M")


def test_no_heading_stands_twice() -> None:
    headings = re.findall(r"^#+ .*$", re.sub(r"```.*?```", "", WORDS, flags=re.S), re.M)
    assert len(headings) == len(set(headings))


# --- in force ------------------------------------------------------------------------------------


def test_the_numbers_are_those_in_force() -> None:
    book, policy = of_site("toci_max_mg = 700\nfever_window_h = 12\n")
    page = markdown(book, policy)
    assert "at most 700 mg" in section("DOSE-TOCI", page)
    assert "in the last 12 h" in section("CRS-F2", page)
    assert "Temperature, 12 h" in section("CRS-F2", page)
    assert "| toci\\_max\\_mg | 700 mg | 800 mg | 400 to 800 mg |" in page
    assert "Under the site policy Ward \\*3\\*, version 7." in page
    assert "700 mg here, 800 mg as shipped (toci\\_max\\_mg)" in page


@pytest.mark.parametrize(
    ("rule", "text", "state"),
    [
        ("MGMT-CRS-3", "", "on"),
        ("MON-1", "", "text only, never fires: Holds for every patient"),
        ("MGMT-ICP-2", "", "off: unverified (0.5); icp_numbers turns it on"),
        ("MGMT-ICP-2", "icp_numbers = true", "unverified, turned on by this site (icp_numbers)"),
        ("OT-RENAL-1", "", "off: unverified (0.5); renal_order_check turns it on"),
        ("DOSE-RUX", "ruxolitinib_dose = true", "unverified, turned on by this site (ruxo"),
    ],
)
def test_a_state_says_whether_a_rule_can_fire(rule: str, text: str, state: str) -> None:
    book, _ = of_site(f"{text}\n")
    assert book.entries[rule].state.startswith(state)


@pytest.mark.parametrize(
    ("change", "state"),
    [({"status": "retired"}, "retired"), ({"switch": ""}, "off: unverified (0.5)")],
)
def test_states_of_rules_that_are_not_shipped(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], state: str
) -> None:
    changed = replace(KNOWLEDGE.order_rules["OT-RENAL-1"], **change)
    rules = {**KNOWLEDGE.order_rules, "OT-RENAL-1": changed}
    monkeypatch.setattr(
        "cards.rule_entries.KNOWLEDGE", replace(KNOWLEDGE, order_rules=rules, computed={})
    )
    assert entries(KNOWLEDGE.policy)["OT-RENAL-1"].state == state


def test_what_is_unverified_and_on_says_so() -> None:
    assert "**Unverified, on:** The bands of CAPD 1 to 8" in section("CAPD-2")
    assert KNOWLEDGE.unverified_on.keys() <= SHIPPED.entries.keys()


# --- the parts -----------------------------------------------------------------------------------


def test_code_is_found_by_place_and_by_function() -> None:
    assert code_at("regimens.toml") == ("grading/knowledge/regimens.toml", "", "")
    found = code_of(months_after)
    assert (found.path, found.name) == ("grading/order_vaccine.py", "months_after")
    assert found.text.startswith("def months_after(")
    assert code_at("grading.situation:Situation.why_no_flat_dose").text.startswith("@property\ndef")


def test_as_json_the_rules_have_no_empty_members() -> None:
    told = as_json(SHIPPED)
    by_id = {rule["id"]: rule for rule in told["rules"]}
    assert told["contentEdition"] == EDITION
    assert by_id.keys() == SHIPPED.entries.keys()
    assert by_id["CRS-P1"]["thresholds"]["sbp_adult"] == "90 mmHg"
    assert by_id["CRS-P1"]["code"] == "grading/pressure.py hypotension"
    assert "code" not in by_id["MON-1"]
    assert all(value not in ("", [], {}) for rule in told["rules"] for value in rule.values())


def test_the_totals_are_the_numbers_of_cases() -> None:
    totals = case_data()["totals"]
    assert totals.keys() == {"grading", "management", "orders", "scenarios over HTTP"}
    assert all(number > Decimal(100) for number in totals.values())
