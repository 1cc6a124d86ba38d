"""Snapshots from the rows of a case file: times in hours relative to now, the usual patient else.

The usual patient (clinical-rules.md section 9): adult, axi-cel 75 h ago, afebrile, SBP 118, SpO2 97
on room air, ICE 10 and awake an hour ago.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from fhir_mappings.codes import SHIPPED
from fhir_mappings.keys import LABS
from fhir_mappings.units import CANONICAL
from grading.model import (
    DAY,
    HOUR,
    NEVER,
    Arousal,
    BirthDate,
    CapdScore,
    ChartedGrade,
    Device,
    Dose,
    DoseStatus,
    IceTest,
    InfusionRecord,
    Instant,
    LabResult,
    Level,
    Measured,
    Order,
    OverlapKind,
    OverlapSign,
    Pressure,
    Reach,
    Remark,
    Risk,
    RiskKind,
    Seizure,
    SeizureKind,
    Sign,
    SignKind,
    Snapshot,
    Study,
    StudyKind,
    Support,
)

NOW: Instant = 1_795_356_000_000
"""2026-11-22T14:00:00Z."""
CASES = Path(__file__).parent / "cases"

USUAL: Mapping[str, Any] = {
    "age": 50,
    "cells": [{"h": -75, "product": "axi-cel"}],
    "temp": [{"h": -1, "value": 36.8}],
    "bp": [{"h": -1, "sbp": 118}],
    "spo2": [{"h": -1, "value": 97}],
    "device": [{"h": -1, "is": "room-air"}],
    "ice": [{"h": -1, "score": 10}],
    "arousal": [{"h": -1, "level": "spontaneous"}],
}


def at(hours: float | Decimal) -> Instant:
    """The instant `hours` after now."""
    return NOW + round(Decimal(str(hours)) * HOUR)


def number(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _measured(kind: str, row: Mapping[str, Any], index: int) -> Measured:
    return Measured(
        at(row["h"]),
        Decimal(str(row["value"])),
        row.get("ref", f"{kind}/{index}"),
        tuple(row.get("flags", ())),
        row.get("other", False),
    )


def _lab(name: str, row: Mapping[str, Any], index: int) -> LabResult:
    """A result in the unit that the core keeps it in; `low` and `high` are its normal range."""
    return LabResult(
        at(row["h"]),
        Decimal(str(row["value"])),
        f"{name}/{index}",
        CANONICAL[SHIPPED.sets[LABS[name]].kind],
        tuple(row.get("flags", ())),
        row.get("other", False),
        number(row.get("low")),
        number(row.get("high")),
    )


def _overlap_sign(row: Mapping[str, Any], index: int) -> OverlapSign:
    return OverlapSign(
        at(row["h"]),
        OverlapKind(row["is"]),
        row.get("text", ""),
        f"finding/{index}",
        tuple(row.get("flags", ())),
        row.get("other", False),
    )


def _pressure(row: Mapping[str, Any], index: int) -> Pressure:
    values = [number(row.get(key)) for key in ("sbp", "map", "dbp")]
    flags = (Remark.CALCULATED,) if row.get("calculated") else ()
    return Pressure(at(row["h"]), *values, f"bp/{index}", flags, row.get("other", False))


def _support(row: Mapping[str, Any], index: int) -> Support:
    end = None if "end" not in row else at(row["end"])
    return Support(
        at(row["h"]),
        Device(row["is"]),
        row.get("text", row["is"]),
        row.get("ref", f"device/{index}"),
        row.get("interval", False),
        end,
        row.get("airway_only", False),
        (Remark.UNCONFIRMED,) if row.get("supposed") else (),
        row.get("other", False),
        row.get("procedure", False),
    )


def _route(value: Any) -> bool | None:
    """TOML has no null: a route that is not charted is `unknown`."""
    return None if value == "unknown" else value


def _dose(row: Mapping[str, Any], index: int) -> Dose:
    return Dose(
        start=at(row["h"]),
        end=None if "end" not in row else at(row["end"]),
        drug=row["drug"],
        ref=f"dose/{index}",
        status=DoseStatus(row.get("status", "given")),
        has_period=row.get("period", "end" in row),
        rate=number(row.get("rate")),
        mg=number(row.get("mg")),
        systemic=row.get("systemic", True),
        intravenous=_route(row.get("iv", True)),
        other_cause=row.get("other", False),
        ml=number(row.get("ml")),
        bolus=row.get("bolus"),
    )


def _ice(row: Mapping[str, Any], index: int) -> IceTest:
    worst = row.get("worst", row.get("score"))
    return IceTest(
        at(row["h"]),
        worst,
        row.get("best", worst),
        f"ice/{index}",
        tuple(row.get("missing", ())),
        (),
        row.get("other", False),
    )


def _capd(row: Mapping[str, Any], index: int) -> CapdScore:
    low = row.get("low", row.get("score"))
    return CapdScore(at(row["h"]), low, row.get("high", low), f"capd/{index}")


def _arousal(row: Mapping[str, Any], index: int) -> Arousal:
    level = Level[row["level"].upper().replace("-", "_")]
    return Arousal(
        at(row["h"]),
        level,
        row["level"],
        f"arousal/{index}",
        (),
        row.get("other", False),
        row.get("scale", ""),
    )


def _seizure(row: Mapping[str, Any], index: int) -> Seizure:
    kind = SeizureKind(row["kind"])
    other = row.get("other", False)
    flags = tuple(row.get("flags", ()))
    minutes = number(row.get("minutes"))
    return Seizure(at(row["h"]), kind, minutes, f"seizure/{index}", flags, other)


def _sign(row: Mapping[str, Any], index: int) -> Sign:
    return Sign(
        at(row["h"]),
        SignKind(row["is"]),
        row.get("imaging", False),
        f"sign/{index}",
        tuple(row.get("flags", ())),
        denies=SignKind(row["denies"]) if "denies" in row else None,
    )


def _weight(row: Mapping[str, Any], index: int) -> Measured:
    return _measured("weight", row, index)._replace(detail=row.get("detail", ""))


def _order(row: Mapping[str, Any], index: int) -> Order:
    """An order of now, unless the row has a time or is `undated`."""
    return Order(
        key=row["drug"] if "drug" in row else row["test"],
        t=None if row.get("undated") else at(row.get("h", 0)),
        ref=row.get("ref", f"order/{index}"),
        draft=row.get("draft", False),
        systemic=row.get("systemic", True),
        intravenous=row.get("iv"),
        mg=number(row.get("mg")),
        every_h=number(row.get("every_h")),
        on_hold=row.get("on_hold", False),
    )


def _study(row: Mapping[str, Any], index: int) -> Study:
    return Study(at(row["h"]), StudyKind(row["is"]), f"study/{index}")


def _birth(age: Any) -> BirthDate | None:
    """`age` in years, `[youngest, oldest]` in days, or -1: not known."""
    if isinstance(age, list):
        youngest, oldest = age
        return BirthDate(NOW - oldest * DAY, NOW - youngest * DAY)
    if age < 0:
        return None
    born = NOW - age * 36525 * DAY // 100 - DAY
    return BirthDate(born, born)


def _reach(row: Mapping[str, Any]) -> Reach:
    times = {key: NEVER if hours == "never" else at(hours) for key, hours in row.items()}
    return replace(Reach(), **times)


def snapshot(case: Mapping[str, Any]) -> Snapshot:
    """The snapshot of a case; a key that the case does not name keeps the usual rows."""
    rows = {**USUAL, **case}

    def each(key: str) -> Iterator[tuple[Mapping[str, Any], int]]:
        return ((row, index) for index, row in enumerate(rows.get(key) or ()))

    return Snapshot(
        now=NOW,
        birth=_birth(rows["age"]),
        deceased=rows.get("deceased", False),
        infusions=tuple(
            InfusionRecord(
                at(row["h"]), row.get("date_only", False), row.get("product"), f"cells/{index}"
            )
            for row, index in each("cells")
        ),
        temperatures=tuple(_measured("temp", *item) for item in each("temp")),
        pressures=tuple(_pressure(*item) for item in each("bp")),
        spo2=tuple(_measured("spo2", *item) for item in each("spo2")),
        flows=tuple(_measured("flow", *item) for item in each("flow")),
        fio2=tuple(_measured("fio2", *item) for item in each("fio2")),
        oxygen_refused=tuple(at(row["h"]) for row, _ in each("refused")),
        supports=tuple(_support(*item) for item in each("device")),
        doses=tuple(_dose(*item) for item in each("dose")),
        ice=tuple(_ice(*item) for item in each("ice")),
        capd=tuple(_capd(*item) for item in each("capd")),
        arousal=tuple(_arousal(*item) for item in each("arousal")),
        seizures=tuple(_seizure(*item) for item in each("seizure")),
        signs=tuple(_sign(*item) for item in each("sign")),
        opening_pressures=tuple(_measured("lp", *item) for item in each("lp")),
        charted_grades=tuple(
            ChartedGrade(at(row["h"]), row["syndrome"], row.get("grade"), f"grade/{index}")
            for row, index in each("charted")
        ),
        weights=tuple(_weight(*item) for item in each("weight")),
        labs={
            name: tuple(_lab(name, row, index) for index, row in enumerate(results))
            for name, results in (rows.get("labs") or {}).items()
        },
        overlap_signs=tuple(_overlap_sign(*item) for item in each("overlap")),
        orders=tuple(_order(*item) for item in each("order")),
        studies=tuple(_study(*item) for item in each("study")),
        risks=tuple(
            Risk(
                None if "h" not in row else at(row["h"]),
                RiskKind(row["is"]),
                f"risk/{index}",
                row.get("text", ""),
            )
            for row, index in each("risk")
        ),
        reach=_reach(rows.get("reach", {})),
    )


def cases(name: str) -> list[dict[str, Any]]:
    """The cases of one file of `cases/`."""
    text = (CASES / f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text, parse_float=Decimal)["case"]
