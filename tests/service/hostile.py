"""Addresses that must not be reached, and the means to prove that they are not."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import pytest

PUBLIC = "93.184.216.34"
METADATA = "169.254.169.254"


class Canary:
    """A socket that listens on loopback; `connections` counts who came."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self.port: int = listener.getsockname()[1]

    def connections(self) -> int:
        """How many connections have been made so far."""
        made = 0
        while True:
            try:
                self._listener.accept()[0].close()
            except BlockingIOError:
                return made
            made += 1


@contextmanager
def canary() -> Iterator[Canary]:
    """A canary on every loopback address of IPv4."""
    with socket.socket() as listener:
        listener.bind(("0.0.0.0", 0))  # noqa: S104 - so that 127.1.2.3 and 0.0.0.0 lead here too
        listener.listen()
        listener.setblocking(False)
        yield Canary(listener)


@contextmanager
def dripping(step_s: float = 0.05, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """The URL of a server that answers at once, with a header that comes byte by byte."""
    over = threading.Event()

    def drip(accepted: socket.socket) -> None:
        connection = accepted if tls is None else tls.wrap_socket(accepted, server_side=True)
        with connection, suppress(OSError):
            connection.recv(1 << 16)
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not over.wait(step_s):
                connection.sendall(b"x")

    def serve(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=drip, args=(listener.accept()[0],), daemon=True).start()

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(256)
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        try:
            yield f"http{'s' if tls else ''}://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            over.set()
            listener.shutdown(socket.SHUT_RDWR)


class Resolver:
    """A name server under test: each name has answers, one for each time that it is asked."""

    def __init__(self, answers: Mapping[str, list[list[str]]]) -> None:
        self._answers = {name: list(each) for name, each in answers.items()}
        self._real = socket.getaddrinfo
        self.asked: list[str] = []

    def install(self, monkeypatch: pytest.MonkeyPatch) -> Resolver:
        """Take the place of the resolver of the machine; addresses go through to it."""
        monkeypatch.setattr(socket, "getaddrinfo", self)
        return self

    def __call__(self, host: str, port: Any, *args: Any, **kwargs: Any) -> list[Any]:
        self.asked.append(host)
        if host not in self._answers:
            return self._real(host, port, *args, **kwargs)
        answers = self._answers[host]
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return [_entry(address, port) for address in found]


def _entry(address: str, port: Any) -> tuple[Any, ...]:
    if ":" in address:
        return (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
    return (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))


LOOPBACK_FORMS = (
    "http://127.0.0.1:{port}/fhir",
    "http://127.1.2.3:{port}/fhir",
    "http://127.1:{port}/fhir",
    "http://0.0.0.0:{port}/fhir",
    "http://0:{port}/fhir",
    "http://localhost:{port}/fhir",
    "http://LOCALHOST:{port}/fhir",
    "http://localhost.:{port}/fhir",
    "http://127.0.0.1.:{port}/fhir",
    "http://2130706433:{port}/fhir",
    "http://0x7f000001:{port}/fhir",
    "http://0x7f.1:{port}/fhir",
    "http://017700000001:{port}/fhir",
    "http://0177.0.0.1:{port}/fhir",
    "http://127.0.0.1%2f:{port}/fhir",
    "http://[::ffff:127.0.0.1]:{port}/fhir",
    "http://[::ffff:7f00:1]:{port}/fhir",
    "http://[0:0:0:0:0:ffff:127.0.0.1]:{port}/fhir",
    "http://[::127.0.0.1]:{port}/fhir",
    "http://[64:ff9b::7f00:1]:{port}/fhir",
    "http://[2002:7f00:1::]:{port}/fhir",
    "http://[::1]:{port}/fhir",
    "http://[::]:{port}/fhir",
    "http://user@127.0.0.1:{port}/fhir",
    "http://fhir.example.org@127.0.0.1:{port}/fhir",
    "http://fhir.example.org:443@127.0.0.1:{port}/fhir",
    "http://127.0.0.1:{port}\\@fhir.example.org/fhir",
    "http://fhir.example.org\\@127.0.0.1:{port}/fhir",
    "http://127.0.0.1:{port}#@fhir.example.org/fhir",
    "http://127.0.0.1:{port}?@fhir.example.org/fhir",
    "http://\u2460\u2461\u2466.0.0.1:{port}/fhir",
    "http://\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3:{port}/fhir",
    "http://127\u30020\u30020\u30021:{port}/fhir",
    "http://evil.example.org:{port}/fhir",
    "HTTP://evil.example.org:{port}/fhir",
    "http:\\\\127.0.0.1:{port}\\fhir",
    " http://127.0.0.1:{port}/fhir",
    "http://127.0.0.1:{port}\t/fhir",
    "http://127.0.0.1\n:{port}/fhir",
)
"""Ways to write loopback; `evil.example.org` resolves to it."""

OTHER_FORMS = (
    f"http://{METADATA}/latest/meta-data",
    "http://[::ffff:169.254.169.254]/latest/meta-data",
    "http://[fe80::1]/fhir",
    "http://[fc00::1]/fhir",
    "http://[fd00:ec2::254]/latest/meta-data",
    "http://[ff02::1]/fhir",
    "http://10.0.0.1/fhir",
    "http://172.16.0.1/fhir",
    "http://192.168.1.1/fhir",
    "http://100.64.0.1/fhir",
    "http://198.18.0.1/fhir",
    "http://224.0.0.1/fhir",
    "http://240.0.0.1/fhir",
    "http://255.255.255.255/fhir",
    "http://192.0.2.1/fhir",
    "http://metadata.example.org/fhir",
    "ftp://127.0.0.1/fhir",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/_GET",
    "unix:///run/docker.sock",
    "//127.0.0.1:{port}/fhir",
    "127.0.0.1:{port}/fhir",
    "http://",
    "http:///fhir",
    "http://127.0.0.1:99999/fhir",
    "http://127.0.0.1:-1/fhir",
    "http://a..b/fhir",
)
"""Other places that nobody listed; `metadata.example.org` resolves to the cloud's."""
NAMES = {
    "evil.example.org": [["127.0.0.1"]],
    "metadata.example.org": [[METADATA]],
    "fhir.example.org": [[PUBLIC]],
    "a..b": [[]],
}
