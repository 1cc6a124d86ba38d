"""A site overrides numbers and switches by name; what cannot be is refused with its line."""

from __future__ import annotations

import re
from dataclasses import fields
from decimal import Decimal
from pathlib import Path

import pytest

from grading import KNOWLEDGE, KnowledgeError, Policy
from grading.fever import FeverState
from grading.knowledge import EDITION, Override, Overrides, Site, policy_text, read_site_policy
from grading.knowledge.policy import SWITCHES, shipped_entries
from grading.model import Strength, Urgency

FILE = "ward.toml"
WARD = Site("Ward 3", "2026-11", EDITION)
SITE = f'\n[site]\nname = "Ward 3"\nversion = "2026-11"\nbased_on = "{EDITION}"\n'
ENTRIES = shipped_entries()
ROOT = Path(__file__).parents[2]
PACKAGES = ("grading", "fhir_mappings", "cards", "service")


def overrides(text: str) -> tuple[Policy, Overrides]:
    return read_site_policy(text + SITE, FILE)


def refusal(text: str) -> str:
    with pytest.raises(KnowledgeError) as refused:
        overrides(text)
    return str(refused.value)


# --- what a site may choose ----------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "# nothing\n", "sbp_adult = 90\n", "sbp_adult = 90.0\n"])
def test_a_file_that_changes_nothing(text: str) -> None:
    assert overrides(text) == (KNOWLEDGE.policy, Overrides(site=WARD))


def test_an_override_says_what_it_was_and_what_it_touches() -> None:
    policy, found = overrides("# ours\nsbp_adult = 85\n")
    assert policy.sbp_adult == Decimal(85)
    assert found.items == (
        Override(
            name="sbp_adult",
            shipped=Decimal(90),
            site=Decimal(85),
            unit="mm[Hg]",
            rules=tuple(ENTRIES["sbp_adult"]["rules"]),
            means=ENTRIES["sbp_adult"]["means"],
        ),
    )


def test_the_rest_stays_as_shipped() -> None:
    policy, _ = overrides("toci_shortage = true\n")
    differing = {
        field.name
        for field in fields(Policy)
        if getattr(policy, field.name) != getattr(KNOWLEDGE.policy, field.name)
    }
    assert differing == {"toci_shortage"}


def test_overrides_stand_in_the_order_of_the_file() -> None:
    _, found = overrides("toci_shortage = true\nsbp_adult = 85\n")
    assert [item.name for item in found.items] == ["toci_shortage", "sbp_adult"]


def test_a_rule_finds_the_overrides_that_touch_it() -> None:
    _, found = overrides("toci_shortage = true\nsbp_adult = 85\n")
    assert [item.name for item in found.touching({"CRS-P1", "ICE-3"})] == ["sbp_adult"]
    assert [item.name for item in found.touching(["OT-TOCI-5"])] == ["toci_shortage"]
    assert found.touching(()) == ()


@pytest.mark.parametrize(
    "name",
    [
        "product_overrides",
        "icp_numbers",
        "ruxolitinib_dose",
        "crs_anakinra_dose",
        "renal_doses",
        "renal_order_check",
        "ped_steroid_doses",
        "ped_adult_doses",
        "iechs_grade_text",
        "iechs_toci_note",
    ],
)
def test_what_is_off_is_turned_on_by_a_switch(name: str) -> None:
    policy, found = overrides(f"{name} = true\n")
    assert getattr(policy, name) is True
    assert [item.rules for item in found.items] == [tuple(ENTRIES[name]["rules"])]


def test_a_list_and_a_table_replace_the_shipped_ones() -> None:
    text = 'lev_on_crs = []\n[lev_min_icans]\n"tisa-cel" = 2\n_other = 3\n'
    policy, found = overrides(text)
    assert policy.lev_on_crs == ()
    assert policy.lev_min_icans == {"tisa-cel": 2, "_other": 3}
    assert len(found.items) == 2


