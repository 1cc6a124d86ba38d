"""What a call needs beside its request: settings, clock, policy, and the way to FHIR servers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

from fhir_mappings.keys import KeySpec, keys_of_site
from fhir_mappings.site_codes import NO_SITE_CODES, SiteCodes
from fhir_mappings.times import UTC_ZONE
from grading.knowledge import KNOWLEDGE, Policy
from grading.model import Instant
from service.reads import Reader
from service.settings import Settings


@dataclass(frozen=True, slots=True)
class Runtime:
    """One per application; `clock` gives the current instant, `zone` is for times without one.

    `codes`: the site's own codes. `keys`: every read, with them.
    """

    settings: Settings
    clock: Callable[[], Instant]
    reader: Reader
    policy: Policy = KNOWLEDGE.policy
    zone: tzinfo = UTC_ZONE
    codes: SiteCodes = NO_SITE_CODES
    keys: Mapping[str, KeySpec] = field(init=False)

    def __post_init__(self) -> None:
        """Build the reads."""
        object.__setattr__(self, "keys", keys_of_site(self.codes))
