"""An end for each exchange with another server: nothing that is slow, or drips, outlasts it.

A timeout of a socket is for one step of it: a server that sends a byte now and then keeps every
step short, and the whole without end. So each step gets what is left until the end, and what begins
after it fails (FHIR-5, FHIR-13).
"""

from __future__ import annotations

import math
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

_END: Final[ContextVar[float]] = ContextVar("end", default=math.inf)


@contextmanager
def ending_at(until: float) -> Iterator[None]:
    """Let what this thread does with `EndingSocket`s end at an instant on the monotonic clock."""
    before = _END.set(until)
    try:
        yield
    finally:
        _END.reset(before)


def step_s(usual: Any) -> Any:
    """Seconds that the next step may take: what is left until the end, `usual` where there is none.

    Raises:
        TimeoutError: nothing is left.
    """
    until = _END.get()
    if until == math.inf:
        return usual
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("the time for the exchange is over")
    return left


class EndingSocket(socket.socket):
    """A socket that sends and receives until the end only."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        """As ever, within what is left."""
        self.settimeout(step_s(self.gettimeout()))
        return super().recv_into(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        """As ever, within what is left; nothing is sent where nothing is."""
        self.settimeout(step_s(self.gettimeout()))
        super().sendall(*args, **kwargs)


class EndingTlsSocket(EndingSocket, ssl.SSLSocket):
    """The same inside TLS."""