def test_both_ends_of_a_range_are_allowed() -> None:
    for value in ENTRIES["sbp_adult"]["range"]:
        assert overrides(f"sbp_adult = {value}\n")[0].sbp_adult == value


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sbp_adult = 85 mmHg\n", "ward.toml: this is no TOML: "),
        ("sbp_adult = 1e99999999999999999999\n", "ward.toml: this is no TOML: "),
        ("sbp_adult = 85\nsbp_adult = 86\n", "(at line 2, column 15)"),
        ("\nsbp_adlt = 85\n", "ward.toml, line 2: sbp_adlt: no such name"),
        ("sbp_adlt = 85\n", "the nearest is sbp_adult (80 to 110 mm[Hg])"),
        ("MGMT-CRS-01 = false\n", "line 1: MGMT-CRS-01: no such name; a site may override"),
        ('[rule]\nid = "MGMT-CRS-01"\n', "ward.toml, line 1: rule: no such name"),
        ("# a\n\nsbp_adult = 79\n", "line 3: sbp_adult: 79 is outside 80 to 110 mm[Hg]"),
        ("sbp_adult = 111\n", "line 1: sbp_adult: 111 is outside 80 to 110 mm[Hg]"),
        ("# sbp_adult = 85\nsbp_adult = nan\n", "line 2: sbp_adult: Decimal('NaN') is not of type"),
        ("sbp_adult = inf\n", "is not of type Decimal; allowed: 80 to 110 mm[Hg]"),
        ("sbp_adult = '85'\n", "'85' is not of type Decimal; allowed: 80 to 110 mm[Hg]"),
        ("sbp_adult.value = 85\n", "line 1: sbp_adult: {'value': 85} is not of type Decimal"),
        ("[sbp_adult]\nvalue = 85\n", "ward.toml, line 1: sbp_adult: {'value': 85} is not of"),
        ("toci_max_24h = 2.5\n", "is not of type int; allowed: 1 to 3 doses"),
        ("toci_shortage = 1\n", "1 is not of type bool; allowed: true or false"),
        ("late_crs_cap = 'avoid'\n", "'avoid' is outside consider, recommended"),
        ("gmcsf_severity = ''\n", "'' is outside info, warning, critical"),
        ("lev_on_crs = ['cilta']\n", "['cilta'] is outside a list of axi-cel, brexu-cel"),
        ("lev_on_crs = ['axi-cel', 'axi-cel']\n", "is outside a list of axi-cel, brexu-cel"),
        ("lev_min_icans = { tisa-cel = 0 }\n", "is outside a table of any of axi-cel"),
        ("lev_min_icans = { tisa = 2 }\n", "axi-cel, brexu-cel, tisa-cel"),
        ("gcsf_severity = { 1 = 'info' }\n", "is outside a table of all of 1, 2, 3, 4, each info"),
        ("crs_late_max_day = 14\ncrs_onset_max_day = 15\n", "line 2: crs_onset_max_day: 15 is"),
        ("scope_max_day = 89\n", "line 1: scope_max_day: 89 is outside: at least icans_max_day"),
        ("toci_max_total = 2\n", "line 1: toci_max_total: 2 is outside: at least toci_max_24h (3)"),
        ("scope_bispecifics = true\n", "line 1: scope_bispecifics: no code of this edition reads"),
        (
            "scope_bispecifics = true\n",
            "so it cannot be changed: a bispecific antibody is not read",
        ),
        ("lev_dose_text = '1000 mg q12h'\n", "'1000 mg q12h' is outside 500-750 mg q12h, 500 mg"),
        ('"\\u0073bp_adult" = 79\n', "ward.toml: sbp_adult: 79 is outside 80 to 110"),
    ],
)
def test_a_broken_file_is_refused(text: str, message: str) -> None:
    assert message in refusal(text)


def test_a_name_like_no_other_has_no_hint() -> None:
    assert "nearest" not in refusal("zzz = 1\n")


# --- whose file it is ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "ward.toml: it needs a table [site] with name, version and based_on"),
        ("site = 'Ward 3'\n", "ward.toml: it needs a table [site]"),
        (
            "\n[site]\nname = 'W'\n",
            "ward.toml, line 2: [site]: unknown or missing keys ['based_on'",
        ),
        ("[site]\nname='W'\nversion='1'\nbased_on='2026.11.0'\nward=1\n", "missing keys ['ward']"),
        (
            "[site]\nname=''\nversion='1'\nbased_on='2026.11.0'\n",
            "line 2: name: use a text of 1 to",
        ),
        (
            "[site]\nname='W'\nversion=1\nbased_on='2026.11.0'\n",
            "line 3: version: use a text of one",
        ),
        (
            '[site]\nname="a\\nb"\nversion="1"\nbased_on="2026.11.0"\n',
            "name: use a text of one line",
        ),
        ("[site]\nname='W'\nversion='1'\nbased_on='11'\n", "'11' is no content edition; allowed: "),
        ("[site]\nname='W'\nversion='1'\nbased_on='2099.1.0'\n", "2099.1.0 is newer than this"),
    ],
)
def test_a_file_says_whose_it_is_and_what_it_is_based_on(text: str, message: str) -> None:
    with pytest.raises(KnowledgeError) as refused:
        read_site_policy(text, FILE)
    assert message in str(refused.value)


