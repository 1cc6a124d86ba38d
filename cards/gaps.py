"""What is missing or stale, in words: not read, not charted and not told are different."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from cards.wording import Words, missing_name
from grading.knowledge import Policy
from grading.model import HOUR, NEVER, Instant, Missing, Reach, Snapshot


class _Window(NamedTuple):
    """Where an input is read from, how far back it counts, and what is said without it."""

    reach: Callable[[Reach], Instant]
    hours: Callable[[Policy], int]
    gap: str


_NOT_CHARTED = "not charted for {h} h"
_IN_PART = "not charted in full for {h} h"


def _bedside(reach: Reach) -> Instant:
    return reach.bedside


def _oxygen_h(policy: Policy) -> int:
    return policy.oxygen_window_h


def _neuro_h(policy: Policy) -> int:
    return policy.neuro_window_h


_WINDOWS: dict[str, _Window] = {
    Missing.TEMPERATURE: _Window(
        lambda reach: reach.temperature, lambda policy: policy.fever_window_h, _NOT_CHARTED
    ),
    Missing.BLOOD_PRESSURE: _Window(_bedside, lambda policy: policy.bp_window_h, _NOT_CHARTED),
    Missing.SPO2: _Window(_bedside, _oxygen_h, _NOT_CHARTED),
    Missing.O2_DEVICE: _Window(_bedside, _oxygen_h, "not charted in a known form for {h} h"),
    Missing.O2_FLOW: _Window(_bedside, _oxygen_h, _NOT_CHARTED),
    Missing.ICE: _Window(_bedside, _neuro_h, _IN_PART),
    Missing.CAPD: _Window(_bedside, _neuro_h, _IN_PART),
    Missing.CONSCIOUSNESS: _Window(_bedside, _neuro_h, "not charted clearly for {h} h"),
}
_NO_CODE = "the code map of this site has no code for it"
_PLAIN: dict[str, str] = {
    Missing.OXYGEN_NEED: "not charted",
    Missing.ADMINISTRATIONS: "not read",
    Missing.SEIZURE_DURATION: "not charted",
    Missing.NEURO_EXAM: "not charted anew",
    Missing.WEIGHT: "no accepted one in {p.weight_max_age_d} days",
    Missing.AGE: "no birth date",
    Missing.HISTORY: "not read back to the infusion",
    Missing.INFUSION: "not read",
}


def gap_reason(key: str, snapshot: Snapshot, words: Words) -> str:
    """Why an input is missing; empty for a key without more to say, such as a laboratory name."""
    if key in _WINDOWS:
        return _window_reason(_WINDOWS[key], snapshot, words)
    if key == Missing.AGE and snapshot.reach.patient == NEVER:
        return "not read"
    if key == Missing.WEIGHT and snapshot.reach.labs == NEVER:
        return "not read"
    return _PLAIN.get(key, "").format(p=words.policy)


def gap_text(key: str, snapshot: Snapshot, words: Words) -> str:
    """A missing input with its reason: "temperature (not charted for 24 h)"."""
    reasons = [gap_reason(key, snapshot, words)]
    if key in words.unmapped:
        reasons.append(_NO_CODE)
    reason = "; ".join(filter(None, reasons))
    return f"{missing_name(key)} ({reason})" if reason else missing_name(key)


def stale_text(key: str, snapshot: Snapshot, words: Words) -> str:
    """A stale input with the time of its last value, where that is known."""
    last = _last(key, snapshot)
    return missing_name(key) if last is None else f"{missing_name(key)} (last {words.time(last)})"


def _window_reason(window: _Window, snapshot: Snapshot, words: Words) -> str:
    hours, reach = window.hours(words.policy), window.reach(snapshot.reach)
    if reach <= snapshot.now - hours * HOUR:
        return window.gap.format(h=hours)
    if reach > snapshot.now:
        return "not read"
    return f"read only back to {words.time(reach)}"


def _last(key: str, snapshot: Snapshot) -> Instant | None:
    times: dict[str, Iterable[Instant]] = {
        Missing.TEMPERATURE: (fact.t for fact in snapshot.temperatures),
        Missing.BLOOD_PRESSURE: (fact.t for fact in snapshot.pressures),
        Missing.SPO2: (fact.t for fact in snapshot.spo2),
        Missing.ICE: (fact.t for fact in snapshot.ice),
        Missing.CAPD: (fact.t for fact in snapshot.capd),
        Missing.CONSCIOUSNESS: (fact.t for fact in snapshot.arousal),
    }
    return max(times.get(key, ()), default=None)
