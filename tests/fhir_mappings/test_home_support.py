"""Oxygen, CPAP and BiPAP at home lower a grade, so only words that plainly state them count."""

import pytest

from grading.model import RiskKind
from tests.fhir_basics import concept
from tests.fhir_mappings.reading import record_of
from tests.record_builders import condition

CPAP, BIPAP, OXYGEN = RiskKind.HOME_CPAP, RiskKind.HOME_BIPAP, RiskKind.HOME_OXYGEN


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        ("Home CPAP", [CPAP]),
        ("OSA on CPAP", [CPAP]),
        ("OSA (uses CPAP nightly)", [CPAP]),
        ("Obstructive sleep apnea, on home CPAP since 2019", [CPAP]),
        ("On CPAP prior to admission", [CPAP]),
        ("Non-small cell lung cancer, home CPAP", [CPAP]),
        ("Former smoker, on home oxygen", [OXYGEN]),
        ("Family history of asthma; home oxygen", [OXYGEN]),
        ("OSA on CPAP - wife brought machine", [CPAP]),
        ("OSA on home CPAP (family to bring in machine)", [CPAP]),
        ("OSA on CPAP, will bring home machine", [CPAP]),
        ("OSA on CPAP (study 2020)", [CPAP]),
        ("Chronic home oxygen, discussed with family", [OXYGEN]),
        ("Home CPAP (husband)", []),
        ("Home oxygen - wife's", []),
        ("Home CPAP, husband uses it", []),
        ("Wife uses home CPAP", []),
        ("Home CPAP, will order", []),
        ("Will start home CPAP", []),
        ("Home oxygen, will be arranged", []),
        ("Home CPAP, study pending", []),
        ("Home CPAP study", []),
        ("Home oxygen, discussed", []),
        ("Home oxygen discussed with family", []),
        ("COPD on home oxygen 2 L, off prednisone", []),
        ("COPD on home oxygen 2 L; prednisone stopped", [OXYGEN]),
        ("Home oxygen prior to admission", [OXYGEN]),
        ("Acute on chronic respiratory failure, on home oxygen", [OXYGEN]),
        ("Chronic respiratory failure, oxygen dependent", [OXYGEN]),
        ("Chronic hypercapnic respiratory failure on BiPAP", [BIPAP]),
        ("Home BiPAP, tolerating well", [BIPAP]),
        ("OSA not on CPAP", []),
        ("OSA, noncompliant with home CPAP", []),
        ("OSA, non-adherent to home CPAP", []),
        ("OSA - declined home CPAP", []),
        ("Home CPAP (refused)", []),
        ("OSA on CPAP, nonadherent", []),
        ("OSA on CPAP, but does not use it", []),
        ("OSA, intolerant of home CPAP", []),
        ("Can't tolerate home CPAP", []),
        ("Does not use home oxygen", []),
        ("No longer on home oxygen", []),
        ("Previously on CPAP", []),
        ("Formerly oxygen dependent", []),
        ("Used to be on home oxygen", []),
        ("Off home oxygen since 2024", []),
        ("Home oxygen discontinued", []),
        ("Home oxygen, stopped in 2023", []),
        ("Weaned off home O2", []),
        ("Home CPAP ordered", []),
        ("OSA - home CPAP recommended", []),
        ("Home oxygen evaluation", []),
        ("Qualifies for home oxygen", []),
        ("Needs home oxygen at discharge", []),
        ("Home CPAP pending", []),
        ("Possible home oxygen", []),
        ("Husband on CPAP", []),
        ("Family history: home oxygen", []),
        ("Acute respiratory failure with hypoxia, on BiPAP", []),
        ("Respiratory failure on BiPAP", []),
        ("Pneumonia, now on CPAP", []),
        ("Acute on chronic respiratory failure, on BiPAP", []),
        ("Hypoxia, oxygen dependent", []),
        ("PMH: COPD, home oxygen", [OXYGEN]),
        ("H/o OSA on CPAP", [CPAP]),
        ("PRN home oxygen", [OXYGEN]),
        ("History of COPD on home oxygen", [OXYGEN]),
        ("Uses home oxygen at night, hx of COPD", [OXYGEN]),
        ("History of home oxygen", []),
        ("Home oxygen, history of", []),
        ("Hx of COPD, previously on home oxygen", []),
    ],
)
def test_an_old_condition_is_support_at_home_only_where_it_is_plainly_stated(
    words: str, kinds: list[RiskKind]
) -> None:
    found = record_of(condition(f"text|{words}", onset="400d")).facts["risks"]

    assert [each.kind for each in found] == kinds


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        ("On CPAP", []),
        ("Heart failure on BiPAP", []),
        ("Home CPAP", [CPAP]),
        ("OSA on CPAP", [CPAP]),
        ("On CPAP at night", [CPAP]),
        ("Home oxygen", [OXYGEN]),
        ("Oxygen dependent", [OXYGEN]),
        ("Non-verbal", [RiskKind.NON_VERBAL]),
    ],
)
def test_support_that_may_be_of_now_is_of_home_only_by_its_date(
    words: str, kinds: list[RiskKind]
) -> None:
    found = record_of(condition(f"text|{words}", onset=None, recorded=None)).facts["risks"]

    assert [each.kind for each in found] == kinds


def test_support_since_an_age_is_an_old_one() -> None:
    age = {"onsetAge": {"value": 50, "unit": "years"}}
    resource = condition("text|On CPAP", onset=None, recorded=None) | age

    assert [each.kind for each in record_of(resource).facts["risks"]] == [CPAP]


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        (None, [OXYGEN]),
        ("Dependence on supplemental oxygen", [OXYGEN]),
        ("Oxygen, not in use since 2023", []),
        ("History of COPD on home oxygen", [OXYGEN]),
        ("Dependence on supplemental oxygen, former", []),
    ],
)
def test_a_code_of_oxygen_at_home_counts_unless_its_words_take_it_back(
    words: str | None, kinds: list[RiskKind]
) -> None:
    resource = condition("icd10|Z99.81", onset="400d")
    resource["code"] = concept("icd10|Z99.81") | {"text": words}

    assert [each.kind for each in record_of(resource).facts["risks"]] == kinds
