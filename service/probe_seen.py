"""What was read of a patient, input by input: the rows of the probe."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cards.unread import reason_text
from fhir_mappings.record import start_of
from fhir_mappings.resources import AnyResource, Medication, Observation
from fhir_mappings.site_codes import SiteCodes
from fhir_mappings.times import iso
from grading.model import HOUR, Instant
from service.chart import Chart
from service.probe_codes import (
    TEXT_ONLY,
    Unmapped,
    coded,
    labels_of,
    unknown_medicines,
    unmapped,
)
from service.probe_inputs import INPUTS, Input


@dataclass(frozen=True, slots=True)
class Row:
    """One input: how much of it was found, how it is coded, what is wrong.

    `count`: facts of it in the chart as read. `unit`: as sent. `newest`: instant of the newest,
    with `age_h` hours since. `query`: the prefetch keys that delivered it. `problem`: why there is
    none, or why some were not used; empty: nothing.
    """

    name: str
    used_for: str
    count: int
    coding: str = ""
    by_text: bool = False
    unit: str = ""
    newest: str = ""
    age_h: float | None = None
    query: tuple[str, ...] = ()
    problem: str = ""


class Seen:
    """The resources that were read, by reference, with the keys that delivered them."""

    def __init__(
        self, chart: Chart, now: Instant, beyond: Iterable[Observation], codes: SiteCodes
    ) -> None:
        """Index a chart; `beyond` are Observations from searches that the service does not make.

        Our codings are set beside those of the site by its map, `codes`.
        """
        self._chart, self._now = chart, now
        self._resources: dict[str, AnyResource] = {}
        self._keys: dict[str, list[str]] = {}
        for key, read in chart.reads.items():
            found = (each for page in read.all_pages() for each in page.resources)
            for each in (each for each in found if each.ref):
                self._resources[each.ref] = codes.translated(each)
                self._keys.setdefault(each.ref, []).append(key)
        self._medications = {
            ref: each for ref, each in self._resources.items() if isinstance(each, Medication)
        }
        translated = (codes.translated(each) for each in beyond)
        found_beyond = (each for each in translated if isinstance(each, Observation))
        unseen = {each.ref: each for each in found_beyond if each.ref not in self._resources}
        self._beyond = tuple(unseen.values())

    def row(self, wanted: Input) -> Row:
        """What the chart holds of one input."""
        facts = list(wanted.of(self._chart.record, self._now))
        problem = self._problem(wanted, bool(facts))
        if not facts:
            return Row(wanted.name, wanted.used_for, 0, problem=problem)
        newest = max(facts, key=start_of)
        how = coded(self._resources.get(newest.ref), wanted.label, self._medications)
        keys = {key for fact in facts for key in self._keys.get(fact.ref, ())}
        return Row(
            wanted.name,
            wanted.used_for,
            len(facts),
            how.coding,
            how.coding.startswith(TEXT_ONLY),
            how.unit,
            iso(start_of(newest)),
            round((self._now - start_of(newest)) / HOUR, 1),
            tuple(sorted(keys)),
            problem,
        )

    def age(self) -> Row:
        """Whether the patient's age is known."""
        birth = self._chart.record.birth
        problem = "" if birth is not None else "no birthDate"
        return Row("age", "CRS, ICANS", int(birth is not None), query=("patient",), problem=problem)

    def _problem(self, wanted: Input, is_found: bool) -> str:
        """Why an input was not found, or what of it was refused."""
        told = [
            f"{each.count} x {each.kind}"
            for each in self._chart.record.issues_at(self._now)
            if each.label == wanted.label and wanted.label
        ]
        if is_found:
            return ", ".join(told)
        told += [
            f"{key} not read: {reason_text(self._chart.failures[key])}"
            for key in wanted.keys
            if key in self._chart.failures
        ]
        if hidden := [each for each in self._beyond if wanted.label in labels_of(each)]:
            told.append(f"{len(hidden)} charted that no query of the service delivers")
        return ", ".join(told) or ("none recorded" if wanted.drugs else "not charted")

    def unmapped(self, rows: Iterable[Row]) -> tuple[Unmapped, ...]:
        """Codes that mean nothing to the service; laboratory ones where a laboratory is missing."""
        labs = {each.name for each in INPUTS if each.facts == "labs"}
        lacks_lab = any(row.name in labs and not row.count for row in rows)
        delivered = [each for each in self._resources.values() if isinstance(each, Observation)]
        beyond = (each for each in self._beyond if lacks_lab or not _is_laboratory(each))
        return unmapped([*delivered, *beyond])

    def medicines(self) -> tuple[str, ...]:
        """Medicines that no drug list can know."""
        return unknown_medicines(self._resources.values(), self._medications)


def _is_laboratory(observation: Observation) -> bool:
    return b"laboratory" in bytes(observation.category)
