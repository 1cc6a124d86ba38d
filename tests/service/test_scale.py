"""A worker or a whole process is killed under load: nothing that was acknowledged is lost."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.service.calls import PATH, request
from tests.service.fleet import Member, fleet, in_demo
from tests.service.load import kept, send

POSTS = 1000


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a killed process leaves behind lies in the folder of the test."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))


def test_feedback_outlasts_the_kill_of_a_worker(postgres: Callable[[], str]) -> None:
    url = postgres()
    with fleet(in_demo(url)) as members:
        sent = send([each.url for each in members], POSTS, members[0].kill_a_worker)

    assert sorted(sent.acknowledged) == sorted(f"card-{number}" for number in range(POSTS))
    assert kept(url) == dict.fromkeys(sent.acknowledged, 1)


class Asking:
    """Calls of a hook without pause, to one address after the other, until told to stop."""

    def __init__(self, members: list[Member]) -> None:
        self.stop = threading.Event()
        self.answers: list[Any] = []
        self.broken = 0
        self._urls = [each.url for each in members]

    def __call__(self, number: int) -> None:
        with requests.Session() as session:
            session.trust_env = False
            while not self.stop.is_set():
                number += 1
                url = self._urls[number % len(self._urls)]
                try:
                    answer = session.post(url + PATH, json=request(), timeout=30)
                except requests.RequestException:
                    self.broken += 1
                    continue
                self.answers.append((answer.status_code, answer.text))


def test_the_kill_of_a_process_loses_nothing_and_gives_no_wrong_answer(
    postgres: Callable[[], str],
) -> None:
    url = postgres()
    with fleet(in_demo(url)) as members, ThreadPoolExecutor(4) as pool:
        expected = requests.post(members[0].url + PATH, json=request(), timeout=30)
        asking = Asking(members)
        done = [pool.submit(asking, number) for number in range(4)]
        try:
            sent = send([each.url for each in members], POSTS // 2, members[0].kill, 16)
        finally:
            asking.stop.set()
        for each in done:
            each.result()

    assert kept(url) == dict.fromkeys(sent.acknowledged, 1)
    assert len(sent.acknowledged) == POSTS // 2
    assert asking.broken > 0
    assert json.loads(expected.text)["cards"]
    assert set(asking.answers) == {(200, expected.text)}
