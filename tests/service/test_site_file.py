"""The files of a site: their head, the example, and a code map at work in the service."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from grading.knowledge import EDITION
from service import create_app, demo_settings
from service.cli import main
from service.settings import SettingsError
from service.site_file import SiteHead, read_site_file, site_codes
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
    codes = site_codes(demo_settings(codes=EXAMPLE))

    assert len(codes.rows) == EXAMPLE.read_text("utf-8").count("[[concept]]")
    assert codes.unmapped() == ()


def test_the_head_says_whose_file_it_is(tmp_path: Path) -> None:
    file = read_site_file("CART_CDS_CODES", written(tmp_path, HEAD))

    assert (file.name, file.head) == ("codes.local.toml", SiteHead("Site", "3", EDITION))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[site", "CART_CDS_CODES: codes.local.toml: "),
        ("", "codes.local.toml: needs a table [site] with name, version, based_on"),
        ("site = 1", "needs a table [site]"),
        (HEAD + "more = 1", "needs a table [site]"),
        (HEAD.replace('"3"', "3"), "[site] name, version, based_on must be texts"),
        (HEAD.replace('"Site"', '" "'), "must be texts"),
        (HEAD.replace(EDITION, "soon"), "line 4: based_on 'soon' is no edition up to " + EDITION),
        (HEAD.replace(EDITION, "2999.1.0"), "based_on '2999.1.0' is no edition up to"),
        (HEAD.replace(EDITION, "2025.1.0"), "is older than the content edition"),
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
        site_codes(demo_settings(codes=tmp_path / "gone.toml"))


def test_what_changed_since_an_older_edition_is_listed(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD.replace(EDITION, "2025.1.0"))
    changes = {"2024.12.0": ["a"], "2026.1.0": ["d"], "2025.10.0": ["b", "c"]}

    with pytest.raises(SettingsError, match=r"changed since: b, c, d\. Check"):
        read_site_file("CART_CDS_POLICY", path, changes)


def test_serve_refuses_a_wrong_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CART_CDS_MODE", "demo")
    monkeypatch.setenv("CART_CDS_CODES", str(written(tmp_path, "")))
    result = CliRunner().invoke(main, ["serve"])

    assert result.exit_code == 1
    assert "needs a table [site]" in result.output


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
