"""How much of a medicine a draft order has, and when."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.fhir_codes import Resource
from tests.fhir_mappings.drafting import dosed, draft_order, the_draft
from tests.fhir_mappings.reading import ago

# --- how much and when ---------------------------------------------------------------------------

NONE: tuple[Any, ...] = (None, None, False)
UNCLEAR = (None, None, True)


def written(*amounts: Resource) -> Resource:
    """One instruction whose amount is written in several ways."""
    return {"doseAndRate": list(amounts)}


def amount(value: Any, unit: str | None = None, code: str | None = None) -> Resource:
    return {"doseQuantity": {"value": value, "unit": unit, "code": code}}


@pytest.mark.parametrize(
    ("instruction", "expected"),
    [
        (dosed(**amount(560, "mg")), (Decimal(560), None, False)),
        (dosed(**amount(1, "g")), (Decimal(1000), None, False)),
        (dosed(**amount(8, "mg/kg")), (None, Decimal(8), False)),
        (dosed(**amount(5, code="ug/kg")), (None, Decimal("0.005"), False)),
        (dosed(**amount(0.4, "mg/kg/dose")), (None, Decimal("0.4"), False)),
        (dosed(**amount(20, "mL")), UNCLEAR),
        (dosed(**amount(1, "tablet")), UNCLEAR),
        (dosed(**amount(400)), UNCLEAR),
        (dosed(**amount("NaN", "mg")), UNCLEAR),
        (dosed(doseQuantity={"value": 560, "unit": "mg", "comparator": "<"}), UNCLEAR),
        (dosed(**amount(-5, "mg")), UNCLEAR),
        (dosed(doseRange={"low": {"value": 1, "unit": "mg"}}), UNCLEAR),
        (dosed(text="400 mg IV once"), UNCLEAR),
        (dosed(text="once, over 60 minutes"), NONE),
        (dosed(**amount(None, "mg")), NONE),
        (dosed(rateQuantity={"value": 100, "unit": "mL/h"}), NONE),
        (dosed("iv"), NONE),
        (amount(900, "mg"), (Decimal(900), None, False)),
        (amount(8, "mg/kg"), (None, Decimal(8), False)),
        (amount(45, "mL"), UNCLEAR),
        ({"doseRange": {"low": {"value": 800, "unit": "mg"}}}, UNCLEAR),
        ({"doseRange": None, "doseQuantity": None}, NONE),
        ({"rateQuantity": {"value": 100, "unit": "mL/h"}}, NONE),
        (dosed(**amount(560, "mg")) | amount(900, "mg"), (Decimal(900), None, False)),
        (None, NONE),
        ("400 mg", UNCLEAR),
    ],
)
def test_how_much(instruction: Any, expected: tuple[Any, ...]) -> None:
    draft = the_draft(draft_order(dosageInstruction=None if instruction is None else [instruction]))

    assert (draft.mg, draft.mg_per_kg, draft.dose_unclear) == expected


@pytest.mark.parametrize(
    ("instructions", "expected"),
    [
        ([dosed(**amount(560, "mg")), dosed(**amount(8000, "mg"))], (Decimal(8000), None, False)),
        ([dosed(**amount(8000, "mg")), dosed(**amount(560, "mg"))], (Decimal(8000), None, False)),
        ([written(amount(8, "mg/kg"), amount(12, "mg/kg"))], (None, Decimal(12), False)),
        ([written(amount(8, "mg/kg"), amount(560, "mg"))], (Decimal(560), None, False)),
        ([written(amount(28, "mL"), amount(560, "mg"))], (Decimal(560), None, False)),
        ([written(amount(28, "mL"), amount(1, "vial"))], UNCLEAR),
        (
            [dosed(**amount(560, "mg")), dosed(**amount(8, "mg/kg"))],
            (Decimal(560), Decimal(8), True),
        ),
        ([dosed(**amount(560, "mg")), dosed(**amount(40, "mL"))], (Decimal(560), None, True)),
        ([dosed(**amount(560, "mg")), dosed(**amount(560))], (Decimal(560), None, True)),
        ([dosed(**amount(560, "mg")), 5], (Decimal(560), None, True)),
        ([dosed(**amount(560, "mg")), dosed(text="after 8 h")], (Decimal(560), None, False)),
    ],
)
def test_of_several_amounts_the_greatest_counts(
    instructions: Any, expected: tuple[Any, ...]
) -> None:
    draft = the_draft(draft_order(dosageInstruction=instructions))

    assert (draft.mg, draft.mg_per_kg, draft.dose_unclear) == expected


@pytest.mark.parametrize(
    ("timing", "start"),
    [
        ({"event": ["2026-11-22T13:00:00Z"]}, ago("1h")),
        ({"event": ["2026-11-22T13:00:00Z", "2026-11-22T11:00:00Z"]}, ago("3h")),
        ({"event": "2026-11-22T13:00:00Z"}, ago("1h")),
        ({"event": ["soon", "2026-11-22T13:00:00Z"]}, ago("1h")),
        ({"repeat": {"boundsPeriod": {"start": "2026-11-22T12:00:00Z"}}}, ago("2h")),
        (
            {"event": ["2026-11-22T13:00:00Z"], "repeat": {"boundsPeriod": {"start": "2026"}}},
            ago("1h"),
        ),
        ({"event": [7, "soon"], "repeat": {"boundsPeriod": {"end": "2026-11-22"}}}, None),
        ({"repeat": {"boundsPeriod": 7}}, None),
        ({}, None),
    ],
)
def test_the_first_scheduled_time(timing: Resource, start: int | None) -> None:
    assert the_draft(draft_order(dosageInstruction=[{"timing": timing}])).start == start


@pytest.mark.parametrize(
    ("repeat", "hours"),
    [
        ({"frequency": 1, "period": 8, "periodUnit": "h"}, Decimal(8)),
        ({"frequency": 2, "period": 1, "periodUnit": "d"}, Decimal(12)),
        ({"period": 6, "periodUnit": "h"}, Decimal(6)),
        ({"frequency": 0, "period": 6, "periodUnit": "h"}, Decimal(6)),
        ({"frequency": "NaN", "period": 6, "periodUnit": "h"}, Decimal(6)),
        ({"frequency": 1, "period": "Infinity", "periodUnit": "h"}, None),
        ({"frequency": 1, "period": 1e9, "periodUnit": "h"}, None),
        ({"frequency": 1, "period": 8}, None),
    ],
)
def test_hours_between_doses(repeat: Resource, hours: Decimal | None) -> None:
    timing = {"timing": {"repeat": repeat}}
    assert the_draft(draft_order(dosageInstruction=[timing])).every_h == hours
