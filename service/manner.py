"""How a transaction of the store ends, and how long it waits: for other writers, for the server."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Final

WAIT_S: Final = 5
"""How long another writer is waited for, or the database."""
HURRY_MS: Final = 1000
"""The same within a hook's call, whose time is short."""
_UNHURRIED_MS: Final = 60_000
"""The same where nobody waits for the answer."""
_BRIEF_MS: Final = 250
"""The same for what a call is not worth waiting for."""
_GRACE_S: Final = 1.0
"""What a database that runs may be late beyond its own limit; then it counts as frozen."""


class Manner(Enum):
    """How a transaction ends, and how long it waits.

    `DURABLE`: it outlasts a machine that stops right after it. `HURRIED`: a hook's call waits for
    it. `BRIEF`: a call goes on without it. `UNHURRIED`: as durable, where nobody waits for it.
    """

    DURABLE = auto()
    HURRIED = auto()
    BRIEF = auto()
    UNHURRIED = auto()


def _lax(wait_ms: int) -> Mapping[str, tuple[str, ...]]:
    return {
        "sqlite": ("PRAGMA synchronous = NORMAL", f"PRAGMA busy_timeout = {wait_ms}"),
        "postgresql": (
            f"SET LOCAL synchronous_commit = off; SET LOCAL statement_timeout = {wait_ms}",
        ),
    }


_DURABLE: Final = ("PRAGMA synchronous = FULL", f"PRAGMA busy_timeout = {1000 * WAIT_S}")
STATEMENTS: Final[Mapping[Manner, Mapping[str, tuple[str, ...]]]] = {
    Manner.DURABLE: {"sqlite": _DURABLE, "postgresql": ()},
    Manner.UNHURRIED: {
        "sqlite": _DURABLE,
        "postgresql": (f"SET LOCAL statement_timeout = {_UNHURRIED_MS}",),
    },
    Manner.HURRIED: _lax(HURRY_MS),
    Manner.BRIEF: _lax(_BRIEF_MS),
}
LIMITS_S: Final[Mapping[Manner, float]] = {
    Manner.DURABLE: WAIT_S + _GRACE_S,
    Manner.UNHURRIED: _UNHURRIED_MS / 1000 + _GRACE_S,
    Manner.HURRIED: HURRY_MS / 1000 + _GRACE_S,
    Manner.BRIEF: _BRIEF_MS / 1000 + _GRACE_S,
}
"""Seconds after which a wait for a database ends that does not keep its own limit."""
