"""The command `cart-cds`, run as a user runs it."""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from service import cli
from service.cli import main
from service.processes import free_port

FAKE = Path(__file__).with_name("fake_sandbox.py")


def fake(monkeypatch: pytest.MonkeyPatch, failing: str = "nothing") -> None:
    monkeypatch.setattr(cli, "_SANDBOX", (sys.executable, str(FAKE), failing))


def ports() -> list[str]:
    first = free_port(18_300 + os.getpid() % 1000)
    return ["--port", str(first), "--fhir-port", str(first + 50), "--page-port", str(first + 70)]


def test_the_module_is_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["cart-cds", "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("service", run_name="__main__")

    assert ended.value.code == 0
    assert "serve" in capsys.readouterr().out


def test_serve_hands_over_to_gunicorn(monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[list[str]] = []
    monkeypatch.setenv("CART_CDS_MODE", "demo")
    monkeypatch.setattr(os, "execv", lambda _path, command: handed.append(command))
    CliRunner().invoke(main, ["serve", "--host", "::1", "--port", "81", "--workers", "3"])

    assert handed == [
        [
            *(sys.executable, "-m", "gunicorn", "-c", "python:service.gunicorn_conf"),
            *("--bind", "[::1]:81", "--workers", "3"),
        ]
    ]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("MODE", "production", "CART_CDS_MODE is production"),
        ("MODE", "", "CART_CDS_MODE is production"),
        ("DEADLINE_MS", "soon", "CART_CDS_DEADLINE_MS is 'soon': use a whole number"),
    ],
)
def test_serve_stops_on_a_wrong_setting(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, told: str
) -> None:
    monkeypatch.setenv("CART_CDS_MODE", "demo")
    monkeypatch.setenv(f"CART_CDS_{name}", text)
    done = CliRunner().invoke(main, ["serve"])

    assert done.exit_code == 1
    assert told in done.output


@pytest.mark.parametrize(
    ("given", "passed"),
    [
        (["--fhir-base", "http://x"], "--fhir http://x --by-identifier"),
        (["--fhir", "http://x"], "--fhir http://x --by-identifier"),
        (["--fhir-base", "http://x", "--remove"], "--fhir http://x --remove"),
    ],
)
def test_seed_is_that_of_the_sandbox(
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    given: list[str],
    passed: str,
) -> None:
    fake(monkeypatch)
    done = CliRunner().invoke(main, ["seed", *given])

    assert done.exit_code == 0
    assert f"sandbox seed {passed}\n" in capfd.readouterr().out


def test_seed_fails_where_the_sandbox_does(monkeypatch: pytest.MonkeyPatch) -> None:
    fake(monkeypatch, "seed")

    assert CliRunner().invoke(main, ["seed", "--fhir-base", "http://x"]).exit_code == 1


def test_the_demo_starts_both_shows_the_charts_and_stops(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    fake(monkeypatch)
    chosen = ports()
    done = CliRunner().invoke(main, ["demo", "--once", *chosen])
    shown = capfd.readouterr().out.splitlines()

    assert done.exit_code == 0, done.output
    assert f"http://127.0.0.1:{chosen[1]}/cds-services" in done.output
    assert f"http://127.0.0.1:{chosen[3]}/fhir" in done.output
    assert f"http://127.0.0.1:{chosen[5]}/" in done.output
    assert [line.split()[1] for line in shown] == ["seed", "show", "show"]
    assert shown[1].endswith("--patient ")
    assert shown[2].endswith(f"--patient {cli.SHOWN_IN_FULL}")
    assert [free_port(int(port)) for port in chosen[1::2]] == [int(p) for p in chosen[1::2]]


@pytest.mark.parametrize("failing", ["serve", "seed", "bedside", "show"])
def test_a_demo_that_fails_says_where(monkeypatch: pytest.MonkeyPatch, failing: str) -> None:
    fake(monkeypatch, failing)
    done = CliRunner().invoke(main, ["demo", "--once", *ports()])

    assert done.exit_code == 1
    assert failing in done.output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_demo_stays_until_a_signal(
    monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    fake(monkeypatch)
    waiting = threading.Event()

    def stop_when_up() -> None:
        waiting.wait(60)
        time.sleep(0.3)
        os.kill(os.getpid(), number)

    stay = cli.stay
    monkeypatch.setattr(cli, "stay", lambda programs: (waiting.set(), stay(programs)))
    killer = threading.Thread(target=stop_when_up)
    killer.start()
    done = CliRunner().invoke(main, ["demo", *ports()])
    killer.join()

    assert done.exit_code == 0, done.output
    assert done.output.endswith("Ctrl-C stops all of it.\nStopped.\n")


def test_a_signal_while_starting_stops_the_demo_too(monkeypatch: pytest.MonkeyPatch) -> None:
    fake(monkeypatch)

    def interrupted(*_arguments: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_run", interrupted)
    done = CliRunner().invoke(main, ["demo", *ports()])

    assert done.exit_code == 0
    assert done.output.endswith("Stopped.\n")


def test_the_real_demo_prints_every_patient_and_cards(capfd: pytest.CaptureFixture[str]) -> None:
    done = CliRunner().invoke(main, ["demo", "--once", *ports()])
    shown = capfd.readouterr().out

    assert done.exit_code == 0, done.output
    assert "HTTP 5" not in shown
    assert "Patient M (both-3)" in shown
    assert "critical: CRS grade 3 (ASTCT 2019)" in shown
    assert "ICANS grade 3 (ASTCT 2019)" in shown
