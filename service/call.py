"""One call of a hook, from its receipt to its answer."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from cards.model import CardContext
from grading.model import Instant
from service.access import Access, ReadError, may_read
from service.clients import Client
from service.errors import Unavailable
from service.fired import Fired
from service.hook_request import HookRequest
from service.log import Fields
from service.runtime import Runtime
from service.scopes import read_scopes
from service.settings import ScopeUnknown

_RESERVE_SHARE, _RESERVE_MOST_S = 0.1, 0.2
"""Part of the call's time that is kept for grading after the reads."""


class Answer(NamedTuple):
    """The cards of a 200 before any is held back, what stands beside them, and what is logged."""

    fired: Sequence[Fired]
    extension: Mapping[str, Any]
    facts: Fields


@dataclass(frozen=True, slots=True)
class Call:
    """A request with its instant; `received` is on the monotonic clock, in seconds.

    `replay`: the instant was chosen by the caller. `client` None: in demo, where nobody is asked.
    `base_url`: where our pages are, if known.
    """

    request: HookRequest
    now: Instant
    received: float
    replay: bool
    runtime: Runtime
    client: Client | None = None
    base_url: str | None = None
    hook: str = ""

    @property
    def scope_unknown(self) -> ScopeUnknown:
        """The answer where it cannot be told whether CAR-T was given: the client's, or all's."""
        chosen = self.client and self.client.scope_unknown
        return chosen or self.runtime.settings.scope_unknown

    @property
    def aliases(self) -> Mapping[str, str]:
        """The client's names of prefetch keys, each to ours."""
        return self.client.aliases if self.client else {}

    @property
    def deadline(self) -> float:
        """The monotonic instant at which the answer is due, in seconds."""
        return self.received + self.runtime.settings.deadline_ms / 1000

    def check_time(self) -> None:
        """Stop a call that is overdue before anything was graded (PERF-3).

        Raises:
            Unavailable: the deadline has passed.
        """
        if time.monotonic() >= self.deadline:
            raise Unavailable("the deadline passed before the chart was graded")

    def card_context(self) -> CardContext:
        """What the cards need to know of this call."""
        return CardContext(
            self.request.context.patient_id,
            self.request.context.encounter_id,
            self.request.hook_instance,
            (self.hook, self.request.context.user_id),
            zone=self.runtime.zone,
            base_url=self.base_url,
            policy=self.runtime.policy,
            replay=self.replay,
            overrides=self.runtime.site.overrides,
            unmapped=self.runtime.codes.unmapped(),
        )

    def access(self) -> Access | None:
        """Leave to read from the FHIR server of the request; None where it names none.

        Raises:
            ReadError: the server, or its token, is not for this call (FHIR-5, FHIR-8, FHIR-10).
        """
        server, authorization = self.request.fhir_server, self.request.fhir_authorization
        if server is None:
            return None
        if not self._may_read(server, with_token=authorization is not None):
            raise ReadError("server-not-allowed")
        if authorization is None:
            return Access(server.rstrip("/"), None, self._reads_until())
        if authorization.patient not in (None, self.request.context.patient_id):
            raise ReadError("token-of-other-patient")
        if authorization.expires_in <= 0:
            raise ReadError("token-expired")
        token, scopes = authorization.access_token, read_scopes(authorization.scope)
        return Access(server.rstrip("/"), token, self._reads_until(), scopes)

    def _may_read(self, server: str, with_token: bool) -> bool:
        if self.client is not None:
            return self.client.may_read(server, with_token)
        return may_read(server, self.runtime.settings.fhir_servers)

    def _reads_until(self) -> float:
        length = self.deadline - self.received
        until = self.deadline - min(length * _RESERVE_SHARE, _RESERVE_MOST_S)
        authorization = self.request.fhir_authorization
        if authorization is None:
            return until
        return min(until, self.received + authorization.expires_in)
