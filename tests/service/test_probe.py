"""The probe of a FHIR server: what it finds, how it says so, and with what status it ends."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3
from click.testing import CliRunner, Result

from fhir_mappings.codes import SHIPPED
from fhir_mappings.keys import LABS
from fhir_mappings.units import KINDS
from grading.knowledge import EDITION
from grading.model import Instant
from service import cli, log
from service.cli import main
from tests.charts import USUAL, Case
from tests.charts import resources as chart
from tests.fhir_basics import NOW, PATIENT_ID, identified, quantity, subject
from tests.fhir_codes import Resource
from tests.fhir_stub import Fault, FhirStub, html, refused, running
from tests.observation_builders import ice, observation, temperature
from tests.record_builders import condition, given, patient, procedure
from tests.service.certificates import Authority
from tests.service.hostile import Resolver

LOCAL = "https://site.example.org/rows"
ROOM_AIR = "loinc|59410-1"


def clock() -> Instant:
    return int(NOW.timestamp() * 1000)


@pytest.fixture(autouse=True)
def _at_now(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The command runs now, and the lines that it silences are written again after it."""
    monkeypatch.setattr(cli, "system_clock", clock)
    yield
    log.configure()


def run(stub: FhirStub, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["probe", "--fhir-base", stub.url, *arguments])


def found(stub: FhirStub, *arguments: str, status: int = 0) -> dict[str, Any]:
    done = run(stub, "--json", *arguments)
    assert done.exit_code == status, done.output
    data: dict[str, Any] = json.loads(done.stdout)
    assert data["status"] == status
    return data


def row(data: dict[str, Any], name: str) -> dict[str, Any]:
    rows: list[dict[str, Any]] = data["rows"]
    return next(each for each in rows if each["name"] == name)


def plain(*kinds: str) -> list[Resource]:
    """The usual chart without the rows of these kinds."""
    case = Case("probed", {k: v for k, v in USUAL.items() if k not in kinds}, (), (), (), {})
    return chart(case)


@pytest.mark.parametrize(
    ("resources", "status", "crs_lacks", "icans_lacks"),
    [
        (plain(), 0, [], []),
        (plain("ice"), 1, [], ["ICE or CAPD"]),
        (plain("temperature"), 1, ["temperature"], []),
        (plain("spo2"), 0, [], []),
        (plain("spo2", "device"), 1, ["SpO2 or oxygen device"], []),
        (plain("cells"), 1, ["CAR-T infusion"], ["CAR-T infusion"]),
    ],
    ids=["all", "no ICE", "no temperature", "device alone", "no oxygen at all", "no infusion"],
)
def test_the_status_says_if_both_can_be_graded(
    resources: list[Resource], status: int, crs_lacks: list[str], icans_lacks: list[str]
) -> None:
    with running(resources) as stub:
        data = found(stub, status=status)

    assert (data["crs_lacks"], data["icans_lacks"]) == (crs_lacks, icans_lacks)


@pytest.mark.parametrize(
    ("resources", "how", "status"),
    [
        (plain(), "newest CAR-T product given", 0),
        (
            [
                *plain("cells"),
                procedure("snomed|1156961008"),
                procedure("icd10pcs|XW033C7", at="4h"),
            ],
            "newest CAR-T procedure",
            0,
        ),
        (plain("cells"), "newest body temperature", 1),
        (plain("cells", "temperature"), "newest vital sign", 1),
    ],
    ids=["product", "procedure", "temperature", "vital sign"],
)
def test_a_patient_is_found_by_itself(resources: list[Resource], how: str, status: int) -> None:
    with running(resources) as stub:
        chosen = found(stub, status=status)["patient"]

    assert chosen == {"patient_id": PATIENT_ID, "how": how}


def test_the_newest_of_the_infusions_chooses() -> None:
    old = given("axi-cel", at="30d") | {"id": "old", "subject": subject("other")}
    none = given("axi-cel", at="1h") | {"id": "none", "subject": {}}
    timeless = given("axi-cel") | {"id": "timeless", "subject": subject("third")}
    del timeless["effectiveDateTime"]
    with running([old, none, timeless, *plain()]) as stub:
        assert found(stub)["patient"]["patient_id"] == PATIENT_ID


def test_the_patient_that_was_asked_for_is_taken() -> None:
    with running(plain()) as stub:
        chosen = found(stub, "--patient", PATIENT_ID)["patient"]

    assert chosen == {"patient_id": PATIENT_ID, "how": "as asked for"}


