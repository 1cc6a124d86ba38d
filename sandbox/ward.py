"""The ward list: who is there, and of each the grade, the day and the newest vital signs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sandbox.catalog import Resource
from sandbox.client import Hook
from sandbox.course import course
from sandbox.desk import Call, Desk
from sandbox.fhir import Fhir

MOST: Final = 60
"""Patients on one list; a server with more shows its first ones."""
_BEDSIDE: Final = "bedside"
"""The prefetch key of vital signs and neurologic checks."""
_NEWEST: Final = ("T", "systolic", "MAP", "SpO2", "device", "flow", "ICE", "CAPD")


def patients(fhir: Fhir) -> tuple[list[Resource], bool]:
    """The first patients by id, and whether there are more; raises `FhirError`."""
    found: list[Resource] = []
    for resource in fhir.search("Patient", {"_count": str(MOST), "_sort": "_id"}):
        if len(found) == MOST:
            return found, True
        found.append({"id": resource["id"], "name": name_of(resource)})
    return sorted(found, key=lambda each: each["name"]), False


def row(desk: Desk, patient_id: str) -> Resource:
    """Grades as the service gives them and the newest vital signs as charted.

    The vital signs are those that were prefetched for the hook. Raises `ClientError`.
    """
    fired = desk.fire(Call(Hook.PATIENT_VIEW, patient_id))
    entries = fired["request"].get("prefetch", {}).get(_BEDSIDE, {}).get("entry", ())
    series = course(each["resource"] for each in entries if "resource" in each)
    told = ("indicator", "summary")
    return {
        "status": fired["status"],
        "problem": fired["problem"],
        "assessment": fired["assessment"],
        "cards": [{key: card.get(key) for key in told} for card in fired["cards"]],
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
