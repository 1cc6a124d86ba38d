"""A small FHIR R4 server on loopback that answers the searches of design.md 7, and can be ill.

It searches by patient, code, category, status, `_id` and date, sorts, pages with next links, reads
single resources, and takes searches by GET and by `POST {type}/_search`. A `Fault` makes the calls
whose URL contains its `where` slow, refused, HTML or cut off.
"""

from __future__ import annotations

import json
import ssl
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.ehr import bundle, read, search
from tests.fhir_codes import Resource

FHIR_JSON = "application/fhir+json"


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong for calls whose URL contains `where`.

    `status` and `body` replace the answer, `location` leads elsewhere; `cut` sends only so many of
    its bytes under the full Content-Length; `delay_s` comes before any of it, `drip_s` before each
    byte. `leads_on` adds a link to a page that was not asked for yet. `headers` come on top.
    `method`: only calls with it. `times`: only the first so many calls that meet it.
    """

    where: str
    status: int | None = None
    body: str | None = None
    content_type: str = FHIR_JSON
    delay_s: float = 0.0
    cut: int | None = None
    location: str | None = None
    drip_s: float = 0.0
    leads_on: bool = False
    headers: tuple[tuple[str, str], ...] = ()
    method: str | None = None
    times: int | None = None


def html(where: str, status: int = 200) -> Fault:
    """A login page instead of FHIR."""
    page = "<html><body>Please sign in</body></html>"
    return Fault(where, status=status, body=page, content_type="text/html")


def refused(where: str, status: int, code: str = "forbidden") -> Fault:
    """An OperationOutcome with an error status."""
    return Fault(where, status=status, body=json.dumps(_outcome(code)))


@dataclass(slots=True)
class Call:
    """A request that the stub received."""

    method: str
    url: str
    headers: dict[str, str]


@dataclass(slots=True)
class FhirStub:
    """What the stub holds, how it misbehaves, and what it was asked."""

    resources: Sequence[Resource] = ()
    most: int = 200
    faults: Sequence[Fault] = ()
    url: str = ""
    calls: list[Call] = field(default_factory=list)

    def fault_of(self, url: str, method: str = "GET") -> Fault | None:
        """The first fault that this call meets."""
        return next((fault for fault in self.faults if self._meets(fault, url, method)), None)

    def _meets(self, fault: Fault, url: str, method: str) -> bool:
        if fault.where not in url or fault.method not in (None, method):
            return False
        same = sum(fault.where in call.url for call in self.calls)
        return fault.times is None or same <= fault.times

    def answer(self, url: str) -> tuple[int, Resource]:
        """Status and body for a relative URL."""
        split = urlsplit(url)
        path = split.path.strip("/").split("/")
        if len(path) == 1:
            found = search(self.resources, path[0], split.query, self.most)
            return 200, bundle(found, path[0], split.query, self.url)
        one = read(self.resources, path[0], path[1])
        return (404, _outcome("not-found")) if one is None else (200, one)


def _outcome(code: str) -> Resource:
    issue = {"severity": "error", "code": code, "diagnostics": "as the test wants it"}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        self._serve(self.path)

    def do_POST(self) -> None:
        form = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self._serve(f"{self.path.removesuffix('/_search')}?{form}")

    def _serve(self, url: str) -> None:
        stub = self.server.stub
        stub.calls.append(Call(self.command, unquote(url), dict(self.headers)))
        fault = stub.fault_of(unquote(url), self.command)
        status, resource = stub.answer(url)
        fault = fault or Fault(url)
        time.sleep(fault.delay_s)
        if fault.leads_on:
            path = urlsplit(url).path
            link = {"relation": "next", "url": f"{stub.url}{path}?page={len(stub.calls)}"}
            resource = resource | {"link": [*resource.get("link", ()), link]}
        body = json.dumps(resource) if fault.body is None else fault.body
        self._send(fault.status or status, body, fault)

    def _send(self, status: int, body: str, fault: Fault) -> None:
        raw = body.encode()
        try:
            self.send_response(status)
            if fault.location is not None:
                self.send_header("Location", fault.location)
            self.send_header("Content-Type", fault.content_type)
            self.send_header("Content-Length", str(len(raw)))
            for name, value in fault.headers:
                self.send_header(name, value)
            self.end_headers()
            step = 1 if fault.drip_s else max(1, len(raw))
            for start in range(0, len(raw[: fault.cut]), step):
                time.sleep(fault.drip_s)
                self.wfile.write(raw[: fault.cut][start : start + step])
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        if fault.cut is not None:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    stub: FhirStub

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no news; everything else is printed as usual."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def running(
    resources: Sequence[Resource] = (),
    faults: Sequence[Fault] = (),
    most: int = 200,
    tls: ssl.SSLContext | None = None,
) -> Iterator[FhirStub]:
    """A stub that listens on a free loopback port until the block ends; `tls`: by https."""
    server = _Server(("127.0.0.1", 0), _Handler)
    base = f"127.0.0.1:{server.server_port}"
    server.stub = FhirStub(resources, most, faults, f"http://{base}")
    if tls is not None:
        server.stub.url = f"https://{base}"
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server.stub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
