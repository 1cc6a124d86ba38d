"""What a call needs beside its request: settings, clock, policy, and the way to FHIR servers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo

from fhir_mappings.times import UTC_ZONE
from grading.knowledge import Policy
from grading.model import Instant
from service.auth import Gate
from service.reads import Reader
from service.settings import Settings
from service.site import AS_IT_IS, SitePolicy


@dataclass(frozen=True, slots=True)
class Runtime:
    """One per application; `clock` gives the current instant, `zone` is for times without one.

    `gate` says who calls; None in demo, where nobody needs to say so.
    """

    settings: Settings
    clock: Callable[[], Instant]
    reader: Reader
    gate: Gate | None
    site: SitePolicy = AS_IT_IS
    zone: tzinfo = UTC_ZONE

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self.site.policy
