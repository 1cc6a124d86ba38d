"""FHIR servers that are not ours, each started here with every synthetic patient on it."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pytest
import requests
from werkzeug.serving import make_server

from sandbox import fhir_server
from sandbox.seeding import seed
from sandbox.story import stories
from service import create_app, demo_settings
from service.processes import HOST, running

NOW = "2026-11-22T14:00:30Z"
HAPI = Path(__file__).parents[1] / "hapi"
CLASSPATH = Path(sys.prefix) / "hapi.classpath"
_START_S = 420


class Seeded(NamedTuple):
    """A server, and the id of each patient on it by the id of its story."""

    base: str
    ids: dict[str, str]


@contextmanager
def hapi() -> Iterator[str]:
    """HAPI FHIR JPA with a database in memory."""
    java = shutil.which("java")
    if java is None or not CLASSPATH.exists():
        # 440 MB and a Java of its own: continuous integration has only sekmet-fhir
        pytest.skip("HAPI FHIR is not there: `make hapi` fetches it where Java and Maven are")
    port = fhir_server.free_port()
    command = [java, "-Xmx1g", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
    command += [f"-Dlogback.configurationFile={HAPI / 'logback.xml'}"]
    command += ["-cp", CLASSPATH.read_text(), str(HAPI / "HapiServer.java"), str(port)]
    base = f"http://{HOST}:{port}/fhir"
    with running(command, f"{base}/Patient?_count=1", _START_S):
        yield base


def sekmet() -> AbstractContextManager[str]:
    """The server of the demo."""
    return fhir_server.running(fhir_server.free_port())


@pytest.fixture(scope="session")
def session() -> Iterator[requests.Session]:
    with requests.Session() as opened:
        opened.trust_env = False
        yield opened


@pytest.fixture(scope="session")
def on_sekmet(session: requests.Session) -> Iterator[Seeded]:
    with sekmet() as base:
        yield _seeded(session, base)


@pytest.fixture(scope="session")
def on_hapi(session: requests.Session) -> Iterator[Seeded]:
    with hapi() as base:
        yield _seeded(session, base)


@pytest.fixture(scope="session", params=["sekmet", "hapi"])
def server(request: pytest.FixtureRequest) -> Seeded:
    found: Seeded = request.getfixturevalue(f"on_{request.param}")
    return found


def _seeded(session: requests.Session, base: str) -> Seeded:
    written = seed(session, base, stories(), datetime.fromisoformat(NOW))
    return Seeded(base, {each.story.id: each.patient_id for each in written})


@pytest.fixture(scope="session")
def service() -> Iterator[str]:
    """The service with time enough for a server on a busy machine."""
    app = create_app(demo_settings(deadline_ms=60_000))
    server = make_server(HOST, 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://{HOST}:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()
