"""Builders of FHIR R4 resources of Patient A: one import for all of them.

Moments are written as the time before `NOW` ("26h", "1d2h", "0"), after it ("+5m") or as FHIR
text; concepts as "system|code" or "text|words" (`tests.fhir_basics`). Every builder takes further
elements of its resource as keywords, None leaving one out, and makes the id from the content.
"""

from __future__ import annotations

from tests.ehr import bundle, prefetch_for
from tests.fhir_basics import (
    NOW,
    NOW_TEXT,
    PATIENT_ID,
    at_text,
    concept,
    identified,
    moment,
    period,
    quantity,
)
from tests.fhir_codes import Resource
from tests.observation_builders import (
    capd,
    consciousness,
    device,
    finding,
    fio2,
    flow,
    full_ice,
    grade,
    ice,
    lab,
    mean_pressure,
    observation,
    pressure,
    spo2,
    temperature,
    weight,
)
from tests.record_builders import (
    cells,
    condition,
    given,
    infused,
    medication,
    ongoing,
    order_test,
    ordered,
    patient,
    procedure,
    report,
)

__all__ = [
    "NOW",
    "NOW_TEXT",
    "PATIENT_ID",
    "Resource",
    "at_text",
    "bundle",
    "capd",
    "cells",
    "concept",
    "condition",
    "consciousness",
    "device",
    "finding",
    "fio2",
    "flow",
    "full_ice",
    "given",
    "grade",
    "ice",
    "identified",
    "infused",
    "lab",
    "mean_pressure",
    "medication",
    "moment",
    "observation",
    "ongoing",
    "order_test",
    "ordered",
    "patient",
    "period",
    "prefetch_for",
    "pressure",
    "procedure",
    "quantity",
    "report",
    "spo2",
    "temperature",
    "weight",
]
