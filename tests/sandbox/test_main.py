"""The command line seeds and shows, and says what went wrong."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import responses
from click.testing import CliRunner

from sandbox import __main__, bedside, fhir_server
from sandbox.__main__ import main
from sandbox.fhir_server import ServerError
from sandbox.story import stories

FHIR = "http://ehr.example.org/fhir"
CDS = "http://cds.example.org"
SHOW = ["show", "--fhir", FHIR, "--cds", CDS]


def run(*arguments: str) -> Any:
    return CliRunner().invoke(main, arguments, env={"COLUMNS": "200"})


@pytest.fixture
def service() -> Any:
    """A CDS service that wants no prefetch and has one card for everyone."""
    card = {"summary": "Hello", "indicator": "info", "source": {"label": "Test"}, "detail": "Why"}
    ids = {"patient-view": "view", "order-select": "select", "order-sign": "sign"}
    offered = [{"hook": hook, "id": name, "description": "-"} for hook, name in ids.items()]
    with responses.RequestsMock() as mocked:
        mocked.get(f"{CDS}/cds-services", json={"services": offered})
        mocked.post(f"{CDS}/cds-services/view", json={"cards": [card]})
        mocked.post(f"{CDS}/cds-services/select", json={"cards": []})
        mocked.post(f"{CDS}/cds-services/sign", json={"cards": [card | {"summary": "Stop"}]})
        yield mocked


def test_seed_loads_everyone_and_says_so(empty_fhir: str) -> None:
    result = run("seed", "--fhir", empty_fhir, "--now", "2026-11-22T14:00:30Z")

    assert result.exit_code == 0, result.output
    assert len(result.output.splitlines()) == 23
    assert "Patient E  crs-3" in result.output


@responses.activate
def test_seed_dates_the_charts_from_the_clock() -> None:
    responses.post(FHIR, json={"resourceType": "Bundle"})

    result = run("seed", "--fhir", FHIR)

    sent = json.loads(responses.calls[1].request.body or "")["entry"]
    newest = max(each["resource"].get("effectiveDateTime", "") for each in sent)
    age = datetime.now(UTC) - datetime.fromisoformat(newest)  # noqa: TID251 - it is the clock
    assert result.exit_code == 0, result.output
    assert timedelta(0) <= age < timedelta(hours=1)


@pytest.mark.parametrize(
    ("instant", "message"),
    [("yesterday", "'yesterday' is no instant"), ("2026-11-22T14:00:00", "has no offset")],
)
def test_seed_refuses_an_instant_it_cannot_read(instant: str, message: str) -> None:
    result = run("seed", "--fhir", FHIR, "--now", instant)

    assert result.exit_code == 2
    assert message in result.output


@responses.activate
def test_seed_says_that_the_server_does_not_answer() -> None:
    result = run("seed", "--fhir", FHIR)

    assert result.exit_code == 1
    assert f"Error: {FHIR} does not answer" in result.output


def test_show_prints_everyones_summaries(service: responses.RequestsMock) -> None:
    result = run(*SHOW)

    assert result.exit_code == 0, result.output
    assert result.output.count("info: Hello") == 23
    assert "Why" not in result.output


def test_show_prints_the_order_alerts_after_the_patients(service: responses.RequestsMock) -> None:
    result = run(*SHOW)
    scenarios = sum(len(story.scenarios) for story in stories())

    assert result.output.count("info: Stop") == scenarios
    assert result.output.rindex("info: Hello") < result.output.index("info: Stop")


def test_show_prints_one_patient_in_full(service: responses.RequestsMock) -> None:
    result = run(*SHOW, "--patient", "crs-2", "--mode", "fhir-server")

    assert "Why" in result.output
    assert "Patient C (crs-2)" in result.output


def test_show_prints_json(service: responses.RequestsMock) -> None:
    result = run(*SHOW, "--patient", "crs-2", "--json")

    (row,) = json.loads(result.output)
    assert row["patient"] == "crs-2"
    assert [each["order-sign"]["status"] for each in row["orders"]] == [200, 200]


def test_show_says_that_there_is_no_such_patient() -> None:
    result = run(*SHOW, "--patient", "nobody")

    assert result.exit_code == 2
    assert "no patient is called 'nobody'" in result.output


@responses.activate
def test_show_says_that_the_service_does_not_answer() -> None:
    result = run(*SHOW)

    assert result.exit_code == 1
    assert f"Error: {CDS}/cds-services does not answer" in result.output


def test_serve_runs_on_the_port_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    ports: list[int] = []
    monkeypatch.setattr(__main__, "serve", ports.append)

    assert run("serve", "--port", "8999").exit_code == 0
    assert ports == [8999]


def test_serve_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(port: int) -> None:
        raise ServerError("not installed")

    monkeypatch.setattr(__main__, "serve", missing)

    assert "Error: not installed" in run("serve").output


def test_bedside_serves_the_page_over_the_two_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[Any] = []
    monkeypatch.setattr(bedside, "serve", lambda *told: served.append(told))
    fhir, cds = "http://127.0.0.1:8043/fhir", "http://127.0.0.1:8042"
    result = run("bedside", "--port", "8998", "--fhir", f"{fhir}/", "--cds", cds)

    assert result.exit_code == 0, result.output
    ((host, port, app),) = served
    assert (host, port) == ("127.0.0.1", 8998)
    assert app.test_client().get("/api/settings").json == {"fhir": fhir, "cds": cds}


def test_bedside_listens_beyond_loopback_only_where_it_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served: list[str] = []
    monkeypatch.setattr(bedside, "serve", lambda host, *_: served.append(host))
    where = ("--fhir", "http://127.0.0.1:8043/fhir", "--cds", "http://127.0.0.1:8042")
    for told in ((), ("--host", "0.0.0.0")):  # noqa: S104 - as in a container
        assert run("bedside", *told, *where).exit_code == 0

    assert served == ["127.0.0.1", "0.0.0.0"]  # noqa: S104 - as above


SMART = ("--client-id", "plot", "--cds", "http://127.0.0.1:8042", "--port", "8999")


def test_smart_serves_the_plot_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[Any] = []
    monkeypatch.setattr(bedside, "serve", lambda *told: served.append(told))
    where = ("--issuer", "http://127.0.0.1:8043/fhir", "--url", "http://127.0.0.1:8999")
    result = run("smart", *SMART, *where)

    assert result.exit_code == 0, result.output
    ((host, port, app),) = served
    assert (host, port) == ("127.0.0.1", 8999)
    assert [app.test_client().get(path).status_code for path in ("/", "/smart/chart")] == [404, 401]


def test_smart_refuses_what_is_no_address() -> None:
    result = run("smart", *SMART, "--issuer", "nowhere", "--url", "http://127.0.0.1:8999")

    assert result.exit_code == 1
    assert "write an address" in result.output


@pytest.mark.parametrize(("fhir", "message"), [("nowhere", "write an address")])
def test_bedside_refuses_what_is_no_address(fhir: str, message: str) -> None:
    result = run("bedside", "--fhir", fhir, "--cds", "http://127.0.0.1:8042")

    assert result.exit_code == 1
    assert message in result.output


def test_bedside_says_that_its_port_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        where = "http://127.0.0.1:9"
        port = str(taken.getsockname()[1])
        result = run("bedside", "--port", port, "--fhir", where, "--cds", where)

    assert result.exit_code == 1


def test_a_signal_to_stop_ends_the_process_in_order() -> None:
    with pytest.raises(SystemExit, match="0"):
        fhir_server._leave(15, None)
