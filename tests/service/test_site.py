"""The site's policy file: read once at start, refused with its line, told on each answer."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from fhir_mappings.keys import KEYS
from grading.knowledge import EDITION, KNOWLEDGE
from grading.order_vaccine import longest_days
from service import SettingsError, create_app, demo_settings
from service.address import base_url
from service.cli import main
from service.settings import Mode, Settings
from service.site import AS_IT_IS, digest, read_site
from tests.service.calls import graded, post, request

EXAMPLE = Path(__file__).parents[2] / "docs" / "site-policy.example.toml"
SITE = f'[site]\nname = "Ward 3"\nversion = "7"\nbased_on = "{EDITION}"\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "ward.toml"
    path.write_text(text, "utf-8")
    return path


def app_with(folder: Path, text: str, **settings: Any) -> Flask:
    return create_app(demo_settings(policy=written(folder, text + SITE), **settings))


def asked(app: Flask, **how: Any) -> dict[str, Any]:
    response = post(app, request(), **how)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.get_json()
    return found


# --- reading -------------------------------------------------------------------------------------


def test_without_a_file_the_policy_is_the_shipped_one() -> None:
    assert read_site(Settings()) is AS_IT_IS
    assert AS_IT_IS.policy == KNOWLEDGE.policy
    assert AS_IT_IS.edition is None


def test_the_example_loads_and_each_line_of_it_is_an_override() -> None:
    site = read_site(Settings(policy=EXAMPLE))
    names = re.findall(r"^(\w+) = ", EXAMPLE.read_text("utf-8").split("[site]")[0], re.M)
    assert names
    assert [item.name for item in site.overrides.items] == names
    assert site.edition is not None
    assert site.overrides.site is not None
    assert site.overrides.site.based_on == EDITION


def test_the_digest_follows_the_policy_and_the_code_map() -> None:
    policy = KNOWLEDGE.policy
    plain = digest(policy, [b"a"])
    assert re.fullmatch("[0-9a-f]{8}", plain)
    assert digest(policy, [b"a"]) == plain
    assert digest(policy, [b"b"]) != plain


def test_the_same_values_make_the_same_digest_whatever_the_file_looks_like(tmp_path: Path) -> None:
    first = read_site(Settings(policy=written(tmp_path, f"sbp_adult = 85\n{SITE}")))
    again = read_site(Settings(policy=written(tmp_path, f"# ours\nsbp_adult = 85.0\n{SITE}")))
    other = read_site(Settings(policy=written(tmp_path, f"sbp_adult = 86\n{SITE}")))
    assert first.edition == again.edition != other.edition
    assert first.policy.sbp_adult == Decimal(85)


# --- refusing ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sbp_adult = 79\n" + SITE, "ward.toml, line 1: sbp_adult: 79 is outside 80 to 110 mm[Hg]"),
        ("\nsbp_adlt = 85\n" + SITE, "ward.toml, line 2: sbp_adlt: no such name"),
        (
            "sbp_adult = '85'\n" + SITE,
            "line 1: sbp_adult: '85' is not of type Decimal; allowed",
        ),
        ("sbp_adult = = 85\n" + SITE, "ward.toml: this is no TOML: "),
        (
            "[[row]]\nid = 'CRS-P1'\n" + SITE,
            "a site may override the numbers and switches of",
        ),
        ("sbp_adult = 85\n", "ward.toml: it needs a table [site] with name, version and based_on"),
        (
            SITE.replace(EDITION, "2026.1.0"),
            "line 4: based_on: 2026.1.0 is older than this service",
        ),
    ],
)
def test_a_refused_file_stops_the_start_with_its_line_and_without_a_trace(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, told: str
) -> None:
    monkeypatch.setenv("CART_CDS_MODE", "demo")
    monkeypatch.setenv("CART_CDS_POLICY", str(written(tmp_path, text)))
    for command in (["serve"], ["demo", "--once"]):
        done = CliRunner().invoke(main, command)
        assert done.exit_code == 1
        assert done.output.startswith("Error: CART_CDS_POLICY: ")
        assert told in done.output
        assert "Traceback" not in done.output
    with pytest.raises(SettingsError, match="CART_CDS_POLICY"):
        create_app()


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"CART_CDS_POLICY is '.*none.toml': No such file"):
        read_site(Settings(policy=tmp_path / "none.toml"))
    (tmp_path / "ward.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match=r"ward.toml: this is no UTF-8 text"):
        read_site(Settings(policy=tmp_path / "ward.toml"))


# --- telling -------------------------------------------------------------------------------------


def test_each_override_is_printed_at_start(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    app_with(tmp_path, "sbp_adult = 95\nproduct_overrides = true\n")
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    told = [line["reason"] for line in lines if line["event"] == "policy_overridden"]
    assert told == [
        "Adult systolic pressure below which there is hypotension (exclusive): 95 mmHg here, "
        "90 mmHg as shipped (sbp_adult)",
        "Whether the label notes of section 5.4, which were not read, are shown: on here, "
        "off as shipped (product_overrides)",
    ]
    [start] = [line for line in lines if line["event"] == "service_started"]
    assert re.fullmatch(r"Ward 3 7 [0-9a-f]{8}", start["site_edition"])


def test_an_answer_carries_both_editions_and_its_cards_the_override(tmp_path: Path) -> None:
    response = post(app_with(tmp_path, "fever_window_h = 12\n"), request())
    edition = graded(response)["siteEdition"]
    assert graded(response)["contentEdition"] == EDITION
    assert edition.keys() == {"name", "version", "sha256"}
    assert (edition["name"], edition["version"]) == ("Ward 3", "7")
    assert "12 h here, 24 h as shipped" in response.get_json()["cards"][0]["detail"]


def test_without_a_file_there_is_no_site_edition(app: Flask) -> None:
    response = post(app, request())
    assert "siteEdition" not in graded(response)
    assert "Site policy" not in response.text


def test_the_timeline_carries_the_site_edition(tmp_path: Path) -> None:
    app = app_with(tmp_path, "sbp_adult = 95\n")
    body = {"request": request(), "from": "2026-11-22T13:00:00Z"}
    answer = app.test_client().post("/timeline", json={**body, "to": "2026-11-22T14:00:00Z"})
    points = answer.get_json()["points"]
    assert [point["siteEdition"]["version"] for point in points] == ["7", "7"]


# --- where links lead ----------------------------------------------------------------------------


def links(answer: dict[str, Any]) -> set[str]:
    return {link["url"] for card in answer["cards"] for link in card["links"]}


def test_in_demo_the_links_lead_to_where_the_request_came() -> None:
    answer = asked(create_app(demo_settings()), base_url="http://127.0.0.1:8042")
    assert "http://127.0.0.1:8042/rules" in links(answer)
    assert answer["cards"][0]["source"]["url"] == "http://127.0.0.1:8042/rules/CRS-F2"


def test_the_setting_goes_before_the_request() -> None:
    app = create_app(demo_settings(base_url="https://cds.example.org"))
    assert "https://cds.example.org/rules" in links(asked(app))


@pytest.mark.parametrize("host", ["a b", "evil)[x](y", "x" * 300, ""])
def test_a_host_that_is_none_makes_no_link(app: Flask, host: str) -> None:
    with app.test_request_context("/", environ_overrides={"HTTP_HOST": host, "SERVER_NAME": host}):
        assert base_url(demo_settings()) is None


def test_in_production_only_the_setting_counts(app: Flask) -> None:
    with app.test_request_context("/"):
        assert base_url(Settings()) is None
        assert base_url(Settings(base_url="https://x.example.org")) == "https://x.example.org"
        assert base_url(Settings(mode=Mode.DEMO)) == "http://localhost"


# --- one place for the months of vaccines --------------------------------------------------------


def test_the_dated_template_reaches_as_far_as_the_shipped_policy_asks() -> None:
    days = KEYS["procedures"].window_days
    assert days is not None
    assert days >= longest_days(KNOWLEDGE.policy.live_vaccine_months)
