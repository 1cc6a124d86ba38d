"""The ward list: who is there, and of each the grade, the day and the newest vital signs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from sandbox.catalog import Resource
from sandbox.client import Hook
from sandbox.course import course
from sandbox.desk import Call, Desk
from sandbox.fhir import Fhir

MOST: Final = 60
"""Patients on one list; a server with more shows its first ones."""
_NEWEST: Final = ("T", "systolic", "MAP", "SpO2", "device", "flow", "ICE", "CAPD")


def patients(fhir: Fhir) -> tuple[list[Resource], bool]:
    """The first patients by id, and whether there are more; raises `FhirError`."""
    found: list[Resource] = []
    for resource in fhir.search("Patient", {"_count": str(MOST), "_sort": "_id"}):
        if len(found) == MOST:
            return found, True
        found.append({"id": resource["id"], "name": name_of(resource)})
    return sorted(found, key=lambda each: each["name"]), False


def row(fhir: Fhir, desk: Desk, patient_id: str) -> Resource:
    """Grades as the service gives them and the newest vital signs as charted.

    Raises `FhirError`, `ClientError`.
    """
    fired = desk.fire(Call(Hook.PATIENT_VIEW, patient_id))
    query = {"patient": patient_id, "_sort": "-date", "_count": "60"}
    page = fhir.read(f"Observation?{'&'.join(f'{name}={value}' for name, value in query.items())}")
    series = course(entry["resource"] for entry in page.get("entry", ()) if _charted(entry))
    return {
        "status": fired["status"],
        "problem": fired["problem"],
        "assessment": fired["assessment"],
        "cards": [
            {key: card.get(key) for key in ("indicator", "summary")} for card in fired["cards"]
        ],
        "newest": {name: series[name][-1] for name in _NEWEST if name in series},
    }


def person(patient: Resource, now: datetime) -> Resource:
    """Name, sex and age in years, as the head of a chart shows them."""
    born = str(patient.get("birthDate", ""))
    return {
        "id": patient["id"],
        "name": name_of(patient),
        "gender": patient.get("gender", ""),
        "born": born,
        "age": _years(born, now),
    }


def name_of(patient: Resource) -> str:
    """The name as text; the id where there is none."""
    names = patient.get("name") or [{}]
    parts = [*names[0].get("given", ()), names[0].get("family", "")]
    return str(names[0].get("text") or " ".join(filter(None, parts)) or patient["id"])


def _years(born: str, now: datetime) -> int | None:
    try:
        day = date.fromisoformat(born)
    except ValueError:
        return None
    today = now.date()
    return today.year - day.year - ((today.month, today.day) < (day.month, day.day))


def _charted(entry: Mapping[str, Any]) -> bool:
    return bool(entry.get("resource", {}).get("resourceType") == "Observation")
