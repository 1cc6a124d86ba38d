"""The CDS Services on offer: id, hook, words for discovery, and who answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fhir_mappings.keys import KEYS, KeySpec
from service import order_entry, patient_view
from service.call import Answer, Call

SPECIFICATION: Final = "2.0.1"
"""The version of CDS Hooks that is spoken (DISC-10)."""


@dataclass(frozen=True, slots=True)
class CdsService:
    """One service; its id is not used by another, whatever the hook (design.md decision 9)."""

    id: str
    hook: str
    hook_version: str
    title: str
    description: str
    usage: str
    answer: Callable[[Call], Answer]

    @property
    def path(self) -> str:
        """Where it is called; its feedback is under it."""
        return f"/cds-services/{self.id}"

    def advertised(self, dates: bool, keys: Mapping[str, KeySpec] = KEYS) -> dict[str, Any]:
        """Its entry in the discovery; `dates`: the templates carry their 3.0 date windows.

        `keys`: the reads, with the codes of the site.
        """
        return {
            "hook": self.hook,
            "id": self.id,
            "title": self.title,
            "description": self.description,
            "version": SPECIFICATION,
            "hookVersion": self.hook_version,
            "usageRequirements": self.usage,
            "prefetch": {name: keys[name].template(dates=dates) for name in KEYS},
        }


_USAGE: Final = (
    "FHIR R4. Works from prefetch, from the FHIR server of the request, or from both. To tell "
    "whether CAR-T was given it needs procedures and either infusions or given."
)

SERVICES: Final = (
    CdsService(
        "cart-toxicity-patient-view",
        "patient-view",
        "1.0",
        "CRS and ICANS after CAR-T",
        "Grades CRS and ICANS by ASTCT 2019 from what is charted after a CAR-T infusion, says what "
        "is missing, and offers drafts by the grade for review.",
        _USAGE,
        patient_view.answer,
    ),
    CdsService(
        "cart-toxicity-order-select",
        "order-select",
        "1.0",
        "Order check after CAR-T: selected orders",
        "Checks the selected draft orders against CRS, ICANS and what was given after a "
        "CAR-T infusion: growth factors, IL-6 blockers, steroids, sedatives, drugs that lower the "
        "seizure threshold, vaccines.",
        _USAGE,
        order_entry.answer,
    ),
    CdsService(
        "cart-toxicity-order-sign",
        "order-sign",
        "1.0",
        "Order check after CAR-T: orders to sign",
        "Checks every order about to be signed against CRS, ICANS and what was given after a "
        "CAR-T infusion: growth factors, IL-6 blockers, steroids, sedatives, drugs that lower the "
        "seizure threshold, vaccines.",
        _USAGE,
        order_entry.answer,
    ),
)
