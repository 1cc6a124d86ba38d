"""Order rules of the core, case by case: `cases/orders_*.toml`."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from grading import KNOWLEDGE, Draft, KnowledgeError, OrderReview, assess, prepare
from grading.knowledge.orders import read_order_rules, read_principles
from grading.model import HOUR, Urgency
from grading.order_case import OrderCase
from grading.order_model import Act, ActKind, Alert, Family, Vaccine
from grading.order_rulebook import ORDER_CHECKS, bind_order_rules
from grading.order_vaccine import infusion_days, longest_days, months_after
from grading.situation import Situation
from tests.grading.drafted import draft, observed, reviewed
from tests.grading.snapshots import NOW, cases, snapshot
from tests.grading.test_knowledge import read

FILES = (
    "orders_general",
    "orders_growth_factors",
    "orders_tocilizumab",
    "orders_steroid",
    "orders_sedating",
    "orders_other",
)
ALL = [
    pytest.param(case, id=f"{name.removeprefix('orders_')}: {case['name']}")
    for name in FILES
    for case in cases(name)
]
SILENT = {rule for rule, binding in ORDER_CHECKS.items() if binding.silent}


@pytest.mark.parametrize("case", ALL)
def test_case(case: dict[str, Any]) -> None:
    expected = case["expect"]
    assert observed(reviewed(case), expected) == expected


# --- what holds for every case -------------------------------------------------------------------


@cache
def reviews() -> tuple[OrderReview, ...]:
    return tuple(reviewed(param.values[0]) for param in ALL)


def alerts() -> Iterator[Alert]:
    for review in reviews():
        yield from review.alerts


def acts(kind: ActKind) -> list[tuple[Alert, Act]]:
    return [(alert, act) for alert in alerts() for act in alert.acts if act.kind is kind]


def test_every_active_rule_is_reached() -> None:
    reached = {rule for alert in alerts() for rule in alert.rules}
    every = KNOWLEDGE.order_rules.values()
    assert reached == {rule.id for rule in every if rule.status == "active" or rule.switch} - SILENT


def test_what_is_not_active_fires_only_where_its_switch_is_on() -> None:
    for param, review in zip(ALL, reviews(), strict=True):
        on = {"", *param.values[0].get("policy", {})}
        fired = {rule for _, rules in review.checked for rule in rules}
        assert {KNOWLEDGE.order_rules[rule].switch for rule in fired} <= on


def test_what_is_checked_names_the_rules_of_the_alerts() -> None:
    for review in reviews():
        told = sorted(rule for alert in review.alerts for rule in alert.rules)
        assert sorted(rule for _, rules in review.checked for rule in rules) == told


def test_the_most_severe_comes_first() -> None:
    rank = list(Urgency)
    for review in reviews():
        order = [rank.index(alert.indicator) for alert in review.alerts]
        assert order == sorted(order, reverse=True)
        for alert in review.alerts:
            lines = [rank.index(line.indicator) for line in alert.lines]
            assert lines == sorted(lines, reverse=True)


def test_what_is_removed() -> None:
    families = {alert.family for alert, _ in acts(ActKind.REMOVE)}
    assert families == {Family.GCSF, Family.GMCSF, Family.IL6, Family.VACCINE}
    assert all(alert.indicator is not Urgency.INFO for alert, _ in acts(ActKind.REMOVE))


def test_only_a_steroid_is_added_and_only_with_a_dose() -> None:
    added = [act.drug for _, act in acts(ActKind.ADD)]
    assert added
    assert all(drug is not None and drug.mg is not None for drug in added)
    steroids = KNOWLEDGE.drugs["steroid-companion"]
    assert all(drug is not None and drug.drug in steroids for drug in added)


def test_only_tocilizumab_is_corrected_and_never_above_its_cap() -> None:
    corrected = acts(ActKind.CORRECT_DOSE)
    assert corrected
    for alert, act in corrected:
        assert alert.draft.ingredients == ("tocilizumab",)
        assert act.mg is not None
        assert act.mg <= KNOWLEDGE.policy.toci_max_mg


def test_no_note_without_a_rule_and_no_rule_without_words() -> None:
    assert all(line.rule.says for alert in alerts() for line in alert.lines)
    assert all(line.rule.cites or line.rule.switch for alert in alerts() for line in alert.lines)


@pytest.mark.parametrize(
    ("row", "is_known"),
    [
        ({"drug": "ondansetron"}, True),
        ({"vaccine": "MMR vaccine"}, True),
        ({"study": "eeg"}, True),
        ({"text": "a drug of no list"}, False),
    ],
)
def test_what_is_recognized(row: dict[str, Any], is_known: bool) -> None:
    assert draft(row, 0).is_recognized is is_known


@pytest.mark.parametrize(
    ("study", "silences"), [("mri-brain", True), ("ct-head", True), ("eeg", False), ("", False)]
)
def test_which_drafts_silence_the_imaging_suggestion(study: str, silences: bool) -> None:
    course = prepare(snapshot({}), KNOWLEDGE.policy)
    drafts = [Draft("draft/0", "", study=study)]
    case = OrderCase(Situation(course, assess(course)), drafts, drafts[0])
    assert (ORDER_CHECKS["OT-IMG-1"].check(case) is not None) is silences


# --- content -------------------------------------------------------------------------------------


def test_what_is_off_by_0_5_is_off() -> None:
    off = {rule.id for rule in KNOWLEDGE.order_rules.values() if rule.status == "unverified"}
    assert off == {"OT-TOCI-12", "OT-RENAL-1"}


def test_the_words_of_every_rule_take_numbers_of_the_policy_only() -> None:
    for rule in KNOWLEDGE.order_rules.values():
        assert "{" not in rule.says.format(p=KNOWLEDGE.policy)


def test_the_numbers_in_words_are_those_in_force() -> None:
    dose = {"drug": "tocilizumab", "mg": 900}
    row = {"draft": [dose], "policy": {"toci_max_mg": Decimal(700)}}
    said = [line.rule.says for alert in reviewed(row).alerts for line in alert.lines]
    assert "More than the highest single dose of 700 mg." in said


def test_how_rules_are_read_is_told() -> None:
    assert list(KNOWLEDGE.order_principles) == ["OT-0", "OT-0a", "OT-0b", "OT-0c"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"status": "on"}, "OT-GCSF-2: status on is not one of"),
        ({"cites": []}, "OT-GCSF-2: no such source (none cited)"),
        ({"cites": ["asco-2012"], "status": "unverified"}, "no such source ['asco-2012']"),
        ({"indicator": "red"}, "OT-GCSF-2: red is not one of"),
        ({"family": "antibiotic"}, "OT-GCSF-2: antibiotic is not one of"),
        ({"color": "red"}, "unknown or missing keys ['color']"),
        ({"id": "OT-GCSF-1"}, "OT-GCSF-1 stands twice"),
    ],
)
def test_a_broken_rule_is_refused(change: dict[str, Any], message: str) -> None:
    data = deepcopy(read("orders.toml"))
    data["rule"][0].update(change)
    with pytest.raises(KnowledgeError) as refused:
        read_order_rules(data, KNOWLEDGE.sources)
    assert message in str(refused.value)


def test_a_rule_without_id_is_named_so() -> None:
    data = deepcopy(read("orders.toml"))
    del data["rule"][0]["id"]
    with pytest.raises(KnowledgeError, match="a rule without id"):
        read_order_rules(data, KNOWLEDGE.sources)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"when": "always"}, "OT-0: unknown or missing keys ['when']"),
        ({"cites": ["asco-2012"]}, "OT-0: no such source ['asco-2012']"),
    ],
)
def test_a_broken_general_rule_is_refused(change: dict[str, Any], message: str) -> None:
    data = deepcopy(read("orders.toml"))
    data["general"][0].update(change)
    with pytest.raises(KnowledgeError) as refused:
        read_principles(data, KNOWLEDGE.sources)
    assert message in str(refused.value)


def test_a_rule_without_a_condition_stops_the_process() -> None:
    without = {key: value for key, value in ORDER_CHECKS.items() if key != "OT-VAC-1"}
    with pytest.raises(KnowledgeError, match="OT-VAC-1"):
        bind_order_rules(KNOWLEDGE.order_rules, without)


def test_a_switch_that_the_policy_lacks_stops_the_process() -> None:
    rules = {**KNOWLEDGE.order_rules}
    rules["OT-TOCI-12"] = replace(rules["OT-TOCI-12"], switch="iechs_note")
    with pytest.raises(KnowledgeError, match="no such switch of the policy"):
        bind_order_rules(rules, ORDER_CHECKS)


def test_only_a_rule_that_is_off_has_a_switch() -> None:
    data = deepcopy(read("orders.toml"))
    data["rule"][0]["switch"] = "iechs_toci_note"
    with pytest.raises(KnowledgeError, match="OT-GCSF-2: only an unverified rule has a switch"):
        read_order_rules(data, KNOWLEDGE.sources)


def test_what_a_site_turned_on_says_so() -> None:
    row = next(p.values[0] for p in ALL if p.values[0]["name"].endswith("(W50), turned on"))
    said = [line.rule.says for alert in reviewed(row).alerts for line in alert.lines]
    assert said == [
        "Unverified, turned on by this site: In IEC-HS blocking IL-6 alone is often insufficient."
    ]


# --- calendar months -----------------------------------------------------------------------------

DAY = 24 * HOUR


@pytest.mark.parametrize(
    ("months", "days"),
    [(0, 0), (1, 30), (3, 92), (6, 181), (12, 365)],
)
def test_calendar_months_after_22_november(months: int, days: int) -> None:
    assert months_after(NOW, months) == NOW + days * DAY


def test_a_month_after_the_last_of_january_is_the_last_of_february() -> None:
    january_31 = NOW + 70 * DAY
    assert months_after(january_31, 1) == january_31 + 28 * DAY


@pytest.mark.parametrize(("months", "days"), [(3, 92), (6, 184), (12, 366), (24, 731)])
def test_months_have_at_most_so_many_days(months: int, days: int) -> None:
    assert longest_days(months) == days


def test_how_far_back_an_infusion_bears_on_a_vaccine_follows_the_policy() -> None:
    longer = replace(KNOWLEDGE.policy, live_vaccine_months=24)
    live, other = Vaccine("MMR", True, False), Vaccine("hepatitis B", False, False)
    assert infusion_days(live, KNOWLEDGE.policy) == 366
    assert infusion_days(live, longer) == 731
    assert infusion_days(other, longer) == 184
