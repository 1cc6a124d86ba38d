"""Management rules and regimens that are broken stop the process at start."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from grading.knowledge import KNOWLEDGE, KnowledgeError
from grading.knowledge.rules import read_regimens, read_rules
from grading.model import Strength
from tests.grading.test_knowledge import read


def rules(change: dict[str, Any]) -> None:
    data = deepcopy(read("management.toml"))
    data["rule"][0].update(change)
    read_rules(data, KNOWLEDGE.sources, KNOWLEDGE.regimens)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"status": "on"}, "MGMT-CRS-01: status on is not one of"),
        ({"cites": []}, "MGMT-CRS-01: no such source (none cited)"),
        ({"cites": ["asco-2012"], "status": "unverified"}, "no such source ['asco-2012']"),
        ({"strength": "must"}, "MGMT-CRS-01: must is not one of"),
        ({"indicator": "red"}, "MGMT-CRS-01: red is not one of"),
        ({"steroid": "dex-10-once"}, "a steroid needs its strength"),
        ({"steroid": "x", "steroid_strength": "consider"}, "MGMT-CRS-01: no such regimen x"),
        ({"tocilizumab": "yes"}, "MGMT-CRS-01: yes is not one of"),
        ({"color": "red"}, "unknown or missing keys ['color']"),
        ({"id": "MGMT-CRS-03"}, "MGMT-CRS-03 stands twice"),
        ({"switch": "icp_numbers"}, "MGMT-CRS-01: only an unverified rule has a switch"),
        ({"status": "text"}, "MGMT-CRS-01: a text-only rule needs its reason"),
        ({"reason": "so"}, "a text-only rule needs its reason, and no other has one"),
    ],
)
def test_a_broken_rule_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(KnowledgeError) as refused:
        rules(change)
    assert message in str(refused.value)


def test_an_unverified_rule_may_cite_nothing() -> None:
    rules({"status": "unverified", "cites": []})


def test_a_rule_without_id_is_named_so() -> None:
    data = deepcopy(read("management.toml"))
    del data["rule"][0]["id"]
    with pytest.raises(KnowledgeError, match="a rule without id"):
        read_rules(data, KNOWLEDGE.sources, KNOWLEDGE.regimens)


def test_a_broken_regimen_is_refused() -> None:
    data = deepcopy(read("regimens.toml"))
    data["dex-10-once"]["step"][0]["every"] = 6
    with pytest.raises(KnowledgeError, match="dex-10-once: step: unknown or missing keys"):
        read_regimens(data, KNOWLEDGE.sources)


def test_drug_columns_are_strengths() -> None:
    rule = KNOWLEDGE.rules["MGMT-CRS-3"]
    assert (rule.tocilizumab, rule.steroid_strength) == (Strength.RECOMMENDED,) * 2


def test_the_methylprednisolone_taper_adds_up() -> None:
    steps = KNOWLEDGE.regimens["mp-icans4"].steps
    assert sum(step.mg * 24 / step.every_h * step.days for step in steps) == 4740  # type: ignore[operator]
    assert sum(step.days or 0 for step in steps) == 9
