"""GET /healthz and /readyz: for whoever runs the process."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Final

from flask import Flask, Response

from grading.knowledge import KNOWLEDGE
from service import metrics, migrate
from service.errors import Problem, outcome
from service.log import Event, write
from service.messages import json_response
from service.metrics import StoreUse
from service.settings import Settings
from service.store import Store, StoreError

STORE_UNREACHABLE: Final = "store-unreachable"
STORE_REVISION: Final = "store-revision"
KEYS_UNREADABLE: Final = "keys-unreadable"
_KEPT_S: Final = 1.0
_SLOW_S: Final = 3.0
"""How long a check may take before the store counts as out, whatever it says in the end."""
_UNAVAILABLE: Final = 503


class Readiness:
    """Whether calls can be answered: asked of the store once a second at most, by one thread.

    That the content is loaded, and the store keys are good, is so from the start, or there is none.
    """

    def __init__(
        self, settings: Settings, store: Store, tick: Callable[[], float] = time.monotonic
    ) -> None:
        """Of an application with these settings and this store; `tick` in seconds."""
        self.mode = settings.mode
        self._keys = settings.store_keys
        self._store = store
        self._revision = migrate.newest()
        self._tick = tick
        self._lock = threading.Lock()
        self._asked = -_KEPT_S + tick()
        self._begun: float | None = None
        self._reasons: tuple[str, ...] = ()

    def reasons(self) -> tuple[str, ...]:
        """Codes of what is wanting; none where all is well, or nothing was found yet."""
        if self._lock.acquire(blocking=False):
            try:
                if self._tick() - self._asked >= _KEPT_S:
                    self._begun = self._tick()
                    self._reasons = tuple(self._find())
                    self._asked = self._tick()
            finally:
                self._begun = None
                self._lock.release()
        begun = self._begun
        is_slow = begun is not None and self._tick() - begun > _SLOW_S
        return (STORE_UNREACHABLE,) if is_slow else self._reasons

    def _find(self) -> Iterator[str]:
        try:
            if not self._store.has_revision(self._revision):
                yield STORE_REVISION
        except StoreError:
            metrics.store_failed(StoreUse.PING)
            yield STORE_UNREACHABLE
        if self._keys and not os.access(self._keys, os.R_OK):
            yield KEYS_UNREADABLE


def register(app: Flask, readiness: Readiness) -> None:
    """Serve both: whether the process runs, and whether it can answer."""

    def alive() -> Response:
        return json_response({"status": "ok"})

    def ready() -> Response:
        reasons = readiness.reasons()
        if reasons:
            write(Event.READINESS_LOST, logging.ERROR, status=_UNAVAILABLE, codes=reasons)
            problems = [Problem("transient", reason) for reason in reasons]
            return json_response(outcome(problems), _UNAVAILABLE)
        edition = {"contentEdition": KNOWLEDGE.edition, "mode": readiness.mode}
        return json_response({"status": "ready", **edition})

    app.add_url_rule("/healthz", "healthz", alive, methods=["GET"])
    app.add_url_rule("/readyz", "readyz", ready, methods=["GET"])
