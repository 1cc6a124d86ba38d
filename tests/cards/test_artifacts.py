"""The published codes, answer sets and form, and that they agree with what is read."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fhirkit
import pytest

import fhir_mappings
from cards.artifacts import code_system, questionnaire, value_sets
from cards.drafts import ROUTES
from cards.local_codes import SNOMED_ANSWERS
from cards.orderables import LOINC, MEDICINES, RXNORM, SNOMED, STUDIES

BASE = "https://cart-toxicity-cds.example.org/fhir"
SYSTEM = f"{BASE}/CodeSystem/bedside"
TABLES = Path(fhir_mappings.__file__).parent / "value_sets"
SYSTEMS = {LOINC: "loinc", SNOMED: "snomed", RXNORM: "rxnorm"}
ARTIFACTS = [code_system(BASE), questionnaire(BASE), *value_sets(BASE).values()]


def table(name: str) -> dict[str, Any]:
    return tomllib.loads((TABLES / name).read_text("utf-8"))


def shipped() -> Iterator[tuple[str, str, str]]:
    """System, code and display of every verified row."""
    for path in TABLES.glob("*.toml"):
        for concept in table(path.name).get("concept", ()):
            for system, rows in concept.get("codes", {}).items():
                for row in rows:
                    if row.get("verified", True):
                        yield system, row["code"], row["display"]


SHIPPED = set(shipped())
ORDERED = [
    code
    for orderable in (
        *(one for by_dose in MEDICINES.values() for one in by_dose.values()),
        *STUDIES.values(),
    )
    for code in orderable.codes
]


@pytest.mark.parametrize("artifact", ARTIFACTS, ids=lambda item: item["id"])
def test_an_artifact_is_valid_r4(artifact: dict[str, Any]) -> None:
    assert [str(issue) for issue in fhirkit.validate(artifact)] == []
    assert artifact["url"] == f"{BASE}/{artifact['resourceType']}/{artifact['id']}"


def test_the_code_system_has_every_code_that_is_read() -> None:
    published = {row["code"] for row in code_system(BASE)["concept"]}
    read = {row["code"] for row in table("local_codes.toml")["codes"]}
    answers = {
        row["code"] for group in table("answers.toml").values() for row in group.get("local", ())
    }
    assert published >= read | answers
    assert code_system(BASE)["count"] == len(code_system(BASE)["concept"]) == len(published)


def test_answers_name_snomed_first_and_only_published_codes() -> None:
    published = {row["code"] for row in code_system(BASE)["concept"]}
    sets = value_sets(BASE)
    assert list(sets) == [
        "consciousness",
        "seizure",
        "motor",
        "icp-edema",
        "oxygen-delivery-device",
        "attribution",
        "iec-hs-finding",
    ]
    includes = {name: one["compose"]["include"] for name, one in sets.items()}
    systems = {name: [one["system"] for one in found] for name, found in includes.items()}
    assert systems["oxygen-delivery-device"] == [SNOMED, SYSTEM]
    assert systems["seizure"] == [SYSTEM]
    own = {row["code"] for found in includes.values() for row in found[-1]["concept"]}
    assert own <= published


@pytest.mark.parametrize(
    "answer", [code for codes in SNOMED_ANSWERS.values() for code in codes], ids=lambda c: c.code
)
def test_a_snomed_answer_is_one_that_is_read(answer: Any) -> None:
    assert ("snomed", answer.code, answer.display) in SHIPPED


@pytest.mark.parametrize("code", ORDERED, ids=lambda code: code.code)
def test_an_ordered_code_is_one_of_the_value_sets(code: Any) -> None:
    assert (SYSTEMS[code.system], code.code, code.display) in SHIPPED


@pytest.mark.parametrize(("code", "display"), ROUTES.values())
def test_a_route_is_one_of_the_value_sets(code: str, display: str) -> None:
    assert ("snomed", code, display) in SHIPPED


def test_the_form_asks_the_ten_points_and_the_total() -> None:
    items = questionnaire(BASE)["item"]
    assert [item["linkId"] for item in items] == [
        "ice-orientation",
        "ice-naming",
        "ice-command",
        "ice-writing",
        "ice-attention",
        "ice-total",
    ]
    leaves = [leaf for item in items for leaf in item.get("item", [item])]
    most = {leaf["linkId"]: leaf["extension"][1]["valueInteger"] for leaf in leaves}
    assert most.pop("ice-total") == 10
    assert sum(most.values()) == 10
    assert all(leaf["code"][0]["code"] == leaf["linkId"] for leaf in leaves)
    assert {leaf["type"] for leaf in leaves} == {"integer"}


def test_another_base_moves_every_url() -> None:
    moved = questionnaire("https://site.example/fhir")
    assert moved["url"] == "https://site.example/fhir/Questionnaire/ice"
    assert moved["item"][2]["code"][0]["system"] == "https://site.example/fhir/CodeSystem/bedside"
