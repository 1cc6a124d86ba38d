"""Scenarios as written in `scenarios/*.toml`: a chart of Patient A, and what is to be answered.

A case replaces kinds of the usual chart (the "common" patient of clinical-rules.md section 9) by
its own rows; each row holds the arguments of one builder. `[expect]` names what is compared;
`observed` brings an answer into the same words, so that a test is one comparison.
"""

from __future__ import annotations

import tomllib
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import builders
from tests.builders import NOW_TEXT, PATIENT_ID, Resource
from tests.ehr import advertised, bundle, prefetch_for, search
from tests.fhir_basics import subject
from tests.fhir_codes import LOCAL

FOLDER = Path(__file__).parent / "scenarios"
OTHER_CAUSE = {
    "url": f"{LOCAL}#attribution",
    "valueCode": "other",
}
EVALUATE_AT = "org.cart-toxicity-cds.evaluate-at"

_BUILDERS = {
    "patient": builders.patient,
    "cells": builders.cells,
    "temperature": builders.temperature,
    "pressure": builders.pressure,
    "mean_pressure": builders.mean_pressure,
    "spo2": builders.spo2,
    "device": builders.device,
    "flow": builders.flow,
    "fio2": builders.fio2,
    "weight": builders.weight,
    "lab": builders.lab,
    "ice": builders.ice,
    "capd": builders.capd,
    "consciousness": builders.consciousness,
    "finding": builders.finding,
    "observation": builders.observation,
    "grade": builders.grade,
    "given": builders.given,
    "infused": builders.infused,
    "ordered": builders.ordered,
    "order_test": builders.order_test,
    "procedure": builders.procedure,
    "ongoing": builders.ongoing,
    "condition": builders.condition,
    "report": builders.report,
}

USUAL: Mapping[str, list[dict[str, Any]]] = {
    "patient": [{}],
    "cells": [{"product": "axi-cel", "at": "75h"}],
    "temperature": [{"value": 36.8}],
    "pressure": [{"sbp": 118, "dbp": 72}],
    "spo2": [{"value": 97}],
    "device": [{"value": "room-air"}],
    "weight": [{"value": 70.0}],
    "ice": [{"total": 10}],
    "consciousness": [{"value": "awake"}],
}


@dataclass(frozen=True, slots=True)
class Case:
    """One scenario: its name, chart rows by kind, how it is delivered, and what is expected."""

    name: str
    rows: Mapping[str, list[dict[str, Any]]]
    unread: tuple[str, ...]
    outcome: tuple[str, ...]
    truncated: tuple[str, ...]
    expect: Mapping[str, Any]


def cases() -> Iterator[Case]:
    """Every case of every file, in order."""
    for path in sorted(FOLDER.glob("*.toml")):
        for written in tomllib.loads(path.read_text(encoding="utf-8"))["case"]:
            yield case_of(written)


def case_of(written: dict[str, Any]) -> Case:
    """A case from its table; what is left of the table are rows of the chart."""
    how = {key: tuple(written.pop(key, ())) for key in ("unread", "outcome", "truncated")}
    name, expect = written.pop("name"), written.pop("expect")
    written.pop("why", None)
    return Case(name, USUAL | written, expect=expect, **how)


def resources(case: Case) -> list[Resource]:
    """The chart of a case as FHIR resources."""
    built = (_BUILDERS[kind](**_row(row)) for kind, rows in case.rows.items() for row in rows)
    return [one for made in built for one in (made if isinstance(made, list) else [made])]


def _row(written: dict[str, Any]) -> dict[str, Any]:
    row = {name: None if value == "none" else value for name, value in written.items()}
    if row.pop("attribution", None) == "other":
        row["extension"] = [OTHER_CAUSE]
    return row


def request(case: Case, templates: Mapping[str, str] | None = None) -> Resource:
    """A patient-view call with the chart as prefetch, evaluated at `NOW`."""
    prefetch = prefetch_for(resources(case), templates=templates)
    strangers = [r for r in resources(case) if _is_foreign(r)]
    _deliver(prefetch, strangers)
    for key in case.truncated:
        prefetch[key] = _cut(prefetch[key])
    refused = {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": "security"}],
    }
    prefetch |= dict.fromkeys(case.outcome, refused)
    return patient_view({k: v for k, v in prefetch.items() if k not in case.unread})


def _is_foreign(resource: Resource) -> bool:
    return resource.get("subject", subject()) != subject()


def _deliver(prefetch: dict[str, Any], strangers: list[Resource]) -> None:
    for key in ("bedside", "trends"):
        page = prefetch[key]
        page["entry"] = page.get("entry", []) + [{"resource": r} for r in strangers]


def patient_view(prefetch: Mapping[str, Any] | None, **members: Any) -> Resource:
    """The envelope of a patient-view call about Patient A."""
    envelope = {
        "hook": "patient-view",
        "hookInstance": str(uuid.uuid5(uuid.NAMESPACE_URL, "patient-view")),
        "context": {"userId": "Practitioner/nurse-1", "patientId": PATIENT_ID},
        "extension": {EVALUATE_AT: NOW_TEXT},
    }
    return envelope | ({} if prefetch is None else {"prefetch": prefetch}) | members


def _cut(page: Resource | None) -> Resource:
    whole = page or bundle(search([], "Observation", ""), "Observation", "")
    later = {"relation": "next", "url": "http://ehr.example.org/fhir?page=2"}
    return whole | {"link": [*whole["link"], later]}


__all__ = ["Case", "advertised", "case_of", "cases", "patient_view", "request", "resources"]
