"""A call of a service as it is kept: what is read of a CDS Hooks request, typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import msgspec

from grading.model import Instant
from service.instants import read_instant

EVALUATE_AT: Final = "org.cart-toxicity-cds.evaluate-at"


@dataclass(frozen=True, slots=True, repr=False)
class FhirAuthorization:
    """The token for the FHIR server; `patient` None: it is not said to be for one patient.

    It has no text of its own, so that the token cannot reach a log or a trace.
    """

    access_token: str
    expires_in: int
    patient: str | None
    scope: str


@dataclass(frozen=True, slots=True, repr=False)
class HookContext:
    """Whose chart is open; `encounter_id` None: outside an encounter.

    `draft_orders` is a Bundle that is not read yet, without entries where the hook brings none.
    `selections`: references of the drafts that are to be checked; None: all of them.
    `user_id` is whoever opened it.
    """

    patient_id: str
    encounter_id: str | None
    draft_orders: msgspec.Raw
    selections: tuple[str, ...] | None
    user_id: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class HookRequest:
    """One call; `prefetch` members are not read yet, `evaluate_at` is as written."""

    hook_instance: str
    context: HookContext
    fhir_server: str | None
    fhir_authorization: FhirAuthorization | None
    extension: Mapping[str, Any]
    prefetch: Mapping[str, msgspec.Raw]

    @property
    def instance(self) -> str | None:
        """The correlation id where it is a UUID; what else it may be is the client's matter."""
        try:
            return str(UUID(self.hook_instance))
        except ValueError:
            return None

    def now(self, clock: Callable[[], Instant], allowed: bool) -> Instant:
        """The evaluation instant: the one that the request names where that is allowed.

        Raises:
            BadRequest: it cannot be read, or has no offset.
        """
        if not allowed or EVALUATE_AT not in self.extension:
            return clock()
        return read_instant(self.extension[EVALUATE_AT], f"extension.{EVALUATE_AT}")

    @property
    def replays(self) -> bool:
        """Whether the request names an evaluation instant."""
        return EVALUATE_AT in self.extension
