"""The pages for people: rules, each rule, and what the service is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urljoin

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from cards.rule_entries import case_data
from grading.knowledge import EDITION, KNOWLEDGE
from service import create_app, demo_settings
from service.cli import main

SITE = f'[site]\nname = "Ward <b>3</b>"\nversion = "7"\nbased_on = "{EDITION}"\n'
TAG = re.compile(r"<(script|img|iframe|link|object|form)\b", re.I)


def site_app(folder: Path) -> Flask:
    path = folder / "ward.toml"
    path.write_text(f"toci_max_mg = 700\nicp_numbers = true\n{SITE}", "utf-8")
    return create_app(demo_settings(policy=path))


def page(client: FlaskClient, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    assert response.mimetype == "text/html"
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert TAG.search(response.text) is None
    return response.text


def test_the_rule_page_has_tables_rules_parameters_and_a_block_to_sign(client: FlaskClient) -> None:
    text = page(client, "/rules")
    for name in ("CRS by ASTCT 2019", "Doses", "Parameters of the policy", "Sources", "Signature"):
        assert name in text
    assert all(f'id="{rule}"' in text for rule in KNOWLEDGE.rules)
    assert "sbp_adult" in text


@pytest.mark.parametrize(
    "rule", ["CRS-P1", "CRS-F2", "DOSE-TOCI", "MGMT-CRS-3", "OT-0a", "OT-VAC-1"]
)
def test_each_rule_has_a_page_with_its_parts(client: FlaskClient, rule: str) -> None:
    text = page(client, f"/rules/{rule}")
    for part in ("State", "Inputs", "Sources", "Test cases", "Code", "<pre><code>"):
        assert part in text
    assert f"<h1>{rule}</h1>" in text


def test_a_rule_that_is_off_or_only_text_says_why(client: FlaskClient) -> None:
    assert "product_overrides turns it on" in page(client, "/rules/LABEL-TISA")
    assert "UNVERIFIED: none was read" in page(client, "/rules/LABEL-TISA")
    assert "text only, never fires: Holds for every patient" in page(client, "/rules/MON-1")


def test_every_link_of_the_pages_to_our_own_leads_somewhere(client: FlaskClient) -> None:
    for start in ("/rules", "/rules/CRS-P1", "/about", "/rules/none", "/rules/a/b"):
        links = re.findall(r'href="([^"#]+)"', client.get(start).text)
        own = {urljoin(f"http://localhost{start}", link) for link in links}
        assert own
        for url in own:
            if url.startswith("http://localhost"):
                assert client.get(url.removeprefix("http://localhost")).status_code == 200, url


@pytest.mark.parametrize("rule", ["NO-1", "<script>alert(1)</script>", "a/b", "crs-p1"])
def test_an_unknown_rule_is_a_clear_page(client: FlaskClient, rule: str) -> None:
    text = page(client, f"/rules/{rule}", 404)
    assert "There is no rule" in text


def test_the_pages_carry_the_numbers_of_the_site_and_escape_its_name(tmp_path: Path) -> None:
    client = site_app(tmp_path).test_client()
    rule, rules, about = (page(client, path) for path in ("/rules/DOSE-TOCI", "/rules", "/about"))
    assert "at most 700 mg" in rule
    assert "<strong>700 mg</strong> (shipped: 800 mg)" in rule
    assert "unverified, turned on by this site (icp_numbers)" in page(client, "/rules/MGMT-ICP-2")
    for text in (rule, rules, about):
        assert re.search(r"site policy Ward &lt;b&gt;3&lt;/b&gt; 7 [0-9a-f]{8}", text)
    for text in (rules, about):
        assert (
            "Highest single tocilizumab dose: 700 mg here, 800 mg as shipped (toci_max_mg)" in text
        )
        assert "on here, off as shipped (icp_numbers)" in text


def test_about_says_use_user_limits_inputs_and_validation(client: FlaskClient) -> None:
    text = page(client, "/about")
    for heading in ("Intended use", "Intended user", "Limits", "Inputs", "Validation"):
        assert heading in text
    assert f"Content edition {EDITION}; policy as shipped. Mode: demo." in text
    assert "Nothing: the policy is the shipped one." in text
    assert "<td>Temperature</td><td>24 h</td><td>8 h</td>" in text
    for name, count in case_data()["totals"].items():
        assert f"<td>{name}</td><td>{count}</td>" in text


def test_in_demo_a_banner_says_so(client: FlaskClient) -> None:
    for path in ("/rules", "/rules/CRS-P1", "/about", "/rules/none"):
        assert "Demo mode: no client authentication" in client.get(path).text


@pytest.mark.parametrize(
    ("arguments", "start"),
    [([], "# Rules of CRS and ICANS"), (["--format", "markdown"], "# Rules of CRS and ICANS")],
)
def test_the_command_prints_the_page(arguments: list[str], start: str) -> None:
    done = CliRunner().invoke(main, ["rules", *arguments])
    assert done.exit_code == 0
    assert done.output.startswith(start)
    kept = Path(__file__).parents[2] / "docs" / "rules.md"
    assert done.output == kept.read_text("utf-8")


def test_the_command_lists_the_rules_as_json(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "ward.toml").write_text(f"toci_max_mg = 700\n{SITE}", "utf-8")
    monkeypatch.setenv("CART_CDS_POLICY", str(tmp_path / "ward.toml"))
    told = json.loads(CliRunner().invoke(main, ["rules", "--format", "json"]).output)
    dose = next(rule for rule in told["rules"] if rule["id"] == "DOSE-TOCI")
    assert dose["thresholds"]["toci_max_mg"] == "700 mg"
    assert told["siteEdition"]["version"] == "7"


def test_the_command_writes_fhir_under_the_canonical_base(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CART_CDS_CODE_SYSTEM_BASE", "https://site.example.org/fhir")
    told = json.loads(CliRunner().invoke(main, ["rules", "--format", "plandefinition"]).output)
    assert told["resourceType"] == "Bundle"
    assert told["entry"][0]["fullUrl"].startswith("https://site.example.org/fhir/Library/")


def test_a_format_that_is_none_is_refused() -> None:
    done = CliRunner().invoke(main, ["rules", "--format", "cql"])
    assert done.exit_code == 2
    assert "'cql' is not one of" in done.output
