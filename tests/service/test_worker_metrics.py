"""The workers of one gunicorn count as one, also after some of them are gone."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests
from prometheus_client.mmap_dict import MmapedDict, mmap_key

from service import gunicorn_conf, master, meters, metrics_folder
from tests.service.calls import PATH, request
from tests.service.fleet import WORKERS, Member, fleet, in_demo
from tests.service.measured import Counts, count, counts

VIEW = "cart-toxicity-patient-view"
VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


@pytest.fixture
def member(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Member]:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with fleet(in_demo(f"sqlite:///{tmp_path / 'store.sqlite3'}"), 1) as (only,):
        yield only
    assert list(tmp_path.glob("cart-cds-metrics-*")) == []


def seen(member: Member) -> Counts:
    return counts(get(f"{member.url}/metrics").text)


def get(url: str) -> requests.Response:
    """By a connection of its own, so that any worker may take it."""
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, timeout=30)


def call(member: Member) -> None:
    with requests.Session() as session:
        session.trust_env = False
        assert session.post(member.url + PATH, json=request(), timeout=30).status_code == 200


def calls(member: Member) -> float:
    return count(seen(member), "request_seconds_count", service=VIEW)


def wait_until(done: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not done():
        assert time.monotonic() < until
        time.sleep(0.1)


def test_workers_count_as_one_and_nothing_falls_when_one_is_killed(
    member: Member, tmp_path: Path
) -> None:
    for _ in range(20):
        call(member)
    assert calls(member) == 20
    (folder,) = tmp_path.glob("cart-cds-metrics-*")
    for killed in (1, 2):
        member.kill_a_worker()
        wait_until(lambda: count(seen(member), "workers_started_total") == WORKERS + killed)  # noqa: B023
        assert calls(member) == 20

    alive = {f"{kind}_{pid}.db" for kind in ("counter", "histogram") for pid in member.workers()}
    files = {each.name for each in folder.glob("*.db")}
    assert files <= alive | {"counter_0.db", "histogram_0.db"}
    assert {"counter_0.db", "histogram_0.db"} <= files


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as gunicorn's master makes it."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setenv(VARIABLE, "before")
    monkeypatch.setattr(master, "check", lambda: None)
    gunicorn_conf.on_starting(None)
    return Path(os.environ[VARIABLE])  # noqa: TID251 - what was set


def written(shared: Path, pid: int, value: float) -> None:
    """The file of a worker that has counted cards."""
    kept = MmapedDict(str(shared / f"counter_{pid}.db"))  # type: ignore[no-untyped-call]
    name = "cart_cds_suppressed"
    key = mmap_key(name, f"{name}_total", ["topic"], ["CRSGrade"], "help")  # type: ignore[no-untyped-call]
    kept.write_value(key, value, 0.0)  # type: ignore[no-untyped-call]
    kept.close()  # type: ignore[no-untyped-call]


def cards() -> float:
    return count(counts(meters.exposition().decode()), "suppressed_total", topic="CRSGrade")


def test_a_start_makes_a_new_empty_folder_and_an_end_removes_it(shared: Path) -> None:
    assert [each.name for each in shared.iterdir()] == ["lock"]
    gunicorn_conf.on_exit(None)
    assert not shared.exists()


def test_what_workers_counted_that_are_gone_is_added_up(shared: Path) -> None:
    for pid, value in ((11, 2.0), (12, 3.0), (13, 4.0)):
        written(shared, pid, value)
    assert cards() == 9
    for pid in (11, 12, 14):
        gunicorn_conf.child_exit(None, SimpleNamespace(pid=pid))

    assert cards() == 9
    assert {each.name for each in shared.glob("*.db")} == {"counter_0.db", "counter_13.db"}


def test_without_gunicorn_a_process_counts_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    metrics_folder.fold(1)
    metrics_folder.remove_folder()

    assert metrics_folder.folder() is None
