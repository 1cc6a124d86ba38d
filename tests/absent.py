"""What a test needs and a machine may lack."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

NOTHING_MISSING = "TESTS_NOTHING_MISSING"
"""Set by continuous integration, which installs what the tests of the page need."""


def absent(what: str) -> NoReturn:
    """Skip the test with what is missing; fail it where nothing may be."""
    if os.environ.get(NOTHING_MISSING):  # noqa: TID251 - how the tests are run
        pytest.fail(what)
    pytest.skip(what)  # whoever has no browser can still run the rest
