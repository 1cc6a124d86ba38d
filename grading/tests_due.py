"""Brain imaging, EEG and lumbar puncture (6.2), never again while one is recent or ordered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from grading.claims import Fired
from grading.dedup import (
    BRAIN_IMAGING,
    Found,
    are_tests_read,
    brain_imaging,
    eeg,
    lumbar_puncture,
    on_hold,
)
from grading.model import Advice, Offer, Recommendation, Rule, StudyKind, TestPlan
from grading.situation import Situation


class _Test(NamedTuple):
    """A test, which kinds stand for it, and within which hours (a name of the policy)."""

    study: StudyKind
    kinds: tuple[StudyKind, ...]
    find: Callable[[Situation], Found | None]
    within: str
    remarks: tuple[str, ...] = ()


_TESTS: Mapping[str, _Test] = {
    "imaging": _Test(
        StudyKind.MRI_BRAIN,
        BRAIN_IMAGING,
        brain_imaging,
        "imaging_recent_h",
        (Advice.CT_IF_NO_MRI, Advice.CONTRAST_TO_ORDERER),
    ),
    "eeg": _Test(StudyKind.EEG, (StudyKind.EEG,), eeg, "eeg_recent_h"),
    "lumbar-puncture": _Test(
        StudyKind.LUMBAR_PUNCTURE,
        (StudyKind.LUMBAR_PUNCTURE,),
        lumbar_puncture,
        "imaging_recent_h",
    ),
}
TEST_TOPICS = frozenset(_TESTS)


def tests_due(s: Situation, fired: Sequence[Fired]) -> tuple[Recommendation, ...]:
    """Every test that a rule asks for, also where it was done."""
    rules = {item.rule.topic: item.rule for item in fired}
    return tuple(_test(s, rules[topic], test) for topic, test in _TESTS.items() if topic in rules)


def _test(s: Situation, rule: Rule, test: _Test) -> Recommendation:
    found = test.find(s)
    within_h: int = getattr(s.policy, test.within)
    unread = () if are_tests_read(s, within_h) else (Advice.TESTS_NOT_READ,)
    return Recommendation(
        rules=(rule.id,),
        topic=rule.topic,
        strength=rule.strength,
        indicator=rule.indicator,
        offer=_offer(test, found),
        says=rule.says,
        cites=rule.cites,
        test=TestPlan(test.study),
        already=found.order if found else None,
        already_at=found.at if found else None,
        detail=() if found else (*test.remarks, *on_hold(s, test.kinds), *unread),
    )


def _offer(test: _Test, found: Found | None) -> Offer:
    """A lumbar puncture is never a draft: what must be excluded first is not all charted (6.2)."""
    if found is not None:
        return Offer.ALREADY
    return Offer.TEXT if test.study is StudyKind.LUMBAR_PUNCTURE else Offer.SUGGEST
