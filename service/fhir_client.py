"""Reads from the EHR's FHIR server: one pooled session, one origin, bounded in time and size."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final, NamedTuple

import requests
import urllib3

from service.access import Access, ReadError
from service.outgoing import DEMO_REACH, Reach, Refused, guarded_session

POOL: Final = 192
"""Threads that read, and connections that are kept to a server (design.md 8)."""
Query = tuple[tuple[str, str], ...]
_REDIRECTS = 0
_CHUNK = 1 << 16
_HEADERS = {"Accept": "application/fhir+json", "User-Agent": "cart-toxicity-cds"}
_TIMEOUTS = (requests.Timeout, urllib3.exceptions.TimeoutError)


class _Answer(NamedTuple):
    """Status, body of a 200, and where a redirect leads."""

    status: int
    body: bytes
    location: str


class FhirClient:
    """One session for all servers, without proxies, cookies or credentials of the machine."""

    def __init__(self, max_bytes: int, reach: Reach = DEMO_REACH) -> None:
        """Read answers of at most `max_bytes`, after decompression, within `reach`."""
        self._max_bytes = max_bytes
        self._session = guarded_session(reach, connections=POOL)
        self._session.headers.update(_HEADERS)

    def get(self, access: Access, url: str, query: Query = ()) -> bytes:
        """The body of a 200 answer; redirects are not followed.

        Raises:
            ReadError: there is none in time.
        """
        for _ in range(1 + _REDIRECTS):
            answer = self._answer(access, url, query)
            if answer.status == HTTPStatus.OK:
                return answer.body
            if not answer.location:
                raise ReadError(f"http-{answer.status}")
            url, query = access.resolve(answer.location, url), ()
        raise ReadError("redirects")

    def _answer(self, access: Access, url: str, query: Query) -> _Answer:
        """One exchange; once more where the connection broke: it may have been idle too long."""
        try:
            try:
                return self._exchange(access, url, query)
            except requests.ConnectionError as error:
                if isinstance(error, requests.Timeout):
                    raise
                return self._exchange(access, url, query)
        except Refused as error:
            raise ReadError("server-not-allowed") from error
        except _TIMEOUTS as error:
            raise ReadError("timeout") from error
        except requests.ConnectionError as error:
            raise ReadError("connection") from error
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise ReadError("broken-answer") from error

    def _exchange(self, access: Access, url: str, query: Query) -> _Answer:
        headers = {} if access.token is None else {"Authorization": f"Bearer {access.token}"}
        with self._session.get(
            url,
            params=query,
            headers=headers,
            timeout=access.remaining(),
            allow_redirects=False,
            stream=True,
        ) as response:
            if response.status_code == HTTPStatus.OK:
                return _Answer(HTTPStatus.OK, self._body(access, response), "")
            moved = response.headers.get("Location", "") if response.is_redirect else ""
            return _Answer(response.status_code, b"", moved)

    def _body(self, access: Access, response: requests.Response) -> bytes:
        """The whole body; a server that drips does not outlast the time that is left."""
        body = bytearray()
        while chunk := response.raw.read1(_CHUNK, decode_content=True):
            body += chunk
            if len(body) > self._max_bytes:
                raise ReadError("too-large")
            access.remaining()
        return bytes(body)
