"""Every rule id of the specification is somewhere: a row, code, a text with its reason, or off."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from grading import KNOWLEDGE

ROOT = Path(__file__).parents[2]
SPECIFICATION = ROOT.parent / "shared" / "spec" / "clinical-rules.md"
FIRST, AFTER_LAST = "\n## 2. ", "\n## 9. "
"""Sections 2 to 8."""
DEFINED = re.compile(
    r"^(?:\* |\| )((?:[A-Z]{2,}-)+[0-9A-Z]+[a-z]?(?:, (?:[A-Z]{2,}-)?[0-9A-Z]+)*)(?=[ :|])", re.M
)
"""Ids at the head of a list item or in the first cell of a row: `* CRS-G1`, `| ICE-Y, ICE-M |`."""

BY_CODE = {
    "CRS-W1": "grading/episode.py",
    "CRS-W2": "grading/episode.py",
    "CRS-F1": "grading/episode.py",
    "CRS-F2": "grading/fever.py",
    "CRS-F3": "grading/fever.py",
    "CRS-F4": "grading/fever.py",
    "CRS-F5": "grading/fever.py",
    "CRS-F6": "grading/fever.py",
    "CRS-P7": "grading/pressure.py",
    "CRS-G1": "grading/crs_point.py",
    "CRS-G2": "grading/crs_point.py",
    "CRS-G3": "grading/peak.py",
    "CRS-G4": "grading/crs.py",
    "ICE-Y": "fhir_mappings/scores.py",
    "ICE-M": "fhir_mappings/scores.py",
    "ICE-C": "fhir_mappings/scores.py",
    "ICE-H": "fhir_mappings/scores.py",
    "ICE-N1": "fhir_mappings/scores.py",
    "ICE-N2": "fhir_mappings/scores.py",
    "ICE-N3": "fhir_mappings/scores.py",
    "ICE-F": "fhir_mappings/scores.py",
    "ICE-W": "fhir_mappings/scores.py",
    "ICE-A": "fhir_mappings/scores.py",
    "ICE-1": "fhir_mappings/scores.py",
    "ICE-2": "grading/encephalopathy.py",
    "ICE-6": "grading/encephalopathy.py",
    "ICE-7": "grading/encephalopathy.py",
    "CAPD-1": "grading/encephalopathy.py",
    "CAPD-4": "grading/icans.py",
    "ICANS-E": "grading/encephalopathy.py",
    "ICANS-W1": "grading/icans_assessment.py",
    "ICANS-D1": "grading/icans.py",
    "ICANS-D2": "grading/neuro.py",
    "DOSE-TOCI": "grading/dosing.py",
    "DOSE-DEX": "grading/knowledge/regimens.toml",
    "DOSE-MP-CRS4": "grading/knowledge/regimens.toml",
    "DOSE-MP-ICANS4": "grading/knowledge/regimens.toml",
    "DOSE-LEV": "grading/other_drugs.py",
    "DOSE-ANA": "grading/other_drugs.py",
    "PED-1": "grading/situation.py",
    "PED-2": "grading/pressure.py",
    "GEN-DEDUP": "grading/dedup.py",
    "GEN-REASSESS": "grading/steroid.py",
    "MON-7": "cards/gap_card.py",
    "IECHS-1": "grading/iechs.py",
    "IECHS-2": "grading/iechs.py",
    "IECHS-3": "grading/iechs.py",
}
TEXT_ONLY = {
    "DOSE-SIL": "siltuximab is named as an alternative (MGMT-CRS-R), never drafted or dosed",
    "DOSE-RUX": "off (0.5): the dose was not read, so ruxolitinib is named without one",
}
NOT_BUILT: dict[str, str] = {}
"""Rules that are owed. An id leaves this list on the day its row or its code comes."""


@cache
def defined() -> tuple[str, ...]:
    text = SPECIFICATION.read_text("utf-8")
    body = text[text.index(FIRST) : text.index(AFTER_LAST)]
    found: list[str] = []
    for match in DEFINED.finditer(body):
        first, *more = match[1].split(", ")
        stem = first.rpartition("-")[0]
        found += [first, *(name if "-" in name else f"{stem}-{name}" for name in more)]
    return tuple(found)


def rows() -> set[str]:
    """Ids that the knowledge knows: table rows, management rules, order rules and principles."""
    tables = (KNOWLEDGE.crs, KNOWLEDGE.icans)
    graded = {row.id for table in tables for axis in table.values() for row in axis.values()}
    return graded | {*KNOWLEDGE.rules, *KNOWLEDGE.order_rules, *KNOWLEDGE.order_principles}


needs_specification = pytest.mark.skipif(
    not SPECIFICATION.exists(), reason="the specification is not beside this repository"
)


@needs_specification
def test_the_ids_are_found() -> None:
    found = defined()
    assert len(found) == len(set(found)) > 180
    assert {"CRS-W1", "ICE-N3", "OT-0a", "OT-TOCI-12", "MGMT-ICANS-11", "MON-8"} <= {*found}


@needs_specification
def test_every_id_is_accounted_for() -> None:
    accounted = rows() | BY_CODE.keys() | TEXT_ONLY.keys() | NOT_BUILT.keys()
    assert set(defined()) - accounted == set()


@needs_specification
def test_no_id_is_accounted_for_that_is_not_defined() -> None:
    assert (BY_CODE.keys() | TEXT_ONLY.keys() | NOT_BUILT.keys()) - set(defined()) == set()


def test_an_id_is_accounted_for_once() -> None:
    lists = (rows(), BY_CODE.keys(), TEXT_ONLY.keys(), NOT_BUILT.keys())
    assert sum(len(ids) for ids in lists) == len(set().union(*lists))


@pytest.mark.parametrize("path", sorted(set(BY_CODE.values())))
def test_the_code_is_there(path: str) -> None:
    assert (ROOT / path).is_file()


def test_a_rule_that_never_fires_says_why() -> None:
    silent = [rule for rule in KNOWLEDGE.rules.values() if rule.status == "text"]
    assert silent
    assert all(rule.reason for rule in silent)
