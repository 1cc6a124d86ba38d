"""The files of a site: their head, the example, and a code map at work in the service."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from grading.knowledge import EDITION
from service import create_app, demo_settings
from service.cli import main
from service.settings import SettingsError
from service.site import read_site
from tests.builders import temperature
from tests.fhir_stub import running
from tests.service.calls import FEBRILE, detail, graded, post, reading, request, searched, whole

EXAMPLE = Path(__file__).parents[2] / "docs" / "codes.local.example.toml"
HEAD = f'[site]\nname = "Site"\nversion = "3"\nbased_on = "{EDITION}"\n'
ROW = '[[concept]]\nkey = "obs.body_temperature"\ncodes = ["urn:oid:1.2.3|6"]\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "codes.local.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_example_loads() -> None:
    codes = read_site(demo_settings(codes=EXAMPLE)).codes

    assert len(codes.rows) == EXAMPLE.read_text("utf-8").count("[[concept]]")
    assert codes.unmapped() == ()


def test_the_head_says_whose_file_it_is(tmp_path: Path) -> None:
    edition = read_site(demo_settings(codes=written(tmp_path, HEAD))).edition

    assert edition is not None
    assert edition[:2] == ("Site", "3")


def test_both_files_make_one_edition(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(HEAD.replace('"3"', '"1"') + "", "utf-8")
    codes = written(tmp_path, HEAD)
    both = read_site(demo_settings(policy=policy, codes=codes)).edition
    alone = read_site(demo_settings(policy=policy)).edition

    assert both is not None
    assert alone is not None
    assert both[:2] == ("Site", "1+3")
    assert both.sha256 != alone.sha256


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[site", "CART_CDS_CODES: codes.local.toml: this is no TOML"),
        ("", "codes.local.toml: it needs a table [site] with name, version and based_on"),
        ("site = 1", "it needs a table [site]"),
        (HEAD + "more = 1", "[site]: unknown or missing keys ['more']"),
        (HEAD.replace('"3"', "3"), "version: use a text of one line"),
        (HEAD.replace('"Site"', '" "'), "use a text of 1 to"),
        (HEAD.replace(EDITION, "soon"), "line 4: based_on: 'soon' is no content edition"),
        (HEAD.replace(EDITION, "2999.1.0"), "2999.1.0 is newer than this service"),
        (HEAD.replace(EDITION, "2025.1.0"), "older than this service ("),
        (HEAD.replace(EDITION, "2025.1.0"), "Look at the changelog"),
        (HEAD + "[[concept]]\nkey = 'x'", "CART_CDS_CODES: codes.local.toml, line 6: no such conc"),
    ],
)
def test_a_file_that_cannot_be_used_stops_the_start(tmp_path: Path, text: str, told: str) -> None:
    settings = demo_settings(codes=written(tmp_path, text))

    with pytest.raises(SettingsError) as refused:
        create_app(settings)
    assert told in str(refused.value)


def test_a_file_that_is_gone_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="No such file"):
        read_site(demo_settings(codes=tmp_path / "gone.toml"))


def test_serve_refuses_a_wrong_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CART_CDS_MODE", "demo")
    monkeypatch.setenv("CART_CDS_CODES", str(written(tmp_path, "")))
    result = CliRunner().invoke(main, ["serve"])

    assert result.exit_code == 1
    assert "it needs a table [site]" in result.output


# --- at work -------------------------------------------------------------------------------------

CODED = temperature(39.4) | {"code": {"coding": [{"system": "urn:oid:1.2.3", "code": "6"}]}}


def without_temperature() -> list[dict[str, object]]:
    return [each for each in FEBRILE if "8310-5" not in str(each)]


def test_a_temperature_by_the_code_of_the_site_grades(tmp_path: Path) -> None:
    app = create_app(demo_settings(codes=written(tmp_path, HEAD + ROW)))
    with running([*without_temperature(), CODED]) as stub:
        found = graded(post(app, reading(stub)))

    assert found["crs"]["lo"] == 1
    assert any(",6&_sort=-date" in query for query in searched(stub, "Observation"))


def test_the_templates_name_the_codes_of_the_site(tmp_path: Path) -> None:
    app = create_app(demo_settings(codes=written(tmp_path, HEAD + ROW)))
    offered = app.test_client().get("/cds-services").get_json()["services"]

    assert all(",6&_sort" in service["prefetch"]["trends"] for service in offered)


def test_the_gap_card_says_what_the_map_has_no_code_for(tmp_path: Path) -> None:
    no_scores = {"bedside": {"resourceType": "Bundle"}, "questionnaires": None}
    plain = create_app(demo_settings(deadline_ms=10_000))
    mapped = create_app(demo_settings(deadline_ms=10_000, codes=written(tmp_path, HEAD + ROW)))
    body = request(prefetch=whole() | no_scores)

    assert "the code map of this site has no code for it" in detail(post(mapped, body))
    assert "code map" not in detail(post(plain, body))
