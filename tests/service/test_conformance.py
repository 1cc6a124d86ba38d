"""The conformance page: a row for every requirement, and a test that exists for every claim."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/conformance.md"
LISTED = Path(__file__).with_name("requirement_ids.txt")
SPECIFICATION = ROOT.parent / "shared/spec/cds-hooks.md"
ID = r"[A-Z]+-\d+"
LEVELS = r"SHALL NOT|SHALL|SHOULD NOT|SHOULD|MAY|n/a"
UNTESTED = ("On site", "Does not arise")
"""How a row begins that needs no test."""


class Row(NamedTuple):
    """A line of the page."""

    level: str
    how: str
    tests: tuple[str, ...]


@cache
def page() -> dict[str, Row]:
    """The rows, by id; an id that stands there twice fails."""
    found = re.findall(rf"^\| ({ID}) \| ({LEVELS}) \| (.*) \| (.*) \|$", PAGE.read_text(), re.M)
    rows = {name: Row(level, how, _tests(cell)) for name, level, how, cell in found}
    assert len(rows) == len(found)
    return rows


def _tests(cell: str) -> tuple[str, ...]:
    return tuple(re.findall(r"`(tests/[\w/]+\.py::\w+)`", cell))


def listed() -> dict[str, str]:
    """The level of every requirement, by id."""
    return dict(line.split(" ", 1) for line in LISTED.read_text().splitlines())


CLAIMS = sorted({test for row in page().values() for test in row.tests})


def test_every_requirement_has_a_row_of_its_level() -> None:
    assert {name: row.level for name, row in page().items()} == listed()


# The specification is no part of a clone: there the packaged list is taken as it is.
@pytest.mark.skipif(not SPECIFICATION.exists(), reason="the specification is not at hand")
def test_the_list_of_requirements_is_that_of_the_specification() -> None:
    text = SPECIFICATION.read_text()
    found = re.findall(rf"^\| ({ID}) \| ({LEVELS}) \|", text, re.M)

    assert dict(found) == listed()
    assert len(found) == 227


@pytest.mark.parametrize("name", [name for name, level in listed().items() if "SHALL" in level])
def test_what_the_service_must_do_is_held_by_a_test(name: str) -> None:
    row = page()[name]

    assert row.tests or row.how.startswith(UNTESTED)
    assert not row.how.startswith("Not met")


@pytest.mark.parametrize("name", [name for name, level in listed().items() if "SHOULD" in level])
def test_what_it_should_do_is_held_by_a_test_or_has_a_reason(name: str) -> None:
    row = page()[name]

    assert row.tests or re.search(r"^(On site|Does not arise|Not met)|`make \w+`", row.how)


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_test_that_is_named_exists(claim: str) -> None:
    path, _, name = claim.partition("::")

    assert re.search(rf"^def {name}\(", (ROOT / path).read_text(), re.M)
