"""What stops the start of production, and what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from service import SettingsError, create_app, demo_settings
from service.auth import audiences
from tests.service.identities import production
from tests.service.listed import CLIENT


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"clients": ""}, "CART_CDS_MODE is production, which needs CART_CDS_CLIENTS"),
        ({"base_url": ""}, "CART_CDS_MODE is production, which needs CART_CDS_BASE_URL"),
        ({"store_keys": ""}, "CART_CDS_MODE is production, which needs CART_CDS_STORE_KEYS"),
        ({"base_url": "http://cds.example.org"}, "CART_CDS_BASE_URL is 'http://cds.example.org'"),
        ({"cors_origins": ("*",)}, "CART_CDS_CORS_ORIGINS is '*': name the origins"),
        ({"clients": "/nowhere/clients.toml"}, "CART_CDS_CLIENTS is '/nowhere/clients.toml'"),
        ({"store_keys": "/nowhere/keys"}, "CART_CDS_STORE_KEYS is '/nowhere/keys'"),
    ],
)
def test_production_does_not_start_with_something_open_or_missing(
    tmp_path: Path, changes: dict[str, Any], told: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        create_app(production(tmp_path, CLIENT, **changes))

    assert told in str(caught.value)


def test_production_behind_a_proxy_of_this_machine_may_be_http(tmp_path: Path) -> None:
    assert create_app(production(tmp_path, CLIENT, base_url="http://127.0.0.1:8042"))


def test_the_start_of_production_is_not_alarming(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    create_app(production(tmp_path, CLIENT))
    (line,) = [json.loads(each) for each in capsys.readouterr().err.splitlines()]

    assert (line["level"], line["event"], line["mode"]) == ("info", "service_started", "production")
    assert "reason" not in line


def test_the_start_of_the_demo_is(capsys: pytest.CaptureFixture[str]) -> None:
    create_app(demo_settings(clients="clients.toml"))
    started, ignored = [json.loads(each) for each in capsys.readouterr().err.splitlines()]

    assert (started["level"], started["mode"]) == ("warning", "demo")
    assert "no client authentication" in started["reason"]
    assert ignored["settings"] == ["CART_CDS_CLIENTS"]


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("https://a.example.org", {"https://a.example.org/x", "https://a.example.org:443/x"}),
        ("https://a.example.org:443", {"https://a.example.org/x", "https://a.example.org:443/x"}),
        ("https://a.example.org:8443/y", {"https://a.example.org:8443/y/x"}),
        ("http://127.0.0.1:80", {"http://127.0.0.1/x", "http://127.0.0.1:80/x"}),
        ("http://[::1]:8042", {"http://[::1]:8042/x"}),
        ("HTTPS://A.Example.ORG", {"https://a.example.org/x", "https://a.example.org:443/x"}),
        ("https://a.example.org/Base", {f"https://a.example.org{p}/Base/x" for p in ("", ":443")}),
    ],
)
def test_an_endpoint_has_these_spellings(base: str, expected: set[str]) -> None:
    assert audiences(base, "/x") == {url + slash for url in expected for slash in ("", "/")}
