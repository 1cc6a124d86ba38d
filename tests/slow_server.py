"""A FHIR server for measuring, in a process of its own: each answer is ready, and comes late.

`python -m tests.slow_server DELAY_MS` reads one line of JSON, which maps a part of a URL to the
body that answers it, and prints its port. `GET /seen` answers at once: the number of queries since
it was last asked, and how many seconds the slowest took, from the request that came in to the
answer that went out. It ends when its standard input does.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass, field
from urllib.parse import unquote

SEEN = "/seen"
_END = b"\r\n\r\n"
_EMPTY = b'{"resourceType": "Bundle", "type": "searchset", "total": 0}'


@dataclass
class Answers:
    """What is answered after `delay_s`, and how long each answer took."""

    bodies: dict[str, str]
    delay_s: float
    took_s: list[float] = field(default_factory=list)
    _ready: dict[str, bytes] = field(default_factory=dict)

    def to(self, path: str) -> bytes:
        """The answer to a GET; the same one is put together once."""
        if path not in self._ready:
            url = unquote(path)
            body = next((text for where, text in self.bodies.items() if where in url), None)
            self._ready[path] = _http(_EMPTY if body is None else body.encode())
        return self._ready[path]

    def seen(self) -> bytes:
        """The answer to `GET /seen`."""
        took, self.took_s = self.took_s, []
        told = {"queries": len(took), "slowest_s": max(took, default=0.0)}
        return _http(json.dumps(told).encode())


def _http(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Length: {len(body)}"
    return head.encode() + _END + body


class Connection(asyncio.Protocol):
    """Answers the requests of one connection, one after another."""

    def __init__(self, answers: Answers) -> None:
        """Answer what `answers` holds."""
        self._answers = answers
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where to write."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer later, once the request is whole."""
        self._held += data
        if not self._held.endswith(_END):
            return
        path = self._held.split(b" ", 2)[1].decode()
        self._held = b""
        if path == SEEN:
            self._transport.write(self._answers.seen())
            return
        came = self._loop.time()
        self._loop.call_later(self._answers.delay_s, self._answer, came, self._answers.to(path))

    def _answer(self, came: float, answer: bytes) -> None:
        self._transport.write(answer)
        self._answers.took_s.append(self._loop.time() - came)


async def main() -> None:
    """Serve until the standard input ends."""
    line = await asyncio.to_thread(sys.stdin.readline)
    answers = Answers(json.loads(line), int(sys.argv[1]) / 1000)
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(lambda: Connection(answers), "127.0.0.1", 0, backlog=512)
    print(listening.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - what the parent reads
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
