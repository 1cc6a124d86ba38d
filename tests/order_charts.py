"""Order scenarios as written in `scenarios/orders/*.toml`: a chart, draft orders, the alerts.

A draft row holds the arguments of the `ordered` builder (or `test`), gets the id `d1`, `d2`, ... in
order, and is selected unless it says `selected = false`. `[expect]` names what is compared.
"""

from __future__ import annotations

import tomllib
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests import builders, charts
from tests.answers import assessment, spoken
from tests.builders import NOW_TEXT, PATIENT_ID, Resource
from tests.ehr import prefetch_for

FOLDER = charts.FOLDER / "orders"
HOOKS = ("order-select", "order-sign")
_RANK = ("info", "warning", "critical")


@dataclass(frozen=True, slots=True)
class OrderCase:
    """One scenario: the chart, the drafts with the ids of those selected, and what is expected."""

    name: str
    chart: charts.Case
    drafts: tuple[Resource, ...]
    selected: tuple[str, ...]
    expect: Mapping[str, Any]


def order_cases() -> Iterator[OrderCase]:
    """Every case of every file, in order."""
    for path in sorted(FOLDER.glob("*.toml")):
        for written in tomllib.loads(path.read_text(encoding="utf-8"))["case"]:
            yield order_case(written)


def order_case(written: dict[str, Any]) -> OrderCase:
    """A case from its table; the chart's own words are those of `tests.charts`."""
    rows = written.pop("drafts")
    expect = written.pop("expect")
    chosen = tuple(f"d{n}" for n, row in enumerate(rows, 1) if row.pop("selected", True))
    drafts = tuple(_draft(n, row) for n, row in enumerate(rows, 1))
    chart = charts.case_of({**written, "expect": {}})
    return OrderCase(chart.name, chart, drafts, chosen, expect)


def _draft(number: int, row: dict[str, Any]) -> Resource:
    given = {"status": "draft", "id": f"d{number}"} | row
    if "test" in given:
        return builders.order_test(given.pop("test"), **given)
    return builders.ordered(given.pop("drug"), **given)


def order_call(hook: str, case: OrderCase, templates: Mapping[str, str] | None = None) -> Resource:
    """An order-select or order-sign call with the chart as prefetch, evaluated at `NOW`."""
    prefetch = prefetch_for(charts.resources(case.chart), templates=templates)
    entries = [{"resource": draft} for draft in case.drafts]
    context = {
        "userId": "Practitioner/nurse-1",
        "patientId": PATIENT_ID,
        "draftOrders": {"resourceType": "Bundle", "type": "collection", "entry": entries},
    }
    types = {draft["id"]: draft["resourceType"] for draft in case.drafts}
    if hook == "order-select":
        context["selections"] = [f"{types[each]}/{each}" for each in case.selected]
    return {
        "hook": hook,
        "hookInstance": str(uuid.uuid5(uuid.NAMESPACE_URL, hook)),
        "context": context,
        "extension": {charts.EVALUATE_AT: NOW_TEXT},
        "prefetch": {k: v for k, v in prefetch.items() if k not in case.chart.unread},
    }


# --- answers -------------------------------------------------------------------------------------


def observed_alerts(answer: Resource, expect: Mapping[str, Any]) -> dict[str, Any]:
    """What the answer says of each expected word; equal to `expect` where it is as expected."""
    return {word: _READERS[word](answer, wanted) for word, wanted in expect.items()}


def fired(answer: Resource) -> list[str]:
    """Ids of all order rules that fired, sorted."""
    rows = assessment(answer).get("orders", ())
    return sorted({rule for row in rows for rule in row.get("rules", ())})


def _indicator(answer: Resource, _: Any) -> str:
    shown = [_RANK.index(card["indicator"]) for card in answer["cards"]]
    return _RANK[max(shown)] if shown else "none"


def offers(answer: Resource) -> list[str]:
    """Every action: "delete d1", "update d1", "create MedicationRequest"."""
    suggestions = [s for card in answer["cards"] for s in card.get("suggestions", ())]
    return sorted(_action(each) for s in suggestions for each in s["actions"])


def _action(action: Resource) -> str:
    if action["type"] == "delete":
        return f"delete {action['resourceId'].rpartition('/')[2]}"
    if action["type"] == "update":
        return f"update {action['resource']['id']}"
    drug = action["resource"]["medicationCodeableConcept"]["text"].lower().split()[0]
    return f"create {drug}"


def _said(answer: Resource, wanted: list[str]) -> list[str]:
    return [text for text in wanted if text.lower() in spoken(answer)]


def _unsaid(answer: Resource, wanted: list[str]) -> list[str]:
    return [text for text in wanted if text.lower() not in spoken(answer)]


_READERS: Mapping[str, Callable[[Resource, Any], Any]] = {
    "rules": lambda answer, _: fired(answer),
    "indicator": _indicator,
    "offers": lambda answer, _: offers(answer),
    "says": _said,
    "never_says": _unsaid,
    "cards": lambda answer, _: len(answer["cards"]),
}
