"""Reads from the EHR's FHIR server: pooled connections, one origin, bounded in time and size."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import Final, NamedTuple
from urllib.parse import urlencode

import requests
import urllib3
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import InvalidHeader, MaxRetryError
from urllib3.util.retry import Retry

from service.access import Access, ReadError
from service.ending import ending_at
from service.outgoing import DEMO_REACH, Reach, Refused, guarded_session

POOL: Final = 192
"""Threads that read, and connections that are kept to a server (design.md 8)."""
Query = tuple[tuple[str, str], ...]
LONGEST_URL: Final = 2000
"""Characters; a longer search goes by POST."""
_SERVERS = 64
_CHUNK = 1 << 16
_HEADERS = {
    "Accept": "application/fhir+json",
    "User-Agent": "cart-toxicity-cds",
    "Cache-Control": "no-cache",
}
"""Without the last, HAPI answers a search again with what it found up to a minute ago."""
_TIMEOUTS = (requests.Timeout, urllib3.exceptions.TimeoutError)
_GET, _POST = "GET", "POST"
_FORM = "application/x-www-form-urlencoded"
_NO_POST = frozenset({403, 404, 405, 415, 501})
"""Statuses of a server that does not take `_search` by POST."""
_RETRIES = Retry(
    total=2,
    status_forcelist=(429, 502, 503, 504),
    allowed_methods=(_GET, _POST),
    backoff_factor=0.05,
)
"""What is tried again, how often, and after how long; always within the time for reads."""
_FIRST_WAIT_S = 0.05
_LONGEST_WAIT = 64
"""Characters of a Retry-After, which is a number of seconds or a date."""
_BROKEN = 0


class _Ask(NamedTuple):
    """One request; `form` is what a POST sends."""

    method: str
    url: str
    form: str = ""


class _Answer(NamedTuple):
    """Status, body of a 200, where a redirect leads, seconds until the server may be asked again.

    The status is `_BROKEN` where the connection was: it may have been idle too long.
    """

    status: int
    body: bytes = b""
    location: str = ""
    wait_s: float = 0.0


class FhirClient:
    """One pool of connections to each server, without proxies, cookies or machine credentials."""

    def __init__(self, max_bytes: int, reach: Reach = DEMO_REACH) -> None:
        """Read answers of at most `max_bytes`, after decompression, within `reach`."""
        self._max_bytes = max_bytes
        self._session = guarded_session(reach, servers=_SERVERS, connections=POOL)
        self._session.headers.update(_HEADERS)

    def get(self, access: Access, url: str, query: Query = ()) -> bytes:
        """The body of a 200 answer; redirects are not followed.

        A search that would make too long a URL goes by POST, by GET where the server takes none.

        Raises:
            ReadError: there is none in time.
        """
        encoded = urlencode(query)
        full = f"{url}?{encoded}" if encoded else url
        if encoded and len(full) > LONGEST_URL:
            answer = self._answer(access, _Ask(_POST, f"{url}/_search", encoded))
            if answer.status == HTTPStatus.OK:
                return answer.body
            if answer.status not in _NO_POST:
                raise ReadError(f"http-{answer.status}")
        answer = self._answer(access, _Ask(_GET, full))
        if answer.status == HTTPStatus.OK:
            return answer.body
        if not answer.location:
            raise ReadError(f"http-{answer.status}")
        access.resolve(answer.location, url)  # another server is told apart
        raise ReadError("redirects")

    def _answer(self, access: Access, ask: _Ask) -> _Answer:
        """The answer after as many tries as there is time for."""
        retries = _RETRIES
        while True:
            answer = self._try(access, ask)
            left = _left(retries, ask, answer)
            wait = max(answer.wait_s, left.get_backoff_time(), _FIRST_WAIT_S) if left else 0.0
            if left is None or wait >= access.left():
                break
            retries = left
            time.sleep(wait)
        if answer.status == _BROKEN:
            raise ReadError("connection")
        return answer

    def _try(self, access: Access, ask: _Ask) -> _Answer:
        try:
            return self._exchange(access, ask)
        except Refused as error:
            raise ReadError("server-not-allowed") from error
        except _TIMEOUTS as error:
            raise ReadError("timeout") from error
        except requests.ConnectionError:
            access.remaining()
            return _Answer(_BROKEN)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise ReadError("broken-answer") from error

    def _exchange(self, access: Access, ask: _Ask) -> _Answer:
        sent = self._prepared(access, ask)
        with (
            ending_at(access.until),
            self._session.send(
                sent, timeout=access.remaining(), allow_redirects=False, stream=True
            ) as response,
        ):
            if response.status_code == HTTPStatus.OK:
                return _Answer(HTTPStatus.OK, self._body(access, response))
            moved = response.headers.get("Location", "") if response.is_redirect else ""
            wait = _asked_for(response.headers.get("Retry-After"))
            return _Answer(response.status_code, b"", moved, wait)

    def _prepared(self, access: Access, ask: _Ask) -> requests.PreparedRequest:
        """The request as it goes out: its URL is complete, so the library has none to put together.

        That is a third of the processor time of a read.
        """
        sent = requests.PreparedRequest()
        sent.method, sent.url = ask.method, ask.url
        sent.headers = CaseInsensitiveDict(_HEADERS)
        if access.token is not None:
            sent.headers["Authorization"] = f"Bearer {access.token}"
        if ask.form:
            sent.headers["Content-Type"] = _FORM
            sent.prepare_body(ask.form, None)
        return sent

    def _body(self, access: Access, response: requests.Response) -> bytes:
        """The whole body; a server that drips does not outlast the time that is left."""
        body = bytearray()
        while chunk := response.raw.read1(_CHUNK, decode_content=True):
            body += chunk
            if len(body) > self._max_bytes:
                raise ReadError("too-large")
            access.remaining()
        return bytes(body)


def _left(retries: Retry, ask: _Ask, answer: _Answer) -> Retry | None:
    """The tries that are left after one; None: it is not to be tried again."""
    if answer.status != _BROKEN and not retries.is_retry(ask.method, answer.status):
        return None
    try:
        return retries.increment(ask.method)
    except MaxRetryError:
        return None


def _asked_for(retry_after: str | None) -> float:
    """Seconds that a server asks to wait; 0 where it does not, or cannot be understood."""
    if retry_after is None or len(retry_after) > _LONGEST_WAIT:
        return 0.0
    try:
        return _RETRIES.parse_retry_after(retry_after)
    except (InvalidHeader, ValueError, OverflowError):
        return 0.0
