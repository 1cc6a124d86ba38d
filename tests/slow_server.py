"""A FHIR server for measuring, in a process of its own: each answer is ready, and comes late.

`python -m tests.slow_server DELAY_MS` reads one line of JSON, which maps a part of a URL to the
body that answers it, and prints its port. It ends when its standard input does.
"""

from __future__ import annotations

import asyncio
import json
import sys
from urllib.parse import unquote

_EMPTY = b'{"resourceType": "Bundle", "type": "searchset", "total": 0}'


class Server:
    """Answers every request after a fixed delay, however many come at once."""

    def __init__(self, delay_s: float, bodies: dict[str, str]) -> None:
        self._delay_s = delay_s
        self._bodies = {where: text.encode() for where, text in bodies.items()}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection, one after another."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                url = unquote(head.split(b" ", 2)[1].decode())
                found = (body for where, body in self._bodies.items() if where in url)
                body = next(found, _EMPTY)
                await asyncio.sleep(self._delay_s)
                length = f"Content-Length: {len(body)}\r\n\r\n".encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\n" + length)
                writer.write(body)
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            writer.close()


async def main() -> None:
    """Serve until the standard input ends."""
    line = await asyncio.to_thread(sys.stdin.readline)
    server = Server(int(sys.argv[1]) / 1000, json.loads(line))
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, backlog=512)
    print(listening.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - what the parent reads
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
