"""A chart being written: numbers, dates and addresses the resources of one patient."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Final

from sandbox.catalog import UMBRELLA, Resource, coding, concept
from sandbox.story import Ehr, Entry, Story

_CATEGORIES: Final = "http://terminology.hl7.org/CodeSystem/observation-category"


class Chart:
    """Collects resources; ids are the patient's id, the type and a counter, so they never vary."""

    def __init__(self, story: Story, now: datetime) -> None:
        """`now` must have an offset; it is taken at its whole minute, so nothing lies after it."""
        self.story = story
        self.style = story.style
        self.resources: list[Resource] = []
        self._now = now.astimezone(timezone(timedelta(hours=story.style.offset_h)))
        self._now = self._now.replace(second=0, microsecond=0)
        self._numbers: Counter[str] = Counter()

    def instant(self, hours: Decimal) -> str:
        """The dateTime that many hours from now, in the chart's own offset."""
        moment = self._now + timedelta(seconds=int(hours * 3600))
        match self.style.ehr:
            case Ehr.CERNER:
                return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            case _:
                return moment.isoformat(timespec="seconds").replace("+00:00", "Z")

    def day(self, hours: Decimal) -> str:
        """The date that many hours from now, in the chart's own offset."""
        return self.instant(hours)[:10]

    def birth_date(self) -> str:
        """A date that makes the patient `age_y` years and some months old."""
        return (
            (self._now - timedelta(days=round(self.story.age_y * 365.25) + 120)).date().isoformat()
        )

    def period(self, entry: Entry) -> Resource:
        """A Period, open where the entry still lasts."""
        period = {"start": self.instant(entry.start)}
        if entry.end is not None:
            period["end"] = self.instant(entry.end)
        return period

    def add(self, kind: str, body: Resource) -> None:
        """Adds a resource of the patient."""
        self._numbers[kind] += 1
        self.resources.append(
            {
                "resourceType": kind,
                "id": f"{self.story.id}-{kind.lower()}-{self._numbers[kind]:03}",
                **body,
                "subject": {"reference": f"Patient/{self.story.id}"},
            }
        )

    def add_shared(self, resource: Resource) -> None:
        """Adds a resource that is no patient's (a Medication), once."""
        if resource not in self.resources:
            self.resources.append(resource)

    def observe(self, category: str, hours: Decimal, code: Resource, **rest: object) -> None:
        """Adds a final Observation; `rest` is its value, components or reference range."""
        self.add(
            "Observation",
            {
                "status": "final",
                "category": [{"coding": [{"system": _CATEGORIES, "code": category}]}],
                "code": code,
                "effectiveDateTime": self.instant(hours),
                **rest,
            },
        )

    def vital_code(self, row: Resource) -> Resource:
        """The code of a vital sign as this EHR writes it."""
        before = row.get(self.style.ehr, [])
        code = concept(row["text"], *before, *row["codings"])
        if self.style.ehr is Ehr.EPIC:
            code["coding"].append(coding(UMBRELLA))
        return code