def based_on(edition: str) -> str:
    return f"[site]\nname = 'W'\nversion = '1'\nbased_on = '{edition}'\n"


def test_a_file_based_on_an_older_edition_is_told_what_changed_since() -> None:
    with pytest.raises(KnowledgeError) as refused:
        read_site_policy(based_on("2026.10.0"), FILE)
    message = str(refused.value)
    assert message.startswith("ward.toml, line 4: based_on: 2026.10.0 is older than this service")
    assert all(name in message for name in ENTRIES)
    assert f"then set based_on to {EDITION}" in message


def test_where_no_parameter_changed_the_edition_is_to_be_confirmed_all_the_same() -> None:
    with pytest.raises(KnowledgeError, match=r"older .* parameters changed since: none"):
        read_site_policy(based_on(EDITION), FILE, edition="2027.1.0")


def test_equal_policies_have_equal_texts_and_others_do_not() -> None:
    plain = policy_text(KNOWLEDGE.policy)
    assert policy_text(overrides("sbp_adult = 90.0\n")[0]) == plain
    changed = {
        policy_text(overrides(text)[0]) for text in ("sbp_adult = 91\n", "lev_on_crs = []\n")
    }
    assert len(changed | {plain}) == 3


# --- what is shipped -----------------------------------------------------------------------------


def test_a_text_of_the_policy_is_never_empty() -> None:
    assert all(entry["value"] for entry in ENTRIES.values() if isinstance(entry["value"], str))


def test_choices_are_words_that_the_core_knows() -> None:
    products = list(KNOWLEDGE.products)
    urgencies = [item.value for item in Urgency]
    assert ENTRIES["gcsf_severity"]["choices"] == urgencies
    assert ENTRIES["gmcsf_severity"]["choices"] == urgencies
    assert set(ENTRIES["late_crs_cap"]["choices"]) <= {item.value for item in Strength}
    assert ENTRIES["lev_min_icans"]["keys"] == [*products, "_other"]
    for name in ("early_steroid_products", "icans1_early_products", "lev_on_crs"):
        assert ENTRIES[name]["choices"] == products


def test_every_rule_that_a_switch_turns_on_is_named_by_it() -> None:
    every = (*KNOWLEDGE.rules.values(), *KNOWLEDGE.order_rules.values())
    switched = [rule for rule in every if rule.switch]
    assert {rule.switch for rule in switched} <= set(SWITCHES)
    assert all(rule.id in ENTRIES[rule.switch]["rules"] for rule in switched)


def test_unused_is_what_no_code_reads() -> None:
    code = "\n".join(
        path.read_text("utf-8") for name in PACKAGES for path in (ROOT / name).rglob("*.py")
    )
    read = set(re.findall(r"policy\.(\w+)", code)) | set(re.findall(r'"(\w+)"', code))
    read |= {rule.switch for rule in KNOWLEDGE.rules.values()}
    read |= {rule.switch for rule in KNOWLEDGE.order_rules.values()}
    unused = {name for name, entry in ENTRIES.items() if entry.get("unused")}
    assert unused == {name for name in ENTRIES if name not in read}


def test_a_value_bears_on_rules_that_a_card_can_show() -> None:
    tables = (KNOWLEDGE.crs, KNOWLEDGE.icans)
    shown = {row.id for table in tables for axis in table.values() for row in axis.values()}
    shown |= {*KNOWLEDGE.rules, *KNOWLEDGE.order_rules, *KNOWLEDGE.order_principles}
    shown |= {state.value for state in FeverState} | {"CRS-P7"}
    whole = {name for name, entry in ENTRIES.items() if shown.isdisjoint(entry["rules"])}
    assert whole - {name for name in whole if ENTRIES[name].get("unused", False)} == {
        "course_gap_d",
        "icans_max_day",
        "infusion_merge_h",
        "scope_max_day",
    }
