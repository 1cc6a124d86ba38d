"""The gunicorn worker: requests that arrive too slowly are cut off, and nothing is told of us.

A thread waits for a request as long as its client takes to send it, so a handful of clients that
drip could hold every thread. gunicorn's own `timeout` watches the process, not its threads.
"""

from __future__ import annotations

import logging
import socket
import time
from contextlib import suppress
from typing import Any, Final

from gunicorn.http import wsgi  # type: ignore[import-untyped]
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from service.errors import Problem, outcome
from service.log import Event, write
from service.messages import JSON, json_response

LONGEST_REQUEST_S: Final = 10.0
"""From its first byte to its last; a request that is whole by then is answered as ever."""
LONGEST_CALL_S: Final = 120.0
"""From the first byte of the request to the last of the answer, which a client may not take."""
_BAD_REQUEST, _SERVER_ERROR = 400, 500
_REASONS = {_BAD_REQUEST: "Bad Request", _SERVER_ERROR: "Internal Server Error"}


class BoundedWorker(ThreadWorker):  # type: ignore[misc] # gunicorn has no types
    """Stops reading from a connection, and in the end closes it, where the client is slow."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """As gunicorn makes it."""
        super().__init__(*args, **kwargs)
        self._handled: dict[Any, float] = {}

    def handle(self, conn: Any) -> Any:
        """One request of a connection, in a thread."""
        self._handled[conn] = time.monotonic()
        try:
            return super().handle(conn)
        finally:
            self._handled.pop(conn, None)

    def murder_pending(self) -> None:
        """Once a second, in the main thread: end what has been coming for too long."""
        super().murder_pending()
        now = time.monotonic()
        for conn, since in self._handled.copy().items():
            if now - since > LONGEST_REQUEST_S:
                overdue = now - since > LONGEST_CALL_S
                with suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RDWR if overdue else socket.SHUT_RD)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Answer what is no HTTP, without repeating any of it in the answer or the log."""
        del req, addr
        status = _BAD_REQUEST if isinstance(exc, ParseException) else _SERVER_ERROR
        write(Event.CALL_REFUSED, logging.WARNING, status=status, error=(type(exc).__name__,))
        problem = Problem("invalid", "the request is no valid HTTP")
        body = json_response(outcome([problem])).get_data()
        head = (
            f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Type: {JSON}\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        with suppress(OSError):
            client.sendall(head.encode() + body)


class _PlainResponse(wsgi.Response):  # type: ignore[misc] # as above
    """Does not say which server it is (SEC-7)."""

    def default_headers(self) -> list[str]:
        lines: list[str] = super().default_headers()
        return [line for line in lines if not line.startswith("Server:")]


wsgi.Response = _PlainResponse
