"""A server whose certificate comes from the site's own authority is trusted where that is named."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from service import create_app, demo_settings
from service.access import Access, ReadError
from service.fhir_client import FhirClient
from service.key_sets import KeysError, KeySets
from service.outgoing import (
    DEMO_REACH,
    LOOPBACK,
    Reach,
    beside_public,
    guarded_session,
    reach_of,
    trust_in,
)
from service.settings import Settings, SettingsError
from tests.fhir_stub import Fault, running
from tests.service.calls import FEBRILE, detail, graded, post, reading
from tests.service.certificates import Authority
from tests.service.hostile import dripping
from tests.service.identities import ec, public

KEY_SET = Fault("/jwks.json", body=json.dumps({"keys": [public(ec())]}))


@pytest.fixture
def hospital(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def trusting(authority: Authority | None) -> Reach:
    return replace(DEMO_REACH, ca_file=None if authority is None else authority.file)


def read(base: str, authority: Authority, seconds: float = 5) -> bytes:
    client = FhirClient(1000, trusting(authority))
    return client.get(Access(base, None, time.monotonic() + seconds), f"{base}/Procedure")


def test_a_fhir_server_of_the_sites_authority_is_read_where_its_file_is_named(
    hospital: Authority,
) -> None:
    with running(FEBRILE, tls=hospital.server()) as stub:
        body = reading(stub)
        named = post(create_app(demo_settings(ca_file=hospital.file)), body)
        asked = len(stub.calls)
        unnamed = post(create_app(demo_settings()), body)

    assert graded(named)["crs"]["lo"] == 1
    assert asked > 0
    assert "the FHIR server cannot be reached" in detail(unnamed)
    assert len(stub.calls) == asked


def test_so_is_a_key_set(hospital: Authority) -> None:
    with running(faults=[KEY_SET], tls=hospital.server()) as stub:
        url = f"{stub.url}/jwks.json"

        assert {key.kid for key in KeySets([url], trusting(hospital)).find(url, "ec-1")} == {"ec-1"}
        with pytest.raises(KeysError, match="key-server-down"):
            KeySets([url], trusting(None)).find(url, "ec-1")


@pytest.mark.parametrize("host", ["127.0.0.2", "10.20.0.1"])
def test_a_certificate_for_another_address_is_refused_all_the_same(
    hospital: Authority, host: str
) -> None:
    with running(tls=hospital.server(host)) as stub, pytest.raises(ReadError, match="connection"):
        read(stub.url, hospital)

    assert stub.calls == []


def test_so_is_one_of_an_authority_that_is_not_named(hospital: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path, "Another CA")
    with running(tls=other.server()) as stub, pytest.raises(ReadError, match="connection"):
        read(stub.url, hospital)


def test_no_call_can_do_without_verification(hospital: Authority) -> None:
    with (
        running(tls=hospital.server()) as stub,
        guarded_session(DEMO_REACH) as session,
        pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        session.get(f"{stub.url}/Procedure", timeout=5, verify=False)


def test_the_public_authorities_are_trusted_as_well(hospital: Authority) -> None:
    def trusted(authority: Authority | None) -> int:
        with guarded_session(trusting(authority)) as session:
            pools = session.get_adapter("https://a").poolmanager  # type: ignore[attr-defined]
            count: int = pools.connection_pool_kw["ssl_context"].cert_store_stats()["x509"]
        return count

    assert trusted(hospital) == trusted(None) + 1
    assert trusted(None) > 50


def test_an_answer_that_drips_inside_tls_ends_with_the_time_for_reads(hospital: Authority) -> None:
    started = time.monotonic()
    with dripping(tls=hospital.server()) as base, pytest.raises(ReadError, match="timeout"):
        read(base, hospital, seconds=0.5)

    assert 0.4 < time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "the file cannot be read"),
        ("", "it holds no certificate"),
        ("Hospital CA", "it holds no certificate"),
        ("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n", "it holds no certificate"),
    ],
    ids=["missing", "empty", "text", "broken"],
)
def test_a_file_without_a_certificate_stops_the_start(
    tmp_path: Path, content: str | None, told: str
) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content, "utf-8")

    with pytest.raises(SettingsError, match=told) as caught:
        create_app(demo_settings(ca_file=file))
    assert str(caught.value).startswith(f"CART_CDS_CA_FILE is {str(file)!r}: ")


def test_a_list_of_withdrawn_certificates_is_none(hospital: Authority, tmp_path: Path) -> None:
    file = tmp_path / "list.pem"
    file.write_bytes(hospital.withdrawn())

    with pytest.raises(SettingsError, match="it holds no certificate"):
        create_app(demo_settings(ca_file=file))


def test_comments_of_any_letters_may_stand_beside_the_certificates(
    hospital: Authority, tmp_path: Path
) -> None:
    file = tmp_path / "ca.pem"
    file.write_bytes("# Universitätsklinikum\n".encode() + hospital.file.read_bytes())

    assert (
        trust_in(file).cert_store_stats()["x509_ca"]
        == trust_in(None).cert_store_stats()["x509_ca"] + 1
    )


def test_settings_give_it_to_every_session() -> None:
    file = Path("ca.pem")

    assert beside_public(Settings(ca_file=file)) == Reach(ca_file=file)
    assert reach_of(Settings(ca_file=file)) == Reach(ca_file=file)
    assert reach_of(demo_settings(ca_file=file)) == Reach(LOOPBACK, plain=True, ca_file=file)
