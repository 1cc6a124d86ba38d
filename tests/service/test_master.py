"""The master of gunicorn checks and reads once; workers that come later take it as it is."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import psycopg
import pytest
import requests
from gunicorn.config import Config

from grading.knowledge import EDITION
from service import create_app, gunicorn_conf, held, master
from service.clients import read_clients
from service.outgoing import trust_in
from service.server_log import ServerLines, ServerLog
from service.settings import Settings, demo_settings
from service.site import read_site
from service.vault import open_vault
from tests.service.certificates import Authority
from tests.service.fleet import Member, fleet, in_demo
from tests.service.identities import ec, production, public

SITE = f'[site]\nname = "Ward 5"\nversion = "{{}}"\nbased_on = "{EDITION}"\n'
PATIENCE_S = 60


def policy(path: Path, version: str) -> Path:
    path.write_text(f"sbp_adult = 85\n{SITE.format(version)}", "utf-8")
    return path


def get(url: str) -> requests.Response:
    """By a connection of its own, so that any worker may take it."""
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, timeout=30)


def wait_until(done: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < until
        time.sleep(0.1)


def editions(member: Member) -> set[str]:
    """What its workers say is in force."""
    pages = [get(f"{member.url}/about").text for _ in range(20)]
    return {found[0] for page in pages if (found := re.findall(r"Ward 5\s+(\w+)", page))}


def replaced(member: Member) -> None:
    """End one worker; another one takes its place."""
    first, other = member.workers()
    os.kill(first, signal.SIGTERM)
    wait_until(lambda: len(now := member.workers()) == 2 and first not in now)
    assert other in member.workers()
    wait_until(lambda: get(f"{member.url}/healthz").status_code == 200)
    time.sleep(2)  # the new one answers too


def test_a_worker_that_comes_later_has_the_policy_of_its_siblings_until_a_reload(
    tmp_path: Path,
) -> None:
    file = policy(tmp_path / "ward.toml", "one")
    told = in_demo(f"sqlite:///{tmp_path / 'store.sqlite3'}") | {"POLICY": str(file)}
    with fleet(told, 1) as (member,):
        policy(file, "two")
        replaced(member)
        assert editions(member) == {"one"}

        file.write_text("sbp_adult = 1\n", "utf-8")  # refused: the service goes on as it was
        os.kill(member.program.pid, signal.SIGHUP)
        time.sleep(8)
        assert editions(member) == {"one"}

        policy(file, "two")
        os.kill(member.program.pid, signal.SIGHUP)
        wait_until(lambda: editions(member) == {"two"})


def allowed(admin: str, database: str, yes: bool) -> None:
    """Let the database take connections, or end them all and take none."""
    with psycopg.connect(admin, autocommit=True) as connection:
        name = database.partition("@/")[2].partition("?")[0]
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {yes}")  # type: ignore[arg-type]
        end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        if not yes:
            connection.execute(end, (name,))


def test_workers_that_start_while_the_database_is_out_are_not_ready_and_then_are(
    postgres: Callable[[], str],
) -> None:
    url, admin = postgres(), postgres()
    with fleet(in_demo(url), 1) as (member,):
        allowed(admin, url, yes=False)
        try:
            for _ in range(2):
                replaced(member)
            member.program.check()
            assert get(f"{member.url}/healthz").status_code == 200
            assert get(f"{member.url}/readyz").status_code == 503
        finally:
            allowed(admin, url, yes=True)
        wait_until(lambda: all(get(f"{member.url}/readyz").ok for _ in range(10)))
        log = Path(member.program.log_name).read_text()

    assert "Traceback" not in log
    assert {json.loads(line)["level"] for line in log.splitlines()} <= {"warning", "error"}


# --- in this process -----------------------------------------------------------------------------


@pytest.fixture
def environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[Mapping[str, str]], None]]:
    """Sets the settings of a demo whose store is in a folder of its own, and more of them."""
    monkeypatch.setenv("CART_CDS_MODE", "demo")
    monkeypatch.setenv("CART_CDS_DATABASE_URL", f"sqlite:///{tmp_path / 'store.sqlite3'}")

    def add(more: Mapping[str, str]) -> None:
        for name, value in more.items():
            monkeypatch.setenv(f"CART_CDS_{name}", value)

    yield add
    held._HELD.clear()
    held._BY_MASTER.clear()


@pytest.mark.parametrize(
    "wrong",
    [
        {"DEADLINE_MS": "never"},
        {"POLICY": "/nowhere/ward.toml"},
        {"STORE_KEYS": "/nowhere/store.keys"},
        {"DATABASE_URL": "sqlite:////nowhere/store.sqlite3"},
    ],
)
def test_what_cannot_be_used_stops_the_first_start_with_a_line_of_the_log(
    environment: Callable[[Mapping[str, str]], None],
    capsys: pytest.CaptureFixture[str],
    wrong: Mapping[str, str],
) -> None:
    environment(wrong)
    with pytest.raises(SystemExit) as caught:
        master.check()
    (line,) = capsys.readouterr().err.splitlines()

    assert caught.value.code == 1
    assert json.loads(line)["event"] == "start_refused"
    assert f"CART_CDS_{next(iter(wrong))}" in json.loads(line)["reason"]
    assert not held.by_master()


def test_a_worker_of_a_master_does_not_look_at_the_store(
    environment: Callable[[Mapping[str, str]], None], tmp_path: Path
) -> None:
    environment({})
    master.check()
    gone = f"sqlite:///{tmp_path / 'no-folder' / 'store.sqlite3'}"
    app = create_app(demo_settings(database_url=gone))

    assert app.test_client().get("/readyz").status_code == 503


def test_a_reload_that_is_refused_is_told_and_changes_nothing(
    environment: Callable[[Mapping[str, str]], None],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    file = policy(tmp_path / "ward.toml", "one")
    environment({"POLICY": str(file)})
    master.check()
    file.write_text("sbp_adult = 1\n", "utf-8")
    gunicorn_conf.on_reload(None)
    (line,) = capsys.readouterr().err.splitlines()
    edition = read_site(demo_settings(policy=file)).edition

    assert json.loads(line)["event"] == "reload_refused"
    assert edition is not None
    assert edition.version == "one"


def test_clients_and_keys_are_held_as_well_as_policy_and_code_map(
    environment: Callable[[Mapping[str, str]], None], tmp_path: Path
) -> None:
    client = {"name": "a", "issuer": "https://sandbox.example.org", "keys": [public(ec())]}
    settings: Settings = production(tmp_path, client)
    environment(
        {
            "MODE": "production",
            "BASE_URL": settings.base_url,
            "CLIENTS": settings.clients,
            "STORE_KEYS": settings.store_keys,
        }
    )
    master.check()
    before = open_vault(settings).fingerprints(b"x")
    for path in (settings.clients, settings.store_keys):
        Path(path).write_text("another", "ascii")

    assert [each.name for each in read_clients(settings.clients, [])] == ["a"]
    assert open_vault(settings).fingerprints(b"x") == before


def test_authorities_of_certificates_are_held_too(
    environment: Callable[[Mapping[str, str]], None], tmp_path: Path
) -> None:
    hospital = Authority(tmp_path)
    environment({"CA_FILE": str(hospital.file)})
    master.check()
    hospital.file.write_text("no certificate", "ascii")
    trusted = trust_in(hospital.file).cert_store_stats()["x509_ca"]

    assert trusted == trust_in(None).cert_store_stats()["x509_ca"] + 1


def test_what_the_server_itself_tells_is_a_line_without_what_clients_sent() -> None:
    with pytest.raises(ValueError, match="invalid literal") as caught:
        int("canary")
    found = (caught.type, caught.value, caught.tb)
    record = logging.LogRecord("x", logging.ERROR, "f", 1, "Error handling %s", ("canary",), found)
    text = ServerLines().format(record)
    line = json.loads(text)

    assert (line["event"], line["reason"]) == ("server_failed", "Error handling %s")
    assert line["error"] == ["ValueError"]
    assert len(line["frames"]) == 1
    assert "canary" not in text


def test_what_the_server_tells_of_an_error_alone_holds_no_text_of_it() -> None:
    record = logging.LogRecord("x", logging.ERROR, "f", 1, ValueError("canary"), (), None)
    assert json.loads(ServerLines().format(record)).keys() == {"time", "level", "event"}


def test_the_server_tells_what_it_tells_in_our_lines() -> None:
    log = ServerLog(Config())
    formatters = [type(handler.formatter) for handler in log.error_log.handlers]
    for handler in list(log.error_log.handlers):
        log.error_log.removeHandler(handler)

    assert formatters == [ServerLines]
