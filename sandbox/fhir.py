"""What the EHR asks of its FHIR server: read, search to the last page, write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urljoin

import requests

from sandbox.catalog import Resource

_TIMEOUT_S: Final = 30
_PAGES: Final = 40
_JSON: Final = {"Accept": "application/fhir+json", "Cache-Control": "no-cache"}
"""Without the last, HAPI answers a search again with what it found up to a minute ago."""


class FhirError(RuntimeError):
    """The FHIR server refused, or gave no FHIR; the message is for the person at the page."""


class Fhir:
    """A FHIR server at one base URL; it is never asked for anything outside of it."""

    def __init__(self, session: requests.Session, base: str, token: str = "") -> None:
        """Talk to the server at `base` (no slash at its end), with a user's token if any."""
        self._session = session
        self._base = base
        self._headers = _JSON | ({"Authorization": f"Bearer {token}"} if token else {})

    def read(self, path: str) -> Resource:
        """The resource or Bundle at a path below the base; raises `FhirError`."""
        return self._send("GET", f"{self._base}/{path}")

    def search(self, kind: str, query: Mapping[str, str]) -> Iterator[Resource]:
        """The resources of that kind, page after page; raises `FhirError`.

        Stops at 40 pages, and at a next link that leads out of the base.
        """
        for page in self.pages(kind, query):
            for entry in page.get("entry", ()):
                if entry.get("resource", {}).get("resourceType") == kind:
                    yield entry["resource"]

    def pages(self, kind: str, query: Mapping[str, str]) -> Iterator[Resource]:
        """The pages of a search; the last one has a next link where it stops before the end."""
        page = self._send("GET", f"{self._base}/{kind}", query)
        yield page
        for _ in range(_PAGES):
            url = _next(page, self._base)
            if url is None:
                return
            page = self._send("GET", url)
            yield page

    def create(self, resource: Resource) -> str:
        """Writes a new resource and gives its `Type/id`; raises `FhirError`."""
        kind = resource["resourceType"]
        written = self._send("POST", f"{self._base}/{kind}", body=resource)
        return f"{kind}/{written.get('id', '')}"

    def update(self, resource: Resource) -> str:
        """Writes a resource in place of its last version and gives its `Type/id`; as above."""
        path = f"{resource['resourceType']}/{resource['id']}"
        self._send("PUT", f"{self._base}/{path}", body=resource)
        return path

    def _send(
        self, method: str, url: str, query: Mapping[str, str] | None = None, body: Any = None
    ) -> Resource:
        try:
            answer = self._session.request(
                method, url, params=query, json=body, headers=self._headers, timeout=_TIMEOUT_S
            )
            found = answer.json()
        except requests.RequestException as error:
            kind = type(error).__name__
            raise FhirError(f"{self._base} does not answer as a FHIR server: {kind}") from error
        if not answer.ok or not isinstance(found, dict):
            raise FhirError(f"{self._base} answered {answer.status_code}: {_said(found)}")
        return found


def _next(page: Resource, base: str) -> str | None:
    for link in page.get("link", ()):
        if link.get("relation") == "next":
            url = urljoin(f"{base}/", str(link.get("url", "")))
            return url if url.startswith((f"{base}/", f"{base}?")) else None
    return None


def _said(found: Any) -> str:
    issues = found.get("issue", ()) if isinstance(found, dict) else ()
    return "; ".join(str(each.get("diagnostics", each.get("code"))) for each in issues)
