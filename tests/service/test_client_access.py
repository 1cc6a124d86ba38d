"""What a client of the list may have: servers, keys, scope, shadow."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.fhir_stub import running
from tests.service.calls import AUTHORIZATION, FEBRILE, reading, request, told
from tests.service.listed import app_for, ask


def test_a_client_reads_its_own_servers_with_a_token(tmp_path: Path) -> None:
    with running(FEBRILE) as stub:
        app = app_for(tmp_path, {"fhir_servers": [{"url": stub.url}]})
        with_token = ask(app, reading(stub))
        without = ask(app, reading(stub, fhirAuthorization=...))

    assert with_token.status_code == 200
    assert with_token.get_json()["cards"]
    assert without.status_code == 412
    assert "the FHIR server may not be read" in told(without)


def test_a_server_that_is_open_is_read_without_a_token(tmp_path: Path) -> None:
    with running(FEBRILE) as stub:
        app = app_for(tmp_path, {"fhir_servers": [{"url": stub.url, "open": True}]})

        assert ask(app, reading(stub, fhirAuthorization=...)).get_json()["cards"]


@pytest.mark.parametrize("listed", ["https://fhir.example.org/r4", "http://127.0.0.1:9/fhir"])
def test_no_other_server_is_read_in_production_loopback_neither(
    tmp_path: Path, listed: str
) -> None:
    with running(FEBRILE) as stub:
        app = app_for(tmp_path, {"fhir_servers": [{"url": listed}]}, fhir_servers=(stub.url,))
        response = ask(app, reading(stub, fhirAuthorization=AUTHORIZATION))

    assert response.status_code == 412
    assert stub.calls == []


@pytest.mark.parametrize(("chosen", "status"), [("card", 200), ("412", 412)])
def test_a_client_chooses_what_it_gets_where_the_scope_is_unknown(
    tmp_path: Path, chosen: str, status: int
) -> None:
    app = app_for(tmp_path, {"scope_unknown": chosen})

    assert ask(app, request(prefetch=...)).status_code == status


def test_keys_under_the_names_of_the_client_give_the_same_answer(tmp_path: Path) -> None:
    """Some EHRs prefix or rename every prefetch key of an app."""
    ours = request()["prefetch"]
    aliases = {f"OPA-{number}": key for number, key in enumerate(ours)}
    theirs = {name: ours[key] for name, key in aliases.items()}
    plain, named = tmp_path / "plain", tmp_path / "named"
    plain.mkdir()
    named.mkdir()
    app, renaming = app_for(plain, {}), app_for(named, {"prefetch_aliases": aliases})

    usual = ask(app)
    assert usual.get_json()["cards"]
    assert ask(renaming, request(prefetch=theirs)).data == usual.data
    assert ask(app, request(prefetch=theirs)).status_code == 412


def test_a_client_in_shadow_is_computed_for_and_gets_no_cards(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    response = ask(app_for(tmp_path, {"shadow": True}))
    logged = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    (answered,) = [line for line in logged if line["event"] == "hook_answered"]

    assert (response.status_code, response.get_json()) == (200, {"cards": []})
    assert answered["shadow"] is True
    assert answered["cards"] > 0
