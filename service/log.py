"""JSON lines on standard error: what happened, never about whom.

`Fields` is the allow-list: a log line holds nothing else. Ids of patients and resources, names,
values, tokens and bodies have no field to go to.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TextIO, TypedDict, Unpack

import msgspec

from service import metrics

_LOGGER = logging.getLogger("cart_toxicity_cds")
_QUIET = logging.CRITICAL + 1


class Event(StrEnum):
    """What a line tells, in the past tense."""

    START_REFUSED = "start_refused"
    RELOAD_REFUSED = "reload_refused"
    SERVER_FAILED = "server_failed"
    SERVICE_STARTED = "service_started"
    SETTING_IGNORED = "setting_ignored"
    POLICY_OVERRIDDEN = "policy_overridden"
    HOOK_ANSWERED = "hook_answered"
    TIMELINE_ANSWERED = "timeline_answered"
    HOOK_INSTANCE_ACCEPTED = "hook_instance_accepted"
    SELECTIONS_IGNORED = "selections_ignored"
    FHIR_ACCESS_REFUSED = "fhir_access_refused"
    READ_FAILED = "read_failed"
    FEEDBACK_STORED = "feedback_stored"
    CLIENT_REFUSED = "client_refused"
    KEY_FETCH_FAILED = "key_fetch_failed"
    STORE_FAILED = "store_failed"
    ANALYTICS_ANSWERED = "analytics_answered"
    CALL_REFUSED = "call_refused"
    CALL_FAILED = "call_failed"
    READINESS_LOST = "readiness_lost"


class Fields(TypedDict, total=False):
    """The members a line may have beside time, level and event."""

    request_id: str
    hook_instance: str
    service: str
    client: str
    shadow: bool
    entries: int
    stored: int
    status: int
    total_ms: float
    reads_ms: float
    scope: str
    rules: tuple[str, ...]
    cards: int
    card_uuids: tuple[str, ...]
    suppressed: int
    unrecorded: int
    points: int
    orders: int
    unrecognized: int
    selections: int
    issues: Mapping[str, int]
    keys: tuple[str, ...]
    failures: Mapping[str, str]
    reason: str
    codes: tuple[str, ...]
    error: tuple[str, ...]
    frames: tuple[str, ...]
    settings: tuple[str, ...]
    mode: str
    content_edition: str
    site_edition: str


class JsonLines(logging.Formatter):
    """A record of `write` as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Time in UTC, level, event, then the fields that have content."""
        moment = datetime.fromtimestamp(record.created, UTC)
        fields: Mapping[str, Any] = record.__dict__.get("fields", {})
        line = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        } | {name: value for name, value in fields.items() if value not in ("", (), {})}
        return msgspec.json.encode(line).decode()


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes to whatever `sys.stderr` is at the time of writing."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        self.setFormatter(JsonLines())

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def configure() -> None:
    """Send our lines to standard error, and silence libraries that log URLs; safe to repeat."""
    _LOGGER.handlers = [_StandardError()]
    _LOGGER.setLevel(logging.INFO)
    _LOGGER.propagate = False
    logging.getLogger("urllib3").setLevel(_QUIET)  # its lines hold URLs with patient ids
    for name in ("sqlalchemy", "psycopg"):  # what they tell in plain text is told by us
        logging.getLogger(name).setLevel(_QUIET)


def be_silent() -> None:
    """Write nothing, for a command that tells the user itself what went wrong."""
    _LOGGER.handlers = [logging.NullHandler()]
    _LOGGER.propagate = False
    logging.getLogger("urllib3").setLevel(_QUIET)


def write(event: Event, level: int = logging.INFO, **fields: Unpack[Fields]) -> None:
    """Write one line, and count it."""
    metrics.logged(event)
    tell(event, level, **fields)


def tell(event: Event, level: int = logging.INFO, **fields: Unpack[Fields]) -> None:
    """Write one line without counting it, where nothing is counted: in gunicorn's master."""
    _LOGGER.log(level, event.value, extra={"fields": fields})
