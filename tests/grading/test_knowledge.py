"""Content that is broken stops the process at start, with a message that names file and row."""

from __future__ import annotations

import tomllib
from copy import deepcopy
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest

from grading.findings import CRS_AXES
from grading.knowledge import EDITION, KNOWLEDGE, KnowledgeError, load
from grading.knowledge.policy import read_policy
from grading.knowledge.tables import read_drugs, read_sources, read_table


def read(name: str) -> dict[str, Any]:
    text = (files("grading.knowledge") / name).read_text("utf-8")
    return tomllib.loads(text, parse_float=Decimal)


def test_the_shipped_content_loads() -> None:
    assert load() == KNOWLEDGE
    assert KNOWLEDGE.edition == EDITION


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"fever_treshold_c": {}}, "names that differ from the policy: ['fever_treshold_c']"),
        ({"sbp_adult": {"value": "90"}}, "sbp_adult: '90' is not of type Decimal"),
        ({"sbp_adult": {"value": True}}, "sbp_adult: True is not of type Decimal"),
        ({"sbp_adult": {"value": 79}}, "sbp_adult: 79 is outside 80 to 110"),
        ({"sbp_adult": {"value": 111}}, "sbp_adult: 111 is outside 80 to 110"),
        ({"toci_max_24h": {"value": Decimal("2.5")}}, "is not of type int"),
        ({"toci_max_24h": {"value": 4}}, "toci_max_24h: 4 is outside 1 to 3"),
        ({"fever_inclusive": {"value": 1}}, "fever_inclusive: 1 is not of type bool"),
        ({"late_crs_cap": {"value": 1}}, "late_crs_cap: 1 is not of type str"),
        ({"lev_on_crs": {"value": "cilta-cel"}}, "is not of type tuple[str, ...]"),
        ({"lev_on_crs": {"value": [1]}}, "lev_on_crs: [1] is not of type"),
        ({"lev_min_icans": {"value": []}}, "lev_min_icans: [] is not of type"),
        ({"lev_min_icans": {"value": {"axi-cel": "1"}}}, "is not of type Mapping[str, int]"),
        ({"lev_min_icans": {"value": {"axi-cel": 5}}}, "{'axi-cel': 5} is outside a table of any"),
        ({"gcsf_severity": {"value": {"1": 2}}}, "is not of type Mapping[str, str]"),
        ({"sbp_adult": {"colour": "red"}}, "sbp_adult: unknown or missing keys ['colour']"),
        ({"crs_late_max_day": {"value": 14}, "crs_onset_max_day": {"value": 15}}, "at most crs_l"),
    ],
)
def test_a_broken_policy_is_refused(change: dict[str, Any], message: str) -> None:
    data = deepcopy(read("policy.toml"))
    for name, entry in change.items():
        data[name] = {**data.get(name, {}), **entry}
    with pytest.raises(KnowledgeError) as refused:
        read_policy(data)
    assert message in str(refused.value)


def test_both_ends_of_a_range_are_allowed() -> None:
    data = read("policy.toml")
    for value in data["sbp_adult"]["range"]:
        data["sbp_adult"]["value"] = value
        assert read_policy(data).sbp_adult == value


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cites": ["asco-2012"]}, "CRS-P0: no such source ['asco-2012']"),
        ({"cites": []}, "CRS-P0: no such source (none cited)"),
        ({"hi": 5}, "CRS-P0: impossible grades 0 to 5"),
        ({"lo": 3}, "CRS-P0: impossible grades 3 to 0"),
        ({"finding": "hypotension"}, "hypotension stands twice"),
        ({"finding": "nothing"}, "findings that differ from the classifiers"),
        ({"axis": "fewer"}, "findings that differ from the classifiers"),
        ({"weight": 3}, "CRS-P0: unknown or missing keys ['weight']"),
    ],
)
def test_a_broken_row_is_refused(change: dict[str, Any], message: str) -> None:
    data = deepcopy(read("crs_astct_2019.toml"))
    data["row"][0].update(change)
    with pytest.raises(KnowledgeError) as refused:
        read_table("crs_astct_2019.toml", data, CRS_AXES, KNOWLEDGE.sources)
    assert message in str(refused.value)


def test_a_row_without_a_key_is_refused() -> None:
    data = deepcopy(read("crs_astct_2019.toml"))
    del data["row"][0]["id"]
    with pytest.raises(KnowledgeError, match="a row without id"):
        read_table("crs_astct_2019.toml", data, CRS_AXES, KNOWLEDGE.sources)


def test_a_label_that_names_another_year_is_refused() -> None:
    with pytest.raises(KnowledgeError, match="its label lacks 2021"):
        read_sources({"a": {"label": "A guideline 2020", "year": 2021, "url": "https://a.example"}})


@pytest.mark.parametrize("tag", [{}, {"tag": "V3"}])
def test_a_source_without_a_kind_of_evidence_is_refused(tag: dict[str, str]) -> None:
    row = {"label": "A guideline 2020", "year": 2020, "url": "https://a.example", **tag}
    with pytest.raises(KnowledgeError, match=r"a: tag .* is not one of"):
        read_sources({"a": row})


def test_an_ingredient_twice_in_a_class_is_refused() -> None:
    data = {"class": {"cites": ["design"], "ingredients": ["a", "a"]}}
    with pytest.raises(KnowledgeError, match="class: an ingredient stands twice"):
        read_drugs(data, KNOWLEDGE.sources)


def test_every_source_has_a_link_and_every_policy_entry_a_meaning() -> None:
    linked = {key for key, source in KNOWLEDGE.sources.items() if source.url.startswith("http")}
    assert KNOWLEDGE.sources.keys() - linked == {"seed", "design"}
    assert all(entry["means"] and entry["rules"] for entry in read("policy.toml").values())


def test_a_policy_entry_without_a_meaning_is_refused() -> None:
    data = deepcopy(read("policy.toml"))
    del data["sbp_adult"]["means"]
    with pytest.raises(KnowledgeError, match="sbp_adult: unknown or missing keys"):
        read_policy(data)


def test_products_of_the_policy_exist() -> None:
    policy = KNOWLEDGE.policy
    named = {
        *policy.early_steroid_products,
        *policy.icans1_early_products,
        *policy.lev_on_crs,
        *policy.lev_min_icans,
    }
    assert named <= KNOWLEDGE.products.keys()
