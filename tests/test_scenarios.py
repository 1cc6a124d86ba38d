"""Every scenario of `scenarios/*.toml`, sent to the running service as an EHR would send it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests import charts
from tests.answers import observed, spoken
from tests.charts import Case
from tests.fhir_codes import Resource
from tests.orders_of_words import commands

Ask = Callable[[Resource], Resource]
CASES = list(charts.cases())


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_answer_is_as_the_scenario_says(
    case: Case, ask: Ask, templates: dict[str, str]
) -> None:
    answer = ask(charts.request(case, templates))

    assert observed(answer, case.expect) == case.expect
    assert commands(spoken(answer)) == []


def test_scenario_names_are_unique() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
