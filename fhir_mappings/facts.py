"""Where facts are put while a record is built, and how a time, a status, a number are taken."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import lru_cache
from typing import NamedTuple

from fhir_mappings.elements import NO_RAW, Component, Extension, Period, Quantity
from fhir_mappings.errors import RangeError, TimeError, UnitError
from fhir_mappings.issues import IssueKind, IssueLog
from fhir_mappings.parts import EXTENSIONS
from fhir_mappings.quantities import Amount, read_amount, takes_limit
from fhir_mappings.resources import Resource
from fhir_mappings.site_codes import NO_SITE_CODES, SiteCodes
from fhir_mappings.times import When, read_when
from grading.model import (
    Arousal,
    BirthDate,
    CapdScore,
    ChartedGrade,
    Dose,
    IceTest,
    InfusionRecord,
    Instant,
    LabResult,
    Measured,
    Order,
    OverlapSign,
    Pressure,
    Remark,
    Risk,
    Seizure,
    Sign,
    Study,
    Support,
)

_COUNTS = frozenset({"final", "amended", "corrected", "appended"})
_PRELIMINARY = frozenset({"preliminary", "partial"})
_NEVER = frozenset({"entered-in-error", "cancelled", "registered", "unknown"})


class At(NamedTuple):
    """When a finding stands, with the flags of its time; `is_open`: it runs on from `t`."""

    t: Instant
    flags: tuple[str, ...] = ()
    is_open: bool = False


@lru_cache(maxsize=16_384)
def point_at(text: str, zone: tzinfo, is_open: bool = False) -> At:
    """When a written time stands (READ-1).

    Raises:
        TimeError: it cannot be read.
    """
    found = read_when(text, zone)
    return At(found.first, (Remark.DATE_ONLY,) if found.date_only else (), is_open)


@dataclass(slots=True)
class Facts:
    """Facts as they are read, in no order; what was wrong with the data is in `log`.

    `zone` holds for times without one, `codes` are those of the site. `open_refs`: findings over a
    period that has not ended. `died`: from when on the patient is dead.
    `oxygen_refused`: when a device, flow or FiO2 was charted that cannot be used.
    `unresolved`: references to a Medication that nothing answers.
    `unplaced`: records of a CAR-T infusion that may have been, with a status or a time that cannot
    be used. `vague`: when such a record may have been of which only the month or year is told.
    `until`: the last instant of a dose of which only that is told.
    """

    zone: tzinfo
    codes: SiteCodes = NO_SITE_CODES
    log: IssueLog = field(default_factory=IssueLog)
    temperatures: list[Measured] = field(default_factory=list)
    pressures: list[Pressure] = field(default_factory=list)
    spo2: list[Measured] = field(default_factory=list)
    flows: list[Measured] = field(default_factory=list)
    fio2: list[Measured] = field(default_factory=list)
    oxygen_refused: list[Instant] = field(default_factory=list)
    supports: list[Support] = field(default_factory=list)
    doses: list[Dose] = field(default_factory=list)
    ice: list[IceTest] = field(default_factory=list)
    capd: list[CapdScore] = field(default_factory=list)
    arousal: list[Arousal] = field(default_factory=list)
    seizures: list[Seizure] = field(default_factory=list)
    signs: list[Sign] = field(default_factory=list)
    opening_pressures: list[Measured] = field(default_factory=list)
    weights: list[Measured] = field(default_factory=list)
    charted_grades: list[ChartedGrade] = field(default_factory=list)
    overlap_signs: list[OverlapSign] = field(default_factory=list)
    labs: dict[str, list[LabResult]] = field(default_factory=lambda: defaultdict(list))
    orders: list[Order] = field(default_factory=list)
    studies: list[Study] = field(default_factory=list)
    risks: list[Risk] = field(default_factory=list)
    infusions: list[InfusionRecord] = field(default_factory=list)
    birth: BirthDate | None = None
    died: Instant | None = None
    open_refs: set[str] = field(default_factory=set)
    unresolved: set[str] = field(default_factory=set)
    unplaced: set[str] = field(default_factory=set)
    vague: set[tuple[str, When]] = field(default_factory=set)
    until: dict[str, Instant] = field(default_factory=dict)

    def when(self, text: str, label: str, ref: str) -> When | None:
        """A written time; None: it cannot be read (noted)."""
        try:
            return read_when(text, self.zone)
        except TimeError:
            self.log.add(IssueKind.UNREADABLE_TIME, label, ref)
            return None

    def at(self, text: str | None, period: Period | None, label: str, ref: str) -> At | None:
        """When a finding stands: its time, else the end of its period; None: not told, or noted.

        A day without time stands at its 00:00, a period without an end runs on (READ-1).
        """
        is_open = False
        if not text and period is not None:
            text, is_open = period.end or period.start, not period.end
        if not text:
            return None
        try:
            return point_at(text, self.zone, is_open)
        except TimeError:
            self.log.add(IssueKind.UNREADABLE_TIME, label, ref)
            return None

    def stands(
        self, text: str | None, period: Period | None, issued: str | None, label: str, ref: str
    ) -> At | None:
        """When a result stands: effective time, else when it was issued; None: noted (READ-1)."""
        if text or (period is not None and (period.start or period.end)):
            return self.at(text, period, label, ref)
        if issued:
            return self.at(issued, None, label, ref)
        self.log.add(IssueKind.NO_TIME, label, ref)
        return None

    def infused(self, start: When, product: str | None, label: str, ref: str) -> None:
        """Take an infusion (READ-9); one without its day is noted, and when it may have been."""
        if start.lacks_day:
            self.log.add(IssueKind.NO_TIME, label, ref)
            self.vague.add((ref, start))
        else:
            self.infusions.append(InfusionRecord(start.first, start.date_only, product, ref))

    def status_flags(self, status: str | None, label: str, ref: str) -> tuple[str, ...] | None:
        """Flags of an Observation or report by its status; None: it never counts (READ-2)."""
        if status in _COUNTS:
            return ()
        if status in _PRELIMINARY:
            return (Remark.PRELIMINARY,)
        if status not in _NEVER:
            self.log.add(IssueKind.REFUSED_STATUS, label, ref)
        return None

    def amount(self, kind: str, quantity: Quantity, label: str, ref: str) -> Amount | None:
        """A number in the canonical unit of `kind`; None: refused (noted), or no number.

        A limit (`<90`) is no number that a line can be drawn by, and what is known of it is too
        little to grade. Only the end of what a laboratory or a manometer can measure is taken as it
        is, with a flag.
        """
        if quantity.value is None:
            return None
        if quantity.comparator and not takes_limit(kind, quantity.comparator):
            self.log.add(IssueKind.REFUSED_VALUE, label, ref)
            return None
        try:
            amount = read_amount(kind, quantity.value, quantity.code, quantity.unit)
        except RangeError:
            self.log.add(IssueKind.REFUSED_RANGE, label, ref)
        except UnitError:
            self.log.add(IssueKind.REFUSED_UNIT, label, ref)
        else:
            limit = (Remark.LIMIT,) if quantity.comparator else ()
            return amount._replace(flags=limit + amount.flags) if limit else amount
        return None


# --- attribution ---------------------------------------------------------------------------------

_ATTRIBUTION = "attribution"
_OTHER = "other"


def is_other_cause(item: Resource | Component) -> bool:
    """Whether a clinician stated that the finding is due to another cause (DEF-14)."""
    if item.extension is NO_RAW or not bytes(item.extension):
        return False
    return any(_says_other(extension) for extension in EXTENSIONS.all(item.extension))


def _says_other(extension: Extension) -> bool:
    """Whether it is our attribution extension with the answer `other`, as code or Coding."""
    if not (extension.url or "").endswith(_ATTRIBUTION):
        return False
    concept = extension.value_codeable_concept
    codings = [*(concept.coding if concept else ()), extension.value_coding]
    codes = {coding.code for coding in codings if coding is not None}
    return extension.value_code == _OTHER or _OTHER in codes
