"""ICE and CAPD put together from totals, items, components and forms (ICE-1, ICE-2, READ-3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fhir_mappings.codes import LOCAL_SYSTEM, canonical
from grading.model import MINUTE, CapdScore, IceTest, Instant, Remark

if TYPE_CHECKING:
    from fhir_mappings.facts import Facts
    from fhir_mappings.values import Part

_ICE: Mapping[str, tuple[tuple[str, int], ...]] = {
    "ice-orientation": tuple(
        (f"ice-orientation-{what}", 1) for what in ("year", "month", "city", "hospital")
    ),
    "ice-naming": tuple((f"ice-naming-{n}", 1) for n in (1, 2, 3)),
    "ice-command": (),
    "ice-writing": (),
    "ice-attention": (),
}
_ICE_MAX = {"ice-orientation": 4, "ice-naming": 3}
_ICE_TOTAL, _CAPD_TOTAL = "ice-total", "capd-total"
_CAPD = tuple(f"capd-{n}" for n in range(1, 9))
_TOTAL_MAX = {_ICE_TOTAL: 10, _CAPD_TOTAL: 32}
_CAPD_ITEM_MAX = 4
_MAX: Mapping[str, int] = {
    **_TOTAL_MAX,
    **{name: _ICE_MAX.get(name, 1) for name in _ICE},
    **{part: most for parts in _ICE.values() for part, most in parts},
    **dict.fromkeys(_CAPD, _CAPD_ITEM_MAX),
}
_OF_CONCEPT = {
    "obs.ice_score": _ICE_TOTAL,
    "obs.capd": _CAPD_TOTAL,
    "obs.ice_item.orientation": "ice-orientation",
    "obs.ice_item.naming": "ice-naming",
    "obs.ice_item.command": "ice-command",
    "obs.ice_item.writing": "ice-writing",
    "obs.ice_item.attention": "ice-attention",
}


def maximum(code: str) -> int | None:
    """Highest value of an item or total of our CodeSystem; None: it is none of them."""
    return _MAX.get(code)


@dataclass(slots=True)
class _Sheet:
    """What was charted at one time."""

    t: Instant
    ref: str
    totals: list[int] = field(default_factory=list)
    items: dict[str, int] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)
    other_cause: bool = False


class Scores:
    """Collects what is charted of ICE and CAPD; items charted in one minute make one test."""

    def __init__(self) -> None:
        """Start with none."""
        self._sheets: defaultdict[str, dict[tuple[int, bool], _Sheet]] = defaultdict(dict)

    def add(self, part: Part) -> None:
        """Take the value of an Observation or component."""
        code = _code(part)
        value = part.whole(code.split("-")[0], 0, _MAX[code])
        if value is not None:
            self.put(
                code,
                value,
                part.at.t,
                part.ref,
                part.flags,
                other_cause=part.other_cause,
                is_open=part.at.is_open,
            )

    def put(  # noqa: PLR0913
        self,
        code: str,
        value: int,
        t: Instant,
        ref: str,
        flags: tuple[str, ...],
        *,
        other_cause: bool = False,
        is_open: bool = False,
    ) -> None:
        """Take one item or total; of one charted twice in a minute, the worse.

        `is_open`: it is over a period that has not ended, so that it stands at another time.
        """
        name = "ice" if code.startswith("ice") else "capd"
        sheet = self._sheets[name].setdefault((t // MINUTE, is_open), _Sheet(t, ref))
        sheet.t, sheet.ref = min((sheet.t, sheet.ref), (t, ref))
        sheet.flags.update(flags)
        sheet.other_cause = sheet.other_cause or other_cause
        if code in _TOTAL_MAX:
            sheet.totals.append(value)
            return
        worse = min if name == "ice" else max
        sheet.items[code] = worse(value, sheet.items.get(code, value))

    def into(self, facts: Facts) -> None:
        """Write the tests to `facts`."""
        facts.ice += [_ice(sheet) for sheet in self._sheets["ice"].values()]
        facts.capd += [_capd(sheet) for sheet in self._sheets["capd"].values()]


def _code(part: Part) -> str:
    """The code of our CodeSystem that a value answers; a site's code by its concept."""
    for coding in part.concept.coding:
        system, code = canonical(coding.system, coding.code)
        if system == LOCAL_SYSTEM and code in _MAX:
            return code
    return _OF_CONCEPT[part.key]


def _ice(sheet: _Sheet) -> IceTest:
    known, missing = 0, []
    room = 0
    for name, parts in _ICE.items():
        if name in sheet.items:
            known += sheet.items[name]
            continue
        lacking = [part for part, _ in parts if part not in sheet.items]
        known += sum(sheet.items[part] for part, _ in parts if part in sheet.items)
        if not parts:
            lacking = [name]
        missing += lacking
        room += len(lacking)
    flags = set(sheet.flags)
    best, names = known + room, tuple(missing)
    if sheet.totals:
        total = min(sheet.totals)
        if sheet.items and not known <= total <= best:
            flags.add(Remark.ITEMS_DISAGREE)
            total = min(total, best)
        known = best = total
        names = ()
    return IceTest(sheet.t, known, best, sheet.ref, names, tuple(sorted(flags)), sheet.other_cause)


def _capd(sheet: _Sheet) -> CapdScore:
    known = sum(sheet.items.values())
    missing = len(_CAPD) - len(sheet.items)
    flags = set(sheet.flags)
    low, high = known, known + missing * _CAPD_ITEM_MAX
    if sheet.totals:
        total = max(sheet.totals)
        if sheet.items and not low <= total <= high:
            flags.add(Remark.ITEMS_DISAGREE)
            total = max(total, low)
        low = high = total
    return CapdScore(sheet.t, low, high, sheet.ref, tuple(sorted(flags)), sheet.other_cause)
