"""One FHIR server for the whole session, with every patient loaded at a fixed instant.

A second one, dated from the clock, stands behind the bedside page.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from sandbox.bases import Bases
from sandbox.bedside import create_app
from sandbox.fhir_server import free_port, running
from sandbox.loader import load
from sandbox.story import Story, stories
from tests.sandbox.walking import calm, chromium, crs_3_with_icans_2

NOW = datetime(2026, 11, 22, 14, 0, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def everyone() -> tuple[Story, ...]:
    return stories()


@pytest.fixture(scope="session")
def session() -> Iterator[requests.Session]:
    with requests.Session() as opened:
        opened.trust_env = False
        yield opened


@pytest.fixture(scope="session")
def empty_fhir() -> Iterator[str]:
    with running(free_port()) as base:
        yield base


@pytest.fixture(scope="session")
def fhir(empty_fhir: str, session: requests.Session, everyone: tuple[Story, ...]) -> str:
    for _ in load(session, empty_fhir, everyone, NOW):
        pass
    return empty_fhir


def clock() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the page shows today's charts


@pytest.fixture(scope="session")
def walk_fhir() -> Iterator[str]:
    with running(free_port()) as base:
        yield base


@pytest.fixture(scope="session")
def bedside(walk_fhir: str, address: str) -> Iterator[str]:
    """The address of the page, over the second FHIR server and the service."""
    app = create_app(Bases(walk_fhir, address), clock)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed after each module: playwright's event loop must not be there for other tests."""
    with chromium() as found:
        yield found


@pytest.fixture(scope="session")
def walk_patients(
    walk_fhir: str, session: requests.Session, everyone: tuple[Story, ...]
) -> tuple[Story, ...]:
    """Calm patients for each walk, CRS 3 with ICANS 2, one at day 17, one with possible IEC-HS."""
    by_id = {story.id: story for story in everyone}
    calm_ones = [calm(each) for each in ("w6", "w18", "w24", "w36", "w44", "stop")]
    chosen = (
        *calm_ones,
        calm("forms", "A"),
        crs_3_with_icans_2(),
        by_id["late-crs"],
        by_id["iec-hs"],
    )
    for _ in load(session, walk_fhir, chosen, clock()):
        pass
    return chosen
