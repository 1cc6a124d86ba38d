"""The ward list: who is there, and of each the grade, the day and the newest vital signs.

What the hooks need is read for everyone at once (`sandbox.bulk`); what was read and graded serves
for a minute, or until something is written.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

import requests

from sandbox.catalog import Resource
from sandbox.client import Hook
from sandbox.course import course
from sandbox.desk import Call, Desk
from sandbox.fhir import Fhir

MOST: Final = 60
"""Patients on one list; a server with more shows its first ones."""
_HELD_S: Final = 60
BEDSIDE: Final = "bedside"
"""The prefetch key of vital signs and neurologic checks."""
_NEWEST: Final = ("T", "systolic", "MAP", "SpO2", "device", "flow", "ICE", "CAPD")


class Ward:
    """The patients of one FHIR server, as rows of a list."""

    def __init__(self, fhir: Fhir, desk: Desk) -> None:
        """List who is on `fhir`, graded by way of `desk`."""
        self._fhir = fhir
        self._desk = desk
        self._rows: dict[str, tuple[float, Resource]] = {}
        self._reading = threading.Lock()

    def patients(self) -> tuple[list[Resource], bool]:
        """The first patients by id, and whether there are more; raises `FhirError`."""
        found: list[Resource] = []
        for resource in self._fhir.search("Patient", {"_count": str(MOST), "_sort": "_id"}):
            if len(found) == MOST:
                return found, True
            found.append({"id": resource["id"], "name": name_of(resource)})
        return sorted(found, key=lambda each: each["name"]), False

    def newest(self, patient_ids: Sequence[str]) -> dict[str, Resource]:
        """The newest vital signs of each as charted, read ahead for the hooks.

        Nobody is listed whose vital signs could not be read so. Raises `ClientError`.
        """
        with self._reading:
            held = {each: row["newest"] for each in patient_ids if (row := self._held(each))}
            wanted = [each for each in patient_ids if each not in held]
            read = self._desk.read_ahead(wanted) if wanted else {}
        found = {each: newest(keys[BEDSIDE]) for each, keys in read.items() if BEDSIDE in keys}
        return held | found

    def row(self, patient_id: str) -> Resource:
        """Grades as the service gives them, and the newest vital signs that were prefetched.

        Raises `ClientError`.
        """
        if row := self._held(patient_id):
            return row
        row = _row(self._desk.fire(Call(Hook.PATIENT_VIEW, patient_id, anew=False)))
        if row["status"] == requests.codes.ok:
            self._rows[patient_id] = time.monotonic(), row
        return row

    def _held(self, patient_id: str) -> Resource:
        """The row of less than a minute ago; empty where there is none."""
        made, row = self._rows.get(patient_id, (0.0, {}))
        return row if time.monotonic() - made < _HELD_S else {}

    def forget(self, patient_id: str) -> None:
        """Something was written: the row is to be made again."""
        self._rows.pop(patient_id, None)


def _row(fired: Resource) -> Resource:
    told = ("indicator", "summary")
    return {
        "status": fired["status"],
        "problem": fired["problem"],
        "assessment": fired["assessment"],
        "cards": [{key: card.get(key) for key in told} for card in fired["cards"]],
        "newest": newest(fired["request"].get("prefetch", {}).get(BEDSIDE, {})),
    }


def newest(bundle: Resource) -> Resource:
    """The newest of each vital sign and neurologic check in a searchset."""
    entries = bundle.get("entry", ())
    series = course(each["resource"] for each in entries if "resource" in each)
    return {name: series[name][-1] for name in _NEWEST if name in series}


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
