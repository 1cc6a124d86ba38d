"""The probe of a FHIR server: servers that refuse, lack or hide something, and how it is told."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest
import urllib3
from click.testing import CliRunner

from grading.knowledge import EDITION
from service.cli import main
from tests.fhir_basics import PATIENT_ID
from tests.fhir_stub import Fault, html, refused, running
from tests.observation_builders import observation, temperature
from tests.record_builders import given
from tests.service.certificates import Authority
from tests.service.hostile import Resolver
from tests.service.probing import LOCAL, found, plain, row, run

pytestmark = pytest.mark.usefixtures("probed_now")


def statement(**resources: list[str]) -> Fault:
    body = {
        "resourceType": "CapabilityStatement",
        "fhirVersion": "4.0.1",
        "software": {"name": "Stub", "version": "1"},
        "rest": [
            {
                "resource": [
                    {"type": kind, "searchParam": [{"name": name} for name in names]}
                    for kind, names in resources.items()
                ]
            }
        ],
    }
    return Fault("/metadata", status=200, body=json.dumps(body))


# --- the server ----------------------------------------------------------------------------------


def test_what_the_server_does_not_declare_is_told_per_query() -> None:
    fault = statement(Patient=["_id"], Observation=["patient", "code"], Condition=["patient"])
    with running(plain(), [fault]) as stub:
        server = found(stub)["server"]

    lacking = dict(server["undeclared"])
    assert (server["software"], server["fhir_version"]) == ("Stub 1", "4.0.1")
    assert lacking["bedside"] == ["category"]
    assert lacking["procedures"] == ["Procedure"]
    assert "trends" not in lacking
    assert "patient" not in lacking


@pytest.mark.parametrize(
    ("fault", "problem"),
    [(refused("/metadata", 401), "http-401"), (html("/metadata"), "not-fhir")],
    ids=["refused", "a web page"],
)
def test_a_capability_statement_that_cannot_be_read_stops_nothing(
    fault: Fault, problem: str
) -> None:
    with running(plain(), [fault]) as stub:
        assert found(stub)["server"]["problem"] == problem


@pytest.mark.parametrize(
    ("arguments", "faults", "told"),
    [
        ([], [refused("code=", 400), refused("category=", 400)], "no patient found"),
        ([], [html("code="), html("category=")], "something else than JSON"),
        (
            ["--patient", "nobody"],
            [],
            "Patient/nobody could not be read: the FHIR",
        ),
        (["--patient", PATIENT_ID], [refused("patient=", 403)], "no search was answered"),
        (["--patient", "a b"], [], "a b is no id of a patient"),
    ],
    ids=["no search by code", "web pages", "no such patient", "nothing allowed", "no id"],
)
def test_what_cannot_be_read_ends_with_status_2(
    arguments: list[str], faults: list[Fault], told: str
) -> None:
    with running(plain(), faults) as stub:
        done = run(stub, *arguments)

    assert done.exit_code == 2
    assert told in done.stderr
    assert done.stdout == ""


def test_an_empty_server_has_no_patient() -> None:
    with running([]) as stub:
        done = run(stub)

    assert done.exit_code == 2
    assert "newest vital sign: nothing found" in done.stderr


def test_what_is_no_url_is_refused() -> None:
    done = CliRunner().invoke(main, ["probe", "--fhir-base", "ftp://example.org"])

    assert done.exit_code == 2
    assert "is no base URL" in done.stderr


def test_a_wrong_setting_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CART_CDS_MAX_BODY_MB", "much")
    done = CliRunner().invoke(main, ["probe", "--fhir-base", "http://127.0.0.1:9"])

    assert done.exit_code == 2
    assert "CART_CDS_MAX_BODY_MB" in done.stderr


@pytest.mark.parametrize("from_file", [True, False])
def test_the_token_goes_with_every_read_and_nowhere_else(tmp_path: Path, from_file: bool) -> None:
    file = tmp_path / "token"
    file.write_text("canary\n", "utf-8")
    given = str(file) if from_file else "-"
    with running(plain()) as stub:
        done = CliRunner().invoke(
            main,
            ["probe", "--fhir-base", stub.url, "--token", given],
            input=None if from_file else "canary\n",
        )
        sent = {call.headers.get("Authorization") for call in stub.calls}

    assert done.exit_code == 0
    assert sent == {"Bearer canary"}
    assert "canary" not in done.output


def test_a_token_on_the_command_line_is_none() -> None:
    with running(plain()) as stub:
        done = run(stub, "--token", "canary")

    assert done.exit_code == 2
    assert "use a file that can be read" in done.output
    assert "canary" not in done.output
    assert stub.calls == []


def test_an_open_server_needs_no_token() -> None:
    with running(plain()) as stub:
        run(stub)
        assert {call.headers.get("Authorization") for call in stub.calls} == {None}


# --- as tables -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "more"), [(25, ""), (30, "and 5 more")])
def test_tables_say_it_for_people_and_progress_goes_to_standard_error(
    number: int, more: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    many = [observation(f"{LOCAL}|{n}", "1h", "survey", valueInteger=n) for n in range(number)]
    odd = given(f"{LOCAL}|4711 text|Pump 3")
    fever = temperature(39, at="3d")
    lacking = plain("temperature", "ice")
    with running([*lacking, fever, *many, odd], [refused("/Procedure", 403)]) as stub:
        done = run(stub)

    assert done.exit_code == 1
    assert done.stderr.startswith("Reading the CapabilityStatement ...\n")
    for told in (
        "3.0 d",
        "answered with status",
        more,
        f"Medicine not recognized: {LOCAL}|4711 (Pump 3)",
        "CRS: can be graded",
        "ICANS: cannot be graded, without ICE or CAPD",
    ):
        assert told in done.stdout


def test_a_chart_without_odd_codes_has_no_list_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    with running(plain(), [refused("/metadata", 404)]) as stub:
        done = run(stub)

    assert done.exit_code == 0
    assert "without a meaning" not in done.stdout
    assert "the FHIR server answered with status 404" in done.stdout


@pytest.mark.parametrize(("networks", "status"), [("10.20.0.0/16", 0), ("10.21.0.0/16", 2)])
def test_a_server_inside_the_network_is_probed_where_its_network_is_listed(
    monkeypatch: pytest.MonkeyPatch, networks: str, status: int
) -> None:
    monkeypatch.setenv("CART_CDS_FHIR_NETWORKS", networks)
    Resolver({"fhir.hospital.example.org": [["10.20.0.1"]]}).install(monkeypatch)
    connect, reached = urllib3.util.connection.create_connection, []

    def to_the_stub(address: tuple[str, int], *rest: Any, **named: Any) -> socket.socket:
        reached.append(address[0])
        return connect(("127.0.0.1", address[1]), *rest, **named)

    monkeypatch.setattr(urllib3.util.connection, "create_connection", to_the_stub)
    with running(plain()) as stub:
        stub.url = stub.url.replace("127.0.0.1", "fhir.hospital.example.org")
        done = run(stub)

    assert done.exit_code == status, done.output
    assert set(reached) == ({"10.20.0.1"} if status == 0 else set())


def test_a_server_of_the_sites_own_authority_is_probed_where_its_file_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    with running(plain(), tls=authority.server()) as stub:
        before = run(stub)
        monkeypatch.setenv("CART_CDS_CA_FILE", str(authority.file))
        after = run(stub)
        monkeypatch.setenv("CART_CDS_CA_FILE", str(tmp_path / "missing.pem"))
        missing = run(stub)

    assert (before.exit_code, after.exit_code, missing.exit_code) == (2, 0, 2)
    assert "CART_CDS_CA_FILE" in missing.output


def test_the_code_map_of_a_site_bears_on_the_probe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = temperature(39) | {"code": {"coding": [{"system": LOCAL, "code": "T1"}]}}
    path = tmp_path / "codes.local.toml"
    path.write_text(
        f'[site]\nname = "Site"\nversion = "1"\nbased_on = "{EDITION}"\n'
        f'[[concept]]\nkey = "obs.body_temperature"\ncodes = ["{LOCAL}|T1"]\n',
        "utf-8",
    )
    with running([*plain("temperature"), own]) as stub:
        before = found(stub, status=1)
        monkeypatch.setenv("CART_CDS_CODES", str(path))
        after = found(stub)
        path.write_text("[[concept]]\n", "utf-8")
        refused_file = run(stub)

    assert row(before, "temperature")["count"] == 0
    assert f"{LOCAL}|T1" in str(before["unmapped"])
    assert f"{LOCAL}|T1" in row(after, "temperature")["coding"]
    assert f"{LOCAL}|T1" not in str(after["unmapped"])
    assert refused_file.exit_code == 2
    assert "CART_CDS_CODES: codes.local.toml" in refused_file.output
