"""What holds for the recommendations of every case, whatever it asks about."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest

from grading import KNOWLEDGE, Verdict
from grading.model import HOUR, DrugPlan, Offer, Recommendation, Strength
from tests.grading.advice import LINES, assessed
from tests.grading.test_recommend import ALL

TOCILIZUMAB = "tocilizumab"


@cache
def answers() -> tuple[tuple[Verdict, tuple[Recommendation, ...]], ...]:
    return tuple(assessed(param.values[0]) for param in ALL)


def of_topic(topic: str, offer: Offer | None = None) -> Iterator[tuple[Verdict, Recommendation]]:
    for verdict, found in answers():
        for item in found:
            if item.topic == topic and offer in {None, item.offer}:
                yield verdict, item


def plans(offer: Offer) -> list[tuple[Recommendation, DrugPlan]]:
    return [
        (item, item.drug)
        for _, found in answers()
        for item in found
        if item.drug is not None and item.offer is offer
    ]


def test_every_active_rule_is_reached() -> None:
    reached = {rule for _, found in answers() for item in found for rule in item.rules}
    active = {rule.id for rule in KNOWLEDGE.rules.values() if rule.status == "active"}
    assert active - reached == set()


def test_what_is_not_active_fires_only_where_its_switch_is_on() -> None:
    for param, (_, found) in zip(ALL, answers(), strict=True):
        on = {"", *param.values[0].get("policy", {})}
        reached = {rule for item in found for rule in item.rules}
        assert {KNOWLEDGE.rules[rule].switch for rule in reached} <= on
        assert all(KNOWLEDGE.rules[rule].status in {"active", "unverified"} for rule in reached)


@pytest.mark.parametrize("topic", LINES)
def test_one_line_for_each_drug_and_test(topic: str) -> None:
    assert all(sum(item.topic == topic for item in found) <= 1 for _, found in answers())


def test_without_crs_tocilizumab_is_only_ever_to_be_avoided() -> None:
    found = list(of_topic(TOCILIZUMAB))
    assert all(
        (item.strength is Strength.AVOID) is (verdict.crs.grade.lo == 0) for verdict, item in found
    )
    assert all(item.offer is Offer.TEXT for verdict, item in found if verdict.crs.grade.lo == 0)


def test_from_crs_2_on_tocilizumab_and_a_steroid_are_always_spoken_of() -> None:
    assert all(
        {TOCILIZUMAB, "steroid"} <= {item.topic for item in found}
        for verdict, found in answers()
        if verdict.crs.grade.lo >= 2
    )


def test_from_icans_2_on_a_steroid_imaging_and_eeg_are_always_spoken_of() -> None:
    assert all(
        {"steroid", "imaging", "eeg"} <= {item.topic for item in found}
        for verdict, found in answers()
        if verdict.icans.grade.lo >= 2
    )


def test_no_steroid_without_a_grade() -> None:
    found = [verdict for verdict, _ in of_topic("steroid")]
    assert all(max(verdict.crs.grade.lo, verdict.icans.grade.lo) >= 1 for verdict in found)


def test_a_tocilizumab_draft_keeps_all_limits() -> None:
    policy = KNOWLEDGE.policy
    for verdict, item in of_topic(TOCILIZUMAB, Offer.SUGGEST):
        ledger = verdict.ledger
        assert ledger is not None
        assert not ledger.at_least
        assert ledger.remaining > 0
        assert ledger.in_24h < policy.toci_max_24h
        assert all(
            verdict.now - dose.start >= policy.toci_min_interval_h * HOUR for dose in ledger.doses
        )
        assert item.drug is not None
        assert item.drug.mg is not None
        assert item.drug.mg <= policy.toci_max_mg


def test_no_draft_beside_an_order_that_is_there() -> None:
    assert all(item.already is None for item, _ in plans(Offer.SUGGEST))


@pytest.mark.parametrize("offer", list(Offer))
def test_only_what_is_offered_as_a_draft_has_a_dose(offer: Offer) -> None:
    found = plans(offer)
    assert found
    assert all((plan.mg is not None) is (offer is Offer.SUGGEST) for _, plan in found)


def test_a_text_on_a_drug_always_says_why_there_is_no_draft() -> None:
    found = plans(Offer.TEXT)
    assert found
    assert all(plan.why_no_dose in item.detail for item, plan in found)


def test_an_adult_dose_is_never_in_the_words_for_a_child() -> None:
    assert all(" mg" not in item.without_dose for item in KNOWLEDGE.regimens.values())


def test_no_recommendation_is_without_source_and_words() -> None:
    said = [item for _, found in answers() for item in found]
    assert all(item.says for item in said)
    assert all(item.cites or KNOWLEDGE.rules[item.rules[0]].switch for item in said)
