"""Four workers in two processes behave as one: tokens are used once, feedback is kept once."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from service import create_app
from service.settings import demo_settings
from service.store import open_store
from tests.service.calls import PATH, request
from tests.service.fleet import fleet, in_production
from tests.service.identities import NOW, bearer, ec, production, public, token

CALLS = 12


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
    settings = in_production(tmp_path, made)
    with fleet(settings) as members, ThreadPoolExecutor(CALLS) as pool:
        for _ in range(3):
            text = token(iat=now, exp=now + 300)
            calls = [(members[number % 2].url, text) for number in range(CALLS)]

            assert Counter(pool.map(send, calls)) == {200: 1, 401: CALLS - 1}


def report(call: tuple[str, str, str]) -> int:
    """How many entries of one outcome of a card were new to a service."""
    url, text, card = call
    entry = {"card": card, "outcome": "overridden", "outcomeTimestamp": "2026-11-22T14:00:00Z"}
    address = f"{url}{PATH}/feedback"
    with requests.Session() as session:
        session.trust_env = False
        answer = session.post(address, json={"feedback": [entry]}, headers=bearer(text), timeout=60)
    assert answer.status_code == 200, answer.text
    stored: int = answer.json()["stored"]
    return stored


def test_of_many_equal_reports_one_is_kept(tmp_path: Path, made: str) -> None:
    now = int(time.time())
    settings = in_production(tmp_path, made)
    with fleet(settings) as members, ThreadPoolExecutor(CALLS) as pool:
        for card in ("card-1", "card-2", "card-3"):
            calls = [
                (members[number % 2].url, token(iat=now, exp=now + 300), card)
                for number in range(CALLS)
            ]

            assert Counter(pool.map(report, calls)) == {1: 1, 0: CALLS - 1}


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
