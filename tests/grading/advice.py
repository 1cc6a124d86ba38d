"""What was recommended, in the short words of the case files.

A drug or test is one line: strength, offer, regimen or test, amount, and a time in hours from now;
`recommended suggest toci 560 mg`, `recommended wait toci +2 h`, `consider already dex-10-q6h -3 h`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from grading import KNOWLEDGE, Verdict, assess, prepare, recommend
from grading.model import HOUR, Instant, Offer, Recommendation
from tests.grading.snapshots import NOW, snapshot

SHOWN = ("tocilizumab", "steroid", "second-line", "levetiracetam", "imaging", "eeg")
LINES = (*SHOWN, "lumbar-puncture")
WEIGHT = [{"h": -6, "value": 70}]


def assessed(case: Mapping[str, Any]) -> tuple[Verdict, tuple[Recommendation, ...]]:
    """The verdict on a case and what it recommends; 70 kg unless the case says otherwise."""
    policy = replace(KNOWLEDGE.policy, **case.get("policy", {}))
    course = prepare(snapshot({"weight": WEIGHT, **case}), policy)
    verdict = assess(course)
    return verdict, recommend(course, verdict)


def recommended(case: Mapping[str, Any]) -> tuple[Recommendation, ...]:
    return assessed(case)[1]


def hours(t: Instant | None) -> str:
    return "" if t is None else f"{(Decimal(t - NOW) / HOUR).normalize():+f} h"


def line(found: Recommendation) -> str:
    """One recommendation in short words."""
    at = found.next_at if found.offer is Offer.WAIT else found.already_at
    parts = [found.strength.value, found.offer.value]
    if found.drug is not None:
        mg = found.drug.mg
        parts += [found.drug.regimen, "" if mg is None else f"{mg} mg"]
    if found.test is not None:
        parts.append(found.test.study)
    return " ".join(part for part in (*parts, hours(at)) if part)


def of_topic(found: Sequence[Recommendation], topic: str) -> Recommendation | None:
    return next((item for item in found if item.topic == topic), None)


def keys(found: Sequence[Recommendation]) -> set[str]:
    """The keys of all details, bare and with their argument; instants as hours from now."""
    said = set()
    for item in found:
        for detail in item.detail:
            key, _, argument = detail.partition(":")
            instant = len(argument) == len(str(NOW)) and argument.isdigit()
            shown = hours(int(argument)) if instant else argument
            said |= {key, f"{key}:{shown}"}
    return said


def rules(found: Sequence[Recommendation]) -> set[str]:
    return {rule for item in found for rule in item.rules}


def observed(found: Sequence[Recommendation], expected: Mapping[str, Any]) -> dict[str, Any]:
    """What the case asks about, in its own words."""
    by_topic = {topic: of_topic(found, topic) for topic in LINES}
    lines = {topic: "none" if item is None else line(item) for topic, item in by_topic.items()}
    drugs = [item.drug for item in found if item.drug is not None]
    facts: dict[str, Any] = {
        **lines,
        "nothing": not found,
        "rules": [rule for rule in expected.get("rules", ()) if rule in rules(found)],
        "no_rules": [rule for rule in expected.get("no_rules", ()) if rule not in rules(found)],
        "says": [key for key in expected.get("says", ()) if key in keys(found)],
        "never_says": [key for key in expected.get("never_says", ()) if key not in keys(found)],
        "no_dose_because": sorted({drug.why_no_dose for drug in drugs} - {""}),
        "weights": [weight.value for drug in drugs for weight in drug.weights],
        "replaces": [drug.replaces.key for drug in drugs if drug.replaces],
        "indicators": {key: str(item.indicator) for key, item in by_topic.items() if item},
        "leading": [
            item.rules[0] for item in (by_topic["tocilizumab"], by_topic["steroid"]) if item
        ],
        "could_be": [
            item.detail[0].partition(":")[2] for item in found if item.topic == "could-be"
        ],
        "higher": [item.says for item in found if item.topic == "could-be"],
        "warns": sorted(
            item.rules[0]
            for item in found
            if item.topic == "icans-care" and item.indicator != "info"
        ),
    }
    facts["workup"] = [
        f"{item.offer} {item.test.study}"
        for item in found
        if item.topic == "iec-hs-labs" and item.test is not None
    ]
    facts["care"] = {
        item.rules[0]: f"{item.strength} {item.indicator}"
        for item in found
        if item.rules[0] in expected.get("care", {})
    }
    if "indicators" in expected:
        asked = expected["indicators"]
        facts["indicators"] = {k: v for k, v in facts["indicators"].items() if k in asked}
    return {key: facts[key] for key in expected}
