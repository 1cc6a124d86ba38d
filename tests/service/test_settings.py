"""Settings from the environment: defaults, demo, and what stops the start."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from service import SettingsError, create_app
from service.settings import Mode, ScopeUnknown, Settings, demo_settings, read_settings


def test_nothing_set_means_production_with_everything_closed() -> None:
    assert read_settings({}) == Settings()
    assert Settings().mode is Mode.PRODUCTION
    assert Settings().cors_origins == ()
    assert not Settings().allow_evaluate_at


def test_demo_opens_what_needs_no_registration() -> None:
    assert read_settings({"CART_CDS_MODE": "demo"}) == demo_settings()
    assert demo_settings().cors_origins == ("*",)
    assert demo_settings().allow_evaluate_at
    assert demo_settings().scope_unknown is ScopeUnknown.CARD


@pytest.mark.parametrize(
    ("name", "text", "member", "expected"),
    [
        (
            "FHIR_SERVERS",
            "http://a.example.org/r4, https://b.example.org:8443/fhir/",
            "fhir_servers",
            ("http://a.example.org/r4", "https://b.example.org:8443/fhir"),
        ),
        (
            "FHIR_NETWORKS",
            "10.20.0.0/16 fd00:20::/32",
            "fhir_networks",
            (ip_network("10.20.0.0/16"), ip_network("fd00:20::/32")),
        ),
        (
            "CODE_SYSTEM_BASE",
            "https://x.example.org/f",
            "code_system_base",
            "https://x.example.org/f",
        ),
        ("PREFETCH_DATES", "True", "prefetch_dates", True),
        ("PREFETCH_DATES", "no", "prefetch_dates", False),
        ("SCOPE_UNKNOWN", "412", "scope_unknown", ScopeUnknown.STATUS_412),
        ("DEADLINE_MS", "100", "deadline_ms", 100),
        ("DEADLINE_MS", "60000", "deadline_ms", 60_000),
        ("ALLOW_EVALUATE_AT", "0", "allow_evaluate_at", False),
        ("CORS_ORIGINS", "*", "cors_origins", ("*",)),
        ("CORS_ORIGINS", "https://a.example.org", "cors_origins", ("https://a.example.org",)),
        ("BASE_URL", "https://a.example.org/x/", "base_url", "https://a.example.org/x"),
        ("CLIENTS", "clients.toml", "clients", "clients.toml"),
        ("STORE_KEYS", "store.keys", "store_keys", "store.keys"),
        ("DATABASE_URL", "sqlite:///a.sqlite3", "database_url", "sqlite:///a.sqlite3"),
        ("DATABASE_URL", "postgresql://u:p@h/d", "database_url", "postgresql://u:p@h/d"),
        ("MAX_BODY_MB", " 1 ", "max_body_mb", 1),
        ("MAX_BODY_MB", "", "max_body_mb", 16),
        ("BASE_URL", "", "base_url", ""),
        ("POLICY", "site/ward.toml", "policy", Path("site/ward.toml")),
        ("POLICY", "", "policy", None),
        ("CODES", "site/codes.toml", "codes", Path("site/codes.toml")),
        ("CA_FILE", "site/ca.pem", "ca_file", Path("site/ca.pem")),
        ("CA_FILE", "", "ca_file", None),
        ("METRICS_TOKEN", "sixteen-letters!", "metrics_token", "sixteen-letters!"),
        ("SUPPRESSION_H", "0", "suppression_h", 0),
        ("SUPPRESSION_H", "168", "suppression_h", 168),
        ("ANALYTICS_TOKEN", "sixteen-letters!", "analytics_token", "sixteen-letters!"),
        ("ANALYTICS_SMALL_CELL", "10", "analytics_small_cell", 10),
        ("KEEP_FIRED_DAYS", "7", "keep_fired_days", 7),
        ("KEEP_FEEDBACK_DAYS", "1", "keep_feedback_days", 1),
        ("KEEP_COMMENTS_DAYS", "0", "keep_comments_days", 0),
        (
            "SMART_URL",
            "https://plot.example.org/launch",
            "smart_url",
            "https://plot.example.org/launch",
        ),
        (
            "SMART_URL",
            "https://plot.example.org/launch/",
            "smart_url",
            "https://plot.example.org/launch/",
        ),
    ],
)
def test_a_setting_is_read(name: str, text: str, member: str, expected: Any) -> None:
    read = read_settings({"CART_CDS_MODE": "demo", f"CART_CDS_{name}": text})

    assert getattr(read, member) == expected


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("MODE", "test", "use one of demo, production"),
        ("SCOPE_UNKNOWN", "503", "use one of 412, card"),
        ("CODE_SYSTEM_BASE", "cds.example.org", "full http or https URL"),
        ("CODE_SYSTEM_BASE", "ftp://cds.example.org", "full http or https URL"),
        ("CODE_SYSTEM_BASE", "https://u:p@cds.example.org", "without user"),
        ("CODE_SYSTEM_BASE", "https://cds.example.org?x=1", "without user, query"),
        ("FHIR_NETWORKS", "10.20.0.1/16", "use networks such as"),
        ("FHIR_SERVERS", "https://a.example.org/#x", "fragment"),
        ("FHIR_SERVERS", "https://a.example.org:x", "Port"),
        ("PREFETCH_DATES", "maybe", "use true or false"),
        ("DEADLINE_MS", "99", "from 100 to 60000"),
        ("DEADLINE_MS", "60001", "from 100 to 60000"),
        ("DEADLINE_MS", "2s", "whole number"),
        ("MAX_BODY_MB", "0", "from 1 to 1024"),
        ("CORS_ORIGINS", "https://a.example.org/app", "use origins"),
        ("SUPPRESSION_H", "169", "from 0 to 168"),
        ("KEEP_FIRED_DAYS", "6", "from 7 to 3660"),
        ("ANALYTICS_SMALL_CELL", "101", "from 0 to 100"),
        ("SMART_URL", "plot.example.org", "full http or https URL"),
        ("SMART_URL", "https://plot.example.org/?iss=x", "without user, query"),
    ],
)
def test_a_wrong_value_stops_the_start_and_is_named(name: str, text: str, told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({f"CART_CDS_{name}": text})

    assert str(caught.value).startswith(f"CART_CDS_{name} is {text!r}: ")
    assert told in str(caught.value)


def test_names_that_are_no_setting_are_listed() -> None:
    read = read_settings({"CART_CDS_DEADLINE": "1", "CART_CDS_MODE": "demo", "PATH": "/"})

    assert read.ignored == ("CART_CDS_DEADLINE",)


def test_the_environment_of_the_process_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CART_CDS_MODE", "demo")
    monkeypatch.setenv("CART_CDS_MAX_BODY_MB", "2")

    assert create_app().config["MAX_CONTENT_LENGTH"] == 2 * 2**20


def test_nothing_set_is_production_which_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CART_CDS_MODE", raising=False)

    with pytest.raises(SettingsError, match="production, which needs CART_CDS_CLIENTS"):
        create_app()


@pytest.mark.parametrize("text", ["fifteen-letters", "sixteen letters!", "sixteen-lötters!"])
def test_a_token_that_is_short_or_odd_stops_the_start_and_is_not_repeated(text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({"CART_CDS_ANALYTICS_TOKEN": text})

    assert str(caught.value).startswith("CART_CDS_ANALYTICS_TOKEN: use at least 16 characters")
    assert text not in str(caught.value)


@pytest.mark.parametrize("url", ["sqlite:///:memory:", "sqlite:///:memory:?x=1", "sqlite://"])
def test_a_store_in_memory_is_none(url: str) -> None:
    with pytest.raises(SettingsError, match="use sqlite:///file"):
        read_settings({"CART_CDS_DATABASE_URL": url})


def test_a_database_url_is_never_repeated() -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({"CART_CDS_DATABASE_URL": "mysql://u:canary@db/x"})

    assert str(caught.value).startswith("CART_CDS_DATABASE_URL: use sqlite:///file or postgresql")
    assert "canary" not in str(caught.value)
    assert "canary" not in repr(demo_settings(database_url="postgresql://u:canary@db/x"))


@pytest.mark.parametrize(
    "text", ["canary-of-15-let", "canary with spaces in it", "canary-é-canary-é"]
)
def test_a_metrics_token_is_long_plain_and_never_repeated(text: str) -> None:
    with pytest.raises(SettingsError, match="at least 16 characters, without spaces") as caught:
        read_settings({"CART_CDS_METRICS_TOKEN": text[:-1]})

    assert "canary" not in str(caught.value)
    assert "canary" not in repr(demo_settings(metrics_token=text))
