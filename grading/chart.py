"""One patient's facts made ready for grading at any instant: sorted, joined, classed by drug."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from grading.age import age_years
from grading.denials import PRESSURE_SIGNS, Denials
from grading.infused import PRESSORS, is_infused, may_be_infused
from grading.infusion import current_infusion, infusions
from grading.intubation import Intubations
from grading.knowledge import KNOWLEDGE, Policy
from grading.labs import Labs
from grading.model import (
    DAY,
    HOUR,
    MINUTE,
    Arousal,
    CapdScore,
    Dose,
    DoseStatus,
    IceTest,
    Infusion,
    InfusionRecord,
    Instant,
    Measured,
    Pressure,
    Remark,
    Risk,
    RiskKind,
    Seizure,
    Sign,
    SignKind,
    Snapshot,
    Support,
)
from grading.readings import Reading, readings
from grading.runs import Run, Runs, each_alone, is_bolus, runs_of
from grading.sedation import Sedation
from grading.series import Series, Spans

DRUGS = KNOWLEDGE.drugs
FEVER_DRUGS = DRUGS["antipyretic"] | DRUGS["steroid"] | DRUGS["anticytokine"]
_SEDATIVES = DRUGS["sedative-infusion"]


def _is_certain(support: Support) -> bool:
    return Remark.UNCONFIRMED not in support.flags


class Chart:
    """A snapshot prepared once; every property depends on nothing but snapshot and policy.

    Nothing before `start` (the first infusion of the course) opens an episode.
    """

    def __init__(self, snapshot: Snapshot, policy: Policy) -> None:
        """Prepare `snapshot`."""
        self.snapshot = snapshot
        self.policy = policy
        self.now: Instant = snapshot.now
        self.infusion: Infusion | None = current_infusion(snapshot, policy)
        self.start: Instant = self.infusion.course_t0 if self.infusion else snapshot.now
        self.temperatures: Series[Measured] = Series(snapshot.temperatures)
        self.spo2: Series[Measured] = Series(snapshot.spo2)
        self.flows: Series[Measured] = Series(snapshot.flows)
        self.fio2: Series[Measured] = Series(snapshot.fio2)
        self.readings: Series[Reading] = Series(
            readings(snapshot.pressures, policy.bp_pair_min * MINUTE)
        )
        self.points_of_support: Series[Support] = Series(
            item for item in snapshot.supports if not item.interval and _is_certain(item)
        )
        self.supposed_supports: Series[Support] = Series(
            item for item in snapshot.supports if not _is_certain(item)
        )
        self.intervals: Spans[Support] = Spans(
            sorted(
                (item for item in snapshot.supports if item.interval and _is_certain(item)),
                key=lambda item: (item.t, item.ref),
            )
        )
        self.ice: Series[IceTest] = Series(snapshot.ice)
        self.capd: Series[CapdScore] = Series(snapshot.capd)
        self.arousal: Series[Arousal] = Series(snapshot.arousal)
        seizures = [item for item in snapshot.seizures if not item.other_cause]
        self.seizures: Series[Seizure] = Series(item for item in seizures if item.is_certain)
        self.supposed_seizures: Series[Seizure] = Series(
            item for item in seizures if not item.is_certain
        )
        signs = [item for item in snapshot.signs if not item.other_cause and item.t >= self.start]
        self.signs: Series[Sign] = Series(item for item in signs if item.is_certain)
        self.supposed_signs: Series[Sign] = Series(item for item in signs if not item.is_certain)

    @cached_property
    def pressures(self) -> Series[Pressure]:
        """Blood pressures as they were charted; what is graded of them are the `readings`."""
        return Series(self.snapshot.pressures)

    @cached_property
    def rows_of_support(self) -> Mapping[str, Sequence[Support]]:
        """The charted rows of support by their reference."""
        found: dict[str, list[Support]] = {}
        for item in self.points_of_support.facts:
            found.setdefault(item.ref, []).append(item)
        return found

    @cached_property
    def supports_before(self) -> tuple[Support, ...]:
        """Supports charted, or running, in the days before the first infusion (DEF-14), by time."""
        start = self.start - self.policy.baseline_support_d * DAY
        points = self.points_of_support.window(start, self.start - 1)
        running = self.intervals.touching(start, self.start - 1)
        return tuple(sorted(running + points, key=lambda item: (item.t, item.ref)))

    @cached_property
    def intubations(self) -> Intubations:
        """Acts of intubation, and what carries each on (DEF-15)."""
        window = self.policy.oxygen_window_h * HOUR
        return Intubations(self.points_of_support, self.intervals, window)

    # --- signs ---------------------------------------------------------------------------------

    @cached_property
    def denials(self) -> Denials:
        """When findings of raised pressure, edema and hemorrhage are charted as gone (READ-15)."""
        return Denials(self.signs.facts)

    @cached_property
    def weakness(self) -> Series[Sign]:
        """Deep focal weakness and the absence of motor findings (DEF-12)."""
        kinds = (SignKind.MOTOR_WEAKNESS, SignKind.MOTOR_NONE)
        return Series(item for item in self.signs.facts if item.kind in kinds)

    @cached_property
    def pressure_signs(self) -> Series[Sign]:
        """Signs of raised pressure and edema, those that were only supposed too (DEF-13)."""
        every = (*self.signs.facts, *self.supposed_signs.facts)
        return Series(item for item in every if item.kind in PRESSURE_SIGNS)

    @cached_property
    def hemorrhages(self) -> Series[Sign]:
        """Intracranial hemorrhages that were stated (DEF-13)."""
        return Series(item for item in self.signs.facts if item.kind is SignKind.HEMORRHAGE)

    # --- the patient ---------------------------------------------------------------------------

    def age_at(self, at: Instant) -> int | None:
        """Completed years at `at`; None: not known."""
        return age_years(self.snapshot.birth, at)

    def day_at(self, at: Instant) -> int:
        """Day after the latest infusion at or before `at` (READ-9), 0 for the first 24 h."""
        return (at - self.infusion_before(at)) // DAY

    def infusion_before(self, at: Instant) -> Instant:
        """Start of the latest infusion at or before `at`, else of the first of the course."""
        return max((item.t for item in self._infusions if item.t <= at), default=self.start)

    def is_date_only(self, at: Instant) -> bool:
        """Whether that infusion is charted with a date only (READ-9)."""
        t = self.infusion_before(at)
        return any(item.date_only for item in self._infusions if item.t == t)

    @cached_property
    def _infusions(self) -> tuple[InfusionRecord, ...]:
        found = infusions(self.snapshot, self.policy)
        return tuple(record for record in found if record.t >= self.start)

    @cached_property
    def labs(self) -> Labs:
        """The laboratory results."""
        return Labs(self.snapshot.labs, self.now)

    def risk(self, kind: RiskKind) -> Risk | None:
        """The earliest-named condition of that kind, or None."""
        return self._risks.get(kind)

    @cached_property
    def _risks(self) -> Mapping[RiskKind, Risk]:
        found: dict[RiskKind, Risk] = {}
        for risk in sorted(self.snapshot.risks, key=lambda risk: risk.ref):
            found.setdefault(risk.kind, risk)
        return found

    # --- drugs ---------------------------------------------------------------------------------

    @cached_property
    def counted(self) -> tuple[Dose, ...]:
        """Administrations that certainly happened and act systemically, by start (READ-2, -7)."""
        return tuple(
            dose
            for dose in self.all_doses
            if dose.systemic and dose.status is not DoseStatus.UNCERTAIN
        )

    @cached_property
    def all_doses(self) -> tuple[Dose, ...]:
        """Every administration record up to `now`, by start."""
        return tuple(sorted(self.snapshot.doses, key=lambda dose: (dose.start, dose.ref)))

    def given(self, drugs: frozenset[str]) -> tuple[Dose, ...]:
        """Counted administrations of `drugs` by start, from `start` - `waiver_margin_h` on."""
        earliest = self.start - self.policy.waiver_margin_h * HOUR
        return tuple(dose for dose in self.counted if dose.drug in drugs and dose.start >= earliest)

    @cached_property
    def fever_drugs(self) -> tuple[Dose, ...]:
        """Antipyretics, steroids and anticytokine drugs given, by start (CRS-F3)."""
        return tuple(dose for dose in self.counted if dose.drug in FEVER_DRUGS)

    @cached_property
    def pressor_runs(self) -> Runs:
        """Runs of vasopressors that count (DEF-5)."""
        infused = (dose for dose in self._unattributed(PRESSORS) if is_infused(dose))
        return Runs(runs_of(infused, self.policy), self.policy)

    @cached_property
    def possible_pressors(self) -> Runs:
        """Records of vasopressors that may have been infusions and are not such for sure."""
        found = (
            dose
            for dose in (*self.counted, *self.uncertain)
            if dose.drug in PRESSORS and not dose.other_cause and may_be_infused(dose)
        )
        return each_alone(found, self.policy)

    @cached_property
    def sedative_runs(self) -> tuple[Run, ...]:
        """Runs of sedative infusions (DEF-10); what is not given into a vein is none."""
        return runs_of(self._sedatives, self.policy)

    def _unattributed(self, drugs: frozenset[str]) -> Iterable[Dose]:
        return (dose for dose in self.counted if dose.drug in drugs and not dose.other_cause)

    @cached_property
    def sedating_boluses(self) -> tuple[Dose, ...]:
        """Doses of sedatives that are no infusion: a note, and they never hide a grade (DEF-10)."""
        return tuple(
            dose
            for dose in self._unattributed(_SEDATIVES)
            if is_bolus(dose) or dose.intravenous is False
        )

    @cached_property
    def sedation(self) -> Sedation:
        """When the sedative infusions hide consciousness (DEF-10)."""
        return Sedation(self.sedative_runs, self.policy)

    @cached_property
    def possible_sedatives(self) -> Runs:
        """Sedatives whose giving is not certain, each as an infusion of its own (READ-2)."""
        found = (
            dose
            for dose in self.uncertain
            if dose.drug in _SEDATIVES and not dose.other_cause and dose.intravenous is not False
        )
        return each_alone(found, self.policy)

    @cached_property
    def awake_ice(self) -> Series[IceTest]:
        """ICE tests that were not done under sedation (DEF-10)."""
        return Series(item for item in self.ice.facts if not self.sedation.of_reading(item.t))

    @cached_property
    def awake_capd(self) -> Series[CapdScore]:
        """CAPD scores that were not charted under sedation (DEF-10)."""
        return Series(item for item in self.capd.facts if not self.sedation.of_reading(item.t))

    @property
    def _sedatives(self) -> Iterable[Dose]:
        doses = self._unattributed(_SEDATIVES)
        return (dose for dose in doses if dose.intravenous is not False)

    @cached_property
    def uncertain(self) -> tuple[Dose, ...]:
        """Systemic administrations that are not certain, by start: they raise hi only (READ-2)."""
        return tuple(
            dose
            for dose in self.all_doses
            if dose.systemic and dose.status is DoseStatus.UNCERTAIN and dose.rate != 0
        )

    # --- what was read -------------------------------------------------------------------------

    def doses_read(self, at: Instant) -> bool:
        """Whether administrations are known for the 24 h before `at` (READ-8, READ-10)."""
        if not self.policy.administrations_published:
            return False
        return self.snapshot.reach.doses <= at - self.policy.mask_window_h * HOUR
