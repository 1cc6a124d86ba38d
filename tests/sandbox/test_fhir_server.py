"""The server starts, answers as its capability says, and leaves nothing behind."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import requests

from sandbox import fhir_server
from sandbox.fhir_server import ServerError, base_url, free_port, running, serve

STUBBORN = """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
signal.pause()
"""


def leftovers() -> set[Path]:
    return set(Path(tempfile.gettempdir()).glob("cart-cds-sandbox-*"))


def test_it_answers_on_loopback_with_its_own_address(
    empty_fhir: str, session: requests.Session
) -> None:
    statement = session.get(f"{empty_fhir}/metadata", timeout=10).json()

    assert empty_fhir.startswith("http://127.0.0.1:")
    assert statement["resourceType"] == "CapabilityStatement"
    assert statement["implementation"]["url"] == empty_fhir


def test_its_links_lead_back_to_it(fhir: str, session: requests.Session) -> None:
    url = f"{fhir}/Observation?patient=crs-3&_count=10"
    links = session.get(url, timeout=10).json()["link"]

    assert all(link["url"].startswith(f"{fhir}/") for link in links)


def test_it_is_gone_with_its_folder_after_use(session: requests.Session) -> None:
    before = leftovers()
    with running(free_port()) as base:
        pass

    with pytest.raises(requests.ConnectionError):
        session.get(f"{base}/metadata", timeout=2)
    assert leftovers() <= before


def test_a_server_that_ends_early_is_an_error(fhir: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")

    with pytest.raises(ServerError, match="ended with status 1"), running(free_port()):
        pass


def test_a_server_that_does_not_answer_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/cat")
    monkeypatch.setattr(fhir_server, "_START_S", 0)

    with pytest.raises(ServerError, match="did not answer within 0 s"), running(free_port()):
        pass


def test_a_process_that_does_not_stop_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fhir_server, "_STOP_S", 0.2)
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and script
        [sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()

    fhir_server._stop(process)

    process.stdout.close()
    assert process.returncode == -9


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sekmet.main", None)

    with pytest.raises(ServerError, match="pip install"):
        serve(1)


def test_a_base_is_on_loopback() -> None:
    assert base_url(8043) == "http://127.0.0.1:8043/fhir"
