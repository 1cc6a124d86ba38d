"""One FHIR server for the whole session, with every patient loaded at a fixed instant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests

from sandbox.fhir_server import free_port, running
from sandbox.loader import load
from sandbox.story import Story, stories

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
