"""What the measured times are held against, and the table of it in `docs/performance.md`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Aim(NamedTuple):
    """A measured line, by how it begins, and the most that its number should be (inclusive)."""

    line: str
    most: float
    meaning: str


AIMS = (
    Aim("p50 ratio", 2.0, "median of patient-view against that of merely parsing its request"),
    Aim("p99 ratio", 2.0, "the same of the slowest in a hundred"),
    Aim("order-select to patient-view", 1.2, "median of order-select against patient-view"),
    Aim("no prefetch, beyond patient-view", 65.0, "ms more where everything is read (50 ms each)"),
)


def table(lines: Sequence[str]) -> Iterator[str]:
    """The aims as a Markdown table, each with what was measured and whether it is met.

    Raises:
        ValueError: no line tells of an aim.
    """
    yield "| what | measured | aim, at most | met |"
    yield "|---|---|---|---|"
    for aim in AIMS:
        found = _number(aim, lines)
        met = "yes" if found <= aim.most else "no"
        yield f"| {aim.meaning} | {found:g} | {aim.most:g} | {met} |"


def _number(aim: Aim, lines: Sequence[str]) -> float:
    for line in lines:
        if found := re.match(rf"\s*{re.escape(aim.line)}: ([\d.]+)", line):
            return float(found[1])
    raise ValueError(f"nothing was measured of {aim.line}")
