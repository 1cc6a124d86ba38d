"""The drug rules as written a second time (`second_reading_*.py`) against the core."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from grading import KNOWLEDGE, assess, prepare, recommend
from grading.model import Offer, Recommendation, Snapshot
from tests.grading.drug_charts import PRODUCTS, Phase, chart, drug_charts
from tests.grading.second_reading_care import Reading, read

POLICY = KNOWLEDGE.policy


def shown(found: Recommendation | None) -> str:
    """One line of a drug: strength, what becomes of it, regimen and amount where drafted."""
    if found is None:
        return "none"
    if found.strength == "avoid":
        return "avoid"
    drug = found.drug
    offer = "text" if drug and found.offer is Offer.SUGGEST and drug.mg is None else found.offer
    if drug is None:
        return f"{found.strength} {offer}"
    if drug.regimen != "toci":
        return f"{found.strength} {offer} {drug.regimen}"
    return f"{found.strength} {offer}" + ("" if drug.mg is None else f" toci {drug.mg} mg")


def core_reading(chart: Snapshot) -> Reading:
    course = prepare(chart, POLICY)
    found = recommend(course, assess(course))
    by_topic = {item.topic: item for item in found}
    rules = {rule for item in found for rule in item.rules}
    return Reading(
        tocilizumab=shown(by_topic.get("tocilizumab")),
        steroid=shown(by_topic.get("steroid")),
        levetiracetam=" ".join(shown(by_topic.get("levetiracetam")).split()[:2]),
        imaging=shown(by_topic.get("imaging")),
        eeg=shown(by_topic.get("eeg")),
        lumbar_puncture=shown(by_topic.get("lumbar-puncture")).split()[0],
        rules=frozenset(rules & {"ICU-1", "ICU-3", "ICU-4", "MGMT-CRS-R"}),
    )


def text_reading(chart: Snapshot) -> Reading:
    return read(chart, assess(prepare(chart, POLICY)), POLICY)


def silent(line: str, of_core: str) -> str:
    """The line with the offer of the core where the text leaves it open."""
    return line.replace("?", of_core.split()[1]) if "?" in line.split() else line


def compare(chart: Snapshot) -> tuple[Reading, Reading]:
    """What the core shows and what the text says of one chart."""
    shown_, said = core_reading(chart), text_reading(chart)
    return shown_, replace(said, steroid=silent(said.steroid, shown_.steroid))


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[*HealthCheck])
@given(drug_charts())
def test_the_text_and_the_core_say_the_same(chart: Snapshot) -> None:
    of_core, of_text = compare(chart)
    assert of_core == of_text


GRID = [
    (crs, icans, infused) for crs in range(5) for icans in range(5) for infused in (60, 100, 362)
]


@pytest.mark.parametrize(("crs", "icans", "infused"), GRID)
def test_every_cell(crs: int, icans: int, infused: int) -> None:
    for name in PRODUCTS:
        found = chart((Phase(1, crs, icans),), infused, name)
        verdict = assess(prepare(found, POLICY))
        assert (verdict.crs.grade.lo, verdict.icans.grade.lo) == (crs, icans)
        of_core, of_text = compare(found)
        assert of_core == of_text
