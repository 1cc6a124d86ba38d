"""What a call needs beside its request: settings, clock, policy, and the way to FHIR servers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

from fhir_mappings.keys import KeySpec, keys_of_site
from fhir_mappings.site_codes import SiteCodes
from fhir_mappings.times import UTC_ZONE
from grading.knowledge import Policy
from grading.model import Instant
from service.auth import Gate
from service.reads import Reader
from service.settings import Settings
from service.site import AS_IT_IS, SiteSetup


@dataclass(frozen=True, slots=True)
class Runtime:
    """One per application; `clock` gives the current instant, `zone` is for times without one.

    `gate` says who calls; None in demo, where nobody needs to say so. `keys`: every read, with the
    codes of the site.
    """

    settings: Settings
    clock: Callable[[], Instant]
    reader: Reader
    gate: Gate | None
    site: SiteSetup = AS_IT_IS
    zone: tzinfo = UTC_ZONE
    keys: Mapping[str, KeySpec] = field(init=False)

    def __post_init__(self) -> None:
        """Build the reads."""
        object.__setattr__(self, "keys", keys_of_site(self.codes))

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self.site.policy

    @property
    def codes(self) -> SiteCodes:
        """The site's own codes."""
        return self.site.codes
