"""Draft orders of a case, and what was said of them in the short words of the case files.

A line is an indicator and a rule (`warning OT-TOCI-1`); an act is `remove`, `correct 560 mg` or
`add dex-10-q6h 10 mg`; instants in notes are hours from now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from grading import KNOWLEDGE, Draft, OrderReview, assess, prepare, review_orders
from grading.order_model import Act, ActKind, OrderReason, Vaccine
from tests.grading.advice import WEIGHT, hours
from tests.grading.snapshots import NOW, at, number, snapshot


def draft(row: Mapping[str, Any], index: int) -> Draft:
    vaccine = row.get("vaccine")
    drugs = row.get("drugs", [row["drug"]] if "drug" in row else [])
    return Draft(
        ref=row.get("ref", f"draft/{index}"),
        text=row.get("text", " ".join(drugs)),
        is_focus=row.get("focus", True),
        ingredients=tuple(drugs),
        vaccine=vaccine and Vaccine(vaccine, row.get("live", False), row.get("early", False)),
        study=row.get("study", ""),
        systemic=row.get("systemic", True),
        intravenous=row.get("iv"),
        mg=number(row.get("mg")),
        mg_per_kg=number(row.get("mg_per_kg")),
        dose_unclear=row.get("unclear", False),
        every_h=number(row.get("every_h")),
        start=None if "start" not in row else at(row["start"]),
        stops=row.get("stops", False),
        idle=row.get("idle", False),
        has_reason=row.get("has_reason", bool(row.get("reasons"))),
        reasons=frozenset(OrderReason(each) for each in row.get("reasons", ())),
    )


def reviewed(case: Mapping[str, Any]) -> OrderReview:
    policy = replace(KNOWLEDGE.policy, **case.get("policy", {}))
    course = prepare(snapshot({"weight": WEIGHT, **case}), policy)
    drafts = [draft(row, index) for index, row in enumerate(case["draft"])]
    return review_orders(course, assess(course), drafts)


def act(found: Act) -> str:
    match found.kind:
        case ActKind.ADD:
            assert found.drug is not None
            return f"add {found.drug.regimen} {found.drug.mg} mg"
        case ActKind.CORRECT_DOSE:
            return f"correct {found.mg} mg"
        case ActKind.REMOVE:
            return "remove"


def note(key: str) -> str:
    parts = key.split(":")
    instants = [len(part) == len(str(NOW)) and part.isdigit() for part in parts]
    return ":".join(
        hours(int(part)) if instant else part for part, instant in zip(parts, instants, strict=True)
    )


def _lines(review: OrderReview) -> Iterator[str]:
    for alert in review.alerts:
        for line in alert.lines:
            yield f"{line.indicator} {line.rule.id}"


def observed(review: OrderReview, expected: Mapping[str, Any]) -> dict[str, Any]:
    """What the case asks about, in its own words."""
    alerts = review.alerts
    said = [note(key) for alert in alerts for line in alert.lines for key in line.notes]
    facts: dict[str, Any] = {
        "lines": list(_lines(review)),
        "rules": [rule for _, rules in review.checked for rule in rules],
        "checked": [found.ref for found, _ in review.checked],
        "cards": [f"{alert.draft.ref} {alert.family}" for alert in alerts],
        "acts": [act(each) for alert in alerts for each in alert.acts],
        "notes": said,
        "missing": [key for alert in alerts for key in alert.missing],
        "syndromes": [name for alert in alerts for name in alert.syndromes],
        "says": [key for key in expected.get("says", ()) if key in said],
        "never_says": [key for key in expected.get("never_says", ()) if key not in said],
    }
    return {key: facts[key] for key in expected}
