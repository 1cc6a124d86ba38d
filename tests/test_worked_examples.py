"""Every worked example of clinical-rules.md section 9 is a scenario that is sent over HTTP."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

FOLDER = Path(__file__).parent / "scenarios"
EXAMPLES = {f"W{number}" for number in range(1, 59)}
_NAMED = re.compile(r"\bW\d+\b")


def test_every_worked_example_has_a_scenario() -> None:
    """`tests/test_scenarios.py` and `tests/test_order_scenarios.py` send what lies there."""
    rows = [
        row
        for path in FOLDER.rglob("*.toml")
        for found in tomllib.loads(path.read_text("utf-8")).values()
        if isinstance(found, list)
        for row in found
    ]
    named = {each for row in rows for each in _NAMED.findall(row.get("why", ""))}

    assert named >= EXAMPLES
