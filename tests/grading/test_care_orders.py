"""Orders that go with a sentence of care: when, where, and what is there already (GEN-DEDUP)."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from grading.knowledge import KNOWLEDGE, KnowledgeError
from grading.knowledge.care_orders import read_care_orders
from grading.model import CareOrder, Offer, Recommendation, StudyKind
from tests.grading.advice import hours, recommended
from tests.grading.test_knowledge import read

FEVER: dict[str, Any] = {"temp": [{"h": -1, "value": 38.6}]}
CRS_2: dict[str, Any] = {**FEVER, "bp": [{"h": -1, "sbp": 84}]}
ICANS_1: dict[str, Any] = {"ice": [{"h": -1, "score": 8}]}
ICANS_3: dict[str, Any] = {"ice": [{"h": -1, "score": 2}]}
LABS = {
    name: [{"h": -5, "value": 100}]
    for name in ("platelets", "creatinine", "crp", "ldh", "fibrinogen", "pt", "aptt", "ferritin")
}


def said(order: CareOrder) -> str:
    words = [order.item, str(order.offer), hours(order.already_at), " ".join(order.labs)]
    return " ".join(word for word in words if word)


def orders(case: dict[str, Any]) -> dict[str, list[str]]:
    """By deciding rule, every order in short words."""
    found = ((item.rules[0], [said(each) for each in item.orders]) for item in recommended(case))
    return {rule: each for rule, each in found if each}


ALL_LABS = "cbc metabolic-panel magnesium phosphate crp ldh uric-acid fibrinogen pt ptt ferritin"
INFECTION = [
    "blood-cultures suggest",
    "urine-culture suggest",
    "chest-radiograph suggest",
    f"crs-labs suggest {ALL_LABS}",
]


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({}, {}),
        (FEVER, {"MGMT-CRS-01": INFECTION, "MGMT-CRS-03": ["acetaminophen suggest"]}),
        (
            ICANS_1,
            {"MGMT-ICANS-1": ["neurology-consult suggest"], "MGMT-ICANS-4": ["thiamine suggest"]},
        ),
        (
            {**ICANS_1, "age": 8, "ice": [], "capd": [{"h": -1, "score": 8}]},
            {"MGMT-ICANS-1": ["neurology-consult suggest"]},
        ),
        (
            ICANS_3,
            {
                "ICU-3": ["icu-consult suggest"],
                "MGMT-ICANS-1": ["neurology-consult suggest"],
                "MGMT-ICANS-4": ["thiamine suggest"],
                "MGMT-ICANS-G3": ["fundoscopy suggest"],
            },
        ),
    ],
)
def test_what_goes_with_a_grade(case: dict[str, Any], expected: dict[str, list[str]]) -> None:
    assert orders(case) == expected


def test_each_is_asked_for_once_where_both_syndromes_ask() -> None:
    case = {**CRS_2, **ICANS_3, "device": [{"h": -1, "is": "mask"}]}
    found = [each for named in orders(case).values() for each in named]
    assert len(found) == len({each.split()[0] for each in found})
    assert orders(case)["ICU-1"] == ["icu-consult suggest"]
    assert "ICU-3" not in orders(case)


def test_without_fever_there_is_neither_antipyretic_nor_radiograph() -> None:
    """Fever 25 h ago, hypotension with the fever waived by tocilizumab."""
    case = {
        "temp": [{"h": -25, "value": 38.6}, {"h": -1, "value": 36.8}],
        "bp": [{"h": -25, "sbp": 84}, {"h": -12, "sbp": 84}, {"h": -1, "sbp": 84}],
        "dose": [{"drug": "tocilizumab", "h": -24, "mg": 560}],
    }
    found = orders(case)
    assert "MGMT-CRS-03" not in found
    assert [each.split()[0] for each in found["MGMT-CRS-01"]] == [
        "blood-cultures",
        "urine-culture",
        "crs-labs",
    ]


@pytest.mark.parametrize(
    ("case", "rule", "expected"),
    [
        (
            {**FEVER, "order": [{"test": "blood-cultures", "h": -2}]},
            "MGMT-CRS-01",
            "blood-cultures already -2 h",
        ),
        (
            {**FEVER, "study": [{"is": "chest-radiograph", "h": -24}]},
            "MGMT-CRS-01",
            "chest-radiograph already -24 h",
        ),
        (
            {**FEVER, "study": [{"is": "chest-radiograph", "h": -24.1}]},
            "MGMT-CRS-01",
            "chest-radiograph suggest",
        ),
        (
            {**FEVER, "order": [{"drug": "acetaminophen", "h": -50}]},
            "MGMT-CRS-03",
            "acetaminophen already -50 h",
        ),
        (
            {**FEVER, "dose": [{"drug": "acetaminophen", "h": -6, "mg": 650}]},
            "MGMT-CRS-03",
            "acetaminophen already -6 h",
        ),
        (
            {**FEVER, "dose": [{"drug": "acetaminophen", "h": -6.1, "mg": 650}]},
            "MGMT-CRS-03",
            "acetaminophen suggest",
        ),
        (
            {**ICANS_1, "order": [{"drug": "thiamine", "h": -2}]},
            "MGMT-ICANS-4",
            "thiamine already -2 h",
        ),
        (
            {**ICANS_1, "order": [{"test": "neurology-consult", "h": -72}]},
            "MGMT-ICANS-1",
            "neurology-consult already -72 h",
        ),
        (
            {**FEVER, "labs": {"crp": [{"h": -24, "value": 9}]}},
            "MGMT-CRS-01",
            f"crs-labs suggest {ALL_LABS.replace('crp ', '')}",
        ),
        (
            {**FEVER, "labs": {"crp": [{"h": -24.1, "value": 9}]}},
            "MGMT-CRS-01",
            f"crs-labs suggest {ALL_LABS}",
        ),
        (
            {**FEVER, "order": [{"test": "lab-cbc", "on_hold": True}]},
            "MGMT-CRS-01",
            f"crs-labs suggest {ALL_LABS}",
        ),
        (
            {**FEVER, "order": [{"test": "lab-cbc", "undated": True}]},
            "MGMT-CRS-01",
            f"crs-labs suggest {ALL_LABS.replace('cbc ', '')}",
        ),
        ({**FEVER, "labs": LABS}, "MGMT-CRS-01", "crs-labs already -5 h"),
        (
            {**FEVER, "order": [{"test": "crs-labs", "h": -1}]},
            "MGMT-CRS-01",
            "crs-labs already -1 h",
        ),
    ],
)
def test_what_is_there_is_said_and_not_offered_again(
    case: dict[str, Any], rule: str, expected: str
) -> None:
    assert expected in orders(case)[rule]


@pytest.mark.parametrize(
    ("reach", "rule", "keys"),
    [
        ({"test_orders": "never"}, "MGMT-CRS-01", ("tests-not-read",)),
        ({"medication_orders": "never"}, "MGMT-CRS-03", ("orders-not-read",)),
        ({}, "MGMT-CRS-01", ()),
        ({}, "MGMT-CRS-03", ()),
    ],
)
def test_what_was_not_read_is_said(reach: dict[str, Any], rule: str, keys: tuple[str, ...]) -> None:
    found = next(item for item in recommended({**FEVER, "reach": reach}) if item.rules == (rule,))
    assert found.detail == keys


def test_a_thiamine_order_has_the_dose_of_the_handbook() -> None:
    [found] = [
        each for item in recommended(ICANS_1) for each in item.orders if each.item == "thiamine"
    ]
    assert found.drug is not None
    assert (found.drug.regimen, found.drug.mg) == ("thiamine", 500)


def test_no_order_of_care_is_an_nsaid_or_an_antimicrobial() -> None:
    drugs = {row.drug for row in KNOWLEDGE.care_orders.values()} - {""}
    assert drugs == {"acetaminophen", "thiamine"}


def test_every_order_without_a_drug_is_a_test_that_is_read() -> None:
    tests = [row.item for row in KNOWLEDGE.care_orders.values() if not row.drug]
    assert set(tests) <= {kind.value for kind in StudyKind}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rules": ["MGMT-CRS-99"]}, "no such rule or regimen ['MGMT-CRS-99']"),
        ({"regimen": "water"}, "no such rule or regimen ['water']"),
        ({"color": "red"}, "unknown or missing keys ['color']"),
    ],
)
def test_a_broken_row_is_refused(change: dict[str, Any], message: str) -> None:
    data = deepcopy(read("care_orders.toml"))
    data["thiamine"].update(change)
    with pytest.raises(KnowledgeError) as refused:
        read_care_orders(data, KNOWLEDGE.rules, KNOWLEDGE.regimens)
    assert message in str(refused.value)


# --- active sedating and threshold-lowering orders (MGMT-ICANS-2) ---------------------------------

EARLIER = -100
"""Before the infusion, which was 75 h ago."""


def sedating(case: dict[str, Any]) -> Recommendation:
    found = recommended({**ICANS_1, **case})
    return next(item for item in found if item.rules == ("MGMT-ICANS-2",))


def ordered(drug: str, **more: Any) -> dict[str, Any]:
    return {"order": [{"drug": drug, "h": -10, **more}]}


@pytest.mark.parametrize(
    ("case", "stopped"),
    [
        (ordered("zolpidem"), ["zolpidem"]),
        (ordered("diphenhydramine"), ["diphenhydramine"]),
        (ordered("bupropion"), ["bupropion"]),
        (ordered("methylphenidate"), ["methylphenidate"]),
        (ordered("morphine"), ["morphine"]),
        (ordered("baclofen"), ["baclofen"]),
        # what OT-CNS-6 protects: long-term, or not known to be newer
        (ordered("morphine", h=EARLIER), []),
        (ordered("baclofen", h=EARLIER), []),
        (ordered("tramadol", h=EARLIER), []),
        (ordered("morphine", undated=True), []),
        ({**ordered("morphine"), "reach": {"medication_orders": "never"}}, []),
        ({**ordered("morphine"), "dose": [{"drug": "morphine", "h": EARLIER, "mg": 5}]}, []),
        (ordered("diphenhydramine", h=EARLIER), ["diphenhydramine"]),
        # needed for seizure control, antiseizure drugs, agitation, infection
        (ordered("lorazepam"), []),
        (ordered("diazepam", h=EARLIER), []),
        (ordered("phenobarbital"), []),
        (ordered("propofol"), []),
        (ordered("gabapentin"), []),
        (ordered("levetiracetam"), []),
        (ordered("haloperidol"), []),
        (ordered("cefepime"), []),
        (ordered("isoniazid"), []),
        # not by class, form or status
        (ordered("phenylephrine", iv=True), []),
        (ordered("zolpidem", systemic=False), []),
        (ordered("zolpidem", draft=True), []),
        (ordered("tramadol"), ["tramadol"]),
        (ordered("tramadol", on_hold=True), []),
        (ordered("acetaminophen"), []),
        # invasive ventilation (OT-CNS-2)
        ({**ordered("dexmedetomidine"), "device": [{"h": -1, "is": "ventilator"}]}, []),
        ({**ordered("dexmedetomidine"), "device": [{"h": -1, "is": "mask"}]}, ["dexmedetomidine"]),
    ],
)
def test_which_stop_may_be_offered(case: dict[str, Any], stopped: list[str]) -> None:
    assert [order.key for order in sedating(case).stops] == stopped


@pytest.mark.parametrize(
    ("case", "indicator"),
    [
        (ordered("zolpidem"), "warning"),
        (ordered("cefepime"), "warning"),
        (ordered("pentobarbital"), "warning"),
        (ordered("levetiracetam"), "info"),
        (ordered("tramadol"), "warning"),
        (ordered("tramadol", on_hold=True), "info"),
        ({}, "info"),
    ],
)
def test_an_active_one_makes_it_a_warning(case: dict[str, Any], indicator: str) -> None:
    assert sedating(case).indicator == indicator


OTHER_SEIZURE = {
    "ice": [{"h": -1, "score": 10}],
    "seizure": [{"h": -2, "kind": "resolved", "minutes": 1, "other": True}],
}
"""Not graded, because it is charted as of another cause."""


def test_after_a_seizure_of_another_cause_active_orders_are_named_and_none_is_stopped() -> None:
    found = sedating({**OTHER_SEIZURE, **ordered("tramadol")})
    assert (found.indicator, found.stops) == ("info", ())
    assert found.detail[0] == "sedating-active:tramadol"


@pytest.mark.parametrize(
    "case",
    [
        {},
        ordered("acetaminophen"),
        ordered("levetiracetam"),
        ordered("tramadol", on_hold=True),
        # sedatives speak with ICANS only (7.4)
        ordered("zolpidem"),
        {**ordered("tramadol"), "seizure": [{"h": -24.1, "kind": "resolved", "other": True}]},
    ],
)
def test_after_it_nothing_is_said_without_such_an_order(case: dict[str, Any]) -> None:
    found = recommended({**ICANS_1, **OTHER_SEIZURE, **case})
    assert not [item for item in found if item.rules == ("MGMT-ICANS-2",)]


@pytest.mark.parametrize(
    ("case", "detail"),
    [
        (ordered("zolpidem"), ("sedating-active:zolpidem",)),
        (
            ordered("lorazepam"),
            ("sedating-active:lorazepam", "not-stopped:lorazepam"),
        ),
        (ordered("cefepime"), ("sedating-active:cefepime", "antibacterials:cefepime")),
        (ordered("tramadol", on_hold=True), ()),
        ({}, ()),
    ],
)
def test_what_is_active_and_why_no_stop_is_offered(
    case: dict[str, Any], detail: tuple[str, ...]
) -> None:
    assert sedating(case).detail == detail


def test_an_order_of_two_ingredients_is_stopped_only_if_both_may_be() -> None:
    mixed = {"order": [{"drug": "diphenhydramine", "h": -10}, {"drug": "lorazepam", "h": -10}]}
    assert [order.key for order in sedating(mixed).stops] == ["diphenhydramine"]
    one_order = {"order": [{**row, "ref": "MedicationRequest/1"} for row in mixed["order"]]}
    assert sedating(one_order).stops == ()


def test_two_orders_of_one_drug_are_two_stops() -> None:
    rows = {"order": [{"drug": "zolpidem", "h": -10}, {"drug": "zolpidem", "h": -9}]}
    assert [order.ref for order in sedating(rows).stops] == ["order/0", "order/1"]


def test_nothing_is_stopped_without_icans() -> None:
    assert all(not item.stops for item in recommended({**FEVER, **ordered("zolpidem")}))


def test_every_offer_of_a_care_order_is_one_of_two() -> None:
    found = [each for item in recommended(FEVER) for each in item.orders]
    assert {each.offer for each in found} == {Offer.SUGGEST}
