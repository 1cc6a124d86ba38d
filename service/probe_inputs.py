"""The inputs that the service grades from, as the probe lists them, in order of use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fhir_mappings.keys import LABS
from fhir_mappings.record import PatientRecord, start_of
from grading.knowledge import KNOWLEDGE
from grading.model import Instant

SCOPE, CRS, ICANS, BOTH, OTHER = "scope", "CRS", "ICANS", "CRS, ICANS", "advice"
_BEDSIDE = ("bedside", "trends")


@dataclass(frozen=True, slots=True)
class Input:
    """One input: where its facts are in a record, and which keys can hold it.

    `facts` names a kind of the record; for `doses`, `drugs` tells which. `label` is its name in
    data issues.
    """

    name: str
    used_for: str
    facts: str
    keys: tuple[str, ...]
    label: str = ""
    drugs: frozenset[str] = frozenset()

    def of(self, record: PatientRecord, now: Instant) -> Iterator[Any]:
        """The facts of this input in a record that are not after `now`."""
        found = record.labs.get(self.label, ()) if self.facts == _LABS else record.facts[self.facts]
        for fact in found:
            if start_of(fact) <= now and (not self.drugs or fact.drug in self.drugs):
                yield fact


_LABS = "labs"
_DRUGS = KNOWLEDGE.drugs
_VASOPRESSORS = _DRUGS["vasopressor"] | _DRUGS["vasopressor-exempt"]
TEMPERATURE = Input("temperature", CRS, "temperatures", _BEDSIDE, "temperature")
PRESSURE = Input("blood pressure", CRS, "pressures", ("bedside",), "blood-pressure")
SPO2 = Input("SpO2", CRS, "spo2", ("bedside",), "spo2")
DEVICE = Input("oxygen device", CRS, "supports", ("bedside",), "o2-device")
INFUSION = Input("CAR-T infusion", SCOPE, "infusions", ("procedures", "infusions", "given"))
ICE = Input("ICE", ICANS, "ice", ("bedside", "questionnaires"), "ice")
CAPD = Input("CAPD", ICANS, "capd", ("bedside", "questionnaires"), "capd")

INPUTS: tuple[Input, ...] = (
    INFUSION,
    TEMPERATURE,
    PRESSURE,
    Input("vasopressors", CRS, "doses", ("given",), drugs=_VASOPRESSORS),
    SPO2,
    DEVICE,
    Input("oxygen flow", CRS, "flows", ("bedside",), "o2-flow"),
    Input("FiO2", CRS, "fio2", ("bedside",), "fio2"),
    Input("antipyretics", CRS, "doses", ("given",), drugs=_DRUGS["antipyretic"]),
    ICE,
    CAPD,
    Input("consciousness", ICANS, "arousal", ("bedside",), "consciousness"),
    Input("seizures", ICANS, "seizures", ("bedside", "conditions"), "seizure"),
    Input("motor or pressure signs", ICANS, "signs", ("bedside", "conditions"), "neuro-exam"),
    Input("tocilizumab, anticytokines", BOTH, "doses", ("given",), drugs=_DRUGS["anticytokine"]),
    Input("corticosteroids", BOTH, "doses", ("given",), drugs=_DRUGS["steroid"]),
    Input("charted CRS/ICANS grades", BOTH, "charted_grades", ("bedside", "conditions")),
    Input("weight", OTHER, "weights", ("trends",), "weight"),
    *(Input(name, OTHER, _LABS, ("trends",), name) for name in LABS),
)

CRS_NEEDS = ((INFUSION,), (TEMPERATURE,), (PRESSURE,), (SPO2, DEVICE))
"""Without any one of each, CRS cannot be graded at all."""
ICANS_NEEDS = ((INFUSION,), (ICE, CAPD))
"""The same for ICANS."""
