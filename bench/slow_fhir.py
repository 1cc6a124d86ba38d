"""A FHIR server that answers every read after a fixed delay, however many come at once."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from bench.chart import Chart, answer

DELAY_S = 0.05


@contextmanager
def slow_server(chart: Chart, delay_s: float = DELAY_S) -> Iterator[str]:
    """Serves `chart` on loopback; gives the base URL."""

    @cache
    def body_of(query: str) -> bytes:
        return json.dumps(answer(chart, query)).encode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # or the body waits 40 ms for an acknowledgement

        def do_GET(self) -> None:
            body = body_of(unquote(self.path.removeprefix("/fhir/")))
            time.sleep(delay_s)
            self.send_response(200)
            self.send_header("Content-Type", "application/fhir+json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            """Say nothing."""

    serving = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    serving.daemon_threads = True
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{serving.server_port}/fhir"
    finally:
        serving.shutdown()
        serving.server_close()