def test_a_row_tells_code_unit_age_and_query() -> None:
    with running(plain()) as stub:
        told = row(found(stub), "temperature")

    assert told["count"] == 1
    assert told["coding"] == "loinc|8310-5"
    assert (told["unit"], told["age_h"]) == ("Cel", 1.0)
    assert told["query"] == ["bedside", "trends"]
    assert (told["by_text"], told["problem"]) == (False, "")


@pytest.mark.parametrize(
    ("extra", "name", "coding"),
    [
        (
            temperature(38.2, at="10m", code="text|Body temperature"),
            "temperature",
            "text only: Body temperature",
        ),
        (
            temperature(38.2, at="10m", code=f"{LOCAL}|6 text|Body temperature"),
            "temperature",
            f"text only: Body temperature ({LOCAL}|6)",
        ),
        (
            temperature(38.2, at="10m", code="x|1 x|2 loinc|8310-5 x|3 text|T"),
            "temperature",
            "x|1 x|2 loinc|8310-5 +1 (T)",
        ),
        (given("tocilizumab"), "tocilizumab, anticytokines", "rxnorm|612865 (tocilizumab)"),
    ],
    ids=["text", "text beside a code", "many codings", "medicine"],
)
def test_how_a_value_is_coded(extra: Resource, name: str, coding: str) -> None:
    with running([*plain(), extra]) as stub:
        assert row(found(stub), name)["coding"] == coding


def test_a_medicine_behind_a_reference_is_followed() -> None:
    medicine = {"resourceType": "Medication", "id": "m", "code": {"text": "tocilizumab"}}
    by_reference = given("tocilizumab") | {"medicationReference": {"reference": "Medication/m"}}
    del by_reference["medicationCodeableConcept"]
    with running([*plain(), by_reference, medicine]) as stub:
        told = row(found(stub), "tocilizumab, anticytokines")

    assert told["coding"] == "reference, text only: tocilizumab"


def test_a_contained_medicine_and_one_that_leads_nowhere_are_named_so() -> None:
    def referring(reference: str, **more: Any) -> Resource:
        built = given("tocilizumab") | {"medicationReference": {"reference": reference}} | more
        del built["medicationCodeableConcept"]
        return identified({key: value for key, value in built.items() if key != "id"})

    inner = {"resourceType": "Medication", "id": "c", "code": {"text": "tocilizumab"}}
    with running([*plain(), referring("#c", contained=[inner]), referring("Medication/x")]) as stub:
        data = found(stub)

    assert row(data, "tocilizumab, anticytokines")["coding"] == "contained medication"
    assert data["medicines"] == ["no code that can be read"]


@pytest.mark.parametrize(
    ("drug", "listed"),
    [
        (f"{LOCAL}|4711 text|Pump 3", [f"{LOCAL}|4711 (Pump 3)"]),
        ("text|Pump 3", ["text only: Pump 3"]),
        (f"{LOCAL}|4711 text|norepinephrine", []),
        ("rxnorm|26225 text|ondansetron", []),
    ],
    ids=["a code of the site", "words alone", "recognized by its words", "another drug"],
)
def test_medicines_that_no_drug_list_can_know_are_listed(drug: str, listed: list[str]) -> None:
    with running([*plain(), given(drug)]) as stub:
        assert found(stub)["medicines"] == listed


def test_a_seizure_from_a_condition_and_an_infusion_from_a_procedure_are_coded() -> None:
    fit = condition("snomed|91175000", onset="2h")
    cells = procedure("snomed|1156961008", at="75h")
    with running([*plain("cells"), fit, cells]) as stub:
        data = found(stub)

    assert row(data, "seizures")["coding"].startswith("snomed|91175000")
    assert row(data, "CAR-T infusion")["coding"].startswith("snomed|")


def test_a_form_is_named_by_its_type() -> None:
    with running([*plain("ice"), *ice(shape="form", total=10)]) as stub:
        assert row(found(stub), "ICE")["coding"] == "a QuestionnaireResponse"


def test_a_refused_unit_is_told() -> None:
    odd = temperature(38.0, at="2h", unit="furlong")
    with running([*plain(), odd]) as stub:
        told = row(found(stub), "temperature")

    assert (told["count"], told["problem"]) == (1, "1 x refused-unit")


def test_what_is_charted_where_no_query_looks_is_told() -> None:
    elsewhere = observation("loinc|3151-8", "1h", "therapy", valueInteger=2)
    with running([*plain(), elsewhere]) as stub:
        told = row(found(stub), "oxygen flow")

    assert (told["count"], told["problem"]) == (
        0,
        "1 charted that no query of the service delivers",
    )


