"""A stand-in for `python -m sandbox`: serves an answer, says what it was told, fails when told."""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


class Handler(BaseHTTPRequestHandler):
    """Answers everything."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


failing, command, *arguments = sys.argv[1:]
print("sandbox", command, *arguments, flush=True)  # noqa: T201 - that is its job
if command == failing:
    sys.exit("it went wrong")
if command in {"serve", "bedside"}:
    port = int(arguments[arguments.index("--port") + 1])
    HTTPServer(("127.0.0.1", port), Handler).serve_forever()
