"""Every row of docs/quirks.md names a test that exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "quirks.md").read_text("utf-8")
HEADS = ("|---", "| server |", "| client |")
LINES = [line for line in TEXT.splitlines() if line.startswith("|")]
ROWS = [line for line in LINES if not line.startswith(HEADS)]


def functions_of(path: Path) -> set[str]:
    """Names of the test functions of a file; none where there is no file."""
    if not path.is_file():
        return set()
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("row", ROWS)
def test_a_row_names_a_test_that_exists(row: str) -> None:
    found = re.search(r"\| `(tests/[\w/]+\.py)::(test_\w+)` \|$", row)

    assert found is not None
    assert found[2] in functions_of(ROOT / found[1])


def test_there_are_rows_of_servers_and_of_clients() -> None:
    assert len(ROWS) > 40


def test_a_test_that_does_not_exist_is_noticed() -> None:
    assert "test_nothing_of_the_kind" not in functions_of(ROOT / "tests" / "test_docs.py")
    assert functions_of(ROOT / "tests" / "nowhere.py") == set()
