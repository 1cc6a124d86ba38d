"""PostgreSQL that stops in the middle: every wait for it ends, whatever the server does.

The server's own limits (`statement_timeout`) do not run where the server does not: a process that
is frozen, storage that stalls. The wait is then ended here, and the connection is of no more use.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

import psycopg
from psycopg import errors

_LIMIT_S: Final[ContextVar[float | None]] = ContextVar("limit", default=None)
"""Seconds of each wait of what runs now; None: as long as it takes."""


@contextmanager
def waits_end_after(seconds: float | None) -> Iterator[None]:
    """Within the block, no wait for a server is longer; None: as long as it takes."""
    token = _LIMIT_S.set(seconds)
    try:
        yield
    finally:
        _LIMIT_S.reset(token)


class BoundedConnection(psycopg.Connection[Any]):
    """A connection that is closed where its server does not answer in time."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for the server, as `psycopg` does, but not for ever.

        Raises:
            OperationalError: it does not answer; the connection is closed.
        """
        limit = _LIMIT_S.get() if timeout is None else timeout
        try:
            return super().wait(gen, interval, limit)
        except errors._WaitTimeout as error:
            self.pgconn.finish()
            raise psycopg.OperationalError("the server does not answer") from error


def connected(*arguments: Any, **parameters: Any) -> BoundedConnection:
    """A new connection; raises as `psycopg.connect` does."""
    return BoundedConnection.connect(*arguments, **parameters)
