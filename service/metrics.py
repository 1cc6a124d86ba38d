"""What is counted for Prometheus: how much, how long, and why not; never about whom.

Names of labels are our own, or those of the configuration; what peers write counts under a kind of
a closed list. `metrics_page` shows it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from functools import cache, lru_cache
from http import HTTPStatus
from types import ModuleType
from typing import Any, Final
from urllib.parse import urlsplit

from flask import g, has_app_context

from cards.extension import EXTENSION_NAME
from grading.model import State
from service.settings import is_loopback

_NONE: Final = "none"
_OTHER: Final = "other"
_KIND: Final = re.compile(r"[a-z][A-Za-z]*(?:[ -][A-Za-z]+)*(?:-([1-5]\d\d))?", re.ASCII)
_LONGEST_KIND: Final = 40
_RULE_PAGE: Final = "/rules/"
_STATUSES: Final = frozenset(str(status.value) for status in HTTPStatus)


class Stage(StrEnum):
    """A part of a call."""

    PARSE = "parse"
    FETCH = "fetch"
    MAP = "map"
    GRADE = "grade"
    COMPOSE = "compose"


class StoreUse(StrEnum):
    """What the store was to do when it failed."""

    TOKEN = "token"  # noqa: S105 - no secret
    FEEDBACK = "feedback"
    PING = "ping"
    CLEAN = "clean"
    CARDS = "cards"


@cache
def _meters() -> ModuleType:
    """The instruments; see there why they are not imported before."""
    from service import meters  # noqa: PLC0415
    from service.log import Event  # noqa: PLC0415 - it counts its lines here

    for use in StoreUse:
        meters.STORE_FAILURES.labels(use)  # 0 from the start, so that the first one is an increase
    for event in Event:
        meters.EVENTS.labels(event)
    return meters


@contextmanager
def stage(name: Stage) -> Iterator[None]:
    """Time a stage of the current call; its parts are added up. Stages are not nested."""
    began = time.perf_counter()
    try:
        yield
    finally:
        if has_app_context() and "stages" in g:
            g.stages[name] = g.stages.get(name, 0.0) + time.perf_counter() - began


def request_answered(endpoint: str | None, status: int) -> None:
    """Count an answer; `endpoint` None: of no address of ours."""
    _meters().REQUESTS.labels(endpoint or _NONE, str(status)).inc()


def call_answered(endpoint: str, seconds: float, stages: Mapping[str, float]) -> None:
    """Keep how long a call took, as a whole and by stage."""
    meters = _meters()
    meters.REQUEST_SECONDS.labels(endpoint).observe(seconds)
    for name, part in stages.items():
        meters.STAGE_SECONDS.labels(name).observe(part)


def exposition() -> bytes:
    """All that was counted, as text for Prometheus; of all workers where there are several."""
    found: bytes = _meters().exposition()
    return found


def answered(body: Mapping[str, Any]) -> None:
    """Count the cards of an answer, and the grades that it could not give."""
    meters = _meters()
    for card in body["cards"]:
        topic = card["source"]["topic"]["code"]
        meters.CARDS.labels(topic, _rule(card["source"]), card["indicator"]).inc()
    told = body.get("extension", {}).get(EXTENSION_NAME, {})
    for syndrome in ("crs", "icans"):
        found = told.get(syndrome, {})
        if found.get("state") == State.NOT_ASSESSABLE:
            for missing in found.get("missing", ()):
                meters.NOT_GRADABLE.labels(syndrome, missing).inc()


def _rule(source: Mapping[str, Any]) -> str:
    """The rule whose page a card leads to; none where it leads elsewhere."""
    _, page, rule = source.get("url", "").rpartition(_RULE_PAGE)
    return rule if page else _NONE


def fhir_failed(base: str | None, kinds: Sequence[str]) -> None:
    """Count reads that failed; `base`: a server that may be read, None where it may not be."""
    counter, server = _meters().FHIR_ERRORS, server_name(base)
    for kind in kinds:
        counter.labels(server, bounded(kind)).inc()


@lru_cache(maxsize=64)
def server_name(base: str | None) -> str:
    """The host of a server that the configuration names; `loopback`, `other` for all else."""
    host = urlsplit(base or "").hostname or ""
    return "loopback" if is_loopback(host) else host or _OTHER


def bounded(kind: str) -> str:
    """A kind of failure as a label: the words of our own code, a status of HTTP, or `other`."""
    found = _KIND.fullmatch(kind)
    if found is None or len(kind) > _LONGEST_KIND:
        return _OTHER
    status = found[1]
    return kind if status in (None, *_STATUSES) else f"{kind.removesuffix(status)}{_OTHER}"


def client_refused(reason: str) -> None:
    """Count a token that was not accepted."""
    _meters().CLIENTS_REFUSED.labels(bounded(reason)).inc()


def suppressed(topic: str, cards: int = 1) -> None:
    """Count cards that were held back as repeats; `topic` is the code of their topic."""
    _meters().SUPPRESSED.labels(topic).inc(cards)


def store_failed(use: StoreUse) -> None:
    """Count a failure of the store."""
    _meters().STORE_FAILURES.labels(use).inc()


def feedback_stored(service: str, entries: int) -> None:
    """Count feedback that was not there yet."""
    _meters().FEEDBACK.labels(service).inc(entries)


def logged(event: str) -> None:
    """Count a line of the log."""
    _meters().EVENTS.labels(event).inc()


def worker_started() -> None:
    """Count a worker; the service restarts them now and then, or where they die."""
    _meters().WORKERS.inc()
