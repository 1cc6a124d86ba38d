"""A flag that writes the golden cards anew: `pytest tests/cards --write-golden`."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-golden", action="store_true", help="write the golden cards anew")
