"""A token is used once, whichever worker of whichever process sees it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import requests

from service import create_app
from service.cli import gunicorn
from service.processes import HOST, free_port, running
from service.settings import demo_settings
from service.store import open_store
from tests.service.calls import PATH, request
from tests.service.identities import NOW, bearer, ec, production, public, token

WORKERS, CALLS = 2, 12


@contextmanager
def services(folder: Path, database_url: str) -> Iterator[list[str]]:
    """Two services in production under gunicorn, of two workers each, with one store."""
    client = {"name": "a", "issuer": "https://sandbox.example.org", "keys": [public(ec())]}
    settings = production(folder, client, database_url=database_url)
    environment = {
        "MODE": "production",
        "BASE_URL": "https://cds.example.org/cartox",
        "CLIENTS": settings.clients,
        "STORE_KEYS": settings.store_keys,
        "DATABASE_URL": database_url,
        "DEADLINE_MS": "10000",
    }
    told = [f"--env=CART_CDS_{name}={value}" for name, value in environment.items()]
    found: list[str] = []
    with ExitStack() as stack:
        for _ in range(2):
            port = free_port(18_700)
            url = f"http://{HOST}:{port}"
            stack.enter_context(running(gunicorn(HOST, port, WORKERS, *told), f"{url}/readyz"))
            found.append(url)
        yield found


@pytest.fixture
def made(database_url: str) -> str:
    open_store(demo_settings(database_url=database_url)).close()
    return database_url


def send(call: tuple[str, str]) -> int:
    """The status of a call by a connection of its own, so that any worker may take it."""
    url, text = call
    with requests.Session() as session:
        session.trust_env = False
        answer = session.post(url + PATH, json=request(), headers=bearer(text), timeout=60)
    return answer.status_code


def test_of_many_calls_with_one_token_one_is_answered(tmp_path: Path, made: str) -> None:
    now = int(time.time())
    with services(tmp_path, made) as urls, ThreadPoolExecutor(CALLS) as pool:
        for _ in range(3):
            text = token(iat=now, exp=now + 300)
            calls = [(urls[number % 2], text) for number in range(CALLS)]

            assert Counter(pool.map(send, calls)) == {200: 1, 401: CALLS - 1}


def test_a_restart_does_not_forget(tmp_path: Path, made: str) -> None:
    client = {"name": "a", "issuer": "https://sandbox.example.org", "keys": [public(ec())]}
    settings = production(tmp_path, client, database_url=made)
    head = bearer(token())
    statuses = [
        create_app(settings, clock=lambda: NOW)
        .test_client()
        .post(PATH, json=request(), headers=head)
        .status_code
        for _ in range(2)
    ]

    assert statuses == [200, 401]
