"""Nobody else provides the names that we import."""

from __future__ import annotations

from importlib.metadata import packages_distributions

import pytest


@pytest.mark.parametrize("name", ["grading", "fhir_mappings", "cards", "service", "sandbox"])
def test_no_other_distribution_provides_the_package(name: str) -> None:
    assert set(packages_distributions().get(name, ())) <= {"cart-toxicity-cds"}