def test_a_query_that_is_refused_is_the_reason() -> None:
    with running(plain(), [refused("category=vital-signs,survey", 403)]) as stub:
        data = found(stub, status=1)

    assert row(data, "ICE")["problem"] == (
        "bedside not read: the FHIR server answered with status 403, "
        "1 charted that no query of the service delivers"
    )
    assert row(data, "SpO2")["query"] == ["vitals"]
    assert {"key": "bedside", "resources": 0, "problem": "http-403"} in data["reads"]


def test_a_page_that_says_that_it_is_not_all_is_told() -> None:
    gap = {"severity": "warning", "code": "suppressed"}
    outcome = {"resourceType": "OperationOutcome", "issue": [gap]}
    body = {"resourceType": "Bundle", "type": "searchset"}
    entries = [{"resource": each} for each in plain() if each["resourceType"] == "Condition"]
    entries.append({"resource": outcome, "search": {"mode": "outcome"}})
    entries.append({"resource": identified({"resourceType": "Condition", "subject": subject()})})
    page = Fault("/Condition", status=200, body=json.dumps(body | {"entry": entries}))
    with running(plain(), [page]) as stub:
        reads = found(stub)["reads"]

    problems = {each["key"]: each["problem"] for each in reads}
    assert problems["conditions"] == "the server left something out"


def test_codes_without_a_meaning_are_listed_most_frequent_first() -> None:
    rows = [
        observation(f"{LOCAL}|77 text|Neuro handover", f"{n}h", "survey", valueInteger=n)
        for n in (1, 2)
    ]
    panel = observation(
        "loinc|85354-9", "3h", "vital-signs", component=[{"code": {"text": "Cuff"}}]
    )
    unitless = observation(f"{LOCAL}|9", "3h", "exam", valueQuantity={"value": 3})
    codeless = {key: value for key, value in unitless.items() if key not in ("code", "id")}
    with running([*plain(), *rows, panel, unitless, identified(codeless)]) as stub:
        listed = found(stub)["unmapped"]

    assert listed[0] == {"coding": f"{LOCAL}|77 (Neuro handover)", "unit": "", "times": 2}
    assert {"coding": f"{LOCAL}|9", "unit": "none", "times": 1} in listed


def test_laboratory_codes_are_listed_where_a_laboratory_input_is_missing() -> None:
    odd = observation(f"{LOCAL}|crp text|Inflammation", "3h", "laboratory", valueInteger=3)
    with running([*plain(), odd]) as stub:
        listed = found(stub)["unmapped"]

    assert [each["coding"] for each in listed] == [f"{LOCAL}|crp (Inflammation)"]


def result(concept: str) -> Resource:
    """A result of a laboratory concept in its canonical unit, small enough for each of them."""
    value = quantity(100 if concept == "lab.sodium" else 20, KINDS[SHIPPED.sets[concept].kind].unit)
    code = SHIPPED.codes(concept, "loinc")[0]
    return observation(f"loinc|{code}", "6h", "laboratory", valueQuantity=value)


def test_laboratory_codes_are_of_no_interest_where_no_input_is_missing() -> None:
    every = [result(concept) for concept in LABS.values()]
    odd = observation(f"{LOCAL}|glucose", "3h", "laboratory", valueInteger=3)
    site = observation(f"{LOCAL}|8", "3h", "therapy", valueInteger=3)
    with running([*plain(), *every, odd, site]) as stub:
        data = found(stub)

    assert [row(data, name)["count"] for name in LABS] == [1] * len(LABS)
    assert [each["coding"] for each in data["unmapped"]] == [f"{LOCAL}|8"]


def test_a_value_without_id_counts_but_cannot_be_traced() -> None:
    nameless = {k: v for k, v in temperature(38.1, at="5m").items() if k != "id"}
    with running([*plain(), nameless]) as stub:
        told = row(found(stub), "temperature")

    assert (told["age_h"], told["coding"]) == (0.1, "")


def test_a_device_that_another_value_implies_is_coded_as_that_value() -> None:
    on_air = observation(ROOM_AIR, "5m", "vital-signs", valueQuantity=quantity(97, "%"))
    with running([*plain("device"), on_air]) as stub:
        assert row(found(stub), "oxygen device")["coding"] == ROOM_AIR


def test_age_is_an_input_too() -> None:
    ageless = [each for each in plain() if each["resourceType"] != "Patient"] + [
        patient(birth=None)
    ]
    with running(ageless) as stub:
        assert row(found(stub), "age")["problem"] == "no birthDate"


# --- the server ----------------------------------------------------------------------------------


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
