"""The patient record as it stands at one instant, in the words of the core."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from fhir_mappings.record import TIMED, PatientRecord, start_of
from grading.knowledge import Policy
from grading.model import DAY, MINUTE, NEVER, Dose, Instant, Snapshot


def build_snapshot(record: PatientRecord, now: Instant, policy: Policy) -> Snapshot:
    """What is known at `now`: facts after it are left out, open periods end at it (READ-1)."""
    kinds = {name: _until(record.facts[name], now) for name in TIMED}
    if record.open_refs:
        kinds = {name: _opened(facts, record, now) for name, facts in kinds.items()}
    doses = tuple(_dated(dose, record, now) for dose in _until(record.facts["doses"], now))
    reach = replace(record.reach, infusion=_infusion_reach(record, now))
    if not policy.administrations_published:
        reach = replace(reach, doses=NEVER)
    return Snapshot(
        now=now,
        birth=record.birth_at(now),
        deceased=record.died is not None and record.died <= now,
        doses=doses,
        labs={name: _until(facts, now) for name, facts in record.labs.items()},
        orders=_dated_until(record.facts["orders"], now),
        risks=_dated_until(record.facts["risks"], now),
        oxygen_refused=tuple(t for t in record.oxygen_refused if t <= now),
        reach=reach,
        **kinds,
    )


def _until(facts: Sequence[Any], now: Instant) -> tuple[Any, ...]:
    """Facts that begin at `now` or before; they are sorted by their start."""
    return tuple(facts[: bisect_right(facts, now, key=start_of)])


def _dated_until(facts: Sequence[Any], now: Instant) -> tuple[Any, ...]:
    """Facts without a time, and those of `now` or before."""
    return tuple(fact for fact in facts if fact.t is None or fact.t <= now)


def _opened(facts: tuple[Any, ...], record: PatientRecord, now: Instant) -> tuple[Any, ...]:
    """A finding over an open period stands at `now`."""
    return tuple(fact._replace(t=now) if fact.ref in record.open_refs else fact for fact in facts)


def _dated(dose: Dose, record: PatientRecord, now: Instant) -> Dose:
    """A dose with a date only was given at its last minute that is not after `now` (READ-1)."""
    if not dose.date_only:
        return dose
    last = record.until.get(dose.ref, dose.start + DAY - MINUTE)
    return dose._replace(start=min(last, now) // MINUTE * MINUTE)


def _infusion_reach(record: PatientRecord, now: Instant) -> Instant:
    """From which instant on it is known whether there was an infusion (READ-9).

    One of which only the month or year is told may have been until the end of it.
    """
    ends = (when.last + 1 for when in record.vague_infusions if when.first <= now)
    return max((record.reach.infusion, *ends))
